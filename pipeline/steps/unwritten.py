"""What the desk is told while there is no database to keep it in: that the database is away, and runs that fail of it.

A file in the home keeps what was told by which way, under a lock of the file system, so that a look every minute tells
once. A try is written down before it is made: one that was killed is made again, under the same key.
"""

from __future__ import annotations

import fcntl
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from pipeline import alerts
from pipeline.alerts import Found, Standing
from pipeline.settings import Settings
from pipeline.steps import channels
from pipeline.steps.barrier import guarded
from pipeline.store.outbox import Ending, Parcel

log = logging.getLogger(__name__)

TRIES = 8
"""Tries of a way that does not answer, a look each, before it is left until the next telling."""


def raise_(settings: Settings, found: Found, now: datetime) -> dict[str, str]:
    """Tell the desk that this holds, once by each way and again at the interval; returns way -> how its try ended."""
    with _kept(settings) as rows:
        row = rows.get(_key(found))
        if row is None:
            row = rows[_key(found)] = {"kind": found.kind, "subject": found.subject, "title": found.title, "times": 0}
            row |= {"raised_at": now.isoformat()}
        if not row["times"] or now - datetime.fromisoformat(row["told_at"]) >= timedelta(
            hours=settings.alert_repeat_hours
        ):
            message = alerts.told([found], again=row["times"] > 0)
            row |= {"times": row["times"] + 1, "told_at": now.isoformat(), "key": str(uuid4()), "by": {}, "tries": {}}
            row["notice"] = {"subject": message.subject, "text": message.text, "link": _link(settings, message.path)}
            log.warning("%s: %s", found.title, found.text)
        _save(settings, rows)
        return _send(settings, rows, row, channels.of_the_desk(settings))


def clear(settings: Settings, now: datetime) -> list[str]:
    """Tell those who heard that the database was away that it is there again; returns the titles of what is over."""
    if not _file(settings).exists():
        return []
    over = []
    with _kept(settings) as rows:
        for name, row in list(rows.items()):
            heard = [via for via, outcome in row["by"].items() if outcome in ("ok", "partly-refused")]
            if row["kind"] not in alerts.SILENT_ENDS and heard:
                standing = Standing(0, row["kind"], "", row["title"], datetime.fromisoformat(row["raised_at"]), now)
                message = alerts.cleared([standing])
                row |= {"key": str(uuid4()), "by": {}, "tries": {}}
                row["notice"] = {"subject": message.subject, "text": message.text, "link": ""}
                _send(settings, rows, row, heard)
            over.append(str(row["title"]))
            del rows[name]
            _save(settings, rows)
    return over


def standing(settings: Settings) -> list[tuple[str, datetime]]:
    """The kind of what stands in the file, and since when it does."""
    try:
        rows = json.loads(_file(settings).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [(row["kind"], datetime.fromisoformat(row["raised_at"])) for row in rows.values()]


def _send(settings: Settings, rows: dict[str, Any], row: dict[str, Any], ways: list[str]) -> dict[str, str]:
    endings = {}
    for via in ways:
        if row["by"].get(via) in ("ok", "partly-refused") or row["tries"].get(via, 0) >= TRIES:
            continue
        row["tries"][via] = row["tries"].get(via, 0) + 1
        row["by"][via] = "sending"
        _save(settings, rows)
        endings[via] = row["by"][via] = _try(settings, via, UUID(row["key"]), row["notice"])
        _save(settings, rows)
    return endings


def _try(settings: Settings, via: str, key: UUID, notice: Mapping[str, str]) -> str:
    send = channels.sender(settings, channels.RAISED + via)
    if send is None:
        return "not-configured"
    ending = Ending("internal")
    with guarded(f"tell the desk by {via}", []):
        ending = channels.attempt(send, settings, None, Parcel(0, None, 0, channels.RAISED + via, key, 1, dict(notice)))
    return ending.outcome


def _link(settings: Settings, path: str) -> str:
    return f"{settings.public_url.rstrip('/')}{path}" if settings.public_url and path else ""


def _key(found: Found) -> str:
    return f"{found.kind} {found.subject}"


def _file(settings: Settings) -> Any:
    return settings.home / "alarms.json"


@contextmanager
def _kept(settings: Settings) -> Iterator[dict[str, Any]]:
    """The rows of the file, while nobody else changes them."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "alarms.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            rows = json.loads(_file(settings).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            rows = {}  # none yet, or one that was cut off by a full disk: what holds is told anew
        yield rows


def _save(settings: Settings, rows: Mapping[str, Any]) -> None:
    partial = _file(settings).with_suffix(".new")
    partial.write_text(json.dumps(rows), encoding="utf-8")
    partial.replace(_file(settings))
