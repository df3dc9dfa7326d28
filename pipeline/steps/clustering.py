"""Give each article its story, and merge what turned out to be one."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from pipeline import database
from pipeline.models import Document
from pipeline.settings import Settings
from pipeline.steps.barrier import MERGE, PLACE, REASSIGN, Tally, Work, demand_sound
from pipeline.steps.contention import transact
from pipeline.steps.model import current_model, story_parameters
from pipeline.steps.reassigning import reassign, reassign_with
from pipeline.store import faults, sample
from pipeline.store import stories as store
from pipeline.store.stories import Waiting
from pipeline.store.story_index import PostgresIndex
from pipeline.store.vectors import from_text
from pipeline.stories.model import StoryModel
from pipeline.stories.orchestration import MERGE_EVERY, YOUNG, Arrival, Orchestration
from pipeline.text.languages import language_of
from pipeline.text.tags import primary


def cluster(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """`place`, then `reassign`; returns the counts of both."""
    return _sum(place(settings, now=now), reassign(settings, now=now))


def place(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Place every article that waits for its story; returns placed, opened, off_topic, round_ups, merged
    and internal.

    Batches of `MERGE_EVERY` articles, each in one transaction under one lock: which story an article joins depends
    on those before it, and a batch that dies leaves nothing behind. Where more than `YOUNG` come at once, they are
    reassigned on the way, and the counts hold that as well.
    """
    work = Work(settings, now, PLACE)
    merges, reassigned = Tally(), Tally()
    place_with(work, merges, reassigned)
    for step, tally in ((MERGE, merges), (REASSIGN, reassigned)):
        demand_sound(step, tally)
    return _sum(work.finish(), {"internal": merges.internal + reassigned.internal})


def place_with(work: Work, merges: Tally, reassigned: Tally) -> None:
    """The same with a step's work; how merge passes and the reassignments on the way fared goes to their tallies."""
    work.counts |= {name: work.counts.get(name, 0) for name in ("placed", "opened", "off_topic", "round_ups", "merged")}
    with database.connect(work.settings) as connection:
        model = story_parameters(connection, work.settings)
    left = YOUNG
    while True:
        claimed, placed = transact(work, partial(_place_batch, work, merges, model), merges)
        left -= placed
        if claimed < MERGE_EVERY:
            return
        if left <= 0:
            reassign_with(Work(work.settings, work.now, REASSIGN, work.counts, reassigned))
            left = YOUNG


def _place_batch(work: Work, merges: Tally, model: StoryModel, connection: database.Connection) -> tuple[int, int]:
    """How many articles were claimed, and how many of them placed."""
    # Pipelined, so that what an article writes travels with the next question instead of waiting for an answer.
    with connection.pipeline():
        store.lock(connection)
        model_id = current_model(connection, work.settings)
        if model_id is None:
            return 0, 0
        rows = store.claim(connection, model_id, MERGE_EVERY, work.now)
        if not rows:
            return 0, 0
        index = PostgresIndex(connection, model, model_id, work.now, arrival=work.clock)
        orchestration = Orchestration(index, model)
        bound = index.bound([str(row.id) for row in rows])
        before = work.counts["placed"]
        last: str | None = None
        for row in rows:
            decision = None
            with work.item(connection, row.id) as attempt:
                # A round-up tells many developments, and would make one story of them; a person may place it.
                told_apart = row.kind == "roundup" and str(row.id) not in bound.must_link
                placing = row.topic is not None and not told_apart
                store.clustered(connection, row.id, work.now, on_topic=placing)
                if placing:
                    decision = orchestration.place(_arrival(connection, row), bound)
            if attempt.fault is None:
                work.counts["off_topic"] += row.topic is None
                work.counts["round_ups"] += row.topic is not None and decision is None
                work.counts["placed"] += decision is not None
                work.counts["opened"] += decision is not None and decision.story_id is None
            if decision is not None and attempt.fault is None:
                last = str(row.id)
        story_id = None if last is None else index.story_of(last)
        if story_id is not None:
            _merge(connection, Work(work.settings, work.now, MERGE, work.counts, merges), orchestration, int(story_id))
    return len(rows), work.counts["placed"] - before


def _merge(connection: database.Connection, work: Work, orchestration: Orchestration, story_id: int) -> None:
    """The merge pass of a batch. One that fails leaves the articles where they were placed, and its fault on a story.

    That story is tried again with a later batch; meanwhile, reassigning looks at the others while they are young.
    """
    again = faults.due(connection, MERGE.name, MERGE.kind, work.now)
    with work.whole(connection, again[0] if again else story_id) as attempt:
        orchestration.merge(map(str, again))
    if attempt.fault is None:
        faults.clear(connection, MERGE.name, MERGE.kind, again)
        work.counts["merged"] += orchestration.counts["merged"]


def _arrival(connection: database.Connection, row: Waiting) -> Arrival:
    """The article as one that arrives, in the language that it is treated as from now on."""
    document = Document(str(row.id), row.title or "", row.text or "", row.published, language=row.language)
    language = language_of(document)
    if language != primary(row.language):
        sample.set_language(connection, row.id, language)
    document = Document(document.id, document.title, document.text, row.published, language=language)
    origin = None if row.origin_id is None else str(row.origin_id)
    return Arrival(document, from_text(row.embedding), origin, row.topic)


def _sum(counts: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    return {name: counts.get(name, 0) + more.get(name, 0) for name in (*counts, *(n for n in more if n not in counts))}
