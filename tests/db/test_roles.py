"""Owner, writer and reader: each does all that it must, and is refused all that it must not, on a database of theirs.

The database is made as `docs/operations.md` has it: roles by a superuser, the schema by the owner, everything else by
the writer, who collects a day of the recorded web, and questions by the reader.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from pipeline import database, steps, topics
from pipeline.archive.replay import ReplayServer
from pipeline.database import schema
from pipeline.database.embedded import BINARIES, Server
from pipeline.errors import ConfigurationError
from pipeline.models import Review
from pipeline.settings import Settings
from pipeline.shipped import SQL
from tests.support import light
from tests.support.programs import plain_environment
from tests.support.project import REPOSITORY
from tests.support.recorded import TOPIC
from tests.support.terminal import wirewatch

NAME = "roled"
KINDS = ("owner", "writer", "reader")
DAY = date(2024, 6, 18)
RECORDED = REPOSITORY / "seeds" / "recorded"
EXAMPLES = (SQL / "examples.sql").read_text("utf-8")
NAMES = re.findall(r"^-- name: (\w+)$", EXAMPLES, re.MULTILINE)

As = Callable[[str], Settings]


def password(kind: str) -> str:
    return f"{kind}'s \\ pass:word"


def passfile(folder: Path, server: Server, name: str) -> Path:
    """A passfile of the three, with the signs that stand for themselves only behind a backslash."""
    file = folder / f"{name}.pass"
    file.touch(mode=0o600)
    escaped = {kind: re.sub(r"([:\\])", r"\\\1", password(kind)) for kind in KINDS}
    lines = [f"127.0.0.1:{server.port}:*:{name}_{kind}:{secret}" for kind, secret in escaped.items()]
    file.write_text("\n".join(["# of a test", "elsewhere:*:*:*:wrong", *lines, ""]))
    return file


def drop(server: Server, *names: str) -> None:
    database.close_idle()
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        for name in names:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            for kind in KINDS:
                connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(f"{name}_{kind}")))


@pytest.fixture(scope="module")
def as_role(embedded: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[As]:
    """Settings of each role on a database that the owner migrated and the writer filled; passwords by the passfile."""
    folder = tmp_path_factory.mktemp("roles")
    embedded.ensure_database(NAME)
    file = passfile(folder, embedded, NAME)
    made = wirewatch("db", "roles", "--json", "--passfile", file, database_url=embedded.url(NAME)).objects[0]
    assert made["made"] == made["with_password"] == [f"{NAME}_{kind}" for kind in KINDS]
    with ReplayServer([RECORDED / f"{DAY}.warc.gz"]) as replay, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPASSFILE", str(file))

        def settings(kind: str) -> Settings:
            return Settings(
                database_url=f"postgresql://{NAME}_{kind}@127.0.0.1:{embedded.port}/{NAME}",
                home=folder,
                model=light.MODEL,
                models=light.ENVIRONMENT["WIREWATCH_MODELS"],
                archive_url=replay.timegate,
                archive_timemap_url=replay.timemap,
                host_interval=0.0,
                extract_processes=1,
            )

        assert database.migrate(settings("owner"))
        fill(settings("writer"))
        yield settings
    drop(embedded, NAME)


def fill(settings: Settings) -> None:
    """The pipeline's whole run, offline: a recorded day in, its digest reviewed, published and delivered, upkeep."""
    assert database.migrate(settings) == [], "the writer finds out that nothing is to be done"
    subjects = steps.check(settings)
    steps.check_thresholds(settings)
    steps.claim_coverage(settings, live=False)
    steps.import_feeds(settings, (RECORDED / "feeds.opml").read_bytes())
    assert steps.language_gaps(settings) is not None
    start = datetime(DAY.year, DAY.month, DAY.day, 6, tzinfo=UTC)
    counts = steps.backfill(settings, start=start, end=start + timedelta(hours=10), now=datetime.now(UTC))
    assert any(counts.values())
    at = topics.find(settings, TOPIC).day_bounds(DAY)[1] + timedelta(hours=7)
    drafted = steps.draft(settings, topic=TOPIC, day=DAY, now=at, as_of=at)["digest_id"]
    steps.ask(settings, digest_id=drafted, dag_id="d", run_id="r", now=at)
    steps.publish(settings, digest_id=drafted, review=Review(True, "desk"), now=at)
    steps.alert(settings, now=at)
    for now in (at, datetime.now(UTC)):
        assert steps.maintain(settings, now=now)["internal"] == 0
    assert [topic.slug for topic in subjects] == [TOPIC, "russia-north-korea"]


def ask(settings: Settings, query: str) -> list[Any]:
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()


def do(settings: Settings, statements: str) -> None:
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        connection.execute(statements.encode())


def refused(settings: Settings, statement: str) -> str:
    """What Postgres says to a statement of an account that may not run it."""
    with (
        psycopg.connect(settings.database_url, autocommit=True) as connection,
        pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)) as caught,
    ):
        connection.execute("SET default_transaction_read_only = off")  # as whoever means harm would
        connection.execute(statement.encode())
    return str(caught.value)


# --- the writer -----------------------------------------------------------------------------------------------


def test_what_the_writer_collected_is_there(as_role: As) -> None:
    [(articles, stories, published, requests)] = ask(
        as_role("writer"),
        "SELECT (SELECT count(*) FROM articles WHERE state = 'extracted'), (SELECT count(*) FROM stories),"
        " (SELECT count(*) FROM digests WHERE state = 'published'), (SELECT count(*) FROM fetches)",
    )
    assert articles > 20 and stories > 5 and published == 1 and requests > articles


def test_maintenance_made_the_indexes_of_vectors_by_the_owners_rights(as_role: As) -> None:
    rows = ask(
        as_role("writer"),
        "SELECT tablename, tableowner FROM pg_tables JOIN pg_indexes USING (schemaname, tablename)"
        " WHERE indexname ~ '_near_'",
    )
    assert {table for table, _ in rows} == {"story_profiles", "vectors"}
    assert {owner for _, owner in rows} == {f"{NAME}_owner"}


@pytest.mark.parametrize(
    "arguments",
    ["doctor", "feeds list", "digest list", "digest show 1", "digest deliver", "quarantine list",
     "quarantine release --all", "ledger 1", "search summit", "story show 1",
     f"story not-topic 1 {TOPIC} --reason no",
     f"labels sample {TOPIC} {DAY} {DAY} --size 2",
     "maintain", "db migrate"],
)  # fmt: skip
def test_commands_do_their_work_as_the_writer(as_role: As, arguments: str) -> None:
    settings = as_role("writer")
    own = {name: getattr(settings, name) for name in ("database_url", "home", "model", "models")}
    answer = wirewatch(*arguments.split(), **own, archive_url="")
    assert "may not" not in answer.err and "permission" not in answer.err
    assert answer.status == 0, answer.err


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.mine ()",
        "CREATE TABLE wirewatch.mine ()",
        "CREATE TEMP TABLE mine ()",
        "CREATE SCHEMA mine",
        "CREATE INDEX ON public.articles (title)",
        "CREATE VIEW public.mine AS SELECT 1",
        "CREATE FUNCTION public.mine() RETURNS integer LANGUAGE sql RETURN 1",
        "DROP EXTENSION vector",
        "ALTER TABLE public.articles ADD COLUMN mine text",
        "DROP TABLE public.fetches",
        "DROP INDEX public.entries_day",
        "TRUNCATE public.fetches",
        "INSERT INTO public.schema_migrations (number, name) VALUES (9999, 'mine')",
        "DELETE FROM public.schema_migrations",
        "SELECT public.index_vectors(1)",
        "ALTER TABLE public.articles DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "CREATE ROLE mine",
        f"SET ROLE {NAME}_owner",
        "SELECT rolpassword FROM pg_authid",
        "SELECT pg_read_file('postgresql.conf')",
        "COPY public.feeds TO PROGRAM 'cat'",
    ],
)
def test_the_writer_is_refused(as_role: As, statement: str) -> None:
    if statement == "SELECT public.index_vectors(1)":
        do(as_role("owner"), "DROP INDEX IF EXISTS public.vectors_near_1")
    assert refused(as_role("writer"), statement)


def test_what_a_later_migration_makes_is_covered(
    as_role: As, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, embedded: Server
) -> None:
    later = tmp_path / "9001_later.sql"
    later.write_text("""
        CREATE TABLE later (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, said text);
        CREATE VIEW wirewatch.laters AS SELECT said FROM public.later;
        CREATE FUNCTION wirewatch.how_late() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT count(*) FROM later $$;""")
    known = schema.migrations()
    monkeypatch.setattr(schema, "migrations", lambda: [*known, (9001, "later", later)])
    owner, writer, reader = map(as_role, KINDS)
    superuser = replace(owner, database_url=embedded.url(NAME))
    with pytest.raises(ConfigurationError, match=r"9001_later.*|may not prepare") as caught:
        database.migrate(writer)
    assert "\n" not in str(caught.value)
    assert database.migrate(superuser) == ["9001_later"], "a superuser migrates as the owner"
    with psycopg.connect(writer.database_url, autocommit=True) as connection:
        connection.execute("INSERT INTO later (said) VALUES ('x')")
    assert ask(reader, "SELECT said, wirewatch.how_late() FROM wirewatch.laters") == [("x", 1)]
    assert "permission denied" in refused(reader, "SELECT * FROM public.later")
    [(owned,)] = ask(owner, "SELECT tableowner FROM pg_tables WHERE tablename = 'later'")
    assert owned == f"{NAME}_owner"
    do(owner, "DROP VIEW wirewatch.laters; DROP FUNCTION wirewatch.how_late; DROP TABLE later")
    do(owner, "DELETE FROM schema_migrations WHERE number = 9001")


# --- the reader -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_reader_asks_every_example(as_role: As, name: str) -> None:
    text = EXAMPLES.split(f"-- name: {name}\n")[1].split("-- name: ")[0]
    words = {"topic": TOPIC, "moment": "2024-06-18 10:00+00", "words": "summit", "author": "Kim"}
    words |= {"day": str(DAY), "first_day": str(DAY), "last_day": str(DAY), "address": "https://a.example/"}
    text = re.sub(r":'(\w+)'", lambda found: f"'{words[found[1]]}'", text)
    text = re.sub(r"(?<![:\w]):(article|story)\b", "1", text)
    ask(as_role("reader"), text)


def test_the_reader_finds_what_the_writer_collected(as_role: As) -> None:
    reader = as_role("reader")
    assert ask(reader, "SELECT count(*) FROM feed_health WHERE polls > 0") > [(0,)]
    assert ask(reader, "SELECT count(*) FROM ledger WHERE stage = 'in digest'") > [(0,)]
    assert ask(reader, f"SELECT count(*) FROM stories_of_day('{TOPIC}', '{DAY}')") > [(0,)]
    assert ask(reader, "SELECT count(*) FROM search('summit')") > [(0,)]
    assert ask(reader, "SELECT count(*) FROM stage_counts") > [(0,)]


def test_the_reader_asks_every_view_and_function(as_role: As) -> None:
    reader = as_role("reader")
    views = ask(reader, "SELECT viewname FROM pg_views WHERE schemaname = 'wirewatch'")
    assert len(views) > 9
    for (view,) in views:
        ask(reader, f"SELECT * FROM wirewatch.{view} LIMIT 3")
    values = {"bigint": "1", "text": f"'{TOPIC}'", "timestamp with time zone": "now()", "date": "current_date",
              "integer": "10", "interval": "interval '1 hour'", "text[]": "'{a}'::text[]"}  # fmt: skip
    functions = ask(
        reader,
        "SELECT p.proname::text, ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes[0:p.pronargs - "
        "p.pronargdefaults - 1]) WITH ORDINALITY AS a (t, n) ORDER BY n), p.provolatile::text, p.prosecdef"
        " FROM pg_proc p WHERE p.pronamespace = 'wirewatch'::regnamespace AND p.prokind = 'f'",
    )
    assert len(functions) > 30
    for name, kinds, volatile, as_owner in functions:
        assert volatile in "is", f"{name} could change rows"
        assert as_owner or volatile == "i", name
        ask(reader, f"SELECT * FROM wirewatch.{name}({', '.join(values[kind] for kind in kinds)})")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*) FROM public.articles",
        "SELECT secret FROM public.subscriptions",
        "SELECT token FROM public.subscriptions",
        "SELECT * FROM public.schema_migrations",
        "INSERT INTO wirewatch.alerts_now (kind) VALUES ('mine')",
        "UPDATE wirewatch.alerts_now SET title = 'mine'",
        "DELETE FROM wirewatch.alerts_now",
        "SELECT set_config('role', 'wirewatch', false)",
        "SELECT public.keep_period_indexes()",
        "CREATE TABLE wirewatch.mine ()",
        "CREATE TEMP TABLE mine ()",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION wirewatch.mine() RETURNS integer LANGUAGE sql RETURN 1",
        f"SET ROLE {NAME}_owner",
        f"SET ROLE {NAME}_writer",
        "SELECT rolpassword FROM pg_authid",
        "SELECT * FROM pg_hba_file_rules",
        "SELECT pg_read_file('postgresql.conf')",
        "SHOW config_file",
        "SELECT subconninfo FROM pg_subscription",
        "SELECT umoptions FROM pg_user_mapping",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
        "SELECT lo_create(0)",
    ],
)
def test_the_reader_is_refused(as_role: As, statement: str) -> None:
    assert refused(as_role("reader"), statement)


def test_the_readers_sessions_are_bounded(as_role: As) -> None:
    names = ("statement_timeout", "default_transaction_read_only", "idle_in_transaction_session_timeout")
    shown = {name: ask(as_role("reader"), f"SHOW {name}")[0][0] for name in names}
    assert shown == dict(zip(names, ("30s", "on", "1min"), strict=True))
    assert ask(as_role("writer"), "SHOW statement_timeout") == [("0",)]


def test_a_search_path_of_the_readers_own_changes_no_answer(as_role: As) -> None:
    found = f"SELECT * FROM wirewatch.stories_of_day('{TOPIC}', '{DAY}')"
    with psycopg.connect(as_role("reader").database_url, autocommit=True) as connection:
        plain = connection.execute(found.encode()).fetchall()
        connection.execute("SET search_path = pg_catalog")
        assert connection.execute(found.encode()).fetchall() == plain
        assert plain


def test_the_reader_runs_no_step(as_role: As) -> None:
    with pytest.raises(ConfigurationError, match="may not read the working tables") as caught:
        steps.import_feeds(as_role("reader"), (RECORDED / "feeds.opml").read_bytes())
    assert "\n" not in str(caught.value)


# --- the command ----------------------------------------------------------------------------------------------


def rights(url: str) -> list[Any]:
    """Who may do what to what, and who owns it."""
    with psycopg.connect(url) as connection:
        return connection.execute("""
            SELECT 'r', c.oid::regclass::text, c.relowner::regrole::text, c.relacl::text FROM pg_class c
            WHERE c.relnamespace::regnamespace::text IN ('public', 'wirewatch')
            UNION ALL SELECT 'f', p.oid::regprocedure::text, p.proowner::regrole::text, p.proacl::text FROM pg_proc p
            WHERE p.pronamespace::regnamespace::text IN ('public', 'wirewatch')
            UNION ALL SELECT 'n', nspname, nspowner::regrole::text, nspacl::text FROM pg_namespace
            UNION ALL SELECT 'd', datname, datdba::regrole::text, datacl::text FROM pg_database
            WHERE datname = current_database()
            UNION ALL SELECT 'a', defaclrole::regrole::text, defaclobjtype::text, defaclacl::text FROM pg_default_acl
            UNION ALL SELECT 's', setrole::regrole::text, setconfig::text, NULL FROM pg_db_role_setting
            ORDER BY 1, 2, 3, 4""").fetchall()


def test_a_second_run_changes_nothing_and_takes_back_what_others_granted(as_role: As, embedded: Server) -> None:
    url = embedded.url(NAME)
    assert wirewatch("db", "roles", database_url=url).status == 0
    before = rights(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"GRANT SELECT ON public.subscriptions TO {NAME}_reader")
        connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
        connection.execute("CREATE VIEW public.stray AS SELECT 1 AS one")
    answer = wirewatch("db", "roles", database_url=url)
    assert answer.status == 0 and "made none" in answer.out
    with psycopg.connect(url, autocommit=True) as connection:
        owner = connection.execute("SELECT viewowner FROM pg_views WHERE viewname = 'stray'").fetchone()
        assert owner == (f"{NAME}_owner",)
        connection.execute("DROP VIEW public.stray")
    assert rights(url) == before
    assert ask(as_role("reader"), "SELECT 1") == [(1,)], "the passwords stay"


def test_a_filled_database_of_a_superuser_is_given_to_the_roles(settings: Settings, embedded: Server) -> None:
    """As one of before is, or one that was restored; by passwords of the environment, which are never shown."""
    name = conninfo_to_dict(settings.database_url)["dbname"]
    secrets: dict[str, Any] = {f"{kind}_password": f"env-{kind}-secret" for kind in KINDS}
    answer = wirewatch("db", "roles", "--prefix", "given", database_url=settings.database_url, **secrets)
    assert answer.status == 0 and "secret" not in answer.out + answer.err
    try:
        urls = {kind: f"postgresql://given_{kind}:env-{kind}-secret@127.0.0.1:{embedded.port}/{name}" for kind in KINDS}
        with psycopg.connect(urls["writer"], autocommit=True) as connection:
            connection.execute("INSERT INTO feeds (url, outlet) VALUES ('https://a.example/feed', 'A')")
        with psycopg.connect(urls["reader"]) as connection:
            assert connection.execute("SELECT outlet FROM feed_health").fetchall() == [("A",)]
        with psycopg.connect(urls["owner"], autocommit=True) as connection:
            connection.execute("ALTER TABLE feeds ADD COLUMN mine text")
            left = connection.execute(
                "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relnamespace::regnamespace::text IN"
                " ('public', 'wirewatch') AND c.relowner <> 'given_owner'::regrole"
            ).fetchall()
        assert left == []
    finally:
        database.close_idle()
        with psycopg.connect(embedded.url(str(name)), autocommit=True) as connection:
            connection.execute("REASSIGN OWNED BY given_owner TO wirewatch")
            for kind in KINDS:
                connection.execute(f"DROP OWNED BY given_{kind}".encode())
        drop(embedded, "given")


def test_an_account_that_may_not_make_roles_is_told_in_one_line(as_role: As) -> None:
    for kind in KINDS:
        complaint = wirewatch("db", "roles", database_url=as_role(kind).database_url).complaint
        assert "run this as a superuser" in complaint


def test_a_role_of_that_name_that_may_do_more_is_refused(embedded: Server, settings: Settings) -> None:
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE mighty_reader LOGIN CREATEDB IN ROLE pg_read_all_data")
    try:
        complaint = wirewatch("db", "roles", "--prefix", "mighty", database_url=settings.database_url).complaint
        assert "mighty_reader is there and may make databases, is a member of pg_read_all_data" in complaint
    finally:
        drop(embedded, "mighty")


def test_an_owner_of_the_database_who_is_no_superuser_makes_them_too(embedded: Server) -> None:
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE admin LOGIN PASSWORD 'a' CREATEROLE CREATEDB")
        connection.execute("CREATE DATABASE administered OWNER admin")
    with psycopg.connect(embedded.url("administered"), autocommit=True) as connection:
        connection.execute("CREATE SCHEMA extensions; CREATE EXTENSION vector SCHEMA extensions")
        connection.execute("ALTER SCHEMA extensions OWNER TO admin")
    url = f"postgresql://admin:a@127.0.0.1:{embedded.port}/administered"
    try:
        database.migrate(Settings(database_url=url))
        answer = wirewatch("db", "roles", database_url=url, reader_password="r")
        assert answer.status == 0, answer.err
        reader = f"postgresql://administered_reader:r@127.0.0.1:{embedded.port}/administered"
        assert ask(Settings(database_url=reader), "SELECT count(*) FROM ledger") == [(0,)]
        assert wirewatch("db", "roles", database_url=url).status == 0
    finally:
        database.close_idle()
        drop(embedded, "administered")
        with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
            connection.execute("DROP ROLE admin")


def test_a_passfile_that_others_may_read_is_refused(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "passwords"
    file.write_text("*:*:*:*:x\n")
    file.chmod(0o644)
    complaint = wirewatch("db", "roles", "--passfile", file, database_url=settings.database_url).complaint
    assert "may be read by others" in complaint
    missing = wirewatch("db", "roles", "--passfile", tmp_path / "no", database_url=settings.database_url).complaint
    assert "does not exist" in missing


# --- to the letter --------------------------------------------------------------------------------------------


def commands(section: str) -> list[str]:
    """The commands of a section of `docs/operations.md`, block by block."""
    page = (REPOSITORY / "docs/operations.md").read_text()
    return re.findall(r"^```\n(.*?)^```$", page.split(f"## {section}\n")[1].split("\n## ")[0], re.MULTILINE | re.DOTALL)


@pytest.fixture
def checkout(embedded: Server, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A folder with `.venv`, a server in place of that of the page, and the environment of its commands."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    file = tmp_path / "passwords"
    file.touch(mode=0o600)
    secret = str(conninfo_to_dict(embedded.url("postgres"))["password"])
    words = {"wirewatch": secret, **{f"lettered_{kind}": kind[0] for kind in KINDS}}
    file.write_text("".join(f"*:*:*:{name}:{word}\n" for name, word in words.items()))
    embedded.ensure_database("lettered")
    yield plain_environment(PGPASSFILE=str(file), PYTHONPATH=str(REPOSITORY), WIREWATCH_HOME=str(tmp_path / "home"))
    drop(embedded, "lettered")


def test_the_documented_commands_make_them(embedded: Server, checkout: dict[str, str], tmp_path: Path) -> None:
    make = commands("Accounts of the database")[0]
    make = make.replace("postgres@localhost/wirewatch", f"wirewatch@127.0.0.1:{embedded.port}/lettered")
    make = make.replace("wirewatch_", "lettered_").replace(
        "@localhost/wirewatch", f"@127.0.0.1:{embedded.port}/lettered"
    )
    for kind in KINDS:
        make = make.replace(f"{kind.upper()}_PASSWORD=…", f"{kind.upper()}_PASSWORD={kind[0]}")
    bash = ["bash", "-eu", "-o", "pipefail", "-c", make]
    done = subprocess.run(bash, env=checkout, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert done.stdout.splitlines()[0].startswith("roles     owner lettered_owner, writer lettered_writer")
    assert "WRONG" not in done.stdout


def test_the_documented_commands_give_airflows_tables_away(
    embedded: Server, checkout: dict[str, str], tmp_path: Path
) -> None:
    said = commands("Accounts of the database")[1].split("<<'SQL'\n")[1].removesuffix("SQL\n")
    statements = said.replace(" airflow", " lettered_writer").replace("DATABASE lettered_writer", "DATABASE lettered")
    with psycopg.connect(embedded.url("lettered"), autocommit=True) as connection:
        connection.execute("CREATE TABLE dag (id serial); CREATE TYPE state AS ENUM ('a')")
    psql = [str(BINARIES / "psql"), embedded.url("lettered"), "-v", "ON_ERROR_STOP=1"]
    done = subprocess.run(psql, input=statements, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with psycopg.connect(embedded.url("lettered")) as connection:
        owners = connection.execute(
            "SELECT relowner::regrole::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " UNION SELECT typowner::regrole::text FROM pg_type WHERE typname = 'state'"
            " UNION SELECT datdba::regrole::text FROM pg_database WHERE datname = 'lettered'"
        ).fetchall()
    assert owners == [("lettered_writer",)]
