"""Whoever claims rows and is gone leaves them free at once; whoever lives keeps them; and nobody writes twice."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from pipeline import database, steps
from pipeline.database import locks
from pipeline.models import FeedSource
from pipeline.settings import Settings
from pipeline.store import articles as article_store
from pipeline.store import feeds as feed_store
from tests.support.hosts import RSS, Hosts, article, feed
from tests.support.programs import plain_environment

NOW = datetime(2024, 6, 19, 12, tzinfo=UTC)
WORKER = """
from datetime import datetime
from pipeline import settings, steps
now = datetime.fromisoformat("{now}")
{call}
"""
Row = dict[str, Any]


@pytest.fixture
def desk(settings: Settings) -> Settings:
    return replace(settings, allow_hosts="127.0.0.0/8")


def rows(settings: Settings, query: str) -> list[Row]:
    with database.connect(settings) as connection:
        return list(connection.execute(query).fetchall())


def add(settings: Settings, url: str) -> int:
    with database.connect(settings) as connection:
        return feed_store.add(connection, FeedSource(url, ""), "Outlet")[0]


def collected(settings: Settings, hosts: Hosts, names: list[str]) -> None:
    """Articles to fetch, one for each name, whose pages the outlet has."""
    items = [(hosts.serve(f"/{name}", article(f"Putin and Kim: {name}")), f"Putin and Kim: {name}") for name in names]
    steps.poll(settings, feed_ids=[add(settings, hosts.serve("/feed", feed(*items), RSS))], now=NOW)
    steps.match(settings, now=NOW)


def killed_at(settings: Settings, hosts: Hosts, path: str, call: str) -> None:
    """Run a step in a process of its own, and kill that when it asks for `path`, which hangs."""
    environment = plain_environment(
        WIREWATCH_DATABASE_URL=settings.database_url,
        WIREWATCH_HOME=str(settings.home),
        WIREWATCH_ALLOW_HOSTS=settings.allow_hosts,
        WIREWATCH_HOST_INTERVAL="0",
    )
    command = [sys.executable, "-c", WORKER.format(now=NOW.isoformat(), call=call)]
    with subprocess.Popen(command, env=environment) as process:
        deadline = time.monotonic() + 60
        while ("127.0.0.1", path) not in hosts.asked:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        process.kill()
    gone = f"SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'wirewatch {process.pid}@%'"
    while rows(settings, gone):  # the server's process reads the end of the connection in its own time
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_step_killed_in_the_middle_of_extraction_leaves_all_its_pages_to_the_next_at_once(
    desk: Settings, hosts: Hosts
) -> None:
    collected(desk, hosts, ["one", "two", "three", "four"])
    hosts.serve("/three", hosts.wait)
    killed_at(desk, hosts, "/three", "steps.extract(settings.load(), now=now)")
    held = rows(desk, "SELECT attempts FROM articles WHERE leased_until > clock_timestamp() + interval '9 minutes'")
    assert len(held) >= 2, "it held pages when it was killed, for ten minutes by the clock"
    hosts.serve("/three", article("Putin and Kim: three"))
    counts = steps.extract(desk, now=NOW)
    assert "held_elsewhere" not in counts
    found = rows(desk, "SELECT state, revision, attempts, leased_by FROM articles")
    assert found == 4 * [{"state": "extracted", "revision": 1, "attempts": 1, "leased_by": None}]
    assert len(rows(desk, "SELECT 1 FROM article_revisions")) == 4


def test_a_step_killed_while_it_polls_leaves_the_feed_to_the_next_at_once(desk: Settings, hosts: Hosts) -> None:
    number = add(desk, hosts.serve("/feed", hosts.wait, RSS))
    killed_at(desk, hosts, "/feed", f"steps.poll(settings.load(), feed_ids=[{number}], now=now)")
    assert rows(desk, "SELECT leased_until > clock_timestamp() AS held FROM feeds") == [{"held": True}]
    hosts.serve("/feed", feed(("https://outlet.example/one", "Putin and Kim")), RSS)
    assert steps.due_batches(desk, now=NOW) == [[number]]
    assert steps.poll(desk, feed_ids=[number], now=NOW)["entries"] == 1


def test_what_a_living_owner_holds_is_left_to_it_and_said(
    desk: Settings, hosts: Hosts, caplog: pytest.LogCaptureFixture
) -> None:
    collected(desk, hosts, ["one", "two"])
    with locks.Owner(desk, "another") as other:
        with database.connect(desk) as connection:
            (held,) = article_store.claim(connection, owner=other.id, now=NOW, lease=600, limit=1)
        counts = steps.extract(desk, now=NOW)
        assert (counts["extracted"], counts["held_elsewhere"]) == (1, 1)
        assert "extract: 1 pages were left to others who hold them" in caplog.text
        assert rows(desk, f"SELECT state FROM articles WHERE id = {held.id}") == [{"state": "pending"}]
    assert steps.extract(desk, now=NOW)["extracted"] == 1


def test_an_owner_that_stands_still_keeps_its_pages_until_their_time_is_over(desk: Settings, hosts: Hosts) -> None:
    collected(desk, hosts, ["one"])
    with locks.Owner(desk, "a frozen one") as frozen:
        with database.connect(desk) as connection:
            article_store.claim(connection, owner=frozen.id, now=NOW, lease=1.0, limit=1)
        assert steps.extract(desk, now=NOW)["held_elsewhere"] == 1
        time.sleep(1.1)
        assert steps.extract(desk, now=NOW)["extracted"] == 1


def test_an_owner_that_lost_its_pages_to_another_writes_nothing_of_them(desk: Settings, hosts: Hosts) -> None:
    collected(desk, hosts, ["one"])
    came, once = threading.Event(), [True]

    def slow_once() -> bytes:
        if once.pop() if once else False:
            came.set()
            hosts.wait()
            return article("Putin and Kim: what the first of the two read")
        return article("Putin and Kim: one")

    hosts.serve("/one", slow_once)
    found: list[Row] = []
    first = threading.Thread(target=lambda: found.append(steps.extract(desk, now=NOW)))
    first.start()
    assert came.wait(30)
    with psycopg.connect(desk.database_url, autocommit=True) as connection:  # as if the server had been started again
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name LIKE '%: extract'"
            " AND datname = current_database()"
        )
    assert steps.extract(desk, now=NOW)["extracted"] == 1
    hosts.released.set()
    first.join()
    assert found[0]["lease_lost"] == 1 and "extracted" not in found[0]
    assert rows(desk, "SELECT title, revision FROM articles") == [{"title": "Putin and Kim: one", "revision": 1}]
    assert len(rows(desk, "SELECT 1 FROM article_revisions")) == 1
