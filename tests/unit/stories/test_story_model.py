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
from pipeline.stories.model import Means, StoryModel
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
    for key in ("centre", "reach", "topic_share"):
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
    assert model.against(model.reach) == model
    assert model.against(model.reach - 5.0) == model
    found = model.against(model.reach + 2.0)
    for name, rule in model.rules.items():
        assert found.rules[name].bias == pytest.approx(rule.bias - 2.0 * model.topic_share)
        assert found.rules[name].merge == rule.merge
