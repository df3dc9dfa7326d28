"""A desk to test on: five articles of two developments, embedded and waiting for their stories."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from pipeline import database
from pipeline.settings import Settings
from pipeline.store import articles as article_store
from pipeline.store import models as model_store

START = datetime(2024, 6, 19, 0, tzinfo=UTC)
TOPIC = "putin-kim-summit"
DIMENSION = 384

# Two developments and a third that has nothing to do with them, each told in several wordings.
TREATY = [
    "Putin and Kim signed a comprehensive strategic partnership treaty with a mutual assistance clause in Pyongyang",
    "A mutual assistance clause stands in the comprehensive strategic partnership treaty signed by Putin and Kim",
    "The partnership treaty that Kim and Putin signed in Pyongyang pledges mutual assistance against aggression",
]
CAR = [
    "Putin gave Kim a Russian-built Aurus limousine and the two leaders took turns at the wheel",
    "Kim received an Aurus limousine from Putin; the leaders drove the car in turns through a park",
]


def vector(direction: int, wobble: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A unit vector near the axis `direction`, a little off it by `wobble`."""
    made = np.random.default_rng(wobble).normal(0, 0.01, DIMENSION)
    made[direction] += 1.0
    return np.asarray(made / np.linalg.norm(made), dtype=np.float32)


def fill(settings: Settings) -> None:
    """Put the five articles into the database."""
    with database.connect(settings) as connection:
        connection.execute(
            "INSERT INTO topics (slug, name, definition, digest_zone) VALUES (%s, 'Summit', '{}', 'UTC')", (TOPIC,)
        )
        model = model_store.register(connection, settings.model, "test", DIMENSION, ["en"])
        for number, text in enumerate([*TREATY, *CAR]):
            add(connection, model.id, number, text, 0 if text in TREATY else 1)


def add(
    connection: database.Connection, model_id: int, number: int, text: str, direction: int, language: str = "en"
) -> int:
    """One embedded article of an outlet of its own, an hour after the one before."""
    moment = START + timedelta(hours=number)
    row = connection.execute(
        """INSERT INTO articles (identity, canonical_url, url, outlet, state, first_seen_at, title, text, published,
                                 language, revision, extracted_at, copies_at, embedded_at)
           VALUES (%(url)s, %(url)s, %(url)s, %(outlet)s, 'extracted', %(at)s, %(title)s, %(text)s, %(at)s,
                   %(language)s, 1, %(at)s, %(at)s, %(at)s) RETURNING id""",
        {
            "url": f"https://outlet{number}.example/a",
            "outlet": f"Outlet {number}",
            "at": moment,
            "title": text[:60],
            "text": f"{text}. " * 4,
            "language": language,
        },
    ).fetchone()
    assert row is not None
    article_store.set_vector(connection, row["id"], model_id, vector(direction, number), 1)
    connection.execute(
        "INSERT INTO article_topics (article_id, topic, on_topic, rule, score, threshold, decided_at)"
        " VALUES (%s, %s, true, 'query', 1, 0, %s)",
        (row["id"], TOPIC, moment),
    )
    return int(row["id"])


def now() -> datetime:
    return START + timedelta(days=1)


def placed(settings: Settings) -> dict[int, int]:
    with database.connect(settings) as connection:
        rows = connection.execute("SELECT article_id, story_id FROM memberships WHERE until IS NULL").fetchall()
    return {row["article_id"]: row["story_id"] for row in rows}
