"""An event loop in a thread of its own, so that threads can share one set of connections."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

#: Rounds of the loop after its last task; a transport needs one, a sealed one two more.
_LAST_ROUNDS = 10


class BackgroundLoop:
    """Runs coroutines on one loop; starts it at the first use, and anew in a forked child."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._pid = 0

    def start(self) -> None:
        """Start the loop where it does not run yet; afterwards `fresh` is False."""
        self._running()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start `work` on the loop; the future may be waited for in any thread."""
        # Under the lock: what is submitted is either cancelled by `stop` or runs on the next loop, never on neither.
        with self._lock:
            return asyncio.run_coroutine_threadsafe(work, self._started())

    def call(self, function: Callable[[], object]) -> None:
        """Run a quick function on the loop, soon."""
        with self._lock:
            self._started().call_soon_threadsafe(function)

    @property
    def fresh(self) -> bool:
        """True where the next use starts a new loop: nothing bound to an older one may be used any more."""
        return self._loop is None or self._pid != os.getpid()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            return self._started()

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None or self._pid != os.getpid():
            self._loop = asyncio.new_event_loop()
            self._pid = os.getpid()
            self._thread = threading.Thread(target=_run, args=(self._loop,), name=self._name, daemon=True)
            self._thread.start()
        return self._loop

    def stop(self, last: Coroutine[Any, Any, None]) -> None:
        """Cancel what still runs, run `last`, and end the loop and its thread.

        Raises TimeoutError where that takes longer than half a minute; the loop then ends when it can.
        """
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None or self._pid != os.getpid():
            last.close()
            return
        try:
            asyncio.run_coroutine_threadsafe(_wind_up(last), loop).result(timeout=30)
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(timeout=30)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
        loop.run_until_complete(_last_rounds())
    finally:
        loop.close()


async def _wind_up(last: Coroutine[Any, Any, None]) -> None:
    try:
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
    finally:
        await last
    await asyncio.get_running_loop().shutdown_default_executor()


async def _last_rounds() -> None:
    """Let transports close their sockets: they only ask for it in `close`, and over TLS it takes a few rounds."""
    await asyncio.get_running_loop().shutdown_asyncgens()
    for _ in range(_LAST_ROUNDS):
        await asyncio.sleep(0)
