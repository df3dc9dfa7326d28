"""Entries: what feeds showed, when, in which wording, and which of them wait for a verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from pipeline import urls
from pipeline.database import Connection, run, run_many
from pipeline.database.recordset import recordset
from pipeline.database.rows import fetch
from pipeline.feeds.history import Document, History, Past, Wording
from pipeline.feeds.sightings import Edit, KnownEntry, Sighting, entry_published
from pipeline.models import FeedEntry, Precision
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


def known(connection: Connection, documents: Mapping[int, Sequence[FeedEntry]]) -> dict[int, list[KnownEntry]]:
    """By feed, the rows that its document, which names these entries, has to be compared with."""
    asked = recordset(
        {
            "feed_id": feed_id,
            "keys": [entry.key for entry in entries],
            "addresses": [
                key for entry in entries if entry.canonical_url for key in urls.spellings(entry.canonical_url)
            ],
        }
        for feed_id, entries in documents.items()
    )
    found: dict[int, list[KnownEntry]] = {feed_id: [] for feed_id in documents}
    for row in run(connection, "entries.known", asked=asked):
        found[row.pop("feed_id")].append(KnownEntry(**row))
    return found


@dataclass(frozen=True, slots=True)
class Sighted:
    """What a document of a feed, newer than all before, means for its entries, and its moment."""

    feed_id: int
    sighting: Sighting
    at: datetime


def apply(connection: Connection, sighted: Sequence[Sighted]) -> None:
    """Write sightings of several feeds: insert, edit (the old wording kept), touch, note who left, keep documents."""
    new = apply_part(connection, sighted)
    _stamp(connection, "entries.leave", [(entry_id, each.at) for each in sighted for entry_id in each.sighting.gone])
    ids = iter(new)
    documents = []
    for each in sighted:
        held = [*each.sighting.seen, *islice(ids, len(each.sighting.new))]
        documents.append(StoredDocument(each.feed_id, each.at, held))
    add_documents(connection, documents)


def apply_part(connection: Connection, sighted: Sequence[Sighted]) -> list[int]:
    """Write what documents say that may hold only a part of their feeds: nobody has left, and none is kept.

    Returns the ids of the new rows, in order.
    """
    new = insert(connection, [New(each.feed_id, entry, each.at) for each in sighted for entry in each.sighting.new])
    _edit(connection, [(edit, each.at) for each in sighted for edit in each.sighting.edited])
    _stamp(connection, "entries.touch", [(entry_id, each.at) for each in sighted for entry_id in each.sighting.seen])
    return new


@dataclass(frozen=True, slots=True)
class New:
    """An entry that has no row yet, and the moment of its first sighting."""

    feed_id: int
    entry: FeedEntry
    seen: datetime


def insert(connection: Connection, entries: Sequence[New]) -> list[int]:
    """Add entries at their first sighting; the ids of their rows, in the same order."""
    if not entries:
        return []
    rows = {(each.feed_id, each.entry.key): _row(each.feed_id, each.entry, each.seen) for each in reversed(entries)}
    given = recordset({"place": place, **row} for place, row in enumerate(reversed(rows.values())))
    ids = {(row["feed_id"], row["key"]): int(row["id"]) for row in run(connection, "entries.insert", rows=given)}
    return [ids[each.feed_id, each.entry.key] for each in entries]


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """Which entries a document of a feed held, by the ids of their rows."""

    feed_id: int
    seen: datetime
    entry_ids: Sequence[int]


def add_documents(connection: Connection, documents: Sequence[StoredDocument]) -> None:
    """Keep which entries documents of feeds held."""
    rows = ({"feed_id": each.feed_id, "seen_at": each.seen, "entry_ids": sorted(each.entry_ids)} for each in documents)
    if documents:
        run(connection, "entries.add_documents", rows=recordset(rows))


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
    published_precision: Precision
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
    published_precision: Precision


def histories(connection: Connection, feed_id: int, ids: Sequence[int], at: datetime) -> list[StoredHistory]:
    """The entries of these ids, and those of the feed that were in it at a moment, with all that is known of them."""
    rows = fetch(connection, _Present, "entries.histories", feed_id=feed_id, ids=list(ids), at=at)
    former: dict[int, list[Past]] = defaultdict(list)
    for each in fetch(connection, _Former, "entries.former", ids=[row.id for row in rows]):
        wording = Wording(each.title, each.text, each.published, each.published_rule, each.published_precision)
        former[each.entry_id].append(Past(each.seen_at, tuple(each.changed), wording))
    return [
        StoredHistory(
            row.id,
            History(
                row.first_seen_at,
                row.last_seen_at,
                row.absent_since,
                row.returned,
                Wording(row.title, row.text, row.published, row.published_rule, row.published_precision),
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
        "published_precision": entry.published_precision or "instant",
        "now": now,
    }


def _edit(connection: Connection, edits: Sequence[tuple[Edit, datetime]]) -> None:
    if not edits:
        return
    kept = [{"id": edit.known.id, "changed": edit.changed, "now": now} for edit, now in edits]
    run(connection, "entries.keep_revisions", rows=recordset(kept))
    dated = ("published", "published_rule", "published_precision")
    names = ("key", "title", "text", "summary_html", "content_html", *dated)
    rows = ({"id": edit.known.id} | {name: getattr(edit.entry, name) for name in names} for edit, _ in edits)
    run(connection, "entries.edit", rows=recordset(rows))
    faults.free(connection, "entry", [edit.known.id for edit, _ in edits])


def _stamp(connection: Connection, query: str, seen: Sequence[tuple[int, datetime]]) -> None:
    """Run a query that says of entries what happened to them at a moment."""
    if seen:
        run(connection, query, ids=[entry_id for entry_id, _ in seen], moments=[at for _, at in seen])


def claim_unmatched(connection: Connection, limit: int, now: datetime) -> list[Unmatched]:
    """Lock up to `limit` entries that no topic was asked about yet; those held by a fault stay."""
    return fetch(connection, Unmatched, "entries.claim_unmatched", limit=limit, now=now)


def matched(connection: Connection, articles: Mapping[int, int | None], now: datetime) -> None:
    """Mark entries as judged and tie each, by its id, to its article; None leaves it with the one that it has."""
    rows = recordset({"id": entry_id, "article_id": article_id} for entry_id, article_id in articles.items())
    run(connection, "entries.matched", rows=rows, now=now)
