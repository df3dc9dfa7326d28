"""A clock that stood at 2036 for a moment: what it left is pulled back at the next look, and `doctor` names it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline import database, steps
from pipeline.errors import Fault
from pipeline.settings import Settings
from pipeline.steps.barrier import EXTRACT
from pipeline.store import faults
from pipeline.store.faults import Item
from pipeline.store.hosts import SharedHosts
from tests.support.receivers import hook

NOW = datetime.now(UTC).replace(microsecond=0)
AHEAD = datetime(2036, 3, 1, tzinfo=UTC)


def wrong(settings: Settings, now: datetime) -> set[str]:
    return {finding.check for finding in steps.examine(settings, now=now) if not finding.is_well}


def feed(settings: Settings) -> dict[str, datetime]:
    with database.connect(settings) as connection:
        row = connection.execute("SELECT next_poll_at, last_polled_at, leased_until FROM feeds").fetchone()
    assert row is not None
    return row


def test_a_house_in_order_is_well(settings: Settings) -> None:
    findings = list(steps.examine(settings, now=NOW))
    assert len(findings) >= 10
    assert not [finding for finding in findings if not finding.is_well]


@pytest.fixture
def polled_in_2036(settings: Settings) -> Iterator[Settings]:
    """A feed nobody answers for, asked once by a clock that stood at 2036."""
    with database.connect(settings) as connection:
        connection.execute("INSERT INTO feeds (url, outlet) VALUES ('http://127.0.0.1:9/feed', 'Outlet')")
    steps.poll(settings, feed_ids=[1], now=AHEAD)
    yield settings


def test_a_feed_polled_in_2036_is_due_again_at_the_next_look(polled_in_2036: Settings) -> None:
    assert feed(polled_in_2036)["next_poll_at"] > AHEAD
    assert wrong(polled_in_2036, NOW) == {"newest row", "feeds never due", "feeds polled in the future"}
    assert steps.due_batches(polled_in_2036, now=NOW) == [[1]]
    found = feed(polled_in_2036)
    assert found["next_poll_at"] == found["last_polled_at"] == NOW
    assert wrong(polled_in_2036, NOW) == set()
    steps.poll(polled_in_2036, feed_ids=[1], now=NOW)
    with database.connect(polled_in_2036) as connection:
        row = connection.execute("SELECT poll_state FROM feeds").fetchone()
    assert row is not None
    assert not [value for value in row["poll_state"].values() if str(value).startswith("2036")]


def test_the_desk_is_told_once_of_a_clock_that_stood_ahead(polled_in_2036: Settings) -> None:
    with hook() as desk:
        told = replace(polled_in_2036, desk_webhook_url=desk.address)
        steps.due_batches(told, now=NOW)
        steps.due_batches(told, now=NOW)
        assert steps.maintain(told, now=NOW)["pulled_back"] == 0
    assert [body["subject"] for body in desk.bodies] == ["A clock stood ahead: 1 row put right"]


def test_a_feed_that_is_put_off_as_long_as_feeds_are_stays_so(settings: Settings) -> None:
    with database.connect(settings) as connection:
        connection.execute(
            "INSERT INTO feeds (url, outlet, next_poll_at, last_polled_at) VALUES ('https://o.example/f', 'O', %s, %s)",
            (NOW + timedelta(days=7, hours=3), NOW),
        )
    assert steps.due_batches(settings, now=NOW) == []
    assert steps.maintain(settings, now=NOW)["pulled_back"] == 0


def test_upkeep_pulls_back_all_that_the_clock_has_left(settings: Settings) -> None:
    with database.connect(settings) as connection:
        connection.execute(
            """INSERT INTO articles (identity, canonical_url, url, outlet, first_seen_at, state, next_try_at,
                                     next_refetch_at, leased_until, title, text, published)
               VALUES ('a', 'a', 'https://o.example/a', 'O', %(now)s, 'pending', %(ahead)s, NULL, %(ahead)s,
                       NULL, NULL, NULL),
                      ('b', 'b', 'https://o.example/b', 'O', %(now)s, 'extracted', 'epoch', %(ahead)s, 'epoch',
                       'T', 'Text.', %(now)s)""",
            {"now": NOW, "ahead": AHEAD},
        )
        faults.record(
            connection,
            Item(EXTRACT.name, EXTRACT.kind, 1),
            Fault("ValueError", "no", "extraction/facts.py:1"),
            tries=1,
            now=AHEAD,
            next_try=AHEAD,
        )
    assert wrong(settings, NOW) == {"pages never due", "items never due", "leases too long"}
    assert steps.maintain(settings, now=NOW)["pulled_back"] == 4
    assert wrong(settings, NOW) == set()
    assert steps.maintain(settings, now=NOW)["pulled_back"] == 0


def test_a_host_is_asked_again_though_its_next_slot_was_in_2036(settings: Settings) -> None:
    hosts = SharedHosts(settings)
    assert hosts.reserve("o.example", 2.0, 0.0) == 0.0
    with database.connect(settings) as connection:
        connection.execute("UPDATE hosts SET next_request_at = %s", (AHEAD,))
    assert hosts.reserve("o.example", 2.0, 0.0) == pytest.approx(0.0, abs=0.5)
    assert hosts.reserve("o.example", 2.0, 0.0) == pytest.approx(2.0, abs=0.5)


def test_words_counted_in_2036_are_counted_anew(desk: Settings) -> None:
    """Beside theirs, the counts of today are nothing, and each new word would look as rare as the next."""
    steps.place(desk, now=NOW)
    with database.connect(desk) as connection:
        before = connection.execute("SELECT language, term, count FROM term_stats WHERE term = ''").fetchall()
        connection.execute("UPDATE articles SET arrived_at = %s", (AHEAD,))
        connection.execute("UPDATE term_stats SET count = count * 2.0 ^ 120")
    assert steps.maintain(desk, now=NOW)["pulled_back"] == 1
    with database.connect(desk) as connection:
        after = connection.execute("SELECT language, term, count FROM term_stats WHERE term = ''").fetchall()
        words = connection.execute("SELECT count(*) AS n FROM term_stats").fetchone()
    assert [row["count"] for row in after] == pytest.approx([row["count"] for row in before])
    assert words is not None
    assert words["n"] > 20
