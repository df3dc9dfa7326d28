"""Pages asked for and extracted side by side: whatever is there first is handed over first.

A page whose host answers is extracted while another host is still being waited for; neither the answers nor the
extracted articles wait for each other.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Self

from pipeline import web
from pipeline.errors import ItemError
from pipeline.extraction.pool import TOO_LARGE, ExtractionPool, Page, Task
from pipeline.models import Article
from pipeline.web import Arrived, Gathering
from pipeline.workers import LOST, Pending

_LOOK_SECONDS = 1.0  # between two looks at extractions that may never be answered


@dataclass(frozen=True, slots=True)
class Extracted:
    """A page that was extracted, or why it was not; `key` is that of its request."""

    key: int
    result: Article | ItemError


class Arrivals:
    """Asks, extracts, and hands over one thing after another as it comes; use it in a `with`.

    The keys of requests are whole numbers, of which no two under way are the same. A request that has no answer after
    `seconds` ends as ``not-reached``, and so does an extraction whose turn has not come after as many more.
    """

    def __init__(self, client: web.Client, pool: ExtractionPool, now: datetime, seconds: float) -> None:
        self._client = client
        self._pool = pool
        self._now = now
        self._seconds = seconds
        self._events: queue.SimpleQueue[Arrived | Gathering | int] = queue.SimpleQueue()
        self._asking: dict[int, Gathering] = {}
        self._extracting: dict[int, Pending[Task, Article]] = {}
        self._again: dict[int, Page] = {}
        self._tried_again: set[int] = set()

    def ask(self, requests: Sequence[web.Request]) -> None:
        """Start getting these."""
        gathering = self._client.start(requests, self._events, seconds=self._seconds)
        self._asking.update((request.key, gathering) for request in requests)

    def extract(self, key: int, page: Page) -> None:
        """Start extracting the answer of a request that has arrived."""
        self._extracting[key] = self._pool.submit(page, now=self._now, done=partial(self._events.put, key))

    def next(self) -> Arrived | Extracted | None:
        """What comes next; None where nothing is under way.

        Raises `InfrastructureError` where the database that keeps the pace, or the pool, was lost.
        """
        while self._asking or self._extracting or self._again:
            if self._again and not self._extracting:
                # A process that died may have done so for want of the memory that another had.
                key, page = self._again.popitem()
                self._tried_again.add(key)
                self.extract(key, page)
            try:
                event = self._events.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                event = None
            if isinstance(event, Gathering):
                event.finish()
            elif isinstance(event, Arrived):
                self._asking.pop(event.request.key).taken()
                return event
            elif event is not None and event in self._extracting:
                result = self._pool.result(self._extracting[event])
                if not self._must_try_again(event, self._extracting[event]):
                    return self._ended(event, result)
            found = self._late()
            if found is not None:
                return found
        return None

    def _late(self) -> Extracted | None:
        """An extraction that has waited for its turn for too long, or will never be answered."""
        now = time.monotonic()
        for key, pending in self._extracting.items():
            if pending.is_lost(now):
                return self._ended(key, self._pool.result(pending))
            if now > pending.since + self._seconds and pending.withdraw():
                return self._ended(key, ItemError("not-reached", "there was no time left to extract it"))
        return None

    def _must_try_again(self, key: int, pending: Pending[Task, Article]) -> bool:
        """Whether the process died under this page for the first time; then it is tried once more, alone."""
        result = pending.result()
        if key in self._tried_again or not isinstance(result, ItemError) or result.reason not in (LOST, TOO_LARGE):
            return False
        del self._extracting[key]
        self._again[key] = pending.task[0]
        return True

    def _ended(self, key: int, result: Article | ItemError) -> Extracted:
        del self._extracting[key]
        self._tried_again.discard(key)
        return Extracted(key, result)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for gathering in set(self._asking.values()):
            gathering.close()
        for pending in self._extracting.values():
            pending.withdraw()
