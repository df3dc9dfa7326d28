"""Whether the house is in order: model, database, schema, clocks, what waits for ever, what topics lack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from pipeline import database, embeddings
from pipeline.errors import ConfigurationError, InfrastructureError
from pipeline.settings import Settings
from pipeline.steps.speaking import language_gaps
from pipeline.steps.timekeeping import latest
from pipeline.steps.waiting import LENIENCE
from pipeline.store import clock, faults, upkeep

_PULL = ": a clock stood ahead; `wirewatch maintain` pulls back what it left"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: whether all is well, and in one line what was found and what to do."""

    check: str
    is_well: bool
    says: str


def examine(settings: Settings, *, now: datetime) -> Iterator[Finding]:
    """The findings, one after the other; after a database that is out of reach or behind there are no more.

    Changes nothing. `wirewatch maintain` pulls back what a clock that stood ahead has left.
    """
    yield _model(settings)
    try:
        behind = database.is_behind(settings)
    except InfrastructureError as error:
        yield Finding("database", False, str(error))
        return
    except ConfigurationError as error:  # a newer schema, or an account that may not read this one
        yield Finding("schema", False, str(error))
        return
    yield Finding("database", True, "answers")
    says = "lacks migrations; run `wirewatch db migrate`" if behind else "is that of this Wirewatch"
    yield Finding("schema", not behind, says)
    if not behind:
        yield from _clocks(settings, now)
        yield from _rows(settings)
        yield from _languages(settings)


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
