"""What a stream has in common is taken off: languages come together, and different stories stay apart."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.stories import model as story_model
from pipeline.stories.adaptation import MOVED, Sampled, adapt, means_of, moved
from pipeline.stories.features import ArticleFeatures, Comparison, Reading, article, compare
from pipeline.stories.model import VECTORS, Centre, Means, StoryModel, Vector
from tests.support import light

AXES = 64
DAY = 19_892.0
COMMON, LANGUAGE = 63, 62
"""The axes of what all texts share, and of the language: English lies on one side of it, Polish on the other."""
SIDES = {"en": 1.0, "pl": -1.0}
COUNT = 20

ENGLISH = dataclasses.replace(light.numbers(), dimension=AXES)
MULTILINGUAL = dataclasses.replace(
    story_model.default(), dimension=AXES, centre=Centre((*[0.0] * COMMON, 1.0), share=0.8)
)


def telling(story: int, language: str, *, words: int = 100) -> Reading:
    """A text whose vector says what its story is, in which language it is, and that it is a text."""
    vector = np.zeros(AXES, np.float32)
    vector[story], vector[LANGUAGE], vector[COMMON] = 0.5, 0.4 * SIDES.get(language, 0.0), 0.8
    name = f"{language}{story}"
    return Reading(name, np.asarray(vector / np.linalg.norm(vector)), {name: 1.0}, words, DAY, language)


def news(languages: Sequence[str] = ("en", "pl")) -> list[Sampled]:
    """`COUNT` stories, each told once in each language."""
    return [Sampled(None, telling(story, language)) for language in languages for story in range(COUNT)]


def topical(count: int, *, apart: float = 0.0) -> list[Sampled]:
    """Articles around one subject, each of a story of its own, `apart` days from the one before."""
    vectors = np.hstack([np.full((count, 1), 0.9), np.random.default_rng(3).normal(size=(count, AXES - 1)) / 6])
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return [
        Sampled(None, Reading(str(n), vector, {str(n): 1.0}, 100, DAY + n * apart, "en"))
        for n, vector in enumerate(vectors)
    ]


def shift(sample: Sequence[Sampled], model: StoryModel = ENGLISH) -> float:
    """What is taken off every score in a stream of these articles."""
    return model.rules["mix"].bias - adapt(sample, model).rules["mix"].bias


def across(left: Reading, right: Reading, model: StoryModel) -> Comparison:
    found = compare(article(left, model).profile, article(right, model).profile, model)
    assert found is not None
    return found


# --- languages ----------------------------------------------------------------------------------------------


def test_one_story_told_in_two_languages_comes_together_by_the_means_of_the_stream() -> None:
    adapted = adapt(news(), MULTILINGUAL)
    for story in range(COUNT):
        english, polish = telling(story, "en"), telling(story, "pl")
        before, after = (across(english, polish, model) for model in (MULTILINGUAL, adapted))
        assert before.method == after.method == VECTORS
        assert before.odds < before.merge, "by the mean of general news alone, the languages keep them apart"
        assert after.odds >= after.join
        other = across(english, telling((story + 1) % COUNT, "pl"), adapted)
        assert other.odds < other.merge


def test_a_language_that_no_text_of_the_stream_is_in_has_the_mean_of_the_stream() -> None:
    adapted = adapt(news(), MULTILINGUAL)
    reading = telling(0, "ko")
    assert adapted.means is not None
    assert adapted.centre is not None
    rest = reading.vector - np.float32(adapted.centre.share) * adapted.means.stream
    assert article(reading, adapted).profile.dense[0] == pytest.approx(rest / np.linalg.norm(rest), abs=1e-6)


def test_the_more_stories_a_language_tells_the_more_its_mean_is_its_own() -> None:
    def distance(count: int) -> float:
        """Of the mean of Polish from what its texts have in common, beside English."""
        rows = [telling(story, "en") for story in range(COUNT)] + [telling(story, "pl") for story in range(count)]
        means = means_of(rows, list(range(len(rows))), MULTILINGUAL)
        own = np.mean([row.vector for row in rows[COUNT:]], axis=0)
        return float(np.linalg.norm(means.of("pl") - own) / np.linalg.norm(means.stream - own))

    one, few, many = map(distance, (1, 5, COUNT))
    assert 1.0 > one > few > many


def test_a_region_counts_to_its_language() -> None:
    rows = [telling(story, "en") for story in range(COUNT)]
    regional = [dataclasses.replace(row, language="en-GB") for row in rows]
    plain, british = (means_of(each, list(range(COUNT)), MULTILINGUAL) for each in (rows, regional))
    assert set(british.languages) == {"en"}
    assert np.array_equal(plain.of("en"), british.of("en"))


def test_a_model_of_one_language_takes_no_mean_off() -> None:
    adapted = adapt(topical(30), ENGLISH)
    assert adapted.means is None
    reading = topical(1)[0].reading
    assert np.array_equal(article(reading, adapted).profile.dense[0], reading.vector)


# --- topics -------------------------------------------------------------------------------------------------


def test_in_a_topic_the_same_is_taken_off_every_rule_and_thresholds_stay() -> None:
    adapted, taken = adapt(topical(30), ENGLISH), shift(topical(30))
    assert taken > 0
    for name, rule in ENGLISH.rules.items():
        assert adapted.rules[name].bias == pytest.approx(rule.bias - taken)
        assert dataclasses.replace(adapted.rules[name], bias=rule.bias) == rule


def test_the_more_articles_the_surer_it_is_a_topic() -> None:
    taken = [shift(topical(count)) for count in (3, 6, 12, 30)]
    assert taken == sorted(taken)
    assert taken[-1] > 2 * taken[0]


def test_articles_of_days_that_never_meet_make_no_topic() -> None:
    assert shift(topical(30)) > 0
    assert shift(topical(30, apart=5.0)) == 0.0


def test_one_large_story_among_general_news_hardly_passes_for_a_topic() -> None:
    def pointing(name: str, vector: Vector) -> Sampled:
        unit = np.asarray(vector / np.linalg.norm(vector), np.float32)
        return Sampled(None, Reading(name, unit, {name: 1.0}, 100, DAY, "en"))

    noise = np.random.default_rng(5).normal(size=(25, AXES)) / 60
    large = [pointing(f"large{n}", np.eye(1, AXES)[0] + row) for n, row in enumerate(noise)]
    apart = [pointing(f"news{n}", np.eye(1, AXES, n + 1)[0]) for n in range(15)]
    assert shift([*large, *apart]) < shift(topical(30)) / 5
    assert shift(large) == 0.0


def test_where_most_pairs_are_of_one_story_the_rest_say_little() -> None:
    """The same topic, in which one story is told forty times."""
    rows = topical(12)
    told = rows[0].reading
    again = [Sampled(None, dataclasses.replace(told, id=f"again{n}")) for n in range(40)]
    assert shift(rows) > 0.0
    assert shift([*rows, *again]) < shift(rows) / 2


def test_articles_count_to_a_topic_within_its_language_alone() -> None:
    """Across languages other rules hold, whose scores lie elsewhere."""
    rows = topical(30)
    each = [
        dataclasses.replace(row.reading, language=f"q{chr(97 + n % 26)}{chr(97 + n // 26)}")
        for n, row in enumerate(rows)
    ]
    readable = dataclasses.replace(ENGLISH, languages=None)
    assert shift(rows, readable) > 0
    assert shift([Sampled(None, reading) for reading in each], readable) == 0.0


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(30)))
def test_the_order_of_a_topics_articles_does_not_matter(order: list[int]) -> None:
    rows = topical(30)
    assert shift([rows[at] for at in order]) == pytest.approx(shift(rows))


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(2 * COUNT)))
def test_the_order_of_articles_in_two_languages_does_not_matter(order: list[int]) -> None:
    rows = news()
    straight, turned = adapt(rows, MULTILINGUAL), adapt([rows[at] for at in order], MULTILINGUAL)
    assert straight.means is not None
    assert turned.means is not None
    assert set(straight.means.languages) == set(turned.means.languages) == {"en", "pl"}
    for language in ("en", "pl", None):
        assert turned.means.of(language) == pytest.approx(straight.means.of(language), abs=1e-6)
    for name, rule in straight.rules.items():
        assert turned.rules[name].bias == pytest.approx(rule.bias)


# --- moved --------------------------------------------------------------------------------------------------


def means(stream: float, **languages: float) -> Means:
    """Means that lie so far along one axis."""

    def along(length: float) -> Vector:
        return np.asarray(length * np.eye(1, AXES)[0], dtype=np.float32)

    return Means(along(stream), {language: along(length) for language, length in languages.items()})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, None, False),
        (None, means(0.0, en=0.0), True),
        (means(0.0, en=0.5), means(0.0, en=0.5 + 0.9 * MOVED), False),
        (means(0.0, en=0.5), means(0.0, en=0.5 + 1.1 * MOVED), True),
        (means(0.0, en=0.5, pl=0.2), means(0.0, en=0.5, pl=0.2 - 1.1 * MOVED), True),
        # A language that is new was seen by the mean of the stream.
        (means(0.3, en=0.5), means(0.3, en=0.5, pl=0.3), False),
        (means(0.3, en=0.5), means(0.3, en=0.5, pl=0.4), True),
    ],
)
def test_means_have_moved_when_a_languages_is_far_from_what_its_texts_were_seen_by(
    before: Means | None, after: Means | None, expected: bool
) -> None:
    assert moved(before, after) is expected


def test_features_seen_by_other_means_are_other_features() -> None:
    reading = telling(0, "en")

    def seen(found: Means) -> ArticleFeatures:
        return article(reading, dataclasses.replace(MULTILINGUAL, means=found))

    first, second = seen(means(0.0, en=0.0)), seen(means(0.0, en=0.5))
    assert not np.allclose(first.profile.dense, second.profile.dense)
    assert float(np.linalg.norm(second.profile.dense[0])) == pytest.approx(1.0, abs=1e-6)
