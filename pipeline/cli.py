"""``wirewatch``: every step and every answer from a terminal, without Airflow."""

from __future__ import annotations

import sys

import typer

from pipeline.commands import articles, clustering, console, database, digests, feeds, run, steps, stories
from pipeline.errors import WirewatchError

app = typer.Typer(
    name="wirewatch",
    help="News monitoring: many feeds in, deduplicated stories in Postgres, one reviewed digest a day out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
for module in (articles, clustering, steps, stories, run):
    module.register(app)
app.add_typer(digests.app, name="digest")
app.add_typer(feeds.app, name="feeds")
app.add_typer(database.app, name="db")


def main() -> None:
    """Run a command; what went wrong on purpose is one line on stderr and exit status 1."""
    try:
        app()
    except WirewatchError as error:
        console.fail(str(error))
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(0)
