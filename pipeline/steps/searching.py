"""Search by words and by meaning, for the portal and the terminal."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Literal

from pipeline import embeddings
from pipeline.database import Connection
from pipeline.errors import WirewatchError
from pipeline.settings import Settings
from pipeline.steps.model import encoder
from pipeline.store import models
from pipeline.store import search as store
from pipeline.store.search import Filters, Hit, Meaning
from pipeline.store.vectors import to_text

log = logging.getLogger(__name__)

By = Literal["both", "words", "meaning"]


@dataclass(frozen=True, slots=True)
class Vector:
    """The vector of a question, None where there is none, and why there is none where one was wanted."""

    text: str | None
    unsaid: str = ""


def vector(settings: Settings, question: str, by: By) -> Vector:
    """The question's vector, made before a connection is taken: the first starts the process that holds the model."""
    if not question.strip() or by == "words":
        return Vector(None)
    try:
        return Vector(to_text(encoder(settings).encode_texts([question])[0]))
    except (WirewatchError, RuntimeError) as error:
        log.warning("no search by meaning: %s", error)
        return Vector(None, "The embedding model does not answer, so this was found by words alone.")


def search(
    connection: Connection,
    settings: Settings,
    question: str,
    filters: Filters,
    *,
    asked: Vector,
    by: By = "both",
    limit: int = 20,
    skip: int = 0,
) -> list[Hit]:
    """What a question finds by words, by meaning, or both ranks put together; the newest where it is blank."""
    model = None if asked.text is None else models.current(connection, embeddings.name_of(settings))
    meaning = None if model is None or asked.text is None else Meaning(asked.text, model)
    by_words = by != "meaning" or bool(asked.unsaid)
    return store.search(connection, question, filters, meaning=meaning, by_words=by_words, limit=limit, skip=skip)
