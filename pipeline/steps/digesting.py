"""Draft a day's digest, and carry out what its reviewer decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from pipeline import database, digests, topics
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings
from pipeline.steps import delivering as delivery
from pipeline.store import digests as store
from pipeline.store.topics import save_topic
from pipeline.text.characters import storable


def draft(
    settings: Settings, *, topic: str, day: date | str, now: datetime, as_of: datetime | None = None
) -> dict[str, Any]:
    """Draft the digest of a calendar day in the topic's zone; returns its digest_id, version and counts.

    It shows the stories as they are known now, or with `as_of` as they were known then: the row keeps that
    moment, so that the same digest can be made again. A digest already published or rejected stays; this one is
    a new version of it.
    """
    subject = topics.find(settings, topic)
    day = date.fromisoformat(day) if isinstance(day, str) else day
    start, end = subject.day_bounds(day)
    as_of = as_of or now
    with database.connect(settings) as connection:
        save_topic(connection, subject)  # nothing may have been collected for it yet
        stories = store.day_stories(connection, topic=topic, start=start, end=end, as_of=as_of)
        digest = digests.draft(subject, day.isoformat(), stories, store.before(connection, topic, day))
        markdown = digests.to_markdown(digest, subject)
        digest_id, version = store.save(
            connection, digest, markdown=markdown, html=digests.to_html(markdown), as_of=as_of, now=now
        )
    return {
        "digest_id": digest_id,
        "version": version,
        "day": day.isoformat(),
        "stories": len(digest.items),
        "articles": digest.articles_seen,
        "outlets": digest.outlets_seen,
    }


def digest_markdown(settings: Settings, *, digest_id: int) -> str:
    """The Markdown of a stored digest. Raises `ConfigurationError` where there is none of that id."""
    with database.connect(settings) as connection:
        return str(_existing(store.digest(connection, digest_id), digest_id)["markdown"])


def publish(
    settings: Settings,
    *,
    digest_id: int,
    approved: bool,
    reviewer: str,
    note: str = "",
    drop: Sequence[int] = (),
    now: datetime,
) -> dict[str, Any]:
    """Carry out a review: publish the digest without the stories in `drop`, or reject it.

    Running it twice changes nothing: a digest already decided keeps its decision, and channels it has reached
    are not used again.
    """
    note = storable(note)
    with database.connect(settings) as connection:
        row = _existing(store.lock(connection, digest_id), digest_id)
        if row["state"] == "draft":
            _decide(
                settings, connection, digest_id, approved=approved, reviewer=reviewer, note=note, drop=drop, now=now
            )
        row = _existing(store.digest(connection, digest_id), digest_id)
    outcome: dict[str, Any] = {"digest_id": digest_id, "state": row["state"], "stories": len(row["items"])}
    if row["state"] == "published":
        outcome["delivered"] = delivery.deliver(settings, digest_id, now=now)
    return outcome


def _decide(
    settings: Settings,
    connection: database.Connection,
    digest_id: int,
    *,
    approved: bool,
    reviewer: str,
    note: str,
    drop: Sequence[int],
    now: datetime,
) -> None:
    for story_id in drop:
        store.delete_item(connection, digest_id, story_id)
        store.add_drop(connection, digest_id, story_id, note or "dropped in review", reviewer)
    row = _existing(store.digest(connection, digest_id), digest_id)
    markdown = digests.to_markdown(store.from_row(row), topics.find(settings, row["topic"]), note)
    store.decide(
        connection,
        row,
        state="published" if approved else "rejected",
        reviewer=reviewer,
        note=note or None,
        now=now,
        markdown=markdown,
        html=digests.to_html(markdown),
    )


def _existing(row: dict[str, Any] | None, digest_id: int) -> dict[str, Any]:
    if row is None:
        raise ConfigurationError(f"there is no digest {digest_id}; `wirewatch digest list` names those there are")
    return row
