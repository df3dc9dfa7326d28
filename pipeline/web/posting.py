"""One POST to an address that the settings name: bounded in time and bytes, with a key by which it is known again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar
from uuid import uuid4

import httpx

from pipeline.errors import ItemError
from pipeline.settings import Settings
from pipeline.text.characters import storable
from pipeline.web import signing
from pipeline.web.background_loop import BackgroundLoop
from pipeline.web.fetching import retry_after

#: Bytes of an answer that are read, and the seconds for them: enough to say what a receiver disliked.
_ANSWER_BYTES = 2_000
_ANSWER_SECONDS = 2.0
#: Letters of an answer that are kept.
_ANSWER_LETTERS = 200

ANSWER_LIMIT = 100_000
"""Bytes of a service's answer."""
_T = TypeVar("_T")

_loop = BackgroundLoop("wirewatch-post")


def post(settings: Settings, url: str, body: bytes, content_type: str, key: str = "", secret: str = "") -> str:
    """Send `body` to a webhook, which may be inside one's own network; returns its answer as a line.

    The whole takes `total_timeout` at most. Redirects are not followed. `key` goes along as ``Idempotency-Key``
    (draft-ietf-httpapi-idempotency-key-header): a receiver that has seen it need not act again. With a `secret` it is
    signed as well (`signing`). Raises `ItemError` with ``http-<status>`` for any answer but 2xx, ``bad-secret``, or the
    reason why there was none.
    """
    headers = {"Idempotency-Key": f'"{key}"'} if key else {}  # a string of RFC 8941, quotes and all
    if secret:
        headers |= signing.headers(secret, key or str(uuid4()), datetime.now(UTC), body)
    status, said = _answered(settings, url, body, {"Content-Type": content_type, **headers}, _beginning)
    return f"{status} {said}".strip()


def ask(settings: Settings, url: str, body: bytes, content_type: str) -> bytes:
    """Send `body` to a service, which may be inside one's own network; returns the body of its answer.

    As `post`; an answer of more than `ANSWER_LIMIT` bytes raises ``too-large``.
    """
    return _answered(settings, url, body, {"Content-Type": content_type}, _whole)[1]


def _answered(
    settings: Settings, url: str, body: bytes, headers: dict[str, str], read: Callable[[httpx.Response], Awaitable[_T]]
) -> tuple[int, _T]:
    """The status, 2xx, and what `read` makes of the answer."""
    headers |= {"User-Agent": settings.user_agent, "Accept-Encoding": "identity"}
    try:
        status, after, said, refusal = _loop.submit(_exchange(settings, url, body, headers, read)).result()
    except (TimeoutError, httpx.TimeoutException) as error:
        raise ItemError(
            "timeout-total", str(error) or f"no answer within {settings.total_timeout:g} s", url=url
        ) from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):  # whose words quote the address, and a password in it
        raise ItemError("bad-url", "it is no address of http or https", url=url) from None
    except httpx.HTTPError as error:
        raise ItemError("connect", str(error), url=url) from error
    if said is None:
        raise ItemError(f"http-{status}", refusal, url=url, retry_after=retry_after(after, datetime.now(UTC)))
    return status, said


async def _exchange(
    settings: Settings, url: str, body: bytes, headers: dict[str, str], read: Callable[[httpx.Response], Awaitable[_T]]
) -> tuple[int, str | None, _T | None, str]:
    """Status, Retry-After, what was read of a 2xx, and the beginning of any other answer's text."""
    timeout = httpx.Timeout(settings.read_timeout, connect=settings.connect_timeout)
    async with (
        asyncio.timeout(settings.total_timeout),
        httpx.AsyncClient(timeout=timeout) as client,
        client.stream("POST", url, content=body, headers=headers) as answer,
    ):
        after = answer.headers.get("retry-after")
        if not 200 <= answer.status_code < 300:
            return answer.status_code, after, None, await _beginning(answer)
        return answer.status_code, after, await read(answer), ""


async def _whole(answer: httpx.Response) -> bytes:
    read = b""
    async for piece in answer.aiter_raw():
        read += piece
        if len(read) > ANSWER_LIMIT:
            raise ItemError("too-large", f"more than {ANSWER_LIMIT} bytes", url=str(answer.url))
    return read


async def _beginning(answer: httpx.Response) -> str:
    """One line of what was answered; its phrase where that is nothing, or does not come."""
    read = b""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            async for piece in answer.aiter_raw():
                read += piece
                if len(read) >= _ANSWER_BYTES:
                    break
    except (TimeoutError, httpx.HTTPError):
        pass  # the status came, and that is the answer
    text = "" if "content-encoding" in answer.headers else read[:_ANSWER_BYTES].decode("utf-8", "replace")
    return " ".join(storable(text).split())[:_ANSWER_LETTERS] or answer.reason_phrase
