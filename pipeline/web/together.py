"""Questions to something that blocks, asked many at a time: who comes while one is answered goes with the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


class Together(Generic[Q, A]):
    """Answers questions of one event loop by `answer_all`, in a thread, one call at a time.

    A lone question is asked at once. Where hundreds of requests ask the database for their host's slot, a statement
    and a transaction serve all that have come meanwhile. What `answer_all` raises is raised to each that it was for.
    """

    def __init__(self, answer_all: Callable[[Sequence[Q]], Sequence[A]]) -> None:
        self._answer_all = answer_all
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._work: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        """The answer to one question."""
        future: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if self._work is None:
            self._work = asyncio.ensure_future(self._answer())
        return await future

    async def _answer(self) -> None:
        try:
            while self._waiting:
                asked, self._waiting = self._waiting, []
                try:
                    answers = await asyncio.to_thread(self._answer_all, [question for question, _ in asked])
                except Exception as error:
                    for _, future in asked:
                        if not future.done():
                            future.set_exception(error)
                    continue
                for (_, future), answer in zip(asked, answers, strict=True):
                    if not future.done():
                        future.set_result(answer)
        finally:
            self._work = None
