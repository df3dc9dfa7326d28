"""Pacing and robots.txt shared by all workers: the Postgres side of `pacing.Pacing` and `robots.RobotsStore`."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool

from pipeline.database.connection import Connection, database_url, run
from pipeline.settings import Settings
from pipeline.web.robots import RobotsFile


class SharedHosts:
    """Hands out slots of hosts and keeps robots.txt answers, over a few connections of its own.

    Its own connections, in autocommit: a slot is taken at once and for all, whatever becomes of the caller's
    transaction.
    """

    blocking = True

    def __init__(self, settings: Settings) -> None:
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            database_url(settings),
            min_size=1,
            max_size=4,
            kwargs={"row_factory": dict_row, "autocommit": True, "options": "-c timezone=UTC"},
            open=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.close()

    def _row(self, query: str, **parameters: Any) -> DictRow | None:
        with self._pool.connection() as connection:
            return run(connection, query, **parameters).fetchone()

    def reserve(self, host: str, interval: float, now: float) -> float:
        """Take the host's next slot; seconds to wait for it. The database's clock stands for `now`."""
        row = self._row("hosts.reserve", host=host, interval=interval)
        assert row is not None
        return float(row["wait"])

    def load(self, origin: str) -> RobotsFile | None:
        """The kept robots.txt of an origin, expired or not."""
        row = self._row("hosts.robots", origin=origin)
        return None if row is None else RobotsFile(**row)

    def save(self, origin: str, answer: RobotsFile) -> None:
        """Keep an answer for all workers."""
        with self._pool.connection() as connection:
            run(
                connection,
                "hosts.save_robots",
                origin=origin,
                status=answer.status,
                text=answer.text,
                fetched=answer.fetched,
                expires=answer.expires,
            )
