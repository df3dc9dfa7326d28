"""Look what holds that the desk should know, and have it told of what is news: raised, again, cleared."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pipeline import alerts, database
from pipeline.alerts import Found, Message, Parts, Standing
from pipeline.database import Connection
from pipeline.errors import Fault
from pipeline.settings import Settings
from pipeline.steps import channels, looking, measuring
from pipeline.steps.barrier import guarded
from pipeline.steps.delivering import send_due
from pipeline.steps.looking import Kind, View
from pipeline.store import alerts as store
from pipeline.store import outbox
from pipeline.text import characters

log = logging.getLogger(__name__)

SECONDS = 120.0
"""For the first tries of what is told: the task has five minutes, and `deliver` beside it goes on with what is left."""


def alert(
    settings: Settings,
    *,
    now: datetime,
    by: str = "",
    parts: Parts | None = None,
    only: str = "",
    of_the_house: bool = True,
) -> dict[str, Any]:
    """Raise, repeat and clear alerts; returns how many of each, how many stand, and the kinds that ended internal.

    What the desk is to be told stands in the outbox by the same transaction, and is tried here a first time. A kind on
    which our own code fails leaves the others as they are. `by` says who looks (``deliver`` or ``watch``), `parts` what
    was heard of Airflow, `only` the one kind to look for; `of_the_house` is as `send_due` has it.
    """
    faults: list[Fault] = []
    slept = False
    if not only:
        with guarded("measure the house", faults), database.connect(settings) as connection:
            slept = measuring.woke(connection, now, by)
            measuring.measure(connection, settings, now, by=by, parts=parts)
    with database.connect(settings) as connection:
        used = any(looked.by == "deliver" for looked in measuring.lookers(connection, now))  # else there is no Airflow
        kinds_before = frozenset(row.kind for row in store.now_standing(connection))
    view = View(settings, now, parts if used else None, kinds_before)
    kinds = [kind for kind in looking.wanted(view) if only in ("", kind.name)]
    found, looked = _found(view, kinds, faults)
    again = timedelta(hours=settings.alert_repeat_hours)
    with database.connect(settings) as connection, store.comparing(connection) as standing:
        news = alerts.news(found, standing, looked, now, again)
        if slept:  # a laptop that was closed: whoever lives beats again within a minute
            awake = tuple(each for each in news.raised if each.kind not in (alerts.AWAY, alerts.LOOKS))
            news = replace(news, raised=awake)
        _write(connection, settings, news, now)
    if news != alerts.News():
        send_due(settings, now=now, seconds=SECONDS, of_the_house=of_the_house)
    stand = len(standing) + len(news.raised) - len(news.cleared)
    counts = {"raised": len(news.raised), "again": len(news.again), "cleared": len(news.cleared), "stand": stand}
    return {**counts, "internal": len(faults)}


def _found(view: View, kinds: Sequence[Kind], faults: list[Fault]) -> tuple[list[Found], list[str]]:
    found: list[Found] = []
    looked: list[str] = []
    for kind in kinds:
        with guarded(f"look for {kind.name}", faults), database.connect(view.settings) as connection:
            found += map(_readable, kind.look(connection, view))
            looked.append(kind.name)
    return found, looked


def _readable(found: Found) -> Found:
    """What is told has strangers' words, such as an address that a feed announced: in one line, of bounded length."""
    return replace(found, title=characters.title(found.title), text=characters.note(found.text))


def _write(connection: Connection, settings: Settings, news: alerts.News, now: datetime) -> None:
    """Keep what is news, and put what the desk is told of it into the outbox: many of a kind as one message."""
    desk = channels.of_the_desk(settings)
    for group in alerts.in_groups(news.raised, lambda found: found.kind):
        ids = [store.raise_(connection, each, now) for each in group]
        for alert_id, each in zip(ids, group, strict=True):
            log.warning("alert %d raised: %s: %s", alert_id, each.title, each.text)
        _tell(connection, settings, ids, [channels.RAISED + via for via in desk], alerts.told(group), now)
    for same in alerts.in_groups(news.again, lambda pair: pair[0].kind):
        times = [store.repeat(connection, row.id, each, now) for row, each in same]
        message = alerts.told([each for _, each in same], again=True)
        ways = [channels.again(times[0]) + via for via in desk]
        _tell(connection, settings, [row.id for row, _ in same], ways, message, now)
    _clear(connection, settings, news.cleared, now)


def _tell(
    connection: Connection, settings: Settings, ids: Sequence[int], ways: list[str], message: Message, now: datetime
) -> None:
    link = f"{settings.public_url.rstrip('/')}{message.path}" if settings.public_url and message.path else ""
    notice = {"subject": message.subject, "text": message.text, "link": link}
    outbox.add_alert(connection, ids[0], ways, now, notice)
    if ids[1:]:
        store.tell_with(connection, ids[0], ids[1:], ways)


def _clear(connection: Connection, settings: Settings, rows: Sequence[Standing], now: datetime) -> None:
    """An end is told to those who were told of the beginning; an occurrence has none."""
    by_way: dict[str, list[Standing]] = {}
    for row in rows:
        store.clear(connection, row.id, now)
        if row.kind not in alerts.SILENT_ENDS:
            log.info("alert %d cleared: %s", row.id, row.title)
            for via in store.told(connection, row.id):
                by_way.setdefault(via, []).append(row)
    for via, told in by_way.items():
        for group in alerts.in_groups(told, lambda row: row.kind):
            ids = [row.id for row in group]
            _tell(connection, settings, ids, [channels.CLEARED + via], alerts.cleared(group), now)
