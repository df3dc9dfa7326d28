"""Outlets that do to a reader what strangers may: each kind is a host of its own on loopback, all in one server.

A kind names what it serves in place of a good outlet's robots.txt, feed or page, and the outcomes that its row may end
with. What it serves are the bytes of the answer, and pauses in seconds; the connection closes behind them.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape

Answer = Sequence[bytes | float]
Serves = Callable[["Kind"], Answer]

WORDS = (
    "Putin", "Kim Jong Un", "Pyongyang", "Moscow", "treaty", "summit", "visit", "partnership", "agency", "state",
    "signed", "said", "Wednesday", "defence", "leaders", "talks", "welcomed", "palace", "train", "limousine", "pact",
    "aid", "clause", "article", "minister", "ceremony", "square", "flags", "guests", "evening", "statement", "border",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """One hostile outlet: `serves` by path, `outcomes` of its feed and, where its page is what is hostile, its page."""

    name: str
    serves: Mapping[str, Serves]
    feed: frozenset[str] = frozenset({"ok"})
    page: frozenset[str] | None = None
    address: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is, once the server runs."""
        return self.address[0]


# --- what a good outlet serves --------------------------------------------------------------------------------


def prose(name: str, sentences: int = 12) -> str:
    """A text on the topic that no other outlet has."""
    random_ = random.Random(name)
    made = (" ".join(random_.choices(WORDS, k=14)) for _ in range(sentences))
    return " ".join(f"Putin and Kim Jong Un {words}." for words in made)


def title(name: str) -> str:
    return f"Putin and Kim Jong Un sign treaty in Pyongyang, {name} says"


def answer(body: str | bytes, kind: str = "text/html; charset=utf-8", status: str = "200 OK", more: str = "") -> Answer:
    """A whole answer of HTTP/1.1; `more` are further header lines, each with its end."""
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(raw)}\r\n{more}Connection: close\r\n\r\n"
    return [head.encode("latin-1"), raw]


def rss(kind: Kind, inside: str = "", channel: str = "", item: str | None = None) -> str:
    """A feed of one entry; `inside` goes into it, `channel` before it, `item` takes the place of its fields."""
    fields = item or (
        f"<title>{escape(title(kind.name))}</title><link>{kind.url}/page</link><guid>{escape(kind.name)}</guid>"
        f"<pubDate>Wed, 19 Jun 2024 08:00:00 GMT</pubDate><description>{escape(prose(kind.name, 2))}</description>"
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{escape(kind.name)}</title>{channel}'
        f"<item>{fields}{inside}</item></channel></rss>"
    )


def page(kind: Kind, head: str = "", body: str = "", heading: str | None = None) -> str:
    """A page with an article; `head` and `body` go into it, `heading` takes the place of its headline."""
    named = heading or title(kind.name)
    paragraphs = "".join(f"<p>{prose(f'{kind.name} {number}', 4)}</p>" for number in range(4))
    return (
        f'<!doctype html><html lang="en"><head><title>{named}</title>{head}</head><body><article><h1>{named}</h1>'
        f"{paragraphs}{body}</article></body></html>"
    )


def _good(kind: Kind, path: str) -> Answer:
    if path == "/feed":
        return answer(rss(kind), "application/rss+xml; charset=utf-8")
    if path == "/page":
        return answer(page(kind))
    return answer("", status="404 Not Found")


# --- the server -----------------------------------------------------------------------------------------------


@contextmanager
def serve(outlets: Sequence[Kind]) -> Iterator[list[str]]:
    """Serve each outlet on an address of its own of 127.0.0.0/8; yields the hosts, and sets `Kind.url`."""
    hosts = {f"127.1.{number // 250}.{number % 250 + 1}": kind for number, kind in enumerate(outlets)}
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode("latin-1")
            kind = hosts[writer.get_extra_info("sockname")[0]]
            serves = kind.serves.get(path)
            for piece in serves(kind) if serves else _good(kind, path):
                if isinstance(piece, float):
                    await asyncio.sleep(piece)
                else:
                    writer.write(piece)
                    await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client has had enough
        finally:
            writer.close()

    async def begin() -> list[asyncio.Server]:
        first = await asyncio.start_server(one, next(iter(hosts)), 0)
        port = first.sockets[0].getsockname()[1]
        rest = await asyncio.start_server(one, list(hosts)[1:], port)
        for host, kind in hosts.items():
            kind.address[:] = [f"http://{host}:{port}"]
        return [first, rest]

    async def end(servers: list[asyncio.Server]) -> None:
        for server in servers:
            server.close()
        others = asyncio.all_tasks(loop) - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    servers = asyncio.run_coroutine_threadsafe(begin(), loop).result()
    try:
        yield list(hosts)
    finally:
        asyncio.run_coroutine_threadsafe(end(servers), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
