"""Columns hold the words of their sets alone, as the code has them, and the database says what each word means."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from pipeline import database
from pipeline.database.embedded import Server
from pipeline.models.sets import PATTERNS, SETS, UNKNOWN
from pipeline.settings import Settings
from tests.support.earlier import brought_up, earlier

CHECKS = """
SELECT c.conrelid::regclass::text AS "table", a.attname AS "column", pg_get_constraintdef(c.oid) AS rule, convalidated
FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'c' AND c.connamespace = 'public'::regnamespace AND cardinality(c.conkey) = 1
  AND a.atttypid = 'text'::regtype
"""
# Spelling of keys and of codes that are another standard's: neither a set nor a word with a part that varies.
SPELLINGS = {"people.person", "people.country", "person_names.language"}
COLUMNS = sorted(SETS.keys() | PATTERNS.keys())
# One row of each table that has such a column, with words that are known.
ROWS = """
INSERT INTO topics (slug, name, definition, digest_zone) VALUES ('t', 'T', '{}', 'UTC');
INSERT INTO coverage (kind, since) VALUES ('live', now());
INSERT INTO feeds (url, outlet, format) VALUES ('https://a.example/feed', 'A', 'rss2');
INSERT INTO articles (identity, canonical_url, url, outlet, first_seen_at, ownership, reason, text_reason, kind,
                      text_source, published_rule, language_rule, author_rule)
VALUES ('a', 'a', 'a', 'A', now(), 'public', 'dns', 'http-403', 'article', 'feed', 'meta', 'agreed', 'byline'),
       ('b', 'b', 'b', 'A', now(), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO article_revisions (article_id, revision, seen_at, kind, title, text) VALUES (1, 1, now(), 'first', '', '');
INSERT INTO article_topics (article_id, topic, on_topic, rule, score, threshold, decided_at)
VALUES (1, 't', true, 'person', 1, 0, now());
INSERT INTO entries (feed_id, key, title, text, published, published_rule, first_seen_at, last_seen_at)
VALUES (1, 'k', '', '', now(), 'first-seen:missing', now(), now());
INSERT INTO entry_revisions (entry_id, revision, seen_at, changed, title, text, published, published_rule)
VALUES (1, 0, now(), '{}', '', '', now(), 'url');
INSERT INTO entry_topics (entry_id, topic, on_topic, rule, score, threshold, decided_at)
VALUES (1, 't', true, 'query', 1, 0, now());
INSERT INTO copies (article_id, origin_id, containment, resemblance, rule, decided_at)
VALUES (1, 2, 1, 1, 'earliest', now());
INSERT INTO fetches (at, kind, feed_id, url, outcome) VALUES (now(), 'feed', 1, 'a', 'http-503');
INSERT INTO item_faults (step, kind, item_id, tries, first_at, last_at, next_try_at, class, message, place)
VALUES ('deliver-failed-webhook-mail', 'digest', 1, 1, now(), now(), now(), '', '', '');
INSERT INTO stories (opened_at, first_published, last_published) VALUES (now(), now(), now());
INSERT INTO memberships (article_id, story_id, since, score, threshold, method) VALUES (1, 1, now(), 1, 1, 'mix');
INSERT INTO story_events (at, kind, story_id, actor, reason) VALUES (now(), 'open', 1, '', '');
INSERT INTO overrides (kind, article_id, story_id, actor, reason) VALUES ('must-link', 1, 1, '', '');
INSERT INTO digests (topic, day, version, title, markdown, html, articles, outlets, as_of, drafted_at)
VALUES ('t', '2024-01-01', 1, '', '', '', 1, 1, now(), now());
INSERT INTO digest_items (digest_id, story_id, rank, headline, summary, status, score, outlets, independent, articles)
VALUES (1, 1, 1, '', '', 'new', 1, 1, 1, '[]');
INSERT INTO deliveries (digest_id, channel, at, outcome) VALUES (1, 'files', now(), 'ok');
INSERT INTO review_answers (digest_id, at, actor, via, wanted, outcome)
VALUES (1, now(), '', 'page', 'publish', 'taken');
INSERT INTO alerts (kind, subject, title, text, raised_at, told_at) VALUES ('notice', '', '', '', now(), now());
INSERT INTO subscriptions (feed_id, hub_url, topic_url, token, secret, next_at) VALUES (1, '', '', '', '', now());
"""
# And of tables that came later than the sets themselves.
LATER = """
INSERT INTO feed_moves (feed_id, at, from_url, to_url, way, ended) VALUES (1, now(), 'a', 'b', 'redirect', 'followed');
"""
# Columns whose sets came with 0057 and have a word for what older versions wrote.
NEW = sorted(column for column, words in SETS.items() if UNKNOWN.keys() <= words.keys())


def fill(settings: Settings, given: str = ROWS + LATER) -> None:
    with database.connect(settings) as connection:
        connection.execute(given.encode())


def held(settings: Settings) -> list[dict[str, Any]]:
    with database.connect(settings) as connection:
        return [{**row, "name": f"{row['table']}.{row['column']}"} for row in connection.execute(CHECKS.encode())]


@pytest.fixture
def of_before(embedded: Server) -> Iterator[Settings]:
    """A database without the sets, with a row of each table."""
    with earlier(embedded, 57) as settings:
        fill(settings, ROWS)
        yield settings


def test_the_database_has_the_sets_of_the_code(settings: Settings) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for row in held(settings):
        [array] = re.findall(r"'\{(.*?)\}'::text\[\]|ARRAY\[(.*?)\]", row["rule"]) or [("", "")]
        words = re.findall(r'[^",]+', array[0]) if array[0] else re.findall(r"'([^']*)'::text", array[1])
        if words:
            found[row["name"]] |= set(words)
    assert found == {column: set(words) for column, words in SETS.items()}
    patterns = {row["name"]: re.findall(r" ~ '(.*?)'::text", row["rule"]) for row in held(settings)}
    assert {name for name, found in patterns.items() if found} == PATTERNS.keys() | SPELLINGS
    assert {name: patterns[name] for name in PATTERNS} == {name: [pattern] for name, pattern in PATTERNS.items()}
    assert [row["name"] for row in held(settings) if not row["convalidated"]] == []


def test_the_database_says_what_each_word_means(settings: Settings) -> None:
    with database.connect(settings) as connection:
        rows = connection.execute("SELECT * FROM meanings").fetchall()
    said: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        if row["value"] is not None:
            said[f"{row['table_name']}.{row['column_name']}"][row["value"]] = row["says"]
    assert said == SETS
    spelt = {f"{row['table_name']}.{row['column_name']}": row["pattern"] for row in rows if row["pattern"]}
    assert spelt == PATTERNS


def test_no_other_word_is_taken(settings: Settings) -> None:
    fill(settings)
    taken = []
    with database.connect(settings) as connection:
        for column in COLUMNS:
            table, name = column.split(".")
            try:
                with connection.transaction():
                    assert connection.execute(f"UPDATE {table} SET {name} = 'martian'").rowcount > 0
                taken.append(column)
            except psycopg.errors.CheckViolation:
                pass
    assert taken == []


@pytest.mark.parametrize("column", COLUMNS)
def test_every_word_of_a_set_is_taken(settings: Settings, column: str) -> None:
    table, name = column.split(".")
    others = {"articles.state": ", reason = 'dns', title = 'T', text = 'Text.', published = now()"}.get(column, "")
    if column == "digests.state":
        others = ", reviewed_by = 'vera'"
    fill(settings)
    with database.connect(settings) as connection:
        for word in SETS.get(column, ()):
            connection.execute(f"UPDATE {table} SET {name} = %s{others}", (word,))


def test_words_of_before_that_no_set_has_are_unknown(of_before: Settings) -> None:
    with database.connect(of_before) as connection:
        connection.execute("ALTER TABLE article_topics DROP CONSTRAINT article_topics_rule")
        connection.execute("ALTER TABLE entry_topics DROP CONSTRAINT entry_topics_rule")
        for column in NEW:
            table, name = column.split(".")
            connection.execute(f"UPDATE {table} SET {name} = 'martian' WHERE {name} IS NOT NULL")
        connection.execute("ALTER TABLE article_topics ADD CONSTRAINT article_topics_rule CHECK (rule <> '') NOT VALID")
        connection.execute("ALTER TABLE entry_topics ADD CONSTRAINT entry_topics_rule CHECK (rule <> '') NOT VALID")
        connection.execute("UPDATE deliveries SET channel = 'pigeon'")
    said = brought_up(of_before)
    assert [each for each in said if "is not known" in each] == [
        line
        for column in COLUMNS
        for table, name in [column.split(".")]
        for line in (
            [f'1 row(s) put right: {name} of {table} says "unknown" where it held a word that is not known']
            if column in NEW
            else ["1 row(s) keep a channel of deliveries that is not known, as no word stands for it"]
            if column == "deliveries.channel"
            else []
        )
    ]
    with database.connect(of_before) as connection:
        for column in NEW:
            table, name = column.split(".")
            rows = connection.execute(f"SELECT {name} AS word FROM {table} WHERE {name} IS NOT NULL").fetchall()
            assert [row["word"] for row in rows] == ["unknown"], column
    assert [row["name"] for row in held(of_before) if not row["convalidated"]] == ["deliveries.channel"]
