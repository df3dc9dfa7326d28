"""``wirewatch quarantine``: what our own code failed on, and letting it be tried anew."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pipeline import database
from pipeline import settings as configuration
from pipeline.commands import console
from pipeline.errors import ConfigurationError
from pipeline.store import faults

app = typer.Typer(help="Items that our own code failed on: list, release.", no_args_is_help=True)


@app.command("list")
def list_items(
    as_json: Annotated[bool, typer.Option("--json", help="One object per line, for programs.")] = False,
) -> None:
    """What is set aside, and what waits for its next try: which step, how often, with what."""
    with database.connect(configuration.load()) as connection:
        rows = faults.quarantine(connection)
    if as_json:
        for row in rows:
            values = asdict(row)
            console.write_json({"class" if name == "class_name" else name: value for name, value in values.items()})
        return
    if not rows:
        console.hint("nothing: no item waits for another try or is set aside")
        return
    columns = ("item", "step", "tries", "last", "next try", "fault", "place", "outlet", "what it is")
    console.table(columns, (_cells(row) for row in rows))


def _cells(row: faults.Quarantined) -> list[object]:
    fault = f"{row.class_name}: {row.message}" if row.message else row.class_name
    called = row.title or row.url
    return [
        row.item,
        row.step,
        row.tries,
        row.last_at,
        row.next_try_at or "set aside",
        fault,
        row.place,
        row.outlet,
        called,
    ]


@app.command()
def release(
    items: Annotated[
        list[str] | None, typer.Argument(help="As `quarantine list` names them, such as article:12.", metavar="ITEM")
    ] = None,
    step: Annotated[str, typer.Option("--step", help="Only what this step failed on; alone: all of that.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every item there is.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Counts as JSON, for programs.")] = False,
) -> None:
    """Let items be tried anew at the next run, as if they had never failed."""
    if everything == bool(items or step):
        raise ConfigurationError("name what to release: ITEM…, --step STEP, or --all alone")
    loaded = configuration.load()
    with database.connect(loaded) as connection:
        known = faults.quarantine(connection)
        strangers = sorted(set(items or ()) - {row.item for row in known if not step or row.step == step})
        if strangers:
            where = f" of step {step}" if step else ""
            raise ConfigurationError(f"{strangers[0]} is not in quarantine{where}; see `wirewatch quarantine list`")
        if step and not items and step not in {row.step for row in known}:
            raise ConfigurationError(f"nothing of step {step!r} is in quarantine; see `wirewatch quarantine list`")
        released = faults.release(connection, step=step or None, items=items or None)
    console.counts("release", {"released": len(released), "items": sorted(set(released))}, as_json)
