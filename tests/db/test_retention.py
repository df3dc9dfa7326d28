"""Retention counts from when a row arrived: the past that was collected today is not forgotten tomorrow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from pipeline import database, steps
from pipeline.settings import Settings
from pipeline.steps.barrier import PLACE, Tally, Work
from pipeline.steps.clustering import place_with
from pipeline.store import feeds as feed_store
from pipeline.store.feeds import Fetch
from tests.support.deskrows import START, TOPIC, placed
from tests.support.tellings import Telling, arrive, made

TODAY = datetime.now(UTC)
FORGOTTEN = ("fetches_forgotten", "raw_forgotten", "keys_forgotten", "terms_forgotten", "profiles_forgotten")


@pytest.fixture
def newsroom(newsroom: Settings) -> Settings:
    """The same with a feed."""
    with database.connect(newsroom) as connection:
        connection.execute("INSERT INTO feeds (url, outlet) VALUES ('https://outlet.example/feed', 'Outlet')")
    return newsroom


def collected(settings: Settings, tellings: Sequence[Telling], then: datetime) -> None:
    """What a backfill run today leaves of a moment of the past: a request, an entry, fingerprints, placed articles."""
    arrive(settings, tellings, then)
    with database.connect(settings) as connection:
        feed_store.log_fetch(
            connection,
            Fetch(at=then, as_of=then, kind="feed", feed_id=1, url="https://outlet.example/feed", outcome="ok"),
        )
        connection.execute(
            """INSERT INTO entries (feed_id, key, title, text, summary_html, published, published_rule, first_seen_at,
                                    last_seen_at)
               VALUES (1, %(at)s::text, 't', 't', '<p>t</p>', %(at)s, 'published', %(at)s, %(at)s)""",
            {"at": then},
        )
        connection.execute("UPDATE articles SET copies_at = NULL WHERE clustered_at IS NULL")
    steps.find_copies(settings, now=then)
    place_with(Work(settings, then, PLACE, clock=TODAY), Tally(), Tally())


def test_upkeep_within_a_backfill_changes_nothing(newsroom: Settings) -> None:
    tellings = made()
    half = len(tellings) // 2

    def run(*, kept_up: bool) -> dict[int, int]:
        collected(newsroom, tellings[:half], START)
        if kept_up:
            counts = steps.maintain(newsroom, now=TODAY)
            assert {name: counts[name] for name in FORGOTTEN} == dict.fromkeys(FORGOTTEN, 0)
        collected(newsroom, tellings[half:], START + timedelta(days=2))
        return placed(newsroom)

    undisturbed = run(kept_up=False)
    assert len(set(undisturbed.values())) > 1
    with database.connect(newsroom) as connection:
        connection.execute("TRUNCATE articles, entries, fetches, stories, term_stats RESTART IDENTITY CASCADE")
    assert run(kept_up=True) == undisturbed


def test_what_arrived_before_the_retention_is_forgotten(newsroom: Settings) -> None:
    collected(newsroom, made()[:5], START)
    long_ago = TODAY - timedelta(days=newsroom.retention_days + 1)
    with database.connect(newsroom) as connection:
        for table in ("fetches", "entries", "articles"):
            connection.execute(f"UPDATE {table} SET arrived_at = %s", (long_ago,))
        connection.execute("UPDATE feeds SET last_polled_at = %s", (TODAY,))
    counts = steps.maintain(newsroom, now=TODAY)
    assert counts["fetches_forgotten"] == counts["raw_forgotten"] == 1
    assert counts["keys_forgotten"] > 5


def test_a_clock_that_stands_at_2036_for_a_moment_forgets_nothing(newsroom: Settings) -> None:
    collected(newsroom, made()[:5], START)
    counts = steps.maintain(newsroom, now=datetime(2036, 3, 1, tzinfo=UTC))
    assert {name: counts[name] for name in FORGOTTEN} == dict.fromkeys(FORGOTTEN, 0)


def test_words_of_a_backfilled_past_count_as_those_of_today(newsroom: Settings) -> None:
    """At their own age they would vanish beside today's, and each word of that year would look rare."""
    collected(newsroom, made()[:1], START)
    collected(newsroom, made()[1:2], TODAY)
    with database.connect(newsroom) as connection:
        row = connection.execute("SELECT max(count) / min(count) AS ratio FROM term_stats WHERE term <> ''").fetchone()
    assert row is not None
    assert row["ratio"] in (1.0, 2.0)


def test_a_date_of_the_future_makes_no_story_old(newsroom: Settings) -> None:
    collected(newsroom, made()[:5], TODAY)
    with database.connect(newsroom) as connection:
        connection.execute("UPDATE story_profiles SET changed = changed - interval '40 days', last_day = %s",
                           (TODAY.timestamp() // 86_400,))  # fmt: skip
        connection.execute("UPDATE story_profiles SET last_day = last_day + 3650 WHERE story_id = 1")
    assert steps.maintain(newsroom, now=TODAY)["profiles_forgotten"] == 0


def test_alerts_that_are_over_what_was_sent_and_what_was_set_aside_are_forgotten_too(newsroom: Settings) -> None:
    """And neither what is still due nor a standing alert, nor the digest; nothing is sent again for it."""
    collected(newsroom, made()[:1], TODAY)
    long_ago, lately = TODAY - timedelta(days=newsroom.retention_days + 1), TODAY - timedelta(days=1)
    rows = """INSERT INTO digests (topic, day, version, state, title, markdown, html, articles, outlets, as_of,
                                   drafted_at, reviewed_by, reviewed_at, published_at)
               VALUES (%(topic)s, '2023-01-01', 1, 'published', '', '', '', 1, 1, %(old)s,
                       %(old)s, 'a', %(old)s, %(old)s);
               INSERT INTO alerts (kind, subject, title, text, raised_at, told_at, cleared_at)
               VALUES ('feed-died', '1', '', '', %(old)s, %(old)s, %(old)s),
                      ('feed-died', '2', '', '', %(old)s, %(old)s, NULL),
                      ('feed-died', '3', '', '', %(old)s, %(old)s, %(new)s);
               INSERT INTO deliveries (digest_id, channel, at, outcome, next_try_at, failed_at)
               VALUES (1, 'files', %(old)s, 'ok', NULL, NULL), (1, 'slack', %(old)s, 'internal', NULL, %(old)s),
                      (1, 'mail', %(new)s, 'ok', NULL, NULL), (1, 'webhook', %(old)s, 'waiting', %(soon)s, NULL);
               INSERT INTO deliveries (alert_id, channel, at, outcome) VALUES (1, 'raised-mail', %(old)s, 'ok');
               INSERT INTO item_faults (step, kind, item_id, tries, first_at, last_at, next_try_at, set_aside_at, class,
                                        message, place)
               VALUES ('deliver-slack', 'digest', 1, 5, %(old)s, %(old)s, %(old)s, %(old)s, 'X', '', ''),
                      ('extract', 'article', 1, 5, %(old)s, %(old)s, %(old)s, %(old)s, 'X', '', ''),
                      ('embed', 'article', 1, 5, %(new)s, %(new)s, %(new)s, %(new)s, 'X', '', '')"""
    values = {"topic": TOPIC, "old": long_ago, "new": lately, "soon": TODAY + timedelta(hours=1)}
    with database.connect(newsroom) as connection:
        for statement in rows.split(";\n"):
            connection.execute(statement.encode(), values)
    counts = steps.maintain(newsroom, now=TODAY)
    assert {name: counts[f"{name}_forgotten"] for name in ("alerts", "deliveries", "faults")} == {
        "alerts": 1, "deliveries": 2, "faults": 2,
    }  # fmt: skip
    assert counts["redelivered"] == counts["undelivered"] == 0
    with database.connect(newsroom) as connection:
        left = connection.execute(
            "SELECT (SELECT array_agg(channel ORDER BY channel) FROM deliveries) AS sent,"
            " (SELECT array_agg(subject ORDER BY subject) FROM alerts) AS alerts,"
            " (SELECT array_agg(step) FROM item_faults) AS faults, (SELECT count(*) FROM digests) AS digests"
        ).fetchone()
    assert left == {"sent": ["mail", "webhook"], "alerts": ["2", "3"], "faults": ["embed"], "digests": 1}
