"""Embedding models: a row per name and revision, with the calibrated numbers of the story decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from pipeline.database import Connection, run
from pipeline.database.rows import fetch_one, fetch_value


@dataclass(frozen=True, slots=True)
class EmbeddingModel:
    """A row of `embedding_models`; `parameters` is a `StoryModel` as `to_plain` gives it, or empty."""

    id: int
    name: str
    revision: str
    dimension: int
    languages: list[str]
    parameters: dict[str, Any]


def register(
    connection: Connection, name: str, revision: str, dimension: int, languages: Sequence[str]
) -> EmbeddingModel:
    """The row of an embedding model, made at its first use; it is the current one of its name from now on."""
    row = fetch_one(
        connection,
        EmbeddingModel,
        "models.register",
        name=name,
        revision=revision,
        dimension=dimension,
        languages=list(languages),
    )
    assert row is not None
    return row


def current(connection: Connection, name: str) -> EmbeddingModel | None:
    """The revision of a model by its name that was used last; None before its first use."""
    return fetch_one(connection, EmbeddingModel, "models.current", name=name)


def calibrated(connection: Connection, name: str) -> dict[str, Any] | None:
    """The numbers of the revision of this name that was used last of those that have any."""
    parameters: dict[str, Any] | None = fetch_value(connection, "models.calibrated", name=name)
    return parameters


def set_parameters(connection: Connection, model_id: int, parameters: Mapping[str, Any]) -> None:
    """Keep the calibrated numbers of a model; every worker reads them here."""
    run(connection, "models.set_parameters", id=model_id, parameters=Jsonb(dict(parameters)))


def note_complete(connection: Connection, model_id: int) -> bool:
    """Keep that a model has a vector of every article, where it has; whether it is known.

    While all articles are looked through, 2 s of a million, nobody makes a vector; then it is known until another
    model makes one.
    """
    if not fetch_value(connection, "models.is_complete", id=model_id):
        run(connection, "models.hold_vectors")
        return bool(run(connection, "models.complete", id=model_id).rowcount)
    return True
