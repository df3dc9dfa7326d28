"""The schema comes up once, whoever starts, and every named query is one that Postgres accepts."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from pipeline import database
from pipeline.database import schema
from pipeline.database.embedded import Server
from pipeline.errors import ConfigurationError, InfrastructureError
from pipeline.settings import Settings
from pipeline.shipped import SQL

NOUNS = sorted(path.stem for path in (SQL / "queries").glob("*.sql"))
QUERIES = [f"{noun}.{name}" for noun in NOUNS for name in database.queries(noun)]


def test_two_processes_may_migrate_at_once(embedded: Server) -> None:
    embedded.ensure_database("migrate_twice")
    settings = Settings(database_url=embedded.url("migrate_twice"))
    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(lambda _: database.migrate(settings), range(4)))
    assert sorted(map(len, applied)) == [0, 0, 0, len(database.migrations())]
    assert database.migrate(settings) == []


def test_a_database_from_the_future_is_refused(settings: Settings) -> None:
    with database.connect(settings) as connection:
        database.run(connection, "schema.record", number=9999, name="future")
    with pytest.raises(ConfigurationError, match="newer Wirewatch"):
        database.migrate(settings)


def test_a_server_that_goes_away_meanwhile_is_one_line(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(connection: database.Connection) -> list[str]:
        connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return []

    monkeypatch.setattr(schema, "bring_up", ended)
    with pytest.raises(InfrastructureError, match="Postgres went away"):
        database.migrate(settings)


def test_a_migration_that_fails_leaves_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "9001_broken.sql"
    broken.write_text("CREATE TABLE half (id int); SELECT 1 / 0;")
    monkeypatch.setattr(schema, "migrations", lambda: [*_known, (9001, "broken", broken)])
    with pytest.raises(psycopg.errors.DivisionByZero):
        database.migrate(settings)
    with database.connect(settings) as connection:
        assert connection.execute("SELECT to_regclass('half') AS t").fetchone() == {"t": None}


_known = database.migrations()


def _numbered(query: str) -> str:
    """A query with $1, $2 ... in place of %(name)s, as PREPARE wants them."""
    numbers: dict[str, int] = {}
    return re.sub(r"%\((\w+)\)s", lambda found: f"${numbers.setdefault(found[1], len(numbers) + 1)}", query)


def test_every_named_query_prepares(settings: Settings) -> None:
    refused = {}
    with database.connect(settings) as connection:
        for query in QUERIES:
            noun, name = query.split(".")
            text = re.sub(r"\{(dimension|model_id|period)\}", "3", _numbered(database.queries(noun)[name]))
            if "CREATE " in text or "LOCK TABLE " in text:
                continue  # Postgres prepares no DDL and no locks
            try:
                with connection.transaction():
                    connection.execute(f"PREPARE {name}_{noun} AS {text.replace('%%', '%').rstrip().rstrip(';')}")
            except psycopg.Error as error:
                refused[query] = str(error)
    assert refused == {}
    assert len(QUERIES) > 90


def test_an_unreachable_database_is_named_in_one_line() -> None:
    settings = Settings(database_url="postgresql://someone:secret@127.0.0.1:1/nowhere")
    with (
        pytest.raises(InfrastructureError, match=r"127\.0\.0\.1:1/nowhere cannot be reached") as caught,
        database.connect(settings),
    ):
        pass
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_address_that_is_no_postgres_says_what_one_looks_like(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="must look like postgresql://"):
        database.database_url(replace(settings, database_url="mysql://localhost/news"))


@pytest.fixture
def in_steps(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """A migration to come that goes through a table in steps and makes an index while others write."""
    later = tmp_path / "9001_later.sql"
    later.write_text(
        "-- in steps\nCREATE TABLE IF NOT EXISTS stepped (n integer);\n-- step\n"
        "DO $$ BEGIN FOR i IN 1..3 LOOP INSERT INTO stepped VALUES (i); COMMIT; END LOOP; END $$;\n-- step\n"
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS stepped_n ON stepped (n);\n"
    )
    monkeypatch.setattr(schema, "migrations", lambda: [*_known, (9001, "later", later)])
    return settings


def test_a_migration_in_steps_commits_each(in_steps: Settings) -> None:
    assert database.migrate(in_steps) == ["9001_later"]
    assert database.migrate(in_steps) == []
    with database.connect(in_steps) as connection:
        row = connection.execute("SELECT count(*) AS n FROM public.stepped").fetchone()
        assert row == {"n": 3}
        valid = "SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = 'stepped_n'::regclass"
        assert connection.execute(valid).fetchone() == {"valid": True}


def test_one_that_was_broken_off_is_done_again_from_its_beginning(in_steps: Settings) -> None:
    with psycopg.connect(in_steps.database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE public.stepped (n integer)")
        connection.execute("INSERT INTO public.stepped VALUES (7), (7)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("CREATE UNIQUE INDEX CONCURRENTLY stepped_n ON public.stepped (n)")
        connection.execute("DELETE FROM public.stepped")
    assert database.migrate(in_steps) == ["9001_later"], "the index that serves nobody is made anew"
    with database.connect(in_steps) as connection:
        valid = "SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = 'public.stepped_n'::regclass"
        assert connection.execute(valid).fetchone() == {"valid": True}


def test_two_processes_may_migrate_in_steps_at_once(in_steps: Settings) -> None:
    """One that waited within Postgres would hold up the index that the other makes, and that one the lock."""
    with ThreadPoolExecutor(3) as pool:
        applied = list(pool.map(lambda _: database.migrate(in_steps), range(3)))
    assert sorted(applied) == [[], [], ["9001_later"]]
