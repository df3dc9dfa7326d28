"""No view, function, example or query reads a whole table that grows for ever, beside half a million rows.

What is asked is found in the database and in ``sql/`` (``bench/asked.py``), so that what is added is held to it.
Postgres counts its own sequential scans, within functions too.

A plan hangs on the share of the rows that is asked for. So the 16,000 articles come 11 a day: a day and a week hold
the same share of them as of a million at 700 a day. WIREWATCH_PLAN_ARTICLES takes another number, with the same
shares.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from bench import asked, million
from pipeline.database.embedded import Server

ARTICLES = int(os.environ.get("WIREWATCH_PLAN_ARTICLES", "16000"))
BOUNDED = {
    "copy_keys": "forgotten with the time in which copies are looked for",
    "coverage": "one row",
    "embedding_models": "a row a model",
    "feed_tallies": "a row a feed",
    "feeds": "a row a feed",
    "entry_news": "folded by maintenance",
    "poll_news": "folded by maintenance",
    "source_news": "folded by maintenance",
    "stage_news": "folded by maintenance",
    "stage_tallies": "a row a stage",
    "source_tallies": "a few rows an outlet",
    "glosses": "asked for by their key alone",
    "shared_addresses": "asked for by their key alone",
    "hosts": "a row an outlet",
    "robots": "a row an outlet",
    "subscriptions": "a row a feed",
    "left_subscriptions": "short-lived",
    "item_faults": "what is tried again or set aside",
    "pushes": "short-lived",
    "stories_to_rebuild": "short-lived",
    "story_profiles": "forgotten with the window of their story",
    "story_terms": "forgotten with the window of their story",
    "measurements": "forgotten after eight days",
    "run_failures": "forgotten after eight days",
    "feed_moves": "a row for each move of a feed, which are few",
    "labels": "as many as people make",
    "overrides": "as many as people make",
    "review_answers": "as many as people give",
    "review_asks": "as many as people are asked",
    "review_words": "as many as people say",
    "told_apart": "few",
    "people": "does not grow",
    "person_names": "does not grow",
    "place_names": "does not grow",
    "schema_migrations": "a row a migration",
    "term_stats": "words that faded are forgotten",
    "topics": "a row a topic",
    "entry_revisions": "asked for by their key alone",
}
"""Tables that a question may read whole, and why they do not grow with the articles for ever."""
WHOLE = {
    "query clock.count_words": "counts all words anew, where a clock stood years ahead",
    "query digests.all": "lists all of them",
    "query metrics.samples": "counts all digests and all of the outbox, some rows a day of each",
    "query models.complete": "looks through all, once after another model was used",
    "query progress.counts": "counts all of them, for the line under a progress bar",
    "query upkeep.forget_alerts": "looks at each alert once a day",
    "query upkeep.disagreements": "compares all of them, once a day",
    "function stories_as_of(moment)": "returns all of them; known_stories is its quick sister",
}
"""What reads all there is, as it is asked for all of it."""

Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture(scope="module")
def full(embedded: Server, template: str) -> Iterator[Connection]:
    """A database with half a million rows that have been counted by Postgres."""
    embedded.ensure_database("full_of_rows")
    url = embedded.url("full_of_rows")
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as admin:
        admin.execute("DROP DATABASE full_of_rows")
        admin.execute(f"CREATE DATABASE full_of_rows TEMPLATE {template} STRATEGY FILE_COPY".encode())
        admin.execute("ALTER DATABASE full_of_rows SET search_path = wirewatch, public, extensions")  # a clone has none
    shape = million.Shape(ARTICLES, ARTICLES * million.A_DAY / million.ARTICLES, a_story=3, dimension=8)
    million.fill(url, shape, asked.MODEL)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path = wirewatch, public, extensions")
        connection.execute("SET max_parallel_workers_per_gather = 0")
        yield connection
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as admin:
        admin.execute("DROP DATABASE full_of_rows WITH (FORCE)")


def scanned(connection: Connection, query: str, values: dict[str, Any] | None = None) -> set[str]:
    """The growing tables that a query reads through; what it changes is undone."""
    counted = "SELECT relname::text, seq_scan FROM pg_stat_xact_user_tables WHERE schemaname = 'public'"
    with connection.transaction(force_rollback=True):
        before = set(connection.execute(counted).fetchall())
        connection.execute(query.encode(), values)
        after = set(connection.execute(counted).fetchall())
    return {str(name) for name, scans in after - before if scans} - BOUNDED.keys()


def test_the_counter_sees_a_scan(full: Connection) -> None:
    assert scanned(full, "SELECT count(*) FROM articles WHERE text LIKE '%x%'") == {"articles"}
    assert scanned(full, "SELECT count(*) FROM (SELECT * FROM articles WHERE title LIKE '%x' OFFSET 0) a") == {
        "articles"
    }


def test_every_table_is_loaded_or_does_not_grow(full: Connection) -> None:
    asked_for = (
        "SELECT relname::text, reltuples FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    found = {str(table): float(str(rows)) for table, rows in full.execute(asked_for).fetchall()}
    assert BOUNDED.keys() <= found.keys()
    assert {table for table, number in found.items() if number < ARTICLES / 20} <= BOUNDED.keys()


KINDS = {"view": 20, "function": 50, "search": 10, "example": 30, "query": 200}
"""How many of each there are at least, so that none is tested for want of being found."""


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_asked_is_answered_by_indexes(full: Connection, kind: str) -> None:
    questions = {name: (query, values) for name, query, values in million.questions(full) if name.startswith(kind)}
    assert len(questions) >= KINDS[kind]
    assert {name for name in WHOLE if name.startswith(kind)} <= questions.keys()
    slow = {name: found for name, (query, values) in questions.items() if (found := scanned(full, query, values))}
    assert {name: found for name, found in slow.items() if name not in WHOLE} == {}
