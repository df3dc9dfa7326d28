"""Named queries whose rows have a type of their own: a frozen dataclass whose fields are the query's columns."""

from __future__ import annotations

from typing import Any, TypeVar

import psycopg
from psycopg.rows import class_row

from pipeline.database.queries import Connection, queries

T = TypeVar("T")


def fetch(connection: Connection, kind: type[T], query: str, **parameters: Any) -> list[T]:
    """Every row of the named query ``noun.name`` as a `kind`."""
    return _ask(connection, kind, query, parameters).fetchall()


def fetch_one(connection: Connection, kind: type[T], query: str, **parameters: Any) -> T | None:
    """The first row of the named query as a `kind`; None where there is none."""
    return _ask(connection, kind, query, parameters).fetchone()


def fetch_value(connection: Connection, query: str, **parameters: Any) -> Any:
    """The first column of the named query's first row; None where there is no row."""
    noun, name = query.split(".")
    with connection.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
        row = cursor.execute(queries(noun)[name], parameters).fetchone()
    return None if row is None else row[0]


def fetch_column(connection: Connection, query: str, **parameters: Any) -> list[Any]:
    """The first column of every row of the named query."""
    noun, name = query.split(".")
    with connection.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
        return [row[0] for row in cursor.execute(queries(noun)[name], parameters)]


def _ask(connection: Connection, kind: type[T], query: str, parameters: dict[str, Any]) -> psycopg.Cursor[T]:
    noun, name = query.split(".")
    return connection.cursor(row_factory=class_row(kind)).execute(queries(noun)[name], parameters)
