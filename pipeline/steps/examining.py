"""Whether the house is in order: model, disks, Airflow, database, clocks, feeds, queues, reviews, what topics lack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from pipeline import alerts, database, embeddings
from pipeline.alerts import Found, Parts
from pipeline.errors import ConfigurationError, InfrastructureError
from pipeline.settings import Settings
from pipeline.steps import looking, measuring
from pipeline.steps.looking import View
from pipeline.steps.speaking import language_gaps
from pipeline.steps.timekeeping import latest
from pipeline.steps.waiting import LENIENCE
from pipeline.store import alerts as store
from pipeline.store import clock, faults, upkeep

_PULL = ": a clock stood ahead; `wirewatch maintain` pulls back what it left"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: whether all is well, and in one line what was found and what to do."""

    check: str
    is_well: bool
    says: str


def examine(settings: Settings, *, now: datetime, parts: Parts | None = None) -> Iterator[Finding]:
    """The findings, one after the other; after a database that is out of reach or behind there are no more.

    `parts` is what was heard of Airflow, None where nobody asked. Changes nothing. `wirewatch maintain` pulls back what
    a clock that stood ahead has left.
    """
    yield _model(settings)
    yield _disks(settings)
    try:
        behind = database.is_behind(settings)
    except InfrastructureError as error:
        yield from _airflow(parts, now)
        yield Finding("database", False, f"{error}; start it, or correct what `wirewatch db url` prints")
        return
    except ConfigurationError as error:  # a newer schema, or an account that may not read this one
        yield Finding("schema", False, str(error))
        return
    yield Finding("database", True, "answers")
    says = "lacks migrations; run `wirewatch db migrate`" if behind else "is that of this Wirewatch"
    yield Finding("schema", not behind, says)
    if behind:
        yield from _airflow(parts, now)
        return
    yield from _alarms(settings, now, parts)
    yield from _clocks(settings, now)
    yield from _rows(settings)
    yield from _languages(settings)


def _disks(settings: Settings) -> Finding:
    here = measuring.disks_here(settings)
    found = alerts.filling(here, settings.alert_disk_share)
    free = ", ".join(f"{disk.free / alerts.GIGA:.0f} of {disk.total / alerts.GIGA:.0f} GB free" for disk in here)
    return Finding("disk", not found, " ".join(f"{each.title}: {each.text}" for each in found) or free)


def _airflow(parts: Parts | None, now: datetime) -> Iterator[Finding]:
    """Airflow's parts, each that is away in a line."""
    if parts is None:
        return
    found = alerts.away(parts, now)
    for each in found:
        yield Finding(f"airflow's {each.subject}", False, each.text)
    if not found:
        workers = "" if parts.workers is None else f", {len(parts.workers)} workers"
        yield Finding("airflow", True, f"{', '.join(sorted(parts.heartbeats or ()))} live{workers}")


_CHECKS = {
    alerts.STANDS_STILL: ("collection", "goes on"),
    alerts.FAILING: ("feeds that fail", "are few"),
    alerts.DIED: ("feeds that died", "none new"),
    alerts.SILENT: ("feeds that fell silent", "none new"),
    alerts.MOVED: ("feeds that moved", "none lately"),
    alerts.QUEUE: ("queues", "do not grow"),
    alerts.LOOKS: ("who looks for alerts", "looks"),
    alerts.LAPSES: ("reviews", "none lapses"),
    alerts.RUNS: ("runs", "none failed lately"),
    alerts.DISAGREES: ("rows at the last maintenance", "agreed"),
}
_SHOWN = 3


def _alarms(settings: Settings, now: datetime, parts: Parts | None) -> Iterator[Finding]:
    """What an alert would be raised of now, looked for anew."""
    with database.connect(settings) as connection:
        used = any(each.by == "deliver" for each in measuring.lookers(connection, now))
        if parts is not None:
            parts = replace(parts, expected=measuring.expected_workers(connection, settings, now))
    if parts is not None and parts.heartbeats is None and not used:
        yield Finding("airflow", True, "is not used here; `deliver` never ran")
    else:
        yield from _airflow(parts, now)
    view = View(settings, now)
    for kind in looking.wanted(view):
        if kind.name not in _CHECKS:
            continue
        check, well = _CHECKS[kind.name]
        with database.connect(settings) as connection:
            found = kind.look(connection, view)
            raised = {(row.kind, row.subject): row.raised_at for row in store.now_standing(connection)}
        wrong = [each for each in found if _is_light(each, raised.get((each.kind, each.subject), now), now)]
        said = [f"{each.title}: {' '.join(each.text.split())}" for each in wrong[:_SHOWN]]
        said += [f"and {len(wrong) - _SHOWN} more"] if len(wrong) > _SHOWN else []
        known = f" (and {len(found) - len(wrong)} for more than a week)" if len(found) > len(wrong) else ""
        yield Finding(check, not wrong, (" | ".join(said) or well) + known)


def _is_light(found: Found, raised_at: datetime, now: datetime) -> bool:
    return alerts.light_of(found.kind, raised_at, now) != alerts.GREEN


def _model(settings: Settings) -> Finding:
    is_there, says = embeddings.state(settings)
    return Finding("model", is_there, says)


def _languages(settings: Settings) -> Iterator[Finding]:
    """Whether the topics have terms in the languages of the feeds; not well where texts are lost."""
    try:
        gaps = language_gaps(settings)
    except ConfigurationError as error:
        yield Finding("languages of topics", False, str(error))
        return
    for gap in gaps:
        yield Finding("languages of topics", not gap.lost, str(gap))
    if not gaps:
        yield Finding("languages of topics", True, "have terms for every feed")


def _clocks(settings: Settings, now: datetime) -> Iterator[Finding]:
    with database.connect(settings) as connection:
        clocks = clock.clocks(connection)
        ahead = clock.ahead(connection, latest(settings, now))
    said = f"this clock says {now:%Y-%m-%d %H:%M:%S} UTC, the database's {clocks.database:%Y-%m-%d %H:%M:%S}"
    well = abs(now - clocks.database) < LENIENCE
    yield Finding("clock", well, said if well else f"{said}; set the wrong one right")
    newest = clocks.newest
    if newest is None:
        yield Finding("newest row", True, "nothing was collected yet")
    else:
        well = newest <= now + LENIENCE
        yield Finding("newest row", well, f"of {newest:%Y-%m-%d %H:%M} UTC" + ("" if well else _PULL))
    for name, count in asdict(ahead).items():
        yield Finding(name.replace("_", " "), count == 0, f"{count}" + (_PULL if count else ""))


def _rows(settings: Settings) -> Iterator[Finding]:
    with database.connect(settings) as connection:
        left = clock.left_behind(connection)
        aside = sum(row.set_aside_at is not None for row in faults.quarantine(connection))
        wrong = upkeep.disagreements(connection)
    yield Finding("leases of workers that are gone", True, f"{left}" + (", which the next step takes" if left else ""))
    yield Finding("items set aside", not aside, f"{aside}" + ("; see `wirewatch quarantine list`" if aside else ""))
    for name, count in wrong.items():
        yield Finding(name.replace("_", " "), count == 0, f"{count}")
