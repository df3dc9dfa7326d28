"""Search over all articles, by words and by meaning, with filters."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import FastAPI, Query
from fastapi.responses import HTMLResponse

from pipeline.errors import WirewatchError
from pipeline.portal.access import READER
from pipeline.portal.rendering import page, reading

if TYPE_CHECKING:
    from pipeline.database import Connection
    from pipeline.store.search import Filters

log = logging.getLogger(__name__)

_PAGE = 20
_MAX_QUESTION = 400
By = Literal["both", "words", "meaning"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asked, as it stands in the form and in the address; an empty field filters nothing."""

    q: str
    by: By
    since: str
    until: str
    outlet: str
    country: str
    language: str
    ownership: str


def add_to(app: FastAPI) -> None:
    """Add the page of this module."""
    app.get("/search", response_class=HTMLResponse, dependencies=[READER])(search)


def search(
    q: Annotated[str, Query(max_length=_MAX_QUESTION)] = "",
    by: By = "both",
    since: Annotated[str, Query(max_length=10)] = "",
    until: Annotated[str, Query(max_length=10)] = "",
    outlet: Annotated[str, Query(max_length=300)] = "",
    country: Annotated[str, Query(max_length=10)] = "",
    language: Annotated[str, Query(max_length=20)] = "",
    ownership: Annotated[str, Query(max_length=20)] = "",
    at: Annotated[int, Query(ge=0, le=200)] = 0,
) -> HTMLResponse:
    """The articles that a question finds, 20 a page; without a question the newest that pass the filters."""
    from pipeline.store import search as store

    fields = (q, since, until, outlet, country, language, ownership)
    q, since, until, outlet, country, language, ownership = (field.replace("\0", "").strip() for field in fields)
    asked = Asked(q, by, since, until, outlet, country, language, ownership)
    wrong = next((f"{text} is no day." for text in (since, until) if text and _day(text) is None), "")
    vector, unsaid = _vector(asked)
    with reading() as connection:
        words, meaning = _found(connection, asked, vector)
        ids = store.fused([words, meaning]) if q else store.newest(connection, _filters(asked))
        hits = store.hits(connection, ids[at : at + _PAGE])
        outlets, languages = store.choices(connection)
    return page(
        "search.html", section="search", asked=asked, hits=hits, count=len(ids), at=at, step=_PAGE,
        words=set(words), meaning=set(meaning), notes=[note for note in (wrong, unsaid) if note], outlets=outlets,
        countries=sorted({each.country for each in outlets if each.country}), languages=languages,
    )  # fmt: skip


def _found(connection: Connection, asked: Asked, vector: str | None) -> tuple[list[int], list[int]]:
    from pipeline import embeddings, settings
    from pipeline.store import models
    from pipeline.store import search as store

    filters = _filters(asked)
    words = store.by_words(connection, asked.q, filters) if asked.q and asked.by != "meaning" else []
    model = models.current(connection, embeddings.name_of(settings.load())) if vector is not None else None
    meaning = store.by_meaning(connection, model, vector, filters) if model is not None and vector is not None else []
    return words, meaning


def _vector(asked: Asked) -> tuple[str | None, str]:
    """The question's vector as Postgres reads it, and what to tell the reader where there is none."""
    from pipeline import settings
    from pipeline.steps.model import encoder
    from pipeline.store.vectors import to_text

    if not asked.q or asked.by == "words":
        return None, ""
    try:
        return to_text(encoder(settings.load()).encode_texts([asked.q])[0]), ""
    except (WirewatchError, RuntimeError) as error:
        log.warning("no search by meaning: %s", error)
        return None, "The embedding model does not answer, so this was found by words alone."


def _filters(asked: Asked) -> Filters:
    from pipeline.store.search import Filters

    until = _day(asked.until)
    return Filters(
        since=_day(asked.since),
        until=None if until is None else until + timedelta(days=1),
        outlet=asked.outlet or None,
        country=asked.country or None,
        language=asked.language or None,
        ownership=asked.ownership or None,
    )


def _day(text: str) -> datetime | None:
    """The beginning of a day in UTC; None for what is none, or lies where no clock reaches."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day, time(), UTC) if 1900 <= day.year <= 2999 else None
