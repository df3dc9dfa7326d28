"""A month of a made-up newsroom's feeds through the poll step: a row for every piece, none doubled, none lost.

The recording and its truth are `tests/data/newsroom/`; `tests/support/newsroom.py` made both and says what each feed
lives through.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pipeline import database
from pipeline.feeds.reading import FeedReader
from pipeline.models import FeedSource
from pipeline.settings import Settings
from pipeline.steps.barrier import POLL, Work
from pipeline.steps.polling import Poll, poll_with
from pipeline.store import feeds as feed_store
from tests.support import newsroom
from tests.support.newsroom import Told

Row = dict[str, Any]


@contextmanager
def replayed(answers: list[Row]) -> Iterator[tuple[str, list[str]]]:
    """A server of the recorded answers; its address, and a list of one whose entry is the moment that it answers of."""
    table = {(each["at"], each["path"]): each for each in answers}
    clock = [""]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = table.get((clock[0], self.path), {"status": 404, "body": ""})
            status, body = said["status"], said["body"].encode()
            if said.get("etag") and self.headers.get("If-None-Match") == said["etag"]:
                status, body = 304, b""
            self.send_response(status)
            for name, key in (("Content-Type", "type"), ("Location", "location"), ("ETag", "etag")):
                if key in said:
                    self.send_header(name, said[key])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", clock
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def lived(settings: Settings, outlet: str) -> tuple[list[Row], Row]:
    """The rows that a month of polls leaves of a feed, each with its former wordings, and the feed's own row."""
    taken, _ = newsroom.read()
    answers = [each for each in taken if each["path"].startswith(f"/{outlet}/")]
    here = replace(settings, allow_hosts="127.0.0.1")
    with replayed(answers) as (address, clock), FeedReader.from_settings(here) as reader:
        with database.connect(here) as connection:
            source = FeedSource(f"{address}/{outlet}/feed", outlet)
            feed_id = feed_store.add(connection, source, outlet)[0]
        for at in sorted({each["at"] for each in answers}):
            clock[0] = at
            work = Work(here, datetime.fromisoformat(at), POLL)
            poll_with(work, reader, [Poll(feed_id)])
            assert work.finish()["polled"] == 1
        with database.connect(here) as connection:
            rows = connection.execute(
                "SELECT e.*, coalesce((SELECT jsonb_agg(to_jsonb(r) ORDER BY r.revision) FROM entry_revisions r"
                " WHERE r.entry_id = e.id), '[]') AS former FROM entries e ORDER BY id"
            ).fetchall()
            [feed] = connection.execute("SELECT *, (SELECT count(*) FROM gaps) AS gaps FROM feeds").fetchall()
    return rows, feed | {"moved": feed["url"].removeprefix(address)}


def name_of(row: Row) -> str:
    """The desk's name of the piece that a row is of."""
    found = re.search(r"\((\w+-\d+)\)$", row["text"])
    assert found is not None, row["text"]
    return found[1]


def as_told(row: Row, outlet: str) -> Told:
    """A row in the words of the truth."""

    def said(moment: datetime | None) -> str | None:
        return None if moment is None else moment.isoformat()

    former = [
        {"seen": datetime.fromisoformat(past["seen_at"]).isoformat()}
        | {key: past[key] for key in ("changed", "title", "text")}
        for past in row["former"]
    ]
    return Told(
        outlet,
        name_of(row),
        row["title"],
        row["text"],
        published=row["published"].isoformat(),
        first_seen=row["first_seen_at"].isoformat(),
        last_seen=row["last_seen_at"].isoformat(),
        absent_since=said(row["absent_since"]),
        returned=row["returned"],
        revisions=former,
    )


def test_the_recording_is_what_the_newsroom_makes() -> None:
    assert newsroom.read() == newsroom.record()


def test_the_month_has_what_feeds_live_through() -> None:
    _, truth = newsroom.read()
    assert len(truth) > 400
    assert min(Counter(row.outlet for row in truth).values()) > 30
    assert sum(row.returned for row in truth) > 15
    changed = Counter(key for row in truth for past in row.revisions for key in past["changed"])
    assert min(changed[key] for key in ("title", "text", "published")) > 50


@pytest.mark.parametrize("outlet", [outlet.name for outlet in newsroom.OUTLETS])
def test_rows_are_as_the_desk_tells(settings: Settings, outlet: str) -> None:
    rows, feed = lived(settings, outlet)
    truth = {row.name: row for row in newsroom.read()[1] if row.outlet == outlet}
    found = Counter(name_of(row) for row in rows)
    assert {name: count for name, count in found.items() if count > 1} == {}, "doubled"
    assert truth.keys() - found.keys() == set(), "lost"
    assert found.keys() - truth.keys() == set(), "of nothing"
    told = {name_of(row): asdict(as_told(row, outlet)) for row in rows}
    assert {name: row for name, row in told.items() if row != asdict(truth[name])} == {}
    assert feed["state"] == "active"
    assert feed["moved"] == f"/{outlet}/feed" + (".json" if outlet == "lantern-weekly" else "")
    assert feed["gaps"] == (1 if outlet == "skerry-wire" else 0)
