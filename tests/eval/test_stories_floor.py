"""Floors under the finding of stories; its note in docs/notes has the table. Raise them when a change does better.

Each set is measured with a setting fitted to the other five, as a newsroom's news, which nobody has labelled, would be.
"""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from sklearn.metrics import adjusted_rand_score

from pipeline.stories.baseline import SAMPLE, Sampled, measure
from pipeline.stories.decide import clusters
from pipeline.stories.evaluation import b_cubed, evaluate
from pipeline.stories.model import MIX
from pipeline.stories.pairs import Pairs
from pipeline.stories.stream import arrival_order
from tests.support import labelled
from tests.support import story_cases as cases

pytestmark = [
    labelled.needs(*map(cases.file_of, cases.NAMES)),
    pytest.mark.timeout(1800),
]

LEFT_OUT = {
    "fulltext-2016": 0.88,
    "wire-2025": 0.92,
    "excerpts-2026": 0.945,
    "headlines-2014": 0.85,
    "triples-2010": 0.98,
    "confusable": 0.86,
}
MEAN_LEFT_OUT = 0.91
SHUFFLED = 0.97
ONE_LARGE_STORY = 0.9


@pytest.fixture(scope="module")
def left_out() -> dict[str, float]:
    return {
        name: b_cubed(cases.labelled(name).stories, cases.placed(cases.labelled(name).documents, cases.without(name)))[
            2
        ]
        for name in cases.NAMES
    }


@pytest.mark.parametrize("name", cases.NAMES)
def test_b_cubed_of_a_set_nobody_tuned_on(left_out: dict[str, float], name: str) -> None:
    assert left_out[name] >= LEFT_OUT[name]


def test_mean_b_cubed_of_sets_nobody_tuned_on(left_out: dict[str, float]) -> None:
    """The goal is .86; with one setting for all sets, .83 was the best seen before."""
    assert sum(left_out.values()) / len(left_out) >= MEAN_LEFT_OUT


@pytest.mark.parametrize("name", cases.NAMES)
def test_shuffled_arrival_ends_in_the_stories_of_ordered_arrival(name: str) -> None:
    straight = cases.arrived(name, cases.model())
    order = list(range(len(cases.labelled(name).documents)))
    Random(1).shuffle(order)
    assert adjusted_rand_score(straight, cases.arrived(name, cases.model(), order)) >= SHUFFLED


def test_a_stream_that_tells_one_large_story_leaves_it_whole() -> None:
    """What its articles share is not taken for the baseline of a topic: share of the largest part, on the mean.

    With nothing taken off it is .95, over the 64 labelled stories of 20 articles or more.
    """
    model, shares = cases.model(), []
    for name in cases.NAMES:
        stories, features = cases.labelled(name).stories, cases.prepared(name).whole
        for story in [story for story, count in Counter(stories).items() if count >= 20]:
            members = [row for row in arrival_order(cases.labelled(name).documents) if stories[row] == story]
            latest = [features[row] for row in members[-SAMPLE:]]
            rule = model.against(measure([Sampled(None, each) for each in latest], model)).rules[MIX]
            found = clusters(Pairs(latest, model).odds(MIX, rule), rule.merge)
            shares.append(max(Counter(found.tolist()).values()) / len(latest))
    assert len(shares) == 64
    assert sum(shares) / len(shares) >= ONE_LARGE_STORY


def test_the_shipped_setting_is_what_calibrating_gives() -> None:
    """The weights in the package come from these sets by `wirewatch calibrate`, and from nothing else."""
    from pipeline.stories.calibration import fit

    fitted = fit([cases.prepared(name) for name in cases.NAMES], cases.model()).model
    assert fitted.baseline.dense == pytest.approx(cases.model().baseline.dense, abs=0.01)
    assert fitted.baseline.words == pytest.approx(cases.model().baseline.words, abs=0.01)
    for name, rule in fitted.rules.items():
        shipped = cases.model().rules[name]
        assert rule.merge == shipped.merge
        assert rule.dense == pytest.approx(shipped.dense, rel=0.05, abs=0.2)
        assert rule.words == pytest.approx(shipped.words, rel=0.05, abs=0.2)


def test_placing_the_same_file_twice_gives_the_same_stories() -> None:
    each = cases.labelled("triples-2010")
    assert cases.placed(each.documents, cases.model()) == cases.placed(each.documents, cases.model())


def test_metrics_come_with_intervals_by_story() -> None:
    each = cases.labelled("triples-2010")
    scores = evaluate(each.stories, cases.placed(each.documents, cases.model()))
    assert scores.intervals["b_cubed_f1"].low > 0.95
