"""``wirewatch run``: everything from one command."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline import settings as configuration
from pipeline.commands.arguments import PIPELINE


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("run", rich_help_panel=PIPELINE)(run)


def run(
    live: Annotated[bool, typer.Option("--live", help="Today's real feeds instead of the recorded summit.")] = False,
) -> None:
    """Start Postgres and Airflow and run the DAGs; Ctrl-C stops all of it."""
    from pipeline.local.runner import run as start

    raise typer.Exit(start(configuration.load(), live=live))
