"""Search over all articles: the rows of the function `wirewatch.search`, which ranks by words and by meaning."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from pipeline.database import Connection
from pipeline.database.rows import fetch, fetch_column
from pipeline.store.models import EmbeddingModel


@dataclass(frozen=True, slots=True)
class Filters:
    """What an article must be: published in [since, until), on a topic, in a story, of an outlet, country, language."""

    since: datetime | None = None
    until: datetime | None = None
    outlet: str | None = None
    country: str | None = None
    language: str | None = None
    ownership: str | None = None
    topic: str | None = None
    story: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found: its place of all that were `found`, in each rank, and where its text has the question.

    What was found stands between ⟦ and ⟧ in the snippet. `words_place` and `meaning_place` are None where that rank
    lacks it, and both where nothing was asked.
    """

    place: int
    found: int
    id: int
    words_place: int | None
    meaning_place: int | None
    title: str | None
    snippet: str | None
    url: str
    outlet: str
    country: str | None
    ownership: str | None
    language: str | None
    published: datetime | None
    published_precision: str | None
    story_id: int | None
    origin_id: int | None


@dataclass(frozen=True, slots=True)
class Meaning:
    """A question's vector as Postgres reads it, and the model that made it."""

    vector: str
    model: EmbeddingModel


@dataclass(frozen=True, slots=True)
class Outlet:
    """An outlet of the feed list."""

    outlet: str
    country: str | None
    ownership: str


def search(
    connection: Connection,
    question: str,
    filters: Filters,
    *,
    meaning: Meaning | None = None,
    by_words: bool = True,
    limit: int = 20,
    skip: int = 0,
) -> list[Hit]:
    """What a question finds, best first, `limit` articles after the first `skip`; the newest where it is blank."""
    return fetch(
        connection,
        Hit,
        "search.search",
        question=question,
        meaning=None if meaning is None else meaning.vector,
        model_id=None if meaning is None else meaning.model.id,
        by_words=by_words,
        limit=limit,
        skip=skip,
        **asdict(filters),
    )


def choices(connection: Connection) -> tuple[list[Outlet], list[str]]:
    """What can be filtered by: the outlets of the feed list, and the languages of the articles."""
    return fetch(connection, Outlet, "search.choices"), fetch_column(connection, "search.languages")
