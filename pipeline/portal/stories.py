"""A story: its articles, why each is in it, what was in it before, and what happened to it."""

from __future__ import annotations

from fastapi import FastAPI, HTTPException, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from pipeline.portal.access import READER
from pipeline.portal.rendering import PREFIX, page, reading


def add_to(app: FastAPI) -> None:
    """Add the page of this module."""
    app.get("/stories/{story_id}", response_class=HTMLResponse, dependencies=[READER])(show_story)


def show_story(story_id: int) -> Response:
    """One story with its articles and its history; a merged one leads to where it went, 404 where there is none."""
    from pipeline.store import reports, stories

    with reading() as connection:
        living = stories.resolve(connection, story_id)
        if living is None:
            raise HTTPException(404, f"there is no story {story_id}")
        if living != story_id:
            return RedirectResponse(f"{PREFIX}/stories/{living}")
        members, events = reports.story(connection, story_id)
        former = [] if members else reports.former_members(connection, story_id)
        digests = reports.digests_of_story(connection, story_id)
    return page(
        "story.html",
        section="topics",
        story_id=story_id,
        members=members,
        former=former,
        events=events,
        digests=digests,
    )
