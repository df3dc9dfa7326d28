"""The articles that a stream is measured over, and the language each is treated as."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.database import Connection, run
from pipeline.database.rows import fetch
from pipeline.store.readings import reading_of
from pipeline.stories.adaptation import SAMPLE, Sampled


@dataclass(frozen=True, slots=True)
class _Latest:
    id: int
    published: datetime
    language: str | None
    embedding: str
    weights: dict[str, float]
    words: int
    topic: str | None


def latest(connection: Connection, model_id: int) -> list[Sampled]:
    """The latest `SAMPLE` articles that have a story and are no copies, newest first, each with its topic."""
    rows = fetch(connection, _Latest, "sample.latest", model_id=model_id, limit=SAMPLE)
    return [Sampled(row.topic, reading_of(row)) for row in rows]


def set_language(connection: Connection, article_id: int, language: str | None) -> None:
    """Write the language that an article is treated as."""
    run(connection, "sample.set_language", article_id=article_id, language=language)
