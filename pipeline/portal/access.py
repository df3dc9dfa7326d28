"""Who sees a page, and what is answered where there is none: pages of ours, for people, and lines for programs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException

from pipeline.errors import WirewatchError
from pipeline.portal.rendering import PREFIX, page

READER = Depends(get_user)
"""What each page depends on: somebody whom Airflow has logged in. A page without it answers strangers."""

# The pages show text from strangers and need no script; nobody frames them, as they stand in tabs of their own.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-cache",
}
_LOGIN = "/auth/login"
_TITLES = {
    401: "Log in first",
    403: "Not yours to see",
    404: "Not there",
    405: "Nothing to do here",
    422: "No such address",
    503: "Not now",
}


def add_to(app: FastAPI) -> None:
    """Have the app's answers carry our headers, and its errors be our pages."""
    app.middleware("http")(_with_headers)
    app.exception_handler(WirewatchError)(_unavailable)
    app.exception_handler(HTTPException)(_refused)
    app.exception_handler(RequestValidationError)(_no_address)


async def _with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    response.headers.update(_HEADERS)
    return response


async def _unavailable(request: Request, error: Exception) -> Response:
    return _answer(request, 503, str(error))


async def _no_address(request: Request, error: Exception) -> Response:
    return _answer(request, 422, "The address holds something that is none of ours, such as a word where a number is.")


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    # A reader whose session ended comes back to the page by the log-in. A program with a token is told, as it asked.
    stranger = error.status_code == 401 and request.method == "GET" and "authorization" not in request.headers
    if stranger and _is_read_by_a_person(request):
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"{_LOGIN}?{urlencode({'next': asked})}", status_code=303)
    said = str(error.detail)
    return _answer(request, error.status_code, said[:1].upper() + said[1:], headers=dict(error.headers or {}))


def _is_read_by_a_person(request: Request) -> bool:
    """Browsers say that they take HTML, and programs do not; what hubs call is never a page."""
    is_page = not request.scope["path"].removeprefix(PREFIX).startswith(("/push/", "/static/", "/health", "/metrics"))
    return is_page and "text/html" in request.headers.get("accept", "")


def _answer(request: Request, status: int, said: str, headers: dict[str, str] | None = None) -> Response:
    if not _is_read_by_a_person(request):
        return PlainTextResponse(said + "\n", status_code=status, headers=headers)
    answer = page("error.html", status=status, title=_TITLES.get(status, "That did not work"), said=said, code=status)
    answer.headers.update(headers or {})
    return answer
