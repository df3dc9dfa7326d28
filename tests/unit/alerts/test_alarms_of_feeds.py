"""Alarms of collection: what rings, what is no cause for it, and when a feed is silent beyond its habit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline import alerts
from pipeline.alerts import Collecting, Failing, Quiet

NOW = datetime(2024, 6, 20, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_171_of_171_feeds_that_fail_by_dns_ring_once() -> None:
    [found] = alerts.failing(Failing(171, {"dns": 171}), 0.5, stands=False)
    assert found.title == "171 of 171 feeds fail"
    assert found.text == (
        "171 of 171 feeds fail: 171 by `dns`. Look at this machine's network and name servers. "
        "`wirewatch feeds check` asks each now."
    )
    assert alerts.light_of(found.kind, NOW, NOW) == alerts.RED


@pytest.mark.parametrize(
    ("feeds", "failed", "stands", "rings"),
    [
        (171, 85, False, False),
        (171, 86, False, True),
        (171, 60, True, True),  # it has eased, and is not over
        (171, 51, True, False),
        (4, 4, False, False),  # a share of four says nothing; `no-collection` has them
        (0, 0, False, False),
    ],
)
def test_the_share_that_rings_and_the_one_that_is_over(feeds: int, failed: int, stands: bool, rings: bool) -> None:
    state = Failing(feeds, {"http-503": failed} if failed else {})
    assert bool(alerts.failing(state, 0.5, stands)) is rings


def test_several_reasons_are_named_the_commonest_first() -> None:
    [found] = alerts.failing(Failing(10, {"http-503": 2, "dns": 1, "connect": 5, "http-403": 1}), 0.5, stands=False)
    assert "5 by `connect`, 2 by `http-503`, 1 by `dns`." in found.text


def quiet(since: timedelta, longest: timedelta, watched: timedelta = 60 * DAY, entries: int = 40) -> Quiet:
    seconds = longest.total_seconds(), watched.total_seconds()
    return Quiet(7, "Echo", "https://echo.test/rss", NOW - since, *seconds, entries)


@pytest.mark.parametrize(
    ("feed", "rings"),
    [
        (quiet(2 * DAY, HOUR), False),  # no weekend rings
        (quiet(3 * DAY, HOUR), True),
        (quiet(7 * DAY, 4 * DAY), False),  # within its habit
        (quiet(8 * DAY, 4 * DAY), True),
        (quiet(6 * DAY, HOUR, watched=5 * DAY), False),  # nobody knows its habit
        (quiet(7 * DAY, HOUR, watched=5 * DAY), True),
        (quiet(29 * DAY, HOUR, watched=5 * DAY, entries=9), False),  # it may be a monthly
        (quiet(30 * DAY, HOUR, watched=5 * DAY, entries=9), True),
        (quiet(6 * DAY, timedelta(), timedelta(), entries=0), False),
        (quiet(7 * DAY, timedelta(), timedelta(), entries=0), True),  # it was dead when it came
    ],
)
def test_a_feed_is_silent_beyond_its_own_habit(feed: Quiet, rings: bool) -> None:
    assert bool(alerts.silent([feed], 3 * DAY, NOW)) is rings


def test_a_silent_feed_says_since_when_and_what_to_do() -> None:
    [found] = alerts.silent([quiet(6 * DAY, 2 * DAY)], 3 * DAY, NOW)
    assert found.title == "Echo: https://echo.test/rss"
    assert found.text == (
        "It answers, and has had nothing new since 2024-06-14 12:00 UTC, for 6.0 days; before, its longest silence was "
        "48 hours. It may have moved: `wirewatch feeds add` with its home page finds the address of now."
    )


def test_feeds_that_answer_and_have_nothing_new_ring_too() -> None:
    state = Collecting(33, NOW - 99 * HOUR, NOW - HOUR / 4, None, {}, fresh=NOW - 12 * HOUR)
    [found] = alerts.standing_still(state, HOUR, NOW, 12 * HOUR)
    assert found.title == "Nothing new is collected"
    assert alerts.standing_still(replace(state, fresh=NOW - 11 * HOUR), HOUR, NOW, 12 * HOUR) == []
    assert alerts.standing_still(replace(state, feeds=9), HOUR, NOW, 12 * HOUR) == [], "nine feeds may all be silent"
    few = replace(state, feeds=19, fresh=NOW - 23 * HOUR)
    assert alerts.standing_still(few, HOUR, NOW, 12 * HOUR) == []
    assert alerts.standing_still(replace(few, fresh=NOW - 24 * HOUR), HOUR, NOW, 12 * HOUR), "of few, twice the hours"
    assert alerts.standing_still(replace(state, fresh=None, added=NOW - HOUR), HOUR, NOW, 12 * HOUR) == []


def test_what_died_long_ago_leaves_the_light() -> None:
    assert alerts.light([(alerts.DIED, NOW - 6 * DAY)], NOW) == alerts.AMBER
    assert alerts.light([(alerts.DIED, NOW - 8 * DAY)], NOW) == alerts.GREEN
    assert alerts.light([(alerts.DIED, NOW), (alerts.STANDS_STILL, NOW - 30 * DAY)], NOW) == alerts.RED
    assert alerts.light([(alerts.SPREADS, NOW)], NOW) == alerts.GREEN
    assert alerts.light([], NOW) == alerts.GREEN
