"""The light embedding model, of every test that is not about the default one: it need not be made, and is small."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline import embeddings
from pipeline.embeddings import making
from pipeline.settings import Settings
from pipeline.stories import model as story_model
from pipeline.stories.model import StoryModel
from tests.support.project import MODELS

MODEL = embeddings.PACKAGED

ENVIRONMENT = {"WIREWATCH_MODEL": MODEL, "WIREWATCH_MODELS": str(MODELS)}
"""What names it to a process; one that wants the default empties the first, and shares its folder with all others."""


def instead(settings: Settings) -> Settings:
    """The same settings with the default model in the light one's place; skips the test where it is not to be had."""
    found = replace(settings, model=embeddings.MULTILINGUAL, models=str(MODELS))
    if making.packaged_file() is None and not embeddings.is_made(found):
        pytest.skip(f"there is no wheel of {making.PACKAGE} for this platform")
    return found


def numbers() -> StoryModel:
    """The numbers that the package has for it."""
    found = story_model.packaged(MODEL)
    assert found is not None
    return found
