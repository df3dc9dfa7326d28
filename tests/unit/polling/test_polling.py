"""When feeds are asked again: rates, wishes of publishers, failures, moves, lies and silences."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.errors import ItemError
from pipeline.models import FeedEntry, Hop, ParsedFeed, Response, Validators
from pipeline.polling.failures import weight
from pipeline.polling.hints import fresh_for, outside_skipped
from pipeline.polling.schedule import (
    Bounds,
    EntriesSeen,
    Gap,
    PollDecision,
    PollOutcome,
    PollState,
    UpdateHints,
    body_hash,
    longest_wait,
    next_poll,
    update_hints,
    validators_for,
)

T = datetime(2024, 6, 18, 12, tzinfo=UTC)
BOUNDS = Bounds(300.0, 21_600.0)
URL = "https://outlet.example/feed"
ETAG = Validators(URL, '"1"', None)
HOUR = timedelta(hours=1)


def document(*ages: timedelta, known: int = 0, at: datetime = T, tag: str = "body") -> PollOutcome:
    """A document whose entries were published these times ago, the last `known` of them seen before."""
    times = tuple(at - age for age in ages)
    fresh = times[: len(times) - known]
    return PollOutcome(body_hash=tag, validators=ETAG, entries=EntriesSeen(len(ages), known, times, fresh))


def poll(
    state: PollState, outcome: PollOutcome, at: datetime = T, hints: UpdateHints | None = None, feed_id: int = 7
) -> PollDecision:
    return next_poll(state, outcome, hints or UpdateHints(), at, bounds=BOUNDS, feed_id=feed_id)


def hourly(count: int = 10) -> PollState:
    """A feed with an entry an hour, just read."""
    return poll(PollState(), document(*[HOUR * n for n in range(count)])).state


def proven(count: int = 10) -> PollState:
    """The same feed, whose server was seen to change its validators with the document."""
    return replace(hourly(count), proven=True)


def wait(decision: PollDecision, at: datetime = T) -> float:
    return (decision.next_at - at).total_seconds()


# --- pace -------------------------------------------------------------------------------------------------


def test_interval_follows_the_root_of_the_rate() -> None:
    fast = poll(PollState(), document(*[timedelta(minutes=20 * n) for n in range(30)]))
    usual = poll(PollState(), document(*[HOUR * n for n in range(30)]))
    slow = poll(PollState(), document(*[HOUR * 16 * n for n in range(30)]))
    assert usual.state.interval == pytest.approx(600, rel=0.1)
    assert slow.state.interval / usual.state.interval == pytest.approx(4, rel=0.1)
    assert BOUNDS.shortest < fast.state.interval < usual.state.interval / 1.5
    assert {fast.rule, usual.rule, slow.rule} == {"published"}


def test_interval_grows_with_silence_and_stays_within_bounds() -> None:
    state = hourly()
    still = [poll(state, PollOutcome(not_modified=True), T + HOUR * n).state.interval for n in (1, 10, 100, 20_000)]
    assert still == sorted(still) and still[-1] == BOUNDS.longest
    burst = poll(PollState(), document(*[timedelta(seconds=n) for n in range(30)]))
    assert (burst.state.interval, burst.rule) == (BOUNDS.shortest, "shortest")


def test_feed_that_holds_little_is_asked_before_it_turns_over() -> None:
    many = document(*[timedelta(minutes=n) for n in range(10)])
    wide = Bounds(60.0, 21_600.0)
    first = next_poll(PollState(), many, UpdateHints(), T, bounds=wide, feed_id=7)
    one = next_poll(first.state, document(timedelta(0), known=1), UpdateHints(), T, bounds=wide, feed_id=7)
    assert (first.rule, one.rule) == ("published", "window")
    assert one.state.interval < first.state.interval


def test_feed_without_dates_starts_calm_and_learns_from_new_entries() -> None:
    undated = EntriesSeen(20, 0, (), ())
    first = poll(PollState(), PollOutcome(body_hash="a", entries=undated))
    assert first.state.interval == pytest.approx(600)
    state, at = first.state, T
    for n in range(12):
        at += timedelta(minutes=10)
        seen = PollOutcome(body_hash=str(n), entries=EntriesSeen(20, 19, (), (at,)))
        state = poll(state, seen, at).state
    assert state.interval < 400


def test_due_times_are_spread_and_always_the_same() -> None:
    waits = {wait(poll(PollState(), document(HOUR), feed_id=n)) for n in range(200)}
    interval = poll(PollState(), document(HOUR)).state.interval
    assert len(waits) == 200 and interval <= min(waits) and max(waits) <= interval * 1.1
    assert poll(PollState(), document(HOUR)) == poll(PollState(), document(HOUR))


# --- wishes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 0),
        ({"cache-control": "public, max-age=1800"}, 1800),
        ({"cache-control": 'max-age="600"', "age": "200"}, 400),
        ({"cache-control": "max-age=60", "age": "200"}, 0),
        ({"cache-control": "no-cache, max-age=1800"}, 0),
        ({"cache-control": "s-maxage=900"}, 0),
        ({"cache-control": "MAX-AGE=90"}, 90),
        ({"cache-control": "max-age=99999999999999"}, 9_999_999_999),
        ({"expires": "Tue, 18 Jun 2024 13:00:00 GMT", "date": "Tue, 18 Jun 2024 12:30:00 GMT"}, 1800),
        ({"expires": "Tue, 18 Jun 2024 13:00:00 GMT"}, 3600),
        ({"expires": "0"}, 0),
        ({"expires": "Tue, 18 Jun 2024 11:00:00 GMT"}, 0),
    ],
)
def test_freshness_of_an_answer(headers: dict[str, str], expected: float) -> None:
    assert fresh_for(headers, T) == expected


def test_hints_of_headers_and_feed() -> None:
    feed = ParsedFeed("rss2", "t", None, None, (), ttl=3_600.0, update_period=7_200.0, skip_hours=frozenset({3}))
    assert update_hints({"cache-control": "max-age=60"}, feed, T) == UpdateHints(60, 7_200, frozenset({3}), frozenset())
    assert update_hints({}, None, T) == UpdateHints()


def test_publishers_wishes_lengthen_the_interval_within_the_bounds() -> None:
    many = document(*[HOUR * n for n in range(10)])
    assert poll(PollState(), many, hints=UpdateHints(fresh_for=3_600)).state.interval == 3_600
    assert poll(PollState(), many, hints=UpdateHints(fresh_for=60)).rule == "published"
    asked = poll(PollState(), many, hints=UpdateHints(period=7_200))
    assert (asked.state.interval, asked.rule) == (7_200, "ttl")
    year = poll(PollState(), many, hints=UpdateHints(fresh_for=31_536_000))
    assert (year.state.interval, year.rule) == (BOUNDS.longest, "longest")


def test_a_ttl_that_would_lose_entries_is_cut() -> None:
    busy = document(*[timedelta(minutes=2 * n) for n in range(10)])
    decision = poll(PollState(), busy, hints=UpdateHints(period=86_400))
    assert decision.state.interval < 10 * 60 * 5 and decision.rule == "ttl"


def test_wishes_of_the_document_outlast_answers_without_one() -> None:
    state = poll(PollState(), document(HOUR, HOUR * 2), hints=UpdateHints(period=3_000, fresh_for=60)).state
    later = poll(state, PollOutcome(not_modified=True), T + HOUR)
    assert (later.state.interval, later.rule) == (3_000, "ttl")


def test_skipped_hours_and_days_are_waited_out() -> None:
    night = UpdateHints(skip_hours=frozenset({12, 13, 14}))
    decision = poll(PollState(), document(HOUR), hints=night)
    assert decision.next_at == datetime(2024, 6, 18, 15, tzinfo=UTC) and decision.rule.endswith("+skip")
    days = UpdateHints(skip_days=frozenset({"Tuesday", "Wednesday"}))
    assert outside_skipped(T, days) == datetime(2024, 6, 20, tzinfo=UTC)
    never = UpdateHints(skip_hours=frozenset(range(24)))
    assert outside_skipped(T, never) == T


# --- validators -------------------------------------------------------------------------------------------


def test_validators_are_sent_until_the_silence_is_long_for_the_feed() -> None:
    state = proven()
    assert validators_for(state, T + HOUR) == ETAG
    assert validators_for(state, T + HOUR * 30) is None
    quiet = replace(poll(PollState(), document(*[HOUR * 24 * n for n in range(10)])).state, proven=True)
    assert validators_for(quiet, T + HOUR * 20) == ETAG and validators_for(quiet, T + HOUR * 25) is None
    assert validators_for(PollState(), T) is None


def given(validators: Validators | None, tag: str, at: datetime) -> PollOutcome:
    """A full answer with these validators; `tag` stands for its body."""
    return replace(document(timedelta(minutes=1), HOUR, known=1, at=at, tag=tag), validators=validators)


@pytest.mark.parametrize(
    ("later", "tag", "sent"),
    [
        (Validators(URL, '"2"', "Tue"), "other", True),  # both changed with the body
        (Validators(URL, '"2"', None), "other", True),
        (Validators(URL, '"1"', "Mon"), "other", False),  # another body under the same name
        (Validators(URL, '"2"', "Mon"), "other", False),  # which of the two the server looks at is not known
        (Validators(URL, '"1"', "Tue"), "other", False),
        (Validators(URL, '"2"', "Tue"), "body", False),  # another name for the same body proves nothing
        (Validators(URL + "2", '"2"', "Tue"), "other", False),  # another address, another server
        (None, "other", False),
    ],
)
def test_validators_are_sent_once_the_server_was_seen_to_change_them(
    later: Validators | None, tag: str, sent: bool
) -> None:
    first = poll(PollState(), given(Validators(URL, '"1"', "Mon"), "body", T)).state
    assert validators_for(first, T + HOUR / 2) is None
    second = poll(first, given(later, tag, T + HOUR), T + HOUR).state
    assert validators_for(second, T + HOUR * 1.5) == (later if sent else None)


def test_proof_outlasts_answers_that_say_nothing_new_and_ends_with_a_lie() -> None:
    state = unchanged_for(proven(), 2)
    assert state.proven and poll(state, given(ETAG, "body", T + HOUR * 3), T + HOUR * 3).state.proven
    assert not poll(state, given(ETAG, "other", T + HOUR * 3), T + HOUR * 3).state.proven


def test_a_server_that_never_changes_its_etag_is_never_believed() -> None:
    state = PollState()
    for hour in range(100):
        at = T + HOUR * hour
        assert validators_for(state, at) is None
        state = poll(state, given(ETAG, f"body {hour}", at), at).state


def unchanged_for(state: PollState, hours: int) -> PollState:
    for hour in range(1, hours + 1):
        state = poll(state, PollOutcome(not_modified=True, conditional=True), T + HOUR * hour).state
    return state


def test_server_that_answers_304_for_good_is_found_out() -> None:
    state = unchanged_for(proven(), 8)
    at = T + HOUR * 9
    full = document(HOUR * 5, HOUR * 6, HOUR * 10, known=1, at=at, tag="other")
    state = poll(state, replace(full, validators=Validators(URL, '"2"')), at).state
    assert validators_for(state, at + HOUR) is None
    assert validators_for(state, at + timedelta(days=29)) is None
    fresh = replace(state, answered_full=at + timedelta(days=30, hours=1), proven=True)
    assert validators_for(fresh, at + timedelta(days=30, hours=2)) is not None


def test_same_etag_for_another_body_is_a_lie() -> None:
    state = unchanged_for(hourly(), 8)
    caught = poll(state, document(timedelta(minutes=1), known=0, at=T + HOUR * 9, tag="other"), T + HOUR * 9).state
    assert caught.distrust_until is not None


def test_honest_server_keeps_its_trust() -> None:
    state = unchanged_for(hourly(), 8)
    at = T + HOUR * 9
    new = document(timedelta(minutes=5), HOUR * 10, known=1, at=at, tag="other")
    honest = poll(state, replace(new, validators=Validators(URL, '"2"')), at).state
    assert honest.distrust_until is None
    same = poll(state, PollOutcome(body_hash="body", validators=ETAG), at).state
    assert same.distrust_until is None


def test_same_body_again_is_unchanged_and_counts_as_an_answer() -> None:
    decision = poll(hourly(), PollOutcome(body_hash="body", validators=ETAG, conditional=True), T + HOUR)
    assert decision.outcome == "unchanged" and decision.state.answered_full == T + HOUR
    assert body_hash(b"a") != body_hash(b"b") and body_hash(b"a") == body_hash(b"a")


def test_304_keeps_or_renews_validators() -> None:
    state = hourly()
    assert poll(state, PollOutcome(not_modified=True), T + HOUR).state.validators == ETAG
    newer = Validators(URL, '"9"')
    assert poll(state, PollOutcome(not_modified=True, validators=newer), T + HOUR).state.validators == newer
    moved = Validators(URL + "2", '"9"')
    assert poll(state, PollOutcome(not_modified=True, validators=moved), T + HOUR).state.validators == ETAG


# --- failures ---------------------------------------------------------------------------------------------


def failing(reason: str, days: float, state: PollState | None = None) -> list[tuple[datetime, PollDecision]]:
    """Every poll of a feed that fails with `reason` for so many days."""
    state, at, found = state or hourly(), T, []
    while at < T + timedelta(days=days):
        decision = poll(state, PollOutcome(reason=reason), at)
        found.append((at, decision))
        state, at = decision.state, decision.next_at
    return found


def test_failures_back_off_by_their_weight() -> None:
    hard, soft, passing = (failing(reason, 0.5) for reason in ("http-404", "http-500", "timeout-read"))
    assert weight("http-404") > weight("http-500") > weight("timeout-read") > 0
    assert len(hard) < len(soft) < len(passing)
    waits = [wait(decision, at) for at, decision in hard[:4]]
    assert all(later > earlier * 1.7 for earlier, later in itertools.pairwise(waits))
    assert {decision.rule for _, decision in hard} == {"backoff"}


def test_passing_failure_is_tried_again_soon() -> None:
    state = replace(hourly(), interval=7_200.0)
    assert wait(poll(state, PollOutcome(reason="timeout-read"))) < 420
    assert wait(poll(state, PollOutcome(reason="http-404"))) >= 14_400


def test_feed_is_paused_with_its_reason_never_dropped_and_returns_by_itself() -> None:
    history = failing("http-404", 40)
    paused = [(at, decision) for at, decision in history if decision.feed_state == "paused"]
    assert T + timedelta(hours=48) <= paused[0][0] <= T + timedelta(hours=60)
    assert paused[0][1].feed_reason == "http-404 since 2024-06-18" and paused[0][1].rule == "paused"
    waits = [wait(decision, at) / 3_600 for at, decision in paused]
    assert 4 <= waits[0] <= 4.4 and 168 <= waits[-1] <= 185
    assert all(later > earlier * 0.9 for earlier, later in itertools.pairwise(waits)), "ever more rarely"
    assert len(history) < 90
    last = history[-1][1]
    full = document(*[HOUR * n for n in range(10)], at=last.next_at, tag="back")
    back = poll(last.state, full, last.next_at)
    assert back.feed_state == "active" and back.feed_reason is None and back.outcome == "ok"
    assert (back.state.failures, back.state.failing_since, back.state.paused_since) == (0.0, None, None)
    assert wait(back, last.next_at) < 3_600


@pytest.mark.parametrize("reason", ["dns", "http-403", "http-500", "timeout-connect", "silent-zero"])
@pytest.mark.parametrize(("every", "shortest", "longest"), [(1, 0.41, 0.5), (24, 0.65, 0.95), (2_000, 3.9, 4.5)])
def test_a_feed_that_may_return_at_any_moment_is_asked_for_a_week_as_if_it_were_well(
    reason: str, every: float, shortest: float, longest: float
) -> None:
    state = poll(PollState(), document(*[HOUR * every * n for n in range(10)])).state
    history = failing(reason, 30, state)
    paused = [(at, decision) for at, decision in history if decision.feed_state == "paused"]
    week = [wait(decision, at) / 3_600 for at, decision in paused if at < paused[0][0] + timedelta(days=7)]
    before = [wait(decision, at) / 3_600 for at, decision in history if decision.feed_state == "active"]
    assert shortest <= min(week) and max(week) <= longest, "its own interval, in bounds"
    assert max(before) <= max(longest, state.interval * 1.1 / 3_600)
    later = [wait(decision, at) / 3_600 for at, decision in paused if at > paused[0][0] + timedelta(days=8)]
    assert min(later) >= 24, "then daily"


def test_weekend_outage_does_not_pause_by_time_alone() -> None:
    state = poll(hourly(), PollOutcome(reason="timeout-read")).state
    assert poll(state, PollOutcome(reason="timeout-read"), T + timedelta(days=3)).feed_state == "active"


def test_retry_after_is_honoured_up_to_a_week() -> None:
    told = poll(hourly(), PollOutcome.failed(ItemError("http-429", retry_after=7_200)))
    assert (wait(told), told.rule, told.outcome) == (7_200, "retry-after", "http-429")
    assert wait(poll(hourly(), PollOutcome(reason="http-503", retry_after=1e9))) == 604_800
    assert poll(hourly(), PollOutcome(reason="http-503", retry_after=1)).rule == "backoff"


def test_gone_retires_at_once() -> None:
    decision = poll(hourly(), PollOutcome(reason="http-410"))
    assert decision.feed_state == "retired" and "gone" in (decision.feed_reason or "")


def test_not_captured_never_pauses() -> None:
    history = failing("not-captured", 10, PollState())
    assert {decision.feed_state for _, decision in history} == {"active"}
    assert {round(wait(decision, at) / 300) for at, decision in history} == {1}


# --- moves ------------------------------------------------------------------------------------------------


def redirected(state: PollState, status: int, at: datetime, target: str = "https://new.example/feed") -> PollDecision:
    hops = (Hop(status, target), Hop(302, "https://cdn.example/x"))
    return poll(state, replace(document(HOUR, known=1, at=at), hops=hops), at)


@pytest.mark.parametrize("status", [301, 308])
def test_permanent_redirect_moves_the_feed_after_three_polls_over_a_day(status: int) -> None:
    state = hourly()
    moves = []
    for hours in (0, 6, 12, 23, 25, 26):
        decision = redirected(state, status, T + HOUR * hours)
        moves.append(decision.new_url)
        state = decision.state
    # The target of the permanent hops, not of the temporary one behind them; and only once.
    assert moves == [None, None, None, None, "https://new.example/feed", None]


def test_two_polls_a_day_apart_are_not_enough() -> None:
    state = redirected(hourly(), 301, T).state
    assert redirected(state, 301, T + HOUR * 30).new_url is None


@pytest.mark.parametrize("status", [302, 303, 307])
def test_temporary_redirect_moves_nothing(status: int) -> None:
    state = hourly()
    for hours in range(0, 60, 6):
        decision = redirected(state, status, T + HOUR * hours)
        assert decision.new_url is None
        state = decision.state


def test_wavering_redirect_starts_over() -> None:
    state = hourly()
    for hours in range(0, 60, 6):
        decision = redirected(state, 301, T + HOUR * hours, target=f"https://node{hours % 4}.example/")
        assert decision.new_url is None
        state = decision.state


def test_failure_behind_a_redirect_moves_nothing() -> None:
    state = hourly()
    for hours in range(0, 60, 6):
        hops = (Hop(301, "https://parked.example/"),)
        decision = poll(state, PollOutcome(reason="html-page", hops=hops), T + HOUR * hours)
        assert decision.new_url is None
        state = decision.state


# --- silence and gaps -------------------------------------------------------------------------------------


def test_feed_that_falls_silent_counts_as_failing_and_comes_back() -> None:
    empty = PollOutcome(body_hash="empty", entries=EntriesSeen(0, 0))
    state, at, outcomes = hourly(), T, []
    while at < T + timedelta(days=6):
        decision = poll(state, empty, at)
        outcomes.append((at - T, decision.outcome, decision.feed_state))
        state, at = decision.state, decision.next_at
    assert {name for since, name, _ in outcomes if since <= timedelta(days=1)} == {"empty"}
    assert {name for since, name, _ in outcomes if since > timedelta(days=1)} == {"silent-zero"}
    assert outcomes[-1][2] == "paused"
    back = poll(state, document(HOUR, at=at, tag="new"), at)
    assert (back.outcome, back.feed_state) == ("ok", "active")
    # It has now been silent for so long once, and may be again.
    assert back.state.longest_empty > 5 * 86_400
    again = poll(back.state, empty, at + HOUR).state
    assert poll(again, empty, at + timedelta(days=4)).outcome == "empty"


def test_silence_behind_304_is_silence() -> None:
    state = poll(hourly(), PollOutcome(body_hash="empty", entries=EntriesSeen(0, 0), validators=ETAG)).state
    assert poll(state, PollOutcome(not_modified=True), T + timedelta(days=2)).outcome == "silent-zero"


def test_a_silent_feed_that_has_moved_is_followed() -> None:
    empty = replace(document(at=T, tag="empty"), hops=(Hop(301, "https://new.example/feed"),))
    state, moves = hourly(), []
    for hours in (0, 12, 25, 30, 50, 56, 80):
        decision = poll(state, empty, T + HOUR * hours)
        moves.append((decision.outcome, decision.new_url))
        state = decision.state
    assert moves[2] == ("silent-zero", "https://new.example/feed")
    assert {name for name, _ in moves[2:]} == {"silent-zero"}


def test_gap_is_recorded_with_its_ends() -> None:
    state = hourly()
    at = T + HOUR * 24
    decision = poll(state, document(HOUR, HOUR * 2, at=at, tag="new"), at)
    assert decision.gap == Gap(T, at - HOUR * 2)


def test_no_gap_where_documents_overlap_or_know_no_better() -> None:
    state, at = hourly(), T + HOUR * 24
    assert poll(state, document(HOUR, HOUR * 24, known=1, at=at), at).gap is None
    assert poll(PollState(), document(HOUR, HOUR * 2)).gap is None
    older = document(HOUR, HOUR * 30, at=at)
    assert poll(state, older, at).gap is None
    assert poll(state, PollOutcome(body_hash="x", entries=EntriesSeen(2, 0, (), (at,))), at).gap is None


def test_entries_dated_in_the_future_do_not_hide_a_gap() -> None:
    state = poll(hourly(), document(-HOUR * 500, HOUR, known=1, tag="odd")).state
    at = T + HOUR * 24
    assert poll(state, document(HOUR, at=at, tag="new"), at).gap == Gap(T, at - HOUR)


# --- outcome and row --------------------------------------------------------------------------------------


def test_outcome_of_an_answer() -> None:
    def entry(key: str, published: datetime | None) -> FeedEntry:
        return FeedEntry(key, key, None, None, "t", "", "", "", published=published)

    new = entry("b", None)
    feed = ParsedFeed("rss2", "t", None, None, (entry("a", T - HOUR), new))
    answer = Response(URL, URL, 200, {"etag": '"1"'}, b"<rss/>", (Hop(301, URL),))
    outcome = PollOutcome.answered(answer, ETAG, ETAG, feed, [new], T)
    assert outcome.entries == EntriesSeen(2, 1, (T - HOUR,), (T,))
    assert outcome.conditional and outcome.body_hash == body_hash(b"<rss/>") and outcome.hops == answer.hops
    unmodified = PollOutcome.answered(replace(answer, status=304, body=b""), ETAG, None)
    assert unmodified.not_modified and unmodified.body_hash is None and unmodified.entries is None


def test_state_survives_the_row() -> None:
    hints = UpdateHints(60.0, 3_600.0, frozenset({1, 2}), frozenset({"Sunday"}))
    state = poll(hourly(), document(HOUR, known=1), hints=hints).state
    state = replace(state, paused_since=T, moved_to="https://n.example/", moved_since=T, moved_polls=2, reason="dns")
    stored = json.loads(json.dumps(state.to_json()))
    assert PollState.from_json(stored) == state
    assert stored["interval"] == state.interval
    assert PollState.from_json({}) == PollState()
    assert PollState.from_json({"interval": 5.0, "of_a_later_version": 1}) == PollState(interval=5.0)


# --- a clock that stood ahead -----------------------------------------------------------------------------


def test_what_a_clock_ahead_has_written_of_a_feed_is_taken_for_now() -> None:
    ahead = T + timedelta(days=3650)
    state = replace(
        proven(), started=ahead, answered_full=ahead, failing_since=ahead, distrust_until=ahead, recent=(ahead, T)
    )
    found = state.until(T)
    assert (found.started, found.answered_full, found.failing_since, found.distrust_until) == (T, T, T, None)
    assert found.recent == (T, T)
    usual = replace(proven(), distrust_until=T + timedelta(days=29))
    assert usual.until(T) is usual


def test_no_wait_is_longer_than_the_longest() -> None:
    """Times beyond it were written by a clock that stood ahead."""
    every = frozenset(range(23))
    worst = [
        poll(hourly(), PollOutcome(reason="http-503", retry_after=1e9)),
        poll(replace(hourly(), paused_since=T - timedelta(days=60)), PollOutcome(reason="http-404")),
        poll(hourly(), PollOutcome(reason="http-503", retry_after=1e9), hints=UpdateHints(skip_hours=every)),
    ]
    assert max(decision.next_at for decision in worst) > T + timedelta(days=6)
    assert all(decision.next_at <= T + longest_wait(BOUNDS) for decision in worst)
