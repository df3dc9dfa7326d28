"""Articles: pages claimed, texts kept with their revisions, and their vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.database import Connection, run
from pipeline.database.recordset import recordset
from pipeline.database.rows import fetch, fetch_one, fetch_value
from pipeline.extraction.chronology import Version
from pipeline.models import Article, FeedEntry, Precision
from pipeline.store import faults
from pipeline.store.vectors import from_text, to_text

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sighted:
    """What makes a page an article at its first sighting."""

    identity: str
    canonical_url: str
    url: str
    outlet: str
    country: str | None
    ownership: str | None
    now: datetime


@dataclass(frozen=True, slots=True)
class ArticleToFetch:
    """A page under a lease of `leased_by`. `revision` 0 has no text yet; `attempts` counts this one."""

    id: int
    identity: str
    url: str
    outlet: str
    attempts: int
    first_seen_at: datetime
    published: datetime | None
    title: str | None
    text: str | None
    text_source: str | None
    revision: int
    body_hash: bytes | None
    etag: str | None
    last_modified: str | None
    fetched_at: datetime | None
    leased_by: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """An entry's row as `fallback` reads it; `language` is the feed's where the entry has none."""

    key: str
    guid: str | None
    url: str | None
    canonical_url: str | None
    title: str
    text: str
    summary_html: str
    content_html: str
    authors: list[str]
    published: datetime
    published_rule: str
    published_precision: Precision
    language: str | None
    tags: list[str]
    image: str | None
    source_name: str | None
    source_url: str | None


@dataclass(frozen=True, slots=True)
class Namesake:
    """An article that stands under an identity; `title` and `text` are None while its page is not read."""

    id: int
    url: str
    title: str | None
    text: str | None
    entry_titles: list[str]


@dataclass(frozen=True, slots=True)
class SightedAs:
    """An entry of an article: what its feed calls it, and where that says it is."""

    id: int
    title: str
    canonical_url: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """What is saved beside an article's own fields."""

    identity: str
    words: int
    revision: int
    body_hash: bytes | None
    etag: str | None
    last_modified: str | None
    text_reason: str | None
    page_text: bytes | None
    now: datetime
    next_refetch_at: datetime | None


@dataclass(frozen=True, slots=True)
class Revision:
    """One wording of an article, with its kind and its difference from the one before (None: the first)."""

    article_id: int
    revision: int
    now: datetime
    kind: str
    title: str
    text: str
    diff: str | None


@dataclass(frozen=True, slots=True)
class SameText:
    """Another article of an outlet with the same text, and the headline that its feed gave it."""

    id: int
    feed_title: str | None


@dataclass(frozen=True, slots=True)
class Unembedded:
    """An article without a vector; `origin_id` where it is a copy, `origin_revision` where that has its vector."""

    id: int
    title: str | None
    text: str | None
    language: str | None
    published: datetime
    outlet: str
    url: str
    revision: int
    origin_id: int | None
    origin_revision: int | None


def upsert(connection: Connection, sighted: Sequence[Sighted]) -> list[int]:
    """The ids of the articles of these identities, in the same order; those not seen before are made.

    Of several sightings of one identity the first tells what it is, and the earliest when it was first seen.
    """
    if not sighted:
        return []
    firsts = {each.identity: each for each in reversed(sighted)}
    seen = {each.identity: each.now for each in sorted(sighted, key=lambda each: each.now, reverse=True)}
    given = [{**asdict(firsts[name]), "now": seen[name]} for name in dict.fromkeys(each.identity for each in sighted)]
    rows = recordset({"place": place, **row} for place, row in enumerate(given))
    ids = {row["identity"]: int(row["id"]) for row in run(connection, "articles.upsert", rows=rows)}
    return [ids[each.identity] for each in sighted]


def claim(
    connection: Connection, *, owner: int, now: datetime, lease: float, limit: int, tasks: int = 1
) -> list[ArticleToFetch]:
    """Take a lease on articles to fetch: new ones, due retries, and young ones to look at again.

    Those held by a fault stay, and those that another owner holds who lives. `owner` is a `locks.Owner`'s, `lease` is
    in seconds. Of several `tasks` that claim, each gets a share of what is left.
    """
    wanted = {"owner": owner, "now": now, "lease": lease, "limit": limit, "tasks": tasks}
    return fetch(connection, ArticleToFetch, "articles.claim", **wanted)


def held_elsewhere(connection: Connection, owner: int, now: datetime) -> int:
    """How many articles are to be fetched, and are held by another owner who lives."""
    return int(fetch_value(connection, "articles.held_elsewhere", owner=owner, now=now))


def hold(connection: Connection, article: ArticleToFetch) -> bool:
    """Whether the lease still is its claimer's; it then stays so until the transaction ends."""
    return fetch_value(connection, "articles.hold", id=article.id, owner=article.leased_by) is not None


def give_back(connection: Connection, article: ArticleToFetch) -> None:
    """End the lease of an article where it is its claimer's, as if it had not been claimed."""
    run(connection, "articles.give_back", id=article.id, owner=article.leased_by)


def postpone(connection: Connection, article: ArticleToFetch, reason: str, detail: str, until: datetime) -> None:
    """Write why an article that was given back was not asked for, and when it is due again."""
    run(connection, "articles.postpone", id=article.id, reason=reason, detail=detail or None, until=until)


def fallback(connection: Connection, article_id: int) -> FeedEntry | None:
    """The longest of the article's sightings: the feed's own words."""
    row = fetch_one(connection, Sighting, "articles.fallback", article_id=article_id)
    if row is None:
        return None
    names = ("key", "guid", "url", "canonical_url", "title", "summary_html", "content_html", "text", "published_rule")
    return FeedEntry(
        **{name: getattr(row, name) for name in (*names, "language", "image", "source_name", "source_url")},
        authors=tuple(row.authors),
        published=None if row.published_rule.startswith("first-seen") else row.published,
        stated_precision=row.published_precision,
        tags=tuple(row.tags),
    )


def namesake(connection: Connection, article_id: int, identity: str) -> Namesake | None:
    """Another article that stands under an identity, with what its page and its feeds call it."""
    return fetch_one(connection, Namesake, "articles.namesake", id=article_id, identity=identity)


def is_shared(connection: Connection, identity: str) -> bool:
    """Whether articles of different titles have claimed an address, so that it tells none of them."""
    return bool(fetch_value(connection, "articles.is_shared", identity=identity))


def share(connection: Connection, identity: str) -> None:
    """Note that articles of different titles claim an address."""
    run(connection, "articles.share", identity=identity)


def part(connection: Connection, article_id: int, identity: str, canonical_url: str) -> None:
    """Give an article its own address back, where nobody stands under it."""
    run(connection, "articles.part", id=article_id, identity=identity, canonical_url=canonical_url)


def sightings(connection: Connection, article_id: int) -> list[SightedAs]:
    """The entries of an article, in the order of their ids."""
    return fetch(connection, SightedAs, "articles.sightings", id=article_id)


def release(connection: Connection, entry_ids: Sequence[int]) -> None:
    """Let entries be matched anew, as of no article."""
    run(connection, "articles.release", ids=list(entry_ids))


def fold(connection: Connection, article_id: int, other: int) -> None:
    """Move what is known of an article to `other`, which is the same page, and drop it.

    Its story is noted for `stories.to_rebuild`; a person's word about it, and its copies, go over to the other.
    """
    run(connection, "articles.move_entries", id=article_id, to=other)
    run(connection, "articles.move_fetches", id=article_id, to=other)
    run(connection, "articles.leave_story", id=article_id)
    run(connection, "articles.move_copies", id=article_id, to=other)
    run(connection, "articles.settle_overrides", id=article_id, to=other)
    run(connection, "articles.move_overrides", id=article_id, to=other)
    run(connection, "articles.unsettle", id=other)
    run(connection, "articles.drop", id=article_id)
    faults.free(connection, "article", [article_id])


def save(connection: Connection, article_id: int, article: Article, written: Written) -> None:
    """Write the newest text. What the steps after this one failed on was the former text, and is forgotten."""
    names = (
        *("canonical_url", "title", "text", "published", "published_rule", "published_precision"),
        *("language", "language_rule"),
        *("author_rule", "section", "image", "site_name", "text_source", "text_detail", "agreement", "kind"),
    )
    row = {name: getattr(article, name) for name in names}
    run(connection, "articles.save", id=article_id, authors=list(article.authors), **row, **asdict(written))
    faults.free(connection, "article", [article_id])


def same_text(connection: Connection, article: ArticleToFetch, page_text: bytes) -> list[SameText]:
    """The outlet's other articles whose pages gave the text of this hash."""
    asked = {"id": article.id, "outlet": article.outlet, "page_text": page_text}
    return fetch(connection, SameText, "articles.same_text", **asked)


def read_again(connection: Connection, ids: Sequence[int], agreed: float, now: datetime) -> None:
    """Let pages be read once more whose text agrees with its feed by less than `agreed`."""
    run(connection, "articles.read_again", ids=list(ids), agreed=agreed, now=now)


def unchanged(connection: Connection, article_id: int, now: datetime, next_refetch_at: datetime | None) -> None:
    """A look again found nothing new."""
    run(connection, "articles.unchanged", id=article_id, now=now, next_refetch_at=next_refetch_at)


def fail(
    connection: Connection, article_id: int, *, state: str, reason: str, detail: str | None, next_try_at: datetime
) -> None:
    """Write why a page gave no article; `state` stays ``pending`` while another try makes sense."""
    run(
        connection,
        "articles.fail",
        id=article_id,
        state=state,
        reason=reason,
        detail=detail,
        next_try_at=next_try_at,
    )


def add_revision(connection: Connection, revision: Revision) -> None:
    """Keep a wording with its time and its difference from the one before."""
    run(connection, "articles.add_revision", **asdict(revision))


@dataclass(frozen=True, slots=True)
class _Look:
    at: datetime


def versions(connection: Connection, article_id: int) -> list[Version]:
    """The wordings of an article, by time."""
    return fetch(connection, Version, "articles.versions", id=article_id)


def looks(connection: Connection, article_id: int, after: datetime) -> list[datetime]:
    """When the page of an article was had after a moment, as far as the log of requests goes; and the last time."""
    return [look.at for look in fetch(connection, _Look, "articles.looks", id=article_id, after=after)]


def retell(connection: Connection, article: ArticleToFetch, versions: Sequence[Version], look: datetime | None) -> None:
    """Write an article's wordings in place of those it had, numbered by time; the newest is the one it had."""
    run(connection, "articles.forget_revisions", id=article.id)
    for number, version in enumerate(versions, 1):
        add_revision(
            connection,
            Revision(article.id, number, version.seen_at, version.kind, version.title, version.text, version.diff),
        )
    run(connection, "articles.retold", id=article.id, revision=len(versions), next_refetch_at=look)


@dataclass(frozen=True, slots=True)
class Vectorless:
    """What `claim_unembedded` asks for: no vector of `model_id`, and a place in a story (`placed`) or none yet."""

    model_id: int
    placed: bool
    limit: int


def claim_unembedded(connection: Connection, wanted: Vectorless, now: datetime) -> list[Unembedded]:
    """Lock articles without a vector of a model, origins before their copies; those held by a fault stay."""
    return fetch(connection, Unembedded, "articles.claim_unembedded", now=now, **asdict(wanted))


def set_vector(
    connection: Connection, article_id: int, model_id: int, embedding: NDArray[np.float32], revision: int
) -> None:
    """Store an article's own vector."""
    run(
        connection,
        "articles.set_vector",
        article_id=article_id,
        model_id=model_id,
        embedding=to_text(embedding),
        borrowed_from=None,
        revision=revision,
    )


def borrow_vector(
    connection: Connection, article_id: int, origin_id: int, model_id: int, revision: int
) -> NDArray[np.float32] | None:
    """Give a copy its origin's vector; returns it, or None while the origin has none."""
    text = fetch_value(
        connection,
        "articles.borrow_vector",
        article_id=article_id,
        origin_id=origin_id,
        model_id=model_id,
        revision=revision,
    )
    return None if text is None else from_text(text)


def embedded(connection: Connection, article_id: int, now: datetime) -> None:
    """Mark that an article has its vector and its verdict."""
    run(connection, "articles.embedded", id=article_id, now=now)
