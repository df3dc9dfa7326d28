"""An article's versions are those of its wordings in order of time, in whatever order its page is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from pipeline.extraction import revisions
from pipeline.extraction.chronology import Version, with_earlier

TEXTS = {
    "a": "The ferry sailed on Wednesday with two hundred passengers.\nIts engines are new.",
    "b": "The ferry sailed on Wednesday with three hundred passengers.\nIts engines are new.",
    "c": "The ferry did not sail.\nCorrection: an earlier version of this article said that it had sailed.",
}


def at(hour: int) -> datetime:
    return datetime(2024, 6, 19, tzinfo=UTC) + timedelta(hours=hour)


def read(wordings: str, order: tuple[int, ...]) -> list[Version]:
    """The versions after the page, which said one wording an hour, was read in this order."""
    known: list[Version] = []
    looks: list[datetime] = []
    for hour in order:
        text = TEXTS[wordings[hour]]
        if not known:
            known = [Version(at(hour), "first", "Ferry", text)]
        elif at(hour) > max(looks):
            change = revisions.compare(known[-1].title, known[-1].text, "Ferry", text)
            known += [Version(at(hour), change.kind, "Ferry", text, change.diff)] if change else []
        else:
            known = with_earlier(known, looks, at(hour), "Ferry", text)
        looks.append(at(hour))
    return known


@pytest.mark.parametrize("wordings", ["abca", "aaba", "abab", "abbc", "aabb", "baac"])
def test_every_order_of_reading_gives_the_versions_of_the_order_of_time(wordings: str) -> None:
    expected = read(wordings, (0, 1, 2, 3))
    for order in permutations(range(4)):
        assert read(wordings, order) == expected, order


def test_each_version_is_compared_with_the_one_before_it_in_time() -> None:
    known = [Version(at(0), "first", "Ferry", TEXTS["a"]), Version(at(2), "correction", "Ferry", TEXTS["c"], "old")]
    told = with_earlier(known, [at(0), at(2)], at(1), "Ferry", TEXTS["b"])
    assert [(version.seen_at, version.kind) for version in told] == [
        (at(0), "first"),
        (at(1), "update"),
        (at(2), "correction"),
    ]
    assert told[2].diff is not None
    assert "-The ferry sailed on Wednesday with three hundred passengers." in told[2].diff
