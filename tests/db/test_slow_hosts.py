"""Slow hosts hold up nobody: what others answer is stored meanwhile, and what was not reached is given back."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline import database, steps
from pipeline.models import FeedSource
from pipeline.settings import Settings
from pipeline.store import articles as article_store
from pipeline.store import feeds as feed_store
from pipeline.web.breakers import PATIENCE, REST
from tests.support.hosts import RSS, Hosts, article, feed

NOW = datetime(2024, 6, 19, 12, tzinfo=UTC)
LATER = NOW + timedelta(seconds=REST)
Row = dict[str, Any]


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    with Hosts(7) as found:
        for number in range(1, 8):
            found.serve("/robots.txt", b"User-agent: *\nAllow: /\n", "text/plain", host=f"127.0.0.{number}")
        yield found


@pytest.fixture
def desk(settings: Settings) -> Settings:
    return replace(settings, allow_hosts="127.0.0.0/8", read_timeout=60.0, total_timeout=60.0)


def rows(settings: Settings, query: str) -> list[Row]:
    with database.connect(settings) as connection:
        return list(connection.execute(query).fetchall())


def to_fetch(settings: Settings, *addresses: str) -> None:
    """Articles to fetch at these addresses, in the order of their sighting; the host is the outlet."""
    with database.connect(settings) as connection:
        for number, url in enumerate(addresses):
            at = NOW - timedelta(minutes=60 - number)
            sighted = article_store.Sighted(url, url, url, url.split(":")[1], None, None, at)
            article_store.upsert(connection, [sighted])


def test_a_good_outlets_article_is_stored_while_six_slow_hosts_are_waited_for(desk: Settings, hosts: Hosts) -> None:
    slow = [
        hosts.serve(f"/{n}", hosts.wait, host=f"127.0.0.{host}")
        for host in range(2, 8) for n in range(12)
    ]  # fmt: skip
    good = hosts.serve("/good", article("Putin and Kim sign their treaty"))
    to_fetch(desk, *slow, good)  # seventy-two pages stand before it
    step = threading.Thread(target=steps.extract, args=[desk], kwargs={"now": NOW})
    step.start()
    deadline = time.monotonic() + 55
    while not rows(desk, "SELECT 1 FROM articles WHERE state = 'extracted'"):
        assert time.monotonic() < deadline and step.is_alive()
        time.sleep(0.05)
    assert rows(desk, "SELECT url, outcome FROM fetches") == [{"url": good, "outcome": "ok"}], "no slow one has ended"
    assert len({host for host, path in hosts.asked if path != "/robots.txt"}) == 7, "all of them were asked"
    hosts.released.set()
    step.join()
    assert rows(desk, "SELECT count(*) AS n FROM fetches WHERE outcome = 'http-404'") == [{"n": 72}]


def test_pages_of_a_host_that_hangs_are_given_back_unpunished_and_had_later(desk: Settings, hosts: Hosts) -> None:
    hasty = replace(desk, read_timeout=0.5)
    to_fetch(desk, *(hosts.serve(f"/{n}", hosts.wait, host="127.0.0.2") for n in range(5)))
    counts = steps.extract(hasty, now=NOW)
    assert (counts["to_retry"], counts["unresponsive"]) == (PATIENCE, 5 - PATIENCE)
    left = rows(desk, "SELECT attempts, leased_by, next_try_at FROM articles WHERE reason = 'unresponsive'")
    assert [(row["attempts"], row["leased_by"]) for row in left] == (5 - PATIENCE) * [(0, None)]
    assert all(NOW < row["next_try_at"] <= LATER for row in left)
    assert len(rows(desk, "SELECT 1 FROM fetches")) == PATIENCE, "what was not asked for is in no log of requests"
    for n in range(5):
        hosts.serve(f"/{n}", article(f"Putin and Kim: {n}"), host="127.0.0.2")
    assert steps.extract(desk, now=LATER + timedelta(minutes=1))["extracted"] == 5


def test_pages_that_waited_for_their_host_for_hours_end_as_its_others_do(desk: Settings, hosts: Hosts) -> None:
    hasty = replace(desk, read_timeout=0.5)
    to_fetch(desk, *(hosts.serve(f"/{n}", hosts.wait, host="127.0.0.2") for n in range(3)))
    steps.extract(hasty, now=NOW)
    assert steps.extract(hasty, now=NOW + timedelta(hours=6)).get("unresponsive") is None
    assert rows(desk, "SELECT reason FROM articles WHERE state = 'failed'") == [{"reason": "unresponsive"}]


def test_a_batch_ends_by_its_own_clock_and_gives_back_what_it_did_not_reach(desk: Settings, hosts: Hosts) -> None:
    to_fetch(desk, *(hosts.serve(f"/{n}", hosts.wait, host="127.0.0.2") for n in range(3)))
    began = time.monotonic()
    counts = steps.extract(replace(desk, lease_seconds=4.0), now=NOW)
    assert time.monotonic() - began < 40, "the host would have been waited for 60 seconds"
    assert counts["not_reached"] == 3
    found = rows(desk, "SELECT state, attempts, leased_by, next_try_at <= now() AS due FROM articles")
    assert found == 3 * [{"state": "pending", "attempts": 0, "leased_by": None, "due": True}]


def test_feeds_of_a_host_that_hangs_are_given_back_as_they_were(desk: Settings, hosts: Hosts) -> None:
    hasty = replace(desk, read_timeout=0.5)
    with database.connect(desk) as connection:
        ids = [
            feed_store.add(connection, FeedSource(hosts.serve(f"/{n}", hosts.wait, RSS, "127.0.0.2"), ""), "Outlet")[0]
            for n in range(4)
        ]
        good = hosts.serve("/feed", feed(("https://outlet.example/one", "Putin and Kim")), RSS)
        ids.append(feed_store.add(connection, FeedSource(good, ""), "Good outlet")[0])
    counts = steps.poll(hasty, feed_ids=ids, now=NOW)
    assert (counts["polled"], counts["unresponsive"], counts["entries"]) == (PATIENCE + 1, 4 - PATIENCE, 1)
    assert rows(desk, "SELECT outlet FROM feeds f JOIN fetches x ON x.feed_id = f.id ORDER BY x.id")[0] == {
        "outlet": "Good outlet"
    }
    untouched = rows(desk, "SELECT leased_by, next_poll_at FROM feeds WHERE poll_state = '{}'")
    assert len(untouched) == 4 - PATIENCE
    assert all(row["leased_by"] is None and NOW < row["next_poll_at"] <= LATER for row in untouched)
