"""Choosing and ranking a day's stories, and who told them first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pipeline import digests
from pipeline.digests.choosing import first
from tests.support.digest_cases import DAY, NOON, article, earlier, story, summit


def test_copies_do_not_count_as_independent_confirmation() -> None:
    copied = story(1, article(1, "wire"), *(article(n, f"paper{n}", copy_of=1) for n in range(2, 9)))
    told = story(2, article(11, "a"), article(12, "b"))
    digest = digests.draft(summit(), "2024-06-19", [copied, told])
    assert [item.story_id for item in digest.items] == [2, 1]
    assert (digest.items[1].outlets, digest.items[1].independent) == (8, 1)


def test_what_does_not_fit_is_dropped_with_its_reason() -> None:
    stories = [story(n, article(n, "a")) for n in range(1, 16)]
    digest = digests.draft(summit(), "2024-06-19", stories)
    assert len(digest.items) == summit().max_stories
    assert {drop.story_id for drop in digest.dropped} == {13, 14, 15}
    assert "beyond the 12 stories" in digest.dropped[0].reason


def test_the_same_rows_give_the_same_digest() -> None:
    stories = [story(n, article(n, "a")) for n in range(1, 6)]
    forward = digests.draft(summit(), "2024-06-19", stories)
    assert forward == digests.draft(summit(), "2024-06-19", stories[::-1])


def test_the_headline_is_an_own_text_in_english_where_there_is_one() -> None:
    korean = article(1, "haneul", language="ko")
    copy = article(2, "paper", copy_of=1)
    english = article(3, "daily")
    agency = article(4, "wire", ownership="agency")
    assert digests.headline_article([korean, copy, english, agency]) is agency
    assert digests.headline_article([korean, copy, english]) is english
    assert digests.headline_article([korean, copy]) is korean
    assert digests.headline_article([korean, copy, english, agency], "ko") is korean


def test_who_was_first_is_told_by_instants_over_all_days() -> None:
    bare = article(1, "a", published=NOON.replace(hour=0))
    known = article(2, "b")
    found = first([bare, known])
    assert (found.outlet, found.bare) == ("b", True), "a day has no hour to be first at"
    assert first([known]).bare is False
    assert first([known, replace(bare, published=bare.published + timedelta(days=1))]).bare is False
    assert first([bare]).outlet == "a"
    before = earlier(9, "yesterday", "x")
    assert first([bare, known], [before]).outlet == "yesterday"


def test_an_article_of_which_only_the_day_is_known_has_no_hour() -> None:
    day = article(1, "wire", published=NOON.replace(hour=0))
    text = digests.to_markdown(digests.draft(summit(), DAY, [story(1, day, article(2, "paper"))]), summit())
    assert "19 Jun, hour unknown\n" in text
    assert "19 Jun 21:02\n" in text, "hours are of the topic's zone"
    assert "(Asia/Pyongyang, UTC+09:00)" in text
    assert " 00:00" not in text
