"""Answers to Airflow's form are checked before Airflow takes them: what is refused says why, and the form stays open.

Airflow takes any answer that is one of the options, shows success, and lets the task find out. This stands before its
API in the same process, looks at the answers to our reviews alone, and leaves all else as it is. Who may not answer is
told so by Airflow itself, and learns nothing here.
"""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.api_fastapi.core_api.security import get_user
from fastapi import HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.orchestration.asking import action_path, address
from pipeline.portal.permission import may_answer, name_of

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.store.reviews import Ask

_PATH = re.compile(r"/api/v2/dags/(?P<dag>digest__\w+)/dagRuns/(?P<run>[^/]+)/taskInstances/review/-1/hitlDetails/?$")
_LARGEST = 1 << 20
"""Bytes of an answer that are looked at; a form's note has 2,000 characters."""


_SETTLED = 8.0
"""Seconds after an action was asked for, from which on an answer is passed on. The scheduler fails a task that goes on
before it has heard that its process ended, which takes it seconds on a loaded machine. A program can be that quick."""


class CheckAnswers:
    """ASGI middleware of Airflow's api-server."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, but an answer to a review that cannot be taken."""
        found = _PATH.search(scope["path"]) if scope["type"] == "http" and scope["method"] == "PATCH" else None
        if found is None:
            await self.app(scope, receive, send)
            return
        body = await _body(receive)
        user = await _who(Request(scope))
        why = ""
        if user is not None and len(body) <= _LARGEST:
            why = await run_in_threadpool(_refusal, user, found["dag"], found["run"], body)
        if why:
            await JSONResponse({"detail": why}, status_code=409)(scope, receive, send)
            return
        if user is not None:
            await asyncio.sleep(await run_in_threadpool(_early, found["dag"], found["run"]))
        await self.app(scope, _again(body, receive), send)


async def _body(receive: Receive) -> bytes:
    read = bytearray()
    while True:
        message = await receive()
        read += message.get("body", b"")
        if not message.get("more_body") or len(read) > 2 * _LARGEST:
            return bytes(read)


def _again(body: bytes, receive: Receive) -> Receive:
    """What was read, for the one who reads it next."""
    given = False

    async def give() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return give


async def _who(request: Request) -> Any:
    """The user whom Airflow will find; None where it will find none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    bearer = HTTPAuthorizationCredentials(scheme=scheme, credentials=token) if token else None
    try:
        return await get_user(request, None, bearer)
    except HTTPException:
        return None


def _refusal(user: Any, dag_id: str, run_id: str, body: bytes) -> str:
    """Why this answer cannot be taken; empty where it can, and where Airflow itself will say so."""
    from pipeline import settings, steps
    from pipeline.orchestration.review import answer

    try:
        given = json.loads(body)
        options, fields = given["chosen_options"], given.get("params_input") or {}
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
    if not isinstance(fields, dict) or not may_answer(user, dag_id):
        return ""
    loaded = settings.load()
    asked = _asked(dag_id, run_id)
    if asked is None:
        return ""
    event = {"chosen_options": options, "params_input": fields, "responded_by_user": {"name": name_of(user)}}
    review, wrong = answer(event, asked.revision)
    moved = steps.objection(loaded, digest_id=asked.digest_id, review=review) or _ended(asked)
    if why := wrong or moved:
        steps.refuse(loaded, digest_id=asked.digest_id, review=review, reason=why, now=datetime.now(UTC))
        return f"Not taken: {why}.{_where(loaded, asked) if moved else ''}"
    return ""


def _ended(asked: Ask) -> str:
    """What became of an action that Airflow still shows and nothing waits for; Airflow itself tells of an answer."""
    if asked.ended_at is None or asked.ended_as == "answered":
        return ""
    return f"this action has ended at {asked.ended_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC: {asked.ended_as}".rstrip(".")


def _where(loaded: Settings, asked: Ask) -> str:
    """Where the answer is wanted instead, as addresses; empty where none is wanted any more."""
    from pipeline import database
    from pipeline.store import reviews

    with database.connect(loaded) as connection:
        standing = reviews.standing(connection, asked.digest_id)
        if standing is None or standing.newest_state != "draft":
            return ""
        asks = [ask for ask in reviews.asks(connection, standing.newest_id) if ask.ended_at is None]
    here, page = address(loaded), f"{address(loaded)}/wirewatch/digests/{standing.newest_id}/review"
    others = [ask for ask in asks if (ask.dag_id, ask.run_id) != (asked.dag_id, asked.run_id)]
    if others:
        return (
            f" It is asked for at {here}{action_path(others[0].dag_id, others[0].run_id)}, and decided at {page} too."
        )
    if asks or standing.newest_id != asked.digest_id:
        return f" Within a minute or two Required Actions asks for it anew; until then it is decided at {page}."
    return f" It is decided at {page}."


def _early(dag_id: str, run_id: str) -> float:
    """Seconds by which an answer comes too early."""
    asked = _asked(dag_id, run_id)
    if asked is None:
        return 0.0
    return min(max(_SETTLED - (datetime.now(UTC) - asked.asked_at).total_seconds(), 0.0), _SETTLED)


def _asked(dag_id: str, run_id: str) -> Ask | None:
    """What a run asks for, or asked for last; None where it never did."""
    from pipeline import database, settings
    from pipeline.store import reviews

    with database.connect(settings.load()) as connection:
        return reviews.asked(connection, (dag_id, run_id))
