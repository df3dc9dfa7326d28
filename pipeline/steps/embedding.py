"""Vectors for texts that lack one of the current model, and the verdict on the full text. Copies borrow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from pipeline import database, topics
from pipeline.settings import Settings
from pipeline.steps.closeness import SeedIndex
from pipeline.steps.copying import find_copies
from pipeline.steps.model import Vectors, article_vectors, encoder, register_model, story_parameters
from pipeline.steps.remodelling import remodel
from pipeline.store import articles as store
from pipeline.store.vectors import from_text

_BATCH = 64


def embed(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Find copies, then embed what is no copy; returns embedded, borrowed, copies, on_topic, off_topic and remodelled.

    A changed model makes every article lack its vector, so that the same step re-embeds them all: first those that
    have their place, then the profiles of their stories, and only then those that wait for a story and would find
    none in the new model's numbers.
    """
    found = find_copies(settings, now=now)
    counts = {"embedded": 0, "borrowed": 0, "copies": found["copies"], "on_topic": 0, "off_topic": 0}
    counts["remodelled"] = 0
    seeds = SeedIndex(settings, topics.load_all(settings))
    with database.connect(settings) as connection:
        if not store.any_unembedded(connection, settings.model):
            return counts
        story_parameters(settings)  # a model without thresholds is refused before anything is embedded
        model_id = register_model(connection, settings)
    _embed_all(settings, model_id, seeds, counts, now, placed=True)
    counts["remodelled"] = remodel(settings, model_id)
    _embed_all(settings, model_id, seeds, counts, now, placed=False)
    return counts


def _embed_all(
    settings: Settings, model_id: int, seeds: SeedIndex, counts: dict[str, int], now: datetime, *, placed: bool
) -> None:
    while True:
        with database.connect(settings) as connection:
            rows = store.claim_unembedded(connection, model_id, _BATCH, placed=placed)
            for row, vector in zip(rows, _vectors(settings, connection, rows, model_id, counts), strict=True):
                _judge(connection, row, vector, seeds, counts, now)
                store.embedded(connection, row["id"], now)
        if len(rows) < _BATCH:
            return


def _vectors(
    settings: Settings,
    connection: database.Connection,
    rows: Sequence[dict[str, Any]],
    model_id: int,
    counts: dict[str, int],
) -> list[Vectors]:
    vectors: dict[int, Vectors] = {}
    here = {row["id"] for row in rows if row["origin_id"] is None}
    own = [row for row in rows if row["origin_revision"] is None and row["origin_id"] not in here]
    own_ids = {row["id"] for row in own}
    for row, vector in zip(own, article_vectors(settings, own), strict=True):
        store.set_vector(connection, row["id"], model_id, vector, row["revision"])
        vectors[row["id"]] = vector
    for row in rows:
        if row["id"] not in own_ids:
            text = store.borrow_vector(connection, row["id"], row["origin_id"], model_id, row["revision"])
            vectors[row["id"]] = from_text(text)
    counts["embedded"] += len(own)
    counts["borrowed"] += len(rows) - len(own)
    return [np.asarray(vectors[row["id"]]) for row in rows]


def _judge(
    connection: database.Connection,
    row: dict[str, Any],
    vector: Vectors,
    seeds: SeedIndex,
    counts: dict[str, int],
    now: datetime,
) -> None:
    readable = encoder(seeds.settings).readable(row["language"])
    wanted = False
    for subject in seeds.subjects:
        similarity = seeds.nearest(subject, vector) if readable else None
        verdict = topics.match(subject, row["title"], row["text"], row["published"], similarity)
        store.set_topic(connection, row["id"], subject.slug, verdict, seeds.model_name, now)
        wanted = wanted or verdict.on_topic
    counts["on_topic" if wanted else "off_topic"] += 1
