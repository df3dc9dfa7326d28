"""A database as it was before a migration, to fill and then to bring up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import psycopg
from psycopg import sql

from pipeline import database
from pipeline.database import schema
from pipeline.database.connection import open_session
from pipeline.database.embedded import Server
from pipeline.settings import Settings


@contextmanager
def earlier(server: Server, number: int, name: str = "earlier") -> Iterator[Settings]:
    """Settings of a database with every migration below `number`; it is dropped at the end."""
    server.ensure_database(name)
    settings = Settings(database_url=server.url(name))
    known = schema.migrations()
    with patch.object(schema, "migrations", lambda: [one for one in known if one[0] < number]):
        database.migrate(settings)
    yield settings
    database.close_idle()
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def brought_up(settings: Settings) -> list[str]:
    """Apply what is missing; returns what Postgres said meanwhile of rows that it put right, or could not."""
    said: list[str] = []
    connection = open_session(settings, "test")
    connection.add_notice_handler(
        lambda told: said.append(told.message_primary or "") if told.severity == "WARNING" else None
    )
    try:
        schema.bring_up(connection)
    finally:
        connection.close()
    return said
