"""What a topic that is not watched yet is tried on: the entries and pages that are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg

from pipeline.database import Connection
from pipeline.database.rows import fetch, fetch_value


@dataclass(frozen=True, slots=True)
class TriedEntry:
    """An entry as a feed gave it. `address` is that of its page, which was asked for where `article_id` is set."""

    id: int
    title: str
    text: str
    published: datetime
    language: str | None
    outlet: str
    address: str
    article_id: int | None
    is_read: bool | None


@dataclass(frozen=True, slots=True)
class TriedPage:
    """A page that was read for another topic."""

    id: int
    title: str | None
    text: str | None
    published: datetime | None
    language: str | None


def entries(connection: Connection, most: int) -> list[TriedEntry]:
    """The newest entries, at most `most`; none where the database has no tables yet, and can then be asked no more."""
    try:
        return fetch(connection, TriedEntry, "trials.entries", most=most)
    except psycopg.errors.UndefinedTable:
        return []


def pages(connection: Connection, ids: Sequence[int]) -> list[TriedPage]:
    """The pages of these articles that were read."""
    return fetch(connection, TriedPage, "trials.pages", ids=list(ids))


def page_seconds(connection: Connection) -> float | None:
    """Seconds that a page takes from its outlet, on the mean; None where none was ever asked for."""
    found: float | None = fetch_value(connection, "trials.page_seconds")
    return found
