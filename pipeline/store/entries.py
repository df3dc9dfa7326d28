"""Entries: what feeds showed, when, in which wording, and whether it is on topic."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from pipeline.database.connection import Connection, run, run_many
from pipeline.feeds.sightings import Edit, KnownEntry, Sighting, entry_published
from pipeline.models import FeedEntry
from pipeline.topics import Topic, TopicMatch

Row = dict[str, Any]


def known(connection: Connection, feed_id: int, entries: Sequence[FeedEntry]) -> list[KnownEntry]:
    """The rows of a feed that a document naming `entries` has to be compared with."""
    keys = [entry.key for entry in entries]
    urls = [entry.canonical_url for entry in entries if entry.canonical_url]
    rows = run(connection, "entries.known", feed_id=feed_id, keys=keys, urls=urls).fetchall()
    return [KnownEntry(**row) for row in rows]


def apply(connection: Connection, feed_id: int, sighting: Sighting, now: datetime) -> None:
    """Write one sighting: insert, edit (the old wording kept), touch, and note who left."""
    run_many(connection, "entries.insert", [_row(feed_id, entry, now) for entry in sighting.new])
    for edit in sighting.edited:
        _edit(connection, edit, now)
    run(connection, "entries.touch", ids=list(sighting.seen), now=now)
    run(connection, "entries.leave", ids=list(sighting.gone), now=now)


def _row(feed_id: int, entry: FeedEntry, now: datetime) -> Row:
    published, rule = entry_published(entry, now)
    fields = ("key", "guid", "url", "canonical_url", "title", "text", "summary_html", "content_html", "language")
    row: Row = {name: getattr(entry, name) for name in (*fields, "image", "source_name", "source_url")}
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


def claim_unmatched(connection: Connection, limit: int) -> list[Row]:
    """Lock up to `limit` entries that no topic was asked about yet."""
    return run(connection, "entries.claim_unmatched", limit=limit).fetchall()


def set_topic(
    connection: Connection, entry_id: int, topic: str, verdict: TopicMatch, model: str, now: datetime
) -> None:
    """Write whether an entry is on topic and why."""
    run(connection, "entries.set_topic", entry_id=entry_id, topic=topic, model=model, now=now, **verdict_row(verdict))


def verdict_row(verdict: TopicMatch) -> Row:
    """A verdict as the columns that entries and articles share."""
    return {
        "on_topic": verdict.on_topic,
        "rule": verdict.rule,
        "terms": list(verdict.terms),
        "similarity": verdict.similarity,
        "score": verdict.score,
        "threshold": verdict.threshold,
    }


def matched(connection: Connection, entry_id: int, article_id: int | None, now: datetime) -> None:
    """Mark an entry as judged and tie it to its article."""
    run(connection, "entries.matched", id=entry_id, article_id=article_id, now=now)


def save_topic(connection: Connection, topic: Topic) -> None:
    """Keep the topic file's content beside what was judged by it."""
    run(
        connection,
        "entries.save_topic",
        slug=topic.slug,
        name=topic.name,
        definition=Jsonb(topic.definition()),
        zone=topic.timezone,
    )
