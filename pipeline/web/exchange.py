"""One HTTP request and its answer, inside the limits; no redirects, no robots, no pacing.

Every way it can fail is an `ItemError` with a stable reason; `REASONS` lists them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import h11
import httpx

from pipeline import urls
from pipeline.errors import ItemError
from pipeline.models import sets
from pipeline.settings import Settings
from pipeline.web.compression import ACCEPT_ENCODING, Body
from pipeline.web.connections import Connections, Origin
from pipeline.web.http11 import Connection, Head

#: What the codes of the whole web client mean; ``http-<status>`` and ``archive-<status>`` come on top.
REASONS: Mapping[str, str] = sets.REQUESTS

#: Reasons of requests that were never sent, or not heard to their end, through no fault of their own.
UNASKED = frozenset({"unresponsive", "not-reached"})

#: Bytes of an error page or redirect that are read to keep the connection; longer ones cost the connection.
_DRAIN = 65_536


@dataclass(frozen=True, slots=True)
class Exchange:
    """An answer: header names are lower case, repeated headers joined by commas, `body` is plain bytes.

    `body` is empty unless the status is 2xx: nobody reads error pages. `cookies` has each Set-Cookie.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    wire_bytes: int
    cookies: tuple[str, ...] = ()


def parse_url(text: str) -> httpx.URL:
    """A fetchable address without its fragment, host in IDNA form, path percent-encoded.

    Raises `ItemError` ``bad-url``, ``bad-scheme`` or ``bad-port``.
    """
    try:
        url = httpx.URL(text.strip()).copy_with(fragment=None)
        host = url.host  # read back from its ASCII form, which need not be one
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise ItemError("bad-url", f"{error}", url=text) from None
    if url.scheme not in ("http", "https"):
        raise ItemError("bad-scheme", f"{url.scheme or 'no scheme'} in {text[:200]!r}", url=text)
    if not host or len(host) > urls.MAX_HOST_LENGTH:
        raise ItemError("bad-url", "no host" if not host else "a host name longer than there are any", url=text)
    if url.port is not None and not 0 < url.port < 65_536:
        raise ItemError("bad-port", f"there is no port {url.port}", url=text)
    return url


def joined(url: httpx.URL, location: str) -> str:
    """The address that a redirect or a link of `url` leads to. Raises `ItemError` ``bad-url``."""
    try:
        return str(url.join(location))
    except (httpx.InvalidURL, ValueError):
        raise ItemError("bad-url", f"it leads to {location[:200]!r}", url=str(url)) from None


class Exchanger:
    """Sends single requests over `connections` under the time limits of `settings`."""

    def __init__(self, settings: Settings, connections: Connections) -> None:
        self._connections = connections
        self._always = (
            (b"User-Agent", settings.user_agent.encode()),
            (b"Accept-Encoding", ACCEPT_ENCODING.encode()),
            (b"Connection", b"keep-alive"),
        )
        self._read_timeout = settings.read_timeout

    def turn(self, host: str) -> AbstractAsyncContextManager[None]:
        """See `Connections.turn`; `send` belongs inside."""
        return self._connections.turn(host)

    async def send(
        self, url: httpx.URL, headers: Mapping[str, str], limit: int, seconds: float, body: bytes | None = None
    ) -> Exchange:
        """GET `url` within `seconds`, or POST a `body` to it. Raises `ItemError`.

        `limit` is the largest plain body in bytes that may come back.
        """
        address = str(url)
        try:
            async with asyncio.timeout(seconds):
                request = self._request(url, headers, body)
                asked = self._connections.exchange(Origin.of(url), request, self._read_timeout, body or b"")
                async with asked as (head, connection):
                    return await self._read(address, head, connection, limit)
        except ItemError as error:
            raise ItemError(error.reason, error.detail, url=address, retry_after=error.retry_after) from None
        except TimeoutError:
            raise ItemError("timeout-total", f"not finished after {seconds:.1f} s", url=address) from None

    def _request(self, url: httpx.URL, headers: Mapping[str, str], body: bytes | None) -> h11.Request:
        # Validators come from strangers and go back as they came; h11 refuses what would end a header.
        fields = [(name.encode("ascii"), value.encode()) for name, value in headers.items()]
        if body is not None:
            fields.append((b"Content-Length", str(len(body)).encode()))
        method = b"GET" if body is None else b"POST"
        headers_sent = [(b"Host", url.netloc), *self._always, *fields]
        try:
            return h11.Request(method=method, target=url.raw_path, headers=headers_sent)
        except h11.LocalProtocolError as error:
            raise ItemError("protocol", f"not a request: {error}") from None

    async def _read(self, address: str, head: Head, connection: Connection, limit: int) -> Exchange:
        headers: dict[str, str] = {}
        cookies: list[str] = []
        for raw_name, raw_value in head.headers:
            name, value = raw_name.decode("latin-1"), _header_text(raw_value)
            if name == "set-cookie":
                cookies.append(value)
                continue
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        wanted = 200 <= head.status < 300
        if wanted and int(headers.get("content-length", "0")) > limit and "content-encoding" not in headers:
            raise ItemError("too-large", f"{headers['content-length']} bytes announced, the limit is {limit}")
        encoding = headers.get("content-encoding", "") if wanted else ""
        body = Body(encoding, limit if wanted else _DRAIN, look=wanted)
        try:
            while (piece := await connection.piece(self._read_timeout)) is not None:
                body.feed(piece)
            plain = body.finish() if wanted else b""
        except ItemError as error:
            # The rest of an error page is not worth its bytes, and its connection is not kept.
            if wanted or error.reason != "too-large":
                raise
            plain = b""
        return Exchange(address, head.status, headers, plain, body.wire_bytes, tuple(cookies))


def _header_text(raw: bytes) -> str:
    # Location and titles in UTF-8 are common; Latin-1 is what the standard once said and decodes anything.
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
