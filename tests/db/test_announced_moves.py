"""A feed that says where it lives now is asked there, and lives there once that shows to be true."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline import database, feeds, steps
from pipeline.feeds.reading import Document, FeedReader
from pipeline.models import FeedSource, ParsedFeed
from pipeline.settings import Settings
from tests.support.hosts import RSS, Hosts

NOW = datetime(2024, 6, 19, 12, tzinfo=UTC)
HOURS = (0, 13, 26, 39, 52)


def document(*names: str, new: str | None = None) -> bytes:
    moved = f"<itunes:new-feed-url>{new}</itunes:new-feed-url>" if new else ""
    items = "".join(
        f"<item><title>{name}</title><link>https://outlet.example/{name}</link><description>Words.</description></item>"
        for name in names
    )
    space = 'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    return f"<rss version='2.0' {space}><channel><title>Outlet</title>{moved}{items}</channel></rss>".encode()


@pytest.fixture
def desk(settings: Settings) -> Settings:
    return replace(settings, allow_hosts="127.0.0.0/8")


def polled(desk: Settings, url: str, hours: Sequence[int] = HOURS) -> list[str]:
    """Where the feed lives after each poll."""
    feed, _ = steps.add_feed(desk, FeedSource(url=url, title="", outlet="Outlet"))
    found = []
    for hour in hours:
        steps.poll(desk, feed_ids=[feed], now=NOW + timedelta(hours=hour))
        found.append(rows(desk, "SELECT url FROM feeds WHERE id = %s", feed)[0]["url"])
    return found


def rows(desk: Settings, query: str, *values: object) -> list[dict[str, Any]]:
    with database.connect(desk) as connection:
        return connection.execute(query, values).fetchall()


class Here:
    """A document that was read in this process, as a `Pending` that is over."""

    def __init__(self, document: Document, done: Callable[[], object]) -> None:
        self.since = 0.0
        self._feed = feeds.parse(document.body, document.url, document.content_type, document.now)
        done()

    def result(self) -> ParsedFeed:
        return self._feed

    def is_lost(self, now: float) -> bool:
        return now < self.since

    def withdraw(self) -> bool:
        return False


@pytest.fixture
def anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback counts as a public address in what a feed announces, which is read in this process; the client asks
    no other host than it may."""
    monkeypatch.setattr("pipeline.urls.safe_to_fetch", lambda url: None)
    monkeypatch.setattr(FeedReader, "submit", lambda _, document, done: Here(document, done))


@pytest.mark.usefixtures("anywhere")
class TestMoves:
    def test_the_feed_is_found_where_it_says(self, desk: Settings) -> None:
        with Hosts(2) as hosts:
            new = hosts.serve("/new", document("a", "b", "c"), RSS, host="127.0.0.2")
            old = hosts.serve("/old", document("a", "b", new=new), RSS)
            assert polled(desk, old) == [old, old, old, new, new]
            assert hosts.asked.count(("127.0.0.1", "/old")) == 3
        assert [row["title"] for row in rows(desk, "SELECT title FROM entries ORDER BY id")] == ["a", "b", "c"]

    def test_another_feed_at_another_domain_is_not_it(self, desk: Settings) -> None:
        with Hosts(2) as hosts:
            new = hosts.serve("/new", document("x", "y"), RSS, host="127.0.0.2")
            old = hosts.serve("/old", document("a", "b", new=new), RSS)
            assert set(polled(desk, old)) == {old}
            assert hosts.asked.count(("127.0.0.2", "/new")) == 1
        assert [row["title"] for row in rows(desk, "SELECT title FROM entries ORDER BY id")] == ["a", "b"]
        assert rows(desk, "SELECT outcome FROM fetches WHERE outcome = 'another-feed'")
        assert rows(desk, "SELECT from_url, to_url, way, ended, reason FROM feed_moves") == [
            {"from_url": old, "to_url": new, "way": "announced", "ended": "refused", "reason": "another-feed"}
        ]

    def test_the_desk_is_told_of_a_refused_address_once_however_often_it_is_tried(self, desk: Settings) -> None:
        with Hosts(2) as hosts:
            new = hosts.serve("/new", document("x", "y"), RSS, host="127.0.0.2")
            old = hosts.serve("/old", document("a", "b", new=new), RSS)
            polled(desk, old, [13 * n for n in range(34)])  # 18 days, in which it is tried at least twice
            assert hosts.asked.count(("127.0.0.2", "/new")) > 1
        steps.alert(desk, now=NOW + timedelta(days=2), by="deliver")
        (told,) = rows(desk, "SELECT * FROM alerts_now WHERE kind = 'feed-moved'")
        assert told["text"] == (
            f"It says of itself that it lives at {new}. That was refused (`another-feed`), and it is asked at its old "
            "address as before. Where the new one is right, `wirewatch feeds add` with it."
        )

    def test_an_address_that_does_not_answer_costs_the_feed_nothing(self, desk: Settings) -> None:
        with Hosts() as hosts:
            old = hosts.serve("/old", document("a", new=f"http://127.0.0.1:{hosts.port}/gone"), RSS)
            assert set(polled(desk, old)) == {old}
        (row,) = rows(desk, "SELECT state, poll_state FROM feeds")
        assert row["state"] == "active" and not row["poll_state"].get("failures")
        assert rows(desk, "SELECT ended, reason FROM feed_moves") == [{"ended": "refused", "reason": "http-404"}]

    def test_a_feed_that_is_gone_is_found_at_the_address_it_left(self, desk: Settings) -> None:
        with Hosts() as hosts:
            new = hosts.serve("/new", document("a", "b"), RSS)
            old = hosts.serve("/old", document("a", new=new), RSS)
            feed, _ = steps.add_feed(desk, FeedSource(url=old, title="", outlet="Outlet"))
            steps.poll(desk, feed_ids=[feed], now=NOW)
            hosts.serve("/old", b"")
            for hour in (1, 2):
                steps.poll(desk, feed_ids=[feed], now=NOW + timedelta(hours=hour))
            assert rows(desk, "SELECT url, state FROM feeds") == [{"url": new, "state": "active"}]

    def test_a_feed_that_moves_onto_a_known_one_is_retired_as_that_one(self, desk: Settings) -> None:
        with Hosts() as hosts:
            new = hosts.serve("/new", document("a"), RSS)
            steps.add_feed(desk, FeedSource(url=new, title="", outlet="Outlet"))
            old = hosts.serve("/old", document("a", new=new), RSS)
            polled(desk, old)
            assert rows(desk, "SELECT state FROM feeds WHERE url = %s", old) == [{"state": "retired"}]


def test_an_address_inside_the_house_is_never_asked(settings: Settings) -> None:
    desk = replace(settings, allow_hosts="127.0.0.1")
    with Hosts(2) as hosts:
        new = hosts.serve("/new", document("a", "b"), RSS, host="127.0.0.2")
        old = hosts.serve("/old", document("a", new=new), RSS)
        assert set(polled(desk, old)) == {old}
        assert ("127.0.0.2", "/new") not in hosts.asked
