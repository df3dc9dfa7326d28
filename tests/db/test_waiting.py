"""A step that nothing waits for is not loaded, and neither is the model for texts that cannot be on a topic."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest

from pipeline import database, steps
from pipeline.models import FeedSource
from pipeline.settings import Settings
from pipeline.steps import waiting
from pipeline.store import waiting as store

NOW = datetime(2024, 6, 19, 12, tzinfo=UTC)
HOMES = {
    "match": "matching",
    "extract": "extracting",
    "find_copies": "copying",
    "embed": "embedding",
    "place": "clustering",
    "reassign": "reassigning",
    "deliver": "delivering",
}
HEAVY = ("tldextract", "torch", "sentence_transformers", "transformers", "trafilatura", "scipy", "feedparser", "lxml")
SECONDS = 2.0
"""Processor time that a verb may take to find nothing, the interpreter's start included."""
IDLE = """
import json, sys, time
from datetime import UTC, datetime
from pipeline import settings, steps
counts = getattr(steps, sys.argv[1])(settings.load(), now=datetime(2024, 6, 19, 12, tzinfo=UTC))
print(json.dumps([counts, sorted({name.split(".")[0] for name in sys.modules}), time.process_time()]))
"""


@pytest.mark.parametrize("verb", [*HOMES, "due_batches"])
def test_where_nothing_waits_a_verb_loads_no_reader_and_no_model(settings: Settings, verb: str) -> None:
    told = {"DATABASE_URL": settings.database_url, "HOME": str(settings.home), "MODEL": settings.model}
    environment = os.environ | {f"WIREWATCH_{name}": value for name, value in told.items()}
    command = [sys.executable, "-c", IDLE, verb]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    counts, modules, seconds = json.loads(done.stdout)
    assert "psycopg" in modules
    assert set(HEAVY) & set(modules) == set()
    assert seconds < SECONDS
    if verb == "due_batches":
        assert counts == []
    else:
        assert counts == getattr(import_module(f"pipeline.steps.{HOMES[verb]}"), verb)(settings, now=NOW)


def test_the_package_has_the_verbs_that_ask_first() -> None:
    for verb in (*HOMES, "due_batches"):
        assert getattr(steps, verb) is getattr(waiting, verb)


def entry(settings: Settings, name: str, title: str, published: datetime = NOW, language: str = "en") -> int:
    """An entry that no topic was asked about."""
    with database.connect(settings) as connection:
        row = connection.execute(
            "INSERT INTO entries (feed_id, key, url, canonical_url, title, text, published, published_rule,"
            " first_seen_at, last_seen_at, language) VALUES (1, %(key)s, %(url)s, %(url)s, %(title)s, '', %(at)s,"
            " 'published', %(at)s, %(at)s, %(language)s) RETURNING id",
            {
                "key": name,
                "url": f"https://outlet.example/{name}",
                "title": title,
                "at": published,
                "language": language,
            },
        ).fetchone()
    assert row is not None
    return int(row["id"])


@pytest.fixture
def outlet(settings: Settings) -> Settings:
    """One feed, just asked."""
    steps.add_feed(settings, FeedSource(url="https://outlet.example/rss", title="Outlet", outlet="Outlet"))
    change(settings, "UPDATE feeds SET next_poll_at = %(now)s::timestamptz + interval '15 minutes'")
    return settings


def change(settings: Settings, query: str) -> None:
    with database.connect(settings) as connection:
        connection.execute(query.encode(), {"now": NOW})


def asked(settings: Settings, question: Callable[..., bool], **more: Any) -> bool:
    with database.connect(settings) as connection:
        return question(connection, now=NOW, **more)


def test_an_entry_waits_until_it_is_judged_and_while_a_fault_holds_it_it_does_not(outlet: Settings) -> None:
    assert not asked(outlet, store.any_entry)
    number = entry(outlet, "one", "Putin and Kim sign their treaty in Pyongyang")
    assert asked(outlet, store.any_entry)
    held = "INSERT INTO item_faults (step, kind, item_id, tries, first_at, last_at, next_try_at, class, message, place)"
    change(outlet, f"{held} VALUES ('match', 'entry', {number}, 1, %(now)s, %(now)s, %(now)s::timestamptz + '1 h',"
                   " 'E', '', '')")  # fmt: skip
    assert not asked(outlet, store.any_entry)
    change(outlet, "DELETE FROM item_faults")
    assert steps.match(outlet, now=NOW) == {"judged": 1, "on_topic": 1, "internal": 0}
    assert not asked(outlet, store.any_entry)
    assert asked(outlet, store.any_page), "what is on topic is a page to fetch"


def test_a_feed_waits_when_it_is_due_or_was_put_off_by_a_clock_ahead(outlet: Settings) -> None:
    def waits() -> bool:
        return asked(outlet, store.any_feed, soon=NOW + timedelta(hours=1), next_poll=NOW + timedelta(days=2))

    assert not waits()
    assert steps.due_batches(outlet, now=NOW) == []
    assert steps.due_batches(outlet, now=NOW + timedelta(hours=1)) == [[1]]
    change(outlet, "UPDATE feeds SET next_poll_at = '2036-01-01'")
    assert waits()
    assert steps.due_batches(outlet, now=NOW) == [[1]]
    change(outlet, "UPDATE feeds SET state = 'retired'")
    assert not waits()


def test_an_article_waits_for_each_step_that_it_lacks(desk: Settings) -> None:
    assert not asked(desk, store.any_uncopied)
    assert not asked(desk, store.any_unembedded, model=desk.model)
    assert asked(desk, store.any_unembedded, model="another")
    assert asked(desk, store.any_unplaced)
    assert not asked(desk, store.any_unreassigned)
    assert steps.place(desk, now=NOW)["placed"] == 5
    assert not asked(desk, store.any_unplaced)
    assert asked(desk, store.any_unreassigned)
    steps.reassign(desk, now=NOW)
    assert not asked(desk, store.any_unreassigned)
    change(desk, "INSERT INTO stories_to_rebuild (story_id) SELECT min(id) FROM stories")
    assert asked(desk, store.any_unreassigned)
    change(desk, "UPDATE articles SET copies_at = NULL WHERE id = 1")
    assert asked(desk, store.any_uncopied)
    change(desk, "UPDATE articles SET next_refetch_at = %(now)s WHERE id = 1")
    assert asked(desk, store.any_page)


def test_the_model_is_asked_only_of_texts_of_which_closeness_can_decide(
    outlet: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Model:
        def reads(self, document: Any) -> bool:
            asked.append(document.title)
            return False

    monkeypatch.setattr("pipeline.steps.closeness.encoder", lambda _: Model())
    entry(outlet, "one", "A late goal for Portugal")
    entry(outlet, "two", "Putin and Kim sign their treaty in Pyongyang", NOW - timedelta(days=300))
    assert steps.match(outlet, now=NOW) == {"judged": 2, "on_topic": 0, "internal": 0}
    assert asked == []
    entry(outlet, "three", "Putin and Kim sign their treaty in Pyongyang")
    entry(outlet, "four", "Portugalia wygrywa", language="pl")
    assert steps.match(outlet, now=NOW)["judged"] == 2
    assert asked == ["Putin and Kim sign their treaty in Pyongyang", "Portugalia wygrywa"]
