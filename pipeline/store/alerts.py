"""What the desk was alerted of (table `alerts`), and the rows by which that is decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime

from pipeline.alerts import Found, Standing, Telling
from pipeline.database import Connection, run
from pipeline.database.rows import fetch, fetch_column, fetch_one, fetch_value


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of the view `alerts_now`, as people see it."""

    alert_id: int
    kind: str
    subject: str
    title: str
    text: str
    path: str
    raised_at: datetime
    told_at: datetime
    times: int


@dataclass(frozen=True, slots=True)
class State:
    """Of what kind the alerts of a message are, and whether any of them stands."""

    kind: str
    stands: bool


@contextmanager
def comparing(connection: Connection) -> Iterator[list[Standing]]:
    """The alerts that stand, while nobody else changes them; until the transaction ends."""
    run(connection, "alerts.lock")
    yield fetch(connection, Standing, "alerts.standing")


def raise_(connection: Connection, found: Found, now: datetime) -> int:
    """Write a new alert; returns its number."""
    return int(fetch_value(connection, "alerts.raise", now=now, **_columns(found)))


def occurred(connection: Connection, found: Found, now: datetime) -> int:
    """Write what happened and does not stand; returns its number."""
    return int(fetch_value(connection, "alerts.occurred", now=now, **_columns(found)))


def _columns(found: Found) -> dict[str, str]:
    return {name: value for name, value in asdict(found).items() if name != "for_good"}


def repeat(connection: Connection, alert_id: int, found: Found, now: datetime) -> int:
    """Write that an alert is told again, as it stands now; returns how often it was told with this."""
    told = {"id": alert_id, "title": found.title, "text": found.text}
    return int(fetch_value(connection, "alerts.repeat", now=now, **told))


def clear(connection: Connection, alert_id: int, now: datetime) -> None:
    """Write that an alert holds no more."""
    run(connection, "alerts.clear", id=alert_id, now=now)


def told(connection: Connection, alert_id: int) -> list[str]:
    """The ways by which the desk has had an alert, such as ``mail``."""
    return fetch_column(connection, "alerts.told", id=alert_id)


def tell_with(connection: Connection, alert_id: int, others: Sequence[int], channels: Sequence[str]) -> None:
    """Have the message of an alert tell these others too, by each of these channels."""
    run(connection, "alerts.tell_with", id=alert_id, others=list(others), channels=list(channels))


def state(connection: Connection, delivery_id: int) -> State | None:
    """Of a message to the desk: the kind of its alerts, and whether any stands; None where it is of no alert."""
    return fetch_one(connection, State, "alerts.state", delivery_id=delivery_id)


def now_standing(connection: Connection) -> list[Shown]:
    """The alerts that stand, newest first."""
    return fetch(connection, Shown, "alerts.now")


def tellings(connection: Connection, since: datetime, language: str) -> list[Telling]:
    """Of each story told since then of which no alert is over: when each outlet first told it in its own words."""
    return fetch(connection, Telling, "alerts.tellings", since=since, language=language)
