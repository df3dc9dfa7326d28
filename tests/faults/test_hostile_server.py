"""A whole collection over hundreds of hostile outlets: each ends with its reason, and none harms another."""

from __future__ import annotations

import contextlib
import gc
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from pipeline import database, steps, topics
from pipeline.database.embedded import Server
from pipeline.models import FeedSource
from pipeline.settings import Settings
from pipeline.steps.model import encoder
from pipeline.text import characters
from tests.support import commonmark, hostile, hostile_kinds, light

NOW = datetime(2024, 6, 20, 12, tzinfo=UTC)
DAY = "2024-06-19"
GOOD = tuple(hostile.Kind(f"Good Courier {number}", {}) for number in range(4))
Row = dict[str, Any]


@pytest.fixture
def settings(embedded: Server, tmp_path: Path) -> Iterator[Settings]:
    """Settings on a database of this test alone, with short limits."""
    name = "hostile_server"
    embedded.ensure_database(name)
    made = Settings(
        database_url=embedded.url(name),
        home=tmp_path,
        model=light.MODEL,
        host_interval=0.0,
        connect_timeout=2.0,
        read_timeout=1.5,
        total_timeout=4.0,
        feed_timeout=2.0,
        page_timeout=3.0,
        max_feed_bytes=2_000_000,
        max_page_bytes=2_000_000,
    )
    database.migrate(made)
    yield made
    database.close_idle()
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Memory:
    """How much the memory of this process and its children grew at most, MiB, looked at five times a second.

    By their proportional share: a page that several hold counts once. What this process held before is not counted, as
    that depends on the tests before this one, nor is the model, which feeds and pages do not make larger.
    """

    def __init__(self) -> None:
        self.growth = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Memory:
        gc.collect()
        self._before = self._held()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.2):
            self.growth = max(self.growth, self._held() - self._before >> 20)

    def _held(self) -> int:
        this, held = psutil.Process(), 0
        for process in (this, *this.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                held += process.memory_full_info().pss if "postgres" not in process.name() else 0
        return held


def rows(settings: Settings, query: str) -> list[Row]:
    with database.connect(settings) as connection:
        return connection.execute(query).fetchall()


def collect(settings: Settings) -> dict[str, dict[str, Any]]:
    """What `wirewatch collect` does, and the counts of each step."""
    counts: dict[str, dict[str, Any]] = {}
    for number, batch in enumerate(steps.due_batches(settings, now=NOW)):
        counts[f"poll {number}"] = steps.poll(settings, feed_ids=batch, now=NOW)
    for verb in (steps.match, steps.extract, steps.find_copies, steps.embed, steps.place, steps.reassign):
        counts[verb.__name__] = verb(settings, now=NOW)
    return counts


def outcomes(settings: Settings, kinds: list[hostile.Kind]) -> list[str]:
    """A line on each kind whose feed or page ended otherwise than it may."""
    feeds = {
        row["url"]: row["outcome"] for row in rows(settings, "SELECT url, outcome FROM fetches WHERE kind = 'feed'")
    }
    pages = {
        row["outlet"]: row["outcome"]
        for row in rows(settings, "SELECT outlet, coalesce(reason, text_reason, 'ok') AS outcome FROM articles")
    }
    wrong = []
    for kind in kinds:
        feed, page = feeds.get(f"{kind.url}/feed", "never asked"), pages.get(characters.name(kind.name), "never seen")
        if feed not in kind.feed:
            wrong.append(f"{kind.name}: its feed ended {feed}, not {'/'.join(sorted(kind.feed))}")
        elif kind.page is not None and page not in kind.page:
            wrong.append(f"{kind.name}: its page ended {page}, not {'/'.join(sorted(kind.page))}")
    return wrong


@pytest.mark.timeout(580)
def test_every_hostile_outlet_ends_with_its_reason_and_the_good_ones_are_complete(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    kinds = hostile_kinds.kinds()
    assert len({kind.name for kind in kinds}) == len(kinds) >= 200
    began = time.monotonic()
    encoder(settings).encode_texts(["What the model takes is there before."])
    with hostile.serve([*kinds, *GOOD]) as hosts, Memory() as memory:
        here = replace(settings, allow_hosts=",".join(hosts))
        for kind in (*kinds, *GOOD):
            steps.add_feed(here, FeedSource(url=f"{kind.url}/feed", title=kind.name, outlet=kind.name))
        counts = collect(here)
        draft = steps.draft(here, topic=topics.load_all(here)[0].slug, day=DAY, now=NOW + timedelta(hours=12))
        markdown = steps.digest_markdown(here, digest_id=draft["digest_id"])
    took = time.monotonic() - began

    assert rows(here, "SELECT item, step, class, message, place FROM quarantine") == []
    assert {name: found["internal"] for name, found in counts.items() if found.get("internal")} == {}
    assert "\n".join(outcomes(here, [*kinds, *GOOD])) == ""
    complete = rows(
        here,
        "SELECT outlet FROM articles a JOIN memberships m ON m.article_id = a.id AND m.until IS NULL"
        " WHERE a.text_source = 'page' AND outlet LIKE 'Good%' ORDER BY 1",
    )
    assert [row["outlet"] for row in complete] == [kind.name for kind in GOOD]
    assert len(markdown) < 200_000
    assert commonmark.rendered(markdown).count("<h2>") > 0
    # 680 where it runs alone, of which a third is what is imported on the way; 420 and 300 after other tests.
    assert memory.growth < 1_000
    with capsys.disabled():
        print(f"\n{len(kinds)} hostile outlets: {took:.0f} s, at most {memory.growth} MiB more in all processes")
