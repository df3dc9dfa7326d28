"""What a live start says of its first round: each case in its own words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline import topics
from pipeline.local import collecting
from pipeline.settings import Settings
from pipeline.store.progress import Arrivals, Widest

CAME = Arrivals(
    feeds=4, asked=4, answered=2, failed={"dns": 1, "http-404": 1}, entries=60, new=40, judged=40,
    on_topic={"russia-north-korea": 3}, pages=3, read=2,
)  # fmt: skip


@pytest.fixture(scope="module")
def subjects() -> list[topics.Topic]:
    return topics.load_all(Settings())


def said(came: Arrivals, subjects: list[topics.Topic], *widest: Widest, over: bool = True) -> list[str]:
    return [line.strip() for line in collecting._said(came, subjects, widest, over)]


def test_what_answered_what_did_not_and_what_came(subjects: list[topics.Topic]) -> None:
    assert said(CAME, subjects, Widest(7, 2, "A pact"), Widest(9, 1, None), over=False) == [
        "4 of 4 feeds asked: 2 answered, 2 did not (name not found 1, http-404 1)",
        "`wirewatch feeds check` asks every feed once more and shows how it is.",
        "40 new entries, on topic: Russia and North Korea 3",
        "2 of their 3 pages read; the others are on their way",
        "The widest stories of the last 24 hours:",
        "2 outlets  A pact",
        "1 outlet   without a headline",
    ]


def test_no_network_is_told_from_feeds_that_fail(subjects: list[topics.Topic]) -> None:
    nothing = replace(CAME, answered=0, failed={"dns": 3, "connect": 1}, new=0, judged=0, on_topic={}, pages=0)
    assert "without a network" in said(nothing, subjects)[1]
    refused = replace(nothing, failed={"dns": 3, "http-403": 1})
    assert "without a network" not in " ".join(said(refused, subjects)), "somebody answered"


def test_nothing_due_and_nothing_yet_are_two_things(subjects: list[topics.Topic]) -> None:
    none = Arrivals(4, 0, 0, {}, 0, 0, 0, {}, 0, 0)
    assert said(none, subjects) == [
        "None of the 4 feeds was due: each is asked by its own habit, and never more often."
    ]
    [line] = said(none, subjects, over=False)
    assert line.startswith("No feed has answered yet")


def test_what_was_not_looked_at_is_not_called_off_topic(subjects: list[topics.Topic]) -> None:
    waiting = replace(CAME, judged=10, on_topic={}, pages=0)
    assert "40 new entries, on topic: none (30 are not looked at yet)" in said(waiting, subjects, over=False)


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (datetime(2026, 11, 28, 12, tzinfo=UTC), "28 November in Asia/Pyongyang is drafted at "),
        (datetime(2026, 11, 28, 17, 59, tzinfo=UTC), "28 November in Asia/Pyongyang is drafted at "),
        (datetime(2026, 11, 28, 18, 0, tzinfo=UTC), "29 November in Asia/Pyongyang is drafted at "),
    ],
)
def test_the_next_draft_is_of_the_day_that_ends_before_it(
    subjects: list[topics.Topic], now: datetime, says: str
) -> None:
    [ongoing] = [subject for subject in subjects if subject.end is None]
    assert collecting._next_draft(ongoing, now).startswith(says)
