"""Feeds against three published parser suites: nothing but `ItemError`, and no field below its pinned share.

The floors are what was met when they were pinned (its note says what is not, and why). A change that meets more
raises its floor; one that meets less is wrong, or says here why the expectation is not ours.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline import feeds
from pipeline.errors import ItemError
from tests.support import feed_cases, labelled

pytestmark = labelled.needs(*feed_cases.ARCHIVES.values())

# (suite, field) -> expectations met of those stated.
FLOORS = {
    ("feedparser", "title"): (481, 483),
    ("feedparser", "content"): (636, 639),
    ("feedparser", "link"): (34, 34),
    ("feedparser", "id"): (17, 18),
    ("feedparser", "date"): (14, 14),
    ("feedvalidator", "date"): (58, 60),
    ("feedvalidator", "entries"): (748, 752),
    ("gofeed", "title"): (113, 115),
    ("gofeed", "date"): (24, 24),
    ("gofeed", "content"): (74, 74),
    ("gofeed", "id"): (15, 17),  # one resolves an id against xml:base; here ids stay as written
    ("gofeed", "link"): (31, 33),
}
FILES = {"feedparser": 2109, "gofeed": 1093, "feedvalidator": 2219}
REASONS = frozenset({"empty-body", "not-a-feed", "html-page", "sitemap-index", "malformed", "too-complex"})


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return feed_cases.unpack(tmp_path_factory.mktemp("feeds"))


def test_every_file_of_the_suites_is_a_feed_or_a_refusal_with_its_reason(cases: Path) -> None:
    now = datetime(2024, 6, 20, tzinfo=UTC)
    read = dict.fromkeys(FILES, 0)
    for path in feed_cases.files(cases):
        read[path.relative_to(cases).parts[0]] += 1
        try:
            feed = feeds.parse(path.read_bytes(), feed_cases.BASE, None, now)
        except ItemError as error:
            assert error.reason in REASONS, path
            assert error.detail, path
            continue
        assert len({entry.key for entry in feed.entries}) == len(feed.entries), path
        for entry in feed.entries:
            assert entry.published is None or entry.published.tzinfo is UTC, path
            assert (entry.published is None) == (
                entry.published_rule in ("missing", "future", "epoch", "unparsable")
            ), path
            assert "\x00" not in str(feeds.to_json(entry, "x")), path
    assert read == FILES


def test_no_field_falls_below_its_floor(cases: Path) -> None:
    met: dict[tuple[str, str], list[bool]] = {}
    for check in feed_cases.checks(cases):
        met.setdefault((check.family.partition(" ")[0], check.field), []).append(check.met)
    found = {key: (sum(values), len(values)) for key, values in met.items()}
    assert {key: stated for key, (_, stated) in found.items()} == {key: stated for key, (_, stated) in FLOORS.items()}
    below = {key: (found[key][0], floor) for key, (floor, _) in FLOORS.items() if found[key][0] < floor}
    assert not below, f"(found, floor) by suite and field: {below}"
