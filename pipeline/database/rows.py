"""Named queries whose rows have a type of their own: a frozen dataclass whose fields are the query's columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import psycopg
from psycopg.rows import class_row

from pipeline.database.queries import Connection, queries

T = TypeVar("T")


def fetch(connection: Connection, kind: type[T], query: str, **parameters: Any) -> list[T]:
    """Every row of the named query ``noun.name`` as a `kind`."""
    return ask(connection, kind, query, **parameters).fetchall()


def fetch_one(connection: Connection, kind: type[T], query: str, **parameters: Any) -> T | None:
    """The first row of the named query as a `kind`; None where there is none."""
    return ask(connection, kind, query, **parameters).fetchone()


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


def ask(
    connection: Connection,
    kind: type[T],
    query: str,
    *,
    literals: Mapping[str, int] | None = None,
    binary: bool = False,
    **parameters: Any,
) -> psycopg.Cursor[T]:
    """The named query, its answer not fetched yet: on a connection in pipeline mode more may be asked before it is.

    `literals` and `binary` are those of `run`.
    """
    noun, name = query.split(".")
    text = queries(noun)[name]
    for literal, value in (literals or {}).items():
        text = text.replace(f"{{{literal}}}", str(int(value)))
    return connection.cursor(row_factory=class_row(kind), binary=binary).execute(text, parameters)
