"""A topic over a stretch of days: how many articles, which stories, which outlets, and how much reached a story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pipeline.database import Connection
from pipeline.database.rows import fetch, fetch_one, fetch_value


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic, with its definition as JSON and the zone of its days."""

    slug: str
    name: str
    definition: dict[str, Any]
    digest_zone: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day in the topic's zone: its articles on topic, how many are copies, and their outlets."""

    day: date
    articles: int
    copies: int
    outlets: int


@dataclass(frozen=True, slots=True)
class Story:
    """A story with articles on topic in the stretch; the counts are those of the stretch."""

    story_id: int
    headline: str | None
    language: str | None
    first_published: datetime
    last_published: datetime
    articles: int
    outlets: int
    independent: int


@dataclass(frozen=True, slots=True)
class Source:
    """An outlet with articles on topic in the stretch."""

    outlet: str
    country: str | None
    ownership: str | None
    articles: int
    copies: int
    first_in: int


@dataclass(frozen=True, slots=True)
class Recall:
    """Of the articles on topic in the stretch (round-ups belong to no story), how many are in a story."""

    on_topic: int
    in_story: int
    share: Decimal | None


def topics(connection: Connection) -> list[Topic]:
    """Every topic, by name."""
    return fetch(connection, Topic, "overviews.topics")


def topic(connection: Connection, slug: str) -> Topic | None:
    """A topic by its slug; None where there is none."""
    return fetch_one(connection, Topic, "overviews.topic", topic=slug)


def last_day(connection: Connection, slug: str) -> date | None:
    """The day of the newest article on topic, in the topic's zone; None where there is none."""
    found: date | None = fetch_value(connection, "overviews.last_day", topic=slug)
    return found


def days(connection: Connection, slug: str, first: date, last: date) -> list[Day]:
    """The days from `first` to `last` that have articles on topic, in order."""
    return fetch(connection, Day, "overviews.days", topic=slug, first=first, last=last)


def stories(connection: Connection, slug: str, first: date, last: date) -> list[Story]:
    """The stories of the stretch by independent outlets; up to 100."""
    return fetch(connection, Story, "overviews.stories", topic=slug, first=first, last=last)


def sources(connection: Connection, slug: str, first: date, last: date) -> list[Source]:
    """The outlets of the stretch by their articles; up to 200."""
    return fetch(connection, Source, "overviews.sources", topic=slug, first=first, last=last)


def recall(connection: Connection, slug: str, first: date, last: date) -> Recall:
    """How much of the stretch reached a story."""
    found = fetch_one(connection, Recall, "overviews.recall", topic=slug, first=first, last=last)
    assert found is not None
    return found
