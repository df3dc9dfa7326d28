"""Digests: the day's stories as known at a moment, drafts, decisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from psycopg.types.json import Jsonb

from pipeline.database import Connection, run
from pipeline.database.rows import fetch, fetch_one, fetch_value
from pipeline.models import (
    Digest,
    DigestItem,
    DroppedStory,
    Precision,
    PublishedDigest,
    StillComing,
    StoryArticle,
    StoryView,
)
from pipeline.store import digest_details as kept
from pipeline.store.comparisons import before as before


@dataclass(frozen=True, slots=True)
class Drafted:
    """The id and version of a draft that was stored."""

    id: int
    version: int


@dataclass(frozen=True, slots=True)
class Rendered:
    """A digest's text, the moment that it shows, and when it was drafted."""

    markdown: str
    html: str
    as_of: datetime
    now: datetime
    waiting: StillComing = StillComing()


@dataclass(frozen=True, slots=True)
class Drop:
    """A story that was left out of a digest, by whom and why."""

    story_id: int
    reason: str
    actor: str
    headline: str = ""


@dataclass(frozen=True, slots=True)
class StoredDigest:
    """A digest's row. `items` and `drops` are empty and `stories` counts them where many are listed."""

    id: int
    topic: str
    topic_name: str
    day: date
    version: int
    state: str
    title: str
    markdown: str
    html: str
    articles: int
    outlets: int
    as_of: datetime
    drafted_at: datetime
    reviewed_by: str | None
    reviewed_at: datetime | None
    note: str | None
    published_at: datetime | None
    stories: int
    pending: int = 0
    pending_why: dict[str, int] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    revision: int = 1
    corrects: int | None = None
    edited_by: str | None = None
    edited_at: datetime | None = None
    items: tuple[DigestItem, ...] = ()
    drops: tuple[Drop, ...] = ()

    @property
    def waiting(self) -> StillComing:
        """What it could not show when it was drafted."""
        return StillComing(**self.pending_why)

    def digest(self) -> Digest:
        """The digest as the type it was drafted as."""
        return Digest(
            topic=self.topic,
            day=str(self.day),
            title=self.title,
            items=self.items,
            dropped=tuple(DroppedStory(each.story_id, each.reason, each.headline, each.actor) for each in self.drops),
            articles_seen=self.articles,
            outlets_seen=self.outlets,
            changes=kept.changes(self.changes),
            corrects=self.corrects,
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer decided: `state` is ``published`` or ``rejected``; the text is as it is with the note."""

    state: str
    reviewer: str
    note: str | None
    now: datetime
    markdown: str
    html: str


@dataclass(frozen=True, slots=True)
class _Member:
    story_id: int
    article_id: int
    title: str
    url: str
    outlet: str
    country: str | None
    ownership: str | None
    language: str | None
    published: datetime
    stated_precision: Precision
    copy_of: int | None
    lead: str
    similarity: float


@dataclass(frozen=True, slots=True)
class _Item:
    story_id: int
    rank: int
    headline: str
    summary: str
    status: str
    score: float
    outlets: int
    independent: int
    articles: list[dict[str, Any]]
    details: dict[str, Any]


def day_stories(
    connection: Connection, *, topic: str, start: datetime, end: datetime, as_of: datetime
) -> list[StoryView]:
    """The stories with on-topic articles published in [start, end), with the memberships of `as_of`."""
    return list(_views(fetch(connection, _Member, "digests.day", topic=topic, start=start, end=end, as_of=as_of)))


def _views(rows: Sequence[_Member]) -> Iterator[StoryView]:
    for story_id, group in groupby(rows, key=lambda row: row.story_id):
        members = list(group)
        articles = tuple(
            StoryArticle(**{f.name: getattr(row, f.name) for f in fields(StoryArticle)}) for row in members
        )
        yield StoryView(
            story_id=story_id,
            first_published=articles[0].published,
            last_published=articles[-1].published,
            articles=articles,
            similarity=max(row.similarity for row in members),
        )


def has_anything(connection: Connection, topic: str, start: datetime, end: datetime) -> bool:
    """Whether anything was collected before a day was over, or anything on topic of it after."""
    return bool(fetch_value(connection, "digests.has_anything", topic=topic, start=start, end=end))


def still_coming(connection: Connection, *, topic: str, start: datetime, end: datetime, now: datetime) -> StillComing:
    """What no digest of [start, end) can show yet, by what it waits for; `now` says which tries are due."""
    found = fetch_one(connection, StillComing, "digests.still_coming", topic=topic, start=start, end=end, now=now)
    assert found is not None
    return found


def save(connection: Connection, digest: Digest, rendered: Rendered) -> Drafted:
    """Store a draft with its items and drops. An undecided older draft is superseded."""
    run(connection, "digests.supersede", topic=digest.topic, day=digest.day)
    drafted = fetch_one(
        connection,
        Drafted,
        "digests.insert",
        topic=digest.topic,
        day=digest.day,
        title=digest.title,
        articles=digest.articles_seen,
        outlets=digest.outlets_seen,
        markdown=rendered.markdown,
        html=rendered.html,
        as_of=rendered.as_of,
        now=rendered.now,
        corrects=digest.corrects,
        pending=rendered.waiting.articles,
        pending_why=Jsonb({name: count for name, count in asdict(rendered.waiting).items() if count}),
        changes=kept.as_json(digest.changes),
    )
    assert drafted is not None
    _insert_parts(connection, drafted.id, digest)
    return drafted


def rewrite(connection: Connection, digest_id: int, digest: Digest, rendered: Rendered, editor: str) -> None:
    """Give a draft other stories or words; it is another revision from now on."""
    run(connection, "digests.clear_items", id=digest_id)
    run(connection, "digests.clear_drops", id=digest_id)
    run(
        connection,
        "digests.rewrite",
        id=digest_id,
        articles=digest.articles_seen,
        outlets=digest.outlets_seen,
        markdown=rendered.markdown,
        html=rendered.html,
        as_of=rendered.as_of,
        now=rendered.now,
        editor=editor,
        changes=kept.as_json(digest.changes),
    )
    _insert_parts(connection, digest_id, digest)


def _insert_parts(connection: Connection, digest_id: int, digest: Digest) -> None:
    for item in digest.items:
        _insert_item(connection, digest_id, item)
    for drop in digest.dropped:
        run(
            connection,
            "digests.insert_drop",
            digest_id=digest_id,
            story_id=drop.story_id,
            reason=drop.reason,
            actor=drop.actor,
            headline=drop.headline,
        )


def _insert_item(connection: Connection, digest_id: int, item: DigestItem) -> None:
    articles = [asdict(article) | {"published": article.published.isoformat()} for article in item.articles]
    names = ("story_id", "rank", "headline", "summary", "status", "score", "outlets", "independent")
    row = {name: getattr(item, name) for name in names}
    run(
        connection,
        "digests.insert_item",
        digest_id=digest_id,
        articles=Jsonb(articles),
        details=kept.as_json(item.details),
        **row,
    )


def hold(connection: Connection, digest_id: int, note: str | None) -> None:
    """Keep the note of a draft that goes on waiting."""
    run(connection, "digests.hold", id=digest_id, note=note)


def published_version(connection: Connection, topic: str, day: date | str) -> int | None:
    """The newest version of a day that was ever published; None where none was."""
    version: int | None = fetch_value(connection, "digests.published_version", topic=topic, day=day)
    return version


def digests(connection: Connection) -> list[StoredDigest]:
    """Every digest but superseded drafts, newest day first, with the number of its stories."""
    return fetch(connection, StoredDigest, "digests.all")


def page(connection: Connection, before: date | None, days: int) -> tuple[list[StoredDigest], date | None]:
    """As `digests`, of at most so many days before one (None: the newest); the day before which there are more, if
    any."""
    found = fetch(connection, StoredDigest, "digests.page", before=before, days=days + 1)
    shown = sorted({digest.day for digest in found}, reverse=True)[:days]
    kept = [digest for digest in found if digest.day in shown]
    return kept, shown[-1] if len(kept) < len(found) else None


@dataclass(frozen=True, slots=True)
class Version:
    """A digest among those of its topic and day; `state` as `digests.state`."""

    id: int
    version: int
    state: str


def versions(connection: Connection, digest_id: int) -> list[Version]:
    """All versions of a digest's day and topic, oldest first; empty where there is no such digest."""
    return fetch(connection, Version, "digests.versions", id=digest_id)


def digest(connection: Connection, digest_id: int) -> StoredDigest | None:
    """One digest with its items and drops; None where there is none."""
    row = fetch_one(connection, StoredDigest, "digests.one", id=digest_id)
    if row is None:
        return None
    items = tuple(_item(item) for item in fetch(connection, _Item, "digests.items", id=digest_id))
    return replace(row, items=items, drops=tuple(fetch(connection, Drop, "digests.drops", id=digest_id)))


def _item(row: _Item) -> DigestItem:
    articles = tuple(
        StoryArticle(**(article | {"published": datetime.fromisoformat(article["published"])}))
        for article in row.articles
    )
    plain = {f.name: getattr(row, f.name) for f in fields(row) if f.name not in ("articles", "details")}
    return DigestItem(**plain, articles=articles, details=kept.details(row.details))


def lock(connection: Connection, digest_id: int) -> str | None:
    """The digest's state, held until the transaction ends; None where there is no such digest."""
    state: str | None = fetch_value(connection, "digests.lock", id=digest_id)
    return state


def decide(connection: Connection, row: StoredDigest, decision: Decision) -> None:
    """Write a decision; a published digest replaces the day's former one."""
    if decision.state == "published":
        run(connection, "digests.replace_published", id=row.id, topic=row.topic, day=row.day)
    run(connection, "digests.decide", id=row.id, **asdict(decision))


def published(connection: Connection, topic: str) -> list[PublishedDigest]:
    """The newest 60 published digests of a topic."""
    return fetch(connection, PublishedDigest, "digests.published", topic=topic)


def published_days(connection: Connection, topic: str) -> list[PublishedDigest]:
    """Every published digest of a topic without its text, newest first."""
    return fetch(connection, PublishedDigest, "digests.published_days", topic=topic)


@dataclass(frozen=True, slots=True)
class PublishedTopic:
    """A topic of which a digest was published; `newest` is an ISO date."""

    slug: str
    name: str
    newest: str


def published_topics(connection: Connection) -> list[PublishedTopic]:
    """The topics with published digests, by name."""
    return fetch(connection, PublishedTopic, "digests.published_topics")


def drafts_after(connection: Connection, topic: str, day: date) -> list[int]:
    """The ids of drafts of later days that wait for their reviewers, earliest day first; their rows are locked."""
    return [row.id for row in fetch(connection, _Id, "digests.drafts_after", topic=topic, day=day)]


@dataclass(frozen=True, slots=True)
class _Id:
    id: int
