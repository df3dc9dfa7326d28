"""Entries: what feeds showed, when, in which wording, and which of them wait for a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.database import Connection, run, run_many
from pipeline.database.rows import fetch
from pipeline.feeds.sightings import Edit, KnownEntry, Sighting, entry_published
from pipeline.models import FeedEntry
from pipeline.store import faults


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An entry that no topic was asked about, with its outlet; `language` is the feed's where it says none itself."""

    id: int
    title: str
    text: str
    published: datetime
    canonical_url: str | None
    url: str | None
    first_seen_at: datetime
    article_id: int | None
    outlet: str
    country: str | None
    ownership: str
    language: str | None


def known(connection: Connection, feed_id: int, entries: Sequence[FeedEntry]) -> list[KnownEntry]:
    """The rows of a feed that a document naming `entries` has to be compared with."""
    keys = [entry.key for entry in entries]
    urls = [entry.canonical_url for entry in entries if entry.canonical_url]
    return fetch(connection, KnownEntry, "entries.known", feed_id=feed_id, keys=keys, urls=urls)


def apply(connection: Connection, feed_id: int, sighting: Sighting, now: datetime) -> None:
    """Write one sighting: insert, edit (the old wording kept), touch, and note who left."""
    run_many(connection, "entries.insert", [_row(feed_id, entry, now) for entry in sighting.new])
    for edit in sighting.edited:
        _edit(connection, edit, now)
    faults.free(connection, "entry", [edit.known.id for edit in sighting.edited])
    run(connection, "entries.touch", ids=list(sighting.seen), now=now)
    run(connection, "entries.leave", ids=list(sighting.gone), now=now)


def _row(feed_id: int, entry: FeedEntry, now: datetime) -> dict[str, Any]:
    published, rule = entry_published(entry, now)
    fields = ("key", "guid", "url", "canonical_url", "title", "text", "summary_html", "content_html", "language")
    row: dict[str, Any] = {name: getattr(entry, name) for name in (*fields, "image", "source_name", "source_url")}
    return row | {
        "feed_id": feed_id,
        "authors": list(entry.authors),
        "tags": list(entry.tags),
        "problems": list(entry.problems),
        "published": published,
        "published_rule": rule,
        "now": now,
    }


def _edit(connection: Connection, edit: Edit, now: datetime) -> None:
    run(connection, "entries.keep_revision", id=edit.known.id, changed=list(edit.changed), now=now)
    entry = edit.entry
    run(
        connection,
        "entries.edit",
        id=edit.known.id,
        key=entry.key,
        title=entry.title,
        text=entry.text,
        summary_html=entry.summary_html,
        content_html=entry.content_html,
        published=entry.published,
        published_rule=entry.published_rule,
    )


def claim_unmatched(connection: Connection, limit: int, now: datetime) -> list[Unmatched]:
    """Lock up to `limit` entries that no topic was asked about yet; those held by a fault stay."""
    return fetch(connection, Unmatched, "entries.claim_unmatched", limit=limit, now=now)


def matched(connection: Connection, entry_id: int, article_id: int | None, now: datetime) -> None:
    """Mark an entry as judged and tie it to its article."""
    run(connection, "entries.matched", id=entry_id, article_id=article_id, now=now)
