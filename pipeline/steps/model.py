"""The embedding model of a process, its row, its calibrated numbers, and the vectors that it makes of articles."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline import database, embeddings
from pipeline.errors import ConfigurationError
from pipeline.models import Document
from pipeline.settings import Settings
from pipeline.store import articles as store
from pipeline.stories import model as story_model
from pipeline.stories.features import encode_documents
from pipeline.stories.model import StoryModel

Vectors = NDArray[np.float32]


@cache
def encoder(settings: Settings) -> embeddings.Encoder:
    """The embedding model of these settings, loaded once per process."""
    return embeddings.load(settings)


def register_model(connection: database.Connection, settings: Settings) -> int:
    """The id of the model's row, made at its first use."""
    model = encoder(settings)
    row = store.model(connection, settings.model, model.revision, model.dimension, sorted(model.languages))
    return int(row["id"])


def current_model(connection: database.Connection, settings: Settings) -> int | None:
    """The id of the model that vectors are made with now, without loading it; None before its first use."""
    row = store.newest_model(connection, settings.model)
    return None if row is None else int(row["id"])


def parameters_file(settings: Settings) -> Path:
    """Where `wirewatch calibrate` keeps the numbers of the settings' model."""
    return settings.home / "models" / f"{settings.model.strip('/').replace('/', '--')}.json"


@cache
def story_parameters(settings: Settings) -> StoryModel:
    """The calibrated numbers of the story decisions for the model of these settings.

    Raises `ConfigurationError` where the model was never calibrated.
    """
    calibrated = parameters_file(settings)
    try:
        model = story_model.load(calibrated if calibrated.is_file() else None)
    except ConfigurationError as error:
        raise ConfigurationError(f"{calibrated}: {error}; delete it or run `wirewatch calibrate` again") from error
    if model.name != settings.model:
        raise ConfigurationError(
            f"the model {settings.model} has no thresholds yet; run `wirewatch calibrate LABELLED.jsonl --model"
            f" {settings.model}` once"
        )
    return model


def article_vectors(settings: Settings, documents: Sequence[Document]) -> Vectors:
    """Vectors of articles, (documents, dimension): title and lead with the title's weight, as stories were fitted."""
    if not documents:
        return np.zeros((0, 0), dtype=np.float32)
    return encode_documents(documents, encoder(settings).encode_texts, story_parameters(settings))


def document_of(row: dict[str, Any]) -> Document:
    """An article's row as the document that the pure parts read."""
    return Document(
        id=str(row["id"]),
        title=row["title"] or "",
        text=row["text"] or "",
        published=row["published"],
        url=row["url"],
        source=row["outlet"],
        language=row["language"],
    )
