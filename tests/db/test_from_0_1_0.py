"""A filled database of 0.1.0 is brought up to now: no row and no value of it is lost, every question is answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from pipeline import database, steps
from pipeline.database import schema
from pipeline.database.embedded import Server
from pipeline.settings import Settings
from pipeline.shipped import SQL
from tests.support import light
from tests.support.recorded import TOPIC

ROWS = Path(__file__).parents[1] / "support" / "of_0_1_0.sql"
LAST = 3
"""The last migration of 0.1.0."""
MADE_ANEW = {"story_profiles", "story_terms"}
"""What is derived, and took another form since."""
# Words that mean the same: kinds of overrides had other names, and addresses of the portal's pages came.
RENAMED = {("overrides", "kind"): {"pin": "must-link", "apart": "cannot-link"}}
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def brought_up(embedded: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Rows]]:
    """Settings on the database after all migrations, and its rows before them."""
    embedded.ensure_database("of_0_1_0")
    settings = Settings(database_url=embedded.url("of_0_1_0"), home=tmp_path_factory.mktemp("home"), model=light.MODEL)
    known = schema.migrations()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "migrations", lambda: [one for one in known if one[0] <= LAST])
        database.migrate(settings)
        with psycopg.connect(settings.database_url, options=database.SEARCH_PATH) as connection:
            connection.execute(ROWS.read_bytes())
        before = rows(settings)
    assert all(before.values()), "each table of 0.1.0 has a row"
    assert len(database.migrate(settings)) == len(known) - LAST
    assert database.migrate(settings) == []
    yield settings, before
    database.close_idle()
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE of_0_1_0 WITH (FORCE)")


def rows(settings: Settings) -> Rows:
    """Every row of every table of 0.1.0 as JSON."""
    found = {}
    with psycopg.connect(settings.database_url) as connection:
        named = re.findall(r"^CREATE TABLE (\w+)", (SQL / "migrations/0001_base.sql").read_text(), re.MULTILINE)
        for table in named:
            select = sql.SQL("SELECT to_jsonb(t) FROM public.{} t").format(sql.Identifier(table))
            found[table] = [row[0] for row in connection.execute(select)]
    return found


def key(row: dict[str, Any], columns: set[str]) -> str:
    return repr(sorted((name, row[name]) for name in columns))


def test_no_row_and_no_value_is_lost(brought_up: tuple[Settings, Rows]) -> None:
    settings, before = brought_up
    after = rows(settings)
    for table, old in before.items():
        if table in MADE_ANEW:
            assert after[table]
            continue
        columns = set(old[0]) & set(after[table][0])
        assert set(old[0]) == columns, f"{table} lost {set(old[0]) - columns}"
        for row in old:
            for name in columns:
                row[name] = RENAMED.get((table, name), {}).get(str(row[name]), row[name])
        missing = {key(row, columns) for row in old} - {key(row, columns) for row in after[table]}
        assert not missing, (table, sorted(missing)[:2])


def test_what_is_derived_is_there(brought_up: tuple[Settings, Rows]) -> None:
    settings, before = brought_up
    with database.connect(settings) as connection:
        found = connection.execute("""
            SELECT (SELECT count(*) FROM story_profiles) AS profiles, (SELECT count(*) FROM article_words) AS words,
                   (SELECT count(*) FROM articles WHERE published_precision = 'day') AS days,
                   (SELECT sum(entries) FROM stage_counts) AS entries,
                   (SELECT sum(articles) FROM source_health) AS articles, (SELECT sum(polls) FROM feed_health) AS polls,
                   (SELECT count(*) FROM deliveries WHERE next_try_at IS NULL) AS done""").fetchone()
    assert found == {
        "profiles": 59,
        "words": 300,
        "days": 42 + 9,
        "entries": 300,
        "articles": 300,
        "polls": 27,
        "done": 2,
    }
    assert len(before["memberships"]) == 300


def test_words_of_before_are_found_by_their_stems(brought_up: tuple[Settings, Rows]) -> None:
    with database.connect(brought_up[0]) as connection:
        found = connection.execute("SELECT max(found) AS found FROM search('treaty')").fetchone()
        assert found == {"found": 100}, "they say treaties"


def test_every_view_is_answered_and_the_pipeline_goes_on(brought_up: tuple[Settings, Rows]) -> None:
    settings, _ = brought_up
    with database.connect(settings) as connection:
        views = connection.execute("SELECT viewname FROM pg_views WHERE schemaname = 'wirewatch'").fetchall()
        for view in views:
            connection.execute(
                sql.SQL("SELECT * FROM wirewatch.{}").format(sql.Identifier(view["viewname"]))
            ).fetchall()
        stages = connection.execute("SELECT stage, count(*) AS n FROM ledger GROUP BY 1").fetchall()
    assert sum(row["n"] for row in stages) == 300
    assert {"in story", "stopped: no article (http-404)"} <= {row["stage"] for row in stages}
    counts = steps.maintain(settings, now=datetime(2024, 6, 11, tzinfo=UTC))
    assert counts["internal"] == 0
    assert counts["indexes_made"] > 0
    drafted = steps.draft(settings, topic=TOPIC, day="2024-06-04", now=datetime(2024, 6, 5, tzinfo=UTC))
    assert drafted["digest_id"]
