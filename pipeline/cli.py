"""``wirewatch``: every step and every answer from a terminal, without Airflow."""

from __future__ import annotations

import os
import sys

import typer

from pipeline.commands import articles, clustering, console, database, digests, feeds, quarantine, run, steps, stories
from pipeline.commands.arguments import DESK, HOUSE, PIPELINE
from pipeline.errors import WirewatchError

INTERRUPTED = 130

app = typer.Typer(
    name="wirewatch",
    help="News monitoring: many feeds in, deduplicated stories in Postgres, one reviewed digest per day out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
for module in (run, steps, stories, articles, clustering):
    module.register(app)
app.add_typer(digests.app, name="digest", rich_help_panel=PIPELINE)
app.add_typer(quarantine.app, name="quarantine", rich_help_panel=DESK)
app.add_typer(feeds.app, name="feeds", rich_help_panel=HOUSE)
app.add_typer(database.app, name="db", rich_help_panel=HOUSE)


def main() -> None:
    """Run a command. What is wrong outside this program is one line on stderr.

    Exit status: 0 done, 1 not done, 2 called wrongly, 130 stopped by Ctrl-C.
    """
    console.use_utf8()
    try:
        app(prog_name="wirewatch")
    except WirewatchError as error:
        console.fail(str(error))
        sys.exit(1)
    except BrokenPipeError:
        # The reader had enough. What is still buffered has nowhere to go, and must not fail once more at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        if error.filename is None:
            raise
        console.fail(f"{error.filename}: {error.strerror}")
        sys.exit(1)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            console.fail("stopped; what was done stays, and the next run goes on from there")
        raise
