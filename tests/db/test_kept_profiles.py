"""What a process keeps of the sums of stories has a bound, however often and however far a story grows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from pipeline import database, steps
from pipeline.settings import Settings
from pipeline.store import profiles
from pipeline.store.profiles import Version
from pipeline.stories.features import Candidate, Profile

NOW = datetime(2024, 6, 19, 12, tzinfo=UTC)


@pytest.fixture
def none_kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(profiles, "_kept", profiles._Kept())
    yield


def read_all(settings: Settings) -> int:
    """Read every story's sums as they are now; how many there are."""
    with database.connect(settings) as connection:
        rows = connection.execute("SELECT story_id, changed, model_id FROM story_profiles ORDER BY 1").fetchall()
        found = profiles.read(
            connection, [Version(row["story_id"], row["changed"]) for row in rows], rows[0]["model_id"]
        )
    assert len(found) == len(rows)
    return len(found)


def grow(settings: Settings) -> None:
    """Give each story another version."""
    with database.connect(settings) as connection:
        connection.execute("UPDATE story_profiles SET changed = changed + %s", [timedelta(seconds=1)])


def test_one_version_of_a_story_is_kept(desk: Settings, none_kept: None) -> None:
    steps.cluster(desk, now=NOW)
    for _ in range(3):
        stories = read_all(desk)
        assert len(profiles._kept.stories) == stories
        grow(desk)


def words() -> int:
    """The words that the kept stories have together."""
    return sum(len(story.profile.terms) for _, story in profiles._kept.stories.values())


def test_stories_of_many_words_are_kept_in_smaller_number(
    desk: Settings, none_kept: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps.cluster(desk, now=NOW)
    assert read_all(desk) > 1
    whole = words()
    grow(desk)
    monkeypatch.setattr(profiles, "KEPT_TERMS", whole - 1)
    read_all(desk)
    assert 0 < words() < whole


def test_what_was_asked_for_longest_ago_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiles, "KEPT", 2)
    kept = profiles._Kept()
    profile = Profile(1, np.zeros((2, 3), dtype=np.float32), {"ferry": (1.0, 1.0)}, 1.0, 1, 0.0, 0.0, 0.0, Counter())
    for story_id in (1, 2):
        kept.keep(7, {story_id: (NOW, Candidate(str(story_id), float(story_id), profile))})
    assert kept.known(7, [(1, NOW)])
    kept.keep(7, {3: (NOW, Candidate("3", 3.0, profile))})
    assert [story_id for _, story_id in kept.stories] == [1, 3]


def test_what_is_shared_is_not_changed_by_who_joins_it(desk: Settings, none_kept: None) -> None:
    """A story's sums are handed out as they are kept; a step that fails after it grew one leaves them as they were."""
    steps.cluster(desk, now=NOW)
    read_all(desk)
    with database.connect(desk) as connection:
        rows = connection.execute("SELECT story_id, changed, model_id FROM story_profiles").fetchall()
        versions = [Version(row["story_id"], row["changed"]) for row in rows]
        kept = profiles.read(connection, versions, rows[0]["model_id"])
        sizes = [story.profile.size for story in kept]
        steps.cluster(desk, now=NOW + timedelta(hours=2))
        again = profiles.read(connection, versions, rows[0]["model_id"])
    assert [story.profile.size for story in kept] == sizes
    assert len(again) == len(kept)
