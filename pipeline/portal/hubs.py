"""Where hubs call (WebSub): the question whether a subscription was meant, and signed documents.

The only page that answers strangers, so it says as little as it can: an address without a subscription is not there,
and what is not signed is thanked for and forgotten. It takes no login, reads no cookie, and nothing that comes is read
here but its signature.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.store.subscriptions import Left, Subscription

_MAX_TOKEN = 100
_BODY_SECONDS = 30.0
"""How long a push may take to arrive; hubs send at once what they have."""
_AT_ONCE = 8
"""Pushes received at the same time in one process; each may hold as much memory as the largest feed."""


def add_to(app: FastAPI) -> None:
    """Add the address of hubs to the portal; without `push_url` it is not there."""
    app.state.pushes = asyncio.Semaphore(_AT_ONCE)
    app.get("/push/{token}", response_class=PlainTextResponse)(confirm)
    app.post("/push/{token}")(receive)


def confirm(token: str, request: Request) -> PlainTextResponse:
    """Answer a hub that asks whether we meant to subscribe, or to end that, with its challenge; else 404."""
    from pipeline import database, settings
    from pipeline.feeds import hubs
    from pipeline.store import subscriptions

    loaded, now = settings.load(), datetime.now(UTC)
    if (left := _left(loaded, token)) is not None:
        echo = hubs.ending(left.asked_at, left.topic_url, _query(request), now)
        if echo is None:
            raise HTTPException(404, "nothing of the kind was asked for")
        with database.connect(loaded) as connection:
            subscriptions.forget_left(connection, token)
        return PlainTextResponse(echo)
    subscription = _subscription(loaded, token)
    verdict = hubs.verdict(subscription.asked_at, subscription.topic_url, _query(request), now)
    if verdict.refused is not None:
        with database.connect(loaded) as connection:
            subscriptions.deny(connection, token, verdict.refused, now + hubs.LEASE)
        return PlainTextResponse("")
    if verdict.echo is None or verdict.until is None or verdict.next_at is None:
        raise HTTPException(404, "nothing of the kind was asked for")
    with database.connect(loaded) as connection:
        subscriptions.confirm(connection, token, verdict.until, verdict.next_at)
    return PlainTextResponse(verdict.echo)


async def receive(token: str, request: Request) -> Response:
    """Take a document that a hub pushes, if it is signed with the subscription's secret; it is read later."""
    from pipeline import settings

    loaded = settings.load()
    if await run_in_threadpool(_left, loaded, token) is not None:
        raise HTTPException(410, "this subscription has ended")  # WebSub, section 7: the hub may end it too
    subscription = await run_in_threadpool(_subscription, loaded, token)
    async with request.app.state.pushes:
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                body = await _body(request, loaded.max_feed_bytes)
        except TimeoutError:
            raise HTTPException(408, "it took too long") from None
        signature, kind = request.headers.get("x-hub-signature"), request.headers.get("content-type")
        await run_in_threadpool(_keep, loaded, subscription, body, signature, kind)
    return Response(status_code=202)


def _query(request: Request) -> Mapping[str, str]:
    return dict(request.query_params)


def _left(loaded: Settings, token: str) -> Left | None:
    from pipeline import database
    from pipeline.store import subscriptions

    _refuse_nonsense(loaded, token)
    with database.connect(loaded) as connection:
        return subscriptions.left_by_token(connection, token)


def _refuse_nonsense(loaded: Settings, token: str) -> None:
    if not loaded.push_url or len(token) > _MAX_TOKEN or not token.isascii() or not token.isprintable():
        raise HTTPException(404, "there is nothing here")


def _subscription(loaded: Settings, token: str) -> Subscription:
    from pipeline import database
    from pipeline.store import subscriptions

    _refuse_nonsense(loaded, token)
    with database.connect(loaded) as connection:
        found = subscriptions.by_token(connection, token)
    if found is None:
        raise HTTPException(404, "there is nothing here")
    return found


async def _body(request: Request, limit: int) -> bytes:
    """The body of a request as far as `limit` bytes; 413 above."""
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced[:18]) > limit:
        raise HTTPException(413, "it is too large")
    read = bytearray()
    async for piece in request.stream():
        read += piece
        if len(read) > limit:
            raise HTTPException(413, "it is too large")
    return bytes(read)


def _keep(loaded: Settings, subscription: Subscription, body: bytes, signature: str | None, kind: str | None) -> None:
    from pipeline import database
    from pipeline.feeds import hubs
    from pipeline.store import subscriptions
    from pipeline.text.characters import storable

    if body and hubs.is_signed(subscription.secret, signature, body):
        with database.connect(loaded) as connection:
            subscriptions.keep(
                connection, subscription.feed_id, body, storable(kind or "")[:200] or None, datetime.now(UTC)
            )
