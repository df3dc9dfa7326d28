"""Documents and pages of the past, read after newer ones: the rows are those of reading them in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from pipeline import database, steps
from pipeline.archive.replay import ReplayServer
from pipeline.feeds.reading import FeedReader
from pipeline.models import FeedSource
from pipeline.settings import Settings
from pipeline.steps.barrier import EXTRACT, POLL, Work
from pipeline.steps.extracting import Tools, extract_with, tools
from pipeline.steps.polling import Poll, poll_with
from pipeline.store import articles as article_store
from pipeline.store import feeds as feed_store
from tests.support.hosts import PROSE, RSS, Hosts, article, feed
from tests.support.warcs import write

START = datetime(2024, 6, 19, 12, tzinfo=UTC)
Row = dict[str, Any]
# What the feed held at each hour: titles of the entries at /a and /b.
HOURS: list[dict[str, str]] = [
    {"a": "Putin and Kim sign", "b": "Kim greets Putin"},
    {"a": "Putin and Kim sign a treaty"},
    {"a": "Putin and Kim sign", "b": "Kim greets Putin"},
    {"a": "Putin and Kim sign", "b": "Kim greets Putin in the rain", "c": "Putin leaves"},
]


@pytest.fixture
def desk(settings: Settings) -> Settings:
    return replace(settings, allow_hosts="127.0.0.0/8")


def rows(settings: Settings, query: str) -> list[Row]:
    with database.connect(settings) as connection:
        return list(connection.execute(query).fetchall())


def hour(number: int) -> datetime:
    return START + timedelta(hours=number)


def read_in(settings: Settings, hosts: Hosts, reader: FeedReader, order: Sequence[int]) -> tuple[list[Row], list[Row]]:
    """The rows of entries and of their revisions after a feed's documents were read in this order."""
    path = "/feed-" + "-".join(map(str, order))
    with database.connect(settings) as connection:
        number = feed_store.add(connection, FeedSource(hosts.serve(path, b"", RSS), ""), "Outlet")[0]
    for each in order:
        held = [(f"https://outlet.example/{name}", title) for name, title in HOURS[each].items()]
        hosts.serve(path, feed(*held) + f"<!-- {each} o'clock -->".encode(), RSS)
        work = Work(settings, hour(each), POLL)
        poll_with(work, reader, [Poll(number)])
        assert work.finish()["internal"] == 0
    return stored(settings, number)


def stored(settings: Settings, number: int) -> tuple[list[Row], list[Row]]:
    """The rows of a feed's entries and of their revisions."""
    names = "title, text, published, published_rule, first_seen_at, last_seen_at, absent_since, returned, revision"
    entries = rows(settings, f"SELECT key, {names} FROM entries WHERE feed_id = {number} ORDER BY key")
    former = rows(
        settings,
        "SELECT e.key, r.revision, r.seen_at, r.changed, r.title, r.text, r.published, r.published_rule"
        f" FROM entry_revisions r JOIN entries e ON e.id = r.entry_id WHERE e.feed_id = {number} ORDER BY 1, 2",
    )
    return entries, former


def test_a_feeds_documents_read_in_any_order_leave_the_same_rows(desk: Settings, hosts: Hosts) -> None:
    with FeedReader.from_settings(desk) as reader:
        entries, former = read_in(desk, hosts, reader, range(len(HOURS)))
        assert [(row["title"], row["revision"], row["returned"]) for row in entries] == [
            ("Putin and Kim sign", 2, 0),
            ("Kim greets Putin in the rain", 1, 1),
            ("Putin leaves", 0, 0),
        ]
        assert [(row["title"], row["seen_at"]) for row in former] == [
            ("Putin and Kim sign", hour(1)),
            ("Putin and Kim sign a treaty", hour(2)),
            ("Kim greets Putin", hour(3)),
        ]
        for order in list(permutations(range(len(HOURS))))[2::3]:
            assert read_in(desk, hosts, reader, order) == (entries, former), order


def test_a_late_document_leaves_the_polling_of_its_feed_as_it_stands(desk: Settings, hosts: Hosts) -> None:
    address = hosts.serve("/feed", feed(("https://outlet.example/a", "Putin and Kim sign")), RSS)
    with database.connect(desk) as connection:
        number = feed_store.add(connection, FeedSource(address, ""), "Outlet")[0]
    steps.poll(desk, feed_ids=[number], now=hour(3))
    query = (
        "SELECT next_poll_at, last_polled_at, state, poll_state - '{body_hash,validators}'::text[] AS kept FROM feeds"
    )
    before = rows(desk, query)
    hosts.serve("/feed", feed(("https://outlet.example/a", "Putin and Kim sign a treaty")), RSS)
    assert steps.poll(desk, feed_ids=[number], now=hour(1))["edited"] == 1
    assert rows(desk, query) == before
    assert rows(desk, "SELECT title, revision FROM entries") == [{"title": "Putin and Kim sign", "revision": 1}]
    assert rows(desk, "SELECT leased_by FROM feeds") == [{"leased_by": None}]


def test_a_page_of_the_past_is_put_between_the_revisions_of_its_article(desk: Settings, hosts: Hosts) -> None:
    more = "Both leaders then drove through a park in a limousine of Russian make."
    other = "Seoul called in the ambassador of Russia on the following day."
    texts = [PROSE, (*PROSE, more), (*PROSE[:3], other)]
    wordings = [article("Putin and Kim sign", text) for text in texts]

    def read_pages(kit: Tools, order: Sequence[int]) -> tuple[Row, list[Row]]:
        path = "/page-" + "-".join(map(str, order))
        address = hosts.serve(path, b"")
        with database.connect(desk) as connection:
            sighted = article_store.Sighted(address, address, address, "Outlet", None, None, hour(0))
            number = article_store.upsert(connection, [sighted])[0]
        for each in order:
            hosts.serve(path, wordings[each])
            with database.connect(desk) as connection:  # as an earlier sighting of it does
                connection.execute("UPDATE articles SET next_refetch_at = %s WHERE id = %s", (hour(each), number))
            extract_with(Work(desk, hour(each), EXTRACT), kit)
        (now,) = rows(desk, f"SELECT text, revision, fetched_at, extracted_at FROM articles WHERE id = {number}")
        return now, rows(
            desk,
            "SELECT revision, seen_at, kind, title, text, diff FROM article_revisions"
            f" WHERE article_id = {number} ORDER BY revision",
        )

    with tools(desk) as kit:
        inorder = read_pages(kit, [0, 1, 2])
        assert [(row["revision"], row["seen_at"], row["kind"]) for row in inorder[1]] == [
            (1, hour(0), "first"),
            (2, hour(1), "update"),
            (3, hour(2), "update"),
        ]
        for order in ([1, 0, 2], [2, 0, 1], [2, 1, 0]):
            assert read_pages(kit, order) == inorder, order


def test_captures_of_an_archive_read_in_any_order_leave_the_same_rows(desk: Settings, tmp_path: Path) -> None:
    items = [("https://outlet.example/a", "Putin and Kim sign")], [("https://outlet.example/a", "Putin and Kim part")]
    bodies = [feed(*items[number]) for number in (0, 0, 1, 0, 0)]  # the same bytes again are not read again
    headers = {"Content-Type": RSS}
    orders = [(0, 1, 2, 3, 4), (0, 1, 3, 4, 2), (1, 3, 0, 4, 2), (4, 2, 0, 3, 1), (0, 2, 1, 4, 3), (3, 2, 4, 1, 0)]
    addresses = {order: "http://outlet.example/" + "-".join(map(str, order)) for order in orders}
    records = [(url, hour(n), 200, headers, body) for url in addresses.values() for n, body in enumerate(bodies)]
    write(tmp_path / "web.warc.gz", records)
    found = {}
    with ReplayServer([tmp_path]) as server, FeedReader.from_settings(desk) as reader:
        past = replace(desk, archive_url=server.timegate)
        for order, url in addresses.items():
            with database.connect(desk) as connection:
                number = feed_store.add(connection, FeedSource(url, ""), "Outlet")[0]
            for each in order:
                poll_with(Work(past, hour(each), POLL), reader, [Poll(number, hour(each))])
            found[order] = stored(desk, number)
    entries, former = found[orders[0]]
    assert [(row["revision"], row["last_seen_at"]) for row in entries] == [(2, hour(4))]
    assert [(row["title"], row["seen_at"]) for row in former] == [
        ("Putin and Kim sign", hour(2)),
        ("Putin and Kim part", hour(3)),
    ]
    assert {order: rows == found[orders[0]] for order, rows in found.items()} == dict.fromkeys(orders, True)
