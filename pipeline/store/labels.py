"""What people say of addresses: drawing a sample for them, keeping what they said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from pipeline.database import Connection, run, run_many
from pipeline.database.rows import fetch


@dataclass(frozen=True, slots=True)
class Drawn:
    """An address to be labelled, and how many addresses it stands for (`weight`)."""

    url: str
    outlet: str
    title: str
    weight: float


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said of an address; `development` is their name for what it tells."""

    url: str
    on_topic: bool
    development: str | None
    weight: float


def draw(connection: Connection, topic: str, first: date, last: date, size: int, seed: str) -> list[Drawn] | None:
    """At most `size` addresses of the days `first` to `last` in the topic's zone; None where there is no such topic."""
    bounds = run(connection, "labels.bounds", topic=topic, first=first, last=last).fetchone()
    if bounds is None:
        return None
    return fetch(connection, Drawn, "labels.sample", topic=topic, size=size, seed=seed, **bounds)


def keep(connection: Connection, topic: str, said: Sequence[Said], by: str, now: datetime) -> None:
    """Keep labels; a later one of the same address, in whatever spelling, replaces the former."""
    run_many(connection, "labels.put", [asdict(each) | {"topic": topic, "by": by, "now": now} for each in said])
