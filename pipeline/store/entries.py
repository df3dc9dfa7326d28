"""Entries: what feeds showed, when, in which wording, and which of them wait for a verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pipeline import urls
from pipeline.database import Connection, run, run_many
from pipeline.database.rows import fetch, fetch_value
from pipeline.feeds.history import Document, History, Past, Wording
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
    addresses = [urls.identity(entry.canonical_url) for entry in entries if entry.canonical_url]
    return fetch(connection, KnownEntry, "entries.known", feed_id=feed_id, keys=keys, addresses=addresses)


def apply(connection: Connection, feed_id: int, sighting: Sighting, now: datetime) -> None:
    """Write one sighting, newer than all before: insert, edit (the old wording kept), touch, and note who left."""
    new = insert(connection, feed_id, sighting.new, now)
    for edit in sighting.edited:
        _edit(connection, edit, now)
    faults.free(connection, "entry", [edit.known.id for edit in sighting.edited])
    run(connection, "entries.touch", ids=list(sighting.seen), now=now)
    run(connection, "entries.leave", ids=list(sighting.gone), now=now)
    add_document(connection, feed_id, [*sighting.seen, *new], now)


def apply_part(connection: Connection, feed_id: int, sighting: Sighting, now: datetime) -> None:
    """Write what a document says that holds only a part of its feed: nobody has left, and it is no document of it."""
    insert(connection, feed_id, sighting.new, now)
    for edit in sighting.edited:
        _edit(connection, edit, now)
    faults.free(connection, "entry", [edit.known.id for edit in sighting.edited])
    run(connection, "entries.touch", ids=list(sighting.seen), now=now)


def insert(connection: Connection, feed_id: int, entries: Sequence[FeedEntry], seen: datetime) -> list[int]:
    """Add entries at their first sighting; the ids of their rows, in the same order."""
    return [int(fetch_value(connection, "entries.insert", **_row(feed_id, entry, seen))) for entry in entries]


def add_document(connection: Connection, feed_id: int, entry_ids: Sequence[int], seen: datetime) -> None:
    """Keep which entries a document of a feed held."""
    run(connection, "entries.add_document", feed_id=feed_id, entry_ids=sorted(entry_ids), seen_at=seen)


def same_document(connection: Connection, feed_id: int, seen: datetime) -> None:
    """A feed was captured once more as it was before: its entries were seen then too."""
    run(connection, "entries.same_document", feed_id=feed_id, seen_at=seen)


@dataclass(frozen=True, slots=True)
class StoredHistory:
    """An entry's row and its former wordings as one history."""

    id: int
    history: History


@dataclass(frozen=True, slots=True)
class _Present:
    id: int
    title: str
    text: str
    published: datetime
    published_rule: str
    first_seen_at: datetime
    last_seen_at: datetime
    absent_since: datetime | None
    returned: int


@dataclass(frozen=True, slots=True)
class _Former:
    entry_id: int
    seen_at: datetime
    changed: list[str]
    title: str
    text: str
    published: datetime
    published_rule: str


def histories(connection: Connection, feed_id: int, ids: Sequence[int], at: datetime) -> list[StoredHistory]:
    """The entries of these ids, and those of the feed that were in it at a moment, with all that is known of them."""
    rows = fetch(connection, _Present, "entries.histories", feed_id=feed_id, ids=list(ids), at=at)
    former: dict[int, list[Past]] = defaultdict(list)
    for each in fetch(connection, _Former, "entries.former", ids=[row.id for row in rows]):
        wording = Wording(each.title, each.text, each.published, each.published_rule)
        former[each.entry_id].append(Past(each.seen_at, tuple(each.changed), wording))
    return [
        StoredHistory(
            row.id,
            History(
                row.first_seen_at,
                row.last_seen_at,
                row.absent_since,
                row.returned,
                Wording(row.title, row.text, row.published, row.published_rule),
                tuple(former[row.id]),
            ),
        )
        for row in rows
    ]


def documents(connection: Connection, feed_id: int, since: datetime) -> list[Document]:
    """The documents of a feed that were read, from a moment on, in order of time."""
    return fetch(connection, Document, "entries.documents", feed_id=feed_id, since=since)


def retell(connection: Connection, stored: StoredHistory, told: History) -> None:
    """Write an entry's history in place of the one it had; its revisions are numbered by time."""
    run(connection, "entries.forget_revisions", id=stored.id)
    former = [
        {
            "id": stored.id,
            "revision": number,
            "seen_at": past.seen_at,
            "changed": list(past.changed),
            **asdict(past.wording),
        }
        for number, past in enumerate(told.revisions)
    ]
    run_many(connection, "entries.insert_revision", former)
    run(
        connection,
        "entries.retell",
        id=stored.id,
        revision=len(former),
        first_seen_at=told.first_seen,
        last_seen_at=told.last_seen,
        absent_since=told.absent_since,
        returned=told.returned,
        **asdict(told.current),
    )


def found_earlier(connection: Connection, entry_id: int, entry: FeedEntry, at: datetime) -> None:
    """What an entry keeps from its first sighting, now that an earlier one is known; its article is as old at least."""
    names = ("language", "image", "source_name", "source_url")
    row: dict[str, Any] = {name: getattr(entry, name) for name in names}
    row |= {name: list(getattr(entry, name)) for name in ("authors", "tags", "problems")}
    run(connection, "entries.found_earlier", id=entry_id, **row)
    run(connection, "entries.article_found_earlier", id=entry_id, at=at)


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
