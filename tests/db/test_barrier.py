"""One bad item never stops a step: it is recorded, tried again, set aside and released, and all others are done."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from pipeline import database
from pipeline.errors import BrokenStepError, ConfigurationError, InfrastructureError, ItemError
from pipeline.settings import Settings
from pipeline.steps.barrier import FIRST_WAIT, GROWTH, LEAST, MATCH, TRIES, Work, next_try
from pipeline.store import faults

NOW = datetime(2024, 6, 19, 12, tzinfo=UTC)
Row = dict[str, Any]


def rows(settings: Settings, query: str, *values: object) -> list[Row]:
    with database.connect(settings) as connection:
        return connection.execute(query, values).fetchall()


def write(connection: database.Connection, item_id: int) -> None:
    connection.execute(
        "INSERT INTO topics (slug, name, definition, digest_zone) VALUES (%s, 'n', '{}', 'UTC')", (str(item_id),)
    )


def written(settings: Settings) -> set[int]:
    return {int(row["slug"]) for row in rows(settings, "SELECT slug FROM topics")}


@pytest.mark.parametrize("pipelined", [False, True])
@pytest.mark.parametrize("error", [AttributeError("no such thing"), RecursionError("too deep"), ItemError("odd")])
def test_what_an_item_wrote_is_taken_back_and_the_others_stay(
    settings: Settings, error: Exception, pipelined: bool, caplog: pytest.LogCaptureFixture
) -> None:
    work = Work(settings, NOW, MATCH)
    with work.batch() as connection:
        if pipelined:
            with connection.pipeline():
                _three(work, connection, error)
        else:
            _three(work, connection, error)
    assert written(settings) == {1, 3}
    assert work.finish() == {"done": 2, "internal": 1}
    [row] = rows(settings, "SELECT * FROM item_faults")
    assert (row["step"], row["kind"], row["item_id"], row["tries"]) == ("match", "entry", 2, 1)
    assert row["class"].endswith(type(error).__name__)
    assert row["message"] == str(error)
    assert row["next_try_at"] == NOW + FIRST_WAIT
    assert row["set_aside_at"] is None
    assert "Traceback" in caplog.text
    assert "match: entry:2 ended internal" in caplog.text


def _three(work: Work, connection: database.Connection, error: Exception) -> None:
    for item_id in (1, 2, 3):
        with work.item(connection, item_id) as attempt:
            write(connection, item_id)
            if item_id == 2:
                raise error
        if attempt.fault is None:
            work.counts["done"] += 1


@pytest.mark.parametrize("pipelined", [False, True])
def test_a_write_that_postgres_refuses_is_that_items_too(settings: Settings, pipelined: bool) -> None:
    work = Work(settings, NOW, MATCH)

    def all_three(connection: database.Connection) -> None:
        for item_id in (1, 2, 3):
            with work.item(connection, item_id):
                write(connection, item_id)
                if item_id == 2:
                    write(connection, 1)  # a key that is there already
                    write(connection, 4)

    with work.batch() as connection:
        if pipelined:
            with connection.pipeline():
                all_three(connection)
        else:
            all_three(connection)
    assert written(settings) == {1, 3}
    [row] = rows(settings, "SELECT item_id, class FROM item_faults")
    assert row == {"item_id": 2, "class": "psycopg.errors.UniqueViolation"}


@pytest.mark.parametrize(
    "error",
    [
        InfrastructureError("the model is away"),
        ConfigurationError("no such model"),
        MemoryError(),
        KeyboardInterrupt(),
        SystemExit(2),
        psycopg.OperationalError("the server closed the connection"),
        OSError(28, "No space left on device", "/somewhere"),
    ],
)
def test_what_is_not_one_items_fault_passes_through(settings: Settings, error: BaseException) -> None:
    raised = InfrastructureError if isinstance(error, psycopg.OperationalError | OSError) else type(error)
    work = Work(settings, NOW, MATCH)
    with pytest.raises(raised), work.batch() as connection, work.item(connection, 1):
        write(connection, 1)
        raise error
    with pytest.raises(raised), work.alone(1) as attempt:
        write(attempt.connection, 1)
        raise error
    assert written(settings) == set()
    assert rows(settings, "SELECT * FROM item_faults") == []


class Mute(Exception):
    def __str__(self) -> str:
        raise RecursionError("no words")


def stumble() -> None:
    raise Mute


def test_an_exception_that_cannot_say_what_it_is_has_a_row_all_the_same(settings: Settings) -> None:
    work = Work(settings, NOW, MATCH)
    with work.batch() as connection, work.item(connection, 7):
        stumble()
    with database.connect(settings) as connection:
        [row] = faults.quarantine(connection)
    assert (row.item, row.message) == ("entry:7", "(its text cannot be read)")


def test_a_schema_that_is_not_ours_is_no_items_fault(settings: Settings) -> None:
    work = Work(settings, NOW, MATCH)
    with pytest.raises(psycopg.errors.UndefinedColumn), work.batch() as connection, work.item(connection, 1):
        connection.execute("SELECT nothing_of_the_kind FROM topics")
    assert rows(settings, "SELECT * FROM item_faults") == []


def test_an_item_alone_writes_in_a_transaction_of_its_own(settings: Settings) -> None:
    work = Work(settings, NOW, MATCH)
    for item_id in (1, 2, 3):
        with work.alone(item_id, lambda connection, _: write(connection, 22)) as attempt:
            write(attempt.connection, item_id)
            if item_id == 2:
                raise ValueError("never mind\0")
        assert (attempt.fault is not None) == (item_id == 2)
    assert written(settings) == {1, 3, 22}
    [row] = rows(settings, "SELECT * FROM item_faults")
    assert (row["class"], row["message"]) == ("ValueError", "never mind")


def test_a_batch_that_fails_is_halved_down_to_the_item(settings: Settings) -> None:
    work = Work(settings, NOW, MATCH)
    asked: list[list[int]] = []

    def double(items: Any) -> list[int]:
        asked.append(list(items))
        if 5 in items:
            raise RuntimeError("five")
        return [2 * item for item in items]

    with work.batch() as connection:
        made = work.halved(connection, list(range(8)), lambda item: item, double)
    assert made == [(item, 2 * item) for item in range(8) if item != 5]
    assert len(asked) == 7
    assert [row["item_id"] for row in rows(settings, "SELECT item_id FROM item_faults")] == [5]


def test_waits_grow_and_end_in_quarantine() -> None:
    waits = [next_try(tries, NOW) for tries in range(1, TRIES)]
    assert waits == [NOW + FIRST_WAIT * GROWTH**n for n in range(TRIES - 1)]
    assert waits[-1] == NOW + timedelta(hours=16)
    assert next_try(TRIES, NOW) is None


def fail(settings: Settings, now: datetime, item_id: int = 1) -> None:
    work = Work(settings, now, MATCH)
    with work.batch() as connection, work.item(connection, item_id):
        raise AttributeError("odd")


def held(settings: Settings, now: datetime) -> set[int]:
    with database.connect(settings) as connection:
        return faults.held(connection, "match", "entry", dict.fromkeys((1, 2), now))


def test_an_item_waits_is_set_aside_and_is_released(settings: Settings) -> None:
    now = NOW
    for tries in range(1, TRIES):
        fail(settings, now)
        again = next_try(tries, now)
        assert again is not None
        assert held(settings, again - timedelta(seconds=1)) == {1}
        assert held(settings, again) == set()
        now = again
    fail(settings, now)
    assert held(settings, now + timedelta(days=400)) == {1}
    with database.connect(settings) as connection:
        [item] = faults.quarantine(connection)
        assert (item.item, item.step, item.tries, item.next_try_at) == ("entry:1", "match", TRIES, None)
        assert item.set_aside_at is not None
        assert faults.release(connection, step="extract") == []
        assert faults.release(connection, items=["entry:2"]) == []
        assert faults.release(connection, items=["entry:1"]) == ["entry:1"]
    assert held(settings, now) == set()


@pytest.mark.parametrize("alone", [False, True])
def test_a_later_success_clears_what_was(settings: Settings, alone: bool) -> None:
    fail(settings, NOW, 1)
    fail(settings, NOW, 2)
    work = Work(settings, NOW + FIRST_WAIT, MATCH)
    if alone:
        with work.alone(1):
            pass
    else:
        with work.batch() as connection, work.item(connection, 1):
            pass
    assert [row["item_id"] for row in rows(settings, "SELECT item_id FROM item_faults")] == [2]


def test_a_batch_is_written_at_once_and_halved_where_it_fails(settings: Settings) -> None:
    work, sizes = Work(settings, NOW, MATCH), []

    def write_all(connection: database.Connection, some: Sequence[int]) -> None:
        sizes.append(len(some))
        for item_id in some:
            write(connection, item_id)
        if not {3, 7}.isdisjoint(some):
            raise AttributeError("odd")

    with work.batch() as connection:
        assert work.written(connection, range(1, 17), lambda item_id: item_id, write_all) == [
            item_id for item_id in range(1, 17) if item_id not in (3, 7)
        ]
        assert work.written(connection, [], lambda item_id: item_id, write_all) == []
    assert sizes == [16, 8, 4, 2, 2, 1, 1, 4, 2, 2, 1, 1, 8]
    assert written(settings) == set(range(1, 17)) - {3, 7}
    assert {row["item_id"] for row in rows(settings, "SELECT item_id FROM item_faults")} == {3, 7}
    assert (work.tally.tried, work.finish()["internal"]) == (16, 2)
    with work.batch() as connection:
        work.written(connection, [103], lambda _: 3, lambda connection, some: write(connection, some[0]))
    assert {row["item_id"] for row in rows(settings, "SELECT item_id FROM item_faults")} == {7}


@pytest.mark.parametrize(
    ("failing", "tried", "red"),
    [(3, LEAST, True), (2, LEAST, False), (5, 10, False), (6, 10, True), (LEAST - 1, LEAST - 1, False)],
)
def test_a_step_in_which_most_items_fail_is_red_after_all_others_were_done(
    settings: Settings, failing: int, tried: int, red: bool
) -> None:
    work = Work(settings, NOW, MATCH)
    with work.batch() as connection:
        for item_id in range(1, tried + 1):
            with work.item(connection, item_id):
                if item_id <= failing:
                    raise AttributeError("odd")
                write(connection, item_id)
    if red:
        with pytest.raises(BrokenStepError, match=f"match: {failing} of {tried} items ended internal.*odd"):
            work.finish()
    else:
        assert work.finish()["internal"] == failing
    assert written(settings) == set(range(failing + 1, tried + 1))


def test_the_log_has_the_traceback(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        fail(settings, NOW)
    assert 'raise AttributeError("odd")' in caplog.text
