"""Digests: the day's stories as known at a moment, drafts, decisions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby
from typing import Any

from psycopg.types.json import Jsonb

from pipeline.database import Connection, run
from pipeline.models import Digest, DigestItem, StoryArticle, StoryView

Row = dict[str, Any]


def day_stories(
    connection: Connection, *, topic: str, start: datetime, end: datetime, as_of: datetime
) -> list[StoryView]:
    """The stories with on-topic articles published in [start, end), with the memberships of `as_of`."""
    rows = run(connection, "digests.day", topic=topic, start=start, end=end, as_of=as_of).fetchall()
    return list(_views(rows))


def _views(rows: list[Row]) -> Iterator[StoryView]:
    for story_id, group in groupby(rows, key=lambda row: row["story_id"]):
        members = list(group)
        articles = tuple(StoryArticle(**{name: row[name] for name in StoryArticle.__slots__}) for row in members)
        yield StoryView(
            story_id=story_id,
            first_published=articles[0].published,
            last_published=articles[-1].published,
            articles=articles,
            similarity=max(float(row["similarity"]) for row in members),
        )


def before(connection: Connection, topic: str, day: date) -> dict[int, int]:
    """Story id -> number of its articles in the latest digest before `day`."""
    rows = run(connection, "digests.before", topic=topic, day=day)
    return {row["story_id"]: row["articles"] for row in rows}


def save(
    connection: Connection, digest: Digest, *, markdown: str, html: str, as_of: datetime, now: datetime
) -> tuple[int, int]:
    """Store a draft with its items and drops; returns its id and version. An undecided older draft is superseded."""
    run(connection, "digests.supersede", topic=digest.topic, day=digest.day)
    row = run(
        connection,
        "digests.insert",
        topic=digest.topic,
        day=digest.day,
        title=digest.title,
        markdown=markdown,
        html=html,
        articles=digest.articles_seen,
        outlets=digest.outlets_seen,
        as_of=as_of,
        now=now,
    ).fetchone()
    assert row is not None
    for item in digest.items:
        _insert_item(connection, row["id"], item)
    for drop in digest.dropped:
        add_drop(connection, row["id"], drop.story_id, drop.reason, "pipeline")
    return row["id"], row["version"]


def _insert_item(connection: Connection, digest_id: int, item: DigestItem) -> None:
    articles = [
        {name: getattr(article, name) for name in StoryArticle.__slots__} | {"published": article.published.isoformat()}
        for article in item.articles
    ]
    names = ("story_id", "rank", "headline", "summary", "status", "score", "outlets", "independent")
    row = {name: getattr(item, name) for name in names}
    run(connection, "digests.insert_item", digest_id=digest_id, articles=Jsonb(articles), **row)


def add_drop(connection: Connection, digest_id: int, story_id: int, reason: str, actor: str) -> None:
    """Note that a story was left out of a digest, by whom and why."""
    run(connection, "digests.insert_drop", digest_id=digest_id, story_id=story_id, reason=reason, actor=actor)


def delete_item(connection: Connection, digest_id: int, story_id: int) -> None:
    """Take a story out of a draft."""
    run(connection, "digests.delete_item", digest_id=digest_id, story_id=story_id)


def digests(connection: Connection) -> list[Row]:
    """Every digest but superseded drafts, newest day first, with the number of its stories."""
    return run(connection, "digests.all").fetchall()


def digest(connection: Connection, digest_id: int) -> Row | None:
    """One digest with its `items` (articles as JSON) and `drops`; None where there is none."""
    row = run(connection, "digests.one", id=digest_id).fetchone()
    if row is None:
        return None
    row["items"] = run(connection, "digests.items", id=digest_id).fetchall()
    row["drops"] = run(connection, "digests.drops", id=digest_id).fetchall()
    return row


def lock(connection: Connection, digest_id: int) -> Row | None:
    """The digest's row, held until the transaction ends."""
    return run(connection, "digests.lock", id=digest_id).fetchone()


def decide(connection: Connection, row: Row, *, state: str, **decision: Any) -> None:
    """Write a decision (reviewer, note, now, markdown, html); a published digest replaces the day's former one."""
    if state == "published":
        run(connection, "digests.replace_published", id=row["id"], topic=row["topic"], day=row["day"])
    run(connection, "digests.decide", id=row["id"], state=state, **decision)


def published(connection: Connection, topic: str) -> list[Row]:
    """The newest 60 published digests of a topic: id, day, title, html, markdown, published_at."""
    return run(connection, "digests.published", topic=topic).fetchall()


def from_row(row: Row) -> Digest:
    """A stored digest as the type it was drafted as."""
    items = tuple(
        DigestItem(
            **{name: item[name] for name in DigestItem.__slots__ if name != "articles"},
            articles=tuple(
                StoryArticle(**(article | {"published": datetime.fromisoformat(article["published"])}))
                for article in item["articles"]
            ),
        )
        for item in row["items"]
    )
    return Digest(
        topic=row["topic"],
        day=str(row["day"]),
        title=row["title"],
        items=items,
        dropped=(),
        articles_seen=row["articles"],
        outlets_seen=row["outlets"],
    )


def delivered(connection: Connection, digest_id: int) -> set[str]:
    """The channels a digest has reached."""
    return {row["channel"] for row in run(connection, "digests.delivered", digest_id=digest_id)}


def log_delivery(
    connection: Connection, digest_id: int, channel: str, outcome: str, detail: str | None, now: datetime
) -> None:
    """Write how a delivery ended: ``ok`` or the reason."""
    run(
        connection,
        "digests.log_delivery",
        digest_id=digest_id,
        channel=channel,
        outcome=outcome,
        detail=detail,
        now=now,
    )


def undelivered(connection: Connection, since: datetime) -> list[int]:
    """Published digests with a failed channel tried after `since`."""
    return [row["id"] for row in run(connection, "digests.undelivered", since=since)]
