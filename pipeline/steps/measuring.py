"""Measure what alarms of the house compare with before: disks, queues, workers, who looked."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from pipeline.alerts import NOT_LOOKED, Disk, Looked, Parts, Queue
from pipeline.database import Connection
from pipeline.settings import Settings
from pipeline.store import alarms as store

DAY = timedelta(days=1)
TREND = timedelta(hours=1)
"""How long before now a queue is compared with."""
KEPT = timedelta(days=8)
"""How long measurements are kept: a week, and a day to compare its first day with."""


def folders(settings: Settings) -> Iterator[Path]:
    """The folders of this machine whose disks must not fill; of several on one disk, the first."""
    seen: set[int] = set()
    for folder in (settings.home, settings.models_folder, Path("/tmp")):  # noqa: S108 - looked at, not written to
        if folder.exists() and (device := folder.stat().st_dev) not in seen:
            seen.add(device)
            yield folder


def measure(
    connection: Connection, settings: Settings, now: datetime, *, by: str = "", parts: Parts | None = None
) -> None:
    """Keep how disks, queues and workers are now, and that `by` (``deliver`` or ``watch``) has looked."""
    rows: list[tuple[str, str, float]] = [("look", by, 1.0)] if by else []
    for disk in disks_here(settings):
        rows += [("disk-total", disk.place, disk.total), ("disk-free", disk.place, disk.free)]
    for queue in store.queues(connection, now):
        rows += [("waiting", queue.step, queue.waiting), ("oldest", queue.step, queue.oldest)]
    if parts is not None and parts.workers is not None:
        rows.append(("workers", "", len(parts.workers)))
    store.measure(connection, rows, now)


def disks_here(settings: Settings) -> list[Disk]:
    """The disks of this machine as they are, without what was before."""
    found = []
    for folder in folders(settings):
        usage = shutil.disk_usage(folder)
        found.append(Disk(f"{socket.gethostname()}:{folder}", usage.total, usage.free, None))
    return found


def disks(connection: Connection, now: datetime) -> list[Disk]:
    """Every disk that was measured within a day, beside what was free a day before that measurement."""
    found = {
        (row.name, row.subject): row for row in store.latest(connection, ["disk-total", "disk-free"], now - DAY, now)
    }
    before = {row.subject: row for row in store.latest(connection, ["disk-free"], now - 2 * DAY, now - DAY)}
    made = []
    for (name, place), free in found.items():
        total = found.get(("disk-total", place))
        if name != "disk-free" or total is None:
            continue
        old = before.get(place)
        between = (free.at - old.at) / DAY if old else 1.0
        made.append(Disk(place, total.value, free.value, old.value if old else None, between))
    return made


def queues(connection: Connection, now: datetime) -> list[Queue]:
    """Every queue as it is now, beside how it was measured an hour before."""
    rows = store.latest(connection, ["waiting", "oldest"], now - 3 * TREND, now - TREND)
    past = {(row.name, row.subject): row.value for row in rows}
    made = []
    for queue in store.queues(connection, now):
        was = past.get(("waiting", queue.step))
        oldest = past.get(("oldest", queue.step))
        made.append(replace(queue, waiting_before=None if was is None else int(was), oldest_before=oldest))
    return made


def disagreements(connection: Connection, now: datetime) -> dict[str, int]:
    """What the last maintenance counted among the rows that may not be."""
    rows = store.latest(connection, ["disagreements"], now - KEPT, now)
    return {row.subject: int(row.value) for row in rows}


def lookers(connection: Connection, now: datetime) -> list[Looked]:
    """Who looked for alerts within the last days, and when last."""
    return [Looked(row.subject, row.at) for row in store.latest(connection, ["look"], now - KEPT, now)]


def woke(connection: Connection, now: datetime, by: str) -> bool:
    """Whether this machine has just woken: who looks now has not looked for long, and the next look judges others.

    Who looks rarely, such as once an hour, is spared judging once in three hours at most.
    """
    mine = [looked.at for looked in lookers(connection, now) if looked.by == by]
    if not mine or now - mine[0] < NOT_LOOKED or store.latest(connection, ["woke"], now - 3 * TREND, now):
        return False
    store.measure(connection, [("woke", by, 1.0)], now)
    return True


def expected_workers(connection: Connection, settings: Settings, now: datetime) -> int:
    """How many workers should answer: as the setting says, else as many as answered at any look of the last day."""
    return settings.alert_workers or int(store.most(connection, "workers", now - DAY))
