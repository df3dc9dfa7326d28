"""What is looked at as a whole: a topic over a stretch of days, and all feeds."""

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
class Stretch:
    """What was told on topic from one day to another, in the topic's zone.

    `days` are counted in order, `stories` by independent outlets (up to 100), `sources` by articles (up to 200), each
    as a JSON object of the query's columns. Of `on_topic` articles, round-ups left out, `in_story` are in a story.
    """

    days: list[dict[str, Any]]
    stories: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    on_topic: int
    in_story: int


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed and how it is; `repeats` is a share of its newest entries, `error` what the last request ended with."""

    feed_id: int
    outlet: str
    url: str
    country: str | None
    language: str | None
    ownership: str
    state: str
    state_reason: str | None
    last_polled_at: datetime | None
    next_poll_at: datetime | None
    interval_seconds: float | None
    entries: int
    newest_published: datetime | None
    repeats: Decimal | None
    gaps: int
    error: str | None
    error_detail: str | None


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


def stretch(connection: Connection, slug: str, first: date, last: date) -> Stretch:
    """What was told on topic from `first` to `last`."""
    found = fetch_one(connection, Stretch, "overviews.stretch", topic=slug, first=first, last=last)
    assert found is not None
    return found


def feeds(connection: Connection) -> list[Feed]:
    """Every feed, what needs somebody first."""
    return fetch(connection, Feed, "overviews.feeds")
