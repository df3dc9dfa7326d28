"""What a process keeps of the sums of stories has a bound, however often and however far a story grows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from pipeline import database, steps
from pipeline.settings import Settings
from pipeline.store import profiles
from pipeline.store.profiles import Version

NOW = datetime(2024, 6, 19, 12, tzinfo=UTC)


@pytest.fixture
def none_kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(profiles, "_kept", type(profiles._kept)())
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
    profiles._kept.clear()
    for _ in range(3):
        stories = read_all(desk)
        assert len(profiles._kept) == stories
        grow(desk)


def test_stories_of_many_words_are_kept_in_smaller_number(
    desk: Settings, none_kept: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps.cluster(desk, now=NOW)
    profiles._kept.clear()
    assert read_all(desk) > 1
    words = [len(story.profile.terms) for _, story in profiles._kept.values()]
    grow(desk)
    monkeypatch.setattr(profiles, "KEPT_TERMS", sum(words) - 1)
    read_all(desk)
    assert sum(len(story.profile.terms) for _, story in profiles._kept.values()) < sum(words)
