"""The digests: the list of all, and each with its stories and where it was sent."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse, Response

from pipeline.portal.access import READER
from pipeline.portal.rendering import page, reading

if TYPE_CHECKING:
    from pipeline.store import outbox


def add_to(app: FastAPI) -> None:
    """Add the pages of this module."""
    app.get("/", response_class=HTMLResponse, dependencies=[READER])(list_digests)
    app.get("/digests/{digest_id}", response_class=HTMLResponse, dependencies=[READER])(show_digest)
    app.get("/digest.css", dependencies=[READER])(show_style)


DAYS = 60
"""How many days of digests a page lists: three topics' come in under 150 ms however many years there are."""


def list_digests(before: date | None = None) -> HTMLResponse:
    """The digests of the newest days, or of those before one; above them whether the outlets are invented."""
    from pipeline.store import coverage, digests, outbox

    with reading() as connection:
        invented = coverage.kind(connection) == "recorded"
        missing: dict[int, list[outbox.Shown]] = {}
        for row in outbox.undelivered(connection):
            missing.setdefault(row.digest_id, []).append(row)
        found, earlier = digests.page(connection, before, DAYS)
    pages = {"earlier": earlier, "before": before}
    return page("digests.html", section="digests", digests=found, pages=pages, missing=missing, invented=invented)


def show_digest(digest_id: int) -> HTMLResponse:
    """One digest as it is published and mailed, with what stands behind it; 404 where there is none of that number."""
    from pipeline.digests import still_coming
    from pipeline.store import digests, outbox

    with reading() as connection:
        digest = digests.digest(connection, digest_id)
        sendings = outbox.of_digest(connection, digest_id)
        versions = digests.versions(connection, digest_id)
    if digest is None:
        raise HTTPException(404, f"there is no digest {digest_id}")
    coming = still_coming(digest.waiting) if digest.state == "draft" else ""
    return page("digest.html", section="digests", digest=digest, sendings=sendings, versions=versions, coming=coming)


def show_style() -> Response:
    """The style sheet of a digest, which every shape of it that is a page has."""
    from pipeline.digests import style

    return Response(style(), media_type="text/css")
