"""How the sources are: each feed with what ails it, and what our own code failed on."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from pipeline.portal.access import READER
from pipeline.portal.rendering import page, reading


def add_to(app: FastAPI) -> None:
    """Add the pages of this module."""
    app.get("/feeds", response_class=HTMLResponse, dependencies=[READER])(list_feeds)
    app.get("/quarantine", response_class=HTMLResponse, dependencies=[READER])(list_quarantine)


def list_feeds() -> HTMLResponse:
    """How each feed is, what ails first; above them the alerts that stand, and topics without a feed's language."""
    from pipeline import settings, steps
    from pipeline.errors import ConfigurationError
    from pipeline.store import alerts, overviews

    try:
        gaps = [str(gap) for gap in steps.language_gaps(settings.load())]
    except ConfigurationError as error:
        gaps = [str(error)]
    with reading() as connection:
        standing = alerts.now_standing(connection)
        return page("feeds.html", section="feeds", feeds=overviews.feeds(connection), gaps=gaps, alerts=standing)


def list_quarantine() -> HTMLResponse:
    """What our own code failed on: what is set aside first, then what waits for its next try."""
    from pipeline.store import faults

    with reading() as connection:
        return page("quarantine.html", section="quarantine", items=faults.quarantine(connection))
