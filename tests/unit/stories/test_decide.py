"""Story decisions at their edges: thresholds reached exactly, ties, time windows, and the words of people.

The model here is made so that scores are round numbers: the cosine of two vectors less a quarter per day between.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable

import numpy as np
import pytest

from pipeline.models import Assignment
from pipeline.stories.decide import (
    LARGEST_SPLIT,
    NEIGHBOURS,
    Merge,
    Split,
    assign,
    clusters,
    merge_pass,
    near_pairs,
    split_pass,
)
from pipeline.stories.features import COMMON, ArticleFeatures, Candidate, Reading, article, story_of
from pipeline.stories.model import MIX, VECTORS, WORDS, Rule, probability
from tests.support import light

AXES = 64
COSINE = Rule(
    bias=0.0, dense=(1.0, 0.0, 0.0), words=(0.0, 0.0, 0.0), length=(0.0, 0.0), gap=(-0.25, 0.0),
    join=0.75, merge=0.5, split=0.25,
)  # fmt: skip
MODEL = dataclasses.replace(
    light.numbers(),
    dimension=AXES,
    languages=frozenset({"en", "de"}),
    rules={
        MIX: COSINE,
        WORDS: dataclasses.replace(COSINE, dense=(0.0, 0.0, 0.0), words=(1.0, 0.0, 0.0)),
        VECTORS: dataclasses.replace(COSINE, join=0.25, merge=0.0, split=-1.0),
    },
    free_days=0.0,
    window_days=14.0,
    recency=0.0,
    undated_days=0.0,
)
DAY = 19_892.0


def told(
    name: str, axis: int = 0, *, degrees: float = 0.0, day: float | None = 0, language: str = "en",
    words: dict[str, float] | None = None, count: int = 200,
) -> ArticleFeatures:  # fmt: skip
    """An article whose vector points `degrees` off an axis, published `day` days after the first."""
    vector = np.zeros(AXES, np.float32)
    vector[axis], vector[axis + 1] = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    if not degrees:
        vector[axis + 1] = 0.0
    at = None if day is None else DAY + day
    return article(Reading(name, vector, words or {}, count, at, language), MODEL)


def stories(*members: ArticleFeatures) -> list[Candidate]:
    """A story of each article, of its name, in the order that they were opened in."""
    return [story_of(each.id, float(opened), [each]) for opened, each in enumerate(members)]


def merged(found: Iterable[Merge]) -> list[tuple[str, str]]:
    return [(merge.story_id, merge.other_id) for merge in found]


# --- assign -----------------------------------------------------------------------------------------------


def test_a_score_that_reaches_the_threshold_joins() -> None:
    found = assign(told("n", day=1), stories(told("s")), MODEL)
    assert found == Assignment("s", probability(0.75), probability(0.75), MIX, MODEL.name, None, {"compared": 1})


def test_a_score_below_the_threshold_opens_a_story_and_names_the_nearest() -> None:
    found = assign(told("n", day=1.125), stories(told("s")), MODEL)
    assert found == Assignment(None, probability(0.71875), probability(0.75), MIX, MODEL.name, "s", {"compared": 1})


def test_the_second_best_is_the_runner_up() -> None:
    found = assign(told("n"), stories(told("c", 8), told("b", degrees=30), told("a")), MODEL)
    assert (found.story_id, found.runner_up) == ("a", "b")


def test_what_counts_is_how_far_a_score_lies_over_the_threshold_of_its_own_rule() -> None:
    english, german = told("english"), told("german", day=1, language="de")
    found = assign(told("n"), stories(english, german), MODEL)
    assert (found.story_id, found.method, found.runner_up) == ("german", VECTORS, "english")
    assert (found.score, found.threshold) == (probability(0.75), probability(0.25))


def test_a_persons_word_is_certain() -> None:
    found = assign(told("n"), stories(told("s")), MODEL, must_link="p")
    assert found == Assignment("p", 1.0, 0.0, found.method, MODEL.name)


def test_a_copy_follows_its_origin_for_certain() -> None:
    found = assign(told("n"), stories(told("s")), MODEL, copy_story="c")
    assert found == Assignment("c", 1.0, 0.0, "copy", MODEL.name)


def test_the_first_of_all_scores_nothing() -> None:
    first = Assignment(None, 0.0, 0.0, "first", MODEL.name, features={"compared": 0})
    assert assign(told("n"), [], MODEL) == first
    assert assign(told("n"), stories(told("s", language="ko")), MODEL) == first


def test_equal_scores_of_equal_age_go_by_name() -> None:
    twins = [story_of(name, 1.0, [told(name)]) for name in ("b", "a")]
    assert assign(told("n"), twins, MODEL).story_id == "a"


# --- merges -----------------------------------------------------------------------------------------------


def test_stories_that_reach_the_threshold_merge() -> None:
    assert merge_pass(stories(told("a"), told("b", day=2)), MODEL) == [
        Merge("a", "b", probability(0.5), probability(0.5), MIX)
    ]
    assert merge_pass(stories(told("a"), told("b", day=2.125)), MODEL) == []


def test_the_best_pair_merges_first_and_a_grown_story_takes_in_more() -> None:
    found = merge_pass(stories(told("c", degrees=20), told("a"), told("b")), MODEL)
    assert merged(found) == [("a", "b"), ("c", "a")]


def test_of_two_rules_the_pair_further_over_its_own_threshold_merges_first() -> None:
    found = merge_pass(stories(told("en"), told("de", day=1, language="de"), told("early", day=-1)), MODEL)
    assert merged(found)[0] == ("en", "de")


def test_a_story_counts_by_all_its_articles() -> None:
    """b and c alone would merge; once b is one story with a, which c does not match, they no longer do."""
    found = merge_pass(stories(told("a"), told("b", degrees=25), told("c", degrees=84)), MODEL)
    assert merged(found) == [("a", "b")]


def test_what_matched_before_a_story_grew_twice_is_measured_anew() -> None:
    """d matches a and b, but not a story that has taken in c on the other side."""
    four = stories(told("a"), told("b"), told("c", degrees=50), told("d", degrees=-58))
    assert merged(merge_pass(four, MODEL)) == [("a", "b"), ("a", "c")]


def test_stories_that_a_person_keeps_apart_stay_apart() -> None:
    pairs = [(f"x{n}", f"y{n}") for n in range(12)]
    twins = stories(*(told(name, 3 * n) for n, pair in enumerate(pairs) for name in pair))
    assert len(merge_pass(twins, MODEL)) == 12
    assert merge_pass(twins, MODEL, cannot_link=[frozenset(pair) for pair in pairs]) == []


def test_what_is_kept_apart_from_stories_outside_the_window_merges_as_ever() -> None:
    outside = [frozenset({"a", "gone"}), frozenset({"gone", "lost"}), frozenset({"a"})]
    assert merged(merge_pass(stories(told("a"), told("b")), MODEL, cannot_link=outside)) == [("a", "b")]


@pytest.mark.parametrize(
    ("order", "first"), [("abc", ("a", "b")), ("bca", ("b", "a")), ("cab", ("a", "b")), ("acb", ("a", "b"))]
)
def test_who_takes_a_story_in_is_kept_apart_from_what_that_was_kept_apart_from(
    order: str, first: tuple[str, str]
) -> None:
    known = {"a": told("a"), "b": told("b"), "c": told("c", degrees=30)}
    found = merge_pass(stories(*(known[name] for name in order)), MODEL, cannot_link=[frozenset("bc")])
    assert merged(found) == [first]


# --- pairs worth scoring ----------------------------------------------------------------------------------


def test_the_window_bounds_what_is_compared() -> None:
    first, edge, beyond = stories(told("a"), told("b", day=14), told("c", day=14.5))
    for changed in ({"a"}, {"b"}):
        assert near_pairs([first, edge], MODEL, changed=changed) == [(0, 1)]
    assert near_pairs([first, beyond], MODEL) == near_pairs([beyond, first], MODEL) == []


def test_a_story_without_a_date_is_compared_with_all() -> None:
    assert near_pairs(stories(told("a"), told("b", day=None), told("c", day=40)), MODEL) == [(0, 1), (1, 2)]


def test_one_story_and_no_changed_story_have_no_pairs() -> None:
    assert near_pairs([], MODEL) == near_pairs(stories(told("a")), MODEL) == []
    assert near_pairs(stories(told("a"), told("b")), MODEL, changed=set()) == []


def test_each_story_is_compared_with_its_nearest_however_many_are_taken_at_a_time() -> None:
    random = np.random.default_rng(3)
    rows = random.normal(size=(60, AXES)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    known = stories(*(article(Reading(f"s{n}", row, {}, 200, DAY, "en"), MODEL) for n, row in enumerate(rows)))
    close = rows @ rows.T
    np.fill_diagonal(close, -9)
    expected = {tuple(sorted((i, int(j)))) for i in range(60) for j in np.argsort(-close[i])[:NEIGHBOURS]}
    assert near_pairs(known, MODEL) == sorted(expected)
    assert near_pairs(known, MODEL, block=7) == sorted(expected)


def crowd(count: int, language: str, words: dict[int, dict[str, float]]) -> list[Candidate]:
    """Stories in groups of 32 along one axis, so that by vectors each is near its own group alone."""
    return stories(
        *(told(f"s{n}", 2 * (n // 32), language=language, words=words.get(n)) for n in range(count))
    )  # fmt: skip


def test_words_find_what_the_vectors_of_an_unread_language_cannot() -> None:
    shared = {n: {"정상": 1.0} for n in (0, 60)}
    assert (0, 60) in near_pairs(crowd(64, "ko", shared), MODEL)
    assert (0, 60) in near_pairs(crowd(64, "ko", shared), MODEL, changed={"s60"})
    assert (0, 60) not in near_pairs(crowd(64, "en", shared), MODEL)
    assert (0, 60) not in near_pairs(crowd(64, "ko", {0: {"정상": 1.0}, 60: {"지진": 1.0}}), MODEL)


def test_of_many_that_share_words_those_with_the_heaviest_are_compared() -> None:
    words = {n: {"보도": 0.6} for n in range(1, 60)} | {0: {"보도": 0.6, "조약": 0.5, "서명": 0.5}}
    words |= {80: {"조약": 0.5}, 81: {"조약": 0.5, "서명": 0.5}}
    found = near_pairs(crowd(82, "ko", words), MODEL, changed={"s0"})
    assert (0, 81) in found
    assert (0, 80) not in found


def test_a_word_that_too_many_stories_share_points_to_none() -> None:
    for count, expected in ((COMMON, True), (COMMON + 1, False)):
        everywhere = {n: {"대통령": 1.0} for n in range(count)}
        found = near_pairs(crowd(count, "ko", everywhere), MODEL, changed={"s200"})
        assert ((0, 200) in found) is expected


# --- clusters and splits ----------------------------------------------------------------------------------


def test_rows_are_joined_where_they_match_on_average() -> None:
    odds = np.array([[1.0, 0.9, 0.3], [0.9, 1.0, 0.5], [0.3, 0.5, 1.0]])
    assert len(set(clusters(odds, 0.95).tolist())) == 3
    first, second, third = clusters(odds, 0.6).tolist()
    assert first == second != third
    assert len(set(clusters(odds, 0.41).tolist())) == 2
    assert len(set(clusters(odds, 0.39).tolist())) == 1
    assert len(set(clusters(odds, 1.5).tolist())) == 3


def split(*members: ArticleFeatures, must_link: Iterable[str] = ()) -> list[tuple[str, ...]]:
    return [found.article_ids for found in split_pass({"s": members}, MODEL, must_link=set(must_link))]


def test_a_story_of_three_may_be_split_and_one_of_two_is_left() -> None:
    found = split_pass({"s": [told("a"), told("b", day=1), told("c", 8, day=1)]}, MODEL)
    assert found == [Split("s", ("c",), probability(-0.125), probability(0.25))]
    assert split(told("a"), told("c", 8)) == []


def test_parts_that_match_just_well_enough_stay_together() -> None:
    assert split(told("a"), told("b"), told("c", day=3)) == []
    assert split(told("a"), told("b"), told("c", day=3.125)) == [("c",)]


def test_the_part_with_the_earliest_article_stays() -> None:
    assert split(told("z", 8), told("a", day=1), told("b", day=1)) == [("a", "b")]
    assert split(told("b"), told("z", 8, day=1), told("a", day=2), told("y", 8, day=3)) == [("z", "y")]


def test_articles_without_a_date_count_as_the_latest() -> None:
    assert split(told("a", 8, day=None), told("b", 8, day=None), told("x"), told("y"), told("z")) == [("a", "b")]


def test_a_story_is_split_in_two_though_it_may_be_three() -> None:
    near = [told("a"), told("b"), told("c", degrees=70, day=1), told("d", degrees=70, day=1)]
    assert split(*near, told("e", 8, day=1), told("f", 8, day=1)) == [("e", "f")]


def test_what_a_person_put_there_stays_and_alone_is_no_reason() -> None:
    three = (told("a"), told("b"), told("c", 8))
    assert split(*three, must_link={"c"}) == []
    assert split(*three, told("d", 8), must_link={"c"}) == [("d",)]


def test_a_story_that_stays_whole_keeps_no_other_from_being_looked_at() -> None:
    torn = [told("a"), told("b"), told("c", 8)]
    found = split_pass({"a-small": torn[:1], "b-whole": [told(n) for n in "xyz"], "c-torn": torn}, MODEL)
    assert [each.story_id for each in found] == ["c-torn"]


def test_a_story_of_an_unread_language_is_split_by_its_words() -> None:
    def korean(name: str, word: str) -> ArticleFeatures:
        return told(name, language="ko", words={word: 1.0})

    torn = [korean("a", "정상"), korean("b", "정상"), korean("c", "지진")]
    assert split(*torn) == [("c",)]
    assert split(*(korean(name, "정상") for name in "abc")) == []


def test_a_story_in_two_languages_is_judged_pair_by_pair() -> None:
    """Across languages less is asked, so that what one pair would part, another holds together."""
    one, other = told("a"), told("b", day=1, language="de")
    assert split(one, other, told("c", 8, day=6, language="de")) == [("c",)]
    assert split(one, other, told("c", 8, day=2, language="de")) == []


def test_the_largest_stories_are_left_to_people() -> None:
    many = [told(f"a{n}", 8 * (n % 2), day=n / 1_000) for n in range(LARGEST_SPLIT + 1)]
    assert len(split(*many[:-1])[0]) == LARGEST_SPLIT // 2
    assert split(*many) == []
