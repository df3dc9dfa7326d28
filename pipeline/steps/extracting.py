"""Fetch the pages that wait, extract their articles, keep each revision; where a page gives nothing, the feed does."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from pipeline import database, extraction, web
from pipeline.database import locks
from pipeline.errors import Fault, InternalError, ItemError
from pipeline.extraction import kinds as page_kinds
from pipeline.extraction import retries as page_retries
from pipeline.extraction import revisions
from pipeline.extraction.chronology import with_earlier
from pipeline.extraction.pool import ExtractionPool, Page
from pipeline.models import Article, FeedEntry, Response, Validators
from pipeline.settings import Settings
from pipeline.steps.arrivals import Arrivals
from pipeline.steps.asking import shared_client
from pipeline.steps.barrier import EXTRACT, OnFault, Work
from pipeline.steps.identifying import identify, shares_its_link
from pipeline.steps.standing import keeps, page_text, unrepeated
from pipeline.store import articles as store
from pipeline.store import feeds as feed_store
from pipeline.store.articles import ArticleToFetch, Revision, Written
from pipeline.store.feeds import Fetch
from pipeline.web import Arrived

log = logging.getLogger(__name__)

# Pages claimed at once; when half of them are settled, more are taken. Of several tasks each takes a share of what is
# left, or the last would wait for one that took more than its own.
_AT_ONCE = 60
# Of its lease a page may spend so much in waiting for its answer, and as much again for its extraction to begin.
_SHARE_OF_LEASE = 0.3
# The names under which one page counts; none while it is still to be extracted.
Counted = tuple[str, ...]
# Of these, outcomes that leave the page as it was, to a later try or to whoever holds it now.
_UNDECIDED = frozenset({"lease_lost", "not_reached", "unresponsive"})
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
    with locks.Owner(work.settings, "extract") as owner:
        seconds = work.settings.lease_seconds * _SHARE_OF_LEASE
        with Arrivals(kit.client, kit.pool, work.now, seconds) as arrivals:
            _Run(work, arrivals, as_of, owner).work_off()
        with database.connect(work.settings) as connection:
            held = store.held_elsewhere(connection, owner.id, work.now)
    if held:
        work.counts["held_elsewhere"] += held
        log.warning("extract: %d pages were left to others who hold them", held)


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A page under a lease, the feed's own words for it, and what its host answered once it did."""

    row: ArticleToFetch
    fallback: FeedEntry | None
    response: Response | None = None


@dataclass(slots=True)
class _Run:
    """Pages claimed a few at a time, and written one by one as they come; `as_of` is the archive's moment, None the
    web's. `_progress` says whether any of them was settled since the last claim, which
    brought `_last`."""

    work: Work
    arrivals: Arrivals
    as_of: datetime | None
    owner: locks.Owner
    _claimed: dict[int, _Claimed] = field(default_factory=dict)
    _progress: bool = True
    _last: int = _AT_ONCE

    def work_off(self) -> None:
        """Until nothing is due that can be had: a slow page keeps its place, and the others go round it."""
        more = True
        while True:
            if more and len(self._claimed) <= self._last // 2:
                more = self._claim(_AT_ONCE - len(self._claimed))
            event = self.arrivals.next()
            if isinstance(event, Arrived):
                self._fetched(self._claimed[event.request.key], event.request, event.result)
            elif event is not None:
                self._extracted(self._claimed[event.key], event.result)
            elif self._progress:
                # What was given back for want of time is due again.
                more = self._claim(_AT_ONCE)
                if not more and not self._claimed:
                    return
            else:
                return

    def _claim(self, limit: int) -> bool:
        """Take some pages and ask for them; whether there may be more."""
        work, requests = self.work, list[web.Request]()
        lease, tasks = work.settings.lease_seconds, 1 if self.as_of else work.settings.step_tasks
        with database.connect(work.settings) as connection:
            rows = store.claim(connection, owner=self.owner.id, now=work.now, lease=lease, limit=limit, tasks=tasks)
        self._progress, self._last = False, len(rows)
        for row in rows:
            with work.guard(row.id, _give_back(row)):
                with database.connect(work.settings) as connection:
                    page = _Claimed(row, store.fallback(connection, row.id))
                if row.url:
                    requests.append(_request(row, self.as_of))
                    self._claimed[row.id] = page
                else:
                    self._one(page, partial(self._unfetched, page, ItemError("no-link", "the entry has no address")))
        if requests:
            self.arrivals.ask(requests)
        return len(rows) == limit or (tasks > 1 and bool(rows))

    def _one(self, page: _Claimed, write: Write, on_fault: OnFault | None = None) -> bool:
        """Write one page's outcome behind the barrier, and count it once that stands; whether that was its last."""
        row, counted = page.row, Counted()
        with self.work.alone(row.id, on_fault or _give_back(row)) as attempt:
            held = store.hold(attempt.connection, row)
            counted = write(attempt.connection) if held else ("lease_lost",)
            attempt.goes_on = not counted or counted[0] in _UNDECIDED
        if attempt.fault is None:
            for name in counted:
                self.work.counts[name] += 1
        over = attempt.fault is not None or bool(counted)
        if over:
            self._claimed.pop(row.id, None)
            self._progress = self._progress or counted != ("not_reached",)
        return over

    def _fetched(self, page: _Claimed, request: web.Request, result: Response | ItemError) -> None:
        """Log a request; what is no new body is settled with it, the others are extracted next."""
        row = page.row

        def write(connection: database.Connection) -> Counted:
            if isinstance(result, ItemError):
                if result.reason == "internal":
                    raise result  # our own client failed on this page
                if result.reason in web.UNASKED:
                    return self._unasked(page, result, connection)
            feed_store.log_fetch(connection, _logged(row, request, result, self.work.now))
            if isinstance(result, ItemError):
                return self._unfetched(page, result, connection)
            if result.not_modified or (not self._is_late(row) and _digest(result.body) == row.body_hash):
                return self._unchanged(row, connection)
            return ()

        def note(connection: database.Connection, fault: Fault) -> None:
            store.give_back(connection, row)
            failed = ItemError("internal", str(fault))
            feed_store.log_fetch(connection, _logged(row, request, failed, self.work.now))

        if not self._one(page, write, note):
            assert isinstance(result, Response)
            self._claimed[row.id] = replace(page, response=result)
            kind = result.headers.get("content-type")
            self.arrivals.extract(row.id, Page(result.body, result.final_url, kind, page.fallback, request.url))

    def _extracted(self, page: _Claimed, result: Article | ItemError) -> None:
        """A page that was extracted, or was not, or whose turn did not come."""
        if isinstance(result, ItemError) and result.reason in web.UNASKED:
            self._one(page, partial(self._unasked, page, result))
        else:
            self._one(page, partial(self._read, page, result))

    def _unasked(self, page: _Claimed, error: ItemError, connection: database.Connection) -> Counted:
        """A page that was not asked for, or not looked at: no try of it, and it keeps its place in time."""
        row = page.row
        again = page_retries.next_turn(error.reason, row.first_seen_at, error.retry_after, self.work.now)
        if again is None:
            return self._unfetched(page, error, connection)
        store.give_back(connection, row)
        if again > self.work.now:
            store.postpone(connection, row, error.reason, error.detail, again)
        return (error.reason.replace("-", "_"),)

    def _read(self, page: _Claimed, result: Article | ItemError, connection: database.Connection) -> Counted:
        """A page that was extracted, or was not."""
        if isinstance(result, InternalError):
            raise result
        if page.fallback is not None and shares_its_link(page.row):
            # The page tells other stories too; what the feed said of this one is its text.
            with suppress(ItemError):
                result = extraction.from_feed(page.fallback, "shared-link", url=page.row.url)
        if isinstance(result, ItemError):
            again = page_retries.next_try(result.reason, page.row.attempts, None, self.work.now)
            return self._failed(page.row, result, again, connection)
        try:
            late = self._is_late(page.row)
            article = result if late else unrepeated(connection, page.row, result, page.fallback, self.work.now)
        except ItemError as nothing:
            return self._failed(page.row, nothing, None, connection)
        if keeps(page.row, article, page.fallback):
            return self._unchanged(page.row, connection)
        return self._save(page, article, connection, page_text(result))

    def _unfetched(self, page: _Claimed, error: ItemError, connection: database.Connection) -> Counted:
        """A page that could not be had: try again later, or let the feed's own text stand in."""
        row, fallback = page.row, page.fallback
        if row.revision:
            # An article that is there stays as it is; the next look may do better.
            self._unchanged(row, connection)
            return ("look_failed",)
        again = page_retries.next_try(error.reason, row.attempts, error.retry_after, self.work.now)
        if again is not None or fallback is None:
            return self._failed(row, error, again, connection)
        try:
            article = extraction.from_feed(fallback, error.reason, url=row.url or None)
        except ItemError as nothing:
            return self._failed(row, nothing, None, connection)
        return self._save(page, article, connection)

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
        self, page: _Claimed, article: Article, connection: database.Connection, text_key: bytes | None = None
    ) -> Counted:
        """Write an article, its revision and its difference; a page that names another's address is that article."""
        row = page.row
        article = _dated(article, row, page.fallback)
        identified = identify(connection, row, article)
        if identified is None:
            return ("same_article",)
        article, identity = identified
        if self._is_late(row):
            return self._insert(row, article, connection)
        kind, diff = "first", None
        if row.revision:
            change = revisions.compare(row.title or "", row.text or "", article.title, article.text)
            if change is None:
                return self._unchanged(row, connection)
            kind, diff = change.kind, change.diff
        number, now = row.revision + 1, self.work.now
        store.add_revision(connection, Revision(row.id, number, now, kind, article.title, article.text, diff))
        look = page_retries.next_look(article.published or now, now, self.work.settings.refetch_hours)
        written = replace(_written(article, page.response, identity, number, now, look), page_text=text_key)
        store.save(connection, row.id, article, written)
        counted = "revised" if number > 1 else "extracted"
        return (counted, "from_feed") if article.text_source == "feed" else (counted,)

    def _is_late(self, row: ArticleToFetch) -> bool:
        """Whether the page was read as of a later moment already."""
        return row.revision > 0 and row.fetched_at is not None and self.work.now < row.fetched_at

    def _insert(self, row: ArticleToFetch, article: Article, connection: database.Connection) -> Counted:
        """Put a wording of the past where its time is; the newest stays the article's."""
        now = self.work.now
        known = store.versions(connection, row.id)
        told = with_earlier(known, store.looks(connection, row.id, now), now, article.title, article.text)
        look = page_retries.next_look(article.published or now, now, self.work.settings.refetch_hours)
        store.retell(connection, row, told, look)
        return ("unchanged",) if told == known else ("revised",)


def _give_back(row: ArticleToFetch) -> OnFault:
    return lambda connection, _: store.give_back(connection, row)


def _request(row: ArticleToFetch, as_of: datetime | None) -> web.Request:
    held = None
    is_late = as_of is not None and row.fetched_at is not None and as_of < row.fetched_at
    if row.revision and (row.etag or row.last_modified) and not is_late:
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
        page_text=None,
        now=now,
        next_refetch_at=look,
    )


def _dated(article: Article, row: ArticleToFetch, fallback: FeedEntry | None) -> Article:
    if article.published is not None:
        return article
    if fallback is not None and fallback.published is not None:
        precision = fallback.published_precision
        return replace(article, published=fallback.published, published_rule="feed", stated_precision=precision)
    return replace(article, published=row.first_seen_at, published_rule="first-seen", stated_precision="instant")


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
