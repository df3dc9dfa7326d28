"""What a day's stories are compared with: the digest published before, and what had been seen when it was drafted."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime

from pipeline.database import Connection
from pipeline.database.rows import fetch, fetch_one
from pipeline.models import Precision
from pipeline.models.details import Before, Earlier, Print, Revised, ShownBefore, Since

_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Shown:
    story_id: int
    headline: str
    article_ids: list[int]


@dataclass(frozen=True, slots=True)
class _Earlier:
    story_id: int
    article_id: int
    outlet: str
    url: str
    language: str | None
    published: datetime
    stated_precision: Precision
    text: str
    seen: bool


@dataclass(frozen=True, slots=True)
class _Revised:
    article_id: int
    story_id: int | None
    outlet: str
    url: str
    title: str
    at: datetime
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class _Print:
    of_id: int
    outlet: str
    url: str
    title: str
    text: str


def before(connection: Connection, topic: str, day: date, as_of: datetime | None = None) -> Before:
    """All that the stories of a day are compared with, as known at `as_of`, or now.

    That is the last published digest of an earlier day; what the day's stories told before it; and the articles of
    published digests that were corrected after that digest was drafted, with their copies.
    """
    known = as_of or _EVER
    since = fetch_one(connection, Since, "digests.since", topic=topic, day=day)
    earlier: dict[int, list[Earlier]] = defaultdict(list)
    for row in fetch(
        connection, _Earlier, "digests.earlier", topic=topic, day=day, as_of=known,
        since_day=since.day if since else None, since_as_of=since.as_of if since else None,
    ):  # fmt: skip
        earlier[row.story_id].append(Earlier(**{f.name: getattr(row, f.name) for f in fields(Earlier)}))
    told = {story_id: tuple(articles) for story_id, articles in earlier.items()}
    if since is None:
        return Before(earlier=told)
    rows = fetch(connection, _Shown, "digests.shown", digest_id=since.digest_id)
    shown = tuple(ShownBefore(row.story_id, row.headline, tuple(row.article_ids)) for row in rows)
    return Before(since, shown, told, _revised(connection, topic, day, since, known))


def _revised(connection: Connection, topic: str, day: date, since: Since, as_of: datetime) -> tuple[Revised, ...]:
    rows = fetch(
        connection, _Revised, "digests.revised", topic=topic, day=day, since_as_of=since.as_of, as_of=as_of
    )  # fmt: skip
    prints: dict[int, list[Print]] = defaultdict(list)
    ids = [row.article_id for row in rows]
    for each in fetch(connection, _Print, "digests.prints", ids=ids, as_of=as_of) if ids else ():
        prints[each.of_id].append(Print(each.outlet, each.url, each.title, each.text))
    return tuple(
        Revised(**{f.name: getattr(row, f.name) for f in fields(row)}, prints=tuple(prints[row.article_id]))
        for row in rows
    )
