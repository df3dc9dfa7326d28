"""The recorded web as a web of today: the same outlets, moved to this day and served on loopback as they live.

A page is there once it came out, by the clock of whoever asks, and feeds grow meanwhile. The recording's third day is
today by the topic's zone, so that yesterday was its second and fullest. Each outlet has an address of its own, as each
has a host of its own on the web.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from typing import Any, cast
from unittest.mock import patch
from zoneinfo import ZoneInfo

from pipeline.feeds import opml
from pipeline.models import FeedSource
from tests.support.project import REPOSITORY

RECORDED = REPOSITORY / "seeds" / "recorded"
sys.path.append(str(RECORDED))
feeds, pages, slots, timeline = (
    cast(Any, import_module(f"recording.{name}")) for name in ("feeds", "pages", "slots", "timeline")
)

LAST_DAY = date(2024, 6, 20)
ZONE = ZoneInfo("Asia/Pyongyang")
_POST = re.compile(r"^@ (\d{4}-\d\d-\d\dT\d\d:\d\d)Z", re.MULTILINE)


@dataclass(frozen=True)
class Today:
    """The outlets by their loopback hosts, their pages by address, and the number of days all of it was moved by."""

    outlets: Mapping[str, Any]
    pages: Mapping[str, Any]
    port: int
    moved: timedelta

    def address(self, outlet: Any) -> str:
        """Where an outlet answers; its own name is the same in what it serves."""
        [host] = [host for host, each in self.outlets.items() if each is outlet]
        return f"http://{host}:{self.port}"

    def feed_list(self) -> str:
        """The outlets' feeds at their loopback addresses, as OPML."""
        sources = [
            FeedSource(
                url=self.address(each) + each.feed_path, title=each.name, outlet=each.name, home_url=each.home + "/",
                country=each.country, language=each.language, ownership=each.ownership,
            )
            for each in self.outlets.values()
        ]  # fmt: skip
        return opml.write(sources, "Invented outlets, today")

    def answer(self, host: str, path: str, now: datetime) -> tuple[int, str, bytes]:
        """Status, content type and body of an address at a moment."""
        outlet = self.outlets[host]
        own = [page for page in self.pages.values() if page.outlet is outlet]
        env = pages.environment()
        if path == outlet.feed_path:
            return 200, f"{outlet.feed_type}; charset={outlet.feed_charset}", feeds.render(env, outlet, own, now)
        page = self.pages.get(outlet.home + path.partition("?utm_source=")[0].partition("&utm_source=")[0])
        version = page and page.as_of(now)
        if page is None or version is None:
            return 404, "text/plain", b"not here"
        kind = "text/html" if outlet.id in {"jinghe", "pampero"} else f"text/html; charset={outlet.charset}"
        status = {"missing404": 404, "forbidden403": 403}.get(page.slot.kind, 200)
        if status != 200:
            return status, kind, pages.refusal(env, outlet, status)
        return 200, kind, pages.article(env, page, version, own, now)

    def on_loopback(self, body: bytes) -> bytes:
        """What an outlet serves, with the names of all outlets as their addresses here."""
        for outlet in self.outlets.values():
            body = body.replace(outlet.home.encode(), self.address(outlet).encode())
        return body


def _moved(slot: Any, by: timedelta) -> Any:
    def later(found: re.Match[str]) -> str:
        return f"@ {datetime.fromisoformat(found[1]) + by:%Y-%m-%dT%H:%M}Z"

    paragraphs = tuple(_POST.sub(later, paragraph) for paragraph in slot.text.paragraphs)
    return replace(slot, published=slot.published + by, text=replace(slot.text, paragraphs=paragraphs))


def _printed(_words: Mapping[str, Any], moment: datetime) -> str:
    """A date in figures: the recording knows the name of one month."""
    return f"{moment:%Y-%m-%d %H:%M}"


@contextmanager
def served(now: datetime) -> Iterator[Today]:
    """The web of the day that it is at `now`, until the block ends."""
    by = timedelta(days=(now.astimezone(ZONE).date() - LAST_DAY).days)
    start, end = timeline.START + by, timeline.END + by
    told = [_moved(slot, by) for slot in slots.read_slots(RECORDED)]
    outlets = slots.read_outlets(RECORDED)
    with (
        patch.object(timeline, "START", start),
        patch.object(timeline, "END", end),
        patch.object(pages, "_date_text", _printed),
    ):
        made = {page.url: page for page in timeline.pages(told, outlets)}
        hosts = {f"127.0.1.{number}": outlet for number, outlet in enumerate(outlets.values(), start=1)}
        servers = [ThreadingHTTPServer((next(iter(hosts)), 0), BaseHTTPRequestHandler)]
        today = Today(hosts, made, int(servers[0].server_address[1]), by)
        servers[0].RequestHandlerClass = _handler(today)
        servers += [ThreadingHTTPServer((host, today.port), _handler(today)) for host in list(hosts)[1:]]
        threads = [threading.Thread(target=each.serve_forever, args=(0.05,), daemon=True) for each in servers]
        for thread in threads:
            thread.start()
        try:
            yield today
        finally:
            for server in servers:
                server.shutdown()
                server.server_close()


def _handler(today: Today) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = str(self.connection.getsockname()[0])
            status, kind, body = today.answer(host, self.path, datetime.now(UTC))
            body = today.on_loopback(body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
