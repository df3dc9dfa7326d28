"""``wirewatch doctor`` and ``wirewatch status``: whether the house is in order, and what stands."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from pipeline import alerts, steps
from pipeline import settings as configuration
from pipeline.alerts import Parts
from pipeline.commands import console
from pipeline.commands.arguments import HOUSE
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings
from pipeline.web import celery_workers, heartbeats

WATCHED = "watched"
"""The file in the home that `--every` touches at each look, by which a health check knows that it lives."""


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("doctor", rich_help_panel=HOUSE)(doctor)
    app.command("status", rich_help_panel=HOUSE)(status)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One object per check and line, for programs.")] = False,
    alert: Annotated[
        bool,
        typer.Option("--alert", help="Tell the desk what is news, as Airflow's DAG `deliver` does, and print counts."),
    ] = False,
    every: Annotated[
        float, typer.Option("--every", help="With --alert: look again after so many seconds, until it is stopped.")
    ] = 0.0,
) -> None:
    """A line for each check: ok, or what is wrong and what to do; the exit status is 1 on a problem."""
    loaded = configuration.load()
    if alert:
        _alert(loaded, every, as_json)
        return
    well = True
    now = datetime.now(UTC)
    for finding in steps.examine(loaded, now=now, parts=_heard(loaded, now, tries=1)):
        well = well and finding.is_well
        if as_json:
            console.write_json(asdict(finding))
        else:
            console.write(f"{'ok' if finding.is_well else 'WRONG':<6} {finding.check}: {finding.says}")
    if not well:
        raise typer.Exit(1)


def _alert(loaded: Settings, every: float, as_json: bool) -> None:
    while True:
        now = datetime.now(UTC)
        try:
            console.counts("alert", steps.watch(loaded, now=now, parts=_heard(loaded, now)), as_json)
        except ConfigurationError as error:
            if every <= 0:
                raise
            console.fail(str(error))  # a service that ends would be started again and again
        if every <= 0:
            return
        (loaded.home / WATCHED).touch()
        time.sleep(every)


def _heard(loaded: Settings, now: datetime, tries: int = heartbeats.TRIES) -> Parts:
    # by hand nobody waits for what may be starting anew; workers that only answer late are asked a second time
    return celery_workers.with_workers(loaded, heartbeats.heard(loaded, now, tries=tries), tries=max(tries, 2))


def status(
    as_json: Annotated[bool, typer.Option("--json", help="One object, for programs.")] = False,
) -> None:
    """Green, amber or red, and the alerts that stand; the exit status is 1 on red."""
    found = steps.lights(configuration.load(), now=datetime.now(UTC))
    if as_json:
        looked = found.looked_at and found.looked_at.isoformat()
        alarms = [asdict(row) for row in found.alarms]
        console.write_json({"status": found.light, "says": found.says, "looked_at": looked, "alarms": alarms})
    else:
        console.write(f"{found.light}{': ' + found.says if found.says else ''}")
        for row in found.alarms:
            text = " ".join(row.text.split())
            console.write(f"{row.kind}, since {row.raised_at:%Y-%m-%d %H:%M} UTC: {row.title}. {text}")
    if found.light == alerts.RED:
        raise typer.Exit(1)
