"""An article as somebody reads it: its row, its wordings, its copies, and its way through the pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pipeline.database import Connection
from pipeline.database.rows import fetch, fetch_one
from pipeline.models import Precision


@dataclass(frozen=True, slots=True)
class Article:
    """What is stored of an article; `origin_id` and `containment` where it is a copy, `story_id` where it has one."""

    id: int
    title: str | None
    text: str | None
    url: str
    outlet: str
    country: str | None
    ownership: str | None
    language: str | None
    language_rule: str | None
    authors: list[str]
    author_rule: str | None
    published: datetime | None
    published_precision: Precision | None
    published_rule: str | None
    section: str | None
    state: str
    reason: str | None
    detail: str | None
    text_source: str | None
    text_reason: str | None
    kind: str | None
    words: int | None
    first_seen_at: datetime
    extracted_at: datetime | None
    next_refetch_at: datetime | None
    origin_id: int | None
    containment: float | None
    copy_rule: str | None
    story_id: int | None


@dataclass(frozen=True, slots=True)
class Wording:
    """A revision of an article: what kind of change it was, and its difference from the wording before."""

    revision: int
    seen_at: datetime
    kind: str
    title: str
    diff: str | None


@dataclass(frozen=True, slots=True)
class CopyOf:
    """A copy of an article."""

    id: int
    title: str | None
    outlet: str
    language: str | None
    published: datetime | None
    published_precision: Precision | None
    containment: float


@dataclass(frozen=True, slots=True)
class Way:
    """A row of the view `ledger` for one entry and topic: how far it got."""

    entry_id: int
    outlet: str
    feed_url: str
    title: str
    first_seen_at: datetime
    last_seen_at: datetime
    absent_since: datetime | None
    entry_revisions: int
    problems: list[str]
    topic: str | None
    entry_on_topic: bool | None
    entry_rule: str | None
    terms: list[str] | None
    last_status: int | None
    outcome: str | None
    article_on_topic: bool | None
    article_rule: str | None
    story_id: int | None
    digest_id: int | None
    digest_day: date | None
    stage: str
    fault_step: str | None
    fault_class: str | None


def article(connection: Connection, article_id: int) -> Article | None:
    """An article by its number; None where there is none."""
    return fetch_one(connection, Article, "reading.article", id=article_id)


def wordings(connection: Connection, article_id: int) -> list[Wording]:
    """The wordings of an article, the newest first."""
    return fetch(connection, Wording, "reading.wordings", id=article_id)


def copies_of(connection: Connection, article_id: int) -> list[CopyOf]:
    """The copies of an article, the earliest first; up to 200."""
    return fetch(connection, CopyOf, "reading.copies_of", id=article_id)


def ways(connection: Connection, article_id: int) -> list[Way]:
    """How each entry of an article went through the pipeline, by topic; up to 50."""
    return fetch(connection, Way, "reading.ways", id=article_id)
