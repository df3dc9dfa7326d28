"""Alarms of disks, queues, Airflow's parts, reviews, rows and runs; and many of a kind as one message."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from pipeline import alerts
from pipeline.alerts import Disk, FailedRun, Found, Looked, Parts, Queue, Standing, Unreviewed

NOW = datetime(2024, 6, 20, 12, tzinfo=UTC)
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
GB = float(alerts.GIGA)


@pytest.mark.parametrize(
    ("disk", "says"),
    [
        (Disk("h:/", 250 * GB, 27 * GB, 27 * GB), ""),
        (Disk("h:/", 250 * GB, 9 * GB, None), "9.0 GB of 250.0 GB are free."),
        (Disk("h:/", 20 * GB, 3 * GB, None), ""),  # more than a tenth
        (Disk("h:/", 20 * GB, 1.5 * GB, None), "1.5 GB of 20.0 GB"),
        (Disk("h:/", 100 * GB, 40 * GB, 60 * GB), "At the pace of the last day it is full in 2.0 days."),
        (Disk("h:/", 100 * GB, 40 * GB, 50 * GB), ""),  # four days are left
        (Disk("h:/", 2000 * GB, 400 * GB, 600 * GB), ""),  # a backfill on a large disk
        (Disk("h:/", 100 * GB, 40 * GB, 30 * GB), ""),  # it empties
    ],
)
def test_a_disk_fills_by_share_or_by_its_pace(disk: Disk, says: str) -> None:
    found = alerts.filling([disk], 0.1)
    assert bool(found) == bool(says)
    assert says in "".join(each.text for each in found)


@pytest.mark.parametrize(
    ("queue", "rings"),
    [
        (Queue("embed", 900, 3 * 3600.0, 500, 2.5 * 3600), True),
        (Queue("embed", 900, 3 * 3600.0, 500, 3 * 3600.0), True),  # as old, and more behind it
        (Queue("embed", 400, 2.9 * 3600, 500, 3 * 3600.0), False),  # it shrinks
        (Queue("embed", 900, 1.9 * 3600, 500, 0.9 * 3600), False),  # a run may still end
        (Queue("embed", 900, 3 * 3600.0), False),  # once is no trend
        (Queue("embed", 0, 0.0, 0, 0.0), False),
    ],
)
def test_a_queue_grows_where_the_oldest_waits_longer_than_it_did(queue: Queue, rings: bool) -> None:
    assert bool(alerts.growing([queue], 2 * HOUR)) is rings


BEATS: dict[str, datetime | None] = dict.fromkeys(("scheduler", "dag-processor", "triggerer"), NOW - MINUTE)


@pytest.mark.parametrize(
    ("parts", "subjects"),
    [
        (Parts(BEATS), []),
        (Parts(BEATS | {"scheduler": NOW - 4 * MINUTE}), ["scheduler"]),
        (Parts(BEATS | {"triggerer": None}), ["triggerer"]),
        (Parts(None, said="It cannot be reached"), ["api-server"]),
        (Parts(BEATS, workers=("a", "b"), expected=2), []),
        (Parts(BEATS, workers=("a",), expected=2), ["worker"]),
        (Parts(BEATS, workers=(), expected=0), ["worker"]),  # both of two were gone before anybody looked
    ],
)
def test_the_parts_of_which_nothing_is_heard_are_named(parts: Parts, subjects: list[str]) -> None:
    assert [found.subject for found in alerts.away(parts, NOW)] == subjects


def test_each_part_says_what_goes_without_it() -> None:
    [found] = alerts.away(Parts(BEATS | {"scheduler": NOW - 9 * MINUTE}), NOW)
    assert found.text == (
        "It was last heard of at 2024-06-20 11:51 UTC. Without it nothing is started. "
        "Start it again; its log says why it ended."
    )


def test_who_looked_and_does_so_no_more_is_missed() -> None:
    looked = [Looked("deliver", NOW - 20 * MINUTE), Looked("watch", NOW - 5 * MINUTE)]
    [found] = alerts.nobody_looks(looked, NOW)
    assert (found.subject, found.title) == ("deliver", "The DAG `deliver` does not run")
    [found] = alerts.nobody_looks([Looked("watch", NOW - HOUR)], NOW)
    assert "wirewatch doctor --alert" in found.text


def draft(day: int, until: datetime | None) -> Unreviewed:
    return Unreviewed(day, "putin-kim-summit", date(2024, 6, day), until)


def test_reviews_about_to_lapse_and_lapsed_are_one_message() -> None:
    drafts = [draft(20, NOW + 2 * DAY), draft(18, NOW + 12 * HOUR), draft(17, None)]
    [found] = alerts.lapsing(drafts, 12 * HOUR, NOW)
    assert found.title == "1 review lapsed, 1 is about to"
    assert found.text.splitlines() == [
        "3 digests wait for review, and will until it is given.",
        "putin-kim-summit: nobody is asked any more for 2024-06-17; "
        "2024-06-18 is asked for until 2024-06-21 00:00 UTC.",
        "`wirewatch digest review` decides several in one go, and so does the page Waiting.",
    ]
    [found] = alerts.lapsing(drafts[:2], 12 * HOUR, NOW)
    assert found.title == "1 review is about to lapse"
    [found] = alerts.lapsing([draft(day, None) for day in range(1, 15)], 12 * HOUR, NOW)
    assert found.title == "14 reviews lapsed"
    assert "nobody is asked any more for 14 days from 2024-06-01 to 2024-06-14." in found.text
    assert alerts.lapsing(drafts[:1], 12 * HOUR, NOW) == []


def test_rows_that_contradict_are_named_and_none_are_no_alert() -> None:
    [found] = alerts.disagreeing({"circular_copies": 2, "profiles_of_wrong_size": 0})
    assert found.text.startswith("circular copies: 2. ")
    assert alerts.disagreeing({"circular_copies": 0}) == []


def failed(minutes_ago: float, dag_id: str = "collect") -> FailedRun:
    return FailedRun(dag_id, f"run-{minutes_ago:g}", NOW - timedelta(minutes=minutes_ago), "task_failure")


def test_runs_of_a_dag_that_fail_one_after_the_other_are_one_alert() -> None:
    runs = [failed(900), failed(60), failed(45), failed(30), failed(10, "digest")]
    found = alerts.failing_runs(runs, NOW)
    assert [(each.subject, each.title) for each in found] == [
        ("collect", "collect, run-30"),
        ("digest", "digest, run-10"),
    ]
    assert found[0].text == "task_failure 3 runs failed since 2024-06-20 11:00 UTC, this one last."
    assert found[0].path == "/dags/collect/runs/run-30"
    assert alerts.failing_runs([failed(121)], NOW) == [], "none has failed for two hours"


def feeds(count: int) -> list[Found]:
    return [
        Found(alerts.DIED, str(n), f"Feed {n}", f"http-404 since {n}.\nMore.", "/wirewatch/feeds") for n in range(count)
    ]


def test_171_feeds_that_die_at_once_are_one_message_and_three_are_three() -> None:
    [group] = alerts.in_groups(feeds(171), lambda found: found.kind)
    message = alerts.told(group)
    assert message.subject == "Alert: 171 feeds died"
    lines = message.text.splitlines()
    assert lines[0] == "- Feed 0: http-404 since 0."
    assert len(lines) == 11
    assert lines[-1] == "and 161 more"
    assert message.path == "/wirewatch/feeds"
    assert [len(group) for group in alerts.in_groups(feeds(3), lambda found: found.kind)] == [1, 1, 1]


def test_other_kinds_are_told_beside_the_many() -> None:
    rows = [*feeds(4), Found(alerts.STANDS_STILL, "", "Nothing is collected", "x")]
    groups = alerts.in_groups(rows, lambda found: found.kind)
    assert [alerts.told(group).subject for group in groups] == ["Alert: 4 feeds died", "Alert: Nothing is collected"]


def test_a_run_that_failed_is_called_so() -> None:
    [found] = alerts.failing_runs([failed(1)], NOW)
    assert alerts.told([found]).subject == "Failed: collect, run-1"
    assert alerts.told([found], again=True).subject == "Still failing: collect, run-1"


def test_the_end_of_many_is_one_message() -> None:
    rows = [Standing(n, alerts.DIED, str(n), f"Feed {n}", NOW, NOW) for n in range(12)]
    message = alerts.cleared(rows)
    assert message.subject == "Over: 12 feeds died"
    assert message.text.splitlines()[-1] == "and 2 more"


def test_the_interval_of_repeating_is_settable() -> None:
    row = Standing(1, alerts.DISK, "h:/", "t", NOW - DAY, NOW)
    found = [Found(alerts.DISK, "h:/", "t", "x")]
    assert alerts.news(found, [row], [alerts.DISK], NOW + 6 * HOUR, 6 * HOUR).again == ((row, found[0]),)
    assert alerts.news(found, [row], [alerts.DISK], NOW + 5 * HOUR, 6 * HOUR) == alerts.News()
