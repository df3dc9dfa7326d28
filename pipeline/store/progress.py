"""How far the pipeline has come, and what one round of collecting brought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.database import Connection, run
from pipeline.database.rows import fetch, fetch_one


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What came since a moment.

    Of `feeds` in the list, `asked` were asked and `answered` gave a feed, or said that nothing changed; the others are
    `failed`, by the code of their failure. `entries` stand in the answers, `new` of them for the first time; of the new
    ones `judged` were looked at and `on_topic` counts those of each topic (its slug). Of the `pages` of these, `read`
    have been read.
    """

    feeds: int
    asked: int
    answered: int
    failed: Mapping[str, int]
    entries: int
    new: int
    judged: int
    on_topic: Mapping[str, int]
    pages: int
    read: int


@dataclass(frozen=True, slots=True)
class Widest:
    """A story of the last day, with the outlets that tell it and its first headline."""

    story_id: int
    outlets: int
    headline: str | None


def counts(connection: Connection) -> dict[str, Any]:
    """Numbers of feeds, entries, articles, copies, stories and digests."""
    row = run(connection, "progress.counts").fetchone()
    assert row is not None
    return row


def arrivals(connection: Connection, since: datetime) -> Arrivals:
    """What was collected since a moment."""
    found = fetch_one(connection, Arrivals, "progress.arrivals", since=since)
    assert found is not None
    return found


def widest(connection: Connection, since: datetime, most: int) -> list[Widest]:
    """The stories with an article published since a moment that most outlets tell, at most `most`."""
    return fetch(connection, Widest, "progress.widest", since=since, most=most)
