"""Floors under the recognition of round-ups; the note of 2026-11-27 in docs/notes has what was read."""

from __future__ import annotations

import json
import lzma

import pytest

from pipeline.extraction.kinds import round_up
from tests.support import labelled

SINGLE = tuple(
    f"stories/{name}.jsonl.xz" for name in ("wire-2025", "fulltext-2016", "triples-2010", "excerpts-2026", "confusable")
)
TOPICS = tuple(f"stories/topic-{name}-2023.jsonl.xz" for name in ("karabakh", "morocco"))


def rows(name: str) -> list[dict[str, object]]:
    with lzma.open(labelled.path(name), "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@labelled.needs(*SINGLE)
@pytest.mark.parametrize("name", SINGLE)
def test_articles_of_one_story_are_no_round_ups(name: str) -> None:
    """Seen: none of 3,798; at most one in a thousand may be."""
    titles = [str(row["title"]) for row in rows(name)]
    assert sum(map(round_up, titles)) <= len(titles) / 1000


@labelled.needs(*TOPICS)
@pytest.mark.parametrize(("name", "least"), list(zip(TOPICS, (6, 7), strict=True)))
def test_round_ups_of_real_feeds_are_caught_and_no_told_development_is(name: str, least: int) -> None:
    """What the labeller gave a story is none; the briefings and reviews of the papers, all 13 that were read, are."""
    found = [row for row in rows(name) if round_up(str(row["title"]))]
    assert len(found) >= least
    assert [row["title"] for row in found if row["story"]] == []
