"""A feed that announces its new address: when that is asked, and what follows from its answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipeline.errors import ItemError
from pipeline.polling import moves, schedule
from pipeline.polling.state import PollState

T = datetime(2024, 6, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)
NEW = "https://new.example/feed"


def announced(*hours: float, target: str | None = NEW) -> PollState:
    state = PollState()
    for hour in hours:
        state = moves.announced(state, True, target, T + hour * HOUR)
    return state


def test_an_announced_address_is_asked_after_three_polls_and_a_day() -> None:
    assert moves.address_to_try(announced(0, 1, 2), T + 3 * HOUR) is None
    assert moves.address_to_try(announced(0, 30), T + 30 * HOUR) is None
    assert moves.address_to_try(announced(0, 12, 24), T + 24 * HOUR) == NEW
    assert moves.address_to_try(PollState(), T) is None


def test_an_answer_without_a_document_repeats_the_last_one() -> None:
    state = announced(0)
    for _ in range(2):
        state = moves.announced(state, False, None, T + 30 * HOUR)
    assert moves.address_to_try(state, T + 30 * HOUR) == NEW
    assert moves.announced(PollState(), False, None, T) == PollState()


def test_another_address_begins_anew_and_none_ends_it() -> None:
    state = moves.announced(announced(0, 12, 24), True, "https://other.example/feed", T + 25 * HOUR)
    assert moves.address_to_try(state, T + 26 * HOUR) is None
    state = moves.announced(state, True, None, T + 26 * HOUR)
    assert state.announced_to is None


def test_a_feed_that_fails_is_looked_for_at_once() -> None:
    bounds = schedule.Bounds(60.0, 3_600.0)
    failed = schedule.PollOutcome.failed(ItemError("http-404"))
    state = schedule.next_poll(announced(0), failed, schedule.UpdateHints(), T + HOUR, bounds=bounds, feed_id=1).state
    assert moves.address_to_try(state, T + 2 * HOUR) == NEW


def test_an_address_that_is_refused_waits_a_week() -> None:
    bounds = schedule.Bounds(60.0, 3_600.0)
    error = ItemError("not-a-feed")
    decision = schedule.refused(announced(0, 12, 24), error, T + 25 * HOUR, bounds=bounds, feed_id=1)
    assert (decision.outcome, decision.new_url, decision.feed_state) == ("not-a-feed", None, "active")
    assert decision.next_at - (T + 25 * HOUR) < timedelta(minutes=2)
    state = PollState.from_json(decision.state.to_json())
    for hour in (26, 100, 190):
        state = moves.announced(state, True, NEW, T + hour * HOUR)
        assert moves.address_to_try(state, T + hour * HOUR) is None
    assert moves.address_to_try(state, T + (25 + 7 * 24 + 24) * HOUR) == NEW
