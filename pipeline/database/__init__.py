"""The door to Postgres: where it is, the embedded server, connections, named SQL and migrations."""

from pipeline.database.connection import SEARCH_PATH, close_idle, connect, database_url, is_behind, is_empty, migrate
from pipeline.database.queries import Connection, clock, queries, run, run_many
from pipeline.database.schema import migrations

__all__ = [
    "SEARCH_PATH",
    "Connection",
    "clock",
    "close_idle",
    "connect",
    "database_url",
    "is_behind",
    "is_empty",
    "migrate",
    "migrations",
    "queries",
    "run",
    "run_many",
]
