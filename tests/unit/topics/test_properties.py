"""Whatever a text says, the topic gives a verdict on it whose row can be written; nothing is raised."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import topics
from pipeline.topics import Closeness, TopicNumbers
from tests.support.project import REPOSITORY
from tests.support.strategies import PROSE, faults, moments, near_moments, storable_texts

SUMMIT = topics.load(REPOSITORY / "seeds" / "topics" / "putin-kim-summit.toml", REPOSITORY / "seeds" / "documents")
words = st.sampled_from(("Putin", "Kim Jong Un", "Pyongyang", "평양", "金正恩", "Hanoi", PROSE, "\n", "\n\n", " "))
bodies = st.lists(st.one_of(words, storable_texts), max_size=8).map("".join)
numbers = st.builds(TopicNumbers, st.floats(-1, 1), st.floats(0, 20), st.one_of(st.none(), st.floats(-1, 1)))
closenesses = st.one_of(st.none(), st.builds(Closeness, st.floats(-1, 1), numbers))
languages = st.sampled_from((None, "en", "ko-KR", "pl", "und", "x"))


@given(bodies, bodies, st.one_of(near_moments, moments), closenesses, languages, st.booleans())
def test_a_text_gets_a_verdict(
    title: str, text: str, published: datetime, closeness: Closeness | None, language: str | None, entry: bool
) -> None:
    verdict = topics.match(SUMMIT, title, text, published, closeness, language=language, entry=entry)
    assert list(faults(verdict)) == []
    assert verdict.rule in {"query+seed", "query", "seed", "window", "groups", "elsewhere"}
    assert not (verdict.on_topic and verdict.rule in {"window", "groups", "elsewhere"})
    if verdict.on_topic:
        assert SUMMIT.covers(published)
        assert topics.worth_measuring(SUMMIT, title, text, language)
        assert verdict.rule == "seed" or topics.mentions(SUMMIT, title, text)


terms = st.one_of(
    st.sampled_from(("Kim*", "金正恩", "(", "[a-", "\\", "a|b", "*", "**", "+", "$^")), st.text(min_size=1)
)


@given(st.lists(terms.filter(str.strip), min_size=1, max_size=4), bodies)
def test_a_term_is_looked_for_as_it_is_written(listed: list[str], text: str) -> None:
    topic = replace(
        SUMMIT, groups={"any": {"en": tuple(listed)}}, required=("any",), excluded={"en": tuple(listed[:1])}
    )
    verdict = topics.match(topic, "", text, SUMMIT.start, None)
    assert list(faults(verdict)) == []


@pytest.mark.parametrize("similarity", [None, -1.0, 0.0, 1.0])
def test_an_empty_text_is_not_on_topic(similarity: float | None) -> None:
    closeness = None if similarity is None else Closeness(similarity, TopicNumbers(0.45, 0.5, 0.6))
    assert not topics.match(SUMMIT, "", "", SUMMIT.start, closeness).on_topic
