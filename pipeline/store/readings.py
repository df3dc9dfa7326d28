"""What is kept of an article for the story decisions, read back from its rows."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from pipeline.store.vectors import from_text
from pipeline.stories.features import SECONDS_A_DAY, ArticleFeatures, Reading, article
from pipeline.stories.model import StoryModel


class Read(Protocol):
    """A row with what is kept of an article: its vector as text, its terms' weights and their number."""

    @property
    def id(self) -> int: ...
    @property
    def published(self) -> datetime: ...
    @property
    def language(self) -> str | None: ...
    @property
    def embedding(self) -> str: ...
    @property
    def weights(self) -> dict[str, float]: ...
    @property
    def words(self) -> int: ...


def reading_of(row: Read) -> Reading:
    """What was read of an article, from its row."""
    day = row.published.timestamp() / SECONDS_A_DAY
    return Reading(str(row.id), from_text(row.embedding), row.weights, row.words, day, row.language)


def features_of(row: Read, model: StoryModel) -> ArticleFeatures:
    """An article's row as the story decisions see it."""
    return article(reading_of(row), model)
