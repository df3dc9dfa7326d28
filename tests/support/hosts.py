"""Outlets on several loopback addresses, each a host of its own, whose answers a test decides and may hold back."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

HTML = "text/html; charset=utf-8"
RSS = "application/rss+xml"
SUMMARY = "Vladimir Putin and Kim Jong Un signed a partnership treaty in Pyongyang on Wednesday."
PROSE = (
    "Vladimir Putin and Kim Jong Un signed a comprehensive partnership treaty in Pyongyang on Wednesday.",
    "The Russian president had arrived in North Korea in the night, hours later than the Kremlin had planned.",
    "Ministers of both countries had prepared the text for months and left one article open until the last evening.",
    "Officials in Seoul and Washington said they would study the wording, which was to be published within days.",
)
Answer = Callable[[], bytes]


class Hosts:
    """A web of loopback addresses 127.0.0.1 to 127.0.0.`count`; `asked` lists (host, path) in order of arrival.

    What is served may be a function, called in a thread of its own for each request: it can wait for `release`.
    """

    def __init__(self, count: int = 1) -> None:
        self.asked: list[tuple[str, str]] = []
        self.released = threading.Event()
        self._answers: dict[tuple[str, str], tuple[str, bytes | Answer]] = {}
        self._redirects: dict[tuple[str, str], tuple[int, str]] = {}
        first = ThreadingHTTPServer(("127.0.0.1", 0), self._handler("127.0.0.1"))
        self.port = int(first.server_address[1])
        more = [f"127.0.0.{number}" for number in range(2, count + 1)]
        self._servers = [first, *(ThreadingHTTPServer((host, self.port), self._handler(host)) for host in more)]
        self._threads = [threading.Thread(target=each.serve_forever, args=(0.02,)) for each in self._servers]

    def _handler(self, host: str) -> type[BaseHTTPRequestHandler]:
        hosts = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hosts.asked.append((host, self.path))
                if (host, self.path) in hosts._redirects:
                    status, target = hosts._redirects[host, self.path]
                    self.send_response(status)
                    self.send_header("Location", target)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                kind, answer = hosts._answers.get((host, self.path), ("text/plain", b""))
                body = answer() if callable(answer) else answer
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def handle(self) -> None:
                with contextlib.suppress(ConnectionError):  # the client gave up waiting
                    super().handle()

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def serve(self, path: str, body: bytes | Answer, kind: str = HTML, host: str = "127.0.0.1") -> str:
        """Let a path of a host answer so from now on; returns its address."""
        self._answers[host, path] = (kind, body)
        return f"http://{host}:{self.port}{path}"

    def redirect(self, path: str, target: str, status: int = 301, host: str = "127.0.0.1") -> str:
        """Let a path of a host redirect from now on; returns its address."""
        self._redirects[host, path] = (status, target)
        return f"http://{host}:{self.port}{path}"

    def wait(self) -> bytes:
        """An answer that comes only after `release`, or never: the host hangs."""
        self.released.wait(120)
        return b""

    def __enter__(self) -> Self:
        for server, thread in zip(self._servers, self._threads, strict=True):
            server.daemon_threads = True
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.released.set()
        for server, thread in zip(self._servers, self._threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()


def article(title: str, prose: tuple[str, ...] = PROSE) -> bytes:
    """A page with an article on the topic of the tests."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in prose)
    return (
        f"<!doctype html><html lang='en'><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}"
        "</article></body></html>"
    ).encode()


def feed(*items: tuple[str, str], summary: str = SUMMARY) -> bytes:
    """An RSS feed whose items are (address, title), published at nine on 19 June 2024."""
    inside = "".join(
        f"<item><title>{title}</title><link>{url}</link><guid>{url}</guid>"
        f"<pubDate>Wed, 19 Jun 2024 09:00:00 GMT</pubDate><description>{summary}</description></item>"
        for url, title in items
    )
    return f"<rss version='2.0'><channel><title>Outlet</title>{inside}</channel></rss>".encode()
