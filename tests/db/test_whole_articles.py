"""An extracted article has a title, a text and a date, a failed one a reason, and when a text was first had is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from pipeline import database
from pipeline.database.embedded import Server
from pipeline.settings import Settings
from tests.support.earlier import brought_up, earlier

SEEN = datetime(2024, 6, 18, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
WHOLE = """
INSERT INTO articles (identity, canonical_url, url, outlet, state, first_seen_at, title, text, published,
                      published_rule, fetched_at, extracted_at, revision)
SELECT each, each, 'https://o.example/' || each, 'O', 'extracted', %(seen)s, 'Title', 'Text', %(seen)s, 'meta',
       %(seen)s, %(seen)s, 1 FROM unnest(%(names)s::text[]) AS each
"""
WRONG = {
    "no-title": "title = NULL",
    "no-text": "text = NULL",
    "empty-text": "text = ''",
    "no-date": "published = NULL",
    "no-reason": "state = 'failed'",
}


@pytest.fixture
def of_before(embedded: Server) -> Iterator[Settings]:
    """A database without the rules, with one article for each of them."""
    with earlier(embedded, 55) as settings:
        with database.connect(settings) as connection:
            connection.execute(WHOLE, {"seen": SEEN, "names": [*WRONG, "right"]})
        yield settings


def _first_fetched(connection: database.Connection) -> datetime | None:
    row = connection.execute("SELECT first_fetched_at AS at FROM articles").fetchone()
    assert row is not None
    at: datetime | None = row["at"]
    return at


@pytest.mark.parametrize("wrong", WRONG)
def test_an_article_that_is_not_whole_is_refused(settings: Settings, wrong: str) -> None:
    rule = "articles_failed_say_why" if wrong == "no-reason" else "articles_extracted_are_whole"
    with database.connect(settings) as connection:
        connection.execute(WHOLE, {"seen": SEEN, "names": ["a"]})
        with pytest.raises(psycopg.errors.CheckViolation) as caught, connection.transaction():
            connection.execute(f"UPDATE articles SET {WRONG[wrong]}")
        assert caught.value.diag.constraint_name == rule


def test_articles_of_before_are_made_true(of_before: Settings) -> None:
    with database.connect(of_before) as connection:
        for name, wrong in WRONG.items():
            connection.execute(f"UPDATE articles SET {wrong} WHERE identity = %s", (name,))
        connection.execute("""
            INSERT INTO article_revisions (article_id, revision, seen_at, kind, title, text)
            SELECT id, number, first_seen_at, 'first', 'Kept title ' || number, 'Kept text.'
            FROM articles, generate_series(1, 2) AS number WHERE identity IN ('empty-text', 'no-title')""")
    said = brought_up(of_before)
    assert [each for each in said if "article" in each] == [
        "2 row(s) put right: extracted articles without title or text have their newest revision's",
        "1 row(s) put right: extracted articles without a date have that of their first sighting",
        "1 row(s) put right: extracted articles without a text wait for their page again",
        '1 row(s) put right: failed articles without a reason have "unknown"',
    ]
    with database.connect(of_before) as connection:
        found = connection.execute(
            "SELECT identity, state, title, text, published, published_rule, reason FROM articles"
        )
        rows = {row.pop("identity"): tuple(row.values()) for row in found}
        held = connection.execute("SELECT id FROM articles WHERE state = 'pending' AND next_try_at < now()").rowcount
    assert rows == {
        "right": ("extracted", "Title", "Text", SEEN, "meta", None),
        "no-title": ("extracted", "Kept title 2", "Text", SEEN, "meta", None),
        "empty-text": ("extracted", "Title", "Kept text.", SEEN, "meta", None),
        "no-date": ("extracted", "Title", "Text", SEEN, "first-seen", None),
        "no-text": ("pending", "Title", None, SEEN, "meta", None),
        "no-reason": ("failed", "Title", "Text", SEEN, "meta", "unknown"),
    }
    assert held == 1, "what has no text is claimed again"


def test_when_a_text_was_first_had_is_set_once(settings: Settings) -> None:
    with database.connect(settings) as connection:
        connection.execute(
            "INSERT INTO articles (identity, canonical_url, url, outlet, first_seen_at) VALUES ('a', '', '', 'O', %s)",
            (SEEN,),
        )
        assert _first_fetched(connection) is None
        for at in (SEEN + HOUR, SEEN + 5 * HOUR):
            connection.execute("UPDATE articles SET fetched_at = %s", (at,))
            assert _first_fetched(connection) == SEEN + HOUR
        for wrong in (SEEN, None):
            with pytest.raises(psycopg.errors.CheckViolation, match="is not changed"), connection.transaction():
                connection.execute("UPDATE articles SET first_fetched_at = %s", (wrong,))
        with pytest.raises(psycopg.errors.CheckViolation) as caught, connection.transaction():
            connection.execute("UPDATE articles SET fetched_at = %s", (SEEN,))
        assert caught.value.diag.constraint_name == "articles_first_fetch_comes_first"
        assert _first_fetched(connection) == SEEN + HOUR


def test_of_rows_of_before_the_earliest_that_is_known_counts(of_before: Settings) -> None:
    earliest = {"no-title": 1, "no-text": 2, "no-date": 3}
    with database.connect(of_before) as connection:
        connection.execute("UPDATE articles SET fetched_at = %s", (SEEN + 9 * HOUR,))
        connection.execute(
            """INSERT INTO article_revisions (article_id, revision, seen_at, kind, title, text)
               SELECT id, number, %s + number * interval '2 hours', 'first', 'T', 'Text.'
               FROM articles, generate_series(1, 2) AS number WHERE identity IN ('no-title', 'no-text')""",
            (SEEN,),
        )
        connection.execute(
            """INSERT INTO fetches (at, kind, article_id, url, outcome)
               SELECT %(at)s + hours * interval '1 hour', 'page', id, url, CASE hours WHEN 0 THEN 'dns' ELSE 'ok' END
               FROM articles JOIN (VALUES ('no-title', 1), ('no-title', 0), ('no-date', 3)) AS f (name, hours)
               ON name = identity""",
            {"at": SEEN},
        )
        connection.execute("UPDATE articles SET fetched_at = NULL WHERE identity = 'no-reason'")
    brought_up(of_before)
    with database.connect(of_before) as connection:
        found = {row["identity"]: row["first_fetched_at"] for row in connection.execute("SELECT * FROM articles")}
    assert found == {
        **{name: SEEN + hours * HOUR for name, hours in earliest.items()},
        **dict.fromkeys(("empty-text", "right"), SEEN + 9 * HOUR),
        "no-reason": None,
    }
