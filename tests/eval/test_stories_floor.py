"""Floors under the finding of stories; its note in docs/notes has the table. Raise them when a change does better.

Each set is measured with a setting fitted to the others, as a newsroom's news, which nobody has labelled, would be.
"""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from sklearn.metrics import adjusted_rand_score

from pipeline.stories.adaptation import SAMPLE, Sampled, adapt
from pipeline.stories.decide import clusters
from pipeline.stories.evaluation import b_cubed, evaluate
from pipeline.stories.features import article
from pipeline.stories.model import StoryModel
from pipeline.stories.pairs import Pairs
from pipeline.stories.stream import arrival_order
from tests.support import labelled
from tests.support import story_cases as cases

pytestmark = [
    labelled.needs(*map(cases.file_of, cases.NAMES)),
    pytest.mark.timeout(1800),
]
whole = pytest.mark.nightly  # embeds every set and fits the model without each: half an hour on two cores

LEFT_OUT = {
    "fulltext-2016": 0.88,
    "wire-2025": 0.93,
    "excerpts-2026": 0.945,
    "headlines-2014": 0.86,
    "triples-2010": 0.98,
    "confusable": 0.87,
}
MEAN_LEFT_OUT = 0.92
# By the numbers of the package, which were fitted to them: what every run checks, in minutes.
SHIPPED = {"triples-2010": 0.98, "confusable": 0.87}
SHIPPED_TOPICS = {"topic-karabakh-2023": (0.74, 0.77), "topic-morocco-2023": (0.74, 0.75)}
SHUFFLED = 0.97
ONE_LARGE_STORY = 0.79
# What int8 may cost in B-cubed F1 beside float32, by the numbers of the package: on the mean of all sets, and on one.
INT8_MEAN = 0.002
INT8_WORST = 0.01
# Each topic by numbers fitted to all other sets: B-cubed F1 over all languages and in English.
TOPICS = {"topic-karabakh-2023": (0.74, 0.77), "topic-morocco-2023": (0.67, 0.71)}


@pytest.fixture(scope="module")
def left_out() -> dict[str, float]:
    return {
        name: b_cubed(cases.labelled(name).stories, cases.placed(cases.labelled(name).documents, cases.without(name)))[
            2
        ]
        for name in cases.GENERAL
    }


@pytest.mark.parametrize("name", SHIPPED)
def test_b_cubed_by_the_shipped_numbers(name: str) -> None:
    each = cases.labelled(name)
    assert b_cubed(each.stories, cases.placed(each.documents, cases.model()))[2] >= SHIPPED[name]


@pytest.mark.parametrize("name", cases.TOPICS)
def test_stories_of_a_topic_by_the_shipped_numbers(name: str) -> None:
    assert_topic(name, cases.model(), SHIPPED_TOPICS[name])


def assert_topic(name: str, setting: StoryModel, floors: tuple[float, float]) -> None:
    """B-cubed F1 over all languages and in English."""
    each = cases.labelled(name)
    found = cases.placed(each.documents, setting)
    rows = [row for row, document in enumerate(each.documents) if document.language == "en"]
    assert b_cubed(each.stories, found)[2] >= floors[0]
    assert b_cubed([each.stories[row] for row in rows], [found[row] for row in rows])[2] >= floors[1]


@whole
@pytest.mark.parametrize("name", cases.GENERAL)
def test_b_cubed_of_a_set_nobody_tuned_on(left_out: dict[str, float], name: str) -> None:
    assert left_out[name] >= LEFT_OUT[name]


@whole
def test_mean_b_cubed_of_sets_nobody_tuned_on(left_out: dict[str, float]) -> None:
    """The goal is .86; with one setting for all sets, .83 was the best seen before."""
    assert sum(left_out.values()) / len(left_out) >= MEAN_LEFT_OUT


@whole
@pytest.mark.parametrize("name", cases.TOPICS)
def test_stories_of_a_topic_nobody_tuned_on(name: str) -> None:
    assert_topic(name, cases.without(name), TOPICS[name])


@pytest.mark.parametrize("name", (*SHIPPED, *(pytest.param(n, marks=whole) for n in cases.GENERAL if n not in SHIPPED)))
def test_shuffled_arrival_ends_in_the_stories_of_ordered_arrival(name: str) -> None:
    straight = cases.arrived(name, cases.model())
    order = list(range(len(cases.labelled(name).documents)))
    Random(1).shuffle(order)
    assert adjusted_rand_score(straight, cases.arrived(name, cases.model(), order)) >= SHUFFLED


@whole
def test_a_stream_that_tells_one_large_story_leaves_it_whole() -> None:
    """What its articles share is not taken for that of a topic: share of the largest part, on the mean."""
    model, shares = cases.model(), []
    for name in cases.GENERAL:
        stories, features = cases.labelled(name).stories, cases.prepared(name).whole
        for story in [story for story, count in Counter(stories).items() if count >= 20]:
            members = [row for row in arrival_order(cases.labelled(name).documents) if stories[row] == story]
            readings = [reading for row in members[-SAMPLE:] if (reading := features[row].reading) is not None]
            adapted = adapt([Sampled(None, reading) for reading in readings], model)
            odds = Pairs([article(reading, adapted) for reading in readings], adapted).over("merge")
            shares.append(max(Counter(clusters(odds, 0.0).tolist()).values()) / len(readings))
    assert len(shares) == 64
    assert sum(shares) / len(shares) >= ONE_LARGE_STORY


@whole
def test_the_shipped_setting_is_what_calibrating_gives() -> None:
    """The weights in the package come from these sets by `wirewatch calibrate`, and from nothing else."""
    from pipeline.stories.calibration import fit

    fitted = fit([cases.prepared(name) for name in cases.FITTED], cases.model()).model
    assert fitted.reach == pytest.approx(cases.model().reach, abs=0.1)
    topical, given = fitted.topical, cases.model().topical
    assert topical is not None
    assert given is not None
    assert topical.dense == pytest.approx(given.dense, rel=0.05)
    assert topical.bias == pytest.approx(given.bias, abs=0.4)
    for name, rule in fitted.rules.items():
        shipped = cases.model().rules[name]
        assert rule.merge == pytest.approx(shipped.merge, abs=0.25)
        assert rule.dense == pytest.approx(shipped.dense, rel=0.1, abs=0.4)
        assert rule.words == pytest.approx(shipped.words, rel=0.1, abs=0.4)


@whole
def test_int8_tells_stories_as_float32_does() -> None:
    """The mean over all sets, also where every other article is embedded in the other arithmetic; single sets vary."""
    added = []
    for name in cases.FITTED:
        float32, int8, mixed = cases.told_alike(name)
        print(f"{name} {float32:.4f} {int8 - float32:+.4f} {mixed - float32:+.4f}")
        added.append((int8 - float32, mixed - float32))
    for column in zip(*added, strict=True):
        assert sum(column) / len(column) >= -INT8_MEAN
        assert min(column) >= -INT8_WORST


def test_placing_the_same_file_twice_gives_the_same_stories() -> None:
    each = cases.labelled("triples-2010")
    assert cases.placed(each.documents, cases.model()) == cases.placed(each.documents, cases.model())


def test_metrics_come_with_intervals_by_story() -> None:
    each = cases.labelled("triples-2010")
    scores = evaluate(each.stories, cases.placed(each.documents, cases.model()))
    assert scores.intervals["b_cubed_f1"].low > 0.95
