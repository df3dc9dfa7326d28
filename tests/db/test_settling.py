"""Settled, the same articles stand in the same stories and copies, whatever happened on the way (docs/stories.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from pipeline import database, steps
from pipeline.settings import Settings
from tests.support.deskrows import START, placed
from tests.support.tellings import Telling, arrive, made

NEWS = [told for told in made() if told.development < 5]
SEEN = START + timedelta(days=3)
LATER = SEEN + timedelta(days=1)
STORIES = 5


def collected(settings: Settings, tellings: Sequence[Telling], size: int) -> None:
    """Let tellings arrive `size` at a time, a minute apart, placed each time."""
    for start in range(0, len(tellings), size):
        now = SEEN + timedelta(minutes=start)
        arrive(settings, tellings[start : start + size], now)
        steps.place(settings, now=now)
    steps.reassign(settings, now=SEEN + timedelta(hours=1))


def stories(settings: Settings) -> set[frozenset[str]]:
    """The stories as sets of what their articles are known by."""
    with database.connect(settings) as connection:
        rows = connection.execute(
            "SELECT m.story_id, a.identity FROM memberships m JOIN articles a ON a.id = m.article_id"
            " WHERE m.until IS NULL"
        ).fetchall()
    found: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        found[row["story_id"]].add(row["identity"])
    return {frozenset(each) for each in found.values()}


def emptied(settings: Settings) -> None:
    with database.connect(settings) as connection:
        connection.execute("TRUNCATE articles, stories, term_stats CASCADE")


def changes(counts: dict[str, Any]) -> dict[str, Any]:
    return {name: counts[name] for name in ("recopied", "moved", "merged", "opened", "internal")}


def test_any_order_and_any_batches_end_in_the_same_stories(newsroom: Settings) -> None:
    collected(newsroom, NEWS, 10)
    steps.settle(newsroom, now=LATER)
    straight = stories(newsroom)
    assert len(straight) == STORIES
    for seed in (1, 2):
        emptied(newsroom)
        shuffled = list(NEWS)
        Random(seed).shuffle(shuffled)
        collected(newsroom, shuffled, (3, 17)[seed - 1])
        steps.settle(newsroom, now=LATER)
        assert stories(newsroom) == straight


def scattered(settings: Settings) -> dict[int, int]:
    """Placed articles, of which some stand in stories they do not belong to; article -> story before that."""
    collected(settings, NEWS, 10)
    steps.settle(settings, now=LATER)
    before = placed(settings)
    astray = sorted(before)[::5]
    with database.connect(settings) as connection:
        for article in astray:
            other = next(story for story in sorted(before.values()) if story != before[article])
            connection.execute(
                "UPDATE memberships SET story_id = %s WHERE article_id = %s AND until IS NULL", (other, article)
            )
        connection.execute("UPDATE articles SET settled_at = NULL WHERE id = %s", (astray[0],))
    return before


def test_what_strayed_comes_back_under_the_same_ids_and_says_so(newsroom: Settings) -> None:
    before = scattered(newsroom)
    moved = sum(story != before[article] for article, story in placed(newsroom).items())
    assert moved >= 5
    counts = steps.settle(newsroom, now=LATER)
    assert placed(newsroom) == before
    assert changes(counts) == {"recopied": 0, "moved": moved, "merged": 0, "opened": 0, "internal": 0}
    with database.connect(newsroom) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM memberships WHERE method = 'settle' AND until IS NULL) AS moved,"
            " (SELECT count(*) FROM story_events WHERE kind = 'move' AND reason LIKE 'settled%%') AS told"
        ).fetchone()
    assert row is not None
    assert row["moved"] == moved
    assert 0 < row["told"] <= moved
    upkeep = steps.maintain(newsroom, now=LATER)
    assert upkeep["profiles_of_wrong_size"] == upkeep["members_of_merged_stories"] == 0


def test_settling_again_changes_nothing(newsroom: Settings) -> None:
    scattered(newsroom)
    steps.settle(newsroom, now=LATER)
    state = "SELECT count(*) AS rows, max(id) AS last FROM memberships"
    with database.connect(newsroom) as connection:
        before = connection.execute(state).fetchone()
    assert not any(changes(steps.settle(newsroom, now=LATER)).values())
    with database.connect(newsroom) as connection:
        # ... nor where the whole of it is told once more.
        connection.execute("UPDATE articles SET settled_at = NULL")
    assert not any(changes(steps.settle(newsroom, now=LATER)).values())
    with database.connect(newsroom) as connection:
        assert connection.execute(state).fetchone() == before


def test_a_persons_word_survives(newsroom: Settings) -> None:
    collected(newsroom, NEWS, 10)
    steps.settle(newsroom, now=LATER)
    before = placed(newsroom)
    article = min(before)
    other = next(story for story in sorted(set(before.values())) if story != before[article])
    steps.pin(newsroom, article_id=article, story_id=other, actor="ada", reason="it is", now=LATER)
    with database.connect(newsroom) as connection:
        connection.execute("UPDATE articles SET settled_at = NULL")
    assert not any(changes(steps.settle(newsroom, now=LATER)).values())
    assert placed(newsroom) == before | {article: other}


def test_what_was_seen_before_the_stretch_stays_where_it_is(newsroom: Settings) -> None:
    before = scattered(newsroom)
    astray = placed(newsroom)
    counts = steps.settle(newsroom, now=SEEN + timedelta(days=4))
    assert not any(changes(counts).values())
    assert placed(newsroom) == astray != before


def test_a_fault_of_ours_leaves_every_article_where_it_is(newsroom: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    scattered(newsroom)
    astray = placed(newsroom)
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.stories.settlement.told", lambda members: 1 / 0)
        assert steps.settle(newsroom, now=LATER)["internal"] == 1
    assert placed(newsroom) == astray
    assert steps.settle(newsroom, now=LATER + timedelta(hours=1))["moved"] > 0


QUAKE = (
    "An earthquake of magnitude {} struck {} on Wednesday, the observatory said. The quake hit at a depth of {} km and "
    "its epicentre lay {} km from the coast. There were no reports of damage or casualties, and no warning was issued. "
    "The observatory had first given a slightly higher magnitude and revised it after data of more stations came in."
)
QUAKES = (("6.1", "northern Chile", 40, 35), ("5.7", "eastern Indonesia", 12, 80), ("6.4", "southern Japan", 22, 51))


def test_reports_of_two_events_in_one_form_of_words_are_never_one_story(newsroom: Settings) -> None:
    told = [
        Telling(
            90 + number,
            0,
            f"Quake of {facts[0]} shakes {facts[1]}",
            QUAKE.format(*facts),
            NEWS[0].published + timedelta(hours=number),
            NEWS[0].vector,
        )
        for number, facts in enumerate(QUAKES)
    ]
    arrive(newsroom, told, SEEN)
    with database.connect(newsroom) as connection:
        connection.execute("UPDATE articles SET copies_at = NULL")
    steps.find_copies(newsroom, now=SEEN)
    steps.place(newsroom, now=SEEN)
    steps.reassign(newsroom, now=SEEN + timedelta(hours=1))
    assert len(stories(newsroom)) == len(QUAKES)
    steps.settle(newsroom, now=LATER)
    assert len(stories(newsroom)) == len(QUAKES)
    # By vector and words alone they are one.
    with database.connect(newsroom) as connection:
        connection.execute("DELETE FROM told_apart")
        connection.execute("UPDATE articles SET settled_at = NULL")
    steps.settle(newsroom, now=LATER)
    assert len(stories(newsroom)) == 1


def test_copies_are_those_of_the_texts_whoever_judged_them(newsroom: Settings) -> None:
    """A copy that was never found, one with another origin, and one that is none."""
    wire = NEWS[0]
    prints = [
        Telling(90 + number, 0, wire.title, wire.text, wire.published + timedelta(hours=number), wire.vector)
        for number in range(3)
    ]
    ids = list(arrive(newsroom, [*prints, NEWS[-1]], SEEN))
    right = [{"article_id": ids[1], "origin_id": ids[0]}, {"article_id": ids[2], "origin_id": ids[0]}]
    steps.place(newsroom, now=SEEN)
    with database.connect(newsroom) as connection:
        for article, origin in ((ids[2], ids[1]), (ids[3], ids[0])):
            connection.execute(
                "INSERT INTO copies (article_id, origin_id, containment, resemblance, rule, decided_at)"
                " VALUES (%s, %s, 1, 1, 'earliest', %s)",
                (article, origin, SEEN),
            )
    counts = steps.settle(newsroom, now=LATER)
    assert (counts["recopied"], counts["internal"]) == (3, 0)
    with database.connect(newsroom) as connection:
        rows = connection.execute("SELECT article_id, origin_id FROM copies ORDER BY article_id").fetchall()
        borrowed = connection.execute(
            "SELECT article_id FROM vectors WHERE borrowed_from IS NOT NULL ORDER BY article_id"
        ).fetchall()
    assert rows == right
    assert [row["article_id"] for row in borrowed] == ids[1:3]
    assert not any(changes(steps.settle(newsroom, now=LATER)).values())
