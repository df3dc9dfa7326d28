"""Poll feeds: claim, ask, sort what came into entries and revisions, decide the next time; all of it on the row."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pipeline import database, polling, urls, web
from pipeline.database import locks
from pipeline.errors import Fault, InternalError, ItemError
from pipeline.feeds import sightings
from pipeline.feeds.reading import Document, FeedReader
from pipeline.models import FeedEntry, ParsedFeed, Response, Validators
from pipeline.polling.state import PollState
from pipeline.settings import Settings
from pipeline.steps.asking import shared_client
from pipeline.steps.barrier import POLL, OnFault, Work
from pipeline.steps.notifying import tell_of_clock
from pipeline.steps.pushing import keep_pushed, note_hub
from pipeline.steps.retelling import retell
from pipeline.steps.timekeeping import pull_back_feeds
from pipeline.store import entries as entry_store
from pipeline.store import faults
from pipeline.store import feeds as store
from pipeline.store.feeds import FeedToPoll, Fetch, Polled

log = logging.getLogger(__name__)

# Of its lease a feed may spend so much in waiting for its answer; the rest is for reading and writing it.
_SHARE_OF_LEASE = 0.5


@dataclass(frozen=True, slots=True)
class Poll:
    """One feed to ask, as of a past moment or (None) now."""

    feed_id: int
    as_of: datetime | None = None


def due_batches(settings: Settings, *, now: datetime, size: int = 50) -> list[list[int]]:
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
    settings: Settings, *, feed_ids: Sequence[int], now: datetime, as_of: datetime | None = None
) -> dict[str, Any]:
    """Ask these feeds, but for those that another worker or a fault holds; returns counts by outcome and of entries."""
    work = Work(settings, now, POLL)
    with FeedReader.from_settings(settings) as reader:
        poll_with(work, reader, [Poll(feed_id, as_of) for feed_id in feed_ids])
    return work.finish()


def poll_with(work: Work, reader: FeedReader, polls: Sequence[Poll]) -> None:
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
            _ask(work, client, reader, owner, group)
    if work.counts["held_elsewhere"]:
        log.warning("poll: %d feeds were left to others who hold them", work.counts["held_elsewhere"])


@dataclass(frozen=True, slots=True)
class _Asked:
    """One feed that was asked: its row, what was sent, the request, and the moment that the answer is of.

    `moving` says that the request went to the address that the feed announced, to see whether it lives there.
    """

    row: FeedToPoll
    sent: Validators | None
    request: web.Request
    now: datetime
    moving: bool = False

    @property
    def is_late(self) -> bool:
        """Whether the feed was asked as of a later moment already: what it said since is known."""
        return self.row.last_polled_at is not None and self.now < self.row.last_polled_at

    def fetch(self, outcome: str, detail: str | None) -> Fetch:
        """The request as the log has it, without what only an answer knows."""
        return Fetch(
            at=self.now,
            as_of=self.request.as_of,
            kind="feed",
            feed_id=self.row.id,
            url=self.request.url,
            outcome=outcome,
            detail=detail,
        )


def _known(row: FeedToPoll, now: datetime, as_of: datetime | None) -> PollState:
    """What is remembered of a feed; asked as of a past moment, also what came after that."""
    state = PollState.from_json(row.poll_state)
    return state.until(now) if as_of is None else state


def _give_back(row: FeedToPoll) -> OnFault:
    return lambda connection, _: store.give_back(connection, row)


def _ask(work: Work, client: web.Client, reader: FeedReader, owner: locks.Owner, group: dict[int, Poll]) -> None:
    moments = {feed_id: each.as_of or work.now for feed_id, each in group.items()}
    with database.connect(work.settings) as connection:
        held = faults.held(connection, POLL.name, POLL.kind, moments)
        wanted = sorted(moments.keys() - held)
        rows = store.claim(connection, wanted, owner=owner.id, lease=work.settings.lease_seconds)
    work.counts["held_elsewhere"] += len(group) - len(rows) - len(held)
    asked: dict[int, _Asked] = {}
    for row in rows:
        with work.guard(row.id, _give_back(row), now=moments[row.id]):
            asked[row.id] = _asked(row, group[row.id].as_of, moments[row.id])

    def settle(request: web.Request, result: Response | ItemError) -> None:
        one = asked[request.key]

        def note(connection: database.Connection, fault: Fault) -> None:
            store.give_back(connection, one.row)
            store.log_fetch(connection, one.fetch("internal", str(fault)))

        if isinstance(result, ItemError) and result.reason in web.UNASKED:
            _unasked(work, one, result)
            return
        work.counts["polled"] += 1
        parsed: list[_Parsed] = []
        with work.guard(one.row.id, note, now=one.now):
            parsed.append(_parsed(reader, one, result))
        if not parsed:
            return
        ended: _Ended | None = None
        with work.alone(one.row.id, note, now=one.now) as attempt:
            if store.hold(attempt.connection, one.row):
                ended = _settle(work.settings, attempt.connection, one, parsed[0])
            else:
                attempt.goes_on = True  # whoever holds it now has the last word
        if attempt.fault is None and ended is None:
            work.counts["lease_lost"] += 1
        elif ended is not None and attempt.fault is None:
            work.counts[ended.outcome.replace("-", "_")] += 1
            work.counts["entries"] += ended.new
            work.counts["edited"] += ended.edited

    seconds = work.settings.lease_seconds * _SHARE_OF_LEASE
    client.gather([one.request for one in asked.values()], settle, seconds=seconds)


def _asked(row: FeedToPoll, as_of: datetime | None, now: datetime) -> _Asked:
    state = _known(row, now, as_of)
    sent = polling.validators_for(state, now)
    if as_of is None and (announced := polling.address_to_try(state, now)):
        return _Asked(row, None, web.Request(announced, purpose="feed", key=row.id), now, moving=True)
    one = _Asked(row, sent, web.Request(row.url, sent, as_of, purpose="feed", key=row.id), now)
    if not one.is_late:
        return one
    # The validators are of a later document, and say nothing of one before it.
    return replace(one, sent=None, request=replace(one.request, validators=None))


def _unasked(work: Work, one: _Asked, error: ItemError) -> None:
    """Give back a feed that was not asked: its polling stays as it was, and it is due again when its host is."""
    with work.alone(one.row.id, _give_back(one.row), now=one.now) as attempt:
        attempt.goes_on = True
        store.give_back(attempt.connection, one.row)
        if error.retry_after and one.request.as_of is None:
            store.postpone(attempt.connection, one.row, one.now + timedelta(seconds=error.retry_after))
    work.counts[error.reason.replace("-", "_")] += 1


@dataclass(frozen=True, slots=True)
class _Parsed:
    """How a feed answered, and the feed that the answer is; None where it says nothing new or could not be read."""

    result: Response | ItemError
    feed: ParsedFeed | None = None
    error: ItemError | None = None


def _parsed(reader: FeedReader, one: _Asked, result: Response | ItemError) -> _Parsed:
    """Read an answer that says something new, before any transaction: that may take its time."""
    if isinstance(result, ItemError) or result.not_modified:
        return _Parsed(result)
    if not one.is_late and polling.body_hash(result.body) == PollState.from_json(one.row.poll_state).body_hash:
        return _Parsed(result)
    try:
        return _Parsed(result, reader.read(Document.of(result, one.now)))
    except ItemError as error:
        return _Parsed(result, error=error)


@dataclass(frozen=True, slots=True)
class _Read:
    """What an answer held: the feed, which of its entries are new or edited, or why it could not be read."""

    feed: ParsedFeed | None = None
    sighting: sightings.Sighting | None = None
    error: ItemError | None = None
    edited: int = 0

    @property
    def new(self) -> Sequence[FeedEntry]:
        """The entries that were not known."""
        return self.sighting.new if self.sighting else ()


@dataclass(frozen=True, slots=True)
class _Ended:
    """How one poll ended, for the counts."""

    outcome: str
    new: int
    edited: int


def _settle(settings: Settings, connection: database.Connection, one: _Asked, parsed: _Parsed) -> _Ended:
    """Write how one poll ended: entries, log, gap, state and the next time, in one transaction."""
    result = parsed.result
    for failed in (result, parsed.error):
        if isinstance(failed, InternalError):
            raise failed  # our own client, or our own parser, failed on this feed
    state = _known(one.row, one.now, one.request.as_of)
    read = _sorted(connection, one, parsed)
    bounds = polling.Bounds(settings.min_poll_interval, settings.max_poll_interval)
    wrong = result if isinstance(result, ItemError) else read.error
    if one.moving and wrong is not None:
        decision = polling.refused(state, wrong, one.now, bounds=bounds, feed_id=one.row.id)
        _write(connection, one, decision, _Read())
        store.log_fetch(connection, _logged(one, decision, _Read(error=read.error), result))
        return _Ended("move-refused", 0, 0)
    if isinstance(result, ItemError):
        outcome = polling.PollOutcome.failed(result)
    elif read.error is not None:
        outcome = polling.PollOutcome.failed(read.error)
    else:
        kept = web.validators_of(result)
        outcome = polling.PollOutcome.answered(result, one.sent, kept, read.feed, read.new, one.now)
    headers = {} if isinstance(result, ItemError) else result.headers
    hints = polling.update_hints(headers, read.feed, one.now)
    decision = polling.next_poll(state, outcome, hints, one.now, bounds=bounds, feed_id=one.row.id)
    if one.moving:
        state = polling.followed(decision.state)
        decision = replace(decision, state=state, new_url=decision.new_url or one.request.url)
    if one.is_late:
        store.read_late(connection, one.row)
    else:
        _write(connection, one, decision, read)
        if read.feed is not None and not isinstance(result, ItemError):
            note_hub(settings, connection, one.row.id, read.feed, result, one.now)
    store.log_fetch(connection, _logged(one, decision, read, result))
    return _Ended(decision.outcome, len(read.new), read.edited)


def _sorted(connection: database.Connection, one: _Asked, parsed: _Parsed) -> _Read:
    """Sort the entries of a feed against those known, and write them."""
    row, feed = one.row, parsed.feed
    if feed is None:
        if parsed.error is None and one.request.as_of is not None and not isinstance(parsed.result, ItemError):
            entry_store.same_document(connection, row.id, one.now)
        return _Read(error=parsed.error)
    sighting = sightings.reconcile(entry_store.known(connection, row.id, feed.entries), feed.entries)
    if one.moving and not sighting.known and not _same_site(one, parsed.result):
        return _Read(error=ItemError("another-feed", "it announced an address where nothing of it is known"))
    if one.is_late:
        return _Read(feed, sighting, edited=retell(connection, row.id, sighting, one.now))
    entry_store.apply(connection, row.id, sighting, one.now)
    return _Read(feed, sighting, edited=len(sighting.edited))


def _same_site(one: _Asked, result: Response | ItemError) -> bool:
    """Whether the answer of an announced address is of the domain at which the feed lives."""
    there = one.request.url if isinstance(result, ItemError) else result.final_url
    return urls.registered_domain(there) == urls.registered_domain(one.row.url)


def _write(connection: database.Connection, one: _Asked, decision: polling.PollDecision, read: _Read) -> None:
    """Write how polling of the feed stands; a feed that moved onto another one's address is retired."""
    row, feed = one.row, read.feed
    url, state, reason = row.url, decision.feed_state, decision.feed_reason
    if decision.new_url is not None:
        twin = store.url_taken(connection, row.id, decision.new_url)
        if twin is None:
            url = decision.new_url
        else:
            state, reason = "retired", f"moved to {decision.new_url}, which is feed {twin}"
    polled = Polled(
        id=row.id,
        url=url,
        poll_state=decision.state.to_json(),
        state=state,
        state_reason=reason,
        next_poll_at=decision.next_at,
        new=len(read.new),
        now=one.now,
        format=feed.format if feed else None,
        title=feed.title if feed else None,
        home_url=feed.home_url if feed else None,
    )
    store.polled(connection, polled)
    if decision.gap is not None:
        store.gap(connection, row.id, one.now, decision.gap.since, decision.gap.until)


def _logged(one: _Asked, decision: polling.PollDecision, read: _Read, result: Response | ItemError) -> Fetch:
    """The request as the log has it."""
    if isinstance(result, ItemError):
        return replace(one.fetch(decision.outcome, result.detail), new_entries=0)
    return replace(
        one.fetch(decision.outcome, read.error.detail if read.error else None),
        status=result.status,
        captured=result.captured,
        bytes=result.wire_bytes,
        elapsed=result.elapsed,
        entries=len(read.feed.entries) if read.feed else None,
        new_entries=len(read.new),
    )
