"""Connections to strangers: the address is checked after DNS and the socket goes to that very address.

Checking a name and connecting to it later asks DNS twice, and the second answer may differ (rebinding). Here the
one answer that was checked is the one that is connected to, while Host and SNI keep the name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass

import h11
import httpx

from pipeline import urls
from pipeline.errors import ItemError
from pipeline.web.http11 import Connection, Head

#: Addresses of one name that are tried before giving up.
MAX_ADDRESSES = 4
#: Seconds an unused connection stays open.
KEEPALIVE = 15.0


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a connection leads; `host` without brackets."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: httpx.URL) -> Origin:
        """The origin of an address."""
        return cls(url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80))


class AllowedHosts:
    """Hosts exempt from the private-address check.

    `names` are host names, IP addresses or networks such as ``10.1.0.0/16`` (which match addresses written in the
    URL, never what a name resolves to); `endpoints` are (host, port) pairs, as of the configured archive.
    """

    def __init__(self, names: Iterable[str], endpoints: Iterable[tuple[str, int]] = ()) -> None:
        self._endpoints = frozenset(endpoints)
        self._names: set[str] = set()
        self._networks = []
        for name in names:
            try:
                self._networks.append(ipaddress.ip_network(name, strict=False))
            except ValueError:
                self._names.add(name.lower())

    def __contains__(self, endpoint: tuple[str, int]) -> bool:
        host = endpoint[0].lower()
        if endpoint in self._endpoints or host in self._names:
            return True
        if not self._networks:
            return False
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


class GuardedConnector:
    """Resolves, refuses addresses that are not public, and connects to the address it checked.

    `seconds` is the time for DNS, connection and handshake together; `ssl_context` serves https.
    """

    def __init__(self, allowed: AllowedHosts, ssl_context: ssl.SSLContext, seconds: float) -> None:
        self._allowed = allowed
        ssl_context.set_alpn_protocols(["http/1.1"])
        self._ssl = ssl_context
        self._seconds = seconds
        # getaddrinfo blocks; the loop's default executor is too small to let slow names wait beside fast ones.
        self._resolvers = ThreadPoolExecutor(max_workers=32, thread_name_prefix="wirewatch-dns")

    async def connect(self, origin: Origin, make: Callable[[], Connection]) -> Connection:
        """A connection to `origin`; `make` gives one for each address that is tried.

        Raises `ItemError` ``dns`` where the name does not resolve, ``private-address`` where no address of it is
        public and the host is not allowed, ``connect``, ``tls`` and ``timeout-connect``.
        """
        started = time.monotonic()
        tries = (await self._checked(origin))[:MAX_ADDRESSES]
        context = self._ssl if origin.scheme == "https" else None
        failure = ItemError("connect", f"{origin.host} has no address")
        for position, address in enumerate(tries):
            # Each address gets its share of what is left, so that a dead first one cannot eat the time of all.
            left = max(self._seconds - (time.monotonic() - started), 0.001) / (len(tries) - position)
            connection = make()
            try:
                await connection.connect(address, origin.port, context, origin.host, left)
                return connection
            except ssl.SSLError as error:
                raise ItemError("tls", _one_line(error)) from None
            except TimeoutError:
                failure = ItemError("timeout-connect", f"{address}: no connection within {left:.1f} s")
            except OSError as error:
                failure = ItemError("connect", f"{address}: {_one_line(error)}")
        raise failure

    async def _checked(self, origin: Origin) -> list[str]:
        found = await self._resolve(origin.host, origin.port, self._seconds)
        if (origin.host, origin.port) in self._allowed:
            return found
        public = [address for address in found if urls.is_public_address(address)]
        if not public:
            raise ItemError("private-address", f"{origin.host} is {found[0]}, which is not a public address")
        return public

    async def _resolve(self, host: str, port: int, seconds: float) -> list[str]:
        try:
            return [str(ipaddress.ip_address(host))]
        except ValueError:
            pass
        loop = asyncio.get_running_loop()
        lookup = loop.run_in_executor(self._resolvers, _addresses, host, port)
        try:
            return await asyncio.wait_for(lookup, seconds)
        except TimeoutError:
            raise ItemError("dns", f"{host}: no answer within {seconds:g} s") from None
        except (socket.gaierror, UnicodeError) as error:
            raise ItemError("dns", f"{host}: {getattr(error, 'strerror', None) or error}") from None

    def close(self) -> None:
        """Let the resolver threads go."""
        self._resolvers.shutdown(wait=False, cancel_futures=True)


def _addresses(host: str, port: int) -> list[str]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


class Connections:
    """Open connections by host, one to each (`wide` hosts: `width`), up to `idle` of them kept for reuse.

    Every connection is in this book from before it has a socket until the socket is closed, so that `close` finds all.
    """

    def __init__(self, connector: GuardedConnector, *, wide: Iterable[str], width: int, idle: int) -> None:
        self._connector = connector
        self._wide = frozenset(wide)
        self._width = width
        self._max_idle = idle
        self._gates: dict[str, tuple[asyncio.Semaphore, int]] = {}
        self._open: set[Connection] = set()
        # Longest idle first.
        self._idle: OrderedDict[Connection, Origin] = OrderedDict()
        self._idle_by_origin: dict[Origin, list[Connection]] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait until fewer than the allowed number of requests to `host` are under way, and be one of them."""
        gate, users = self._gates.get(host) or (asyncio.Semaphore(self._width if host in self._wide else 1), 0)
        self._gates[host] = (gate, users + 1)
        try:
            async with gate:
                yield
        finally:
            gate, users = self._gates.pop(host)
            if users > 1:
                self._gates[host] = (gate, users - 1)

    @asynccontextmanager
    async def exchange(
        self, origin: Origin, request: h11.Request, seconds: float, body: bytes = b""
    ) -> AsyncIterator[tuple[Head, Connection]]:
        """Send a request, in a `turn` of its host, and yield the start of its answer with the body still to be read.

        `seconds` limits the wait for each piece. A kept connection that turns out closed is replaced once. Raises what
        `GuardedConnector.connect` and `Connection.ask` raise. However the block ends, the connection is either kept,
        its answer read, or closed.
        """
        connection, head = await self._send(origin, request, seconds, body)
        try:
            yield head, connection
        finally:
            # Nothing is awaited here: a cancellation would get in between.
            self._put_back(connection, origin)

    async def _send(self, origin: Origin, request: h11.Request, seconds: float, body: bytes) -> tuple[Connection, Head]:
        kept = self._take(origin)
        if kept is not None:
            try:
                return kept, await kept.ask(request, seconds, body)
            except ItemError as error:
                if error.reason != "disconnected" or kept.answered:
                    raise
        fresh = await self._connector.connect(origin, self._new)
        return fresh, await fresh.ask(request, seconds, body)

    def _new(self) -> Connection:
        connection = Connection(self._forget)
        self._open.add(connection)
        return connection

    def _take(self, origin: Origin) -> Connection | None:
        while kept := self._idle_by_origin.get(origin):
            connection = kept[-1]
            self._drop(connection)
            if time.monotonic() - connection.idle_since < KEEPALIVE:
                return connection
            connection.close()
        return None

    def _put_back(self, connection: Connection, origin: Origin) -> None:
        if not connection.free():
            connection.close()
            return
        self._idle[connection] = origin
        self._idle_by_origin.setdefault(origin, []).append(connection)
        while len(self._idle) > self._max_idle or (self._idle and self._oldest_age() > KEEPALIVE):
            next(iter(self._idle)).close()

    def _oldest_age(self) -> float:
        return time.monotonic() - next(iter(self._idle)).idle_since

    def _forget(self, connection: Connection) -> None:
        self._open.discard(connection)
        self._drop(connection)

    def _drop(self, connection: Connection) -> None:
        origin = self._idle.pop(connection, None)
        if origin is None:
            return
        kept = self._idle_by_origin[origin]
        kept.remove(connection)
        if not kept:
            del self._idle_by_origin[origin]

    def close(self) -> None:
        """Close every connection; the loop has to run on for a moment until their sockets are."""
        for connection in list(self._open):
            connection.close()
        self._connector.close()
