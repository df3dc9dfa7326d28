"""Items on which our own code failed: counted per step, left out until their next try, set aside, released."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.database import Connection, run
from pipeline.database.rows import fetch, fetch_column, fetch_value
from pipeline.errors import Fault


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a step: `kind` is ``feed``, ``entry``, ``article``, ``story``, ``digest`` or ``alert``."""

    step: str
    kind: str
    id: int


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One row of the view `quarantine`. `next_try_at` is None for what is set aside."""

    item: str
    step: str
    kind: str
    item_id: int
    tries: int
    first_at: datetime
    last_at: datetime
    next_try_at: datetime | None
    set_aside_at: datetime | None
    class_name: str
    message: str
    place: str
    outlet: str | None
    title: str | None
    url: str | None


def tries(connection: Connection, item: Item) -> int:
    """How often a step has failed on an item so far, one time after the other."""
    return fetch_value(connection, "faults.tries", step=item.step, kind=item.kind, item_id=item.id) or 0


def record(
    connection: Connection, item: Item, fault: Fault, *, tries: int, now: datetime, next_try: datetime | None
) -> None:
    """Write that a step failed on an item for the `tries`-th time; without a `next_try` it is set aside."""
    run(
        connection,
        "faults.record",
        step=item.step,
        kind=item.kind,
        item_id=item.id,
        tries=tries,
        next_try_at=next_try or now,
        set_aside=next_try is None,
        name=fault.name,
        message=fault.message,
        place=fault.place,
    )


def clear(connection: Connection, step: str, kind: str, ids: Sequence[int]) -> None:
    """Forget the former faults of a step on items that it has done now."""
    if ids:
        run(connection, "faults.clear", step=step, kind=kind, ids=list(ids))


def free(connection: Connection, kind: str, ids: Sequence[int]) -> None:
    """Forget every step's faults on items that were edited or are gone: they are tried anew."""
    if ids:
        run(connection, "faults.free", kind=kind, ids=list(ids))


def held(connection: Connection, step: str, kind: str, moments: Mapping[int, datetime]) -> set[int]:
    """Of the items of `moments`, those that a step leaves out at the moment given for each.

    A claim in SQL says the same itself, so that its limit holds.
    """
    ids, times = list(moments.keys()), list(moments.values())
    return set(fetch_column(connection, "faults.held", step=step, kind=kind, ids=ids, moments=times))


def due(connection: Connection, step: str, kind: str, now: datetime) -> list[int]:
    """The items that a step failed on and that are to be tried again now."""
    return fetch_column(connection, "faults.due", step=step, kind=kind, now=now)


def quarantine(connection: Connection) -> list[Quarantined]:
    """The view `quarantine`: what is set aside first, then what is tried again, newest first."""
    return fetch(connection, Quarantined, "faults.quarantine")


def release(connection: Connection, *, step: str | None = None, items: Sequence[str] | None = None) -> list[str]:
    """Let items be tried anew at the next run: those named (``article:12``), those of a step, or all.

    Returns the items released, one for each step that had failed on them.
    """
    return fetch_column(connection, "faults.release", step=step, items=None if items is None else list(items))


def forget(connection: Connection, now: datetime, oldest: datetime) -> int:
    """Drop the rows of items that are there no more, of what was set aside before `oldest`, or never tried again.

    The latter are drafts and deliveries that were not tried again for a week.
    """
    return run(connection, "faults.forget", now=now, oldest=oldest).rowcount
