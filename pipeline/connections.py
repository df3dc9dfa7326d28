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
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import httpcore

from pipeline import urls
from pipeline.errors import ItemError

#: Addresses of one name that are tried before giving up.
MAX_ADDRESSES = 4
#: Seconds an unused connection stays open.
KEEPALIVE = 15.0

_STALE = (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError, httpcore.ConnectionNotAvailable)


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


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolves, refuses addresses that are not public, and connects to the address it checked.

    `connect_tcp` raises `ItemError` ``dns`` where the name does not resolve and ``private-address`` where no
    address of it is public and the host is not in `allowed`; else what httpcore raises.
    """

    def __init__(self, allowed: AllowedHosts) -> None:
        self._allowed = allowed
        self._tcp = httpcore.AnyIOBackend()
        # getaddrinfo blocks; the loop's default executor is too small to let slow names wait beside fast ones.
        self._resolvers = ThreadPoolExecutor(max_workers=32, thread_name_prefix="wirewatch-dns")

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """See `httpcore.AsyncNetworkBackend.connect_tcp`."""
        started = time.monotonic()
        found = await self._resolve(host, port, timeout)
        if (host, port) not in self._allowed:
            public = [address for address in found if urls.is_public_address(address)]
            if not public:
                raise ItemError("private-address", f"{host} is {found[0]}, which is not a public address")
            found = public
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        tries = found[:MAX_ADDRESSES]
        for position, address in enumerate(tries):
            left = None
            if timeout is not None:
                # Each address gets its share of what is left, so that a dead first one cannot eat the time of all.
                left = max(timeout - (time.monotonic() - started), 0.001) / (len(tries) - position)
            try:
                return await self._tcp.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def _resolve(self, host: str, port: int, timeout: float | None) -> list[str]:
        host = host.strip("[]")
        try:
            return [str(ipaddress.ip_address(host))]
        except ValueError:
            pass
        loop = asyncio.get_running_loop()
        lookup = loop.run_in_executor(self._resolvers, _addresses, host, port)
        try:
            return await asyncio.wait_for(lookup, timeout)
        except TimeoutError:
            raise ItemError("dns", f"{host}: no answer within {timeout:g} s") from None
        except (socket.gaierror, UnicodeError) as error:
            raise ItemError("dns", f"{host}: {getattr(error, 'strerror', None) or error}") from None

    def close(self) -> None:
        """Let the resolver threads go."""
        self._resolvers.shutdown(wait=False, cancel_futures=True)


def _addresses(host: str, port: int) -> list[str]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class Connections:
    """Open connections by host, one to each (`wide` hosts: `width`), up to `idle` of them kept for reuse.

    httpcore's own pool walks all its connections on every request; with thousands of hosts that is most of the
    work, so the book is kept here, by host, and httpcore runs each connection.
    """

    def __init__(
        self, backend: GuardedBackend, ssl_context: ssl.SSLContext, *, wide: Iterable[str], width: int, idle: int
    ) -> None:
        self._backend = backend
        self._ssl = ssl_context
        self._wide = frozenset(wide)
        self._width = width
        self._max_idle = idle
        self._gates: dict[str, tuple[asyncio.Semaphore, int]] = {}
        self._idle: OrderedDict[httpcore.AsyncHTTPConnection, str] = OrderedDict()
        self._idle_by_origin: dict[str, list[httpcore.AsyncHTTPConnection]] = {}

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
    async def exchange(self, request: httpcore.Request) -> AsyncIterator[httpcore.Response]:
        """Send a request, in a `turn` of its host, and yield its response with the body still to be read.

        A kept connection that turns out closed is replaced once. Raises what httpcore and the backend raise.
        """
        connection, response = await self._send(request)
        try:
            yield response
        finally:
            await response.aclose()
            await self._put_back(connection, str(request.url.origin))

    async def _send(self, request: httpcore.Request) -> tuple[httpcore.AsyncHTTPConnection, httpcore.Response]:
        kept = self._take(str(request.url.origin))
        if kept is not None:
            try:
                return kept, await kept.handle_async_request(request)
            except _STALE:
                await kept.aclose()
        fresh = httpcore.AsyncHTTPConnection(
            request.url.origin, self._ssl, keepalive_expiry=KEEPALIVE, network_backend=self._backend
        )
        try:
            return fresh, await fresh.handle_async_request(request)
        except BaseException:
            await fresh.aclose()
            raise

    def _take(self, origin: str) -> httpcore.AsyncHTTPConnection | None:
        kept = self._idle_by_origin.get(origin)
        if not kept:
            return None
        connection = kept.pop()
        if not kept:
            del self._idle_by_origin[origin]
        del self._idle[connection]
        return connection

    async def _put_back(self, connection: httpcore.AsyncHTTPConnection, origin: str) -> None:
        if not connection.is_idle():
            await connection.aclose()
            return
        self._idle[connection] = origin
        self._idle_by_origin.setdefault(origin, []).append(connection)
        while len(self._idle) > self._max_idle:
            oldest, its_origin = next(iter(self._idle.items()))
            self._drop(oldest, its_origin)
            await oldest.aclose()

    def _drop(self, connection: httpcore.AsyncHTTPConnection, origin: str) -> None:
        del self._idle[connection]
        kept = self._idle_by_origin[origin]
        kept.remove(connection)
        if not kept:
            del self._idle_by_origin[origin]

    async def aclose(self) -> None:
        """Close every kept connection."""
        for connection, origin in list(self._idle.items()):
            self._drop(connection, origin)
            await connection.aclose()
        self._backend.close()
