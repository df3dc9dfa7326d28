"""Story decisions: the right story, the reason, stable ids, and the words of people; on made-up news."""

import dataclasses
import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from pipeline.errors import ConfigurationError
from pipeline.models import Assignment, Document
from pipeline.stories import model as story_model
from pipeline.stories.adaptation import Sampled, adapt, means_of, moved
from pipeline.stories.decide import assign, merge_pass, split_pass
from pipeline.stories.evaluation import b_cubed
from pipeline.stories.features import (
    COMMON,
    ArticleFeatures,
    Candidate,
    Profile,
    Reading,
    article,
    blend,
    compare,
    encode_documents,
    gap_days,
    score,
    story_of,
    within,
)
from pipeline.stories.index import Bound
from pipeline.stories.memory_index import MemoryIndex
from pipeline.stories.model import Centre, StoryModel, Vector
from pipeline.stories.pairs import Pairs
from pipeline.stories.reassignment import reassign
from pipeline.stories.stream import StoryStream, arrival_order, cluster_stream
from pipeline.stories.term_stats import TermStats, increment, tf_idf
from pipeline.text.languages import language_of
from tests.support import light

MODEL = dataclasses.replace(light.numbers(), dimension=64)
START = datetime(2024, 6, 18, tzinfo=UTC)
DAY = START.timestamp() / 86_400

TOPICS = {
    "summit": "putin kim summit pyongyang treaty signed leaders visit north korea russia pact defence clause",
    "quake": "earthquake taiwan magnitude hualien rescue collapsed building survivors tremor seismic coast rubble",
    "strike": "rail union strike wages talks commuters london operators walkout trains cancelled deal offer",
    "rates": "central bank interest rates inflation economists policy markets bond yields governor decision cut",
}


def encode(texts: Sequence[str]) -> Vector:
    """A stand-in for an embedding model: hashed words, so that texts of the same words are near."""
    vectors = np.zeros((len(texts), 64), np.float32)
    for row, text in enumerate(texts):
        for word in text.lower().split():
            vectors[row] += np.random.default_rng(sum(map(ord, word)) * 31 + len(word)).normal(size=64)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-9), dtype=np.float32)


def news(count: int = 10, language: str = "en", seed: int = 5) -> tuple[list[Document], list[str]]:
    """`count` documents of each topic, an hour apart, each of most of its topic's words and some noise."""
    random = Random(seed)
    noise = [f"noise{n}" for n in range(400)]
    documents, labels = [], []
    for number in range(count):
        for at, (topic, words) in enumerate(TOPICS.items()):
            chosen = random.sample(words.split(), 9)
            text = " ".join(chosen * 3 + random.sample(noise, 12))
            when = START + timedelta(hours=number, minutes=at)
            documents.append(Document(f"{topic}-{number}", " ".join(chosen[:5]), text, when, language=language))
            labels.append(topic)
    return documents, labels


def features(document_id: str, direction: int, *, day: float | None = DAY, words: dict[str, float] | None = None,
             language: str | None = "en", tilt: float = 0.0) -> ArticleFeatures:  # fmt: skip
    """An article whose vector points along axis `direction`, tilted towards the next axis."""
    vector = np.zeros(64, np.float32)
    vector[direction], vector[direction + 1] = np.cos(tilt), np.sin(tilt)
    weights = {f"w{direction}": 1.0} if words is None else words
    return article(Reading(document_id, vector, weights, 200, day, language), MODEL)


def story(story_id: str, *members: ArticleFeatures, opened: float = 0.0) -> Candidate:
    return story_of(story_id, opened, members)


# --- assign -----------------------------------------------------------------------------------------------


def test_an_article_joins_the_story_it_matches_and_says_why() -> None:
    found = assign(features("n", 0, tilt=0.1), [story("s", features("a", 0)), story("t", features("b", 8))], MODEL)
    assert (found.story_id, found.method, found.model, found.runner_up) == ("s", "mix", MODEL.name, "t")
    assert found.score >= found.threshold == pytest.approx(story_model.probability(MODEL.rules["mix"].join))


def test_an_article_that_matches_nothing_opens_a_story_and_names_the_nearest() -> None:
    found = assign(features("n", 4), [story("s", features("a", 0))], MODEL)
    assert (found.story_id, found.runner_up) == (None, "s")
    assert found.score < found.threshold


def test_the_first_article_of_all_opens_a_story() -> None:
    found = assign(features("n", 0), [], MODEL)
    assert (found.story_id, found.method) == (None, "first")


def test_equal_scores_go_to_the_older_story() -> None:
    twins = [story("young", features("a", 0), opened=2.0), story("old", features("b", 0), opened=1.0)]
    assert assign(features("n", 0), twins, MODEL).story_id == "old"


def test_time_keeps_alike_events_apart() -> None:
    known = [story("s", features("a", 0, words={"x": 0.6, "y": 0.8}))]
    near = assign(features("n", 0, words={"x": 0.8, "z": 0.6}), known, MODEL)
    far = assign(features("n", 0, words={"x": 0.8, "z": 0.6}, day=DAY + 13), known, MODEL)
    assert far.score < near.score
    assert near.story_id == "s"


def test_what_has_no_date_counts_as_far_off_as_the_average_pair() -> None:
    undated, dated = features("n", 0, day=None).profile, features("a", 0).profile
    assert MODEL.undated_days > 0
    assert gap_days(undated, dated, MODEL) == gap_days(undated, undated, MODEL) == MODEL.undated_days
    assert Pairs([features("n", 0, day=None), features("a", 0)], MODEL).gaps()[0, 1] == MODEL.undated_days


def test_a_must_link_binds_before_everything_else() -> None:
    near = [story("s", features("a", 0))]
    found = assign(features("n", 0), near, MODEL, must_link="p", copy_story="c", cannot_link={"p"})
    assert (found.story_id, found.method) == ("p", "must-link")


def test_a_copy_follows_its_origin_unless_a_person_says_otherwise() -> None:
    candidates = [story("s", features("a", 8))]
    assert assign(features("n", 0), candidates, MODEL, copy_story="c").method == "copy"
    assert assign(features("n", 0), candidates, MODEL, copy_story="c", cannot_link={"c"}).story_id is None


def test_an_article_never_joins_a_story_it_is_kept_out_of() -> None:
    found = assign(features("n", 0), [story("s", features("a", 0))], MODEL, cannot_link={"s"})
    assert found.story_id is None


# --- languages --------------------------------------------------------------------------------------------


def test_vectors_of_a_language_the_model_cannot_read_do_not_count() -> None:
    left = features("a", 0, language="ko", words={"정상": 1.0})
    right = features("b", 0, language="ko", words={"지진": 1.0})
    found = assign(right, [story("s", left)], MODEL)
    assert (found.story_id, found.method) == (None, "words")


def test_words_alone_join_within_a_language_the_model_cannot_read() -> None:
    left = features("a", 0, language="ko", words={"정상": 0.8, "회담": 0.6})
    right = features("b", 8, language="ko", words={"정상": 0.8, "회담": 0.6})
    found = assign(right, [story("s", left)], MODEL)
    assert (found.story_id, found.method) == ("s", "words")


def test_only_a_multilingual_model_joins_across_languages() -> None:
    english, german = features("a", 0, language="en").profile, features("b", 0, language="de").profile

    def rule(languages: frozenset[str] | None) -> str | None:
        found = compare(english, german, dataclasses.replace(MODEL, languages=languages))
        return None if found is None else found.method

    assert rule(MODEL.languages) is None
    assert rule(None) == rule(frozenset({"en", "de"})) == "vectors"
    assert rule(frozenset({"en", "fr"})) is None


def test_a_region_is_no_language_of_its_own() -> None:
    found = compare(features("a", 0, language="en-GB").profile, features("b", 0).profile, MODEL)
    assert found is not None
    assert found.method == "mix"


def test_pairs_within_and_across_languages_count_by_their_number() -> None:
    many = dataclasses.replace(MODEL, languages=None)
    members = [
        features("a", 0, language="en", tilt=0.3, words={"x": 0.6, "y": 0.8}),
        features("b", 0, language="de", tilt=0.1, words={"u": 1.0}),
        features("c", 0, language="de", tilt=0.5, words={"v": 1.0}),
    ]
    one, whole = features("n", 0, words={"x": 0.8, "z": 0.6}).profile, story("s", *members).profile
    found, pairs = compare(one, whole, many), [compare(one, member.profile, many) for member in members]
    assert within(one, whole) == pytest.approx(1 / 3)
    assert found is not None
    assert found.method == "vectors"
    for name in ("odds", "join", "merge"):
        assert getattr(found, name) == pytest.approx(np.mean([getattr(pair, name) for pair in pairs]), abs=0.05)
    assert compare(whole, one, many) == found


# --- profiles ---------------------------------------------------------------------------------------------


def test_the_score_of_a_story_is_the_mean_over_its_articles() -> None:
    members = [features("a", 0, tilt=0.2), features("b", 0, tilt=0.5), features("c", 1, words={"x": 0.6, "w0": 0.8})]
    one, rule = features("n", 0, words={"w0": 0.6, "x": 0.8}).profile, MODEL.rules["mix"]
    whole = score(one, story("s", *members).profile, rule, MODEL)
    assert whole == pytest.approx(np.mean([score(one, m.profile, rule, MODEL) for m in members]), abs=1e-4)


def test_what_is_added_can_be_taken_out_again() -> None:
    first, second = features("a", 0), features("b", 3, day=DAY + 1)
    both: Profile = first.profile.copy()
    both.add(second.profile)
    both.add(second.profile, -1)
    assert both.size == 1
    assert np.allclose(both.dense, first.profile.dense)
    assert both.times == pytest.approx(first.profile.times)
    assert first.profile.size == 1


def test_a_vector_of_another_model_is_refused() -> None:
    with pytest.raises(ValueError, match="makes 64"):
        article(Reading("a", np.zeros(3, np.float32), {}, 10, None, "en"), MODEL)


def test_a_story_needs_an_article() -> None:
    with pytest.raises(ValueError, match="no articles"):
        story_of("s", 0.0, [])


def test_blending_leaves_untitled_rows_and_unit_length() -> None:
    whole, titles = encode(["a b", "c d"]), encode(["a", "c"])
    mixed = blend(whole, titles, [True, False], 0.6)
    assert np.allclose(np.linalg.norm(mixed, axis=1), 1.0)
    assert np.allclose(mixed[1], whole[1])
    assert not np.allclose(mixed[0], whole[0])


# --- passes -----------------------------------------------------------------------------------------------


def test_stories_that_have_come_to_match_merge_into_the_older() -> None:
    found = merge_pass(
        [story("young", features("b", 0), opened=2.0), story("old", features("a", 0, tilt=0.1), opened=1.0)], MODEL
    )
    assert [(m.story_id, m.other_id) for m in found] == [("old", "young")]
    assert found[0].score >= found[0].threshold


def test_merging_does_not_depend_on_the_order_of_the_stories() -> None:
    stories = [story(f"s{i}", features(f"a{i}", (i % 3) * 4, tilt=i * 0.03), opened=float(i)) for i in range(12)]
    expected = merge_pass(stories, MODEL)
    assert {s.id for s in stories} - {m.other_id for m in expected} == {"s0", "s1", "s2"}
    for seed in range(3):
        shuffled = Random(seed).sample(stories, len(stories))
        assert merge_pass(shuffled, MODEL) == expected


def test_stories_kept_apart_stay_apart_through_a_third() -> None:
    stories = [story(name, features(name, 0), opened=float(i)) for i, name in enumerate("abc")]
    merges = merge_pass(stories, MODEL, cannot_link=[frozenset("ac")])
    assert len(merges) == 1
    assert {"a", "c"} != {merges[0].story_id, merges[0].other_id}


def test_a_pass_over_changed_stories_leaves_the_others() -> None:
    stories = [story(name, features(name, 0 if name in "ab" else 8), opened=float(i)) for i, name in enumerate("abcd")]
    merges = merge_pass(stories, MODEL, changed={"d"})
    assert [(m.story_id, m.other_id) for m in merges] == [("c", "d")]


def test_unreadable_languages_merge_by_words() -> None:
    stories = [
        story(f"s{i}", features(f"a{i}", i * 2, language="ko", words={"정상": 0.8, "회담": 0.6}), opened=float(i))
        for i in range(2)
    ]
    assert [m.method for m in merge_pass(stories, MODEL)] == ["words"]


def test_a_story_of_two_is_split_and_the_earlier_part_stays() -> None:
    one = [features(f"a{i}", 0, day=DAY + i / 24) for i in range(3)]
    two = [features(f"b{i}", 8, day=DAY + 1 + i / 24) for i in range(3)]
    (found,) = split_pass({"s": one + two}, MODEL)
    assert found.article_ids == ("b0", "b1", "b2")
    assert found.score < found.threshold
    assert split_pass({"s": one}, MODEL) == []
    (kept,) = split_pass({"s": one + two}, MODEL, must_link={"b0"})
    assert kept.article_ids == ("b1", "b2")


def test_reassigning_moves_young_articles_and_leaves_older_ones() -> None:
    first, second = [features(f"a{i}", 0) for i in range(3)], [features(f"b{i}", 8) for i in range(3)]
    astray = features("stray", 8, tilt=0.1)
    stories = [story("s", *first, astray, opened=1.0), story("t", *second, opened=2.0)]
    found = reassign(stories, {"s": [astray]}, MODEL)
    assert found.merges == ()
    assert [(m.article_id, m.from_id, m.to_id) for m in found.moves] == [("stray", "s", "t")]
    assert reassign(stories, {"s": [astray]}, MODEL, Bound(must_link={"stray": "s"})).moves == ()
    assert reassign(stories, {"s": [astray]}, MODEL, Bound(cannot_link={"stray": {"t"}})).moves != found.moves


def test_reassigning_takes_a_wholly_young_story_into_the_one_it_belongs_to() -> None:
    core, young = [features(f"a{i}", 0) for i in range(3)], [features(f"b{i}", 0, tilt=0.1) for i in range(2)]
    found = reassign([story("s", *core, opened=1.0), story("t", *young, opened=2.0)], {"t": young}, MODEL)
    assert [(m.story_id, m.other_id) for m in found.merges] == [("s", "t")]
    assert found.moves == ()


def test_reassigning_opens_a_story_for_young_articles_that_match_none() -> None:
    first, astray = [features(f"a{i}", 0) for i in range(3)], [features(f"b{i}", 8) for i in range(2)]
    found = reassign([story("s", *first, *astray)], {"s": astray}, MODEL)
    assert {(m.article_id, m.to_id, m.group) for m in found.moves} == {("b0", None, "b0"), ("b1", None, "b0")}


# --- terms ------------------------------------------------------------------------------------------------


def test_common_terms_weigh_less_than_rare_ones() -> None:
    stats = TermStats(30.0)
    for number in range(20):
        stats.observe("en", ["the", f"rare{number}"], DAY)
    weights = stats.weigh("en", ["the", "rare3"], DAY)
    assert weights["rare3"] > 5 * weights["the"]
    assert sum(w * w for w in weights.values()) == pytest.approx(1.0)


def test_statistics_age() -> None:
    stats = TermStats(30.0)
    stats.observe("en", ["old"], DAY)
    stats.observe("en", ["new"], DAY + 300)
    assert stats.frequency["en"]["new"] == pytest.approx(2**10 * stats.frequency["en"]["old"])
    assert increment(DAY + 30, 30.0) == pytest.approx(2 * increment(DAY, 30.0))


def test_languages_do_not_share_statistics() -> None:
    stats = TermStats(30.0)
    stats.observe("en", ["die"], DAY)
    stats.observe("de", ["die", "der"], DAY)
    assert stats.frequency["en"].keys() == {"die"}


def test_an_empty_document_has_no_terms() -> None:
    assert tf_idf([], {}, 0.0, 1.0) == {}


# --- index ------------------------------------------------------------------------------------------------

OPENED = Assignment(None, 0.0, 0.0, "first", MODEL.name)


def opened(*articles: ArticleFeatures) -> MemoryIndex:
    """An index in which each of these has a story of its own, under its id."""
    index = MemoryIndex(MODEL)
    for each in articles:
        assert index.open(each, OPENED) == each.id
    return index


def test_the_index_finds_by_vector_by_words_and_within_the_window() -> None:
    index = opened(
        features("near", 0), features("words", 30, words={"rare": 1.0}), features("past", 0, day=DAY - 40),
    )  # fmt: skip
    found = {c.id for c in index.candidates(features("n", 0, words={"rare": 1.0}).profile)}
    assert found == {"near", "words"}
    assert index.evict(DAY) == ["past"]
    assert len(index) == 2
    assert index.open(features("near", 4), OPENED) == "near+", "an id that was given is not given again"


def test_the_index_reuses_rows_and_keeps_up_with_merges() -> None:
    index = opened(*(features(f"s{number}", number % 40) for number in range(200)))
    index.merge("s0", "s40", OPENED, "")
    assert index.living["s0"].profile.size == 2
    assert "s40" not in index.living
    assert index.story_of("s40") == "s0"
    assert index.move(["s1"], "s0", OPENED, "") == "s0"
    index.rebuild(["s0", "s1"])
    assert "s1" not in index.living
    assert index.living["s0"].profile.size == 3
    index.open(features("again", 1), OPENED)
    assert "again" in {c.id for c in index.candidates(features("n", 1).profile)}


def test_a_merged_story_is_found_by_the_words_of_both() -> None:
    index = opened(features("a", 0, words={"x": 1.0}), features("b", 8, words={"y": 1.0}))
    index.merge("a", "b", OPENED, "")
    for words in ({"x": 1.0}, {"y": 1.0}):
        assert {c.id for c in index.candidates(features("n", 30, words=words).profile)} == {"a"}


def test_a_word_that_very_many_stories_of_these_weeks_share_points_to_none() -> None:
    many = [features(f"m{n}", n % 30, words={"missile": 1.0}) for n in range(COMMON)]
    index = opened(*many)
    asked = features("n", 40, words={"missile": 1.0}).profile
    by_words = {c.id for c in index.candidates(asked)}
    index.open(features("one too many", 50, words={"missile": 1.0}), OPENED)
    assert len(by_words - {c.id for c in index.candidates(asked)}) > 0


def test_a_story_of_which_all_left_the_window_lives_again_with_a_copy_of_its_text() -> None:
    index = opened(features("a", 0, day=DAY - 40))
    index.evict(DAY)
    index.join("a", features("copy", 0), OPENED)
    assert index.living["a"].profile.size == 1
    assert index.story_of("a") == index.story_of("copy") == "a"


# --- streams ----------------------------------------------------------------------------------------------


def test_the_first_articles_words_come_to_weigh_as_the_last_ones_do() -> None:
    """The same text at either end of a file: the first was weighed by nothing, until the young are reassigned."""
    documents, _ = news(10)
    first = dataclasses.replace(documents[0], id="again", published=documents[-1].published)
    stream, rows = StoryStream(MODEL, merge_every=0), [*documents, first]
    for document, vector in zip(rows, encode_documents(rows, encode, MODEL), strict=True):
        stream.place(document, vector)

    def words(name: str) -> dict[str, tuple[float, float]]:
        members = stream.index.members([stream.current(name)])[stream.current(name)]
        return next(member.profile.terms for member in members if member.id == name)

    assert words(documents[0].id) != words("again")
    stream.reassign()
    assert words(documents[0].id) == words("again")
    asked = next(m for m in stream.index.members([stream.current("again")])[stream.current("again")])
    assert stream.current("again") in {c.id for c in stream.index.candidates(asked.profile)}


def test_a_stream_finds_the_stories_and_answers_in_input_order() -> None:
    documents, labels = news()
    order = Random(1).sample(range(len(documents)), len(documents))
    shuffled = [documents[i] for i in order]
    placed = list(cluster_stream(shuffled, encode, MODEL))
    assert [p.id for p in placed] == [d.id for d in shuffled]
    assert b_cubed([labels[i] for i in order], [p.story_id for p in placed])[2] > 0.95
    straight = {p.id: p.story_id for p in cluster_stream(documents, encode, MODEL)}
    assert {p.id: p.story_id for p in placed} == straight


def test_arrival_in_any_order_ends_in_the_same_stories() -> None:
    documents, _ = news(15)
    vectors = encode_documents(documents, encode, MODEL)
    outcomes = []
    for seed in (None, 1, 2):
        order = list(range(len(documents)))
        if seed is not None:
            Random(seed).shuffle(order)
        stream = StoryStream(MODEL, merge_every=10)
        for row in order:
            stream.place(documents[row], vectors[row])
        stream.reassign()
        outcomes.append([stream.current(d.id) for d in documents])
    assert all(adjusted_rand_score(outcomes[0], other) >= 0.97 for other in outcomes[1:])


def test_ids_last_while_a_story_grows() -> None:
    documents, _ = news(30)
    vectors = encode_documents(documents, encode, MODEL)
    stream = StoryStream(MODEL, merge_every=20)
    first: dict[str, str] = {}
    for document, vector in zip(documents, vectors, strict=True):
        stream.place(document, vector)
        first.setdefault(stream.current(document.id), document.id)
    before = {d.id: stream.current(d.id) for d in documents[:80]}
    stream.reassign()
    changed = [d for d in before if stream.current(d) != before[d]]
    assert len(changed) <= 0.01 * len(before)


def test_copies_borrow_their_origins_vector_and_story() -> None:
    documents, _ = news(3)
    texts: list[str] = []

    def counting(batch: Sequence[str]) -> Vector:
        texts.extend(batch)
        return encode(batch)

    copy = dataclasses.replace(documents[0], id="copy", published=START + timedelta(hours=5))
    rows = [*documents, copy]
    placed = {p.id: p for p in cluster_stream(rows, counting, MODEL, copy_of=lambda _: {"copy": documents[0].id})}
    assert (placed["copy"].method, placed["copy"].copy_of) == ("copy", documents[0].id)
    assert placed["copy"].story_id == placed[documents[0].id].story_id
    assert len(texts) == 2 * len(documents)


def test_documents_that_share_an_id_are_placed_each() -> None:
    documents, _ = news(1)
    twins = [documents[0], dataclasses.replace(documents[1], id=documents[0].id)]
    placed = list(cluster_stream(twins, encode, MODEL))
    assert [p.id for p in placed] == [documents[0].id] * 2
    assert placed[0].story_id != placed[1].story_id


@pytest.mark.parametrize("language", ["ko", None, "en"])
def test_korean_stories_are_told_apart_by_words_under_an_english_model(language: str | None) -> None:
    texts = {
        "summit": "푸틴 대통령과 김정은 위원장이 평양에서 정상회담을 열고 조약에 서명했다",
        "quake": "대만 화롄에서 규모 칠 지진이 발생해 건물이 무너지고 구조 작업이 이어졌다",
    }
    rows = [
        Document(f"{topic}-{i}", "", f"{text} 보도 {i}", START + timedelta(minutes=i), language=language)
        for i in range(4)
        for topic, text in texts.items()
    ]

    def blind(batch: Sequence[str]) -> Vector:  # what an English model makes of Korean: all the same
        return np.tile(np.eye(1, 64, dtype=np.float32), (len(batch), 1))

    placed = list(cluster_stream(rows, blind, MODEL))
    assert {p.method for p in placed} <= {"words", "first"}
    stories = {topic: {p.story_id for p in placed if p.id.startswith(topic)} for topic in texts}
    assert not stories["summit"] & stories["quake"]
    assert all(len(ids) == 1 for ids in stories.values())


def test_undated_documents_come_with_the_one_before_them() -> None:
    rows = [
        Document("late", "", "x", START + timedelta(days=2)),
        Document("late-undated", "", "x"),
        Document("early", "", "x", START),
    ]
    assert arrival_order(rows) == [2, 0, 1]


def test_an_empty_input_has_no_stories() -> None:
    assert list(cluster_stream([], encode, MODEL)) == []


# --- what a stream has in common ------------------------------------------------------------------------------


def sampled(vectors: Sequence[Sequence[float]], language: str = "en", topic: str | None = None) -> list[Sampled]:
    """One article a vector, unit length, each of words of its own."""
    rows = np.zeros((len(vectors), 64), np.float32)
    for row, vector in enumerate(vectors):
        rows[row, : len(vector)] = np.array(vector) / np.linalg.norm(vector)
    return [
        Sampled(topic, Reading(f"{topic}{language}{n}", row, {f"{topic}{language}{n}": 1.0}, 100, DAY, language))
        for n, row in enumerate(rows)
    ]


def beside(shared: float, count: int = 30) -> list[list[float]]:
    """`count` directions that share one component: each two have the cosine shared² / (shared² + 1)."""
    return [[shared, *(float(n == m) for m in range(count))] for n in range(count)]


def shift(sample: Sequence[Sampled], model: StoryModel = MODEL) -> float:
    """What is taken off every score in a stream of these articles."""
    return model.rules["mix"].bias - adapt(sample, model).rules["mix"].bias


def test_general_news_is_decided_as_fitted() -> None:
    assert shift(sampled(beside(0.0))) == 0.0
    assert adapt([], MODEL) is MODEL


def topical(count: int) -> list[list[float]]:
    """Directions around a common one, some nearer to each other than others."""
    noise = np.random.default_rng(3).normal(size=(count, 63)) / 6
    return [[0.9, *row] for row in noise.tolist()]


def test_within_a_topic_more_is_asked_and_the_more_the_surer_it_is_one() -> None:
    few, many = (shift(sampled(topical(count))) for count in (6, 30))
    assert 0.0 < few < many
    assert adapt(sampled(topical(30)), MODEL).rules["mix"].merge == MODEL.rules["mix"].merge


def test_one_large_story_is_no_topic() -> None:
    assert shift(sampled([[1.0]] * 30)) == 0.0


def test_articles_are_compared_within_their_topic_and_language() -> None:
    apart = [each for n, vector in enumerate(topical(30)) for each in sampled([vector], topic=str(n))]
    assert shift(apart) == 0.0


def test_a_model_whose_reach_was_never_measured_stays_as_it_is() -> None:
    assert shift(sampled(topical(30)), dataclasses.replace(MODEL, reach=math.inf)) == 0.0


MULTILINGUAL = dataclasses.replace(
    story_model.default(), dimension=64, centre=Centre(tuple([0.0] * 62 + [0.9, 0.0]), 0.8)
)


def told_in(languages: Sequence[str], count: int = 12) -> list[Sampled]:
    """`count` developments, each told once in each language: what they share is the language and the news."""
    found: list[Sampled] = []
    for at, language in enumerate(languages):
        vectors = []
        for n in range(count):
            vector = [0.0] * 64
            vector[n], vector[40 + at], vector[62] = 0.6, 0.8, 2.0
            vectors.append(vector)
        found += sampled(vectors, language)
    return found


def test_two_tellings_in_two_languages_come_together_when_the_means_are_taken_off() -> None:
    sample = told_in(("en", "pl"))
    adapted = adapt(sample, MULTILINGUAL)
    english, polish = (article(sample[at].reading, adapted).profile for at in (0, 12))
    other = article(sample[13].reading, adapted).profile
    raw = float(sample[0].reading.vector @ sample[12].reading.vector)
    assert float(english.dense[0] @ polish.dense[0]) - float(english.dense[0] @ other.dense[0]) > 0.2
    assert raw - float(sample[0].reading.vector @ sample[13].reading.vector) < 0.1


def test_a_language_of_few_texts_leans_on_the_stream() -> None:
    sample = [*told_in(("en",)), *told_in(("pl",), 1)]
    means = means_of([each.reading for each in sample], list(range(len(sample))), MULTILINGUAL)
    assert np.array_equal(means.of("ko"), means.stream)
    one = sample[-1].reading.vector
    assert np.linalg.norm(means.of("pl") - means.stream) < np.linalg.norm(one - means.stream) / 3


def test_one_story_is_no_mean_of_a_stream() -> None:
    sample = told_in(("en",))
    apart = means_of([each.reading for each in sample], list(range(12)), MULTILINGUAL)
    whole = means_of([each.reading for each in sample], ["one"] * 12, MULTILINGUAL)
    assert MULTILINGUAL.centre is not None
    general = np.array(MULTILINGUAL.centre.mean)
    assert np.linalg.norm(whole.of("en") - general) < np.linalg.norm(apart.of("en") - general) / 1.5


def test_the_order_of_the_sample_does_not_matter() -> None:
    sample = told_in(("en", "pl"))
    straight, turned = adapt(sample, MULTILINGUAL), adapt(sample[::-1], MULTILINGUAL)
    assert straight.rules["mix"].bias == pytest.approx(turned.rules["mix"].bias)
    assert straight.means is not None and turned.means is not None
    assert np.allclose(straight.means.of("pl"), turned.means.of("pl"), atol=1e-6)


def test_means_have_moved_when_they_are_far_from_what_they_were() -> None:
    first = adapt(told_in(("en",)), MULTILINGUAL).means
    assert moved(None, first)
    assert not moved(first, first)
    assert not moved(None, None)
    assert moved(first, adapt(told_in(("en", "pl")), MULTILINGUAL).means)


# --- the model as data ------------------------------------------------------------------------------------


def test_the_shipped_model_reads_back_as_it_was_written() -> None:
    model = story_model.default()
    assert story_model.StoryModel.from_json(model.to_json()) == model
    for rule in model.rules.values():
        assert rule.split < rule.merge < rule.join
    assert model.provenance


def test_numbers_of_an_earlier_version_are_read_and_take_nothing_off() -> None:
    plain = light.numbers().to_plain()
    del plain["centre"], plain["reach"], plain["topic_share"]
    for former in ("baseline", "background"):
        found = story_model.StoryModel.from_plain(plain | {former: {"dense": 0.14, "words": 0.04}})
        assert math.isinf(found.reach)
        assert shift(sampled(topical(30)), dataclasses.replace(found, dimension=64)) == 0.0
        assert story_model.StoryModel.from_json(found.to_json()) == found


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({"rules": {}, "languages": None})])
def test_a_broken_model_is_named_before_work_starts(text: str) -> None:
    with pytest.raises(ConfigurationError):
        story_model.StoryModel.from_json(text)


def test_thresholds_that_cross_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="thresholds"):
        dataclasses.replace(MODEL.rules["mix"], join=-5.0)


def test_calibration_fits_a_model_that_finds_the_stories(tmp_path: Path) -> None:
    from pipeline.stories.calibration import Labelled, calibrate, plot

    documents, labels = news(12)
    labelled = Labelled("made-up", tuple(documents), tuple(labels))
    fitted = calibrate([labelled], encode, MODEL)
    assert all(a.recall >= b.recall for a, b in pairwise(p for p in fitted.curve if p.rule == "mix"))
    placed = list(cluster_stream(documents, encode, fitted.model))
    assert b_cubed(labels, [p.story_id for p in placed])[2] > 0.95
    kept = calibrate([labelled], encode, MODEL, thresholds_only=True)
    assert kept.model.rules["mix"].dense == MODEL.rules["mix"].dense
    plot(fitted, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").stat().st_size > 10_000


def test_very_short_and_empty_texts_are_not_glued_together() -> None:
    titles = ["", "", "Live", "Markets", "Opinion", "In brief"]
    rows = [Document(f"d{i}", title, "", START, language="en") for i, title in enumerate(titles)]

    def encoded(batch: Sequence[str]) -> Vector:  # as the embedding step does: nothing to read, no direction
        return np.stack([encode([t])[0] if t else np.zeros(64, np.float32) for t in batch])

    placed = list(cluster_stream(rows, encoded, MODEL))
    assert len({p.story_id for p in placed}) == len(rows)


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        ("Путин прибыл", None, "mis"),
        ("정상회담", "en", "ko"),
        ("Summit opens", "en-GB", "en"),
        ("Summit opens", None, None),
        ("Саммит", "ru", "ru"),
        ("", None, None),
    ],
)
def test_no_foreign_script_is_left_to_an_english_model(text: str, declared: str | None, expected: str | None) -> None:
    assert language_of(Document("d", text, "", language=declared)) == expected
