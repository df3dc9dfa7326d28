"""The counts that are kept as rows come and go are those that counting all rows gives, at any moment."""

from __future__ import annotations

import random
import re

import pytest

from pipeline import database
from pipeline.database import Connection, schema
from pipeline.database.embedded import Server
from pipeline.settings import Settings
from pipeline.store import upkeep
from tests.support.project import REPOSITORY

FEEDS = """
SELECT f.id AS feed_id, count(e.id) AS entries,
       count(e.id) FILTER (WHERE EXISTS (
           SELECT 1 FROM entries o WHERE o.canonical_url = e.canonical_url AND o.id <> e.id)) AS shared
FROM feeds f LEFT JOIN entries e ON e.feed_id = f.id GROUP BY f.id ORDER BY f.id"""
POLLS = """
SELECT f.id AS feed_id, count(p.id) AS polls, count(p.id) FILTER (WHERE p.outcome IN ('not-modified', 'unchanged')) AS
       unmodified, count(p.id) FILTER (WHERE p.outcome NOT IN ('ok', 'not-modified', 'unchanged')) AS failed,
       coalesce(sum(p.bytes), 0) AS bytes
FROM feeds f LEFT JOIN fetches p ON p.feed_id = f.id AND p.kind = 'feed' GROUP BY f.id ORDER BY f.id"""
STAGES = """
SELECT coalesce(topic, '') AS topic, stage, count(*) AS entries, count(*) FILTER (
           WHERE coalesce(article_on_topic, entry_on_topic) AND kind IS DISTINCT FROM 'roundup') AS expected,
       count(story_id) AS reached
FROM ledger GROUP BY 1, 2 ORDER BY 1, 2"""
KEPT_STAGES = """
SELECT topic, stage, sum(entries)::bigint AS entries,
       coalesce(sum(entries) FILTER (WHERE expected), 0)::bigint AS expected,
       coalesce(sum(entries) FILTER (WHERE reached), 0)::bigint AS reached
FROM all_stages GROUP BY 1, 2 ORDER BY 1, 2"""
SOURCES = """
SELECT a.outlet, min(a.country) AS country, min(a.ownership) AS ownership, count(*) AS articles,
       count(*) FILTER (WHERE a.state = 'extracted') AS extracted,
       count(*) FILTER (WHERE a.text_source = 'feed') AS from_feed,
       count(*) FILTER (WHERE a.kind = 'teaser') AS teasers, count(*) FILTER (WHERE a.state = 'failed') AS failed,
       count(c.article_id) AS copies,
       round(count(c.article_id)::numeric / nullif(count(*) FILTER (WHERE a.state = 'extracted'), 0), 3) AS copy_share,
       count(*) FILTER (WHERE a.revision > 1) AS revised, max(a.published) AS newest,
       mode() WITHIN GROUP (ORDER BY a.reason) FILTER (WHERE a.reason IS NOT NULL) AS commonest_reason
FROM articles a LEFT JOIN copies c ON c.article_id = a.id GROUP BY a.outlet ORDER BY a.outlet"""
RECALL = """
SELECT t.topic, count(*) AS on_topic_entries, count(m.story_id) AS reached_a_story,
       round(count(m.story_id)::numeric / nullif(count(*), 0), 4) AS share
FROM entry_topics t JOIN entries e ON e.id = t.entry_id LEFT JOIN articles a ON a.id = e.article_id
LEFT JOIN article_topics w ON w.article_id = e.article_id AND w.topic = t.topic
LEFT JOIN memberships m ON m.article_id = e.article_id AND m.until IS NULL
WHERE coalesce(w.on_topic, t.on_topic) AND a.kind IS DISTINCT FROM 'roundup' GROUP BY t.topic ORDER BY t.topic"""

TEXT = (REPOSITORY / "tests" / "support" / "happenings.sql").read_text("utf-8")
HAPPENINGS = [each.strip() for each in re.sub(r"^--.*$", "", TEXT, flags=re.MULTILINE).split(";\n") if each.strip()]


@pytest.mark.parametrize("seed", [1, 3, 4])
def test_what_is_kept_is_what_counting_gives(settings: Settings, seed: int) -> None:
    drawn, seen = random.Random(seed), set()
    with database.connect(settings) as connection:
        connection.execute(
            "INSERT INTO topics (slug, name, definition, digest_zone) VALUES ('one', 'One', '{}', 'UTC')"
        )
    coming = rows_come()
    for step in range(len(coming) + 150):
        with database.connect(settings) as connection:
            happening = (
                coming[step]
                if step < len(coming)
                else drawn.choices(HAPPENINGS, [0.2 if each.startswith("DELETE") else 1 for each in HAPPENINGS])[0]
            )
            connection.execute(happening.format(a=drawn.randrange(8), b=drawn.randrange(8)).encode())
        if step % 5 == 0:
            with database.connect(settings) as connection:
                seen |= compare(connection)
        if drawn.random() < 0.1:
            with database.connect(settings) as connection:
                upkeep.fold_feed_news(connection)
                upkeep.fold_stage_news(connection, drawn.choice([1, 5, 1000]))
    assert "in digest" in seen, seen
    assert len(seen) > 10, seen


def rows_come() -> list[str]:
    """What only adds and changes rows, in the order that one needs the other, so that there is something to count."""
    return [
        each for each in HAPPENINGS if "item_faults" not in each and not each.startswith("DELETE") for _ in range(8)
    ]


def test_what_is_there_is_counted_when_it_is_migrated(embedded: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded.ensure_database("filled_before")
    settings, drawn = Settings(database_url=embedded.url("filled_before")), random.Random(3)
    every = schema.migrations()
    monkeypatch.setattr(schema, "migrations", lambda: [each for each in every if each[0] < 50])
    database.migrate(settings)
    with database.connect(settings) as connection:
        connection.execute(
            "INSERT INTO topics (slug, name, definition, digest_zone) VALUES ('one', 'One', '{}', 'UTC')"
        )
        for happening in rows_come():
            connection.execute(happening.format(a=drawn.randrange(8), b=drawn.randrange(8)).encode())
        connection.execute("UPDATE articles SET title = 'Treaties', language = 'en', published = now()")
    monkeypatch.undo()
    assert database.migrate(settings)
    with database.connect(settings) as connection:
        assert len(compare(connection)) > 3
        found = connection.execute("SELECT article_id FROM wirewatch.search('treaty')").fetchall()
        assert len(found) == len(connection.execute("SELECT FROM articles").fetchall()) > 3
    assert database.migrate(settings) == [], "a second time nothing is left to do"


def compare(connection: Connection) -> set[str]:
    """Hold what is kept against what counting gives; the stages that occurred."""

    def rows(query: str) -> list[dict[str, object]]:
        return list(connection.execute(query.encode()).fetchall())

    kept = "SELECT f.id AS feed_id, {} FROM feeds f LEFT JOIN feed_counts c ON c.feed_id = f.id ORDER BY f.id"
    assert rows(FEEDS) == rows(kept.format("coalesce(entries, 0) AS entries, coalesce(shared, 0) AS shared"))
    polls = ", ".join(f"coalesce({name}, 0) AS {name}" for name in ("polls", "unmodified", "failed", "bytes"))
    assert rows(POLLS) == rows(kept.format(polls))
    stages = rows(STAGES)
    assert stages == rows(KEPT_STAGES)
    assert rows(SOURCES) == rows("SELECT * FROM source_health ORDER BY outlet")
    assert rows(RECALL) == rows("SELECT * FROM topic_recall ORDER BY topic")
    return {str(row["stage"]) for row in stages}
