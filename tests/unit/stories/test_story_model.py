"""The numbers of the story decisions as they are stored: what is written is read back, what is broken is named."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import numpy as np
import pytest

from pipeline.errors import ConfigurationError
from pipeline.stories import model as story_model
from pipeline.stories.model import MIX, TOPICAL, VECTORS, WORDS, Means, Rule, StoryModel
from tests.support import light

MODELS = {"multilingual": story_model.default(), "light": light.numbers()}
each_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)


def strict(text: str) -> Any:
    """JSON as Postgres reads it, which knows no Infinity."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


@each_model
@pytest.mark.parametrize("reach", [0.13, -2.0, math.inf])
def test_what_is_written_is_json_and_reads_back(model: StoryModel, reach: float) -> None:
    changed = dataclasses.replace(model, reach=reach)
    text = changed.to_json()
    assert strict(text)["reach"] == (None if math.isinf(reach) else reach)
    assert StoryModel.from_json(text) == changed
    assert StoryModel.from_json(text).to_json() == text


def test_the_means_of_a_stream_are_not_stored() -> None:
    model = story_model.default()
    zeros = np.zeros(model.dimension, np.float32)
    adapted = dataclasses.replace(model, means=Means(zeros, {"en": zeros}))
    assert adapted.to_json() == model.to_json()
    assert StoryModel.from_json(adapted.to_json()).means is None


@each_model
@pytest.mark.parametrize("former", ["baseline", "background", None])
def test_numbers_of_before_there_was_a_centre_read_as_taking_nothing_off(model: StoryModel, former: str | None) -> None:
    plain = model.to_plain()
    for key in ("centre", "reach", "topic_share", "topical", "topical_reach"):
        del plain[key]
    if former is not None:
        plain[former] = {"dense": 0.14, "words": 0.04}
    found = StoryModel.from_plain(plain)
    assert (found.centre, found.reach, found.topic_share) == (None, math.inf, 0.0)
    assert found.rules == model.rules
    assert found.against(1000.0).rules == found.rules
    vector = np.eye(1, model.dimension, dtype=np.float32)[0]
    assert found.centred(vector, "en") is vector
    assert StoryModel.from_json(found.to_json()) == found


@pytest.mark.parametrize(
    "change",
    [
        {"centre": {"mean": [0.5], "share": 0.8}},
        {"centre": {"mean": [0.5] * 383, "share": 0.8}},
        {"centre": {"mean": [0.5] * 384}},
        {"centre": [0.5] * 384},
        {"unheard of": 1},
    ],
    ids=["one number", "one short", "no share", "bare", "unknown key"],
)
def test_a_centre_that_does_not_fit_is_named_before_work_starts(change: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="story model"):
        StoryModel.from_plain(story_model.default().to_plain() | change)


@each_model
def test_a_score_gives_way_by_the_share_of_what_the_reach_is_over_the_models_own(model: StoryModel) -> None:
    model = dataclasses.replace(model, topical=None)
    assert model.against(model.reach) == model
    assert model.against(model.reach - 5.0) == model
    found = model.against(model.reach + 2.0)
    for name, rule in model.rules.items():
        assert found.rules[name].bias == pytest.approx(rule.bias - 2.0 * model.topic_share)
        assert found.rules[name].merge == rule.merge


def topical_model() -> StoryModel:
    rule = Rule(0.0, (15.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0), (0.0, 0.0), 6.0, 5.0, 3.0, near=-3.5)
    return dataclasses.replace(story_model.default(), reach=0.5, topical=rule, topical_reach=1.5, topical_across=0.7)


def test_in_a_stream_of_one_topic_one_rule_judges_within_and_across_languages() -> None:
    model = topical_model()
    assert model.topical is not None
    for reach in (1.5, 100.0):
        found = model.against(reach)
        assert found.rules[MIX] == model.topical
        assert found.rules[VECTORS] == dataclasses.replace(model.topical, bias=model.topical.bias + 0.7)
        assert [found.told(name) for name in (MIX, VECTORS, WORDS)] == [TOPICAL, TOPICAL, WORDS]
        shift = model.topic_share * (reach - 0.5)
        assert found.rules[WORDS].bias == pytest.approx(model.rules[WORDS].bias - shift)
    for reach in (0.5, -3.0, -math.inf):
        assert model.against(reach).rules == model.rules
        assert model.against(reach).told(MIX) == MIX


@pytest.mark.parametrize(("reach", "name"), [(0.8, MIX), (1.2, TOPICAL)])
def test_between_general_news_and_a_topic_lies_a_mean_of_both_rules(reach: float, name: str) -> None:
    model = topical_model()
    assert model.topical is not None
    found, share = model.against(reach), reach - 0.5
    for field in ("bias", "join", "merge", "split", "near"):
        before, after = getattr(model.rules[MIX], field), getattr(model.topical, field)
        assert getattr(found.rules[MIX], field) == pytest.approx(before + share * (after - before))
    assert found.rules[MIX].dense[1] == pytest.approx((1 - share) * model.rules[MIX].dense[1])
    assert found.told(MIX) == name


def test_the_rule_of_a_topic_is_stored_and_what_a_stream_is_like_is_not() -> None:
    model = topical_model()
    read = StoryModel.from_json(model.to_json())
    assert (read, read.topical, read.topical_reach, read.topical_across) == (model, model.topical, 1.5, 0.7)
    adapted = model.against(100.0)
    assert adapted.topicality == 1.0
    assert StoryModel.from_json(adapted.to_json()).topicality == 0.0
    without = dataclasses.replace(model, topical=None, topical_reach=math.inf)
    assert StoryModel.from_json(without.to_json()) == without
