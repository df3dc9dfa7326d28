"""Questions asked many at a time: each gets its own answer, and what comes meanwhile goes along with the next call."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from pipeline.web.together import Together


def test_a_lone_question_is_asked_at_once_and_what_comes_meanwhile_goes_together() -> None:
    calls: list[list[int]] = []
    go = threading.Event()

    def double(numbers: Sequence[int]) -> list[int]:
        calls.append(list(numbers))
        go.wait(10)
        return [2 * number for number in numbers]

    async def ask() -> list[int]:
        together = Together(double)
        first = asyncio.ensure_future(together.ask(0))
        while not calls:
            await asyncio.sleep(0.001)
        rest = [asyncio.ensure_future(together.ask(number)) for number in range(1, 100)]
        await asyncio.sleep(0)
        go.set()
        found = [await first, *[await each for each in rest]]
        return [*found, await together.ask(100)]

    assert asyncio.run(ask()) == [2 * number for number in range(101)]
    assert calls == [[0], list(range(1, 100)), [100]]


def test_what_a_call_raises_is_raised_to_each_that_it_was_for_and_to_no_other() -> None:
    def picky(numbers: Sequence[int]) -> Sequence[int]:
        if 1 in numbers:
            raise ValueError("not this one")
        return numbers

    async def ask() -> int:
        together = Together(picky)
        found = await asyncio.gather(together.ask(1), together.ask(2), return_exceptions=True)
        assert [type(each) for each in found] == [ValueError, ValueError]
        return await together.ask(2)

    assert asyncio.run(ask()) == 2


def test_one_that_gives_up_takes_no_answer_from_the_others() -> None:
    go = threading.Event()

    def slow(numbers: Sequence[int]) -> Sequence[int]:
        go.wait(10)
        return numbers

    async def ask() -> int:
        together = Together(slow)
        gone, stays = asyncio.ensure_future(together.ask(1)), asyncio.ensure_future(together.ask(2))
        await asyncio.sleep(0.01)
        gone.cancel()
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await gone
        return await stays

    assert asyncio.run(ask()) == 2
