"""The door to Postgres: where it is, connections, named SQL, migrations, and one translation of its errors."""

from __future__ import annotations

import atexit
import os
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.rows import DictRow, dict_row

from pipeline.database import embedded as postgres
from pipeline.errors import ConfigurationError, InfrastructureError
from pipeline.settings import Settings
from pipeline.shipped import SQL

# Any fixed number does; it only has to be the same in every process that migrates.
_MIGRATION_LOCK = 7_306_419

Connection = psycopg.Connection[DictRow]


def database_url(settings: Settings) -> str:
    """The connection string of the project's database; starts the embedded server where none is named.

    Raises `ConfigurationError` where ``WIREWATCH_DATABASE_URL`` is no Postgres address.
    """
    if settings.database_url:
        try:
            parts = urlsplit(settings.database_url)
            right = parts.scheme in ("postgresql", "postgres") and parts.port != 0
        except ValueError:  # a port that is no number, a bracket left open
            right = False
        if not right:
            raise ConfigurationError(
                "WIREWATCH_DATABASE_URL must look like postgresql://user:password@host:5432/wirewatch"
            )
        return settings.database_url
    return _embedded_url(settings)


@cache
def _embedded_url(settings: Settings) -> str:
    server = postgres.shared(settings)
    server.ensure_database(settings.database_name)
    return server.url(settings.database_name)


# One idle connection per thread and address: a step opens hundreds in a row, and each costs a process of the server and
# a password's worth of hashing. An older one may have died unseen, so that it is not used again.
_IDLE_SECONDS = 5.0
_idle: dict[tuple[int, int, str], tuple[float, Connection]] = {}


@contextmanager
def connect(settings: Settings) -> Iterator[Connection]:
    """A connection with rows as dicts, committed at the end of the block and rolled back on an exception.

    Raises `InfrastructureError` where the server cannot be reached or goes away in the middle.
    """
    url = database_url(settings)
    key = (os.getpid(), threading.get_ident(), url)
    connection = _take(key) or _open(url)
    try:
        with connection.transaction():
            yield connection
    except psycopg.OperationalError as error:
        raise InfrastructureError(f"Postgres went away: {_first_line(error)}") from error
    except psycopg.ProgrammingError as error:
        if _is_behind(connection):
            raise ConfigurationError(
                "the database's schema is not that of this Wirewatch; run `wirewatch db migrate`"
            ) from error
        raise
    finally:
        _give(key, connection)


def _open(url: str) -> Connection:
    try:
        return psycopg.connect(
            url, row_factory=dict_row, connect_timeout=10, autocommit=True, options="-c timezone=UTC"
        )
    except psycopg.OperationalError as error:
        raise InfrastructureError(_unreachable(url, error)) from error
    except psycopg.ProgrammingError as error:
        raise ConfigurationError(f"WIREWATCH_DATABASE_URL: {_first_line(error)}") from error


def _is_behind(connection: Connection) -> bool:
    try:
        with connection.transaction():
            done = {row["number"] for row in run(connection, "schema.done")}
    except psycopg.ProgrammingError:  # no schema at all
        return True
    return any(number not in done for number, _, _ in migrations())


def _take(key: tuple[int, int, str]) -> Connection | None:
    since, connection = _idle.pop(key, (0.0, None))
    if connection is None:
        return None
    if connection.closed or time.monotonic() - since > _IDLE_SECONDS:
        connection.close()
        return None
    return connection


def _give(key: tuple[int, int, str], connection: Connection) -> None:
    if connection.closed or connection.broken or key in _idle:
        connection.close()
    else:
        _idle[key] = (time.monotonic(), connection)


@atexit.register
def close_idle() -> None:
    """Close the idle connections of this process."""
    while _idle:
        (process, _, _), (_, connection) = _idle.popitem()
        # A forked child must not say goodbye on its parent's connection.
        if process == os.getpid():
            connection.close()


def _unreachable(url: str, error: Exception) -> str:
    parts = urlsplit(url)
    where = f"{parts.hostname or 'local socket'}:{parts.port or 5432}{parts.path}"
    return f"Postgres at {where} cannot be reached ({_first_line(error)}); check WIREWATCH_DATABASE_URL"


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


@cache
def queries(noun: str) -> dict[str, str]:
    """The named blocks of ``sql/queries/<noun>.sql``: ``-- name: x`` up to the next one."""
    parts = _NAME.split((SQL / "queries" / f"{noun}.sql").read_text(encoding="utf-8"))
    return {name: body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def run(
    connection: Connection,
    query: str,
    *,
    literals: Mapping[str, int] | None = None,
    binary: bool = False,
    **parameters: Any,
) -> psycopg.Cursor[DictRow]:
    """Execute the named query ``noun.name`` with ``%(name)s`` parameters.

    `literals` are whole numbers that must stand in the text itself, as ``{name}``: a vector's dimension, or what an
    index's condition is matched by. With `binary`, rows come in Postgres' binary form, a vector as bytes.
    """
    noun, name = query.split(".")
    text = queries(noun)[name]
    for literal, value in (literals or {}).items():
        text = text.replace(f"{{{literal}}}", str(int(value)))
    return connection.execute(text, parameters, binary=binary)


def run_many(connection: Connection, query: str, rows: list[dict[str, Any]]) -> None:
    """Execute the named query once per row, pipelined."""
    noun, name = query.split(".")
    with connection.cursor() as cursor:
        cursor.executemany(queries(noun)[name], rows)


def migrations() -> list[tuple[int, str, Path]]:
    """Every migration file as (number, name, path), in order."""
    found = []
    for path in sorted((SQL / "migrations").glob("[0-9][0-9][0-9][0-9]_*.sql")):
        found.append((int(path.name[:4]), path.stem[5:], path))
    return found


def migrate(settings: Settings) -> list[str]:
    """Bring the schema up, each migration in one transaction; returns the names of those applied now.

    Two processes may start at once: an advisory lock makes the second wait and then find nothing to do.
    Raises `ConfigurationError` where the database is newer than this code or lacks pgvector.
    """
    applied: list[str] = []
    connection = _open(database_url(settings))
    try:
        run(connection, "schema.lock", lock=_MIGRATION_LOCK)
        run(connection, "schema.ensure_ledger")
        done = {row["number"] for row in run(connection, "schema.done")}
        known = migrations()
        if done - {number for number, _, _ in known}:
            raise ConfigurationError("the database was made by a newer Wirewatch; update this checkout")
        for number, name, path in known:
            if number not in done:
                _apply(connection, number, name, path)
                applied.append(f"{number:04d}_{name}")
    finally:
        connection.close()  # which gives the lock back too
    return applied


def _apply(connection: Connection, number: int, name: str, path: Path) -> None:
    try:
        with connection.transaction():
            connection.execute(path.read_bytes())
            run(connection, "schema.record", number=number, name=name)
    except psycopg.errors.FeatureNotSupported as error:
        raise ConfigurationError(f"this Postgres lacks the pgvector extension: {_first_line(error)}") from error


def clock(connection: Connection) -> datetime:
    """The database's clock, the one that leases run on."""
    row = run(connection, "schema.clock").fetchone()
    assert row is not None
    moment: datetime = row["now"]
    return moment
