"""When to ask a feed again, how, and what its answers say about its health. Pure: `now` is passed in.

The interval follows what the feed publishes. To keep the delay of all entries lowest for a given number of
requests, polls should be spread by the square root of each feed's rate (Sia, Cho & Cho, "Efficient Monitoring
Algorithm for Fast News Alerts", TKDE 2007): interval = sqrt(gap between entries * POLL_COST).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pipeline.errors import ItemError
from pipeline.models import FeedEntry, Hop, ParsedFeed, Response, Validators
from pipeline.polling import moves
from pipeline.polling.failures import PAUSED, Bounds, backoff, must_pause, paused_wait, weight
from pipeline.polling.hints import LONGEST_SKIP, UpdateHints, outside_skipped, update_hints
from pipeline.polling.state import DISTRUST, PollState

__all__ = [
    "Bounds",
    "EntriesSeen",
    "Gap",
    "PollDecision",
    "PollOutcome",
    "PollState",
    "UpdateHints",
    "body_hash",
    "longest_wait",
    "next_poll",
    "update_hints",
    "validators_for",
]

#: What one request is worth: a feed with an entry an hour is asked every 10 minutes, one with an entry a day every
#: 49. Chosen by ``bench/polling.py``; its note in docs/notes has requests and delay beside other values.
POLL_COST = 100.0
#: Entries whose times tell the rate, and the gap (seconds) assumed beside them while they are few.
RECENT = 10
PRIOR_GAP = 3_600.0
#: A validator is doubted after this many usual gaps without a new entry, within these bounds (seconds).
DOUBT_GAPS, DOUBT_FROM, DOUBT_TO = 4.0, 3_600.0, 86_400.0
#: Shortest time (seconds) without entries that is taken for a failure in a feed that always had some.
SILENT_AFTER = 86_400.0
#: Feeds are spread in time by up to this share of their interval.
MOST_SPREAD = 0.1
#: Retry-After is believed up to a week.
MAX_RETRY_AFTER = 604_800.0


@dataclass(frozen=True, slots=True)
class EntriesSeen:
    """The entries of one document: how many, how many of them known before, and when they say they were published.

    `published` are the times of all entries that have one, `fresh` those of the new entries (the poll's own time
    where an entry has none).
    """

    total: int
    known: int
    published: tuple[datetime, ...] = ()
    fresh: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """How a poll ended. `reason` is an `ItemError`'s, None where the feed answered.

    `entries` is None where there was nothing to read: a failure, 304, or the same body as before. `conditional`
    says that validators were sent. `announced` is the new address that the document gives.
    """

    reason: str | None = None
    retry_after: float | None = None
    not_modified: bool = False
    conditional: bool = False
    validators: Validators | None = None
    body_hash: str | None = None
    hops: tuple[Hop, ...] = ()
    entries: EntriesSeen | None = None
    announced: str | None = None

    @classmethod
    def failed(cls, error: ItemError) -> PollOutcome:
        """The outcome of a poll that raised."""
        return cls(reason=error.reason, retry_after=error.retry_after)

    @classmethod
    def answered(
        cls,
        response: Response,
        sent: Validators | None,
        kept: Validators | None,
        feed: ParsedFeed | None = None,
        new: Sequence[FeedEntry] = (),
        now: datetime | None = None,
    ) -> PollOutcome:
        """The outcome of an answer: `sent` validators went out, `kept` came back, `new` are the unknown entries.

        `feed` is None for a 304 and for a body whose hash is the one of the state.
        """
        seen = None
        if feed is not None:
            times = tuple(entry.published for entry in feed.entries if entry.published is not None)
            fresh = tuple(entry.published or now for entry in new if entry.published or now)
            seen = EntriesSeen(len(feed.entries), len(feed.entries) - len(new), times, tuple(t for t in fresh if t))
        digest = None if response.not_modified else body_hash(response.body)
        target = feed.new_url if feed is not None else None
        return cls(None, None, response.not_modified, sent is not None, kept, digest, response.hops, seen, target)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which the feed may have published what was never seen."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class PollDecision:
    """What follows from a poll.

    `feed_state` is ``active``, ``paused`` or ``retired``, `feed_reason` why it is not active. `outcome` is ``ok``,
    ``not-modified``, ``unchanged`` (the same body again), ``empty``, or the reason of the failure. `rule` names what
    set the time: ``published``, ``window``, ``cache-control``, ``ttl``, ``longest``, ``shortest``, ``backoff``,
    ``retry-after``, ``paused``, ``retired``, with ``+skip`` where skipHours or skipDays moved it. `new_url` is set
    where the feed has moved for good.
    """

    state: PollState
    next_at: datetime
    outcome: str
    rule: str
    feed_state: str = "active"
    feed_reason: str | None = None
    new_url: str | None = None
    gap: Gap | None = None


def body_hash(body: bytes) -> str:
    """A short digest of a body, to see that it is the same as before."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def publishing_gap(state: PollState, now: datetime) -> float:
    """Seconds expected between two entries, from the newest ones and the silence since."""
    since = state.recent[-1] if state.recent else state.started or now
    return (max((now - since).total_seconds(), 0.0) + PRIOR_GAP) / (len(state.recent) + 1)


def longest_wait(bounds: Bounds) -> timedelta:
    """No poll is set further ahead than this: the longest interval, pause or Retry-After, moved on by skipped hours."""
    paused = max(wait.total_seconds() for _, wait in PAUSED)
    return timedelta(seconds=max(bounds.longest, paused, MAX_RETRY_AFTER) * (1 + MOST_SPREAD)) + LONGEST_SKIP


def validators_for(state: PollState, now: datetime) -> Validators | None:
    """The validators to send with the next poll; None where there are none, or to see whether they tell the truth.

    Servers exist that answer 304 for good. After a silence that is long for the feed one poll goes without
    validators; where it brings what the validators denied, they rest for a month.
    """
    if state.validators is None or state.answered_full is None or not state.proven:
        return None
    if state.distrust_until is not None and now < state.distrust_until:
        return None
    # A document of few entries turns over before four gaps are past.
    gaps = min(DOUBT_GAPS, state.held / 2) if state.held else DOUBT_GAPS
    doubt = min(max(gaps * publishing_gap(state, state.answered_full), DOUBT_FROM), DOUBT_TO)
    return state.validators if (now - state.answered_full).total_seconds() < doubt else None


def next_poll(
    state: PollState, outcome: PollOutcome, hints: UpdateHints, now: datetime, *, bounds: Bounds, feed_id: int
) -> PollDecision:
    """Decide the next poll of a feed after `outcome`, and what the feed's row should say.

    `feed_id` spreads feeds in time, always in the same way. `hints` are those of this answer; for a 304 or an
    unchanged body the document's hints are remembered from the last one that was read.
    """
    state = replace(state, polls=state.polls + 1, started=state.started or now)
    if outcome.reason is not None:
        return _after_failure(state, outcome.reason, outcome.retry_after, now, bounds, feed_id)
    if outcome.entries is None:
        hints = replace(state.hints, fresh_for=hints.fresh_for)
    gap = _gap(state, outcome)
    state, new_url = moves.redirected(_remember(state, outcome, hints, now), outcome.hops, now)
    state = moves.announced(state, outcome.entries is not None, outcome.announced, now)
    if _silent(state, now):
        # A feed may fall silent because it has moved.
        return replace(_after_failure(state, "silent-zero", None, now, bounds, feed_id), new_url=new_url)
    state = replace(state, failures=0.0, failing_since=None, reason=None, paused_since=None)
    interval, rule = _interval(state, hints, now, bounds)
    state = replace(state, interval=interval)
    next_at, rule = _outside(now + timedelta(seconds=interval * _spread(feed_id, state.polls)), hints, rule)
    return PollDecision(state, next_at, _named(outcome), rule, new_url=new_url, gap=gap)


# --- an answer --------------------------------------------------------------------------------------------


def refused(state: PollState, error: ItemError, now: datetime, *, bounds: Bounds, feed_id: int) -> PollDecision:
    """What follows where the address that the feed announced is no feed, or another: its own is asked on, soon."""
    state = moves.refused(state, now)
    next_at, rule = now + timedelta(seconds=bounds.shortest * _spread(feed_id, state.polls)), "shortest"
    return PollDecision(state, next_at, error.reason, rule)


def _named(outcome: PollOutcome) -> str:
    if outcome.not_modified:
        return "not-modified"
    if outcome.entries is None:
        return "unchanged"
    return "ok" if outcome.entries.total else "empty"


def _remember(state: PollState, outcome: PollOutcome, hints: UpdateHints, now: datetime) -> PollState:
    if outcome.not_modified:
        return replace(state, answered_304=now, validators=_refreshed(state.validators, outcome.validators))
    first = state.answered_full is None
    lied = _lied(state, outcome, now)
    distrust = now + DISTRUST if lied else state.distrust_until
    state = replace(
        state,
        validators=outcome.validators,
        proven=not lied and _proven(state, outcome),
        body_hash=outcome.body_hash,
        answered_full=now,
        answered_304=None,
        distrust_until=distrust,
    )
    seen = outcome.entries
    if seen is None:
        return state
    state = replace(state, hints=hints)
    if seen.total == 0:
        return replace(state, empty_since=state.empty_since or now, held=0)
    if state.empty_since is not None:
        lasted = (now - state.empty_since).total_seconds()
        state = replace(state, empty_since=None, longest_empty=max(state.longest_empty, lasted))
    # At the first sight of a feed its dates tell its pace; later each new entry does, dated or not.
    times = seen.published if first else seen.fresh
    recent = sorted({*state.recent, *(min(time, now) for time in times)}, reverse=True)[:RECENT]
    newest = max([time for time in seen.published if time <= now], default=None)
    if newest is None or (state.newest is not None and state.newest > newest):
        newest = state.newest
    return replace(state, recent=tuple(recent), newest=newest, held=seen.total)


def _refreshed(old: Validators | None, new: Validators | None) -> Validators | None:
    # A 304 may carry a newer validator (RFC 9110, section 15.4.5), but one without any takes nothing away.
    return new if new is not None and old is not None and new.url == old.url else old


def _lied(state: PollState, outcome: PollOutcome, now: datetime) -> bool:
    """Whether a poll without validators brought what earlier 304s had denied."""
    if outcome.conditional or state.answered_304 is None or state.validators is None:
        return False
    if outcome.body_hash == state.body_hash:
        return False
    if outcome.validators is not None and outcome.validators == state.validators:
        return True
    # Half an hour for publishers that date entries by when they were written.
    before = state.answered_304 - timedelta(minutes=30)
    return outcome.entries is not None and any(time < before for time in outcome.entries.fresh)


def _proven(state: PollState, outcome: PollOutcome) -> bool:
    """Whether this server's validators are known to change when the document does."""
    old, new = state.validators, outcome.validators
    if old is None or new is None or old.url != new.url:
        return False
    if outcome.body_hash == state.body_hash:
        return state.proven
    # All of them: which one a server looks at first is its own affair.
    both = ((old.etag, new.etag), (old.last_modified, new.last_modified))
    return all(before != after for before, after in both if before or after)


def _gap(state: PollState, outcome: PollOutcome) -> Gap | None:
    seen = outcome.entries
    if seen is None or seen.total == 0 or seen.known or not seen.published or state.newest is None:
        return None
    oldest = min(seen.published)
    return Gap(state.newest, oldest) if oldest > state.newest else None


def _silent(state: PollState, now: datetime) -> bool:
    """Whether the feed has been empty for longer than it ever was before."""
    if state.empty_since is None:
        return False
    return (now - state.empty_since).total_seconds() > max(state.longest_empty, SILENT_AFTER)


def _interval(state: PollState, hints: UpdateHints, now: datetime, bounds: Bounds) -> tuple[float, str]:
    gap = publishing_gap(state, now)
    interval, rule = math.sqrt(gap * POLL_COST), "published"
    # Half of what the document holds at this pace: beyond, entries would leave it unseen.
    window = gap * state.held / 2 if state.held else math.inf
    if window < interval:
        interval, rule = window, "window"
    if hints.fresh_for > interval:
        interval, rule = hints.fresh_for, "cache-control"
    # ttl and updatePeriod are often a program's default; they are followed while they lose nothing.
    if min(hints.period, window) > interval:
        interval, rule = min(hints.period, window), "ttl"
    if interval > bounds.longest:
        return bounds.longest, "longest"
    if interval < bounds.shortest:
        return bounds.shortest, "shortest"
    return interval, rule


# --- a failure --------------------------------------------------------------------------------------------


def _after_failure(
    state: PollState, reason: str, retry_after: float | None, now: datetime, bounds: Bounds, feed_id: int
) -> PollDecision:
    since = state.failing_since or now
    state = replace(state, failures=state.failures + weight(reason), failing_since=since, reason=reason)
    if reason == "http-410":
        # Gone is a statement, not an accident. A person may set the feed to active again.
        never = now + timedelta(seconds=paused_wait(timedelta.max, reason, 0.0))
        return PollDecision(state, never, reason, "retired", "retired", "http-410: the server says it is gone for good")
    if state.paused_since is not None or must_pause(state.failures, now - since):
        state = replace(state, paused_since=state.paused_since or now)
        rule, wait = "paused", paused_wait(now - (state.paused_since or now), reason, state.interval)
    else:
        rule, wait = "backoff", backoff(reason, state.failures, state.interval, bounds)
    wait *= _spread(feed_id, state.polls)
    if retry_after is not None and retry_after > wait:
        rule, wait = "retry-after", min(retry_after, MAX_RETRY_AFTER)
    next_at, rule = _outside(now + timedelta(seconds=wait), state.hints, rule)
    if state.paused_since is None:
        return PollDecision(state, next_at, reason, rule)
    return PollDecision(state, next_at, reason, rule, "paused", f"{reason} since {since:%Y-%m-%d}")


# --- time -------------------------------------------------------------------------------------------------


def _spread(feed_id: int, polls: int) -> float:
    """A factor from 1 to 1.1 that keeps feeds from being due together; the same for the same feed and poll."""
    digest = hashlib.blake2b(f"{feed_id}:{polls}".encode(), digest_size=4).digest()
    return 1.0 + int.from_bytes(digest, "big") / 2**32 * MOST_SPREAD


def _outside(moment: datetime, hints: UpdateHints, rule: str) -> tuple[datetime, str]:
    moved = outside_skipped(moment, hints)
    return moved, rule if moved == moment else f"{rule}+skip"
