"""What analysts read, the working tables and the extensions stand apart, in new databases and in those of before."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from pipeline import database
from pipeline.database import schema
from pipeline.database.embedded import Server
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings

VIEWS = {
    "alerts_now",
    "feed_health",
    "ledger",
    "outbox",
    "page_verdicts",
    "quarantine",
    "source_health",
    "story_overview",
    "topic_recall",
}
WHERE_VIEWS_ARE = "SELECT schemaname, viewname FROM pg_views WHERE viewname = ANY (%s)"
FUNCTIONS_OF_OTHERS = """
SELECT count(*) FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e'
JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('public', 'wirewatch')"""


@pytest.fixture
def of_before(embedded: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A database as it was before the schemas stood apart: everything in `public`, and a vector."""
    embedded.ensure_database("of_before")
    settings = Settings(database_url=embedded.url("of_before"))
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION vector SCHEMA public")
    known = schema.migrations()
    with monkeypatch.context() as patch:
        patch.setattr(schema, "migrations", lambda: [one for one in known if one[0] < 40])
        database.migrate(settings)
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        connection.execute("""
            INSERT INTO articles (identity, canonical_url, url, outlet, first_seen_at)
                VALUES ('a', 'a', 'a', 'A', now());
            INSERT INTO embedding_models (name, revision, dimension, languages)
                VALUES ('m', '1', 3, '{en}');
            INSERT INTO vectors (article_id, model_id, embedding, revision) VALUES (1, 1, '[1,2,3]', 0)""")
    yield settings
    database.close_idle()
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE of_before WITH (FORCE)")


def _look(url: str) -> tuple[set[str], set[str], int]:
    """The schemas and names of the views that analysts read, and how many functions of extensions stand among ours."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(WHERE_VIEWS_ARE, [list(VIEWS)]).fetchall()
        functions = connection.execute(FUNCTIONS_OF_OTHERS).fetchone()
    assert functions is not None
    return {row[0] for row in rows}, {row[1] for row in rows}, functions[0]


def test_a_new_database_has_three_schemas(settings: Settings) -> None:
    assert _look(settings.database_url or "") == ({"wirewatch"}, VIEWS, 0)


def test_a_filled_database_of_before_is_moved(of_before: Settings) -> None:
    url = of_before.database_url or ""
    assert _look(url)[0] == {"public"}
    assert _look(url)[2] > 100
    database.migrate(of_before)
    assert database.migrate(of_before) == []
    assert _look(url) == ({"wirewatch"}, VIEWS, 0)
    nearest = "SELECT embedding <-> '[1,2,4]' AS d FROM vectors"
    with psycopg.connect(url) as plain:  # as psql connects: by the search path that the database gives
        assert plain.execute(nearest).fetchone() == (1.0,)
        assert plain.execute("SELECT count(*) FROM ledger").fetchone() == (0,)
        assert plain.execute("SELECT count(*) FROM stories_as_of(now())").fetchone() == (0,)
    with database.connect(of_before) as connection:
        assert connection.execute(nearest).fetchone() == {"d": 1.0}


def test_what_a_migration_names_without_a_schema_is_a_working_table(
    of_before: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    later = tmp_path_factory.mktemp("later") / "9001_later.sql"
    later.write_text("CREATE TABLE later (id int)")
    known = schema.migrations()
    monkeypatch.setattr(schema, "migrations", lambda: [*known, (9001, "later", later)])
    database.migrate(of_before)
    with database.connect(of_before) as connection:
        assert connection.execute("SELECT to_regclass('public.later') IS NOT NULL AS there").fetchone() == {
            "there": True
        }


def test_an_account_that_may_not_prepare_a_database_is_told_in_one_line(embedded: Server) -> None:
    embedded.ensure_database("of_another")
    url = embedded.url("of_another")
    plain = url.replace(url.split("//")[1].split("@")[0], "stranger:s")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE stranger LOGIN PASSWORD 's'")
        connection.execute("GRANT CREATE ON SCHEMA public TO stranger")
    try:
        with pytest.raises(
            ConfigurationError, match=r"may not prepare this database .*owner of the database"
        ) as caught:
            database.migrate(Settings(database_url=plain))
        assert "\n" not in str(caught.value)
    finally:
        with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE of_another WITH (FORCE)"))
            connection.execute("DROP ROLE stranger")


def test_an_owner_that_is_no_superuser_needs_one_for_pgvector_alone(embedded: Server) -> None:
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE plain_owner LOGIN PASSWORD 'o'")
        connection.execute("CREATE DATABASE of_its_owner OWNER plain_owner")
    url = embedded.url("of_its_owner")
    plain = url.replace(url.split("//")[1].split("@")[0], "plain_owner:o")
    try:
        with pytest.raises(ConfigurationError, match=r"superuser run there: (.+)$") as caught:
            database.migrate(Settings(database_url=plain))
        assert "\n" not in str(caught.value)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(str(caught.value).split("run there: ")[1].encode())
        database.migrate(Settings(database_url=plain))
        assert _look(plain) == ({"wirewatch"}, VIEWS, 0)
    finally:
        with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
            connection.execute("DROP DATABASE of_its_owner WITH (FORCE)")
            connection.execute("DROP ROLE plain_owner")


def test_pgvector_of_a_superuser_stays_where_it_is(embedded: Server) -> None:
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE plain_owner LOGIN PASSWORD 'o'")
        connection.execute("CREATE DATABASE of_its_owner OWNER plain_owner")
    url = embedded.url("of_its_owner")
    plain = url.replace(url.split("//")[1].split("@")[0], "plain_owner:o")
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION vector SCHEMA public")
        database.migrate(Settings(database_url=plain))
        assert _look(plain)[:2] == ({"wirewatch"}, VIEWS)
        assert _look(plain)[2] > 100
    finally:
        with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
            connection.execute("DROP DATABASE of_its_owner WITH (FORCE)")
            connection.execute("DROP ROLE plain_owner")
