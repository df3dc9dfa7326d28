"""A dump of everything in the database, and its restoring into an empty one, by the server's own programs."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg

from pipeline.database import tools
from pipeline.database.connection import connect, database_url, is_empty, open_session
from pipeline.database.errors import translate
from pipeline.database.queries import Connection, run
from pipeline.database.rows import fetch_column, fetch_value
from pipeline.database.schema import settle_rights
from pipeline.errors import ConfigurationError, InfrastructureError
from pipeline.settings import Settings

# Entries, as `pg_restore --list` names them, that are prepared here in their place: an account that is no superuser may
# not make once more what it finds.
_PREPARED = re.compile(
    r"\d+; \d+ \d+ (?:EXTENSION - |COMMENT - EXTENSION |SCHEMA - (?:public|extensions|wirewatch) "
    r"|COMMENT - SCHEMA (?:public|extensions) )"
)
_EXTENSION = re.compile(
    r"^CREATE EXTENSION IF NOT EXISTS \"?([^\s\"]+)\"? WITH SCHEMA \"?([^\s\";]+)\"?;", re.MULTILINE
)
_DUMPED = re.compile(r"Dumped from database version: (\d+)")


@dataclass(frozen=True, slots=True)
class Held:
    """What a dump holds, or what was restored of it: `size` of the file in bytes, rows of all tables."""

    file: Path
    size: int
    tables: int
    rows: int


def dump(settings: Settings, file: Path) -> Held:
    """Write everything in the database to a file that its owner alone may read, at once or not at all.

    The rows are counted at the moment that is dumped. Raises `ConfigurationError` where the file is there already, its
    folder is not, or the account may not read everything; `InfrastructureError` where pg_dump ends badly.
    """
    if not file.absolute().parent.is_dir() or file.is_dir():
        raise ConfigurationError(f"{file} cannot be written; name a file in a folder that exists")
    _refuse_existing(file)
    partial = file.with_name(f"{file.name}.part")
    connection = open_session(settings, "wirewatch db dump")
    try:
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            snapshot: str = fetch_value(connection, "backup.share")
            tables, rows = _count(connection)
            where, secret = tools.address(database_url(settings))
            program = tools.tool("pg_dump", fetch_value(connection, "backup.major"))
            os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
            partial.chmod(0o600)
            command = [program, f"--dbname={where}", "--format=custom", "--no-owner", "--no-privileges"]
            if tools.call([*command, f"--snapshot={snapshot}", f"--file={partial}"], secret):
                raise InfrastructureError(f"{program} failed; {file} was not written")
        _refuse_existing(file)
        partial.rename(file)
    except psycopg.Error as error:
        raise translate(error, connection) or error from error
    finally:
        connection.close()
        partial.unlink(missing_ok=True)
    return Held(file, file.stat().st_size, tables, rows)


def restore(settings: Settings, file: Path) -> Held:
    """Fill the database, which must be empty, from a dump: all of it or nothing.

    What it holds belongs to the account that restores it; `wirewatch db roles` gives it to the roles. Raises
    `ConfigurationError` where the database is not empty, the dump is of a newer Postgres, or an extension is missing or
    stands in another schema; `InfrastructureError` where pg_restore ends badly.
    """
    if not file.is_file():
        raise ConfigurationError(f"{file} does not exist; `wirewatch db dump {file}` writes one")
    if not is_empty(settings):
        raise ConfigurationError(
            "the database is not empty, and a dump would be mixed into it; name a new one with "
            "WIREWATCH_DATABASE_NAME or WIREWATCH_DATABASE_URL"
        )
    where, secret = tools.address(database_url(settings))
    with connect(settings) as connection:
        major: int = fetch_value(connection, "backup.major")
    program = tools.tool("pg_restore", major)
    wanted = _wanted(program, file, major)
    with connect(settings) as connection:
        _place_extensions(connection, program, file)
    command = [program, f"--dbname={where}", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    if tools.call_with_list(command, wanted, file, secret):
        raise InfrastructureError(f"{program} failed; nothing of {file} was kept")
    with connect(settings) as connection:
        for row in run(connection, "backup.set_path").fetchall():
            connection.execute(row["statement"].encode())
        settle_rights(connection)
        connection.execute("ANALYZE")
        return Held(file, file.stat().st_size, *_count(connection))


def _refuse_existing(file: Path) -> None:
    if file.exists():
        raise ConfigurationError(f"{file} is there already; name another file, or remove it first")


def _count(connection: Connection) -> tuple[int, int]:
    """How many tables there are, and how many rows in all of them."""
    names = fetch_column(connection, "backup.tables")
    rows = 0
    for name in names:
        statement = fetch_value(connection, "backup.count", name=name)
        row = connection.execute(statement.encode()).fetchone()
        assert row is not None
        rows += row["rows"]
    return len(names), rows


def _wanted(program: str, file: Path, major: int) -> str:
    """The entries of a dump that are restored, as pg_restore lists them."""
    listed = _read(program, "--list", file)
    of = _DUMPED.search(listed)
    if of is not None and int(of[1]) > major:
        raise ConfigurationError(
            f"{file} is of Postgres {of[1]} and this server is {major}; restore it into {of[1]} or newer"
        )
    return "".join(line for line in listed.splitlines(keepends=True) if not _PREPARED.match(line))


def _place_extensions(connection: Connection, program: str, file: Path) -> None:
    """Install what the dump needs, each extension in the schema that it stood in.

    An account that may not install one needs it there before, in that schema.
    """
    for name, place in [*_EXTENSION.findall(_read(program, "--schema-only", "--file=-", file)), ("", "wirewatch")]:
        here = fetch_value(connection, "backup.place_of", name=name) if name else None
        if here not in (None, place):
            raise ConfigurationError(
                f"{name} stands in the schema {here} here and in {place} in the dump; have its owner run: "
                f"ALTER EXTENSION {name} SET SCHEMA {place}"
            )
        try:
            with connection.transaction():
                for row in run(connection, "backup.prepare", name=name, place=place).fetchall():
                    connection.execute(row["statement"].encode())
        except psycopg.errors.FeatureNotSupported as error:
            raise ConfigurationError(f"this Postgres lacks the extension {name}; install it on the server") from error
        except psycopg.errors.InsufficientPrivilege as error:
            raise ConfigurationError(
                f"the account may not install {name} ({error.diag.message_primary}); have a superuser run there: "
                f"CREATE SCHEMA IF NOT EXISTS {place}; CREATE EXTENSION {name} SCHEMA {place}"
            ) from error


def _read(program: str, *arguments: str | Path) -> str:
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ConfigurationError(f"{arguments[-1]} cannot be read as a dump ({said})")
    return done.stdout
