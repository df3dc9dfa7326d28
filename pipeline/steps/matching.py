"""Judge entries: on topic or not, by which terms and how close; what is on topic becomes an article to fetch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from pipeline import database, topics, urls
from pipeline.models import Document
from pipeline.settings import Settings
from pipeline.steps.barrier import MATCH, Work
from pipeline.steps.closeness import SeedIndex
from pipeline.steps.contention import transact
from pipeline.steps.model import topic_numbers
from pipeline.store import articles as article_store
from pipeline.store import entries as store
from pipeline.store import topics as topic_store
from pipeline.store.entries import Unmatched
from pipeline.store.topics import Verdict
from pipeline.topics import Closeness

_BATCH = 200
# Topic -> closeness of an entry to the topic's seed documents; None where the model was not asked.
Near = Mapping[str, Closeness | None]


def match(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Judge every entry that no topic was asked about; returns how many were judged, on topic, and ended internal."""
    work = Work(settings, now, MATCH)
    match_with(work)
    return work.finish()


def match_with(work: Work) -> None:
    """`match` within a run whose counts are somebody else's."""
    subjects = topics.load_all(work.settings)
    work.counts |= {"judged": 0, "on_topic": 0}
    with database.connect(work.settings) as connection:
        seeds = SeedIndex(work.settings, subjects, topic_numbers(connection, work.settings))
        for subject in subjects:
            topic_store.save_topic(connection, subject)
    while transact(work, partial(_judge_batch, work, seeds)) == _BATCH:
        pass


def _judge_batch(work: Work, seeds: SeedIndex, connection: database.Connection) -> int:
    """Judge some entries; how many were claimed."""
    rows = store.claim_unmatched(connection, _BATCH, work.now)
    known = work.halved(connection, rows, lambda row: row.id, lambda some: _closeness(seeds, some))
    for row, closeness in known:
        with work.item(connection, row.id) as attempt:
            wanted = _judge(work, attempt.connection, row, seeds, closeness)
        if attempt.fault is None:
            work.counts["judged"] += 1
            work.counts["on_topic"] += wanted
    return len(rows)


def _closeness(seeds: SeedIndex, rows: Sequence[Unmatched]) -> list[Near]:
    """How close each entry is to the seed documents of those topics for which that can decide, if it can be read."""
    found: list[dict[str, Closeness | None]] = [{} for _ in rows]
    for subject in seeds.subjects:
        asked = [row for row in rows if topics.worth_measuring(subject, row.title, row.text, row.language)]
        documents = [Document(str(row.id), row.title, row.text, language=row.language) for row in asked]
        near = seeds.closeness(subject, documents)
        for closeness, row in zip(found, rows, strict=True):
            closeness[subject.slug] = near.get(str(row.id))
    return list(found)


def _judge(work: Work, connection: database.Connection, row: Unmatched, seeds: SeedIndex, near: Near) -> bool:
    """Write the verdict of every topic; whether one of them wants the entry, which then is an article to fetch."""
    wanted = False
    for subject in seeds.subjects:
        closeness = near[subject.slug]
        found = topics.match(subject, row.title, row.text, row.published, closeness, language=row.language, entry=True)
        topic_store.judge_entry(connection, row.id, Verdict(subject.slug, found, seeds.model_name, work.now))
        wanted = wanted or found.on_topic
    article_id = row.article_id
    if wanted and article_id is None:
        article_id = article_store.upsert(connection, _sighted(row))
    store.matched(connection, row.id, article_id, work.now)
    return wanted


def _sighted(row: Unmatched) -> article_store.Sighted:
    return article_store.Sighted(
        identity=urls.identity(row.canonical_url) if row.canonical_url else f"entry:{row.id}",
        canonical_url=row.canonical_url or f"entry:{row.id}",
        url=row.url or "",
        outlet=row.outlet,
        country=row.country,
        ownership=row.ownership,
        now=row.first_seen_at,
    )
