"""Fetch the pages that wait, extract their articles, keep each revision; where a page gives nothing, the feed does."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pipeline import database, extraction, urls, web
from pipeline.errors import ItemError
from pipeline.extraction import kinds as page_kinds
from pipeline.extraction import retries as page_retries
from pipeline.extraction import revisions
from pipeline.extraction.pool import ExtractionPool, Page
from pipeline.models import Article, FeedEntry, Response, Validators
from pipeline.settings import Settings
from pipeline.steps.asking import shared_client
from pipeline.store import articles as store
from pipeline.store import feeds as feed_store

Row = dict[str, Any]
_BATCH = 60


@dataclass(frozen=True, slots=True)
class Tools:
    """What extraction works with: one client and one pool of processes for as many batches as there are."""

    settings: Settings
    client: web.Client
    pool: ExtractionPool


@contextmanager
def tools(settings: Settings) -> Iterator[Tools]:
    """A client that keeps the shared pace, and the extraction processes; all closed at the end."""
    with shared_client(settings) as client, ExtractionPool.from_settings(settings) as pool:
        yield Tools(settings, client, pool)


def extract(settings: Settings, *, now: datetime, as_of: datetime | None = None) -> dict[str, Any]:
    """Work off every article to fetch or to look at again; returns counts by outcome."""
    with tools(settings) as kit:
        return extract_with(kit, now=now, as_of=as_of)


def extract_with(kit: Tools, *, now: datetime, as_of: datetime | None = None) -> dict[str, Any]:
    """`extract` with tools that are open already."""
    counts: dict[str, int] = defaultdict(int)
    while True:
        with database.connect(kit.settings) as connection:
            rows = store.claim(connection, now=now, lease=kit.settings.lease_seconds, limit=_BATCH)
            fallbacks = {row["id"]: _entry(store.fallback(connection, row["id"])) for row in rows}
        if rows:
            _batch(kit, rows, fallbacks, counts, now, as_of)
        if len(rows) < _BATCH:
            return dict(counts)


def _batch(
    kit: Tools,
    rows: list[Row],
    fallbacks: dict[int, FeedEntry | None],
    counts: dict[str, int],
    now: datetime,
    as_of: datetime | None,
) -> None:
    by_id = {row["id"]: row for row in rows}
    answered: list[tuple[Row, Response]] = []

    def settle(request: web.Request, result: Response | ItemError) -> None:
        row = by_id[request.key]
        with database.connect(kit.settings) as connection:
            _log(connection, row, request, result, now)
            if isinstance(result, ItemError):
                _unfetched(kit.settings, connection, row, result, fallbacks[row["id"]], counts, now)
            elif result.not_modified or _digest(result.body) == row["body_hash"]:
                _unchanged(kit.settings, connection, row, counts, now)
            else:
                answered.append((row, result))

    kit.client.gather((_request(row, as_of) for row in rows if row["url"]), settle)
    for row in rows:
        if not row["url"]:
            with database.connect(kit.settings) as connection:
                lost = ItemError("no-link", "the entry has no address")
                _unfetched(kit.settings, connection, row, lost, fallbacks[row["id"]], counts, now)
    pages = (
        Page(response.body, response.final_url, response.headers.get("content-type"), fallbacks[row["id"]])
        for row, response in answered
    )
    for (row, response), result in zip(answered, kit.pool.extract(pages, now=now), strict=True):
        with database.connect(kit.settings) as connection:
            if isinstance(result, ItemError):
                _failed(connection, row, result, None, counts, now)
            else:
                _save(kit.settings, connection, row, result, response, fallbacks[row["id"]], counts, now)


def _request(row: Row, as_of: datetime | None) -> web.Request:
    held = None
    if row["revision"] and (row["etag"] or row["last_modified"]):
        held = Validators(row["url"], row["etag"], row["last_modified"])
    return web.Request(row["url"], held, as_of, purpose="page", key=row["id"])


def _entry(row: Row | None) -> FeedEntry | None:
    if row is None:
        return None
    names = ("key", "guid", "url", "canonical_url", "title", "summary_html", "content_html", "text", "published_rule")
    first_seen = row["published_rule"].startswith("first-seen")
    return FeedEntry(
        **{name: row[name] for name in (*names, "image", "source_name", "source_url")},
        authors=tuple(row["authors"]),
        published=None if first_seen else row["published"],
        language=row["language"] or row["feed_language"],
        tags=tuple(row["tags"]),
    )


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=16).digest()


def _unfetched(
    settings: Settings,
    connection: database.Connection,
    row: Row,
    error: ItemError,
    fallback: FeedEntry | None,
    counts: dict[str, int],
    now: datetime,
) -> None:
    """A page that could not be had: try again later, or let the feed's own text stand in."""
    again = page_retries.next_try(error.reason, row["attempts"], error.retry_after, now)
    if row["revision"]:
        # An article that is there stays as it is; the next look may do better.
        _unchanged(settings, connection, row, counts, now)
        return
    if again is None and fallback is not None:
        try:
            article = extraction.from_feed(fallback, error.reason, url=row["url"] or None)
        except ItemError as nothing:
            _failed(connection, row, nothing, None, counts, now)
        else:
            _save(settings, connection, row, article, None, fallback, counts, now)
        return
    _failed(connection, row, error, again, counts, now)


def _failed(
    connection: database.Connection,
    row: Row,
    error: ItemError,
    again: datetime | None,
    counts: dict[str, int],
    now: datetime,
) -> None:
    state = "failed" if again is None else "pending"
    if row["revision"]:
        state = "extracted"
    store.fail(
        connection, row["id"], state=state, reason=error.reason, detail=error.detail or None, next_try_at=again or now
    )
    counts["failed" if again is None else "to_retry"] += 1


def _unchanged(
    settings: Settings, connection: database.Connection, row: Row, counts: dict[str, int], now: datetime
) -> None:
    born = row["published"] or row["first_seen_at"]
    store.unchanged(connection, row["id"], now, page_retries.next_look(born, now, settings.refetch_hours))
    counts["unchanged"] += 1


def _save(
    settings: Settings,
    connection: database.Connection,
    row: Row,
    article: Article,
    response: Response | None,
    fallback: FeedEntry | None,
    counts: dict[str, int],
    now: datetime,
) -> None:
    """Write an article, its revision and its difference; a page that names another article's address is that one."""
    article = _dated(article, row, fallback)
    identity = urls.identity(article.canonical_url) if article.canonical_url else row["identity"]
    if identity != row["identity"] and store.fold(connection, row["id"], identity):
        counts["same_article"] += 1
        return
    kind, diff = "first", None
    if row["revision"]:
        change = revisions.compare(row["title"], row["text"], article.title, article.text)
        if change is None:
            _unchanged(settings, connection, row, counts, now)
            return
        kind, diff = change.kind, change.diff
    number = row["revision"] + 1
    store.add_revision(
        connection,
        article_id=row["id"],
        revision=number,
        now=now,
        kind=kind,
        title=article.title,
        text=article.text,
        diff=diff,
    )
    kept = web.validators_of(response) if response is not None else None
    store.save(
        connection,
        row["id"],
        article,
        identity=identity,
        words=page_kinds.count_words(article.text),
        revision=number,
        body_hash=_digest(response.body) if response is not None else None,
        etag=kept.etag if kept else None,
        last_modified=kept.last_modified if kept else None,
        text_reason=article.problems[0] if article.text_source == "feed" and article.problems else None,
        now=now,
        next_refetch_at=page_retries.next_look(article.published or now, now, settings.refetch_hours),
    )
    counts["revised" if number > 1 else "extracted"] += 1
    counts["from_feed"] += article.text_source == "feed"


def _dated(article: Article, row: Row, fallback: FeedEntry | None) -> Article:
    if article.published is not None:
        return article
    if fallback is not None and fallback.published is not None:
        return replace(article, published=fallback.published, published_rule="feed")
    return replace(article, published=row["first_seen_at"], published_rule="first-seen")


def _log(
    connection: database.Connection, row: Row, request: web.Request, result: Response | ItemError, now: datetime
) -> None:
    if isinstance(result, ItemError):
        answered: Row = {"outcome": result.reason, "detail": result.detail or None}
    else:
        answered = {
            "outcome": "not-modified" if result.not_modified else "ok",
            "status": result.status,
            "captured": result.captured,
            "bytes": result.wire_bytes,
            "elapsed": result.elapsed,
        }
    feed_store.log_fetch(
        connection, at=now, as_of=request.as_of, kind="page", article_id=row["id"], url=request.url, **answered
    )
