"""A draft names what it cannot show yet, and waits for what is under way, within bounds."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from pipeline import database, steps
from pipeline.database import locks
from pipeline.models import Review
from pipeline.settings import Settings
from pipeline.steps import digesting
from pipeline.store import articles as article_store
from pipeline.store import digests as store
from pipeline.store.digests import StoredDigest

TOPIC = "putin-kim-summit"
DAY = "2024-06-19"
NOON = datetime(2024, 6, 19, 12, tzinfo=UTC)
NOW = datetime(2024, 6, 20, 6, tzinfo=UTC)
WHOLE = f"state = 'extracted', published = '{NOON}', title = 'T', text = 'Text.'"


def on_topic(settings: Settings, name: str, more: str = "", published: datetime = NOON) -> int:
    """An article to fetch whose entry is on topic; `more` sets columns of its row."""
    with database.connect(settings) as connection:
        connection.execute(
            "INSERT INTO topics (slug, name, definition, digest_zone) VALUES (%s, 'Summit', '{}', 'UTC')"
            " ON CONFLICT DO NOTHING",
            (TOPIC,),
        )
        connection.execute("INSERT INTO feeds (url, outlet) VALUES ('https://o.example/', 'O') ON CONFLICT DO NOTHING")
        sighted = article_store.Sighted(name, name, f"https://o.example/{name}", "O", None, None, NOON)
        number = article_store.upsert(connection, [sighted])[0]
        connection.execute(
            "WITH e AS (INSERT INTO entries (feed_id, key, title, text, published, published_rule, first_seen_at,"
            " last_seen_at, article_id, matched_at) SELECT id, %(name)s, %(name)s, '', %(at)s, 'published', %(at)s,"
            " %(at)s, %(id)s, %(at)s FROM feeds RETURNING id)"
            " INSERT INTO entry_topics (entry_id, topic, on_topic, rule, score, threshold, decided_at)"
            " SELECT id, %(topic)s, true, 'query', 1, 0, %(at)s FROM e",
            {"name": name, "at": published, "id": number, "topic": TOPIC},
        )
        if more:
            connection.execute(f"UPDATE articles SET {more} WHERE id = %s", (number,))
    return number


def claimed(settings: Settings, owner: locks.Owner) -> None:
    """One article is being fetched."""
    with database.connect(settings) as connection:
        assert len(article_store.claim(connection, owner=owner.id, now=NOW, lease=600, limit=1)) == 1


def draft(settings: Settings, *, wait: bool = False) -> tuple[dict[str, int], StoredDigest]:
    outcome = steps.draft(settings, topic=TOPIC, day=DAY, now=NOW, wait=wait)
    with database.connect(settings) as connection:
        row = store.digest(connection, outcome["digest_id"])
    assert row is not None
    return outcome, row


def test_a_draft_names_what_it_cannot_show_yet_to_its_reviewer_and_not_to_its_readers(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    on_topic(settings, "held")
    with locks.Owner(settings, "extract") as owner:
        claimed(settings, owner)
        on_topic(settings, "retried", f"next_try_at = '{NOW + timedelta(hours=1)}', reason = 'http-503'")
        on_topic(settings, "unplaced", WHOLE)
        on_topic(settings, "of-another-day", published=NOON + timedelta(days=1), more=f"first_seen_at = '{NOW}'")
        on_topic(settings, "without-a-page", "state = 'failed', reason = 'http-404'")
        outcome, row = draft(settings)
    assert (outcome["pending"], row.pending) == (3, 3)
    assert row.pending_why == {"held": 1, "to_retry": 1, "to_place": 1}
    said = (
        "3 articles are still on the way: 1 is being fetched, 1 is asked for again later, 1 waits for its story."
    )  # fmt: skip
    assert said in caplog.text
    shown = steps.digest_markdown(settings, digest_id=row.id)
    assert shown.splitlines()[2] == f"> {said}"
    steps.publish(settings, digest_id=row.id, review=Review(True, "ana"), now=NOW)
    assert "still on the way" not in steps.digest_markdown(settings, digest_id=row.id)


def test_what_a_killed_step_left_is_to_be_fetched_and_not_held(settings: Settings) -> None:
    on_topic(settings, "left")
    with locks.Owner(settings, "extract") as owner:
        claimed(settings, owner)
    began = time.monotonic()
    _, row = draft(settings, wait=True)
    assert row.pending_why == {"to_fetch": 1}
    assert time.monotonic() - began < 60, "nobody is at work on it, so nothing is waited for"


def test_a_draft_waits_for_pages_under_way_and_for_their_stories(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digesting, "_LOOK", 0.1)
    number = on_topic(settings, "held")
    owner = locks.Owner(settings, "extract")
    claimed(settings, owner)
    steps_taken: list[str] = []

    def go_on() -> None:
        for change in (f"{WHOLE}, leased_until = 'epoch'", f"clustered_at = '{NOW}'"):
            time.sleep(0.5)
            with database.connect(settings) as connection:
                connection.execute(f"UPDATE articles SET {change} WHERE id = %s", (number,))
            steps_taken.append(change)

    worker = threading.Thread(target=go_on)
    worker.start()
    _, row = draft(settings, wait=True)
    assert len(steps_taken) == 2
    assert row.pending == 0
    assert row.as_of >= NOW + timedelta(seconds=1), "it shows the day as it is known after the wait"
    worker.join()
    owner.close()


def test_a_draft_waits_no_longer_than_its_patience(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digesting, "PATIENCE", 0.5)
    on_topic(settings, "held")
    with locks.Owner(settings, "extract") as owner:
        claimed(settings, owner)
        _, row = draft(settings, wait=True)
    assert row.pending_why == {"held": 1}
