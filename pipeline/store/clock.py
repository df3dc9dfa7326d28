"""Times on rows that a clock has written which stood ahead: found, and pulled back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pipeline.database import Connection, run
from pipeline.database.rows import fetch_one, fetch_value
from pipeline.store.stories import lock
from pipeline.stories.term_stats import EPOCH_DAY, increment


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest that each kind of time can be when every clock is right; beyond, it is pulled back to `now`.

    `soon` is for what should lie in the past, `lease` the longest lease in seconds from the database's clock on.
    """

    now: datetime
    soon: datetime
    next_poll: datetime
    next_try: datetime
    next_refetch: datetime
    next_fault: datetime
    lease: float


@dataclass(frozen=True, slots=True)
class Ahead:
    """How many rows stand ahead of the clock by more than they can, by kind."""

    feeds_never_due: int
    feeds_polled_in_the_future: int
    pages_never_due: int
    items_never_due: int
    leases_too_long: int


@dataclass(frozen=True, slots=True)
class Clocks:
    """The database's clock, and the newest time at which a row says it was written (None: there is none)."""

    database: datetime
    newest: datetime | None


def pull_back_feeds(connection: Connection, latest: Latest) -> int:
    """Let feeds be due again that a clock ahead has put off; how many."""
    return run(connection, "clock.pull_back_feeds", **_of_feeds(latest)).rowcount


def pull_back(connection: Connection, latest: Latest) -> int:
    """Pull back every time that is ahead of the clock by more than it can be; how many rows had one."""
    values = asdict(latest)
    pages = {name: values[name] for name in ("now", "next_try", "next_refetch")}
    found = pull_back_feeds(connection, latest)
    found += run(connection, "clock.pull_back_pages", **pages).rowcount
    found += run(connection, "clock.pull_back_faults", now=latest.now, next_fault=latest.next_fault).rowcount
    found += int(fetch_value(connection, "clock.pull_back_leases", lease=latest.lease))
    return found + run(connection, "clock.pull_back_hosts").rowcount


def ahead(connection: Connection, latest: Latest) -> Ahead:
    """How many rows `pull_back` would find, by kind."""
    values = asdict(latest)
    found = fetch_one(connection, Ahead, "clock.ahead", **{name: values[name] for name in values if name != "now"})
    assert found is not None
    return found


def clocks(connection: Connection) -> Clocks:
    """The database's clock beside what the rows say."""
    found = fetch_one(connection, Clocks, "clock.rows")
    assert found is not None
    return found


def left_behind(connection: Connection) -> int:
    """How many rows are under a lease of an owner that is gone; the next claim takes them."""
    return int(fetch_value(connection, "clock.left_behind"))


def recount_words(connection: Connection, today: float, half_life_days: float) -> bool:
    """Count all words anew where some were counted as of a day to come, `today` being days since 1970; whether so."""
    lock(connection)
    if not fetch_value(connection, "clock.words_of_the_future", unit=increment(today, half_life_days)):
        return False
    run(connection, "clock.drop_words")
    run(connection, "clock.count_words", today=today, epoch_day=EPOCH_DAY, half_life=half_life_days)
    return True


def _of_feeds(latest: Latest) -> dict[str, Any]:
    return {"now": latest.now, "soon": latest.soon, "next_poll": latest.next_poll}
