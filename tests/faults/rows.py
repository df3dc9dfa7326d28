"""What stands in a database after a run, told by addresses and never by ids, so that two runs can be compared."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import Any

from pipeline import database
from pipeline.settings import Settings

Row = tuple[Any, ...]
Rows = Mapping[str, Counter[Row]]

# Each as rows of values that every run must have in common; how often a row stands there counts too.
QUERIES = {
    "entries": """
        SELECT f.url, e.key, e.canonical_url, e.title, md5(e.text), e.published, e.published_rule, e.first_seen_at,
               e.last_seen_at, e.absent_since, e.returned, e.revision, e.matched_at IS NULL, a.identity
        FROM entries e JOIN feeds f ON f.id = e.feed_id LEFT JOIN articles a ON a.id = e.article_id""",
    "entry revisions": """
        SELECT f.url, e.key, r.revision, r.seen_at, r.changed, r.title, md5(r.text), r.published
        FROM entry_revisions r JOIN entries e ON e.id = r.entry_id JOIN feeds f ON f.id = e.feed_id""",
    "entry topics": """
        SELECT f.url, e.key, t.topic, t.on_topic, t.rule
        FROM entry_topics t JOIN entries e ON e.id = t.entry_id JOIN feeds f ON f.id = e.feed_id""",
    "articles": """
        SELECT identity, canonical_url, outlet, state, reason, title, md5(text), authors, published, language,
               text_source, text_reason, kind, words, revision, first_seen_at
        FROM articles""",
    "article revisions": """
        SELECT a.identity, r.revision, r.kind, r.title, md5(r.text)
        FROM article_revisions r JOIN articles a ON a.id = r.article_id""",
    "article topics": """
        SELECT a.identity, t.topic, t.on_topic, t.rule
        FROM article_topics t JOIN articles a ON a.id = t.article_id""",
    "copies": """
        SELECT a.identity, o.identity, c.rule, round(c.containment::numeric, 3)
        FROM copies c JOIN articles a ON a.id = c.article_id JOIN articles o ON o.id = c.origin_id""",
    "stories": """
        SELECT array_agg(a.identity ORDER BY a.identity)
        FROM memberships m JOIN articles a ON a.id = m.article_id WHERE m.until IS NULL GROUP BY m.story_id""",
    "digest items": """
        SELECT d.topic, d.day, i.headline, i.summary, i.status, i.outlets, i.independent,
               (SELECT array_agg(a.identity ORDER BY a.identity) FROM jsonb_array_elements(i.articles) x
                JOIN articles a ON a.id = (x ->> 'article_id')::bigint)
        FROM digest_items i JOIN digests d ON d.id = i.digest_id WHERE d.state = 'published'""",
    "digests": """
        SELECT topic, day, state, title, articles, outlets, note FROM digests WHERE state <> 'superseded'""",
    "digest lines": """
        SELECT d.topic, d.day, regexp_replace(line, 'story [0-9]+', 'story N')
        FROM digests d, regexp_split_to_table(d.markdown, E'\\n') AS line
        WHERE d.state <> 'superseded'""",
    "deliveries": """
        SELECT d.topic, d.day, x.channel, x.outcome FROM deliveries x JOIN digests d ON d.id = x.digest_id
        WHERE x.channel NOT LIKE 'review-%'""",
    "faults": "SELECT step, kind, class, message FROM item_faults",
}


def read(settings: Settings) -> dict[str, Counter[Row]]:
    """Name of each kind of row -> its rows, each with how often it stands there."""
    with database.connect(settings) as connection:
        return {
            name: Counter(tuple(map(_plain, row.values())) for row in connection.execute(query).fetchall())
            for name, query in QUERIES.items()
        }


def differences(found: Rows, wanted: Rows) -> dict[str, list[str]]:
    """Name of each kind of row that differs -> a line per row that is missing (``-``) or too many (``+``)."""
    differing = {}
    for name in wanted:
        missing, more = wanted[name] - found[name], found[name] - wanted[name]
        lines = [f"- {_shown(row)}" for row in missing.elements()] + [f"+ {_shown(row)}" for row in more.elements()]
        if lines:
            differing[name] = sorted(lines, key=lambda line: (line[2:], line[0]))
    return differing


def fingerprint(rows: Rows) -> str:
    """The same for equal rows, in any order."""
    text = "\n".join(
        f"{name} {row} {count}" for name in sorted(rows) for row, count in sorted(rows[name].items(), key=str)
    )
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _shown(row: Row) -> str:
    return " | ".join("" if value is None else str(value)[:400] for value in row)
