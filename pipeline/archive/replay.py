"""A recorded web, served on loopback the way a web archive serves it: TimeGate, TimeMap, mementos (RFC 7089).

``python -m pipeline.archive.replay seeds/recorded --port 8099`` serves until it is stopped. Addresses:

``/timegate/<url>``            redirects to the capture at or before Accept-Datetime (the first where none is)
``/timemap/link/<url>``        all captures, as link-format
``/web/<14 digits>id_/<url>``  one capture, with its own status, headers (``X-Archive-Orig-…``) and body
"""

from __future__ import annotations

import argparse
import logging
import re
import signal
import sys
import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self
from urllib.parse import urljoin

from pipeline.archive.warc import Capture, CaptureIndex
from pipeline.errors import ConfigurationError, ItemError
from pipeline.text.http_dates import http_date, parse_http_date
from pipeline.web import memento

log = logging.getLogger(__name__)

_MEMENTO = re.compile(r"^/web/(?P<stamp>\d{4,14})(?:[a-z]{2}_)?/(?P<url>.+)$")
#: Captured headers that describe the transfer of that day, not what is sent now.
_TRANSFER = frozenset({"content-length", "transfer-encoding", "content-encoding", "connection", "keep-alive"})
_TEXT = "text/plain; charset=utf-8"


class ReplayServer:
    """Serves the captures of `places` (WARC files or folders) on `host`:`port`; port 0 takes a free one.

    Use it in a `with`, or call `start` and `stop`. `timegate` and `timemap` are the prefixes for
    ``WIREWATCH_ARCHIVE_URL`` and ``WIREWATCH_ARCHIVE_TIMEMAP_URL``. Raises `ConfigurationError` where a place holds
    no WARC file or the port is taken.
    """

    def __init__(self, places: Iterable[Path], *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.index = CaptureIndex.read(places)
        handler = type("ReplayHandler", (_Handler,), {"index": self.index})
        try:
            self._server = _Server((host, port), handler)
        except OSError as error:
            raise ConfigurationError(f"the replay cannot listen on {host}:{port} ({error.strerror})") from error
        self.address = f"http://{host}:{self._server.server_address[1]}"
        self._thread: threading.Thread | None = None

    @property
    def timegate(self) -> str:
        """Prefix of the TimeGate's addresses."""
        return f"{self.address}/timegate/"

    @property
    def timemap(self) -> str:
        """Prefix of the TimeMaps' addresses."""
        return f"{self.address}/timemap/link/"

    def start(self) -> Self:
        """Serve in a thread."""
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="replay", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and free the port."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512


class _Handler(BaseHTTPRequestHandler):
    index: CaptureIndex
    protocol_version = "HTTP/1.1"
    server_version = "wirewatch-replay"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = 60
    # Headers and body leave in one segment instead of one per line.
    wbufsize = 65_536

    def do_GET(self) -> None:
        try:
            self._route()
        except ItemError as error:
            self._text(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))

    def do_HEAD(self) -> None:
        self.do_GET()

    def _route(self) -> None:
        if self.path.startswith("/timegate/"):
            self._timegate(self.path.removeprefix("/timegate/"))
        elif self.path.startswith("/timemap/link/"):
            self._timemap(self.path.removeprefix("/timemap/link/"))
        elif found := _MEMENTO.match(self.path):
            self._memento(found["stamp"], found["url"])
        elif self.path == "/":
            self._text(HTTPStatus.OK, f"{len(self.index)} captures; ask /timegate/<url> with Accept-Datetime")
        else:
            self._text(HTTPStatus.NOT_FOUND, "ask /timegate/<url>, /timemap/link/<url> or /web/<14 digits>id_/<url>")

    # --- the three kinds of address -----------------------------------------------------------------------

    def _timegate(self, url: str) -> None:
        wanted = self.headers.get("Accept-Datetime")
        moment = parse_http_date(wanted) if wanted else datetime.max.replace(tzinfo=UTC)
        if moment is None:
            self._text(HTTPStatus.BAD_REQUEST, f"Accept-Datetime is no HTTP date: {wanted!r}")
            return
        known = self.index.of(url)
        if not known:
            self._text(HTTPStatus.NOT_FOUND, f"never captured: {url}", ("Vary", "accept-datetime"))
            return
        chosen = self.index.as_of(url, moment) or known[0]
        self._head(HTTPStatus.FOUND)
        self.send_header("Location", self._memento_address(chosen))
        self.send_header("Vary", "accept-datetime")
        self.send_header("Link", _wire(self._links(known, None)))
        self._body(b"")

    def _timemap(self, url: str) -> None:
        known = self.index.of(url)
        if not known:
            self._text(HTTPStatus.NOT_FOUND, f"never captured: {url}")
            return
        lines = [f'<{known[0].url}>; rel="original"', f'<{self._base()}/timegate/{known[0].url}>; rel="timegate"']
        lines.append(f'<{self._base()}/timemap/link/{known[0].url}>; rel="self"; type="application/link-format"')
        lines += [self._link(capture, _place(position, len(known))) for position, capture in enumerate(known)]
        self._head(HTTPStatus.OK)
        self.send_header("Content-Type", "application/link-format; charset=utf-8")
        self._body(",\n".join(lines).encode())

    def _memento(self, digits: str, url: str) -> None:
        known = self.index.of(url)
        moment = memento.parse_stamp(digits)
        if not known or moment is None:
            self._text(HTTPStatus.NOT_FOUND, f"never captured: {url}")
            return
        capture = self.index.as_of(url, moment) or known[0]
        if memento.stamp(capture.captured) != digits:
            self._head(HTTPStatus.FOUND)
            self.send_header("Location", self._memento_address(capture))
            self._body(b"")
            return
        unchanged = capture.status == 200 and _unchanged(capture, self.headers)
        self._head(HTTPStatus.NOT_MODIFIED if unchanged else capture.status)
        self.send_header("Memento-Datetime", http_date(capture.captured))
        self.send_header("Link", _wire(self._links(known, capture)))
        self._original_headers(capture)
        if unchanged:
            self.end_headers()
        else:
            self._body(self.index.body(capture))

    def _original_headers(self, capture: Capture) -> None:
        for name, value in capture.headers:
            if name.lower() in _TRANSFER:
                continue
            self.send_header(f"X-Archive-Orig-{name}", _wire(value))
            if name.lower() in ("content-type", "etag", "last-modified"):
                self.send_header(name, _wire(value))
            elif name.lower() == "location":
                target = urljoin(capture.url, value)
                self.send_header("Location", _wire(f"/web/{memento.stamp(capture.captured)}id_/{target}"))

    # --- pieces -------------------------------------------------------------------------------------------

    def _base(self) -> str:
        return f"http://{self.headers.get('Host') or 'localhost'}"

    def _memento_address(self, capture: Capture) -> str:
        return _wire(f"{self._base()}/web/{memento.stamp(capture.captured)}id_/{capture.url}")

    def _link(self, capture: Capture, relation: str) -> str:
        address = f"{self._base()}/web/{memento.stamp(capture.captured)}id_/{capture.url}"
        return f'<{address}>; rel="{relation}"; datetime="{http_date(capture.captured)}"'

    def _links(self, known: Sequence[Capture], shown: Capture | None) -> str:
        url, base = known[0].url, self._base()
        lines = [f'<{url}>; rel="original"', f'<{base}/timegate/{url}>; rel="timegate"']
        lines.append(f'<{base}/timemap/link/{url}>; rel="timemap"; type="application/link-format"')
        at = next((place for place, capture in enumerate(known) if capture is shown), None)
        relations: dict[int, list[str]] = {0: ["first"], len(known) - 1: ["last"]}
        if len(known) == 1:
            relations = {0: ["first", "last"]}
        if at is not None:
            for place, name in ((at - 1, "prev"), (at + 1, "next")):
                if 0 <= place < len(known):
                    relations.setdefault(place, []).append(name)
        lines += [self._link(known[place], " ".join([*names, "memento"])) for place, names in sorted(relations.items())]
        return ", ".join(lines)

    def _head(self, status: int) -> None:
        self.send_response(status)

    def _text(self, status: int, text: str, *headers: tuple[str, str]) -> None:
        self._head(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", _TEXT)
        self._body((text + "\n").encode())

    def _body(self, body: bytes) -> None:
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        log.debug("%s " + format, self.address_string(), *args)


def _place(position: int, count: int) -> str:
    names = ["first"] * (position == 0) + ["last"] * (position == count - 1) + ["memento"]
    return " ".join(names)


def _wire(text: str) -> str:
    # http.server writes Latin-1; UTF-8 bytes pass through it unharmed. Line ends would start another header.
    return text.replace("\r", " ").replace("\n", " ").encode().decode("latin-1")


def _unchanged(capture: Capture, asked: Message) -> bool:
    """Whether the request's validators still hold for the capture (RFC 9110, section 13.2.2)."""
    if wanted := asked.get("If-None-Match"):
        etag = capture.header("etag")
        return etag is not None and etag.removeprefix("W/") in [
            one.strip().removeprefix("W/") for one in wanted.split(",")
        ]
    since, modified = (
        parse_http_date(asked.get("If-Modified-Since")),
        parse_http_date(capture.header("last-modified")),
    )
    return since is not None and modified is not None and modified <= since


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted or terminated; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.archive.replay", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("places", nargs="+", type=Path, help="WARC files, or folders that hold them")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8099, help="port to listen on; 0 takes a free one")
    options = parser.parse_args(arguments)
    try:
        server = ReplayServer(options.places, host=options.host, port=options.port)
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    done = threading.Event()

    def finish(number: int, frame: FrameType | None) -> None:
        done.set()

    signal.signal(signal.SIGTERM, finish)
    signal.signal(signal.SIGINT, finish)
    with server:
        sys.stdout.write(f"{len(server.index)} captures; WIREWATCH_ARCHIVE_URL={server.timegate}\n")
        sys.stdout.flush()
        done.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
