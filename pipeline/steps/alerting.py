"""Look what holds that the desk should know, and have it told of what is news: raised, again, cleared."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipeline import alerts, database
from pipeline.alerts import Found, Standing
from pipeline.database import Connection
from pipeline.errors import Fault
from pipeline.settings import Settings
from pipeline.steps import channels
from pipeline.steps.barrier import guarded
from pipeline.steps.delivering import send_due
from pipeline.store import alerts as store
from pipeline.store import outbox

log = logging.getLogger(__name__)

SECONDS = 120.0
"""For the first tries of what is told: the task has five minutes, and `deliver` beside it goes on with what is left."""

Look = Callable[[Connection, Settings, datetime], list[Found]]


def _spreading(connection: Connection, settings: Settings, now: datetime) -> list[Found]:
    within = timedelta(minutes=settings.alert_minutes)
    told = store.tellings(connection, now - alerts.FRESH - within, settings.desk_language)
    return alerts.spreading(told, settings.alert_outlets, within, now)


def _died(connection: Connection, settings: Settings, now: datetime) -> list[Found]:
    return alerts.died(store.dead_feeds(connection))


def _standing_still(connection: Connection, settings: Settings, now: datetime) -> list[Found]:
    longest = timedelta(minutes=settings.alert_silence)
    return alerts.standing_still(store.collecting(connection, now), longest, now)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of alert: its name in `alerts`, and what finds all of it that holds now."""

    name: str
    look: Look


KINDS = (Kind(alerts.SPREADS, _spreading), Kind(alerts.DIED, _died), Kind(alerts.STANDS_STILL, _standing_still))


def alert(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Raise, repeat and clear alerts; returns how many of each, how many stand, and the kinds that ended internal.

    What the desk is to be told stands in the outbox by the same transaction, and is tried here a first time. A kind on
    which our own code fails leaves the others as they are.
    """
    found, looked, internal = _found(settings, now)
    with database.connect(settings) as connection, store.comparing(connection) as standing:
        news = alerts.news(found, standing, looked, now)
        for each in news.raised:
            alert_id = store.raise_(connection, each, now)
            log.warning("alert %d raised: %s: %s", alert_id, each.title, each.text)
            _tell(connection, settings, alert_id, channels.RAISED, "Alert", each, now)
        for row, each in news.again:
            times = store.repeat(connection, row.id, each, now)
            _tell(connection, settings, row.id, channels.again(times), "Still", each, now)
        for row in news.cleared:
            _clear(connection, settings, row, now)
    if news != alerts.News():
        send_due(settings, now=now, seconds=SECONDS)
    stand = len(standing) + len(news.raised) - len(news.cleared)
    counts = {"raised": len(news.raised), "again": len(news.again), "cleared": len(news.cleared), "stand": stand}
    return {**counts, "internal": internal}


def _found(settings: Settings, now: datetime) -> tuple[list[Found], list[str], int]:
    found: list[Found] = []
    looked: list[str] = []
    faults: list[Fault] = []
    for kind in KINDS:
        with guarded(f"look for {kind.name}", faults), database.connect(settings) as connection:
            found += kind.look(connection, settings, now)
            looked.append(kind.name)
    return found, looked, len(faults)


def _tell(
    connection: Connection, settings: Settings, alert_id: int, prefix: str, word: str, found: Found, now: datetime
) -> None:
    link = f"{settings.public_url.rstrip('/')}{found.path}" if settings.public_url and found.path else ""
    notice = {"subject": f"{word}: {found.title}", "text": found.text, "link": link}
    outbox.add_alert(connection, alert_id, [prefix + via for via in channels.of_the_desk(settings)], now, notice)


def _clear(connection: Connection, settings: Settings, row: Standing, now: datetime) -> None:
    """An end is told to those who were told of the beginning; an occurrence has none."""
    store.clear(connection, row.id, now)
    if row.kind in alerts.OCCURRENCES:
        return
    log.info("alert %d cleared: %s", row.id, row.title)
    text = f"It was raised at {row.raised_at:%Y-%m-%d %H:%M} UTC and holds no more."
    told = [channels.CLEARED + via for via in store.told(connection, row.id)]
    outbox.add_alert(connection, row.id, told, now, {"subject": f"Over: {row.title}", "text": text, "link": ""})
