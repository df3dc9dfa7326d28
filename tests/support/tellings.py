"""Twenty-five made developments, told six times each, in words and vectors that lean on one another as a topic's do.

Vectors are given, so that what is tested is the placing and not a model.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

import numpy as np

from pipeline import database
from pipeline.settings import Settings
from pipeline.store import articles as article_store
from pipeline.store import models as model_store
from tests.support.deskrows import DIMENSION, START, TOPIC

DEVELOPMENTS, TELLINGS = 25, 6
SPAN = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Telling:
    """One article of a made development."""

    development: int
    number: int
    title: str
    text: str
    published: datetime
    vector: np.ndarray[Any, np.dtype[np.float32]]


def made() -> list[Telling]:
    """All tellings in order of publication, always the same."""
    rng, numbers = Random(7), np.random.default_rng(7)
    syllables = [a + b for a in "bdfgklmnprst" for b in ("a", "e", "i", "o", "u", "ar", "el", "on")]

    def words(count: int) -> list[str]:
        return ["".join(rng.choices(syllables, k=3)) for _ in range(count)]

    shared, topic = words(120), numbers.normal(size=DIMENSION)
    axes = numbers.normal(size=(DEVELOPMENTS, DIMENSION))
    found = []
    for development in range(DEVELOPMENTS):
        own, begun = words(14), START + timedelta(hours=3 * development)
        for telling in range(TELLINGS):
            title = " ".join(rng.sample(own, 5) + rng.sample(shared, 3))
            text = ". ".join(" ".join(rng.sample(own, 6) + rng.sample(shared, 8)) for _ in range(6))
            vector = 0.7 * topic + axes[development] + 0.45 * numbers.normal(size=DIMENSION)
            vector = np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)
            published = begun + rng.random() * SPAN
            found.append(Telling(development, telling, title, f"{text}.", published, vector))
    return sorted(found, key=lambda told: told.published)


def arrive(settings: Settings, tellings: Iterable[Telling], at: datetime) -> dict[int, int]:
    """Let articles arrive, embedded and on topic; returns article id -> development."""
    ids = {}
    with database.connect(settings) as connection:
        model = model_store.current(connection, settings.model)
        assert model is not None
        for told in tellings:
            url = f"https://outlet{told.number}.example/{told.development}"
            row = connection.execute(
                """INSERT INTO articles (identity, canonical_url, url, outlet, state, first_seen_at, title, text,
                                         published, language, revision, extracted_at, copies_at, embedded_at)
                   VALUES (%(url)s, %(url)s, %(url)s, %(outlet)s, 'extracted', %(at)s, %(title)s, %(text)s,
                           %(published)s, 'en', 1, %(at)s, %(at)s, %(at)s) RETURNING id""",
                {
                    "url": url,
                    "outlet": f"Outlet {told.number}",
                    "at": at,
                    "title": told.title,
                    "text": told.text,
                    "published": told.published,
                },
            ).fetchone()
            assert row is not None
            ids[row["id"]] = told.development
            article_store.set_vector(connection, row["id"], model.id, told.vector, 1)
            connection.execute(
                "INSERT INTO article_topics (article_id, topic, on_topic, rule, score, threshold, decided_at)"
                " VALUES (%s, %s, true, 'query', 1, 0, %s)",
                (row["id"], TOPIC, at),
            )
    return ids
