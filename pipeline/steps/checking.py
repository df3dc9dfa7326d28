"""What can be known to be wrong before any work starts: the model's name and numbers, the topic files."""

from __future__ import annotations

from pipeline import embeddings, topics
from pipeline.settings import Settings
from pipeline.steps.model import story_parameters
from pipeline.stories.model import StoryModel


def check(settings: Settings) -> list[topics.Topic]:
    """The topics, when model and topic files are right; loads no model and asks no database.

    Raises `ConfigurationError` with the mend where one is wrong.
    """
    subjects = topics.load_all(settings)
    check_model(settings)
    return subjects


def check_model(settings: Settings) -> StoryModel:
    """The story numbers of the settings' model, when the model is there and they are.

    Raises `ConfigurationError` with the mend where one is not. A model of the hub is downloaded here once.
    """
    embeddings.check(settings)
    embeddings.locate(settings)
    return story_parameters(settings)
