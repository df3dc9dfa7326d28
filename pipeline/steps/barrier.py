"""The barrier around each item of a step: whatever one item raises is that item's outcome, and the rest goes on.

A step opens a `Work` and puts each item's decision and its writes inside `item` (a savepoint of the batch's
transaction) or `alone` (a transaction of its own):

    work = Work(settings, now, MATCH)
    with work.batch() as connection:
        for row in store.claim(connection, limit, now):
            with work.item(connection, row.id) as attempt:
                verdict = judge(row)
                store.write(connection, row.id, verdict)
            if attempt.fault is None:
                work.counts["judged"] += 1
    return work.finish()

An item that raises is rolled back to where it began and recorded in `item_faults` as ``internal``, with the exception's
class, message and place; its traceback is logged. It is tried again after waits that grow, and set aside after `TRIES`
tries, until a person releases it or it is edited. So that the item waits, the step's claim leaves out those held:

    AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'match' AND q.kind = 'entry' AND q.item_id = e.id
                    AND (q.set_aside_at IS NOT NULL OR q.next_try_at > %(now)s))

What is not one item's fault passes through: the database, the disk, the memory, the set-up, an interrupt.
`finish` raises `BrokenStepError` where most items failed: then it is the step that is broken, and the run turns red.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pipeline import database
from pipeline.database.errors import is_the_worlds
from pipeline.database.savepoints import savepoint
from pipeline.errors import BrokenStepError, Fault, InfrastructureError, is_an_items
from pipeline.settings import Settings
from pipeline.store import faults
from pipeline.store.faults import Item

log = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")
OnFault = Callable[[database.Connection, Fault], None]

TRIES = 5
"""Failures in a row after which an item is set aside."""
FIRST_WAIT = timedelta(minutes=15)
GROWTH = 4
"""Each wait is this many times the one before: 15 minutes, 1, 4 and 16 hours, so that a mend within a day is met."""
LEAST = 5
"""Items that a step must have tried before the share that failed says anything of the step."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step by the name that `item_faults` has for it, and the kind of its items."""

    name: str
    kind: str


POLL = Step("poll", "feed")
PUSH = Step("push", "feed")
CAPTURES = Step("captures", "feed")
MATCH = Step("match", "entry")
EXTRACT = Step("extract", "article")
COPIES = Step("copies", "article")
EMBED = Step("embed", "article")
PLACE = Step("place", "article")
MERGE = Step("merge", "story")
REASSIGN = Step("reassign", "article")
SETTLE = Step("settle", "story")
DRAFT = Step("draft", "story")
PUBLISH = Step("publish", "digest")


def delivery_step(channel: str, kind: str) -> Step:
    """The step of one channel of delivery, of a ``digest`` or an ``alert``: each is tried again by itself."""
    return Step(f"deliver-{channel}", kind)


def next_try(tries: int, now: datetime) -> datetime | None:
    """When an item that failed `tries` times in a row is tried again; None where it is set aside."""
    return None if tries >= TRIES else now + FIRST_WAIT * GROWTH ** (tries - 1)


@dataclass(slots=True)
class Tally:
    """How many items were tried, and how many of them ended ``internal``; one for the ticks of a backfill together."""

    tried: int = 0
    internal: int = 0
    last: Fault | None = None

    @property
    def is_broken(self) -> bool:
        """More than half of at least `LEAST` items failed."""
        return self.tried >= LEAST and 2 * self.internal > self.tried


@dataclass(slots=True)
class Attempt:
    """One item inside the barrier: the connection to write on, and afterwards the fault that ended it, if any.

    `goes_on` is set where a later attempt of the same run has the last word on the item: this one then counts for none.
    """

    connection: database.Connection
    fault: Fault | None = None
    goes_on: bool = False


@dataclass(slots=True)
class Work:
    """What a step works with: settings, the clock, its counts, and the barrier around its items."""

    settings: Settings
    now: datetime
    step: Step
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    tally: Tally = field(default_factory=Tally)
    clock: datetime | None = None
    """The clock's own time where `now` is a moment of the past; None: they are one."""
    _done: list[int] = field(default_factory=list)
    _failed: set[int] = field(default_factory=set)

    @contextmanager
    def batch(self) -> Iterator[database.Connection]:
        """The transaction of one batch; items done within it lose the faults they had."""
        self._done.clear()
        self._failed.clear()
        with database.connect(self.settings) as connection:
            yield connection
            self.clear(connection)

    def clear(self, connection: database.Connection) -> None:
        """Forget the faults of the items done since the last call; `batch` does so at its end."""
        faults.clear(connection, self.step.name, self.step.kind, self._done)
        self._done.clear()
        self._failed.clear()

    @contextmanager
    def item(self, connection: database.Connection, item_id: int) -> Iterator[Attempt]:
        """One item of a batch, in a savepoint: where it raises, its writes are taken back and its fault is recorded."""
        attempt = Attempt(connection)
        try:
            with savepoint(connection):
                yield attempt
        except Exception as error:
            attempt.fault = absorb(error)
            self.record(connection, item_id, attempt.fault)
        else:
            self.passed(item_id)

    @contextmanager
    def whole(self, connection: database.Connection, item_id: int) -> Iterator[Attempt]:
        """A pass over many items of a batch, each of which may stand in an `item` of its own.

        Where the pass itself raises, all its writes and its items' outcomes are taken back, and one fault is recorded
        for the item that stands for it. A pass that ends well says nothing of that item.
        """
        attempt = Attempt(connection)
        done, failed, before = list(self._done), set(self._failed), replace(self.tally)
        try:
            with savepoint(connection):
                yield attempt
        except Exception as error:
            attempt.fault = absorb(error)
            self._done, self._failed = done, failed
            self.tally.tried, self.tally.internal = before.tried, before.internal
            self.record(connection, item_id, attempt.fault)
        else:
            self.tally.tried += 1

    def passed(self, item_id: int) -> None:
        """Count an item as done; its former faults go with the next `clear`, unless it failed since the last one."""
        self.tally.tried += 1
        if item_id not in self._failed:
            self._done.append(item_id)

    @contextmanager
    def alone(self, item_id: int, on_fault: OnFault | None = None, *, now: datetime | None = None) -> Iterator[Attempt]:
        """One item in a transaction of its own.

        `on_fault` writes, beside the fault, what else must be said of it. `now` is the item's own moment where that is
        not the step's: another try waits from there.
        """
        attempt: Attempt | None = None
        try:
            with database.connect(self.settings) as connection:
                attempt = Attempt(connection)
                yield attempt
                if not attempt.goes_on:
                    faults.clear(connection, self.step.name, self.step.kind, [item_id])
        except Exception as error:
            fault = self._absorb_alone(item_id, error, on_fault, now)
            if attempt is not None:
                attempt.fault = fault
        else:
            self.tally.tried += not attempt.goes_on

    @contextmanager
    def guard(self, item_id: int, on_fault: OnFault | None = None, *, now: datetime | None = None) -> Iterator[None]:
        """What is done for one item before anything of it is written: no transaction but to record a fault.

        An item that passes is not counted as tried: that is done where its result is written, or by `passed`.
        """
        try:
            yield
        except Exception as error:
            self._absorb_alone(item_id, error, on_fault, now)

    def _absorb_alone(self, item_id: int, error: Exception, on_fault: OnFault | None, now: datetime | None) -> Fault:
        fault = absorb(error)
        with database.connect(self.settings) as connection:
            self.record(connection, item_id, fault, now=now)
            if on_fault is not None:
                self._noted(connection, item_id, fault, on_fault)
        return fault

    def _noted(self, connection: database.Connection, item_id: int, fault: Fault, on_fault: OnFault) -> None:
        """Write what else must be said of a fault; where that fails as well, the fault itself still stands."""
        try:
            with savepoint(connection):
                on_fault(connection, fault)
        except Exception as error:
            second = absorb(error)
            log.error("%s: %s:%d, noting its fault: %s", self.step.name, self.step.kind, item_id, second)

    def halved(
        self,
        connection: database.Connection,
        items: Sequence[T],
        id_of: Callable[[T], int],
        make: Callable[[Sequence[T]], Sequence[R]],
    ) -> list[tuple[T, R]]:
        """Each item with what `make` makes of it, all at once; a batch that fails is halved down to the items that do.

        Those are recorded and left out. `make` writes nothing that stays where it fails. An item that passes is not
        counted as tried: that is done where its result is written.
        """
        if not items:
            return []
        try:
            return list(zip(items, make(items), strict=True))
        except Exception as error:
            fault = absorb(error)
            if len(items) == 1:
                self.record(connection, id_of(items[0]), fault)
                return []
        middle = len(items) // 2
        halves = (items[:middle], items[middle:])
        return [pair for half in halves for pair in self.halved(connection, half, id_of, make)]

    def written(
        self,
        connection: database.Connection,
        items: Sequence[T],
        id_of: Callable[[T], int],
        write: Callable[[database.Connection, Sequence[T]], None],
    ) -> list[T]:
        """The items that `write` wrote, all at once in a savepoint, and counted as done; halved as by `halved`."""

        def make(some: Sequence[T]) -> Sequence[T]:
            with savepoint(connection):
                write(connection, some)
            return some

        done = [each for each, _ in self.halved(connection, items, id_of, make)]
        for each in done:
            self.passed(id_of(each))
        return done

    def record(
        self, connection: database.Connection, item_id: int, fault: Fault, *, now: datetime | None = None
    ) -> None:
        """Write that the step failed on an item, and when it is tried again."""
        now = now or self.now
        item = Item(self.step.name, self.step.kind, item_id)
        tries = faults.tries(connection, item) + 1
        at = next_try(tries, now)
        faults.record(connection, item, fault, tries=tries, now=now, next_try=at)
        then = "set aside" if at is None else f"tried again from {at:%Y-%m-%d %H:%M} UTC"
        log.error("%s: %s:%d ended internal, %s: %s\n%s", item.step, item.kind, item_id, then, fault, fault.trace)
        self._failed.add(item_id)
        if item_id in self._done:
            self._done.remove(item_id)
        self.tally.tried += 1
        self.tally.internal += 1
        self.tally.last = fault

    def finish(self) -> dict[str, Any]:
        """The counts, with `internal`. Raises `BrokenStepError` where most items failed."""
        demand_sound(self.step, self.tally)
        return {**self.counts, "internal": self.tally.internal}


def absorb(error: Exception) -> Fault:
    """The fault of one item. What is not one item's is raised again, a full disk as `InfrastructureError`."""
    if is_the_worlds(error):
        if isinstance(error, OSError):
            raise InfrastructureError(f"{error.strerror}: {error.filename or 'no file named'}") from error
        raise error
    if not is_an_items(error):
        raise error
    return Fault.of(error)


@contextmanager
def guarded(what: str, faults_found: list[Fault]) -> Iterator[None]:
    """The barrier around something that has no row to wait on, such as a line of a list.

    Its fault is logged under the name `what` and added to `faults_found`, for the caller to tell.
    """
    try:
        yield
    except Exception as error:
        fault = absorb(error)
        log.error("%s ended internal: %s\n%s", what, fault, fault.trace)
        faults_found.append(fault)


def survivors(items: Sequence[T], make: Callable[[Sequence[T]], Sequence[R]]) -> list[R | Fault]:
    """What `make` makes of all items together, in their order; an item on which it fails alone has its fault there.

    The items that pass are then made once more without the others. Raises what `make` does where no item is to blame.
    """
    try:
        return list(make(items))
    except Exception as error:
        absorb(error)
        guilty = _guilty(list(range(len(items))), items, make)
        if not guilty:
            raise
    made = iter(make([item for number, item in enumerate(items) if number not in guilty]))
    return [guilty[number] if number in guilty else next(made) for number in range(len(items))]


def _guilty(numbers: Sequence[int], items: Sequence[T], make: Callable[[Sequence[T]], Sequence[R]]) -> dict[int, Fault]:
    """Of the items of these numbers, those on which `make` fails alone."""
    try:
        make([items[number] for number in numbers])
    except Exception as error:
        fault = absorb(error)
        if len(numbers) == 1:
            return {numbers[0]: fault}
        middle = len(numbers) // 2
        return _guilty(numbers[:middle], items, make) | _guilty(numbers[middle:], items, make)
    return {}


def demand_sound(step: Step, tally: Tally) -> None:
    """Raise `BrokenStepError` where most items of a step failed."""
    if tally.is_broken:
        raise BrokenStepError(
            f"{step.name}: {tally.internal} of {tally.tried} items ended internal, the last with {tally.last}; "
            "all others were done; `wirewatch quarantine list` names those that wait"
        )
