"""Whole polls of many feeds, from the request to the rows: ours beside lemon24/reader, and beside bare aiohttp.

    python -m bench.readers [--feeds 1000] [--latency 100] [--rounds first changed unchanged] [--without reader aiohttp]

A server in a process of its own gives each feed a host of its own (127.1.0.1 and up) and answers after `--latency`
milliseconds. A feed has 20 entries. In the round *changed* each feed has one entry more at its head, one less at its
end and one with another headline; in *unchanged* it is as it was, and is answered in full.

Each round of each client is a process of its own, so that start-up counts, and the clients take turns. Ours asks
robots.txt, keeps two seconds between two requests to a host, and writes into the embedded Postgres. reader
(the extra ``bench``) does neither of the first two, and writes into SQLite. aiohttp only fetches. A line a
run says the seconds, the processor time of the client's processes and of its database, their memory at most (PSS,
sampled), what stands in the tables, and from the server's side the requests and the shortest time between two of one
host. The last lines are ratios of one run.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import ipaddress
import itertools
import json
import multiprocessing
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil

from pipeline import database, steps
from pipeline.database import embedded
from pipeline.models import FeedSource
from pipeline.settings import Settings
from pipeline.store import feeds as feed_store
from tests.support.project import REPOSITORY

ENTRIES = 20
WIDTH = 32
"""Requests under way at once, in each client: our default."""
ROBOTS = b"User-agent: *\nDisallow: /private/\n"
START = datetime(2024, 6, 18, tzinfo=UTC)
PROSE = "the leaders met in the capital on Wednesday and signed a treaty that both sides called historic"
WORDS = PROSE.split()
_LOOK_SECONDS = 0.1

# --- the server -------------------------------------------------------------------------------------------


def document(host: str, version: int) -> bytes:
    """A host's feed at a version; its newest entry comes first."""
    newest = ENTRIES + version
    items = (_item(host, number, version) for number in range(newest, newest - ENTRIES, -1))
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>Outlet {host}</title><link>https://{host}.example/'
        f"</link>{''.join(items)}</channel></rss>"
    ).encode()


def _item(host: str, number: int, version: int) -> str:
    edited = f", corrected at {version}" if version and number == ENTRIES + version - 5 else ""
    title = " ".join(WORDS[(number + n) % len(WORDS)] for n in range(8))
    text = " ".join(WORDS[(number * 3 + n) % len(WORDS)] for n in range(45))
    at = START + timedelta(minutes=20 * number)
    link = f"https://www.{host}.example/world/{at:%Y/%m/%d}/{number}"
    return (
        f"<item><title>{number} {title}{edited}</title><link>{link}?utm_source=rss</link>"
        f"<guid isPermaLink='false'>{host}-{number}</guid><pubDate>{at:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
        f"<category>World</category><description>&lt;p&gt;{text}.&lt;/p&gt;</description></item>"
    )


class Outlets(asyncio.Protocol):
    """Answers each GET after `latency` seconds; `asked` maps a host to the times it was asked at."""

    latency = 0.1
    version = 0
    asked: dict[str, list[float]] = {}  # noqa: RUF012 - shared by all connections on purpose
    made: dict[tuple[str, int], bytes] = {}  # noqa: RUF012

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
        kind, body = b"text/plain", ROBOTS
        if not head.startswith(b"get /robots.txt"):
            kind, body = b"application/rss+xml", self.made[self.host, self.version]
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s" % (kind, len(body), body)
        )


async def _serve(pipe: Connection, hosts: list[str]) -> None:
    loop = asyncio.get_running_loop()
    # One listening socket per host, because a socket on all addresses would answer the outside as well.
    first = await loop.create_server(Outlets, hosts[0], 0, backlog=64)
    port = first.sockets[0].getsockname()[1]
    rest = await loop.create_server(Outlets, hosts[1:], port, backlog=64) if hosts[1:] else first
    pipe.send(port)
    while True:
        order = await loop.run_in_executor(None, pipe.recv)
        if order == "stop":
            break
        if isinstance(order, int):
            Outlets.version = order
            Outlets.made = {(host, order): document(host, order) for host in hosts}
            pipe.send(order)
            continue
        gaps = [later - earlier for times in Outlets.asked.values() for earlier, later in itertools.pairwise(times)]
        pipe.send({"requests": sum(map(len, Outlets.asked.values())), "smallest_gap": min(gaps, default=None)})
        Outlets.asked.clear()
    first.close()
    rest.close()


def serve(pipe: Connection, hosts: list[str], latency: float) -> None:
    """Be the server, until told to stop."""
    Outlets.latency = latency
    asyncio.run(_serve(pipe, hosts))


@contextmanager
def server(count: int, latency: float) -> Iterator[tuple[list[str], Connection]]:
    """A server of so many feeds; their addresses, and the pipe that takes a version or asks for a report."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 2 * count + 2_000)), hard))
    orders, theirs = multiprocessing.get_context("spawn").Pipe()
    first = int(ipaddress.IPv4Address("127.1.0.1"))
    hosts = [str(ipaddress.IPv4Address(first + n)) for n in range(count)]
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, hosts, latency), daemon=True)
    process.start()
    try:
        port = orders.recv()
        yield [f"http://{host}:{port}/feed.xml" for host in hosts], orders
    finally:
        orders.send("stop")
        process.join(10)
        process.kill()


# --- the clients, each in a process of its own ------------------------------------------------------------


def ours(urls: Sequence[str], place: str) -> None:
    """Poll what is due, as `wirewatch collect` does."""
    settings = Settings(database_url=place, allow_hosts="127.0.0.0/8", concurrency=WIDTH)
    now = datetime.now(UTC)
    due = [feed_id for batch in steps.due_batches(settings, now=now) for feed_id in batch]
    steps.poll(settings, feed_ids=due, now=now)
    database.close_idle()


def reader(urls: Sequence[str], place: str) -> None:
    """Update all feeds of a reader."""
    from reader import make_reader  # type: ignore[import-not-found, unused-ignore]

    made = make_reader(place)
    made.update_feeds(workers=WIDTH, scheduled=False)
    made.close()


def bare_aiohttp(urls: Sequence[str], place: str) -> None:
    """Fetch all feeds, and do nothing with them."""
    import aiohttp  # type: ignore[import-not-found, unused-ignore]

    async def run() -> None:
        connector = aiohttp.TCPConnector(limit=WIDTH, limit_per_host=1)
        async with aiohttp.ClientSession(connector=connector) as session:

            async def one(url: str) -> None:
                async with session.get(url) as answer:
                    await answer.read()

            await asyncio.gather(*map(one, urls))

    asyncio.run(run())


CLIENTS = {"ours": ours, "reader": reader, "aiohttp": bare_aiohttp}

# --- measuring --------------------------------------------------------------------------------------------


class Usage:
    """What a process and all below it have used: processor seconds, and at most at once in megabytes (PSS)."""

    def __init__(self, root: int) -> None:
        self.root = root
        self.most = 0.0
        self._seconds: dict[int, float] = {}

    def look(self) -> None:
        """Take a sample."""
        held = 0.0
        try:
            root = psutil.Process(self.root)
            family = [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        for process in family:
            try:
                times = process.cpu_times()
                self._seconds[process.pid] = times.user + times.system
                held += process.memory_full_info().pss
            except psutil.Error:
                continue
        self.most = max(self.most, held / 1e6)

    @property
    def seconds(self) -> float:
        return sum(self._seconds.values())


def measure(client: str, place: str, urls: Path, postgres: int | None) -> dict[str, Any]:
    """Run one client in a process of its own."""
    command = [sys.executable, "-m", "bench.readers", "--client", client, "--place", place, "--urls", str(urls)]
    server_usage = Usage(postgres) if postgres else None
    if server_usage:
        server_usage.look()
    before = server_usage.seconds if server_usage else 0.0
    began = time.monotonic()
    with subprocess.Popen(command, cwd=REPOSITORY) as process:
        usage = Usage(process.pid)
        while process.poll() is None:
            usage.look()
            if server_usage:
                server_usage.look()
            time.sleep(_LOOK_SECONDS)
    took = time.monotonic() - began
    if process.returncode:
        raise RuntimeError(f"{client} ended with {process.returncode}")
    figures = {"seconds": round(took, 2), "cpu_s": round(usage.seconds, 2), "memory_mb": round(usage.most)}
    if server_usage:
        more = {"database_cpu_s": round(server_usage.seconds - before, 2), "database_mb": round(server_usage.most)}
        figures |= more
    return figures


def stored(client: str, place: str) -> dict[str, int]:
    """What stands in a client's tables."""
    if client == "ours":
        with database.connect(Settings(database_url=place)) as connection:
            rows = {
                name: int(connection.execute(f"SELECT count(*) AS n FROM {name}").fetchall()[0]["n"])
                for name in ("entries", "entry_revisions", "fetches")
            }
        database.close_idle()
        return rows
    if client == "reader":
        from reader import make_reader

        made = make_reader(place)
        count = made.get_entry_counts().total or 0
        made.close()
        return {"entries": count}
    return {}


def prepare(client: str, place: str, urls: Sequence[str]) -> None:
    """Let a client know its feeds."""
    if client == "ours":
        settings = Settings(database_url=place)
        database.migrate(settings)
        with database.connect(settings) as connection:
            for url in urls:
                feed_store.add(connection, FeedSource(url, ""), url.split("/")[2])
        database.close_idle()
    elif client == "reader":
        from reader import make_reader

        made = make_reader(place)
        for url in urls:
            made.add_feed(url)
        made.close()


def make_due(place: str) -> None:
    """Let all feeds be due, as if their time had come."""
    with database.connect(Settings(database_url=place)) as connection:
        connection.execute("UPDATE feeds SET next_poll_at = 'epoch'")
    database.close_idle()


def main() -> int:
    """Print a line a run, then the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=1_000)
    parser.add_argument("--latency", type=float, default=100.0, help="milliseconds until the server answers")
    parser.add_argument("--rounds", nargs="*", default=["first", "changed", "unchanged"])
    parser.add_argument("--without", nargs="*", default=[], help="clients to leave out, by name")
    parser.add_argument("--client", choices=CLIENTS, help=argparse.SUPPRESS)
    parser.add_argument("--place", help=argparse.SUPPRESS)
    parser.add_argument("--urls", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.client:
        CLIENTS[options.client](json.loads(options.urls.read_text()), options.place)
        return 0
    names = [name for name in CLIENTS if name not in options.without]
    for name in [name for name in names if name != "ours" and importlib.util.find_spec(name) is None]:
        sys.stderr.write(f"{name} is not installed (pip install --require-hashes -r .ci/bench.lock) and is left out\n")
        names.remove(name)
    folder = Path(tempfile.mkdtemp(prefix="wirewatch-readers-"))
    folder.chmod(0o755)
    try:
        run(folder, options.feeds, options.latency / 1_000, options.rounds, names)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def run(folder: Path, feeds: int, latency: float, rounds: Sequence[str], names: Sequence[str]) -> None:
    """All rounds of all clients, taking turns."""
    base = Settings(home=folder / "home")
    seconds: dict[tuple[str, str], float] = {}
    with server(feeds, latency) as (urls, orders), embedded.running(base) as postgres:
        postgres.ensure_database("readers")
        places = {"ours": postgres.url("readers"), "reader": str(folder / "reader.sqlite"), "aiohttp": ""}
        listed = folder / "urls.json"
        listed.write_text(json.dumps(urls))
        pid = int((folder / "home").rglob("postmaster.pid").__next__().read_text().split()[0])
        for name in names:
            prepare(name, places[name], urls)
        version = 0
        for each in rounds:
            version += each == "changed"
            orders.send(version)
            orders.recv()
            for name in names:
                if name == "ours":
                    make_due(places[name])
                figures = measure(name, places[name], listed, pid if name == "ours" else None)
                seconds[each, name] = figures["seconds"]
                orders.send("report")
                line = {"round": each, "client": name, "feeds": feeds} | figures | orders.recv()
                print(json.dumps(line | stored(name, places[name])), flush=True)
    for each in rounds:
        ratios = {name: round(seconds[each, "ours"] / seconds[each, name], 2) for name in names if name != "ours"}
        if "ours" in names and ratios:
            print(json.dumps({"round": each, "ours_to": ratios}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
