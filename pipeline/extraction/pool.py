"""Pages extracted in processes of their own, each under a time limit: one page that hangs costs one worker.

Pebble's pool does the work: it kills the worker whose task runs out of time, starts another, and hands back an
exception for that task alone. Workers start from a fork server, never by forking the caller, because the caller may be
an Airflow task with threads and open connections; each is replaced after a number of pages, which bounds what leaks
in the HTML parsers can hold.
"""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import resource
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from pipeline import extraction
from pipeline.errors import Fault, InfrastructureError, InternalError, ItemError
from pipeline.models import Article, FeedEntry
from pipeline.settings import Settings

log = logging.getLogger(__name__)

# A worker grew by 38 MB over 300 pages, most of it in the first hundred; an 8 MB page took 700 MB of address space
# within its time limit (docs/extraction.md).
_PAGES_PER_WORKER = 500
_WORKER_BYTES = 2 << 30
# Pebble can lose a task that starts in the very moment in which its worker is killed for the previous one
# (github.com/noxdafox/pebble/issues/153), so nothing waits on it without a bound of its own.
_GRACE = 15.0


@dataclass(frozen=True, slots=True)
class Page:
    """One page to extract: the arguments of `extraction.extract`."""

    body: bytes
    url: str
    content_type: str | None = None
    fallback: FeedEntry | None = None


class ExtractionPool:
    """A pool of extraction workers; a context manager that leaves no process behind.

    `processes` and `page_timeout` (seconds of one page) come from the settings of the same name.
    """

    def __init__(self, processes: int, page_timeout: float) -> None:
        self._processes = max(1, processes)
        self._timeout = page_timeout
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["pipeline.extraction.preload"])
        self._pool = ProcessPool(
            max_workers=self._processes,
            max_tasks=_PAGES_PER_WORKER,
            initializer=_prepare,
            context=context,
        )

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        return cls(settings.extract_processes, settings.page_timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the workers at once and wait until they are gone; safe to call twice."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        for _ in range(self._processes + 1):
            try:
                self._pool.join()
                return
            except (TypeError, RuntimeError) as error:  # a pool that was lost; the next try stops its other workers
                log.warning("stopping the extraction processes: %s", error)

    def extract(self, pages: Iterable[Page | ItemError], *, now: datetime) -> Iterator[Article | ItemError]:
        """Extract pages in parallel; results in input order, an `ItemError` standing for each page that failed.

        Beside the reasons of `extraction.extract`: ``timeout-extract`` (the page took longer than allowed),
        ``worker-lost`` (its process died, as a rule for want of memory) and ``internal`` (our own code failed on it;
        an `InternalError` with its fault). Where a page of the first two has a feed entry with
        text, that stands in. Pages are read from `pages` as they are needed, two for each worker; an `ItemError` among
        them (a page that could not be fetched) comes out in its place.

        Raises `InfrastructureError` where the pool itself was lost, as it is when an idle worker is killed.
        """
        waiting: deque[tuple[Page, ProcessFuture[Article | ItemError]] | ItemError] = deque()
        source = iter(pages)
        try:
            while True:
                while len(waiting) < 2 * self._processes:
                    page = next(source, None)
                    if page is None:
                        break
                    if isinstance(page, ItemError):
                        waiting.append(page)
                        continue
                    waiting.append((page, self._schedule(page, now)))
                if not waiting:
                    return
                first = waiting.popleft()
                yield first if isinstance(first, ItemError) else self._result(*first)
        finally:
            for item in waiting:
                if not isinstance(item, ItemError):
                    item[1].cancel()  # type: ignore[no-untyped-call]

    def _schedule(self, page: Page, now: datetime) -> ProcessFuture[Article | ItemError]:
        try:
            return self._pool.schedule(_extract, args=[page, now], timeout=self._timeout)
        except RuntimeError as error:  # pebble's, of a pool that is no longer at work
            raise _pool_lost(error) from error

    def _result(self, page: Page, future: ProcessFuture[Article | ItemError]) -> Article | ItemError:
        try:
            # Before its turn a page may wait for one other to use up its time.
            return future.result(timeout=2 * self._timeout + _GRACE)
        except FutureTimeoutError as error:
            future.cancel()  # type: ignore[no-untyped-call]
            if not self._pool.active:  # a task handed over in the moment of the loss is never answered
                raise _pool_lost(error) from error
            return _without_page(page, "timeout-extract", f"took longer than {self._timeout:g} s")
        except (ProcessExpired, MemoryError) as error:
            return _without_page(page, "worker-lost", f"the extraction process died: {error}"[:200])
        except BrokenProcessPool as error:
            raise _pool_lost(error) from error
        except Exception as error:  # what could not be carried from there to here
            return InternalError(Fault.of(error), url=page.url)


def _pool_lost(error: Exception) -> InfrastructureError:
    return InfrastructureError(f"the extraction processes were lost ({error}); run it again, and look at the memory")


def _prepare() -> None:
    """Bound a worker's memory, so that a hostile page fails instead of the machine.

    The models come from the fork server; where it could not load them, they load here, and not within a page's time.
    """
    importlib.import_module("pipeline.extraction.preload")
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = _WORKER_BYTES if hard == resource.RLIM_INFINITY else min(_WORKER_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _extract(page: Page, now: datetime) -> Article | ItemError:
    try:
        return extraction.extract(page.body, page.url, content_type=page.content_type, fallback=page.fallback, now=now)
    except ItemError as error:
        return error
    except MemoryError:
        raise
    except Exception as error:
        return InternalError(Fault.of(error), url=page.url)


def _without_page(page: Page, reason: str, detail: str) -> Article | ItemError:
    if page.fallback is not None:
        try:
            return extraction.from_feed(page.fallback, reason, url=page.url)
        except ItemError:
            pass
    return ItemError(reason, detail, url=page.url)
