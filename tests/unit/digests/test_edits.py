"""What a reviewer changes of a digest, and which answers to a review count."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from pipeline import digests, edits, topics
from pipeline.edits import Standing, Word, Words
from pipeline.models import DigestItem, StoryArticle, StoryView
from tests.support import commonmark
from tests.support.project import REPOSITORY

NOON = datetime(2024, 6, 19, 12, tzinfo=UTC)
DAY = date(2024, 6, 19)
NOTHING = Words({}, {})


@pytest.fixture(scope="module")
def topic() -> topics.Topic:
    found = topics.load(REPOSITORY / "seeds" / "topics" / "putin-kim-summit.toml", REPOSITORY / "seeds" / "documents")
    return replace(found, max_stories=3)


def story(number: int, outlets: int) -> StoryView:
    """A story that so many outlets tell in their own words: the more, the higher it ranks."""
    articles = tuple(
        StoryArticle(
            article_id=number * 100 + n,
            title=f"Headline {number}",
            url=f"https://outlet{n}.example/{number}",
            outlet=f"outlet{n}",
            country="GB",
            ownership="private",
            language="en",
            published=NOON + timedelta(minutes=n),
            copy_of=None,
            lead="The treaty was signed on Wednesday.",
        )
        for n in range(outlets)
    )
    return StoryView(number, articles[0].published, articles[-1].published, articles, 0.5)


STORIES = [story(10, 5), story(20, 4), story(30, 3), story(40, 2), story(50, 1)]


def word(story_id: int, **said: object) -> Word:
    return Word(story_id, DAY, "ana", NOON, **said)  # type: ignore[arg-type]


def today(*words: Word) -> Words:
    return Words({each.story_id: each for each in words}, {})


def shown(items: tuple[DigestItem, ...]) -> list[tuple[int, int]]:
    return [(item.rank, item.story_id) for item in items]


def test_without_a_word_it_is_the_ranking(topic: topics.Topic) -> None:
    digest = edits.compose(topic, "2024-06-19", STORIES, None, NOTHING)
    assert shown(digest.items) == [(1, 10), (2, 20), (3, 30)]
    assert [(each.story_id, each.headline) for each in digest.dropped] == [(40, "Headline 40"), (50, "Headline 50")]
    assert {each.reason for each in digest.dropped} == {"beyond the 3 stories of a digest"}
    assert (digest.articles_seen, digest.outlets_seen) == (12, 5), "of the stories that are shown"


def test_what_is_left_out_gives_its_place_to_the_next(topic: topics.Topic) -> None:
    digest = edits.compose(topic, "2024-06-19", STORIES, None, today(word(20, dropped=True, reason="old")))
    assert shown(digest.items) == [(1, 10), (2, 30), (3, 40)]
    assert [(each.story_id, each.reason, each.actor) for each in digest.dropped] == [
        (20, "old", "ana"),
        (50, "beyond the 3 stories of a digest", "pipeline"),
    ]
    assert digest.articles_seen == 10


def test_what_was_left_out_on_an_earlier_day_stays_out_and_says_how_it_grew(topic: topics.Topic) -> None:
    earlier = Words({}, {10: replace(word(10, dropped=True, reason="a rumour"), day=date(2024, 6, 18))})
    digest = edits.compose(topic, "2024-06-19", STORIES, None, earlier)
    assert shown(digest.items) == [(1, 20), (2, 30), (3, 40)]
    assert digest.dropped[0].reason == "a rumour (digest of 2024-06-18; 4 articles since)"


def test_what_is_pulled_in_is_in_and_the_last_of_the_ranking_gives_way(topic: topics.Topic) -> None:
    earlier = {10: replace(word(10, dropped=True), day=date(2024, 6, 18))}
    said = Words({10: word(10, pulled_in=True), 50: word(50, pulled_in=True)}, earlier)
    digest = edits.compose(topic, "2024-06-19", STORIES, None, said)
    assert shown(digest.items) == [(1, 10), (2, 20), (3, 50)]


def test_pinned_stories_come_first_and_a_place_holds(topic: topics.Topic) -> None:
    said = today(word(30, pinned=True), word(20, place=1), word(10, place=2))
    assert shown(edits.compose(topic, "2024-06-19", STORIES, None, said).items) == [(1, 30), (2, 20), (3, 10)]


def test_a_place_goes_before_the_rank_of_the_same_number(topic: topics.Topic) -> None:
    digest = edits.compose(topic, "2024-06-19", STORIES, None, today(word(30, place=1)))
    assert shown(digest.items) == [(1, 30), (2, 10), (3, 20)]


def test_words_of_a_person_replace_those_of_the_article(topic: topics.Topic) -> None:
    digest = edits.compose(topic, "2024-06-19", STORIES, None, today(word(10, headline="Signed", summary="It is so.")))
    assert (digest.items[0].headline, digest.items[0].summary) == ("Signed", "It is so.")
    assert digest.items[0].articles[0].title == "Headline 10"


def test_dropping_at_the_decision_ranks_and_counts_anew(topic: topics.Topic) -> None:
    digest = edits.without(edits.compose(topic, "2024-06-19", STORIES, None, NOTHING), {20}, "ana", "")
    assert shown(digest.items) == [(1, 10), (2, 30)]
    assert (digest.articles_seen, digest.outlets_seen) == (8, 5)
    markdown = digests.to_markdown(digest, topic)
    assert "## 2. Headline 30" in markdown
    assert "2 stories from 8 articles at 5 outlets" in markdown


def test_a_digest_of_which_all_was_dropped_says_so(topic: topics.Topic) -> None:
    digest = edits.without(edits.compose(topic, "2024-06-19", STORIES[:2], None, NOTHING), {10, 20}, "ana", "")
    markdown = digests.to_markdown(digest, topic)
    assert "All stories of this day were left out in review: 2." in markdown
    assert "No story of this topic" not in markdown
    assert "Left out" not in markdown, "what a reviewer dropped is no smaller story"


def test_a_later_version_says_that_it_corrects(topic: topics.Topic) -> None:
    digest = edits.compose(topic, "2024-06-19", STORIES, None, NOTHING)
    assert "Corrected: this replaces version 1" in digests.to_markdown(replace(digest, corrects=1), topic)
    assert "Corrected" not in digests.to_markdown(digest, topic)


def test_a_note_of_several_lines_keeps_them(topic: topics.Topic) -> None:
    digest = edits.compose(topic, "2024-06-19", STORIES, None, NOTHING)
    html = commonmark.rendered(digests.to_markdown(digest, topic, "One.\n\nTwo <b>."))
    assert "<p>One.</p>\n<p>Two &lt;b&gt;.</p>" in html


STANDING = Standing(7, "t", DAY, 1, "draft", 2, "bo", NOON, None, None, 7, 1, "draft")


@pytest.mark.parametrize(
    ("standing", "revision", "strangers", "wanted", "why"),
    [
        (STANDING, None, {}, "publish", ""),
        (STANDING, 2, {}, "reject", ""),
        (STANDING, 1, {}, "publish", "bo changed the draft at 2024-06-19 12:00 UTC, after it was shown; read it again"),
        (
            replace(STANDING, edited_by="pipeline"), 1, {}, "reject",
            "an earlier day was published at 2024-06-19 12:00 UTC, and this draft now says what is new since that one,"
            " after it was shown; read it again",
        ),
        (STANDING, 2, {50: ""}, "publish", "story 50 is not in digest 7"),
        (
            STANDING, 2, {50: "digest 3 of 2024-06-18"}, "publish",
            "story 50 is not in digest 7 but in digest 3 of 2024-06-18",
        ),
        (None, None, {}, "publish", "there is no digest 7; `wirewatch digest list` names those there are"),
        (
            replace(STANDING, state="published", reviewed_by="ana", reviewed_at=NOON), None, {}, "reject",
            "digest 7 was published by ana at 2024-06-19 12:00 UTC and cannot be rejected;"
            " draft 2024-06-19 again for a new version",
        ),
        (
            replace(STANDING, state="rejected", reviewed_by="ana", reviewed_at=NOON), None, {}, "publish",
            "digest 7 was rejected by ana at 2024-06-19 12:00 UTC and cannot be published;"
            " draft 2024-06-19 again for a new version",
        ),
        (
            replace(STANDING, state="published", reviewed_by="ana", reviewed_at=NOON), None, {}, "publish",
            "digest 7 was published by ana at 2024-06-19 12:00 UTC already",
        ),
        (
            replace(STANDING, state="superseded", newest_id=9, newest_version=2), None, {}, "publish",
            "digest 7 is version 1 of 2024-06-19; version 2 (digest 9) replaced it and waits for review",
        ),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_taken_says_why(
    standing: Standing | None, revision: int | None, strangers: dict[int, str], wanted: str, why: str
) -> None:
    assert edits.objection(standing, 7, revision, strangers, wanted) == why


@pytest.mark.parametrize(
    ("standing", "revision", "seconds", "stands"),
    [
        (STANDING, 2, 999, True),
        (STANDING, None, 999, True),
        (STANDING, 1, 59, True),  # who edits it on its page may save again
        (STANDING, 1, 60, False),
        (replace(STANDING, edited_by="pipeline"), 1, 0, False),
        (replace(STANDING, edited_at=None), 1, 0, False),
        (replace(STANDING, state="published"), 2, 0, False),
        (replace(STANDING, state="superseded"), None, 0, False),
        (None, 1, 0, False),
    ],
)
def test_what_was_shown_stands_until_the_draft_is_another(
    standing: Standing | None, revision: int | None, seconds: int, stands: bool
) -> None:
    assert edits.stands_as_shown(standing, revision, NOON + timedelta(seconds=seconds)) is stands


@pytest.mark.parametrize(
    ("raw", "found", "wrong"),
    [
        (None, (), ""),
        ([], (), ""),
        (["12", 7, "12"], (12, 7), ""),
        (["twelve"], (), "'twelve' is no story number"),
        ([True], (), "True is no story number"),
        ([1.5], (), "1.5 is no story number"),
        (["-3"], (), "'-3' is no story number"),
        (["٣"], (), "'٣' is no story number"),
        ("12", (), "the stories to leave out are a list, not '12'"),
        ({"a": 1}, (), "the stories to leave out are a list, not {'a': 1}"),
        (["9" * 30], (), f"'{'9' * 30}' is no story number"),
    ],
)
def test_the_numbers_of_an_answer(raw: object, found: tuple[int, ...], wrong: str) -> None:
    assert edits.numbers(raw) == (found, wrong)
