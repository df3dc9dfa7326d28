"""Many requests under way together, each handed over as soon as it is over, and none waited for beyond a time."""

from __future__ import annotations

import asyncio
import logging
import queue
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline import urls
from pipeline.errors import Fault, InternalError, ItemError, WirewatchError, is_an_items
from pipeline.models import Response
from pipeline.web.background_loop import BackgroundLoop
from pipeline.web.fetching import Fetcher, Request

log = logging.getLogger(__name__)

#: Hosts worked on at once for every request under way: the others wait for robots.txt pauses and their slots.
_HOSTS_A_SLOT = 16
#: Results that wait for their consumer, so that bodies do not pile up in memory.
_WAITING_RESULTS = 64


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request that is over, with its answer or the reason why there is none."""

    request: Request
    result: Response | ItemError


class Gathering:
    """Requests under way on a client's loop. Made by `web.Client.start`; closed by whoever reads its results.

    Each result is put into `results` as an `Arrived`, and the gathering itself at the end, whatever ended it. At most
    64 results wait: `taken` makes room for another. A request that is not over after `seconds` arrives as
    ``not-reached``.
    """

    def __init__(
        self,
        loop: BackgroundLoop,
        fetcher: Fetcher,
        requests: Sequence[Request],
        results: queue.SimpleQueue[Any],
        *,
        at_once: int,
        seconds: float | None,
    ) -> None:
        self._loop = loop
        self._fetcher = fetcher
        self._results = results
        self._seconds = seconds
        self._room = asyncio.Semaphore(_WAITING_RESULTS)
        # A host's requests run one after another, so that none holds a place while it waits for its host's slot.
        self._window = asyncio.Semaphore(at_once * _HOSTS_A_SLOT)
        self._work = loop.submit(self._gather(requests))
        self._work.add_done_callback(lambda _: results.put(self))

    def taken(self) -> None:
        """Say that a result was read: another may come."""
        self._loop.call(self._room.release)

    def close(self) -> None:
        """Stop what is still under way."""
        self._work.cancel()

    def finish(self) -> None:
        """Once it is over: raise what ended it, where that was neither its last result nor `close`."""
        if not self._work.cancelled():
            self._work.result()

    async def _gather(self, requests: Sequence[Request]) -> None:
        until = None if self._seconds is None else asyncio.get_running_loop().time() + self._seconds
        by_host: dict[str, deque[Request]] = {}
        for request in requests:
            try:
                by_host.setdefault(urls.host(request.url), deque()).append(request)
            except Exception as error:
                await self._hand_over(request, _internal(request, error))
        try:
            async with asyncio.TaskGroup() as group:
                while by_host:
                    await self._window.acquire()
                    group.create_task(self._work_off(by_host.pop(next(iter(by_host))), until))
        except* WirewatchError as several:
            # One says it: the database that keeps the pace is away for every request alike.
            raise next(iter(several.exceptions)) from None

    async def _work_off(self, waiting: deque[Request], until: float | None) -> None:
        """The requests of one host, in order."""
        try:
            while waiting:
                request = waiting.popleft()
                await self._hand_over(request, await self._outcome(request, until))
        finally:
            self._window.release()

    async def _hand_over(self, request: Request, result: Response | ItemError) -> None:
        await self._room.acquire()
        self._results.put(Arrived(request, result))

    async def _outcome(self, request: Request, until: float | None) -> Response | ItemError:
        try:
            async with asyncio.timeout_at(until):
                return await self._fetcher.fetch(request)
        except TimeoutError:
            return ItemError("not-reached", "there was no time left for it", url=request.url)
        except ItemError as error:
            return error
        except Exception as error:
            return _internal(request, error)


def _internal(request: Request, error: Exception) -> InternalError:
    """A fault of ours in one request, which must not take the batch along, nor go unseen."""
    if not is_an_items(error):
        raise error
    log.error("getting %s failed", request.url, exc_info=error)
    return InternalError(Fault.of(error), url=request.url)
