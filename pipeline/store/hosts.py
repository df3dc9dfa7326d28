"""Pacing and robots.txt shared by all workers: the Postgres side of `pacing.Pacing` and `robots.RobotsStore`."""

from __future__ import annotations

from pipeline.database import connect, run
from pipeline.database.rows import fetch_one, fetch_value
from pipeline.settings import Settings
from pipeline.web.robots import RobotsFile


class SharedHosts:
    """Hands out slots of hosts and keeps robots.txt answers.

    Each is a transaction of its own: a slot is taken at once and for all, whatever becomes of the caller's.
    """

    blocking = True

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def reserve(self, host: str, interval: float, now: float) -> float:
        """Take the host's next slot; seconds to wait for it. The database's clock stands for `now`."""
        with connect(self._settings) as connection:
            return float(fetch_value(connection, "hosts.reserve", host=host, interval=interval))

    def load(self, origin: str) -> RobotsFile | None:
        """The kept robots.txt of an origin, expired or not."""
        with connect(self._settings) as connection:
            return fetch_one(connection, RobotsFile, "hosts.robots", origin=origin)

    def save(self, origin: str, answer: RobotsFile) -> None:
        """Keep an answer for all workers."""
        with connect(self._settings) as connection:
            run(
                connection,
                "hosts.save_robots",
                origin=origin,
                status=answer.status,
                text=answer.text,
                fetched=answer.fetched,
                expires=answer.expires,
            )
