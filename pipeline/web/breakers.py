"""Which hosts let one wait in vain, and are left alone for a while: a circuit breaker for each host."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.errors import ItemError

#: Requests in a row that a host lets run out of time before it is left alone.
PATIENCE = 2
#: Seconds for which it then is; the next request tries it again, and where that runs out of time too, it rests anew.
REST = 900.0
#: Hosts remembered; beyond, those that answered or have rested are forgotten.
_REMEMBERED = 20_000
_IN_VAIN = frozenset({"timeout-connect", "timeout-read", "timeout-total"})
#: Seconds from which a name that does not resolve cost time as well: one that is not there is known at once.
_SLOW_NAME = 3.0


@dataclass(slots=True)
class _Host:
    in_vain: int = 0
    closed_until: float = 0.0


class Breakers:
    """Counts what each host lets run out of time; `clock` gives monotonic seconds. Lives on one event loop."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._hosts: dict[str, _Host] = {}

    def demand(self, host: str) -> None:
        """Raise `ItemError` ``unresponsive`` where the host is left alone, with the seconds until it is asked again."""
        known = self._hosts.get(host)
        left = known.closed_until - self._clock() if known is not None else 0.0
        if known is not None and left > 0:
            why = f"{host} let {known.in_vain} requests in a row run out of time"
            raise ItemError("unresponsive", why, retry_after=left)

    def answered(self, host: str) -> None:
        """The host did answer, whatever it said."""
        self._hosts.pop(host, None)

    def failed(self, host: str, error: ItemError, seconds: float) -> None:
        """A request to the host ended in an error after so many seconds."""
        if error.reason not in _IN_VAIN and not (error.reason == "dns" and seconds >= _SLOW_NAME):
            self.answered(host)
            return
        known = self._hosts.setdefault(host, _Host())
        known.in_vain += 1
        if known.in_vain >= PATIENCE:
            known.closed_until = self._clock() + REST
        if len(self._hosts) > _REMEMBERED:
            now = self._clock()
            self._hosts = {name: kept for name, kept in self._hosts.items() if kept.closed_until > now}
