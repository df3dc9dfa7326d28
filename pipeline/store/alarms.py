"""The rows by which alarms of the house are decided: feeds, queues, reviews, failed runs, and what was measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.alerts import Collecting, DeadFeed, FailedRun, Failing, Move, Queue, Quiet, Unreviewed
from pipeline.database import Connection, run
from pipeline.database.rows import fetch, fetch_one, fetch_value
from pipeline.edits import NOBODY_ANSWERED

_CARRIED_OUT = timedelta(minutes=15)
"""In which an answer is carried out, with the tries of its task, or the question asked anew."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A row of `measurements`: its unit goes with its name, as the table's comment says."""

    name: str
    subject: str
    at: datetime
    value: float


def dead_feeds(connection: Connection) -> list[DeadFeed]:
    """The feeds that polling has paused or retired."""
    return fetch(connection, DeadFeed, "alarms.dead_feeds")


def collecting(connection: Connection, now: datetime) -> Collecting:
    """How collection stands."""
    found = fetch_one(connection, Collecting, "alarms.collecting", now=now)
    assert found is not None
    return found


def failing(connection: Connection, since: datetime) -> Failing:
    """The feeds that have failed since then or longer, by reason."""
    found = fetch_one(connection, Failing, "alarms.failing", since=since)
    assert found is not None
    return found


def quiet(connection: Connection, since: datetime) -> list[Quiet]:
    """The feeds that answer and have had nothing new since then or longer."""
    return fetch(connection, Quiet, "alarms.quiet", since=since)


def moves(connection: Connection, since: datetime) -> list[Move]:
    """The feeds that moved after that, or whose new address was refused."""
    return fetch(connection, Move, "alarms.moves", since=since)


def queues(connection: Connection, now: datetime) -> list[Queue]:
    """What waits for each step."""
    return fetch(connection, Queue, "alarms.queues", now=now)


def measure(connection: Connection, rows: Sequence[tuple[str, str, float]], now: datetime) -> None:
    """Keep measurements: name, subject and value of each."""
    names, subjects = ([row[place] for row in rows] for place in (0, 1))
    numbers = [float(number) for _, _, number in rows]
    run(connection, "alarms.measure", names=names, subjects=subjects, numbers=numbers, now=now)


def latest(connection: Connection, names: Iterable[str], since: datetime, until: datetime) -> list[Measured]:
    """The last measurement of each name and subject after `since`, and not after `until`."""
    return fetch(connection, Measured, "alarms.latest", names=list(names), since=since, until=until)


def most(connection: Connection, name: str, since: datetime) -> float:
    """The largest value of a measurement after a time; 0 where there was none."""
    return float(fetch_value(connection, "alarms.most", name=name, since=since))


def forget(connection: Connection, oldest: datetime) -> int:
    """Delete measurements and failed runs older than that; returns how many measurements."""
    return run(connection, "alarms.forget", oldest=oldest).rowcount


def failed(connection: Connection, failure: FailedRun) -> None:
    """Keep that a run failed."""
    run(
        connection,
        "alarms.failed",
        dag_id=failure.dag_id,
        run_id=failure.run_id,
        reason=failure.reason,
        now=failure.at,
    )


def failures(connection: Connection, since: datetime) -> list[FailedRun]:
    """The runs that failed after a time, oldest first."""
    return fetch(connection, FailedRun, "alarms.failures", since=since)


def unreviewed(connection: Connection, wait: timedelta, now: datetime) -> list[Unreviewed]:
    """The drafts that a reviewer was asked for, oldest day first; `wait` is how long each is asked for.

    Those whose answer is just being carried out are left out.
    """
    settled = now - _CARRIED_OUT
    return fetch(connection, Unreviewed, "alarms.unreviewed", wait=wait, settled=settled, nobody=NOBODY_ANSWERED)
