"""What the desk is alerted of, when it is told again, and when it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import alerts
from pipeline.alerts import Collecting, DeadFeed, Found, Standing, Telling

NOW = datetime(2024, 6, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def told(*minutes_ago: float, story: int = 7) -> list[Telling]:
    return [
        Telling(story, "Treaty signed", f"Outlet {n}", NOW - timedelta(minutes=ago))
        for n, ago in enumerate(minutes_ago)
    ]


def test_a_story_spreads_once_enough_outlets_told_it_in_time() -> None:
    [found] = alerts.spreading(told(100, 70, 40, 10), 4, timedelta(minutes=90), NOW)
    assert (found.kind, found.subject, found.title) == ("story-spreads", "7", "Treaty signed")
    assert found.text == (
        "4 independent outlets told it within 90 minutes, Outlet 0 first of them at 10:20 UTC, "
        "Outlet 3 last at 11:50 UTC. By now it has 4."
    )
    assert alerts.spreading(told(100, 70, 40, 10), 4, timedelta(minutes=89), NOW) == []
    assert alerts.spreading(told(100, 70, 40), 4, timedelta(minutes=90), NOW) == []


def test_the_window_moves() -> None:
    slow_then_quick = told(600, 400, 30, 20, 10)
    [found] = alerts.spreading(slow_then_quick, 3, timedelta(minutes=30), NOW)
    assert "Outlet 2 first of them" in found.text


def test_what_spread_long_ago_rings_no_bell() -> None:
    last_year = [Telling(1, "a", f"o{n}", NOW - timedelta(days=365, minutes=n)) for n in range(9)]
    assert alerts.spreading(last_year, 3, HOUR, NOW) == []


@given(st.lists(st.floats(0, 600), max_size=12), st.integers(1, 6), st.floats(1, 300))
def test_a_story_spreads_where_any_window_holds_enough(ago: list[float], outlets: int, minutes: float) -> None:
    within = timedelta(minutes=minutes)
    stories = told(*ago)
    times = sorted(each.at for each in stories)
    ends = [end for end in times if sum(end - within <= at <= end for at in times) >= outlets]
    found = alerts.spreading(stories, outlets, within, NOW)
    # The first such window counts: what passed the mark long ago is no news, however many have told it since.
    assert bool(found) == bool(ends and NOW - ends[0] <= alerts.FRESH)


def row(kind: str = "feed-died", told_at: datetime = NOW, subject: str = "7") -> Standing:
    return Standing(1, kind, subject, "t", NOW - 9 * HOUR, told_at)


def test_what_stands_is_told_again_after_a_day_and_an_occurrence_never() -> None:
    holds = [Found("feed-died", "7", "t", "x")]
    looked = ["feed-died"]
    assert alerts.news(holds, [row()], looked, NOW + alerts.AGAIN - HOUR) == alerts.News()
    assert alerts.news(holds, [row()], looked, NOW + alerts.AGAIN).again == ((row(), holds[0]),)
    spread = [Found("story-spreads", "7", "t", "x")]
    assert alerts.news(spread, [row("story-spreads")], looked, NOW + 9 * alerts.AGAIN) == alerts.News()


def test_what_holds_no_more_is_cleared_where_it_was_looked_for() -> None:
    assert alerts.news([], [row()], ["feed-died"], NOW).cleared == (row(),)
    assert alerts.news([], [row()], ["no-collection"], NOW) == alerts.News()
    other = Found("feed-died", "8", "t", "x")
    assert alerts.news([other], [row()], ["feed-died"], NOW) == alerts.News((other,), (), (row(),))


def test_a_dead_feed_says_since_when_and_what_to_do() -> None:
    gone = DeadFeed(3, "Echo", "https://echo.example/rss", "retired", "http-410: the server says so", NOW)
    [found] = alerts.died([gone])
    assert found == Found(
        "feed-died",
        "3",
        "Echo: https://echo.example/rss",
        "http-410: the server says so. It last answered at 2024-06-20 12:00 UTC. "
        "It is asked no more; `wirewatch feeds add` finds its new address from the home page.",
        "/wirewatch/feeds",
        for_good=True,
    )


def state(**changed: object) -> Collecting:
    usual = {"feeds": 9, "added": NOW - 99 * HOUR, "answered": NOW - 2 * HOUR, "due": None, "failures": {}}
    return Collecting(**(usual | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (state(), ""),  # no feed was due
        (state(due=NOW - HOUR / 2), ""),
        (state(due=NOW - HOUR), "nobody asks them"),
        (state(answered=None, due=NOW - HOUR), "No feed ever answered"),
        (state(answered=NOW - HOUR / 2, due=NOW - 9 * HOUR), ""),
        (state(failures={"dns": 8}), ""),  # the ninth was not due
        (state(failures={"dns": 8, "connect": 1}), "All of 9 feeds fail, most by `dns`"),
        (state(answered=None, added=NOW, failures={"dns": 9}), ""),  # begun just now
        (state(feeds=0, added=None, answered=None), ""),
    ],
)
def test_collection_stands_still_where_feeds_were_due_or_asked_in_vain(found: Collecting, says: str) -> None:
    alert = alerts.standing_still(found, HOUR, NOW)
    assert bool(alert) == bool(says)
    assert says in "".join(each.text for each in alert)
