"""Rows that cannot be true are refused by the database itself, and those of before are put right."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from pipeline import database
from pipeline.database import schema
from pipeline.database.embedded import Server
from pipeline.settings import Settings

ROWS = """
INSERT INTO topics (slug, name, definition, digest_zone) VALUES ('t', 'T', '{}', 'UTC');
INSERT INTO feeds (url, outlet) VALUES ('https://a.example/feed', 'A');
INSERT INTO articles (identity, canonical_url, url, outlet, first_seen_at) VALUES ('a', 'a', 'a', 'A', now());
INSERT INTO stories (opened_at, first_published, last_published) VALUES (now(), now(), now());
INSERT INTO gaps (feed_id, seen_at, since, until) VALUES (1, now(), '2024-01-01', '2024-01-02');
INSERT INTO memberships (article_id, story_id, since, score, threshold, method)
VALUES (1, 1, '2024-01-01', 1, 1, 'first');
INSERT INTO digests (topic, day, version, title, markdown, html, articles, outlets, as_of, drafted_at)
VALUES ('t', '2024-01-01', 1, '', '', '', 1, 1, now(), now());
INSERT INTO digest_items (digest_id, story_id, rank, headline, summary, status, score, outlets, independent, articles)
VALUES (1, 1, 1, '', '', 'new', 1, 1, 1, '[]');
"""
WRONG = {
    "gaps_end_after_they_begin": "UPDATE gaps SET until = '2023-01-01'",
    "memberships_end_after_they_begin": "UPDATE memberships SET until = '2023-01-01'",
    "stories_merge_into_others": "UPDATE stories SET merged_into = id",
    "digest_items_independent_are_outlets": "UPDATE digest_items SET independent = 2",
    "digests_published_by_somebody": "UPDATE digests SET state = 'published'",
    "articles_ownership_is_known": "UPDATE articles SET ownership = 'martian'",
}


@pytest.fixture
def of_before(embedded: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A database as it was before the rules, with rows that are right."""
    embedded.ensure_database("inexact")
    settings = Settings(database_url=embedded.url("inexact"))
    known = schema.migrations()
    with monkeypatch.context() as patch:
        patch.setattr(schema, "migrations", lambda: [one for one in known if one[0] < 42])
        database.migrate(settings)
    with database.connect(settings) as connection:
        connection.execute(ROWS.encode())
    yield settings
    database.close_idle()
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE inexact WITH (FORCE)")


@pytest.mark.parametrize("rule", WRONG)
def test_a_wrong_row_is_refused(settings: Settings, rule: str) -> None:
    with database.connect(settings) as connection:
        connection.execute(ROWS.encode())
        with pytest.raises(psycopg.errors.CheckViolation) as caught, connection.transaction():
            connection.execute(WRONG[rule].encode())
        assert caught.value.diag.constraint_name == rule


def test_wrong_rows_of_before_are_put_right(of_before: Settings) -> None:
    with database.connect(of_before) as connection:
        for wrong in WRONG.values():
            assert connection.execute(wrong.encode()).rowcount == 1
    assert database.migrate(of_before)[0] == "0042_exact_rows"
    with database.connect(of_before) as connection:
        found = connection.execute("""
            SELECT g.until = g.since AS gap, m.until = m.since AS membership, s.merged_into, i.independent,
                   d.state, d.reviewed_by, a.ownership
            FROM gaps g, memberships m, stories s, digest_items i, digests d, articles a""").fetchone()
    assert found == {
        "gap": True,
        "membership": True,
        "merged_into": None,
        "independent": 1,
        "state": "published",
        "reviewed_by": "unknown",
        "ownership": None,
    }
    with database.connect(of_before) as connection:
        held = "SELECT count(*) AS n FROM pg_constraint WHERE convalidated AND conname = ANY (%s)"
        assert connection.execute(held, [list(WRONG)]).fetchone() == {"n": len(WRONG)}
