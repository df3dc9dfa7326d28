"""A stretch of time to be settled: the articles seen in it, and those published around it that they are told with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipeline.database import Connection, run
from pipeline.database.rows import fetch, fetch_column, fetch_value

# Any fixed number does; it only has to be the same in every process that looks for copies.
_COPIES_LOCK = 7_306_421


@dataclass(frozen=True, slots=True)
class Stretch:
    """Articles first seen within [start, end); what is read beside them was published at most `around` from it."""

    start: datetime
    end: datetime
    around: timedelta

    @property
    def bounds(self) -> dict[str, datetime]:
        """As the queries name them."""
        return {
            "start": self.start,
            "end": self.end,
            "since": self.start - self.around,
            "until": self.end + self.around,
        }


@dataclass(frozen=True, slots=True)
class Placed:
    """An article in its story; `embedding` as pgvector prints it, `fixed`: it stays there."""

    id: int
    identity: str
    title: str | None
    text: str | None
    published: datetime
    language: str | None
    embedding: str
    origin_id: int | None
    story_id: int
    topic: str | None
    fixed: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """A text whose origin was looked for, with the copy that it was found to be (None: of nothing)."""

    id: int
    identity: str
    canonical_url: str
    outlet: str
    title: str | None
    text: str | None
    published: datetime
    language: str | None
    source_name: str | None
    source_url: str | None
    within: bool
    origin_id: int | None
    containment: float | None
    resemblance: float | None
    rule: str | None


def lock_copies(connection: Connection) -> None:
    """Be the only one that judges copies until the transaction ends."""
    run(connection, "stories.lock_clustering", lock=_COPIES_LOCK)


def any_unsettled(connection: Connection, stretch: Stretch) -> bool:
    """Whether any article of a stretch got its place, text or origin since it was settled last."""
    return bool(fetch_value(connection, "settlement.unsettled", start=stretch.start, end=stretch.end))


def members(connection: Connection, stretch: Stretch, model_id: int) -> list[Placed]:
    """The articles in and around a stretch that have a story and a vector of the model."""
    return fetch(connection, Placed, "settlement.members", model_id=model_id, **stretch.bounds)


def larger(connection: Connection, sizes: Mapping[int, int]) -> set[int]:
    """Of the stories of `sizes`, those with more members than it says."""
    values: dict[str, Any] = {"ids": list(sizes), "sizes": list(sizes.values())}
    return set(fetch_column(connection, "settlement.larger", **values))


def settled(connection: Connection, stretch: Stretch, now: datetime) -> None:
    """Mark a stretch as settled."""
    run(connection, "settlement.settled", start=stretch.start, end=stretch.end, now=now)


def texts(connection: Connection, stretch: Stretch) -> list[Compared]:
    """The texts in and around a stretch whose origin was looked for."""
    return fetch(connection, Compared, "settlement.texts", **stretch.bounds)


def reorigin(connection: Connection, article_id: int) -> None:
    """Let an article whose origin is another now be embedded and settled anew."""
    run(connection, "settlement.reorigin", id=article_id)
