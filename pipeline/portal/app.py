"""The FastAPI app behind *Digests*: the digests, their stories, the feeds, for logged-in readers; reads only.

`pipeline.portal.hubs` adds the one address that strangers call.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline.errors import WirewatchError
from pipeline.models import precision
from pipeline.portal import hubs

if TYPE_CHECKING:
    from pipeline.database import Connection

PREFIX = "/wirewatch"
_HERE = Path(__file__).parent
# Nothing but our own style sheet: the pages show text from strangers, and need no script.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-cache",
}

# How a reader calls a state that the database names for itself.
_STATES = {"draft": "waits for review"}
# The methods of a membership, in a reader's words.
_WHY = {
    "first": "opened it",
    "mix": "vectors and words",
    "words": "words",
    "vectors": "vectors",
    "topical": "vectors and days, within the topic",
    "copy": "copy",
    "must-link": "put here by a person",
    "merge": "came with a merged story",
    "reassign": "looked at again within its first hour",
    "split": "left another story",
    "settle": "looked at again together with all of its days",
}


def _moment(value: datetime | str) -> str:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.astimezone(UTC).strftime("%d %b %Y %H:%M UTC")


def _published(value: datetime | str) -> str:
    """When an article was published: without an hour where only the day is known."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.astimezone(UTC).strftime("%d %b %Y") if precision(at) == "day" else _moment(at)


def _sent(channel: str) -> str:
    """A channel of the outbox in a reader's words: what it carries, and to whom."""
    if channel.startswith("review-"):
        return f"to the desk by {channel.removeprefix('review-')}: waits for review"
    if channel.startswith("failed-"):
        failed, _, via = channel.removeprefix("failed-").rpartition("-")
        return f"to the desk by {via}: {failed} given up"
    return channel


def _is_web(url: str) -> bool:
    """Only these may become a link: an address out of a feed can be any scheme, javascript included."""
    return urlsplit(url).scheme in ("http", "https")


_templates = Environment(
    loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_templates.filters |= {"moment": _moment, "published": _published, "is_web": _is_web}
_templates.filters |= {"state": lambda state: _STATES.get(state, state)}
_templates.filters["sent"] = _sent
_templates.filters["why"] = lambda method: _WHY.get(method, method)


def create_app() -> FastAPI:
    """The app, to be mounted at `PREFIX` of Airflow's api-server."""
    app = FastAPI(title="Wirewatch", docs_url=None, redoc_url=None, openapi_url=None)
    # the style sheet and the icon hold nothing to protect, and the navigation shows the icon before the page
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
    app.middleware("http")(_with_headers)
    app.exception_handler(WirewatchError)(_unavailable)
    app.get("/", response_class=HTMLResponse, dependencies=[Depends(get_user)])(list_digests)
    app.get("/digests/{digest_id}", response_class=HTMLResponse, dependencies=[Depends(get_user)])(show_digest)
    app.get("/stories/{story_id}", response_class=HTMLResponse, dependencies=[Depends(get_user)])(show_story)
    app.get("/quarantine", response_class=HTMLResponse, dependencies=[Depends(get_user)])(list_quarantine)
    app.get("/feeds", response_class=HTMLResponse, dependencies=[Depends(get_user)])(list_feeds)
    hubs.add_to(app)
    return app


async def _with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    response.headers.update(_HEADERS)
    return response


async def _unavailable(request: Request, error: Exception) -> Response:
    return PlainTextResponse(str(error), status_code=503)


def list_digests() -> HTMLResponse:
    """Every digest, newest day first."""
    from pipeline.store import digests, outbox

    with _reading() as connection:
        missing: dict[int, list[outbox.Shown]] = {}
        for row in outbox.undelivered(connection):
            missing.setdefault(row.digest_id, []).append(row)
        return _page("digests.html", digests=digests.digests(connection), missing=missing)


def show_digest(digest_id: int) -> HTMLResponse:
    """One digest with its stories; 404 where there is none of that number."""
    from pipeline.digests import still_coming
    from pipeline.store import digests, outbox

    with _reading() as connection:
        digest = digests.digest(connection, digest_id)
        sendings = outbox.of_digest(connection, digest_id)
    if digest is None:
        raise HTTPException(404, f"there is no digest {digest_id}")
    coming = still_coming(digest.waiting) if digest.state == "draft" else ""
    return _page("digest.html", digest=digest, sendings=sendings, coming=coming)


def show_story(story_id: int) -> Response:
    """One story: why each article belongs to it, and what happened to it; a merged one leads to where it went."""
    from pipeline.store import reports, stories

    with _reading() as connection:
        living = stories.resolve(connection, story_id)
        members, events = reports.story(connection, living) if living is not None else ([], [])
    if living is None:
        raise HTTPException(404, f"there is no story {story_id}")
    if living != story_id:
        return RedirectResponse(f"{PREFIX}/stories/{living}")
    return _page("story.html", story_id=story_id, members=members, events=events)


def list_feeds() -> HTMLResponse:
    """How each feed is, what ails first; above them the topics that have no terms in a feed's language."""
    from pipeline import settings, steps
    from pipeline.errors import ConfigurationError
    from pipeline.store import feeds

    try:
        gaps = [str(gap) for gap in steps.language_gaps(settings.load())]
    except ConfigurationError as error:
        gaps = [str(error)]
    with _reading() as connection:
        return _page("feeds.html", feeds=feeds.full_health(connection), gaps=gaps)


def list_quarantine() -> HTMLResponse:
    """What our own code failed on: what is set aside first, then what waits for its next try."""
    from pipeline.store import faults

    with _reading() as connection:
        return _page("quarantine.html", items=faults.quarantine(connection))


@contextmanager
def _reading() -> Iterator[Connection]:
    """The connection of one page. A link that somebody follows, or is made to follow, changes nothing."""
    from pipeline import database, settings
    from pipeline.store import reports

    with database.connect(settings.load()) as connection:
        reports.only_read(connection)
        yield connection


def _page(template: str, **values: Any) -> HTMLResponse:
    return HTMLResponse(_templates.get_template(template).render(prefix=PREFIX, **values))
