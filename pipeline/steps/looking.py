"""The kinds of alerts, each with what finds all of it that holds now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pipeline import alerts
from pipeline.alerts import Found, Parts
from pipeline.database import Connection
from pipeline.settings import Settings
from pipeline.steps import measuring
from pipeline.store import alarms
from pipeline.store import alerts as store

LASTING = timedelta(minutes=15)
"""How long a feed must have failed to count among those that fail: one poll that fails is no outage."""


@dataclass(frozen=True, slots=True)
class View:
    """What a look is made with: the settings, the time, what was heard of Airflow's parts, and the kinds that stand."""

    settings: Settings
    now: datetime
    parts: Parts | None = None
    standing: frozenset[str] = frozenset()


Look = Callable[[Connection, View], list[Found]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of alert: its name in `alerts`, and what finds all of it that holds now."""

    name: str
    look: Look


def _spreading(connection: Connection, view: View) -> list[Found]:
    within = timedelta(minutes=view.settings.alert_minutes)
    told = store.tellings(connection, view.now - alerts.FRESH - within, view.settings.desk_language)
    return alerts.spreading(told, view.settings.alert_outlets, within, view.now)


def _died(connection: Connection, view: View) -> list[Found]:
    return alerts.died(alarms.dead_feeds(connection))


def _silent(connection: Connection, view: View) -> list[Found]:
    least = timedelta(days=view.settings.alert_silent_days)
    return alerts.silent(alarms.quiet(connection, view.now - least), least, view.now)


def _moved(connection: Connection, view: View) -> list[Found]:
    return alerts.moved(alarms.moves(connection, view.now - alerts.KNOWN))


def _failing(connection: Connection, view: View) -> list[Found]:
    state = alarms.failing(connection, view.now - LASTING)
    return alerts.failing(state, view.settings.alert_failing_share, alerts.FAILING in view.standing)


def _standing_still(connection: Connection, view: View) -> list[Found]:
    longest, dry = timedelta(minutes=view.settings.alert_silence), timedelta(hours=view.settings.alert_dry_hours)
    return alerts.standing_still(alarms.collecting(connection, view.now), longest, view.now, dry)


def _filling(connection: Connection, view: View) -> list[Found]:
    return alerts.filling(measuring.disks(connection, view.now), view.settings.alert_disk_share)


def _growing(connection: Connection, view: View) -> list[Found]:
    longest = timedelta(hours=view.settings.alert_queue_hours)
    queues = measuring.queues(connection, view.now)
    if _standing_still(connection, view):  # that alert says it already
        queues = [queue for queue in queues if queue.step != "poll"]
    return alerts.growing(queues, longest)


def _away(connection: Connection, view: View) -> list[Found]:
    assert view.parts is not None
    expected = measuring.expected_workers(connection, view.settings, view.now)
    return alerts.away(replace(view.parts, expected=expected), view.now)


def _nobody_looks(connection: Connection, view: View) -> list[Found]:
    return alerts.nobody_looks(measuring.lookers(connection, view.now), view.now)


def _lapsing(connection: Connection, view: View) -> list[Found]:
    drafts = alarms.unreviewed(connection, timedelta(days=view.settings.review_days), view.now)
    return alerts.lapsing(drafts, timedelta(hours=view.settings.alert_review_hours), view.now)


def _disagreeing(connection: Connection, view: View) -> list[Found]:
    return alerts.disagreeing(measuring.disagreements(connection, view.now))


def _failing_runs(connection: Connection, view: View) -> list[Found]:
    return alerts.failing_runs(alarms.failures(connection, view.now - timedelta(days=2)), view.now)


KINDS = (
    Kind(alerts.SPREADS, _spreading),
    Kind(alerts.DIED, _died),
    Kind(alerts.SILENT, _silent),
    Kind(alerts.MOVED, _moved),
    Kind(alerts.FAILING, _failing),
    Kind(alerts.STANDS_STILL, _standing_still),
    Kind(alerts.DISK, _filling),
    Kind(alerts.QUEUE, _growing),
    Kind(alerts.AWAY, _away),
    Kind(alerts.LOOKS, _nobody_looks),
    Kind(alerts.LAPSES, _lapsing),
    Kind(alerts.DISAGREES, _disagreeing),
    Kind(alerts.RUNS, _failing_runs),
)


def wanted(view: View) -> list[Kind]:
    """The kinds that can be looked for: parts of Airflow only where somebody asked after them."""
    return [kind for kind in KINDS if kind.name != alerts.AWAY or view.parts is not None]
