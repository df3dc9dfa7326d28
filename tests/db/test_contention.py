"""Workers beside each other: batches that lose against one another are told again, and backfills come one at a time."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline import database, steps
from pipeline.database.locks import HeldElsewhereError
from pipeline.errors import ContendedError
from pipeline.settings import Settings
from pipeline.steps.barrier import MATCH, Tally, Work
from pipeline.steps.contention import TRIES, transact
from tests.support.deskrows import now


def test_of_two_batches_that_wait_for_each_other_both_go_through_in_the_end(desk: Settings) -> None:
    """Each locks the row that the other wants next; the one that Postgres ends is told again, and counts once."""
    together = threading.Barrier(2, timeout=20)
    met: set[int] = set()
    works = [Work(desk, now(), MATCH) for _ in range(2)]

    def touch(number: int) -> None:
        def batch(connection: database.Connection) -> None:
            for article in (1, 2) if number == 0 else (2, 1):
                with works[number].item(connection, article):
                    connection.execute("UPDATE articles SET words = coalesce(words, 0) + 1 WHERE id = %s", (article,))
                works[number].counts["touched"] += 1
                if number not in met:
                    met.add(number)
                    together.wait()

        transact(works[number], batch)

    workers = [threading.Thread(target=touch, args=(number,)) for number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [work.counts["touched"] for work in works] == [2, 2]
    assert [work.tally.tried for work in works] == [2, 2]
    with database.connect(desk) as connection:
        rows = connection.execute("SELECT words FROM articles WHERE id IN (1, 2)").fetchall()
    assert rows == [{"words": 2}, {"words": 2}]


def test_a_batch_that_always_loses_ends_and_counts_nothing(desk: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
    work, beside, tries = Work(desk, now(), MATCH), Tally(), []

    def batch(connection: database.Connection) -> None:
        tries.append(1)
        work.counts["done"] += 1
        beside.tried += 1
        raise ContendedError("two transactions waited for each other")

    with pytest.raises(ContendedError):
        transact(work, batch, beside)
    assert len(tries) == TRIES
    assert work.counts["done"] == beside.tried == 0


def test_upkeep_waits_for_who_places_before_it_takes_any_word(desk: Settings) -> None:
    """Placing holds its lock while it counts words; upkeep that held a word and then asked for the lock would hang."""
    with database.connect(desk) as connection:
        connection.execute("INSERT INTO term_stats VALUES ('en', 'treaty', 0.0)")
    counts: list[int] = []
    with database.connect(desk) as placing:
        placing.execute("SELECT pg_advisory_xact_lock(7306420)")
        upkeep = threading.Thread(target=lambda: counts.append(steps.maintain(desk, now=now())["terms_forgotten"]))
        upkeep.start()
        upkeep.join(2)
        placing.execute("SET LOCAL lock_timeout = '3s'")
        placing.execute("UPDATE term_stats SET count = 1e30 WHERE term = 'treaty'")
    upkeep.join(30)
    assert counts == [0]


@pytest.fixture
def archived(desk: Settings) -> Settings:
    """The desk with an archive, which nobody asks here."""
    return replace(desk, archive_url="http://127.0.0.1:9/timegate/")


def test_a_second_backfill_is_told_who_runs_the_first(archived: Settings) -> None:
    by = r"a backfill is under way already by wirewatch \d+@.*: backfill 2024-06-17..20, since"
    with steps.sole_backfill(archived, "2024-06-17..20"), pytest.raises(HeldElsewhereError, match=by):
        steps.backfill(archived, start=now(), end=now() + timedelta(days=1), now=now())


def test_a_backfill_with_patience_waits_for_the_one_before(archived: Settings) -> None:
    held = threading.Event()
    with steps.sole_backfill(archived, "one"):

        def wait() -> None:
            with steps.sole_backfill(archived, "two", patience=30):
                held.set()

        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not held.wait(1)
    waiting.join(30)
    assert held.is_set()
