"""Judge entries: on topic or not, by which terms and how close; what is on topic becomes an article to fetch."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pipeline import database, topics, urls
from pipeline.models import Document
from pipeline.settings import Settings
from pipeline.steps.closeness import SeedIndex
from pipeline.store import articles as article_store
from pipeline.store import entries as store

_BATCH = 200


def match(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Judge every entry that no topic was asked about; returns how many were judged, on topic, and new articles."""
    subjects = topics.load_all(settings)
    seeds = SeedIndex(settings, subjects)
    counts = {"judged": 0, "on_topic": 0}
    with database.connect(settings) as connection:
        for subject in subjects:
            store.save_topic(connection, subject)
    while True:
        with database.connect(settings) as connection:
            rows = store.claim_unmatched(connection, _BATCH)
            closeness = {subject.slug: _closeness(seeds, subject, rows) for subject in subjects}
            for row in rows:
                counts["on_topic"] += _judge(connection, row, subjects, closeness, seeds.model_name, now)
        counts["judged"] += len(rows)
        if len(rows) < _BATCH:
            return counts


def _closeness(seeds: SeedIndex, subject: topics.Topic, rows: list[dict[str, Any]]) -> dict[str, float]:
    """Entry id -> cosine to the topic's seed documents, for entries that name it and that the model can read."""
    named = [row for row in rows if topics.mentions(subject, row["title"], row["text"])]
    documents = [Document(str(row["id"]), row["title"], row["text"], language=row["spoken"]) for row in named]
    return seeds.similarities(subject, documents)


def _judge(
    connection: database.Connection,
    row: dict[str, Any],
    subjects: list[topics.Topic],
    closeness: dict[str, dict[str, float]],
    model: str,
    now: datetime,
) -> bool:
    wanted = False
    for subject in subjects:
        similarity = closeness[subject.slug].get(str(row["id"]))
        verdict = topics.match(subject, row["title"], row["text"], row["published"], similarity, entry=True)
        store.set_topic(connection, row["id"], subject.slug, verdict, model, now)
        wanted = wanted or verdict.on_topic
    article_id = row["article_id"]
    if wanted and article_id is None:
        article_id = article_store.upsert(
            connection,
            identity=urls.identity(row["canonical_url"]) if row["canonical_url"] else f"entry:{row['id']}",
            canonical_url=row["canonical_url"] or f"entry:{row['id']}",
            url=row["url"] or "",
            outlet=row["outlet"],
            country=row["country"],
            ownership=row["ownership"],
            now=row["first_seen_at"],
        )
    store.matched(connection, row["id"], article_id, now)
    return wanted
