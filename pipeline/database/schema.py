"""The schema: the files of ``sql/migrations/``, which of them a database has, and bringing it up to the last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from pipeline.database.queries import Connection, run
from pipeline.errors import ConfigurationError
from pipeline.shipped import SQL

# Any fixed number does; it only has to be the same in every process that migrates.
_LOCK = 7_306_419


def migrations() -> list[tuple[int, str, Path]]:
    """Every migration file as (number, name, path), in order."""
    found = []
    for path in sorted((SQL / "migrations").glob("[0-9][0-9][0-9][0-9]_*.sql")):
        found.append((int(path.name[:4]), path.stem[5:], path))
    return found


def is_behind(connection: Connection) -> bool:
    """Whether the database lacks a migration that this code has; the connection must be in no transaction."""
    try:
        with connection.transaction():
            done = _done(connection)
    except psycopg.ProgrammingError:  # no schema at all
        return True
    return any(number not in done for number, _, _ in migrations())


def bring_up(connection: Connection) -> list[str]:
    """Apply what is missing, each migration in one transaction; returns the names of those applied now.

    Two processes may start at once: an advisory lock, held until the connection is closed, makes the second wait and
    then find nothing to do. Raises `ConfigurationError` where the database is newer than this code, lacks pgvector,
    or where the account may not prepare it.
    """
    run(connection, "schema.lock", lock=_LOCK)
    run(connection, "schema.ensure_ledger")
    done, known = _done(connection), migrations()
    if done - {number for number, _, _ in known}:
        raise ConfigurationError("the database was made by a newer Wirewatch; update this checkout")
    if not done:
        _place_extensions(connection)
    applied = []
    for number, name, path in known:
        if number not in done:
            _apply(connection, number, name, path)
            applied.append(f"{number:04d}_{name}")
    return applied


def _done(connection: Connection) -> set[int]:
    return {row["number"] for row in run(connection, "schema.done")}


def _place_extensions(connection: Connection) -> None:
    """Install pgvector in a schema of its own, before the first migration of a new database asks for it anywhere.

    The schema stays where the account may not install the extension, for whoever may.
    """
    with _in_one_line("prepare this database"):
        run(connection, "schema.make_extensions")
        run(connection, "schema.install_pgvector")


@contextmanager
def _in_one_line(what: str) -> Iterator[None]:
    try:
        yield
    except psycopg.errors.FeatureNotSupported as error:
        raise ConfigurationError("this Postgres lacks the pgvector extension; install it on the server") from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise ConfigurationError(
            f"the account may not {what} ({error.diag.message_primary}); make it the owner of the database, and have a "
            "superuser run there: CREATE EXTENSION vector SCHEMA extensions"
        ) from error


def _apply(connection: Connection, number: int, name: str, path: Path) -> None:
    with _in_one_line(f"apply the migration {number:04d}_{name}"), connection.transaction():
        run(connection, "schema.place_migration")
        connection.execute(path.read_bytes())
        run(connection, "schema.record", number=number, name=name)
