"""Polls are written many at a time; a fault stays its feed's; a slow host keeps nobody; a lost lease is left alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline import database, steps
from pipeline.database import locks
from pipeline.database.recordset import recordset
from pipeline.errors import BrokenStepError
from pipeline.feeds import sightings
from pipeline.models import FeedSource
from pipeline.settings import Settings
from pipeline.steps import answers, polling
from pipeline.store import feeds as feed_store
from pipeline.store.hosts import SharedHosts
from pipeline.web.pacing import Slot
from tests.support.hosts import RSS, Hosts, feed

NOW = datetime(2024, 6, 19, 12, tzinfo=UTC)
Row = dict[str, Any]


@pytest.fixture
def desk(settings: Settings) -> Settings:
    return replace(settings, allow_hosts="127.0.0.0/8")


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many polls each transaction was to write, in order."""
    sizes: list[int] = []

    def counted(settings: Settings, connection: database.Connection, given: Sequence[answers.Answer]) -> Any:
        sizes.append(len(given))
        return answers.write(settings, connection, given)

    monkeypatch.setattr(polling, "write", counted)
    return sizes


def rows(settings: Settings, query: str) -> list[Row]:
    with database.connect(settings) as connection:
        return connection.execute(query).fetchall()


def added(settings: Settings, *addresses: str) -> list[int]:
    with database.connect(settings) as connection:
        return [feed_store.add(connection, FeedSource(url, ""), "Outlet")[0] for url in addresses]


def serve(hosts: Hosts, name: str, items: int = 3) -> str:
    told = [(f"https://outlet.example/{name}/{n}", f"Putin and Kim, {name} {n}") for n in range(items)]
    return hosts.serve(f"/{name}", feed(*told), RSS)


def refuse(settings: Settings, title: str) -> None:
    """Let Postgres itself refuse an entry of this title, as it refuses what no column can hold."""
    with database.connect(settings) as connection:
        connection.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$"
            " BEGIN RAISE EXCEPTION 'no such title' USING ERRCODE = 'data_exception'; END $$"
        )
        connection.execute(
            f"CREATE TRIGGER refuse BEFORE INSERT ON entries FOR EACH ROW WHEN (new.title = '{title}')"
            " EXECUTE FUNCTION refuse()"
        )


def test_many_feeds_are_written_in_few_transactions(desk: Settings, hosts: Hosts, written: list[int]) -> None:
    ids = added(desk, *(serve(hosts, f"f{n}") for n in range(60)))
    counts = steps.poll(desk, feed_ids=ids, now=NOW)
    assert (counts["polled"], counts["ok"], counts["entries"]) == (60, 60, 180)
    assert sum(written) == 60
    assert len(written) <= 12, written
    found = rows(desk, "SELECT feed_id, count(*) AS n FROM entries GROUP BY feed_id ORDER BY feed_id")
    assert found == [{"feed_id": feed_id, "n": 3} for feed_id in ids]
    assert rows(desk, "SELECT count(*) AS n FROM feed_documents") == [{"n": 60}]
    # An entry's number follows its place in its document.
    assert (
        rows(desk, "SELECT 1 FROM entries a JOIN entries b USING (feed_id) WHERE a.id < b.id AND a.url > b.url") == []
    )


@pytest.mark.parametrize("where", ["database", "code"])
def test_a_fault_on_one_entry_stays_its_feeds_and_the_rest_of_the_batch_is_written(
    desk: Settings, hosts: Hosts, written: list[int], monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    ids = added(desk, *(serve(hosts, f"f{n}") for n in range(12)))
    if where == "database":
        refuse(desk, "Putin and Kim, f7 1")
    else:
        whole = sightings.reconcile

        def stumbling(known: Any, entries: Any) -> Any:
            if any("f7" in entry.title for entry in entries):
                raise AttributeError("stumbled")
            return whole(known, entries)

        monkeypatch.setattr(sightings, "reconcile", stumbling)
    counts = steps.poll(desk, feed_ids=ids, now=NOW)
    assert (counts["polled"], counts["ok"], counts["entries"], counts["internal"]) == (12, 11, 33, 1)
    assert max(written) > 1 and written.count(1) >= 2, "together at first, then one by one"
    bad = ids[7]
    assert rows(desk, f"SELECT 1 FROM entries WHERE feed_id = {bad}") == []
    assert rows(desk, "SELECT step, item FROM quarantine") == [{"step": "poll", "item": f"feed:{bad}"}]
    logged = {row["feed_id"]: row["outcome"] for row in rows(desk, "SELECT feed_id, outcome FROM fetches")}
    assert logged == {feed_id: "internal" if feed_id == bad else "ok" for feed_id in ids}
    assert rows(desk, "SELECT id FROM feeds WHERE leased_by IS NOT NULL") == []
    assert len(rows(desk, "SELECT 1 FROM feed_documents")) == 11


def test_a_step_in_which_most_feeds_fail_is_broken(
    desk: Settings, hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = added(desk, *(serve(hosts, f"f{n}") for n in range(6)))
    monkeypatch.setattr(sightings, "reconcile", None)
    with pytest.raises(BrokenStepError, match="6 of 6"):
        steps.poll(desk, feed_ids=ids, now=NOW)


def test_a_feed_that_another_took_meanwhile_is_left_to_it(
    desk: Settings, hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = added(desk, *(serve(hosts, f"f{n}") for n in range(5)))
    with locks.Owner(desk, "another") as other:

        def taken(settings: Settings, connection: database.Connection, given: Any) -> Any:
            with database.connect(settings) as beside:
                beside.execute("UPDATE feeds SET leased_by = %s WHERE id = %s", (other.id, ids[2]))
            return answers.write(settings, connection, given)

        monkeypatch.setattr(polling, "write", taken)
        counts = steps.poll(desk, feed_ids=ids, now=NOW)
        assert (counts["ok"], counts["lease_lost"], counts["entries"]) == (4, 1, 12)
        assert rows(desk, f"SELECT leased_by FROM feeds WHERE id = {ids[2]}") == [{"leased_by": other.id}]
    assert rows(desk, f"SELECT 1 FROM entries WHERE feed_id = {ids[2]}") == []
    assert rows(desk, f"SELECT 1 FROM fetches WHERE feed_id = {ids[2]}") == []


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four feeds under way at once, two claimed together."""
    monkeypatch.setattr(polling, "_AT_ONCE", 4)
    monkeypatch.setattr(polling, "_CLAIM", 2)


@pytest.fixture
def two_hosts() -> Iterator[Hosts]:
    with Hosts(2) as found:
        for host in ("127.0.0.1", "127.0.0.2"):
            found.serve("/robots.txt", b"User-agent: *\nAllow: /\n", "text/plain", host=host)
        yield found


@pytest.mark.usefixtures("narrow")
def test_a_slow_host_keeps_its_place_and_the_others_go_round_it(desk: Settings, two_hosts: Hosts) -> None:
    slow = two_hosts.serve("/slow", two_hosts.wait, RSS, "127.0.0.2")
    ids = added(desk, slow, *(serve(two_hosts, f"f{n}") for n in range(14)))
    told: list[None] = []
    patient = replace(desk, read_timeout=60.0, total_timeout=60.0)
    options = {"feed_ids": ids, "now": NOW, "on_result": lambda: told.append(None)}
    step = threading.Thread(target=steps.poll, args=[patient], kwargs=options)
    step.start()
    deadline = time.monotonic() + 50
    while len(rows(desk, "SELECT 1 FROM entries")) < 14 * 3:
        assert time.monotonic() < deadline and step.is_alive()
        time.sleep(0.05)
    assert len(told) == 14, "the slow one, asked first, is still under way"
    two_hosts.released.set()
    step.join()
    assert len(told) == 15
    assert rows(desk, "SELECT id FROM feeds WHERE leased_by IS NOT NULL") == []


def test_slots_asked_for_together_lie_as_far_apart_as_those_asked_for_alone(settings: Settings) -> None:
    hosts = SharedHosts(settings)
    slots = [Slot("b.example", 2.0), Slot("a.example", 5.0), Slot("b.example", 2.0), Slot("b.example", 3.0)]
    assert hosts.reserve_all(slots) == pytest.approx([0.0, 0.0, 2.0, 4.0], abs=0.5)
    assert hosts.reserve("b.example", 2.0, 0.0) == pytest.approx(7.0, abs=0.5)
    assert hosts.reserve("a.example", 2.0, 0.0) == pytest.approx(5.0, abs=0.5)
    assert hosts.reserve_all([]) == []


def test_rows_as_one_parameter_keep_every_character_and_microsecond(settings: Settings) -> None:
    given = {"at": NOW.replace(microsecond=1), "words": ["a\\\"'{},\n", "Пхеньян", "평양", "NULL"], "none": None}
    with database.connect(settings) as connection:
        query = "SELECT * FROM json_to_recordset(%s) AS r (at timestamptz, words text[], none text)"
        assert connection.execute(query, (recordset([given]),)).fetchall() == [given]
