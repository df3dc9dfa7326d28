"""Poll feeds: claim, ask, sort what came into entries and revisions, decide the next time; all of it on the row.

Feeds are claimed a few at a time, in their order, as others are over: a slow host keeps its place, and the rest go
round it. What is there is read in processes of its own and written in batches, each in one transaction.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pipeline import database, web
from pipeline.database import locks
from pipeline.errors import Fault, ItemError
from pipeline.feeds.reading import TOO_LARGE, Document, FeedReader
from pipeline.models import ParsedFeed, Response
from pipeline.settings import Settings
from pipeline.steps.answers import Answer, Asked, Ended, write
from pipeline.steps.asking import shared_client
from pipeline.steps.barrier import POLL, OnFault, Work, absorb
from pipeline.steps.contention import again
from pipeline.steps.notifying import tell_of_clock
from pipeline.steps.pushing import keep_pushed
from pipeline.steps.timekeeping import pull_back_feeds
from pipeline.steps.underway import Underway
from pipeline.store import faults
from pipeline.store import feeds as store
from pipeline.store.feeds import FeedToPoll
from pipeline.web import Arrived
from pipeline.workers import Pending

log = logging.getLogger(__name__)

# Of its lease a feed may spend so much in waiting for its answer, and as much again for its reading to begin.
_SHARE_OF_LEASE = 0.4
# Feeds under way at once, and how many are claimed together. A host that is asked for the first time takes two requests
# and the pause between them, some 2.3 seconds in all: so many feeds keep two cores busy meanwhile.
_AT_ONCE, _CLAIM = 1024, 128
# Answers written together, and the seconds for which they wait for others.
_TOGETHER, _PATIENCE = 64, 0.25


@dataclass(frozen=True, slots=True)
class Poll:
    """One feed to ask, as of a past moment or (None) now."""

    feed_id: int
    as_of: datetime | None = None


def due_batches(settings: Settings, *, now: datetime, size: int = 2_500) -> list[list[int]]:
    """The ids of the feeds to ask now, in batches of `size`, longest overdue first. What hubs pushed is read before."""
    if settings.push_url:
        log.info("push: %s", keep_pushed(settings, now=now))
    with database.connect(settings) as connection:
        pulled_back = pull_back_feeds(settings, connection, now)
        due = store.due(connection, now)
    if pulled_back:
        tell_of_clock(settings, pulled_back=pulled_back)
    return [due[start : start + size] for start in range(0, len(due), size)]


def poll(
    settings: Settings,
    *,
    feed_ids: Sequence[int],
    now: datetime,
    as_of: datetime | None = None,
    on_result: Callable[[], object] = lambda: None,
) -> dict[str, Any]:
    """Ask these feeds, but for those that another worker or a fault holds; returns counts by outcome and of entries.

    `on_result` is called once for each feed that is over, for a progress bar.
    """
    work = Work(settings, now, POLL)
    with FeedReader.from_settings(settings, settings.extract_processes) as reader:
        poll_with(work, reader, [Poll(feed_id, as_of) for feed_id in feed_ids], on_result)
    return work.finish()


def poll_with(
    work: Work, reader: FeedReader, polls: Sequence[Poll], on_result: Callable[[], object] = lambda: None
) -> None:
    """Ask feeds in the given order, a feed's own polls one after the other; `work.now` is now."""
    rounds: list[dict[int, Poll]] = []
    for each in polls:
        free = next((r for r in rounds if each.feed_id not in r), None)
        if free is None:
            free = {}
            rounds.append(free)
        free[each.feed_id] = each
    with shared_client(work.settings) as client, locks.Owner(work.settings, "poll") as owner:
        for group in rounds:
            with _Reading(client, reader, work.settings.lease_seconds * _SHARE_OF_LEASE) as underway:
                _Run(work, underway, owner, group, on_result).work_off()
    if work.counts["held_elsewhere"]:
        log.warning("poll: %d feeds were left to others who hold them", work.counts["held_elsewhere"])


class _Reading(Underway[Document, ParsedFeed]):
    """See `Underway`; a document is read as of its own moment."""

    bounded = True

    def __init__(self, client: web.Client, reader: FeedReader, seconds: float) -> None:
        super().__init__(client, seconds, TOO_LARGE)
        self._reader = reader

    def _submit(self, document: Document, done: Callable[[], object]) -> Pending[Any, ParsedFeed]:
        return self._reader.submit(document, done)


@dataclass(slots=True)
class _Run:
    """Feeds claimed a few at a time; their answers are read and written as they come."""

    work: Work
    underway: _Reading
    owner: locks.Owner
    polls: Mapping[int, Poll]
    on_result: Callable[[], object]
    _asked: dict[int, Asked] = field(default_factory=dict)
    _results: dict[int, Response] = field(default_factory=dict)
    _ready: list[Answer] = field(default_factory=list)

    def work_off(self) -> None:
        """Until every feed is over."""
        waiting = deque(self.polls)
        while waiting or len(self.underway) or self._ready:
            while waiting and len(self._asked) <= _AT_ONCE - _CLAIM:
                self._claim([waiting.popleft() for _ in range(min(_CLAIM, len(waiting)))])
            event = self.underway.next(_PATIENCE if self._ready else None)
            if isinstance(event, Arrived):
                self._arrived(self._asked[event.request.key], event.result)
            elif event is not None:
                self._read(self._asked[event.key], event.result)
            if len(self._ready) >= _TOGETHER or (event is None and self._ready):
                self._write()

    def _claim(self, ids: Sequence[int]) -> None:
        """Take some feeds and ask them."""
        work, requests = self.work, list[web.Request]()
        moments = {feed_id: self.polls[feed_id].as_of or work.now for feed_id in ids}
        with database.connect(work.settings) as connection:
            held = faults.held(connection, POLL.name, POLL.kind, moments)
            wanted = sorted(moments.keys() - held)
            rows = store.claim(connection, wanted, owner=self.owner.id, lease=work.settings.lease_seconds)
        work.counts["held_elsewhere"] += len(ids) - len(rows) - len(held)
        claimed = {row.id: row for row in rows}
        for feed_id in ids:
            row = claimed.get(feed_id)
            if row is None:
                self.on_result()
                continue
            with work.guard(feed_id, _give_back(row), now=moments[feed_id]):
                self._asked[feed_id] = Asked.of(row, self.polls[feed_id].as_of, moments[feed_id])
                requests.append(self._asked[feed_id].request)
            if feed_id not in self._asked:
                self.on_result()
        if requests:
            self.underway.ask(requests)

    def _arrived(self, one: Asked, result: Response | ItemError) -> None:
        """An answer, or none: what has a document is read next."""
        if isinstance(result, ItemError) and result.reason in web.UNASKED:
            self._unasked(one, result)
            return
        self.work.counts["polled"] += 1
        goes_on = False
        with self.work.guard(one.row.id, self._note(one), now=one.now):
            if one.is_news(result) and isinstance(result, Response):
                self.underway.work(one.row.id, Document.of(result, one.now))
                self._results[one.row.id] = result
            else:
                self._ready.append(Answer(one, result))
            goes_on = True
        if not goes_on:
            self._over(one)

    def _read(self, one: Asked, read: ParsedFeed | ItemError) -> None:
        """A document that was read, or was not, or whose turn did not come."""
        result = self._results.pop(one.row.id)
        if isinstance(read, ItemError) and read.reason in web.UNASKED:
            self.work.counts["polled"] -= 1
            self._unasked(one, read)
        elif isinstance(read, ItemError):
            self._ready.append(Answer(one, result, error=read))
        else:
            self._ready.append(Answer(one, result, read))

    def _unasked(self, one: Asked, error: ItemError) -> None:
        """Give back a feed that was not asked: its polling stays as it was, and it is due again when its host is."""
        with self.work.alone(one.row.id, _give_back(one.row), now=one.now) as attempt:
            attempt.goes_on = True
            store.give_back(attempt.connection, one.row)
            if error.retry_after and one.request.as_of is None:
                store.postpone(attempt.connection, one.row, one.now + timedelta(seconds=error.retry_after))
        self.work.counts[error.reason.replace("-", "_")] += 1
        self._over(one)

    def _write(self) -> None:
        """Write what is ready: together, or each alone where that fails, so that a fault stays its feed's."""
        answers, self._ready = self._ready, []
        together = [each for each in answers if each.fault is None]
        alone = [each for each in answers if each.fault is not None]
        if len(together) > 1 and self._written_together(together):
            together = []
        for each in (*together, *alone):
            self._written_alone(each)
        for each in answers:
            self._over(each.asked)

    def _written_together(self, answers: Sequence[Answer]) -> bool:
        """Write answers in one transaction; whether it stands."""
        work = self.work
        ids = [each.asked.row.id for each in answers]

        def once() -> dict[int, Ended]:
            with database.connect(work.settings) as connection:
                ended = write(work.settings, connection, answers)
                faults.clear(connection, POLL.name, POLL.kind, list(ended))
                return ended

        try:
            ended = again(once)
        except Exception as error:
            log.warning("poll: %d feeds are written one by one: %s", len(answers), absorb(error))
            return False
        work.tally.tried += len(ended)
        for feed_id in ids:
            self._count(ended.get(feed_id))
        return True

    def _written_alone(self, answer: Answer) -> None:
        """Write one answer behind the barrier."""
        one, ended = answer.asked, dict[int, Ended]()
        with self.work.alone(one.row.id, self._note(one), now=one.now) as attempt:
            ended = write(self.work.settings, attempt.connection, [answer])
            attempt.goes_on = not ended  # whoever holds it now has the last word
        if attempt.fault is None:
            self._count(ended.get(one.row.id))

    def _count(self, ended: Ended | None) -> None:
        counts = self.work.counts
        if ended is None:
            counts["lease_lost"] += 1
            return
        counts[ended.outcome.replace("-", "_")] += 1
        counts["entries"] += ended.new
        counts["edited"] += ended.edited

    def _over(self, one: Asked) -> None:
        del self._asked[one.row.id]
        self.on_result()

    @staticmethod
    def _note(one: Asked) -> OnFault:
        def note(connection: database.Connection, fault: Fault) -> None:
            store.give_back(connection, one.row)
            store.log_fetch(connection, one.fetch("internal", str(fault)))

        return note


def _give_back(row: FeedToPoll) -> OnFault:
    return lambda connection, _: store.give_back(connection, row)
