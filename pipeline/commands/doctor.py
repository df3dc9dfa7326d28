"""``wirewatch doctor``: whether the house is in order."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from pipeline import settings as configuration
from pipeline import steps
from pipeline.commands import console
from pipeline.commands.arguments import HOUSE


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("doctor", rich_help_panel=HOUSE)(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One object per check and line, for programs.")] = False,
) -> None:
    """A line each on model, database, schema, clocks, rows that contradict, languages of topics; 1 on a problem."""
    well = True
    for finding in steps.examine(configuration.load(), now=datetime.now(UTC)):
        well = well and finding.is_well
        if as_json:
            console.write_json(asdict(finding))
        else:
            console.write(f"{'ok' if finding.is_well else 'WRONG':<6} {finding.check}: {finding.says}")
    if not well:
        raise typer.Exit(1)
