"""The embedding model of a process, its row, its calibrated numbers, and the vectors that it makes of articles.

The numbers of the story decisions stand in the model's row, where every worker reads them. A model that was never
calibrated has those that come with the package, if it is the one they were fitted to.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline import database, embeddings, inference
from pipeline.errors import ConfigurationError
from pipeline.models import Document
from pipeline.settings import Settings
from pipeline.store import models as store
from pipeline.store.models import EmbeddingModel
from pipeline.stories import model as story_model
from pipeline.stories.features import encode_documents
from pipeline.stories.model import StoryModel
from pipeline.topics import TopicNumbers

log = logging.getLogger(__name__)

Vectors = NDArray[np.float32]


def encoder(settings: Settings) -> embeddings.Encoder:
    """The embedding model of these settings: held by another process of the home, or loaded once in this one."""
    return _encoder(replace(Settings(), **{name: getattr(settings, name) for name in _OF_THE_MODEL}))


@cache
def _encoder(of_the_model: Settings) -> embeddings.Encoder:
    return inference.encoder(of_the_model)


_OF_THE_MODEL = (
    *("home", "models", "model", "device", "backend", "batch_size"),
    *("model_languages", "model_prompt", "model_seconds"),
)
"""Settings that decide which model it is, and where it is held; others make no second one of it."""


def register_model(connection: database.Connection, settings: Settings) -> int:
    """The id of the model's row, made at its first use, with the numbers that it starts from."""
    row = _register(connection, settings)
    known = _complete(StoryModel.from_plain(row.parameters)) if row.parameters else None
    former = left_over(settings)
    if former is not None and former != known and known in (None, story_model.packaged(row.name)):
        store.set_parameters(connection, row.id, former.to_plain())
        log.warning(
            "the thresholds of %s in %s are in the database now, where every worker reads them; the file may go",
            row.name,
            left_over_file(settings),
        )
    elif known is None:
        store.set_parameters(connection, row.id, story_parameters(connection, settings).to_plain())
    return row.id


def _register(connection: database.Connection, settings: Settings) -> EmbeddingModel:
    model = encoder(settings)
    return store.register(connection, model.name, model.revision, model.dimension, sorted(model.languages))


def current_model(connection: database.Connection, settings: Settings) -> int | None:
    """The id of the model that vectors are made with now, without loading it; None before its first use."""
    row = store.current(connection, embeddings.name_of(settings))
    return None if row is None else row.id


def story_parameters(connection: database.Connection, settings: Settings) -> StoryModel:
    """The calibrated numbers of the story decisions for the model of these settings.

    Those of its row; where that has none yet, of a file that an older version left, of another revision, or of the
    package. Raises `ConfigurationError` where the model was never calibrated.
    """
    row = store.current(connection, embeddings.name_of(settings))
    if row is not None and row.parameters:
        return _complete(StoryModel.from_plain(row.parameters))
    if (former := left_over(settings)) is not None:
        return former
    if (other := store.calibrated(connection, embeddings.name_of(settings))) is not None:
        return _complete(StoryModel.from_plain(other))
    return _packaged(settings, "")


def topic_numbers(connection: database.Connection, settings: Settings) -> TopicNumbers:
    """What closeness to a topic's seed documents says by the model of these settings.

    Raises `ConfigurationError` where the model was never calibrated for topics: another model's cosines lie elsewhere.
    """
    found = story_parameters(connection, settings).topic
    if found is None:
        name = embeddings.name_of(settings)
        raise ConfigurationError(
            f"the model {name} has no numbers for topics yet; run `wirewatch calibrate LABELLED.jsonl --model {name}`"
            " once with a file that has the key topic, and its topic file beside it"
        )
    return found


def _complete(found: StoryModel) -> StoryModel:
    """Numbers as this version has them: those of an older package are replaced, and what they lacked is filled in."""
    packaged = story_model.packaged(found.name)
    if packaged is None:
        return found
    if math.isinf(found.reach) and "command" in found.provenance:  # which calibrating does not write
        return packaged
    return replace(found, topic=packaged.topic) if found.topic is None else found


def file_parameters(settings: Settings, path: Path | None) -> StoryModel:
    """The numbers in a file that `wirewatch calibrate --out` wrote, else those of the package; asks no database.

    Raises `ConfigurationError` where they are of another model than the settings'.
    """
    option = " --out FILE` and name FILE with `--parameters"
    if path is None:
        return _packaged(settings, option)
    found = story_model.load(path)
    if found.name != embeddings.name_of(settings):
        raise _uncalibrated(settings, option)
    return found


def keep_parameters(connection: database.Connection, settings: Settings, fitted: StoryModel) -> None:
    """Let every worker use these numbers of the settings' model from now on."""
    store.set_parameters(connection, _register(connection, settings).id, fitted.to_plain())


def left_over_file(settings: Settings) -> Path:
    """Where versions before 0.2 kept the numbers of a model: in one host's home."""
    return settings.home / "models" / f"{embeddings.name_of(settings).strip('/').replace('/', '--')}.json"


def left_over(settings: Settings) -> StoryModel | None:
    """The numbers in a file that an older version left. Raises `ConfigurationError` where it is none any more."""
    path = left_over_file(settings)
    if not path.is_file():
        return None
    try:
        found = story_model.load(path)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}; delete it or run `wirewatch calibrate` again") from error
    return _complete(found) if found.name == embeddings.name_of(settings) else None


def _packaged(settings: Settings, option: str) -> StoryModel:
    found = story_model.packaged(embeddings.name_of(settings))
    if found is None:
        raise _uncalibrated(settings, option)
    return found


def _uncalibrated(settings: Settings, option: str) -> ConfigurationError:
    name = embeddings.name_of(settings)
    return ConfigurationError(
        f"the model {name} has no thresholds yet; run `wirewatch calibrate LABELLED.jsonl --model {name}{option}` once"
    )


def article_vectors(settings: Settings, documents: Sequence[Document], parameters: StoryModel) -> Vectors:
    """Vectors of articles, (documents, dimension): title and lead with the title's weight, as stories were fitted."""
    if not documents:
        return np.zeros((0, 0), dtype=np.float32)
    return encode_documents(documents, encoder(settings).encode_texts, parameters)
