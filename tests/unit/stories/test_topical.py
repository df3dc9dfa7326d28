"""Within a topic the days between tell developments apart: the rule, its fit, and where it is used."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from pipeline.stories import model as story_model
from pipeline.stories.calibration import JOIN_OVER_MERGE, SPLIT_UNDER_MERGE
from pipeline.stories.curves import CurvePoint, Labels
from pipeline.stories.decide import clusters
from pipeline.stories.evaluation import b_cubed
from pipeline.stories.features import ArticleFeatures, Reading, article, compare, story_of
from pipeline.stories.model import MIX, TOPICAL, VECTORS, Rule, StoryModel
from pipeline.stories.pairs import Pairs
from pipeline.stories.topical import CLOSE, DECAY, fit_topical

AXES = 32
DAY = 19_892.0
START = dataclasses.replace(story_model.default(), dimension=AXES, centre=None, reach=0.0, topical_reach=1.0)


def tellings(stories: int, times: int, *, apart: float, noise: float = 0.2) -> tuple[list[ArticleFeatures], list[str]]:
    """Stories of one subject, each told `times` times within a morning, the next one `apart` days later.

    Two stories that follow each other point the same way: only the days between tell them apart.
    """
    chance = np.random.default_rng(5)
    articles, labels = [], []
    for story in range(stories):
        for telling in range(times):
            vector = np.eye(1, AXES, story // 2, dtype=np.float32)[0] + noise * chance.normal(size=AXES) / AXES**0.5
            unit = np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)
            day, name = DAY + apart * story + 0.1 * telling, f"{story}-{telling}"
            articles.append(article(Reading(name, unit, {name: 1.0}, 100, day, "en" if telling % 2 else "pl"), START))
            labels.append(str(story))
    return articles, labels


def fitted(*sets: tuple[list[ArticleFeatures], list[str]]) -> tuple[Rule, list[CurvePoint]]:
    rule, _, points = fit_topical([Labels(*each) for each in sets], START, JOIN_OVER_MERGE, SPLIT_UNDER_MERGE)
    return rule, points


def test_what_days_alone_tell_apart_is_told_apart_in_every_language() -> None:
    articles, labels = tellings(12, 4, apart=3.0)
    rule, points = fitted((articles, labels))
    model = dataclasses.replace(START, topical=rule).against(5.0)
    found = clusters(Pairs(articles, model).over("merge"), 0.0).tolist()
    assert b_cubed(labels, found)[2] == pytest.approx(1.0)
    assert b_cubed(labels, clusters(Pairs(articles, START.against(0.0)).over("merge"), 0.0).tolist())[0] < 0.8
    assert max(point.f1 for point in points) == pytest.approx(1.0)


def test_the_rule_is_closeness_less_a_decay_on_the_scale_of_log_odds() -> None:
    rule, points = fitted(tellings(12, 4, apart=3.0))
    assert rule.near == pytest.approx(-DECAY * rule.dense[0], rel=1e-3)
    assert rule.words == (0.0, 0.0, 0.0)
    assert (rule.join, rule.merge, rule.split) == (JOIN_OVER_MERGE, 0.0, -SPLIT_UNDER_MERGE)
    assert [point.threshold for point in points] == pytest.approx(
        [rule.dense[0] * close + rule.bias for close in CLOSE], abs=1e-3
    )
    assert {point.rule for point in points} == {TOPICAL}


def test_a_topic_counts_by_its_articles() -> None:
    small, large = tellings(4, 3, apart=3.0, noise=0.2), tellings(16, 6, apart=3.0, noise=1.2)
    alone, both, other = (fitted(*sets)[0] for sets in ((large,), (small, large), (small,)))
    least, of_large, of_small = (-rule.bias / rule.dense[0] for rule in (both, alone, other))
    assert abs(least - of_large) <= abs(least - of_small)


@pytest.mark.parametrize("apart", [0.0, 0.3, 2.0])
def test_stories_compare_by_the_days_between_an_article_of_each(apart: float) -> None:
    """On the mean over all pairs, also where both go on for days and their middles fall together."""
    rule, _ = fitted(tellings(12, 4, apart=3.0))
    model = dataclasses.replace(START, topical=rule).against(5.0)
    vector = np.eye(1, AXES, dtype=np.float32)[0]

    def told(name: str, start: float, days: float) -> list[ArticleFeatures]:
        times = start + np.linspace(0.0, days, 9)
        return [
            article(Reading(f"{name}{at}", vector, {name: 1.0}, 100, day, "en"), model) for at, day in enumerate(times)
        ]

    left, right = told("a", DAY, 3.0), told("b", DAY + 1.0 + apart, 1.0)
    found = compare(story_of("a", 0.0, left).profile, story_of("b", 0.0, right).profile, model)
    assert found is not None
    pairs = [compare(a.profile, b.profile, model) for a in left for b in right]
    days = [(each.odds - rule.bias - rule.dense[0]) / rule.near for each in pairs if each is not None]
    assert (found.odds - rule.bias - rule.dense[0]) / rule.near == pytest.approx(np.mean(days), abs=0.06)
    assert found.method == TOPICAL
    assert found.merge == pytest.approx(rule.merge)


def test_two_languages_count_as_closer_by_how_much_further_apart_they_lie() -> None:
    """Half of each story is told in another language, whose vectors lie a given angle off: what is fitted makes up."""
    articles, labels = tellings(12, 6, apart=3.0, noise=0.9)
    turn = 0.55 * np.eye(1, AXES, AXES - 1, dtype=np.float32)[0]
    turned = []
    for each, label in zip(articles, labels, strict=True):
        vector = each.profile.dense[0] + (turn if each.profile.language == "pl" else -turn)
        day = each.profile.first
        unit = np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)
        turned.append(article(Reading(each.id, unit, {label: 1.0}, 100, day, each.profile.language), START))
    rule, across, _ = fit_topical([Labels(turned, labels)], START, JOIN_OVER_MERGE, SPLIT_UNDER_MERGE)
    assert across > 0
    model = dataclasses.replace(START, topical=rule, topical_across=across).against(5.0)
    alike = dataclasses.replace(START, topical=rule).against(5.0)
    shift = model.rules[VECTORS].bias - model.rules[MIX].bias
    assert shift == pytest.approx(across)
    scores = [b_cubed(labels, clusters(Pairs(turned, each).over("merge"), 0.0).tolist())[2] for each in (model, alike)]
    assert scores[0] > scores[1]


def test_without_a_date_the_days_count_as_usual() -> None:
    rule, _ = fitted(tellings(12, 4, apart=3.0))
    model: StoryModel = dataclasses.replace(START, topical=rule, undated_days=1.5).against(5.0)
    vector = np.eye(1, AXES, dtype=np.float32)[0]
    dated, undated = (
        article(Reading(name, vector, {name: 1.0}, 100, day, "en"), model) for name, day in (("a", DAY), ("b", None))
    )
    found = compare(dated.profile, undated.profile, model)
    assert found is not None
    assert found.odds == pytest.approx(rule.bias + rule.dense[0] + 1.5 * rule.near)
    assert Pairs([dated, undated], model).odds(model.rules[MIX])[0, 1] == pytest.approx(found.odds)
