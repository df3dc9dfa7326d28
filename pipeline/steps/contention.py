"""Batches of several workers beside each other: one order of locks, and another try where Postgres had to choose.

**The order.** Whoever needs more than one of these takes them from the top:

1. the lock of a backfill (`database.locks`, for as long as it runs, on a connection of its own);
2. the clustering lock (`store.stories.lock`): whatever writes memberships, stories and their sums, or `term_stats`;
3. the lock of copies (`store.settlement.lock_copies`): whatever writes `copies` and fingerprints;
4. rows, those of a claim by ``FOR NO KEY UPDATE SKIP LOCKED``, which lets rows that refer to them be written; rows of
   feeds before entries before articles, several rows of a table in the order of their keys.

The locks 2 and 3 end with their transaction, so that each stands at its beginning.

**Another try.** What the order leaves, such as two batches that sight the same pages, Postgres ends with an error for
one of the two. `transact` tells that one once more: a batch is one transaction, of which nothing stayed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from pipeline import database
from pipeline.errors import ContendedError
from pipeline.steps.barrier import Tally, Work

T = TypeVar("T")

TRIES = 6
"""Times that a batch is tried; with the waits between them, some three seconds in the mean."""
_RETRYING = Retrying(
    retry=retry_if_exception_type(ContendedError),
    stop=stop_after_attempt(TRIES),
    wait=wait_random_exponential(multiplier=0.1, max=3.0),
    reraise=True,
)


def transact(work: Work, batch: Callable[[database.Connection], T], *others: Tally) -> T:
    """What `batch` returns, given the connection of a transaction; called again where that lost against another.

    The counts of a try that was lost are taken back, with the tallies of `others` that the batch counts in. Raises
    `ContendedError` after `TRIES`.
    """

    def once() -> T:
        counts, tallies = dict(work.counts), [(each, replace(each)) for each in (work.tally, *others)]
        try:
            with work.batch() as connection:
                return batch(connection)
        except ContendedError:
            work.counts.clear()
            work.counts.update(counts)
            for tally, before in tallies:
                tally.tried, tally.internal, tally.last = before.tried, before.internal, before.last
            raise

    return _RETRYING.copy()(once)


def again(call: Callable[[], T]) -> T:
    """The same for what opens its transaction itself, and counts nothing before that stands."""
    return _RETRYING.copy()(call)
