"""10,000 feeds due at once, each on a host of its own, against a loopback server that answers after 100 ms.

``python -m bench.fetching`` starts the server in a process of its own (a listening socket on each of 127.1.0.1 and
up), then runs, each in a fresh process: our client (robots.txt known, and unknown), and existing async clients that
only fetch, under a semaphore of the same width: httpx, and aiohttp where it is installed. The server keeps when each
host was asked, so that the pace is judged from its side. Everything stays on loopback and ends by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import importlib.util
import ipaddress
import itertools
import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any

from pipeline import web
from pipeline.models import Response
from pipeline.settings import Settings
from pipeline.web import robots

FEED = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>Outlet</title>'
    + b"".join(
        b"<item><title>Story %d from Pyongyang</title><link>http://outlet.example/%d</link>"
        b"<description>%s</description></item>" % (n, n, b"What was said and signed on that day. " * 8)
        for n in range(25)
    )
    + b"</channel></rss>"
)
ROBOTS = b"User-agent: *\nDisallow: /private/\n"
INTERVAL = 2.0
WIDTH = 400


# --- the server -------------------------------------------------------------------------------------------


class Feeds(asyncio.Protocol):
    """Answers each GET after `latency` seconds; `asked` maps a host to the times it was asked at."""

    latency = 0.1
    asked: dict[str, list[float]] = {}  # noqa: RUF012 - shared by all connections on purpose
    bodies = (gzip.compress(FEED), FEED)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.host = str(transport.get_extra_info("sockname")[0])
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head, self.buffer = self.buffer[:end].lower(), self.buffer[end + 4 :]
            self.asked.setdefault(self.host, []).append(time.monotonic())
            asyncio.get_running_loop().call_later(self.latency, self._answer, head)

    def _answer(self, head: bytes) -> None:
        if self.transport.is_closing():
            return
        if head.startswith(b"get /robots.txt"):
            body, more = ROBOTS, b"Content-Type: text/plain\r\n"
        elif b"gzip" in head:
            body, more = self.bodies[0], b"Content-Type: application/rss+xml\r\nContent-Encoding: gzip\r\n"
        else:
            body, more = self.bodies[1], b"Content-Type: application/rss+xml\r\n"
        self.transport.write(b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (more, len(body), body))


async def _serve(pipe: Connection, hosts: list[str]) -> None:
    loop = asyncio.get_running_loop()
    # One listening socket per host, because a socket on all addresses would answer the outside as well.
    first = await loop.create_server(Feeds, hosts[0], 0, backlog=64)
    port = first.sockets[0].getsockname()[1]
    rest = await loop.create_server(Feeds, hosts[1:], port, backlog=64) if hosts[1:] else first
    pipe.send(port)
    while True:
        order = await loop.run_in_executor(None, pipe.recv)
        if order == "stop":
            break
        gaps = [later - earlier for times in Feeds.asked.values() for earlier, later in itertools.pairwise(times)]
        pipe.send(
            {
                "requests": sum(map(len, Feeds.asked.values())),
                "hosts": len(Feeds.asked),
                "smallest_gap": min(gaps, default=None),
            }
        )
        Feeds.asked.clear()
    first.close()
    rest.close()


def serve(pipe: Connection, hosts: list[str]) -> None:
    asyncio.run(_serve(pipe, hosts))


# --- the clients ------------------------------------------------------------------------------------------


class KnownRobots(robots.RobotsStore):
    """A store in which every host's robots.txt already lies, as after the first poll of a day."""

    blocking = False

    def load(self, origin: str) -> robots.RobotsFile:
        return robots.answer(200, ROBOTS, datetime.now(UTC))

    def save(self, origin: str, answer: robots.RobotsFile) -> None:
        raise AssertionError("a known robots.txt is not asked for")


def ours(urls: list[str], width: int, store: robots.RobotsStore | None) -> tuple[int, int]:
    settings = replace(Settings(), allow_hosts="127.0.0.0/8", concurrency=width, host_interval=INTERVAL)
    counts = [0, 0]

    def keep(_: web.Request, result: Any) -> None:
        ok = isinstance(result, Response) and result.body == FEED
        counts[0 if ok else 1] += 1

    with web.Client(settings, robots_store=store) as client:
        client.gather([web.Request(url, purpose="feed") for url in urls], keep)
    return counts[0], counts[1]


def ours_known(urls: list[str], width: int) -> tuple[int, int]:
    return ours(urls, width, KnownRobots())


def ours_cold(urls: list[str], width: int) -> tuple[int, int]:
    return ours(urls, width, None)


def bare_httpx(urls: list[str], width: int) -> tuple[int, int]:
    import httpx

    async def run() -> tuple[int, int]:
        gate, counts = asyncio.Semaphore(width), [0, 0]
        limits = httpx.Limits(max_connections=width, max_keepalive_connections=width)
        async with httpx.AsyncClient(limits=limits, timeout=45, trust_env=False) as client:

            async def one(url: str) -> None:
                async with gate:
                    try:
                        answer = await client.get(url)
                        counts[0 if answer.content == FEED else 1] += 1
                    except httpx.HTTPError:
                        counts[1] += 1

            await asyncio.gather(*map(one, urls))
        return counts[0], counts[1]

    return asyncio.run(run())


def bare_aiohttp(urls: list[str], width: int) -> tuple[int, int]:
    import aiohttp  # type: ignore[import-not-found, unused-ignore]

    async def run() -> tuple[int, int]:
        gate, counts = asyncio.Semaphore(width), [0, 0]
        timeout = aiohttp.ClientTimeout(total=45)
        connector = aiohttp.TCPConnector(limit=width, limit_per_host=1)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:

            async def one(url: str) -> None:
                async with gate:
                    try:
                        async with session.get(url) as answer:
                            counts[0 if await answer.read() == FEED else 1] += 1
                    except (aiohttp.ClientError, TimeoutError):
                        counts[1] += 1

            await asyncio.gather(*map(one, urls))
        return counts[0], counts[1]

    return asyncio.run(run())


def measure(client: Callable[[list[str], int], tuple[int, int]], urls: list[str], width: int, pipe: Connection) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.monotonic()
    fetched, failed = client(urls, width)
    took = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_SELF)
    pipe.send(
        {
            "fetched": fetched,
            "failed": failed,
            "seconds": round(took, 2),
            "feeds_per_s": round(fetched / took, 1),
            "cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 2),
            "peak_mib": round(after.ru_maxrss / 1024, 1),
            "added_mib": round((after.ru_maxrss - before.ru_maxrss) / 1024, 1),
        }
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=10_000)
    parser.add_argument("--width", type=int, default=WIDTH, help="requests under way at once")
    parser.add_argument("--without", nargs="*", default=[], help="clients to leave out, by name")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    orders, theirs = context.Pipe()
    first = int(ipaddress.IPv4Address("127.1.0.1"))
    hosts = [str(ipaddress.IPv4Address(first + n)) for n in range(options.feeds)]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 2 * options.feeds + 2_000)), hard))
    server = context.Process(target=serve, args=(theirs, hosts), daemon=True)
    server.start()
    port = orders.recv()
    urls = [f"http://{host}:{port}/feed.xml" for host in hosts]
    clients: list[Callable[[list[str], int], tuple[int, int]]] = [ours_known, ours_cold, bare_httpx]
    if importlib.util.find_spec("aiohttp"):
        clients.insert(2, bare_aiohttp)
    else:
        sys.stderr.write("aiohttp is not installed (pip install aiohttp): only httpx stands beside ours\n")
    clients = [client for client in clients if client.__name__ not in options.without]
    try:
        for _ in range(options.rounds):
            for client in clients:
                here, there = context.Pipe()
                process = context.Process(target=measure, args=(client, urls, options.width, there))
                process.start()
                figures = here.recv() if here.poll(900) else {"error": "not finished after 900 s"}
                process.join(10)
                process.kill()
                orders.send("report")
                print(
                    json.dumps({"client": client.__name__, "width": options.width} | figures | orders.recv()),
                    flush=True,
                )
    finally:
        orders.send("stop")
        server.join(10)
        server.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
