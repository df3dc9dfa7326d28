"""What can be known to be wrong before any work starts: the model's name and numbers, the topic files."""

from __future__ import annotations

from pathlib import Path

from pipeline import database, embeddings, topics
from pipeline.settings import Settings
from pipeline.steps.model import file_parameters, left_over, topic_numbers
from pipeline.stories import model as story_model
from pipeline.stories.model import StoryModel


def check(settings: Settings) -> list[topics.Topic]:
    """The topics, when model and topic files are right; loads no model and asks no database.

    Raises `ConfigurationError` with the mend where one is wrong. A model of the hub is downloaded here once, and
    the folder of multilingual-e5-small made.
    """
    subjects = topics.load_all(settings)
    embeddings.check(settings)
    embeddings.locate(settings)
    left_over(settings)
    return subjects


def check_thresholds(settings: Settings) -> None:
    """Whether the model has its calibrated numbers; asks the database where it is not the packaged one.

    Raises `ConfigurationError` with the mend where it has none.
    """
    if story_model.packaged(embeddings.name_of(settings)) is None:
        with database.connect(settings) as connection:
            topic_numbers(connection, settings)


def check_model(settings: Settings, parameters: Path | None = None) -> StoryModel:
    """The story numbers for files, when the model is there and they are; asks no database.

    Raises `ConfigurationError` with the mend where one is not. A model of the hub is downloaded here once, and
    the folder of multilingual-e5-small made.
    """
    embeddings.check(settings)
    embeddings.locate(settings)
    return file_parameters(settings, parameters)
