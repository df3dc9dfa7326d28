"""Search over all articles, by words and by meaning, with filters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import FastAPI, Query
from fastapi.responses import HTMLResponse

from pipeline.portal.access import READER
from pipeline.portal.rendering import page, reading

if TYPE_CHECKING:
    from pipeline.store.search import Filters

_PAGE = 20
_MAX_QUESTION = 400
By = Literal["both", "words", "meaning"]
_FOUND = re.compile("⟦(.*?)⟧", re.DOTALL)


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
    from pipeline import settings
    from pipeline.steps import searching
    from pipeline.store import search as store

    fields = (q, since, until, outlet, country, language, ownership)
    q, since, until, outlet, country, language, ownership = (field.replace("\0", "").strip() for field in fields)
    asked, loaded = Asked(q, by, since, until, outlet, country, language, ownership), settings.load()
    wrong = next((f"{text} is no day." for text in (since, until) if text and _day(text) is None), "")
    vector = searching.vector(loaded, q, by)
    with reading() as connection:
        hits = searching.search(connection, loaded, q, _filters(asked), asked=vector, by=by, limit=_PAGE, skip=at)
        outlets, languages = store.choices(connection)
    return page(
        "search.html", section="search", asked=asked, hits=hits, count=hits[0].found if hits else 0, at=at, step=_PAGE,
        pieces=_pieces, notes=[note for note in (wrong, vector.unsaid) if note], outlets=outlets,
        countries=sorted({each.country for each in outlets if each.country}), languages=languages,
    )  # fmt: skip


def _pieces(snippet: str | None) -> list[tuple[str, bool]]:
    """A snippet as stretches of text, and whether each is what was asked for."""
    return [(text, bool(n % 2)) for n, text in enumerate(_FOUND.split(snippet or "")) if text]


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
