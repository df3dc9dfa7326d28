"""A dump of a database of roles: whole, private, by the server's own programs, restored by an account of few rights."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from pipeline import database
from pipeline.database import accounts, backup, tools
from pipeline.database.embedded import Server
from pipeline.database.ports import free_port
from pipeline.database.server_folder import BINARIES
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings
from tests.support import labelled_rows
from tests.support.programs import plain_environment
from tests.support.project import REPOSITORY
from tests.support.terminal import wirewatch

OLDER = BINARIES.parent.parent / "pginstall" / "bin"
"""Postgres 16, which the package of the embedded one brings, too."""


def sums(url: str) -> dict[str, tuple[int, str]]:
    """Of every table, its rows and a checksum of all their columns."""
    found = {}
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'wirewatch')"
        ).fetchall()
        for names in tables:
            table = sql.Identifier(*names)
            rows = connection.execute(sql.SQL("SELECT t::text FROM {} t ORDER BY 1").format(table)).fetchall()
            found[".".join(names)] = (len(rows), hashlib.sha256("\n".join(row[0] for row in rows).encode()).hexdigest())
    return found


def objects(url: str) -> list[tuple[Any, ...]]:
    """What else a database is made of: views, functions, indexes, constraints, triggers and comments.

    Of views their columns and of triggers their kind: Postgres words a query that it has read anew otherwise.
    """
    with psycopg.connect(url) as connection:
        return connection.execute("""
            SELECT 'view', c.oid::regclass::text,
                   string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
                FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relkind IN ('v', 'm')
                AND c.relnamespace::regnamespace::text IN ('public', 'wirewatch') GROUP BY c.oid
            UNION ALL SELECT 'function', p.oid::regprocedure::text, pg_get_functiondef(p.oid) FROM pg_proc p
                WHERE p.pronamespace::regnamespace::text IN ('public', 'wirewatch') AND p.prokind = 'f'
            UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
            UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
                FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
            UNION ALL SELECT 'trigger', tgrelid::regclass || '.' || tgname,
                   concat_ws(' ', tgfoid::regproc, tgtype, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
            UNION ALL SELECT 'comment', pg_describe_object(classoid, objoid, objsubid), description FROM pg_description
                WHERE classoid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_namespace'::regclass)
                  AND pg_describe_object(classoid, objoid, objsubid) ~ '(wirewatch|articles)'
            ORDER BY 1, 2, 3""").fetchall()


@pytest.fixture
def places(
    embedded: Server, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """Two databases of roles, one filled and one empty; passwords stand in a passfile alone."""
    labelled_rows.fill(settings)
    file = tmp_path / "passwords"
    file.touch(mode=0o600)
    file.write_text("".join(f"*:*:*:{role}:secret-of-{role}\n" for role in ("old_owner", "old_writer", "new_owner")))
    embedded.ensure_database("restored")
    monkeypatch.setenv("PGPASSFILE", str(file))
    for url, prefix in ((settings.database_url, "old"), (embedded.url("restored"), "new")):
        assert wirewatch("db", "roles", "--prefix", prefix, "--passfile", file, database_url=url).status == 0
    name = conninfo_to_dict(settings.database_url)["dbname"]
    yield {
        role: f"postgresql://{role}@127.0.0.1:{embedded.port}/{'restored' if role.startswith('new') else name}"
        for role in ("old_owner", "old_writer", "new_owner")
    }
    database.close_idle()
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        connection.execute("REASSIGN OWNED BY old_owner TO wirewatch")
        for kind in ("owner", "writer", "reader"):
            connection.execute(f"DROP OWNED BY old_{kind}".encode())
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE restored WITH (FORCE)")
        for prefix in ("old", "new"):
            for kind in ("owner", "writer", "reader"):
                connection.execute(f"DROP ROLE {prefix}_{kind}".encode())


@pytest.mark.parametrize("dumper", ["old_owner", "old_writer"])
def test_every_row_comes_back_for_accounts_that_are_no_superuser(
    places: dict[str, str], tmp_path: Path, dumper: str
) -> None:
    file = tmp_path / "desk.dump"
    said = wirewatch("db", "dump", file, "--json", database_url=places[dumper], home=tmp_path).objects[0]
    before = sums(places["old_owner"])
    assert said == {
        "step": "dump", "file": str(file), "bytes": file.stat().st_size, "tables": len(before),
        "rows": sum(count for count, _ in before.values()),
    }  # fmt: skip
    assert sum(count > 0 for count, _ in before.values()) > 20
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.glob("*.part")) == []
    restored = wirewatch("db", "restore", file, "--json", database_url=places["new_owner"], home=tmp_path).objects[0]
    assert restored == said | {"step": "restore"}
    assert sums(places["new_owner"]) == before
    assert objects(places["new_owner"]) == objects(places["old_owner"])
    with psycopg.connect(places["new_owner"]) as connection:
        shown = connection.execute("SHOW search_path").fetchone()
        left = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner <> 'new_owner'"
        )
        assert (shown, left.fetchone()) == (("wirewatch, public, extensions",), (0,))
    assert database.migrate(Settings(database_url=places["new_owner"])) == []


def test_a_file_that_is_there_is_left_alone(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "kept.dump"
    file.write_text("mine")
    complaint = wirewatch("db", "dump", file, database_url=settings.database_url).complaint
    assert "is there already" in complaint
    assert file.read_text() == "mine"
    assert (
        "a folder that exists"
        in wirewatch("db", "dump", tmp_path / "no/x", database_url=settings.database_url).complaint
    )


def test_one_that_fails_leaves_no_file(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "tool", lambda name, major: "/bin/false")
    assert (
        "/bin/false failed"
        in wirewatch("db", "dump", tmp_path / "x.dump", database_url=settings.database_url).complaint
    )
    assert list(tmp_path.iterdir()) == []


def test_no_password_stands_in_the_arguments_of_a_program(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = str(conninfo_to_dict(settings.database_url)["password"])
    calls: list[list[str]] = []
    call = tools.call

    def seen(command: list[str], more: dict[str, str]) -> int:
        calls.append(command)
        assert more.get("PGPASSWORD") == password
        return call(command, more)

    monkeypatch.setattr(tools, "call", seen)
    backup.dump(settings, tmp_path / "x.dump")
    with pytest.raises(ConfigurationError, match="not empty"):
        backup.restore(settings, tmp_path / "x.dump")
    assert wirewatch("db", "shell", "-c", "SELECT 1", database_url=settings.database_url).status == 0
    assert [Path(command[0]).name for command in calls] == ["pg_dump", "psql"]
    assert password not in str(calls)


def test_the_process_table_never_shows_the_password(settings: Settings, tmp_path: Path) -> None:
    """Read as `ps` reads it, of every process that a running `wirewatch db shell` is."""
    password = str(conninfo_to_dict(settings.database_url)["password"])
    command = [sys.executable, "-m", "pipeline", "db", "shell", "-c", "SELECT pg_sleep(2)"]
    environment = plain_environment(WIREWATCH_DATABASE_URL=settings.database_url, WIREWATCH_HOME=str(tmp_path))
    seen: set[str] = set()
    with subprocess.Popen(command, env=environment, cwd=REPOSITORY, stdout=subprocess.DEVNULL) as shell:
        while shell.poll() is None:
            with contextlib.suppress(psutil.Error):
                for each in [psutil.Process(shell.pid), *psutil.Process(shell.pid).children(recursive=True)]:
                    seen.add(Path(f"/proc/{each.pid}/cmdline").read_text().replace("\0", " "))
            time.sleep(0.02)
    assert shell.returncode == 0
    assert any("pg_sleep" in line and "psql" in line and "dbname=" in line for line in seen), seen
    assert [line for line in seen if password in line] == []


def test_the_passphrase_of_a_key_is_not_handed_to_a_program() -> None:
    with pytest.raises(ConfigurationError, match="PGSERVICEFILE"):
        tools.address("postgresql://desk@there/db?sslpassword=sesame")


def test_what_is_no_dump_is_one_line(embedded: Server, tmp_path: Path) -> None:
    embedded.ensure_database("empty")
    url = embedded.url("empty")
    file = tmp_path / "x.dump"
    assert "does not exist" in wirewatch("db", "restore", file, database_url=url).complaint
    file.write_text("no dump")
    assert "cannot be read as a dump" in wirewatch("db", "restore", file, database_url=url).complaint
    database.close_idle()
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE empty WITH (FORCE)")


def test_pgvector_in_another_schema_is_named(settings: Settings, embedded: Server, tmp_path: Path) -> None:
    backup.dump(settings, tmp_path / "x.dump")
    embedded.ensure_database("elsewhere")
    with psycopg.connect(embedded.url("elsewhere"), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION vector SCHEMA public")
    complaint = wirewatch("db", "restore", tmp_path / "x.dump", database_url=embedded.url("elsewhere")).complaint
    assert complaint.endswith("ALTER EXTENSION vector SET SCHEMA extensions")
    database.close_idle()
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE elsewhere WITH (FORCE)")


def test_what_another_account_may_not_read_is_seen_all_the_same(settings: Settings, embedded: Server) -> None:
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE nobody_much LOGIN PASSWORD 'n'")
    name = conninfo_to_dict(settings.database_url)["dbname"]
    stranger = f"postgresql://nobody_much:n@127.0.0.1:{embedded.port}/{name}"
    assert not database.is_empty(replace(settings, database_url=stranger))
    database.close_idle()
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP ROLE nobody_much")


def test_the_program_is_of_the_servers_version_or_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def program(version: int) -> Path:
        folder = tmp_path / str(version)
        folder.mkdir()
        path = folder / "pg_dump"
        path.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}.1 (Debian)'\n")
        path.chmod(0o755)
        return path

    found = [str(program(version)) for version in (15, 17, 18)]
    monkeypatch.setattr(tools, "_candidates", lambda name: iter(found))
    assert [tools.tool("pg_dump", major) for major in (15, 16, 17, 18)] == [found[0], found[1], found[1], found[2]]
    with pytest.raises(ConfigurationError, match=r"pg_dump of Postgres 19 or newer is needed \(found: .* of 15, .*\)"):
        tools.tool("pg_dump", 19)


def test_a_backup_in_the_checkout_is_not_committed() -> None:
    if not (REPOSITORY / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a checkout with git")
    for name in ("wirewatch.dump", "a/b.dump", "files.tgz", "wirewatch.dump.part"):
        assert subprocess.run(["git", "check-ignore", "-q", name], cwd=REPOSITORY, check=False).returncode == 0, name


@pytest.fixture
def older(short_folder: Path) -> Iterator[str]:
    """A server of Postgres 16; the address of an empty database of a superuser."""
    if not (OLDER / "postgres").is_file():
        pytest.skip("the package of the embedded Postgres brings no older one")
    account = accounts.account_for(short_folder / "none")
    if account is not None:
        accounts.let_in(account, short_folder, OLDER)
        short_folder.chmod(0o777)
    data, port = short_folder / "data", free_port()
    run: dict[str, Any] = accounts.run_as(account) | {"cwd": "/"}
    subprocess.run([OLDER / "initdb", "-D", data, "-U", "wirewatch", "-A", "trust", "-E", "UTF8", "--locale=C"],
                   check=True, capture_output=True, **run)  # fmt: skip
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    subprocess.run([OLDER / "pg_ctl", "-D", data, "-w", "-l", data / "log", "-o", options, "start"],
                   check=True, capture_output=True, **run)  # fmt: skip
    yield f"postgresql://wirewatch@127.0.0.1:{port}/postgres"
    database.close_idle()
    subprocess.run([OLDER / "pg_ctl", "-D", data, "-m", "immediate", "stop"], check=True, capture_output=True, **run)


def test_postgres_16_is_migrated_given_roles_dumped_and_restored(
    older: str, settings: Settings, embedded: Server, tmp_path: Path
) -> None:
    here = replace(settings, database_url=older)
    database.migrate(here)
    assert wirewatch("db", "roles", database_url=older, reader_password="r").status == 0
    labelled_rows.fill(here)
    held = backup.dump(here, tmp_path / "16.dump")
    with psycopg.connect(older, autocommit=True) as connection:
        connection.execute("CREATE DATABASE again")
    again = older.replace("/postgres", "/again")
    assert backup.restore(replace(here, database_url=again), tmp_path / "16.dump").rows == held.rows
    assert sums(again) == sums(older)
    embedded.ensure_database("newer")
    newer = replace(here, database_url=embedded.url("newer"))
    assert backup.restore(newer, tmp_path / "16.dump").rows == held.rows, "into a newer one"
    backup.dump(newer, tmp_path / "18.dump")
    with psycopg.connect(older, autocommit=True) as connection:
        connection.execute("CREATE DATABASE back")
    with pytest.raises(ConfigurationError, match=r"is of Postgres 18 and this server is 16|cannot be read"):
        backup.restore(replace(here, database_url=older.replace("/postgres", "/back")), tmp_path / "18.dump")
    database.close_idle()
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE newer WITH (FORCE)")
