"""Search over all articles: by their words, by their meaning, and both ranks put together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from pipeline.database import Connection, run
from pipeline.database.rows import fetch, fetch_column, fetch_value
from pipeline.store.models import EmbeddingModel

_PIECE = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_MAX_PIECES = 32
"""Words and phrases of one question; what comes after is not asked."""
_WEIGHED = 500
"""Of the articles that hold all words, the newest that are weighed against each other."""
_DEPTH = 100
"""How far down the rank by words is read, and how many of the newest are listed where nothing is asked."""
_NEAREST = 30
"""How many are found by meaning: there is always a nearest, and with filters each costs a walk past those between."""
_FUSION = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009), as measured there."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What an article must be: published within [since, until), of an outlet, a country, a language, an ownership."""

    since: datetime | None = None
    until: datetime | None = None
    outlet: str | None = None
    country: str | None = None
    language: str | None = None
    ownership: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found, with the beginning of its text."""

    id: int
    title: str | None
    lead: str | None
    url: str
    outlet: str
    country: str | None
    ownership: str | None
    language: str | None
    published: datetime | None
    story_id: int | None
    origin_id: int | None


@dataclass(frozen=True, slots=True)
class Outlet:
    """An outlet of the feed list."""

    outlet: str
    country: str | None
    ownership: str


def pieces(question: str) -> tuple[list[str], list[str]]:
    """The words and quoted phrases of a question: those that an article must hold, and those after a minus, not."""
    wanted: list[str] = []
    unwanted: list[str] = []
    for match in list(_PIECE.finditer(question))[:_MAX_PIECES]:
        piece = match["word"] if match["phrase"] is None else match["phrase"]
        (unwanted if match["minus"] else wanted).append(piece)
    return wanted, unwanted


def by_words(connection: Connection, question: str, filters: Filters) -> list[int]:
    """The articles that hold every word and phrase of a question, best first."""
    run(connection, "search.settings")
    wanted, unwanted = pieces(question)
    query = fetch_value(connection, "search.query", wanted=wanted, unwanted=unwanted)
    if not query:
        return []
    bounds = {"newest": _WEIGHED, "limit": _DEPTH}
    return fetch_column(connection, "search.by_words", asked=query, **bounds, **asdict(filters))


def by_meaning(connection: Connection, model: EmbeddingModel, vector: str, filters: Filters) -> list[int]:
    """The articles whose vectors are nearest to that of a question, nearest first."""
    run(connection, "search.settings")
    rows = run(
        connection,
        "search.by_meaning",
        literals={"model_id": model.id, "dimension": model.dimension},
        vector=vector,
        limit=_NEAREST,
        **asdict(filters),
    )
    return [row["article_id"] for row in rows]


def newest(connection: Connection, filters: Filters) -> list[int]:
    """The newest articles that pass the filters."""
    run(connection, "search.settings")
    return fetch_column(connection, "search.newest", limit=_DEPTH, **asdict(filters))


def fused(ranks: Iterable[Sequence[int]]) -> list[int]:
    """Several ranks as one: each article by the sum of 1 / (60 + its place) in each, the lower number among equals."""
    scores: dict[int, float] = {}
    for rank in ranks:
        for place, article_id in enumerate(rank, start=1):
            scores[article_id] = scores.get(article_id, 0.0) + 1 / (_FUSION + place)
    return sorted(scores, key=lambda article_id: (-scores[article_id], article_id))


def hits(connection: Connection, ids: Sequence[int]) -> list[Hit]:
    """The articles of these numbers, in this order."""
    return fetch(connection, Hit, "search.hits", ids=list(ids))


def choices(connection: Connection) -> tuple[list[Outlet], list[str]]:
    """What can be filtered by: the outlets of the feed list, and the languages of the articles."""
    return fetch(connection, Outlet, "search.choices"), fetch_column(connection, "search.languages")
