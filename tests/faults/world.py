"""The loopback world of a run: the recorded web, a webhook that says yes, and a home with an embedded Postgres."""

from __future__ import annotations

import json
import shutil
import threading
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from pipeline.archive.replay import ReplayServer
from pipeline.database import close_idle, embedded
from pipeline.settings import Settings
from tests.support import light
from tests.support.programs import plain_environment
from tests.support.project import REPOSITORY

SEEDS = REPOSITORY / "seeds"
TOPIC = "putin-kim-summit"
# Of each habit that matters here: an agency and its copies, edits at every poll, entries that leave and come back,
# pages that are corrected, pages that grow.
FEW = ("halcyonwire", "hanbit", "wattle", "thameside", "kaede")


@dataclass(slots=True)
class Posts:
    """What a webhook was posted: (topic, day, the request's key) -> how often."""

    seen: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> Counter[tuple[object, ...]]:
        """Topic and day -> under how many keys it was posted since the last call; one key is one message."""
        with self.lock:
            found: Counter[tuple[object, ...]] = Counter((topic, day) for topic, day, _ in self.seen)
            self.seen.clear()
        return found


@contextmanager
def webhook() -> Iterator[tuple[str, Posts]]:
    """The address of a webhook that takes every post, and what it was posted."""
    posts = Posts()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with posts.lock:
                posts.seen[body.get("topic", ""), body.get("day", ""), self.headers.get("Idempotency-Key", "")] += 1
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_values: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", posts
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def seeds(folder: Path, outlets: tuple[str, ...] = FEW, days: tuple[str, ...] = ("2024-06-19",)) -> Path:
    """Seeds of the given outlets alone, with the captures of the given days; all outlets where none is given."""
    target = folder / "seeds"
    for name in ("topics", "documents"):
        shutil.copytree(SEEDS / name, target / name)
    (target / "recorded").mkdir()
    for day in days:
        shutil.copy(SEEDS / "recorded" / f"{day}.warc.gz", target / "recorded")
    tree = ET.parse(SEEDS / "recorded" / "feeds.opml")  # our own file
    body = tree.getroot().find("body")
    assert body is not None
    for outline in list(body):
        if outlets and not any(name in outline.get("xmlUrl", "") for name in outlets):
            body.remove(outline)
    tree.write(target / "recorded" / "feeds.opml", encoding="utf-8", xml_declaration=True)
    return target


@dataclass(frozen=True, slots=True)
class World:
    """Where the commands of a run find their web, their home and their webhook."""

    home: Path
    seeds: Path
    archive: str
    timemap: str
    hook: str
    posts: Posts

    @contextmanager
    def settings(self, database: str) -> Iterator[Settings]:
        """Settings on one database of the home's server, which is let go of at the end."""
        with embedded.running(Settings(home=self.home)) as server:
            yield Settings(home=self.home, seeds=self.seeds, database_url=server.url(database), model=light.MODEL)
            close_idle()

    def environment(self, database: str, **more: str) -> dict[str, str]:
        """What a command needs to run on that database; the model is the light one, as each command loads it anew."""
        return plain_environment(
            WIREWATCH_HOME=str(self.home),
            WIREWATCH_SEEDS=str(self.seeds),
            WIREWATCH_DATABASE_NAME=database,
            WIREWATCH_FEEDS_FILE="recorded/feeds.opml",
            WIREWATCH_ARCHIVE_URL=self.archive,
            WIREWATCH_ARCHIVE_TIMEMAP_URL=self.timemap,
            WIREWATCH_WEBHOOK_URL=self.hook,
            WIREWATCH_ALLOW_HOSTS="127.0.0.1",
            WIREWATCH_HOST_INTERVAL="0",
            OMP_NUM_THREADS="1",  # so that two threads of one small model do not wait for each other on a busy machine
            **more,
        )


@contextmanager
def world(folder: Path, outlets: tuple[str, ...] = FEW, days: tuple[str, ...] = ("2024-06-19",)) -> Iterator[World]:
    """A world in an empty folder; its server is stopped at the end, whoever left it running."""
    planted = seeds(folder, outlets, days)
    home = folder / "home"
    with ReplayServer([planted / "recorded"]) as replay, webhook() as (hook, posts):
        try:
            yield World(home, planted, replay.timegate, replay.timemap, hook, posts)
        finally:
            embedded.start(Settings(home=home)).stop()
