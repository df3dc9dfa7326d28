"""A feed that spells its addresses otherwise from one poll to the next: each article stays one entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline import database, steps, urls
from pipeline.models import FeedSource
from pipeline.settings import Settings
from tests.support.hosts import RSS, Hosts

NOW = datetime(2024, 6, 19, 12, tzinfo=UTC)


class Feed:
    """A feed that is polled once an hour; `poll` serves items of (link, id or None) and returns counts."""

    def __init__(self, settings: Settings, hosts: Hosts) -> None:
        self.settings = replace(settings, allow_hosts="127.0.0.1")
        self.hosts = hosts
        self.now = NOW
        url = hosts.serve("/feed", b"<rss version='2.0'><channel/></rss>", RSS)
        self.id = steps.add_feed(self.settings, FeedSource(url=url, title="", outlet="Harbour Post"))[0]

    def poll(self, *items: tuple[int, str, str | None], at: datetime | None = None) -> dict[str, Any]:
        inside = "".join(
            f"<item><title>Harbour report {number}</title><link>{link.replace('&', '&amp;')}</link>"
            + (f"<guid>{guid}</guid>" if guid else "")
            + f"<description>What happened in the harbour, part {number}.</description>"
            f"<pubDate>Wed, 19 Jun 2024 09:0{number}:00 GMT</pubDate></item>"
            for number, link, guid in items
        )
        body = f"<rss version='2.0'><channel><title>Harbour Post</title>{inside}</channel></rss>"
        self.hosts.serve("/feed", body.encode(), RSS)
        self.now += timedelta(hours=1)
        return steps.poll(self.settings, feed_ids=[self.id], now=self.now)

    def rows(self) -> list[dict[str, Any]]:
        with database.connect(self.settings) as connection:
            return connection.execute("SELECT title, returned, revision FROM entries ORDER BY title").fetchall()


@pytest.fixture
def feed(settings: Settings, hosts: Hosts) -> Feed:
    return Feed(settings, hosts)


def with_id(link: str) -> str:
    return link


def without_id(_: str) -> None:
    return None


SPELLINGS = {
    "https": ("http://harbour.example/a/{}", "https://harbour.example/a/{}"),
    "www": ("https://harbour.example/a/{}", "https://www.harbour.example/a/{}"),
    "slash": ("https://harbour.example/a/{}", "https://harbour.example/a/{}/"),
    "order": ("https://harbour.example/a?id={}&page=1", "https://harbour.example/a?page=1&id={}"),
    "all": ("http://www.harbour.example/a/?id={}&page=1", "https://harbour.example/a?page=1&id={}"),
    "tracked": ("http://harbour.example/a/{}?utm_source=rss", "https://www.harbour.example/a/{}/"),
}


@pytest.mark.parametrize("ids", [with_id, without_id])
@pytest.mark.parametrize("name", SPELLINGS)
def test_another_spelling_is_no_other_entry(feed: Feed, name: str, ids: Callable[[str], str | None]) -> None:
    first, second = SPELLINGS[name]
    for form in (first, second, first, second):
        links = [form.format(number) for number in (1, 2, 3)]
        feed.poll(*((number, link, ids(link)) for number, link in enumerate(links, 1)))
    assert [(row["title"][-1], row["returned"], row["revision"]) for row in feed.rows()] == [
        ("1", 0, 0), ("2", 0, 0), ("3", 0, 0)
    ]  # fmt: skip


@pytest.mark.parametrize("name", SPELLINGS)
def test_an_entry_that_comes_back_under_another_spelling_has_returned(feed: Feed, name: str) -> None:
    first, second = SPELLINGS[name]
    feed.poll((1, first.format(1), None), (2, first.format(2), None))
    feed.poll((2, first.format(2), None))
    feed.poll((2, first.format(2), None))
    feed.poll((1, second.format(1), None), (2, second.format(2), None))
    assert [(row["title"][-1], row["returned"]) for row in feed.rows()] == [("1", 1), ("2", 0)]


def test_one_document_that_lists_an_article_in_two_spellings_has_one_entry(feed: Feed) -> None:
    link = "http://harbour.example/a/1"
    feed.poll((1, link, link), (1, "https://harbour.example/a/1/", "https://harbour.example/a/1/"))
    assert len(feed.rows()) == 1


def test_other_articles_stay_apart(feed: Feed) -> None:
    feed.poll((1, "http://harbour.example/a?id=1", None), (2, "http://harbour.example/a?id=2", None))
    feed.poll((1, "https://harbour.example/a?id=1", None), (3, "https://harbour.example/a?id=3", None))
    feed.poll((4, "https://news.harbour.example/a?id=1", None))
    assert [row["title"][-1] for row in feed.rows()] == ["1", "2", "3", "4"]


def test_the_database_compares_addresses_as_the_rest_does(settings: Settings) -> None:
    written = [
        "https://harbour.example", "http://www.harbour.example/", "https://harbour.example//", "https://www.example/",
        "https://harbour.example/a/b/?z=1&a=2&a=1&b", "https://harbour.example/a?b=c;d&amp;e=f", "https://x.example?a",
        "https://harbour.example:8443/a/", "https://[2001:db8::1]/a/?b=1", "https://bücher.example/straße/?ü=ß&ä=1",
        "https://harbour.example/#!/a/1", "https://harbour.example/a#top", "https://harbour.example/?=&&a=", "urn:a:b",
        "https://harbour.example/www.other.example/", "https://harbour.example/a?b=%26c&B=1&a=?x", "HTTP://WWW.A.EXAMPLE/",
    ]  # fmt: skip
    canonical = [urls.canonical(url) for url in written]
    with database.connect(settings) as connection:
        query = (
            "SELECT address_identity(url) AS identity FROM unnest(%s::text[]) WITH ORDINALITY AS a (url, n) ORDER BY n"
        )
        found = [row["identity"] for row in connection.execute(query, (canonical,)).fetchall()]
    assert found == [urls.identity(url) for url in canonical]


@pytest.mark.parametrize("order", [1, -1])
def test_an_accent_that_moves_off_its_letter_is_the_same_entry(feed: Feed, order: int) -> None:
    first, second = ["https://harbour.example/caf%C3%A9", "https://harbour.example/cafe%CC%81"][::order]
    feed.poll((1, first, None))
    feed.poll((1, second, None))
    assert [row["title"] for row in feed.rows()] == ["Harbour report 1"]


def test_stories_that_all_lead_to_the_home_page_stay_apart_from_poll_to_poll(feed: Feed) -> None:
    for number in (1, 2, 3):
        feed.poll((number, "https://harbour.example/", f"id-{number}"))
    rows = feed.rows()
    assert [(row["title"], row["revision"]) for row in rows] == [(f"Harbour report {n}", 0) for n in (1, 2, 3)]
