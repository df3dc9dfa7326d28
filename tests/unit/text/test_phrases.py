"""Phrases come from the files of the languages, each kind from all of them."""

from __future__ import annotations

import re

import pytest

from pipeline.text import phrases


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("paywall", "subscribe now to continue reading"),
        ("paywall", "nur für abonnent"),
        ("paywall", "会员专享"),
        ("read_on", "読む 続きを読む"),
        ("correction", "an earlier version of this article"),
        ("stamp", "обновлено"),
    ],
)
def test_a_phrase_of_any_language_is_found(kind: str, text: str) -> None:
    assert re.search(phrases.any_of(kind), text)


def test_languages_that_part_words_by_blanks_can_be_told_from_the_others() -> None:
    assert "更新" not in phrases.any_of("stamp", spaced=True)
    assert "updated" not in phrases.any_of("stamp", spaced=False)
    assert "更新" in phrases.any_of("stamp", spaced=False)


def test_a_kind_without_a_phrase_matches_nothing() -> None:
    assert re.search(phrases.any_of("about_cookies", spaced=True), "weather") is None
    assert re.search(phrases.any_of("comments", spaced=False), "3 comments") is None


def test_an_unknown_kind_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        phrases.any_of("nonsense")
