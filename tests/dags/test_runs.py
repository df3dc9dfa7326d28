"""Every DAG but the digests' run for real: Airflow's own runner, the embedded Postgres, HTTP on loopback, a real model.

A review waits for the triggerer, which that runner has not: `test_reviews` has all of Airflow.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pipeline import database, steps
from pipeline.archive.replay import ReplayServer
from pipeline.models import FeedSource
from pipeline.settings import Settings
from tests.support.project import REPOSITORY

PARAGRAPH = (
    "Russian President Vladimir Putin arrived in Pyongyang early on Wednesday for a summit with North Korean leader "
    "Kim Jong Un, who met him at the airport. The two are to sign a partnership treaty after their talks."
)
PAGE = "<html lang=en><head><title>{0}</title></head><body><article><h1>{0}</h1>{1}</article></body></html>"
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour Post</title><link>{base}</link>
<item><guid>1</guid><title>Putin lands in Pyongyang for summit with Kim Jong Un</title><link>{base}/1</link>
<pubDate>Tue, 18 Jun 2024 18:30:00 GMT</pubDate></item>
<item><guid>2</guid><title>Kim Jong Un welcomes Putin before treaty talks</title><link>{base}/gone</link>
<pubDate>Tue, 18 Jun 2024 19:30:00 GMT</pubDate></item></channel></rss>"""


class Site(BaseHTTPRequestHandler):
    """A feed with one good page and one that is gone; another address that calls itself a feed and is none."""

    def do_GET(self) -> None:
        assert isinstance(self.server, ThreadingHTTPServer)
        base = f"http://127.0.0.1:{self.server.server_port}"
        paragraphs = "".join(f"<p>{PARAGRAPH} Officials gave detail {n} of the programme.</p>" for n in range(6))
        bodies = {
            "/feed.xml": ("application/rss+xml", FEED.format(base=base)),
            "/not-a-feed.xml": ("text/html", PAGE.format("Welcome", "<p>Nothing to see.</p>")),
            "/1": ("text/html", PAGE.format("Putin lands in Pyongyang for summit with Kim Jong Un", paragraphs)),
        }
        kind, body = bodies.get(self.path, ("text/html", PAGE.format("Not found", "")))
        self.send_response(200 if self.path in bodies else 404)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_values: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def rows(settings: Settings, query: str) -> list[dict[str, Any]]:
    with database.connect(settings) as connection:
        return connection.execute(query).fetchall()


def states(run: Any) -> dict[str, str]:
    return {instance.task_id: str(instance.state) for instance in run.get_task_instances()}


def test_backfill_brings_the_recorded_evening_in(
    once: dict[str, Any], migrated: Settings, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("WIREWATCH_FEEDS_FILE", "recorded/feeds.opml")
    body = (REPOSITORY / "seeds/recorded/feeds.opml").read_bytes()
    steps.import_feeds(migrated, body)
    with ReplayServer([REPOSITORY / "seeds/recorded/2024-06-18.warc.gz"]) as replay:
        environment.setenv("WIREWATCH_ARCHIVE_URL", replay.timegate)
        environment.setenv("WIREWATCH_ARCHIVE_TIMEMAP_URL", replay.timemap)
        run = once["backfill"].test(logical_date=datetime(2024, 6, 18, tzinfo=UTC))
        assert states(run) == {"backfill": "success"}
        before = rows(migrated, "SELECT count(*) AS n FROM articles")[0]["n"]
        assert before > 0
        again = once["backfill"].test(logical_date=datetime(2024, 6, 18, tzinfo=UTC))
        assert states(again) == {"backfill": "success"}
    assert rows(migrated, "SELECT count(*) AS n FROM articles")[0]["n"] == before, "a second run changes nothing"


def test_collect_takes_in_what_is_good_and_records_what_is_not(
    once: dict[str, Any], migrated: Settings, environment: pytest.MonkeyPatch, site: str
) -> None:
    rows(migrated, "UPDATE feeds SET state = 'retired' RETURNING id")
    environment.delenv("WIREWATCH_ARCHIVE_URL", raising=False)
    environment.delenv("WIREWATCH_ARCHIVE_TIMEMAP_URL", raising=False)
    environment.setenv("WIREWATCH_ALLOW_HOSTS", "127.0.0.1")
    environment.setenv("WIREWATCH_HOST_INTERVAL", "0")
    for name in ("feed.xml", "not-a-feed.xml"):
        steps.add_feed(migrated, FeedSource(url=f"{site}/{name}", title=name, outlet="Harbour Post", country="GB"))
    run = once["collect"].test()
    assert set(states(run).values()) == {"success"}, states(run)
    found = rows(migrated, f"SELECT * FROM articles WHERE url LIKE '{site}%'")
    assert [(row["title"], row["state"]) for row in found if row["url"].endswith("/1")] != []
    assert rows(migrated, f"SELECT state_reason FROM feeds WHERE url = '{site}/not-a-feed.xml'") != []


def test_collect_works_off_what_is_left_when_no_feed_is_due(once: dict[str, Any], migrated: Settings) -> None:
    run = once["collect"].test()
    assert states(run) == {
        "due": "success", "poll": "skipped", "match": "success", "share": "success",
        "extract": "skipped", "copies": "skipped", "embed": "skipped",  # nothing waited for them
        "place": "success",
        "reassign": "success",
    }  # fmt: skip


def test_maintenance_finds_the_rows_in_agreement(once: dict[str, Any], migrated: Settings) -> None:
    run = once["maintenance"].test()
    assert states(run) == {"maintain": "success"}
