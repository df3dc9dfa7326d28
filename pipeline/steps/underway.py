"""Documents asked for and worked on side by side: whatever is there first is handed over first.

A document whose host answers is worked on in a process of its own while another host is still being waited for;
neither the answers nor the results wait for each other.
"""

from __future__ import annotations

import queue
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from pipeline import web
from pipeline.errors import ItemError
from pipeline.web import Arrived, Gathering
from pipeline.workers import LOST, Pending

T = TypeVar("T")
R = TypeVar("R")

_LOOK_SECONDS = 1.0  # between two looks at work that may never be answered


@dataclass(frozen=True, slots=True)
class Done(Generic[R]):
    """A document that was worked on, or why it was not; `key` is that of its request."""

    key: int
    result: R | ItemError


class Underway(ABC, Generic[T, R]):
    """Asks, works, and hands over one thing after another as it comes; use it in a `with`.

    The keys of requests are whole numbers, of which no two under way are the same. A request that has no answer after
    `seconds` ends as ``not-reached``, and so does work whose turn has not come after as many more. `too_large` is the
    reason for which, as for a process that died, a document is tried once more, alone. Where it is `bounded`, no more
    answers are taken than are worked on: documents wait at their hosts, and not in memory.
    """

    bounded = False

    def __init__(self, client: web.Client, seconds: float, too_large: str) -> None:
        self._client = client
        self._seconds = seconds
        self._once_more = (LOST, too_large)
        self._events: queue.SimpleQueue[Arrived | Gathering | int] = queue.SimpleQueue()
        self._asking: dict[int, Gathering] = {}
        self._working: dict[int, tuple[T, Pending[Any, R]]] = {}
        self._again: dict[int, T] = {}
        self._arrived: dict[int, Gathering] = {}
        self._tried_again: set[int] = set()

    @abstractmethod
    def _submit(self, document: T, done: Callable[[], object]) -> Pending[Any, R]:
        """Start work on a document; `done` is called when its result is there."""

    def _result(self, pending: Pending[Any, R]) -> R | ItemError:
        """What came of it."""
        return pending.result()

    def __len__(self) -> int:
        """How many are under way."""
        return len(self._asking) + len(self._working) + len(self._again)

    def ask(self, requests: Sequence[web.Request]) -> None:
        """Start getting these."""
        gathering = self._client.start(requests, self._events, seconds=self._seconds)
        self._asking.update((request.key, gathering) for request in requests)

    def work(self, key: int, document: T) -> None:
        """Start work on the answer of a request that has arrived."""
        self._working[key] = document, self._submit(document, partial(self._events.put, key))

    def next(self, patience: float | None = None) -> Arrived | Done[R] | None:
        """What comes next; None where nothing is under way, or nothing has come within so many seconds.

        Raises `InfrastructureError` where the database that keeps the pace, or the pool, was lost.
        """
        until = None if patience is None else time.monotonic() + patience
        for key in [key for key in self._arrived if key not in self._working and key not in self._again]:
            self._arrived.pop(key).taken()
        while len(self):
            if self._again and not self._working:
                # A process that died may have done so for want of the memory that another had.
                key, document = self._again.popitem()
                self._tried_again.add(key)
                self.work(key, document)
            found = self._event(
                _LOOK_SECONDS if until is None else max(min(until - time.monotonic(), _LOOK_SECONDS), 0)
            )
            if found is not None or (until is not None and time.monotonic() >= until):
                return found
        return None

    def _event(self, seconds: float) -> Arrived | Done[R] | None:
        """What comes within so many seconds."""
        try:
            event = self._events.get(timeout=seconds)
        except queue.Empty:
            return self._late()
        if isinstance(event, Gathering):
            event.finish()
        elif isinstance(event, Arrived):
            gathering = self._asking.pop(event.request.key)
            if self.bounded:
                self._arrived[event.request.key] = gathering
            else:
                gathering.taken()
            return event
        elif event in self._working:
            document, pending = self._working[event]
            result = self._result(pending)
            if not self._must_try_again(event, document, pending):
                return self._ended(event, result)
        return self._late()

    def _late(self) -> Done[R] | None:
        """Work that has waited for its turn for too long, or will never be answered."""
        now = time.monotonic()
        for key, (_, pending) in self._working.items():
            if pending.is_lost(now):
                return self._ended(key, self._result(pending))
            if now > pending.since + self._seconds and pending.withdraw():
                return self._ended(key, ItemError("not-reached", "there was no time left to work on it"))
        return None

    def _must_try_again(self, key: int, document: T, pending: Pending[Any, R]) -> bool:
        """Whether the process died under this document for the first time; then it is tried once more, alone."""
        result = pending.result()
        if key in self._tried_again or not isinstance(result, ItemError) or result.reason not in self._once_more:
            return False
        del self._working[key]
        self._again[key] = document
        return True

    def _ended(self, key: int, result: R | ItemError) -> Done[R]:
        del self._working[key]
        self._tried_again.discard(key)
        return Done(key, result)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for gathering in set(self._asking.values()):
            gathering.close()
        for _, pending in self._working.values():
            pending.withdraw()
