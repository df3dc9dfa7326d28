"""The counts that are kept as rows come and go are those that counting all rows gives, at any moment."""

from __future__ import annotations

import random

import pytest

from pipeline import database
from pipeline.database import Connection
from pipeline.settings import Settings
from pipeline.store import upkeep

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
SELECT topic, stage, sum(entries)::bigint AS entries, coalesce(sum(entries) FILTER (WHERE expected), 0)::bigint AS expected,
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

# What may happen to any row, {a} and {b} being small numbers drawn anew each time.
HAPPENINGS = (
    "INSERT INTO feeds (url, outlet) VALUES ('f{a}', 'Outlet {a}') ON CONFLICT DO NOTHING",
    "INSERT INTO entries (feed_id, key, url, canonical_url, title, text, published, published_rule, first_seen_at,"
    " last_seen_at) SELECT id, 'k{a}', 'u{b}', nullif('u{b}', 'u0'), 't', '', now(), 'feed', now(), now() FROM feeds"
    " WHERE id % 4 = {b} % 4 ON CONFLICT DO NOTHING",
    "UPDATE entries SET canonical_url = 'u{b}' WHERE id % 7 = {a}",
    "DELETE FROM entries WHERE id % 17 = {a}",
    "DELETE FROM feeds WHERE id % 19 = {a}",
    "INSERT INTO fetches (at, kind, feed_id, url, outcome, bytes) SELECT now(), 'feed', id, url,"
    " (ARRAY['ok', 'not-modified', 'http-500'])[1 + {b} % 3], {a} FROM feeds",
    "DELETE FROM fetches WHERE id % 5 = {a}",
    "INSERT INTO articles (identity, canonical_url, url, outlet, country, first_seen_at) VALUES ('{a}', 'u{a}', 'u{a}',"
    " 'O' || {b} % 2, nullif('c{b}', 'c0'), now())"
    " ON CONFLICT DO NOTHING",
    "UPDATE entries SET article_id = a.id, matched_at = now() FROM articles a WHERE a.canonical_url = entries.canonical_url"
    " AND entries.id % 3 = {b} % 3",
    "UPDATE articles SET state = (ARRAY['pending', 'failed', 'extracted', 'extracted'])[1 + {b} % 4], reason = 'r{b}' WHERE id % 5 = {a} % 5",
    "UPDATE articles SET embedded_at = now(), kind = CASE WHEN {b} = 1 THEN 'roundup' ELSE 'article' END WHERE id % 4 = {a} % 4",
    "DELETE FROM articles WHERE id % 13 = {a} AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.article_id = articles.id)",
    "UPDATE articles SET kind = 'teaser', revision = {b}, text_source = 'feed' WHERE id % 4 = {a} % 4",
    "INSERT INTO copies (article_id, origin_id, containment, resemblance, rule, decided_at) SELECT DISTINCT ON (a.id) a.id, o.id, 1, 1, '',"
    " now() FROM articles a, articles o WHERE a.id <> o.id AND a.id % 4 = {a} % 4 AND o.id % 5 = {b} % 5 ON CONFLICT"
    " (article_id) DO UPDATE SET origin_id = excluded.origin_id",
    "DELETE FROM copies WHERE article_id % 5 = {a}",
    "INSERT INTO entry_topics (entry_id, topic, on_topic, rule, score, threshold, decided_at) SELECT id, 'one', {b} % 3 > 0,"
    " 'query', 1, 0, now() FROM entries WHERE id % 3 = {a} % 3 ON CONFLICT (entry_id, topic) DO UPDATE SET on_topic ="
    " excluded.on_topic",
    "INSERT INTO article_topics (article_id, topic, on_topic, rule, score, threshold, decided_at) SELECT id, 'one',"
    " {b} % 4 > 0, 'query', 1, 0, now() FROM articles WHERE id % 3 = {a} % 3 ON CONFLICT (article_id, topic) DO UPDATE"
    " SET on_topic = excluded.on_topic",
    "INSERT INTO stories (opened_at, first_published, last_published) VALUES (now(), now(), now())",
    "INSERT INTO memberships (article_id, story_id, since, score, threshold, method) SELECT a.id, (SELECT max(id) FROM"
    " stories), now(), 1, 0, 'mix' FROM articles a WHERE a.id % 3 = {a} % 3 AND EXISTS (SELECT 1 FROM stories)"
    " ON CONFLICT DO NOTHING",
    "UPDATE memberships SET until = now() WHERE until IS NULL AND id % 5 = {a} % 5",
    "INSERT INTO digests (topic, day, version, title, markdown, html, articles, outlets, as_of, drafted_at) VALUES"
    " ('one', '2026-01-01', {a}, '', '', '', 0, 0, now(), now()) ON CONFLICT DO NOTHING",
    "INSERT INTO digest_items (digest_id, story_id, rank, headline, summary, status, score, outlets, independent, articles)"
    " SELECT d.id, m.story_id, 1, '', '', 'new', 1, 1, 1, jsonb_agg(jsonb_build_object('article_id', m.article_id))"
    " FROM digests d, memberships m WHERE d.id % 3 = {b} % 3 AND m.until IS NULL GROUP BY 1, 2 ON CONFLICT DO NOTHING",
    "INSERT INTO digest_drops (digest_id, story_id, reason) SELECT d.id, s.id, 'no room' FROM digests d, stories s"
    " WHERE s.id % 5 = {a} % 5 ON CONFLICT DO NOTHING",
    "DELETE FROM digest_items WHERE story_id % 7 = {a}",
    "UPDATE digests SET state = (ARRAY['draft', 'rejected', 'superseded'])[1 + {b} % 3] WHERE id % 2 = {a} % 2",
    "INSERT INTO item_faults (step, kind, item_id, tries, first_at, last_at, next_try_at, class, message, place) VALUES"
    " ('match', (ARRAY['entry', 'article'])[1 + {b} % 2], {a}, 1, now(), now(), now(), 'E', '', '') ON CONFLICT DO NOTHING",
    "DELETE FROM item_faults WHERE item_id % 3 = {a} % 3",
)  # fmt: skip


@pytest.mark.parametrize("seed", [1, 3, 4])
def test_what_is_kept_is_what_counting_gives(settings: Settings, seed: int) -> None:
    drawn, seen = random.Random(seed), set()
    with database.connect(settings) as connection:
        connection.execute("INSERT INTO topics (slug, name, definition, digest_zone) VALUES ('one', 'One', '{}', 'UTC')")
    # At first rows only come, in the order that one needs the other, so that there is something to change.
    coming = [each for each in HAPPENINGS[:-2] if not each.startswith("DELETE") for _ in range(8)]
    for step in range(len(coming) + 150):
        with database.connect(settings) as connection:
            happening = coming[step] if step < len(coming) else drawn.choices(HAPPENINGS, [0.2 if each.startswith("DELETE") else 1 for each in HAPPENINGS])[0]
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
