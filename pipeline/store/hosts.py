"""Pacing and robots.txt shared by all workers: the Postgres side of `pacing.Pacing` and `robots.RobotsStore`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.database import connect, run
from pipeline.database.recordset import recordset
from pipeline.database.rows import fetch
from pipeline.settings import Settings
from pipeline.web.pacing import Slot
from pipeline.web.robots import RobotsFile


@dataclass(frozen=True, slots=True)
class _Reserved:
    host: str
    ends_in: float


@dataclass(frozen=True, slots=True)
class _Kept:
    origin: str
    status: int
    text: str
    fetched: datetime
    expires: datetime


class SharedHosts:
    """Hands out slots of hosts and keeps robots.txt answers.

    Each call is a transaction of its own: a slot is taken at once and for all, whatever becomes of the caller's.
    """

    blocking = True

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def reserve(self, host: str, interval: float, now: float) -> float:
        """Take the host's next slot; seconds to wait for it. The database's clock stands for `now`."""
        return self.reserve_all([Slot(host, interval)])[0]

    def reserve_all(self, slots: Sequence[Slot]) -> list[float]:
        """Take a slot for each; seconds to wait for each, in the same order. A host may stand there more than once."""
        waits: dict[int, float] = {}
        left = dict(enumerate(slots))
        with connect(self._settings) as connection:
            while left:
                turn = {slot.host: (number, slot) for number, slot in reversed(left.items())}
                hosts, pauses = list(turn), [slot.interval for _, slot in turn.values()]
                for row in fetch(connection, _Reserved, "hosts.reserve", hosts=hosts, pauses=pauses):
                    number, slot = turn[row.host]
                    waits[number] = max(row.ends_in - slot.interval, 0.0)
                    del left[number]
        return [waits[number] for number in range(len(slots))]

    def load(self, origin: str) -> RobotsFile | None:
        """The kept robots.txt of an origin, expired or not."""
        return self.load_all([origin])[0]

    def load_all(self, origins: Sequence[str]) -> list[RobotsFile | None]:
        """`load` for each, in the same order."""
        with connect(self._settings) as connection:
            rows = fetch(connection, _Kept, "hosts.robots", origins=list(origins))
        kept = {row.origin: RobotsFile(row.status, row.text, row.fetched, row.expires) for row in rows}
        return [kept.get(origin) for origin in origins]

    def save(self, origin: str, answer: RobotsFile) -> None:
        """Keep an answer for all workers."""
        self.save_all({origin: answer})

    def save_all(self, answers: Mapping[str, RobotsFile]) -> None:
        """`save` for each origin."""
        rows = (
            {
                "origin": origin,
                "status": each.status,
                "text": each.text,
                "fetched": each.fetched,
                "expires": each.expires,
            }
            for origin, each in answers.items()
        )
        with connect(self._settings) as connection:
            run(connection, "hosts.save_robots", rows=recordset(rows))
