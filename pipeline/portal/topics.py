"""The topics, and each over a stretch of days: its timeline, stories, sources, and what reached a story."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse

from pipeline.portal.access import READER
from pipeline.portal.rendering import page, reading

_DAYS = 14
"""How many days a page shows: what an editor looks back on, and few enough to be counted at each look."""


def add_to(app: FastAPI) -> None:
    """Add the pages of this module."""
    app.get("/topics", response_class=HTMLResponse, dependencies=[READER])(list_topics)
    app.get("/topics/{slug}", response_class=HTMLResponse, dependencies=[READER])(show_topic)


def list_topics() -> HTMLResponse:
    """Every topic."""
    from pipeline.store import overviews

    with reading() as connection:
        return page("topics.html", section="topics", topics=overviews.topics(connection))


def show_topic(slug: str, until: date | None = None) -> HTMLResponse:
    """The 14 days of a topic that end with `until`, or with its newest article; 404 where there is no such topic."""
    from pipeline.store import overviews

    if until is not None and not 1900 <= until.year <= 2999:
        raise HTTPException(404, "no clock reaches that day")
    with reading() as connection:
        topic = None if "\0" in slug else overviews.topic(connection, slug)
        if topic is None:
            raise HTTPException(404, "there is no topic of that name")
        newest = overviews.last_day(connection, slug)
        last = until or newest or datetime.now(UTC).date()
        first = last - timedelta(days=_DAYS - 1)
        told = overviews.stretch(connection, slug, first, last)
    return page(
        "topic.html", section="topics", topic=topic, first=first, last=last, told=told,
        most=max((day["articles"] for day in told.days), default=1), before=first - timedelta(days=1),
        after=last + timedelta(days=_DAYS) if newest and last < newest else None,
    )  # fmt: skip
