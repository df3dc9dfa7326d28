"""What feeds have answered, and how it is written: decided for each, written for a batch of them in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline import database, polling, urls, web
from pipeline.errors import InternalError, ItemError
from pipeline.feeds import sightings
from pipeline.models import FeedEntry, ParsedFeed, Response, Validators
from pipeline.polling.state import PollState
from pipeline.settings import Settings
from pipeline.steps.pushing import note_hub
from pipeline.steps.retelling import retell
from pipeline.store import entries as entry_store
from pipeline.store import feeds as store
from pipeline.store.entries import Sighted
from pipeline.store.feeds import FeedToPoll, Fetch, Missed, Moved, Polled


@dataclass(frozen=True, slots=True)
class Asked:
    """One feed that was asked: its row, what was sent, the request, and the moment that the answer is of.

    `moving` says that the request went to the address that the feed announced, to see whether it lives there.
    """

    row: FeedToPoll
    sent: Validators | None
    request: web.Request
    now: datetime
    moving: bool = False

    @classmethod
    def of(cls, row: FeedToPoll, as_of: datetime | None, now: datetime) -> Asked:
        """The question to a feed as of a past moment, or (None) now."""
        state = _known_state(row, now, as_of)
        sent = polling.validators_for(state, now)
        if as_of is None and (announced := polling.address_to_try(state, now)):
            return cls(row, None, web.Request(announced, purpose="feed", key=row.id), now, moving=True)
        one = cls(row, sent, web.Request(row.url, sent, as_of, purpose="feed", key=row.id), now)
        if not one.is_late:
            return one
        # The validators are of a later document, and say nothing of one before it.
        return replace(one, sent=None, request=replace(one.request, validators=None))

    @property
    def is_late(self) -> bool:
        """Whether the feed was asked as of a later moment already: what it said since is known."""
        return self.row.last_polled_at is not None and self.now < self.row.last_polled_at

    def is_news(self, result: Response | ItemError) -> bool:
        """Whether an answer has a document that must be read."""
        if isinstance(result, ItemError) or result.not_modified:
            return False
        return self.is_late or polling.body_hash(result.body) != PollState.from_json(self.row.poll_state).body_hash

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


def _known_state(row: FeedToPoll, now: datetime, as_of: datetime | None) -> PollState:
    """What is remembered of a feed; asked as of a past moment, also what came after that."""
    state = PollState.from_json(row.poll_state)
    return state.until(now) if as_of is None else state


@dataclass(frozen=True, slots=True)
class Answer:
    """How a feed answered, and the feed that the answer is; None where it says nothing new or could not be read."""

    asked: Asked
    result: Response | ItemError
    feed: ParsedFeed | None = None
    error: ItemError | None = None

    @property
    def fault(self) -> InternalError | None:
        """That our own client, or our own parser, failed on this feed."""
        return next((each for each in (self.result, self.error) if isinstance(each, InternalError)), None)


@dataclass(frozen=True, slots=True)
class Ended:
    """How one poll ended, for the counts."""

    outcome: str
    new: int
    edited: int


@dataclass(frozen=True, slots=True)
class _Decided:
    """One answer and what follows from it; `edited` is of a document of the past, which is put where its time is.

    `refused` says that the address which the feed announced is none of it: nothing of its document is written.
    """

    answer: Answer
    decision: polling.PollDecision
    sighting: sightings.Sighting | None
    edited: int = 0
    refused: bool = False

    @property
    def new(self) -> Sequence[FeedEntry]:
        """The entries that were not known."""
        return self.sighting.new if self.sighting else ()

    def ended(self) -> Ended:
        """See `Ended`."""
        if self.refused:
            return Ended("move-refused", 0, 0)
        is_late = self.answer.asked.is_late
        edited = self.edited if is_late or self.sighting is None else len(self.sighting.edited)
        return Ended(self.decision.outcome, len(self.new), edited)


def write(settings: Settings, connection: database.Connection, answers: Sequence[Answer]) -> dict[int, Ended]:
    """Write how polls ended: entries, log, gaps, state and the next time; by the ids of the feeds.

    Those that another has taken meanwhile are left out. Whatever one of them raises is raised: the transaction is to be
    taken back, and each written alone.
    """
    held = store.hold(connection, [each.asked.row for each in answers])
    ours = [each for each in answers if each.asked.row.id in held]
    for fault in (each.fault for each in ours):
        if fault is not None:
            raise fault
    known = entry_store.known(
        connection, {each.asked.row.id: each.feed.entries for each in ours if each.feed is not None}
    )
    decided: list[_Decided] = []
    for each in ours:
        found = None if each.feed is None else sightings.reconcile(known[each.asked.row.id], each.feed.entries)
        decided.append(_decided(settings, each, found))
    late = [_retold(connection, each) for each in decided if each.answer.asked.is_late]
    usual = [each for each in decided if not each.answer.asked.is_late]
    _write_usual(settings, connection, usual)
    store.log_fetches(connection, [_logged(each) for each in (*late, *usual)])
    return {each.answer.asked.row.id: each.ended() for each in (*late, *usual)}


def _decided(settings: Settings, answer: Answer, sighting: sightings.Sighting | None) -> _Decided:
    """What follows from an answer for the next poll of its feed."""
    one, result = answer.asked, answer.result
    state = _known_state(one.row, one.now, one.request.as_of)
    bounds = polling.Bounds(settings.min_poll_interval, settings.max_poll_interval)
    if one.moving and (wrong := _wrong(answer, sighting)) is not None:
        decision = polling.refused(state, wrong, one.now, bounds=bounds, feed_id=one.row.id)
        return _Decided(replace(answer, feed=None, error=wrong), decision, None, refused=True)
    if isinstance(result, ItemError):
        outcome = polling.PollOutcome.failed(result)
    elif answer.error is not None:
        outcome = polling.PollOutcome.failed(answer.error)
    else:
        new = sighting.new if sighting else ()
        outcome = polling.PollOutcome.answered(result, one.sent, web.validators_of(result), answer.feed, new, one.now)
    headers = {} if isinstance(result, ItemError) else result.headers
    hints = polling.update_hints(headers, answer.feed, one.now)
    decision = polling.next_poll(state, outcome, hints, one.now, bounds=bounds, feed_id=one.row.id)
    if one.moving:
        state = polling.followed(decision.state)
        decision = replace(decision, state=state, new_url=decision.new_url or one.request.url)
    return _Decided(answer, decision, sighting)


def _wrong(answer: Answer, sighting: sightings.Sighting | None) -> ItemError | None:
    """Why the address that a feed announced is not its own; None where it is.

    It is where something of it is known, or where the answer is of the domain at which the feed lives.
    """
    if isinstance(answer.result, ItemError):
        return answer.result
    if answer.error is not None or sighting is None or sighting.known:
        return answer.error
    if urls.registered_domain(answer.result.final_url) == urls.registered_domain(answer.asked.row.url):
        return None
    return ItemError("another-feed", "it announced an address where nothing of it is known")


def _retold(connection: database.Connection, late: _Decided) -> _Decided:
    """Put a document of the past where its time is; how polling stands is known by what came later."""
    one, edited = late.answer.asked, 0
    if late.sighting is not None:
        edited = retell(connection, one.row.id, late.sighting, one.now)
    elif _is_same(late.answer):
        entry_store.same_document(connection, one.row.id, one.now)
    store.read_late(connection, one.row)
    return replace(late, edited=edited)


def _is_same(answer: Answer) -> bool:
    """Whether an archive's capture shows the document that was known before."""
    return (
        answer.asked.request.as_of is not None
        and answer.feed is None
        and answer.error is None
        and not isinstance(answer.result, ItemError)
    )


def _write_usual(settings: Settings, connection: database.Connection, decided: Sequence[_Decided]) -> None:
    """Write what documents newer than all before bring, a statement for each table."""
    sighted, missed = list[Sighted](), list[Missed]()
    moved = {each.answer.asked.row.id: move for each in decided if (move := _moved(connection, each)) is not None}
    for each in decided:
        one, gap = each.answer.asked, each.decision.gap
        if each.sighting is not None:
            sighted.append(Sighted(one.row.id, each.sighting, one.now))
        elif _is_same(each.answer):
            entry_store.same_document(connection, one.row.id, one.now)
        if gap is not None:
            missed.append(Missed(one.row.id, one.now, gap.since, gap.until))
    entry_store.apply(connection, sighted)
    store.polled(connection, [_polled(each, moved.get(each.answer.asked.row.id)) for each in decided])
    store.moved(connection, list(moved.values()))
    store.gaps(connection, missed)
    for each in decided:
        answer = each.answer
        if answer.feed is not None and isinstance(answer.result, Response):
            note_hub(settings, connection, answer.asked.row.id, answer.feed, answer.result, answer.asked.now)


def _moved(connection: database.Connection, decided: _Decided) -> Moved | None:
    """Whither the feed has moved, or is refused to; a feed that moved onto another one's address is that one.

    Where it fails at its own address too, that the new one does not answer says nothing.
    """
    one, target = decided.answer.asked, decided.decision.new_url
    found = Moved(one.row.id, one.now, one.row.url, "", "announced" if one.moving else "redirect", "followed")
    if decided.refused and decided.answer.error is not None and decided.decision.state.failing_since is None:
        return replace(found, to_url=one.request.url, ended="refused", reason=decided.decision.outcome)
    if target is None or target == one.row.url:
        return None
    twin = store.url_taken(connection, one.row.id, target)
    return replace(found, to_url=target, ended="followed" if twin is None else "known", twin=twin)


def _polled(decided: _Decided, moved: Moved | None) -> Polled:
    """How polling of the feed stands; a feed that moved onto another one's address is retired."""
    one, decision, feed = decided.answer.asked, decided.decision, decided.answer.feed
    url, state, reason = one.row.url, decision.feed_state, decision.feed_reason
    if moved is not None and moved.ended == "followed":
        url = moved.to_url
    elif moved is not None and moved.ended == "known":
        state, reason = "retired", f"moved to {moved.to_url}, which is feed {moved.twin}"
    return Polled(
        id=one.row.id,
        url=url,
        poll_state=decision.state.to_json(),
        state=state,
        state_reason=reason,
        next_poll_at=decision.next_at,
        new=len(decided.new),
        now=one.now,
        format=feed.format if feed else None,
        title=feed.title if feed else None,
        home_url=feed.home_url if feed else None,
    )


def _logged(decided: _Decided) -> Fetch:
    """The request as the log has it."""
    answer, result = decided.answer, decided.answer.result
    if isinstance(result, ItemError):
        return replace(answer.asked.fetch(decided.decision.outcome, result.detail), new_entries=0)
    return replace(
        answer.asked.fetch(decided.decision.outcome, answer.error.detail if answer.error else None),
        status=result.status,
        captured=result.captured,
        bytes=result.wire_bytes,
        elapsed=result.elapsed,
        entries=len(answer.feed.entries) if answer.feed else None,
        new_entries=len(decided.new),
    )
