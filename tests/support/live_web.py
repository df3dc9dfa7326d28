"""The recorded web as a live one: each outlet at a loopback address of its own, as it stood at the last capture.

A page names its outlet by ``https://www.outlet.example`` and is served from ``http://127.0.1.N:port``; what it says of
addresses is put right in its bytes, so that links, feeds and canonical addresses hold.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import threading
import time
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from pipeline.archive.warc import Capture, CaptureIndex
from tests.support.project import REPOSITORY

RECORDED = REPOSITORY / "seeds" / "recorded"
_NAMED = re.compile(rb"https?://((?:[\w-]+\.)+example)(?=[/\"'<>?#\s\\]|$)")


@dataclass(slots=True)
class LiveWeb:
    """Serves until the end of its `with`; `asked` counts (host, path), and each page takes `wait` seconds more."""

    wait: float = 0.0
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    port: int = 0
    _hosts: dict[str, str] = field(default_factory=dict)
    _index: CaptureIndex = field(default_factory=lambda: CaptureIndex.read([RECORDED]))
    _servers: list[ThreadingHTTPServer] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)
    _counting: threading.Lock = field(default_factory=threading.Lock)

    @property
    def addresses(self) -> str:
        """The hosts, as ``WIREWATCH_ALLOW_HOSTS`` takes them."""
        return ",".join(self._hosts.values())

    def at(self, url: str) -> str:
        """Where an address of the recorded web is served."""
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return f"http://{self._hosts[parts.netloc]}:{self.port}{parts.path}{query}"

    def seeds(self, folder: Path) -> Path:
        """Make a folder of seeds: the shipped topics, and the recorded feed list with the addresses that are served."""
        for name in ("topics", "documents"):
            shutil.copytree(REPOSITORY / "seeds" / name, folder / name)
        tree = ET.parse(RECORDED / "feeds.opml")  # our own file
        for outline in tree.iter("outline"):
            for name in ("xmlUrl", "htmlUrl"):
                if outline.get(name):
                    outline.set(name, self.at(outline.attrib[name]))
        tree.write(folder / "feeds.opml", encoding="utf-8", xml_declaration=True)
        return folder

    def __enter__(self) -> Self:
        names = sorted({urlsplit(url).netloc for url in self._index.addresses()})
        self._hosts = {name: f"127.0.1.{number}" for number, name in enumerate(names, 1)}
        for name, address in self._hosts.items():
            server = ThreadingHTTPServer((address, self.port), self._handler(name))
            server.daemon_threads = True
            self.port = self.port or int(server.server_address[1])
            thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
            thread.start()
            self._servers.append(server)
            self._threads.append(thread)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for server, thread in zip(self._servers, self._threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()

    def _served(self, body: bytes) -> bytes:
        def address(found: re.Match[bytes]) -> bytes:
            host = self._hosts.get(found[1].decode())
            return f"http://{host}:{self.port}".encode() if host else found[0]

        return _NAMED.sub(address, body)

    def _newest(self, name: str, path: str) -> Capture | None:
        found = self._index.of(f"https://{name}{path}")
        return found[-1] if found else None

    def _handler(self, name: str) -> type[BaseHTTPRequestHandler]:
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with web._counting:
                    web.asked[name, self.path] += 1
                capture = web._newest(name, self.path)
                status, kind, body = 404, "text/plain", b""
                if capture is not None:
                    status, kind = capture.status, capture.header("content-type") or "text/html"
                    body = web._served(CaptureIndex.body(capture))
                    if "html" in kind:
                        time.sleep(web.wait)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                if capture is not None and (target := capture.header("location")):
                    self.send_header("Location", web._served(target.encode()).decode())
                self.end_headers()
                self.wfile.write(body)

            def handle(self) -> None:
                with contextlib.suppress(ConnectionError):  # whoever asked was killed
                    super().handle()

            def log_message(self, *_values: object) -> None:
                pass

        return Handler
