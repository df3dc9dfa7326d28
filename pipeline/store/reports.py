"""What people ask of the rows: an entry's way, a story's members and history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pipeline import urls
from pipeline.database import Connection, run
from pipeline.database.rows import fetch
from pipeline.models import Precision


def only_read(connection: Connection) -> None:
    """Have Postgres refuse every write for the rest of this transaction, which must not have begun to read."""
    run(connection, "reports.only_read")


@dataclass(frozen=True, slots=True)
class Member:
    """An article of a story and why it is there; `origin_id` and `containment` where it is a copy.

    Where it `opened` the story, its score is that of the nearest story, and lies under the threshold.
    """

    id: int
    published: datetime
    published_precision: Precision
    outlet: str
    country: str | None
    ownership: str | None
    language: str | None
    title: str
    method: str
    opened: bool
    score: Decimal
    threshold: Decimal
    origin_id: int | None
    url: str
    containment: float | None


@dataclass(frozen=True, slots=True)
class FormerMember:
    """An article that a story once held: when it left, and the story that it is in now."""

    id: int
    title: str
    outlet: str
    language: str | None
    until: datetime
    story_id: int | None


@dataclass(frozen=True, slots=True)
class DigestOfStory:
    """A digest that has a story among its items."""

    id: int
    day: date
    topic_name: str


@dataclass(frozen=True, slots=True)
class StoryEvent:
    """What happened to a story, by whom and why."""

    at: datetime
    kind: str
    other_id: int | None
    article_id: int | None
    actor: str
    reason: str | None


def ledger(connection: Connection, entry: str) -> list[dict[str, Any]]:
    """Up to 20 rows of the view `ledger`: by an entry's id, its address in any spelling, else by part of its title.

    Each row is names and values.
    """
    number = int(entry) if entry.isascii() and entry.isdigit() and len(entry) < 19 else None
    return run(connection, "reports.ledger", entry=entry, id=number, address=urls.canonical(entry)).fetchall()


def story(connection: Connection, story_id: int) -> tuple[list[Member], list[StoryEvent]]:
    """A story's members and its events."""
    members = fetch(connection, Member, "reports.story_members", story_id=story_id)
    return members, fetch(connection, StoryEvent, "reports.story_events", story_id=story_id)


def former_members(connection: Connection, story_id: int) -> list[FormerMember]:
    """What a story once held, what left last first."""
    return fetch(connection, FormerMember, "reports.former_members", story_id=story_id)


def digests_of_story(connection: Connection, story_id: int) -> list[DigestOfStory]:
    """The digests of which a story is an item, by day."""
    return fetch(connection, DigestOfStory, "reports.digests_of_story", story_id=story_id)
