"""The schema: the files of ``sql/migrations/``, which of them a database has, and bringing it up to the last."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from pipeline.database.queries import Connection, run
from pipeline.errors import ConfigurationError
from pipeline.shipped import SQL

# Any fixed number does; it only has to be the same in every process that migrates.
_LOCK = 7_306_419
_LOOK_SECONDS = 0.1
"""Between two looks at the lock. Waiting in Postgres would hold a snapshot, for which an index that is made
concurrently waits in turn."""
IN_STEPS = "-- in steps\n"
"""How a migration begins that is no single transaction, because it goes through a table that grows for ever."""
_STEP = re.compile(r"^-- step.*$", re.MULTILINE)


def migrations() -> list[tuple[int, str, Path]]:
    """Every migration file as (number, name, path), in order."""
    found = []
    for path in sorted((SQL / "migrations").glob("[0-9][0-9][0-9][0-9]_*.sql")):
        found.append((int(path.name[:4]), path.stem[5:], path))
    return found


def is_behind(connection: Connection) -> bool:
    """Whether the database lacks a migration that this code has; the connection must be in no transaction.

    Raises `ConfigurationError` where the account may not know.
    """
    try:
        with connection.transaction():
            done = _done(connection)
    except psycopg.errors.InsufficientPrivilege as error:
        raise ConfigurationError(
            "the account may not read the working tables; name the writer's in WIREWATCH_DATABASE_URL"
        ) from error
    except psycopg.ProgrammingError:  # no schema at all
        return True
    return any(number not in done for number, _, _ in migrations())


def refuse_newer(connection: Connection) -> None:
    """Raise `ConfigurationError` where the database has a migration that this code lacks.

    One round trip, outside any transaction. What an account may not read, or what is not there yet, is no newer schema.
    """
    with suppress(psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
        _refuse(_done(connection))


def _refuse(done: set[int]) -> None:
    if newer := done - {number for number, _, _ in migrations()}:
        raise ConfigurationError(
            f"the database was made by a newer Wirewatch, whose migration {max(newer):04d} this one does not know; "
            "update this checkout"
        )


def bring_up(connection: Connection) -> list[str]:
    """Apply what is missing; returns the names of those applied now.

    A migration is one transaction, or one for each step where it says so. Two processes may start at once: an advisory
    lock, held until the connection is closed, makes the second wait and then find nothing to do. An account that may
    change nothing finds out without trying that nothing is to be done. Raises `ConfigurationError` where the database
    is newer than this code, lacks pgvector, or where the account may not prepare it.
    """
    if _nothing_is_missing(connection):
        return []
    while not run(connection, "schema.try_lock", lock=_LOCK).fetchone()["held"]:  # type: ignore[index]
        time.sleep(_LOOK_SECONDS)
    with _in_one_line("prepare this database"):
        _become_owner(connection)
        run(connection, "schema.ensure_ledger")
    done = _done(connection)
    _refuse(done)
    if not done:
        _place_extensions(connection)
    applied = []
    for number, name, path in migrations():
        if number not in done:
            _apply(connection, number, name, path)
            applied.append(f"{number:04d}_{name}")
    if applied:
        settle_rights(connection)
    return applied


def settle_rights(connection: Connection) -> None:
    """Let what analysts call run by its owner's rights, as each change of a function and each restore forgets that."""
    if run(connection, "schema.settles_rights").fetchone() is not None:
        run(connection, "schema.settle_rights")


def _nothing_is_missing(connection: Connection) -> bool:
    try:
        with connection.transaction():
            done = _done(connection)
    except psycopg.ProgrammingError:
        return False
    _refuse(done)
    return all(number in done for number, _, _ in migrations())


def _become_owner(connection: Connection) -> None:
    """Work as the owner of the working tables where the account may, so that what a superuser makes is the owner's."""
    row = run(connection, "schema.owner").fetchone()
    if row is not None:
        run(connection, "schema.become", owner=row["owner"])


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
    text = path.read_text("utf-8")
    with _in_one_line(f"apply the migration {number:04d}_{name}"):
        if text.startswith(IN_STEPS):
            _go_through(connection, text)
            run(connection, "schema.record", number=number, name=name)
            return
        with connection.transaction():
            run(connection, "schema.place_migration", local=True)
            connection.execute(text.encode())
            run(connection, "schema.record", number=number, name=name)


def _go_through(connection: Connection, text: str) -> None:
    """Each step by itself, outside any transaction; what was broken off is done again from its beginning.

    An index that was broken off while it was made concurrently is there and serves nobody; it is dropped before.
    """
    for row in run(connection, "schema.broken_indexes").fetchall():
        connection.execute(row["statement"].encode())
    path = run(connection, "schema.path").fetchone()
    run(connection, "schema.place_migration", local=False)
    try:
        for step in _STEP.split(text):
            connection.execute(step.encode())
    finally:
        if not connection.closed:
            run(connection, "schema.set_path", path=path["path"])  # type: ignore[index]
