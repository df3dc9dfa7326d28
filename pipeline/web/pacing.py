"""The pace at which one host is asked, whoever asks: the contract, and the pace of a single process."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Slot:
    """A host to ask, and the seconds between two requests to it."""

    host: str
    interval: float


class Pacing(Protocol):
    """Hands out the moments at which a host may be asked, so that any two lie `interval` seconds apart.

    `blocking` says that they wait for I/O and must not run on the event loop: then `reserve_all` runs in a thread.
    """

    blocking: bool

    def reserve(self, host: str, interval: float, now: float) -> float:
        """Take the host's next free slot and return the seconds to wait for it, 0 for at once.

        `now` is POSIX time in seconds. The slot is the later of `now` and the end of the last reservation; the
        reservation ends `interval` seconds after the slot. Implementations shared by workers use their own clock
        in place of `now`, because the clocks of hosts differ.
        """
        ...

    def reserve_all(self, slots: Sequence[Slot]) -> Sequence[float]:
        """`reserve` for each slot now, in the same order."""
        return [self.reserve(slot.host, slot.interval, time.time()) for slot in slots]


class MemoryPacing(Pacing):
    """The pace of one process; safe between threads."""

    blocking = False

    def __init__(self) -> None:
        self._free_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def reserve(self, host: str, interval: float, now: float) -> float:
        """See `Pacing.reserve`."""
        with self._lock:
            slot = max(now, self._free_at.get(host, now))
            self._free_at[host] = slot + interval
            if len(self._free_at) > 50_000:
                self._free_at = {name: free for name, free in self._free_at.items() if free > now}
            return slot - now
