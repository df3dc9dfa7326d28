"""Whoever opens psql reads what each table, column, view, function and type is, and what null means in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from pipeline import database
from pipeline.settings import Settings
from tests.support import labelled_rows

# What is ours: not what an extension brought, and of a partitioned table the whole alone, as a partition is only a
# place for rows of it and Postgres gives it no comment of its own.
OURS = "NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = {oid} AND d.deptype = 'e')"
RELATIONS = f"""
SELECT n.nspname || '.' || c.relname AS name, c.relkind::text AS kind, obj_description(c.oid, 'pg_class') AS comment
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('public', 'wirewatch') AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
  AND {OURS.format(oid="c.oid")}"""
COLUMNS = f"""
SELECT n.nspname || '.' || c.relname AS relation, a.attname AS name, c.relkind::text AS kind,
       col_description(c.oid, a.attnum) AS comment, a.attnotnull AS never_null
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('public', 'wirewatch') AND c.relkind IN ('r', 'p', 'v', 'm', 'c') AND NOT c.relispartition
  AND a.attnum > 0 AND NOT a.attisdropped AND {OURS.format(oid="c.oid")}"""
FUNCTIONS = f"""
SELECT p.oid::regprocedure::text AS name, obj_description(p.oid, 'pg_proc') AS comment
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname IN ('public', 'wirewatch') AND {OURS.format(oid="p.oid")}"""
TYPES = f"""
SELECT t.oid::regtype::text AS name, obj_description(t.oid, 'pg_type') AS comment
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE n.nspname IN ('public', 'wirewatch') AND (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c')
  AND {OURS.format(oid="t.oid")}"""
SCHEMAS = """
SELECT nspname AS name, obj_description(oid, 'pg_namespace') AS comment FROM pg_namespace
WHERE nspname IN ('public', 'wirewatch')"""
NULL = re.compile(r"\bnull\b", re.IGNORECASE)
AS_POSTGRES_MAKES_IT = {"standard public schema"}


@pytest.fixture
def connection(settings: Settings) -> Iterator[database.Connection]:
    with database.connect(settings) as connection:
        yield connection


def without(connection: database.Connection, query: str) -> list[str]:
    """The names of what has no comment."""
    rows = connection.execute(query.encode()).fetchall()
    assert rows
    return sorted(row["name"] for row in rows if not row["comment"] or row["comment"] in AS_POSTGRES_MAKES_IT)


@pytest.mark.parametrize(
    "query", [RELATIONS, FUNCTIONS, TYPES, SCHEMAS], ids=["relations", "functions", "types", "schemas"]
)
def test_each_has_a_comment(connection: database.Connection, query: str) -> None:
    assert without(connection, query) == []


def test_each_column_has_a_comment(connection: database.Connection) -> None:
    rows = connection.execute(COLUMNS.encode()).fetchall()
    assert len(rows) > 400
    assert [f"{row['relation']}.{row['name']}" for row in rows if not row["comment"]] == []


def test_what_has_none_would_be_found(connection: database.Connection) -> None:
    connection.execute("CREATE TABLE public.bare (id int)")
    connection.execute("CREATE VIEW wirewatch.barer AS SELECT 1 AS one")
    connection.execute("CREATE FUNCTION wirewatch.barest() RETURNS int LANGUAGE sql RETURN 1")
    connection.execute("CREATE TYPE public.plain AS ENUM ('a')")
    connection.execute("CREATE TABLE public.parted (id int) PARTITION BY LIST (id)")
    connection.execute("CREATE TABLE public.part PARTITION OF public.parted FOR VALUES IN (1)")
    connection.execute("COMMENT ON SCHEMA wirewatch IS NULL")
    assert without(connection, RELATIONS) == ["public.bare", "public.parted", "wirewatch.barer"]
    assert without(connection, FUNCTIONS) == ["barest()"]
    assert without(connection, TYPES) == ["plain"]
    assert without(connection, SCHEMAS) == ["wirewatch"]


def test_where_a_column_of_a_table_may_be_null_its_comment_says_what_that_means(
    connection: database.Connection,
) -> None:
    rows = [row for row in connection.execute(COLUMNS.encode()) if row["kind"] in "rp" and not row["never_null"]]
    assert len(rows) > 60
    assert [f"{row['relation']}.{row['name']}" for row in rows if not NULL.search(row["comment"] or "")] == []


def test_where_a_column_of_a_view_is_null_its_comment_says_what_that_means(settings: Settings) -> None:
    """Postgres does not know which columns of a view may be null, so rows show it."""
    labelled_rows.fill(settings)
    with database.connect(settings) as connection:
        _more_rows(connection)
        told = {(row["relation"], row["name"]): row["comment"] for row in connection.execute(COLUMNS.encode())}
        seen = 0
        silent = []
        for view in {row["name"] for row in connection.execute(RELATIONS.encode()) if row["kind"] in "vm"}:
            rows = connection.execute(f"SELECT * FROM {view}".encode()).fetchall()
            empty = {name for row in rows for name, value in row.items() if value is None}
            seen += len(empty)
            silent += [f"{view}.{name}" for name in empty if not NULL.search(told[view, name] or "")]
    assert seen > 40
    assert sorted(silent) == []


def _more_rows(connection: database.Connection) -> None:
    """What the recorded web's rows lack: a feed never asked, an entry and a page with nothing, a fault, an alert."""
    connection.execute("""
        INSERT INTO feeds (url, outlet) VALUES ('https://never.example/feed', 'Never');
        INSERT INTO entries (feed_id, key, title, text, published, published_rule, first_seen_at, last_seen_at)
        SELECT id, 'k', '', '', now(), 'first-seen:missing', now(), now() FROM feeds WHERE outlet = 'Never';
        INSERT INTO articles (identity, canonical_url, url, outlet, first_seen_at, state, reason)
        VALUES ('never', 'never', '', 'Never', now(), 'failed', 'no-link');
        INSERT INTO item_faults (step, kind, item_id, tries, first_at, last_at, next_try_at, class, message, place)
        VALUES ('draft', 'story', 1, 1, now(), now(), now(), 'ValueError', '', 'a.py:1');
        INSERT INTO alerts (kind, subject, title, text, raised_at, told_at)
        VALUES ('no-collection', '', 'a', 'b', now(), now());
        INSERT INTO deliveries (alert_id, channel, at, outcome)
        SELECT id, 'raised-webhook', now(), 'waiting' FROM alerts""")
