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
from typing import Any

from airflow.api_fastapi.core_api.security import get_user
from fastapi import HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.portal.permission import may_answer, name_of

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
    from pipeline import database, settings, steps
    from pipeline.orchestration.review import answer
    from pipeline.store import reviews

    try:
        given = json.loads(body)
        options, fields = given["chosen_options"], given.get("params_input") or {}
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
    if not isinstance(fields, dict) or not may_answer(user, dag_id):
        return ""
    loaded = settings.load()
    with database.connect(loaded) as connection:
        asked = reviews.asked(connection, (dag_id, run_id))
    if asked is None:
        return ""
    event = {"chosen_options": options, "params_input": fields, "responded_by_user": {"name": name_of(user)}}
    review, wrong = answer(event, asked.revision)
    why = wrong or steps.objection(loaded, digest_id=asked.digest_id, review=review)
    if why:
        steps.refuse(loaded, digest_id=asked.digest_id, review=review, reason=why, now=datetime.now(UTC))
        return f"Not taken: {why}."
    return ""


def _early(dag_id: str, run_id: str) -> float:
    """Seconds by which an answer comes too early."""
    from pipeline import database, settings
    from pipeline.store import reviews

    with database.connect(settings.load()) as connection:
        asked = reviews.asked(connection, (dag_id, run_id))
    if asked is None:
        return 0.0
    return min(max(_SETTLED - (datetime.now(UTC) - asked.asked_at).total_seconds(), 0.0), _SETTLED)
