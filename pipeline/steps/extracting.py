"""Fetch the pages that wait, extract their articles, keep each revision; where a page gives nothing, the feed does."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from pipeline import database, extraction, urls, web
from pipeline.database import locks
from pipeline.errors import Fault, InternalError, ItemError
from pipeline.extraction import kinds as page_kinds
from pipeline.extraction import retries as page_retries
from pipeline.extraction import revisions
from pipeline.extraction.pool import ExtractionPool, Page
from pipeline.models import Article, FeedEntry, Response, Validators
from pipeline.settings import Settings
from pipeline.steps.asking import shared_client
from pipeline.steps.barrier import EXTRACT, OnFault, Work
from pipeline.store import articles as store
from pipeline.store import feeds as feed_store
from pipeline.store.articles import ArticleToFetch, Revision, Written
from pipeline.store.feeds import Fetch

log = logging.getLogger(__name__)

_BATCH = 60
# The names under which one page counts; none while it is still to be extracted.
Counted = tuple[str, ...]
Write = Callable[[database.Connection], Counted]


@dataclass(frozen=True, slots=True)
class Tools:
    """What extraction works with: one client and one pool of processes for as many batches as there are."""

    client: web.Client
    pool: ExtractionPool


@contextmanager
def tools(settings: Settings) -> Iterator[Tools]:
    """A client that keeps the shared pace, and the extraction processes; all closed at the end."""
    with shared_client(settings) as client, ExtractionPool.from_settings(settings) as pool:
        yield Tools(client, pool)


def extract(settings: Settings, *, now: datetime, as_of: datetime | None = None) -> dict[str, Any]:
    """Work off every article to fetch or to look at again; returns counts by outcome."""
    work = Work(settings, now, EXTRACT)
    with tools(settings) as kit:
        extract_with(work, kit, as_of=as_of)
    return work.finish()


def extract_with(work: Work, kit: Tools, *, as_of: datetime | None = None) -> None:
    """`extract` with tools that are open already, within a run whose counts are somebody else's."""
    lease = work.settings.lease_seconds
    with locks.Owner(work.settings, "extract") as owner:
        while True:
            with database.connect(work.settings) as connection:
                rows = store.claim(connection, owner=owner.id, now=work.now, lease=lease, limit=_BATCH)
            _Batch(work, kit, as_of).work_off(rows)
            if len(rows) < _BATCH:
                break
        with database.connect(work.settings) as connection:
            held = store.held_elsewhere(connection, owner.id, work.now)
    if held:
        work.counts["held_elsewhere"] += held
        log.warning("extract: %d pages were left to others who hold them", held)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some pages under a lease, with the feed's own words for each; `as_of` is the archive's moment, None the web's."""

    work: Work
    kit: Tools
    as_of: datetime | None
    fallbacks: dict[int, FeedEntry | None] = field(default_factory=dict)
    answered: list[tuple[ArticleToFetch, Response]] = field(default_factory=list)

    def work_off(self, rows: Sequence[ArticleToFetch]) -> None:
        """Ask for the pages, extract what was answered, write all of it; each page in a transaction of its own."""
        by_id = {row.id: row for row in rows}
        requests: list[web.Request] = []
        for row in rows:
            with self.work.guard(row.id, _give_back(row)):
                with database.connect(self.work.settings) as connection:
                    fallback = store.fallback(connection, row.id)
                if row.url:
                    requests.append(_request(row, self.as_of))
                self.fallbacks[row.id] = fallback
        self.kit.client.gather(requests, lambda request, result: self._fetched(by_id[request.key], request, result))
        for row in rows:
            if not row.url and row.id in self.fallbacks:
                self._one(row, partial(self._unfetched, row, ItemError("no-link", "the entry has no address")))
        pages = (
            Page(response.body, response.final_url, response.headers.get("content-type"), self.fallbacks[row.id])
            for row, response in self.answered
        )
        extracted = self.kit.pool.extract(pages, now=self.work.now)
        for (row, response), result in zip(self.answered, extracted, strict=True):
            self._one(row, partial(self._read, row, response, result))

    def _one(self, row: ArticleToFetch, write: Write, on_fault: OnFault | None = None) -> None:
        """Write one page's outcome behind the barrier, and count it once that stands."""
        with self.work.alone(row.id, on_fault or _give_back(row)) as attempt:
            held = store.hold(attempt.connection, row)
            counted = write(attempt.connection) if held else ("lease_lost",)
            # Where another holds the page by now, that one has the last word on it.
            attempt.goes_on = not held or not counted
        if attempt.fault is None:
            for name in counted:
                self.work.counts[name] += 1

    def _fetched(self, row: ArticleToFetch, request: web.Request, result: Response | ItemError) -> None:
        """Log a request; what is no new body is settled with it, the others are extracted later."""

        def write(connection: database.Connection) -> Counted:
            if isinstance(result, ItemError) and result.reason == "internal":
                raise result  # our own client failed on this page
            feed_store.log_fetch(connection, _logged(row, request, result, self.work.now))
            if isinstance(result, ItemError):
                return self._unfetched(row, result, connection)
            if result.not_modified or _digest(result.body) == row.body_hash:
                return self._unchanged(row, connection)
            self.answered.append((row, result))
            return ()

        def note(connection: database.Connection, fault: Fault) -> None:
            store.give_back(connection, row)
            failed = ItemError("internal", str(fault))
            feed_store.log_fetch(connection, _logged(row, request, failed, self.work.now))

        self._one(row, write, note)

    def _read(
        self, row: ArticleToFetch, response: Response, result: Article | ItemError, connection: database.Connection
    ) -> Counted:
        """A page that was extracted, or was not."""
        if isinstance(result, InternalError):
            raise result
        if isinstance(result, ItemError):
            again = page_retries.next_try(result.reason, row.attempts, None, self.work.now)
            return self._failed(row, result, again, connection)
        return self._save(row, result, response, connection)

    def _unfetched(self, row: ArticleToFetch, error: ItemError, connection: database.Connection) -> Counted:
        """A page that could not be had: try again later, or let the feed's own text stand in."""
        if row.revision:
            # An article that is there stays as it is; the next look may do better.
            return self._unchanged(row, connection)
        again = page_retries.next_try(error.reason, row.attempts, error.retry_after, self.work.now)
        fallback = self.fallbacks[row.id]
        if again is not None or fallback is None:
            return self._failed(row, error, again, connection)
        try:
            article = extraction.from_feed(fallback, error.reason, url=row.url or None)
        except ItemError as nothing:
            return self._failed(row, nothing, None, connection)
        return self._save(row, article, None, connection)

    def _failed(
        self, row: ArticleToFetch, error: ItemError, again: datetime | None, connection: database.Connection
    ) -> Counted:
        """Write why a page gave no article, and when it is asked for again."""
        state = "extracted" if row.revision else "failed" if again is None else "pending"
        store.fail(
            connection,
            row.id,
            state=state,
            reason=error.reason,
            detail=error.detail or None,
            next_try_at=again or self.work.now,
        )
        return ("failed" if again is None else "to_retry",)

    def _unchanged(self, row: ArticleToFetch, connection: database.Connection) -> Counted:
        """A look again found nothing new; write when to look next."""
        born = row.published or row.first_seen_at
        look = page_retries.next_look(born, self.work.now, self.work.settings.refetch_hours)
        store.unchanged(connection, row.id, self.work.now, look)
        return ("unchanged",)

    def _save(
        self, row: ArticleToFetch, article: Article, response: Response | None, connection: database.Connection
    ) -> Counted:
        """Write an article, its revision and its difference; a page that names another's address is that article."""
        article = _dated(article, row, self.fallbacks[row.id])
        identity = urls.identity(article.canonical_url) if article.canonical_url else row.identity
        if identity != row.identity and store.fold(connection, row.id, identity):
            return ("same_article",)
        kind, diff = "first", None
        if row.revision:
            change = revisions.compare(row.title or "", row.text or "", article.title, article.text)
            if change is None:
                return self._unchanged(row, connection)
            kind, diff = change.kind, change.diff
        number, now = row.revision + 1, self.work.now
        store.add_revision(connection, Revision(row.id, number, now, kind, article.title, article.text, diff))
        look = page_retries.next_look(article.published or now, now, self.work.settings.refetch_hours)
        store.save(connection, row.id, article, _written(article, response, identity, number, now, look))
        counted = "revised" if number > 1 else "extracted"
        return (counted, "from_feed") if article.text_source == "feed" else (counted,)


def _give_back(row: ArticleToFetch) -> OnFault:
    return lambda connection, _: store.give_back(connection, row)


def _request(row: ArticleToFetch, as_of: datetime | None) -> web.Request:
    held = None
    if row.revision and (row.etag or row.last_modified):
        held = Validators(row.url, row.etag, row.last_modified)
    return web.Request(row.url, held, as_of, purpose="page", key=row.id)


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=16).digest()


def _written(
    article: Article, response: Response | None, identity: str, number: int, now: datetime, look: datetime | None
) -> Written:
    """What is saved beside the article: where it stands, what its next request sends, when that is."""
    kept = web.validators_of(response) if response is not None else None
    return Written(
        identity=identity,
        words=page_kinds.count_words(article.text),
        revision=number,
        body_hash=_digest(response.body) if response is not None else None,
        etag=kept.etag if kept else None,
        last_modified=kept.last_modified if kept else None,
        text_reason=article.problems[0] if article.text_source == "feed" and article.problems else None,
        now=now,
        next_refetch_at=look,
    )


def _dated(article: Article, row: ArticleToFetch, fallback: FeedEntry | None) -> Article:
    if article.published is not None:
        return article
    if fallback is not None and fallback.published is not None:
        return replace(article, published=fallback.published, published_rule="feed")
    return replace(article, published=row.first_seen_at, published_rule="first-seen")


def _logged(row: ArticleToFetch, request: web.Request, result: Response | ItemError, now: datetime) -> Fetch:
    """A request as the log has it."""
    asked = Fetch(at=now, as_of=request.as_of, kind="page", article_id=row.id, url=request.url, outcome="ok")
    if isinstance(result, ItemError):
        return replace(asked, outcome=result.reason, detail=result.detail or None)
    return replace(
        asked,
        outcome="not-modified" if result.not_modified else "ok",
        status=result.status,
        captured=result.captured,
        bytes=result.wire_bytes,
        elapsed=result.elapsed,
    )
