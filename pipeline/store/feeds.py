"""Feeds, their polls, and the hosts they live on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from pipeline.database.connection import Connection, run

Row = dict[str, Any]


def add(connection: Connection, **feed: Any) -> tuple[int, bool]:
    """Add a feed by its URL; returns its id and whether it was new."""
    row = run(connection, "feeds.add", **feed).fetchone()
    assert row is not None
    return row["id"], row["added"]


def all_feeds(connection: Connection) -> list[Row]:
    """Every feed, by outlet."""
    return run(connection, "feeds.all").fetchall()


def due(connection: Connection, now: datetime) -> list[int]:
    """Ids of the feeds to ask now, longest overdue first."""
    return [row["id"] for row in run(connection, "feeds.due", now=now)]


def claim(connection: Connection, ids: Sequence[int], lease: float) -> list[Row]:
    """Take a lease of `lease` seconds on those of `ids` that nobody holds."""
    return run(connection, "feeds.claim", ids=list(ids), lease=lease).fetchall()


def polled(connection: Connection, *, poll_state: dict[str, Any], **row: Any) -> None:
    """Write how polling of a feed stands after a poll and give its lease back."""
    run(connection, "feeds.polled", poll_state=Jsonb(poll_state), **row)


def url_taken(connection: Connection, feed_id: int, url: str) -> int | None:
    """The other feed that already stands at `url`, if any."""
    row = run(connection, "feeds.url_taken", id=feed_id, url=url).fetchone()
    return None if row is None else row["id"]


def gap(connection: Connection, feed_id: int, seen_at: datetime, since: datetime, until: datetime) -> None:
    """Record a stretch in which the feed published what we never saw."""
    run(connection, "feeds.gap", feed_id=feed_id, seen_at=seen_at, since=since, until=until)


def captures_read(connection: Connection, start: datetime, end: datetime) -> set[tuple[int, datetime]]:
    """(feed, moment) of the archived captures within [start, end) that were read already."""
    rows = run(connection, "feeds.captures_read", start=start, end=end)
    return {(row["feed_id"], row["as_of"]) for row in rows}


def log_fetch(connection: Connection, **fetch: Any) -> None:
    """Write one request and how it ended."""
    empty: Row = dict.fromkeys(
        ("as_of", "captured", "feed_id", "article_id", "status", "detail", "entries", "new_entries")
    )
    run(connection, "feeds.log_fetch", **(empty | {"bytes": 0, "elapsed": 0.0} | fetch))


def health(connection: Connection) -> list[Row]:
    """The view `feed_health`, one row per feed."""
    return run(connection, "feeds.health").fetchall()
