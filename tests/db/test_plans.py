"""No view, function, example or query reads a whole table that grows for ever, beside 200,000 rows.

What is asked is found in the database itself, so that a view that is added is held to it: each is asked whole or, where
that reads a table through, for the newest hour by each of its times and for one value of each of its ids. It must be
answered by one of these without that. Postgres counts its own sequential scans, within functions too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest

from bench import million
from pipeline.database.embedded import Server
from pipeline.shipped import SQL

GROWING = ("articles", "article_revisions", "article_topics", "article_words", "copies", "entries", "entry_stages",
           "entry_topics", "fetches", "memberships", "stories", "vectors")  # fmt: skip
ARTICLES = 16_000
"""With their entries, verdicts and requests 200,000 rows."""
EXAMPLES = (SQL / "examples.sql").read_text("utf-8")
NAMES = re.findall(r"^-- name: (\w+)$", EXAMPLES, re.MULTILINE)

Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture(scope="module")
def full(embedded: Server, template: str) -> Iterator[Connection]:
    """A database with 200,000 rows that have been counted by Postgres."""
    embedded.ensure_database("full_of_rows")
    url = embedded.url("full_of_rows")
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as admin:
        admin.execute("DROP DATABASE full_of_rows")
        admin.execute(f"CREATE DATABASE full_of_rows TEMPLATE {template} STRATEGY FILE_COPY".encode())
        admin.execute("ALTER DATABASE full_of_rows SET search_path = wirewatch, public, extensions")
    million.fill(url, ARTICLES, 8, "made")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET max_parallel_workers_per_gather = 0")
        yield connection
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as admin:
        admin.execute("DROP DATABASE full_of_rows WITH (FORCE)")


def scanned(connection: Connection, query: str) -> set[str]:
    """The growing tables that a query reads through."""
    asked = "SELECT relname::text, seq_scan FROM pg_stat_xact_user_tables WHERE relname = ANY(%s)"
    with connection.transaction():
        before = set(connection.execute(asked, [list(GROWING)]).fetchall())
        connection.execute(query.encode()).fetchall()
        after = set(connection.execute(asked, [list(GROWING)]).fetchall())
    return {str(name) for name, scans in after - before if scans}


def offered(connection: Connection) -> list[tuple[str, list[str]]]:
    """Each view that people are offered, and the conditions that it may be asked under."""
    views = connection.execute(
        "SELECT c.relnamespace::regnamespace || '.' || c.relname,"
        " array_agg(a.attname || ' ' || format_type(a.atttypid, NULL) ORDER BY a.attnum)"
        " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
        " WHERE c.relkind IN ('v', 'm') AND c.relnamespace IN ('public'::regnamespace, 'wirewatch'::regnamespace)"
        " GROUP BY 1 ORDER BY 1"
    ).fetchall()
    found = []
    for view, columns in views:
        assert isinstance(columns, list)
        conditions = ["true"]
        for column in columns:
            name, kind = column.split(" ", 1)
            if kind == "timestamp with time zone":
                conditions.append(f"{name} BETWEEN now() - interval '2 hours' AND now() - interval '1 hour'")
            elif kind == "bigint" and name.endswith("_id"):
                conditions.append(f"{name} = 1000")
        found.append((str(view), conditions))
    return found


def test_the_counter_sees_a_scan(full: Connection) -> None:
    assert scanned(full, "SELECT count(*) FROM articles WHERE text LIKE '%x%'") == {"articles"}
    assert scanned(full, "SELECT count(*) FROM (SELECT * FROM articles WHERE title LIKE '%x' OFFSET 0) a") == {
        "articles"
    }


def test_every_view_is_answered_by_indexes(full: Connection) -> None:
    views = offered(full)
    assert {"wirewatch.feed_health", "wirewatch.ledger", "wirewatch.stage_counts"} <= {view for view, _ in views}
    slow = {
        view: {condition: scanned(full, f"SELECT * FROM {view} WHERE {condition}") for condition in conditions}
        for view, conditions in views
    }
    assert {view: how for view, how in slow.items() if all(how.values())} == {}


@pytest.mark.parametrize("view", ["feed_health", "source_health", "topic_recall", "wirewatch.stage_counts"])
def test_what_is_counted_over_all_is_answered_whole(full: Connection, view: str) -> None:
    assert scanned(full, f"SELECT * FROM {view}") == set()


def test_every_function_that_people_are_offered_is_answered_by_indexes(full: Connection) -> None:
    values = {"bigint": "1000", "text": "'w300 w12'", "timestamp with time zone": "now() - interval '2 hours'",
              "date": "current_date", "integer": "10", "interval": "interval '1 hour'"}  # fmt: skip
    offered_functions = full.execute(
        "SELECT 'wirewatch.' || p.proname, ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes[0:p.pronargs - "
        "p.pronargdefaults - 1]) WITH ORDINALITY AS a (t, n) ORDER BY n) FROM pg_proc p"
        " WHERE p.pronamespace = 'wirewatch'::regnamespace AND p.prokind = 'f' AND p.prorettype <> 'trigger'::regtype"
    ).fetchall()
    assert {"wirewatch.search", "wirewatch.similar_articles"} <= {str(name) for name, _ in offered_functions}
    slow = {}
    for name, kinds in offered_functions:
        assert isinstance(kinds, list)
        if found := scanned(full, f"SELECT * FROM {name}({', '.join(values[kind] for kind in kinds)})"):
            slow[str(name)] = found
    assert slow == {}


@pytest.mark.parametrize("question", ["w300", "w1", "w15000", '"w2 w3"', "w150*", "w300 -w1", "", "nothing"])
def test_search_of_common_and_rare_words_is_answered_by_indexes(full: Connection, question: str) -> None:
    assert scanned(full, f"SELECT * FROM wirewatch.search('{question}')") == set()
    narrow = "of_outlet => 'Outlet 7', since => now() - interval '1 day'"
    assert scanned(full, f"SELECT * FROM wirewatch.search('{question}', {narrow})") == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_example_is_answered_by_indexes(full: Connection, name: str) -> None:
    text = EXAMPLES.split(f"-- name: {name}\n")[1].split("-- name: ")[0]
    hour = str(full.execute("SELECT now() - interval '1 hour'").fetchall()[0][0])
    for variable, value in (("topic", "topic-1"), ("moment", hour), ("since", hour)):
        text = text.replace(f":'{variable}'", f"'{value}'")
    assert scanned(full, text) == set()


DRAFTS = (SQL / "queries" / "digests.sql").read_text("utf-8")


@pytest.mark.parametrize("name", ["day", "still_coming", "earlier", "since", "shown", "revised"])
def test_what_a_draft_of_a_day_asks_is_answered_by_indexes(full: Connection, name: str) -> None:
    query = DRAFTS.split(f"-- name: {name}\n")[1].split("-- name: ")[0].rstrip().rstrip(";").replace("%%", "%")
    values = {
        "topic": "'topic-1'", "day": "(current_date - 1)", "since_day": "(current_date - 2)", "digest_id": "3",
        "now": "now()", "as_of": "now()", "since_as_of": "now() - interval '1 day'",
        "start": "now() - interval '2 hours'", "end": "now() - interval '1 hour'",
    }  # fmt: skip
    for parameter, value in values.items():
        query = query.replace(f"%({parameter})s", value)
    assert scanned(full, query) == set()
