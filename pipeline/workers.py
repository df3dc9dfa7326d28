"""Strangers' documents are read in processes of their own, within limits of time and memory: one costs only itself.

A worker ends itself where a task uses up its processor time (`signal.ITIMER_PROF`), which says the same on a busy
machine as on an idle one, or comes to the end of its memory. Pebble's pool notices, starts another, and hands back an
exception for that task alone; it also ends a worker that gives no answer within a multiple of that time. Workers start
from a fork server, never by forking the caller, because the caller may be an Airflow task with threads and open
connections, on Airflow's LocalExecutor or in a worker of Celery; each is replaced after a number of tasks, which bounds
what leaks in parsers can hold.
"""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import os
import resource
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import process
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from pipeline.errors import DISK, Fault, InfrastructureError, InternalError, ItemError

log = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")

LOST = "worker-lost"
"""The reason of a task whose worker was killed twice by others, as a rule by the kernel for want of memory."""

# A worker grew by 38 MB over 300 pages, most of it in the first hundred; an 8 MB page took 700 MB of address space
# within its time limit (docs/extraction.md).
_TASKS_PER_WORKER = 500
_WORKER_BYTES = 2 << 30
# How much longer than its processor time a task may take: a factor, because this machine may be at other work as well,
# and seconds, which no task waits but one that the pool has lost.
_STARVED = 3.0
_SPARE = 30.0
# Pebble can lose a task that starts in the very moment in which its worker is killed for the previous one
# (github.com/noxdafox/pebble/issues/153), so nothing waits on it without a bound of its own.
_GRACE = 15.0
_NO_MEMORY = 75  # the status with which a worker says that a task came to the end of its memory


@dataclass(frozen=True, slots=True)
class Job(Generic[T, R]):
    """What a pool does: `work` on one task, by its name in error messages, with its reasons for time and memory.

    `work` is a function of a module, `address` says which address a task is of; `preload` is the module that the fork
    server loads for all workers.
    """

    name: str
    work: Callable[[T], R]
    address: Callable[[T], str]
    timeout: str
    too_large: str
    preload: str


class Workers(Generic[T, R]):
    """A pool of such processes; a context manager that leaves none behind. It starts with the first task.

    `seconds` is the processor time of one task.
    """

    def __init__(self, job: Job[T, R], processes: int, seconds: float) -> None:
        self._job = job
        self._processes = max(1, processes)
        self._seconds = seconds
        self._longest = _STARVED * seconds + _SPARE
        _may_have_children()
        context = multiprocessing.get_context("forkserver")
        _preloaded.setdefault(job.preload)
        context.set_forkserver_preload(list(_preloaded))
        self._pool = ProcessPool(
            max_workers=self._processes,
            max_tasks=_TASKS_PER_WORKER,
            initializer=_prepare,
            initargs=[job.preload],
            context=context,
        )

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
                log.warning("stopping the %s processes: %s", self._job.name, error)

    def results(self, tasks: Iterable[T | ItemError]) -> Iterator[tuple[T | None, R | ItemError]]:
        """Work on tasks in parallel; each with its result, in input order, an `ItemError` where it failed.

        Beside what the work itself raises: the job's reasons for a task that used up its time or its memory,
        ``worker-lost`` and ``internal`` (our own code failed on it; an `InternalError` with its fault). A task whose
        worker died is tried once more while no other runs, because the memory may have been another's. Tasks are taken
        as they are needed, two for each worker; an `ItemError` among them comes out in its place.

        Raises `InfrastructureError` where the pool itself was lost, as it is when an idle worker is killed, and where
        the disk failed a worker.
        """
        waiting: deque[tuple[T, ProcessFuture[R | ItemError]] | ItemError] = deque()
        source = iter(tasks)
        try:
            while True:
                while len(waiting) < 2 * self._processes:
                    task = next(source, None)
                    if task is None:
                        break
                    waiting.append(task if isinstance(task, ItemError) else (task, self._schedule(task)))
                if not waiting:
                    return
                first = waiting.popleft()
                if isinstance(first, ItemError):
                    yield None, first
                else:
                    yield first[0], self._result(*first, [each[1] for each in waiting if isinstance(each, tuple)])
        finally:
            for item in waiting:
                if not isinstance(item, ItemError):
                    item[1].cancel()  # type: ignore[no-untyped-call]

    def submit(self, task: T, done: Callable[[], object]) -> Pending[T, R]:
        """Start work on one task; `done` is called, in another thread, when its result is there.

        For a caller that waits for other things as well. Raises `InfrastructureError` where the pool was lost.
        """
        pending = Pending(self, task, self._schedule(task))
        pending.future.add_done_callback(lambda _: done())
        return pending

    def _schedule(self, task: T) -> ProcessFuture[R | ItemError]:
        try:
            return self._pool.schedule(_attempt, args=[self._job, task, self._seconds], timeout=self._longest)
        except RuntimeError as error:  # pebble's, of a pool that is no longer at work
            raise self._pool_lost(error) from error

    def _result(
        self, task: T, future: ProcessFuture[R | ItemError], others: list[ProcessFuture[R | ItemError]]
    ) -> R | ItemError:
        result = self._outcome(task, future)
        if isinstance(result, ItemError) and result.reason in (LOST, self._job.too_large):
            futures.wait(others, timeout=self._wait)
            result = self._outcome(task, self._schedule(task))
        return result

    @property
    def _wait(self) -> float:
        """Seconds until a task's result: before its turn it may wait for one other to use up its time."""
        return 2 * self._longest + _GRACE

    def _outcome(self, task: T, future: ProcessFuture[R | ItemError], wait: float | None = None) -> R | ItemError:
        job, address = self._job, self._job.address(task)
        try:
            return future.result(timeout=self._wait if wait is None else wait)
        except futures.TimeoutError as error:
            future.cancel()  # type: ignore[no-untyped-call]
            if not self._pool.active:  # a task handed over in the moment of the loss is never answered
                raise self._pool_lost(error) from error
            return ItemError(LOST, f"gave no result within {self._longest:g} s; the machine is busy", url=address)
        except ProcessExpired as error:
            if error.exitcode == -signal.SIGPROF:
                return ItemError(job.timeout, f"took more than {self._seconds:g} s of processor time", url=address)
            if error.exitcode == _NO_MEMORY:
                return ItemError(job.too_large, f"took more than {_WORKER_BYTES >> 30} GiB of memory", url=address)
            return ItemError(LOST, f"the {job.name} process died: {error}"[:200], url=address)
        except BrokenProcessPool as error:
            raise self._pool_lost(error) from error
        except InfrastructureError:
            raise
        except Exception as error:  # what could not be carried from there to here
            return InternalError(Fault.of(error), url=address)

    def _pool_lost(self, error: Exception) -> InfrastructureError:
        return InfrastructureError(
            f"the {self._job.name} processes were lost ({error}); run it again, and look at the memory"
        )


class Pending(Generic[T, R]):
    """A task of `Workers.submit` under way; it has waited for its turn since `since` (monotonic seconds)."""

    def __init__(self, workers: Workers[T, R], task: T, future: ProcessFuture[R | ItemError]) -> None:
        self.task = task
        self.future = future
        self.since = time.monotonic()
        self._workers = workers
        self._begun: float | None = None

    def result(self) -> R | ItemError:
        """What came of it, as `Workers.results` has it but for the second try; ``worker-lost`` where nothing did."""
        return self._workers._outcome(self.task, self.future, wait=0.0)

    def is_lost(self, now: float) -> bool:
        """Whether no result can be expected any more: it began so long ago that it should have been ended, or the pool
        is gone. Ask now and then, with `now` in monotonic seconds."""
        if self.future.done():
            return False
        if self._begun is None and self.future.running():
            self._begun = now
        overdue = self._begun is not None and now - self._begun > self._workers._longest + _GRACE
        return overdue or not self._workers._pool.active

    def withdraw(self) -> bool:
        """Take it back where its turn has not come; False where it has."""
        return not self.future.running() and bool(self.future.cancel())  # type: ignore[no-untyped-call]


#: What the one fork server of this process loads, in the order in which pools were made.
_preloaded: dict[str, None] = {}


def _may_have_children() -> None:
    """Let this process start others, also where multiprocessing takes it for a daemon of somebody else's.

    A worker of Celery's prefork pool is one, whose end is the pool's. Billiard, which made it, puts its own object in
    the place of multiprocessing's, and Airflow forks a process of each task from it: that one is no pool's, but has the
    mark, and a key that multiprocessing cannot hand on. The mark holds for every way in which multiprocessing starts a
    process, and so for pebble and loky alike. What is put in its place has what an ordinary process has.
    """
    if multiprocessing.current_process().daemon:
        ordinary = multiprocessing.Process(name="MainProcess", daemon=False)
        ordinary.authkey = os.urandom(32)
        process._current_process = ordinary  # type: ignore[attr-defined]  # as billiard does


def _prepare(preload: str) -> None:
    """Bound a worker's memory, so that a hostile document fails instead of the machine.

    The models come from the fork server; where it could not load them, they load here, and not within a task's time.
    """
    importlib.import_module(preload)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = _WORKER_BYTES if hard == resource.RLIM_INFINITY else min(_WORKER_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _attempt(job: Job[Any, R], task: Any, seconds: float) -> R | ItemError:
    """One task in a worker. The timer's signal ends the process wherever it is, also inside a parser written in C."""
    try:
        signal.setitimer(signal.ITIMER_PROF, seconds)
        return job.work(task)
    except ItemError as error:
        return error
    except MemoryError:
        # What is left of this process is small and in pieces; the next task deserves another.
        os._exit(_NO_MEMORY)
    except OSError as error:
        if error.errno in DISK:
            raise InfrastructureError(f"{job.name}: {error.strerror}: {error.filename or 'no file named'}") from None
        return InternalError(Fault.of(error), url=job.address(task))
    except Exception as error:
        return InternalError(Fault.of(error), url=job.address(task))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
