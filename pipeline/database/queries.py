"""Named SQL: the statements of ``sql/queries/``, each run by its noun and name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import psycopg
from psycopg.rows import DictRow

from pipeline.shipped import SQL

Connection = psycopg.Connection[DictRow]

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


def clock(connection: Connection) -> datetime:
    """The database's clock, the one that leases run on."""
    row = run(connection, "schema.clock").fetchone()
    assert row is not None
    moment: datetime = row["now"]
    return moment
