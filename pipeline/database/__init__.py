"""The door to Postgres: where it is, the embedded server, connections, named SQL and migrations."""

from pipeline.database.connection import (
    Connection,
    clock,
    close_idle,
    connect,
    database_url,
    migrate,
    migrations,
    queries,
    run,
    run_many,
)

__all__ = [
    "Connection",
    "clock",
    "close_idle",
    "connect",
    "database_url",
    "migrate",
    "migrations",
    "queries",
    "run",
    "run_many",
]
