"""Settle a stretch of time: the same articles end in the same copies and stories, whatever happened on the way.

A backfill settles its interval and the window of the model to both sides; a live desk what was seen in the last
`LIVE`, before a day is drafted and once a day. Where nothing came since, nothing is done. Only the stretch and what was
published within a window of it is read (docs/stories.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pipeline import database
from pipeline.copies import settlement as copies
from pipeline.models import Assignment, Copy, Document
from pipeline.settings import Settings
from pipeline.steps.barrier import COPIES, EMBED, PLACE, SETTLE, Tally, Work
from pipeline.steps.clustering import place_with
from pipeline.steps.contention import transact
from pipeline.steps.copying import told
from pipeline.steps.embedding import embed_with
from pipeline.steps.model import current_model, story_parameters
from pipeline.store import copies as copy_store
from pipeline.store import faults, overrides
from pipeline.store import settlement as store
from pipeline.store import stories as story_store
from pipeline.store.settlement import Compared, Placed, Stretch
from pipeline.store.story_index import PostgresIndex
from pipeline.store.vectors import from_text
from pipeline.stories import settlement as stories
from pipeline.stories.model import StoryModel
from pipeline.stories.orchestration import Arrival
from pipeline.stories.settlement import Member, Said, Settlement
from pipeline.text.languages import language_of

LIVE = timedelta(days=2)
"""What a live desk settles: what the digest to come shows for the first time, and the day before it."""
_WHY = "settled: told once more with all that was published around it"


def settle(
    settings: Settings, *, now: datetime, start: datetime | None = None, end: datetime | None = None
) -> dict[str, Any]:
    """Settle what was first seen within [start, end), by default in the last `LIVE`; returns what it changed.

    The counts are recopied, moved, merged, opened and internal; running it again changes nothing.
    """
    work = Work(settings, now, SETTLE)
    settle_with(work, start or now - LIVE, end or now + timedelta(seconds=1))
    return work.finish()


def settle_with(work: Work, start: datetime, end: datetime) -> None:
    """`settle` within a run whose counts are somebody else's."""
    work.counts |= {name: work.counts.get(name, 0) for name in ("recopied", "moved", "merged", "opened")}
    with database.connect(work.settings) as connection:
        window = timedelta(days=story_parameters(connection, work.settings).window_days)
        stretch = Stretch(start, end, max(window, copies.WINDOW))
        if not store.any_unsettled(connection, stretch):
            return
    if _settle_copies(work, stretch):
        # What has another origin borrows another vector, or gets one of its own.
        embed_with(Work(work.settings, work.now, EMBED, clock=work.clock))
        place_with(Work(work.settings, work.now, PLACE, clock=work.clock), Tally(), Tally())
    transact(work, partial(_retell_stories, work, stretch))


# --- copies -----------------------------------------------------------------------------------------------


def _settle_copies(work: Work, stretch: Stretch) -> bool:
    """Tell the texts once more; whether any of the stretch has another origin now."""
    counted = Work(work.settings, work.now, COPIES, work.counts, work.tally)
    return transact(counted, partial(_retell_copies, counted, stretch))


def _retell_copies(work: Work, stretch: Stretch, connection: database.Connection) -> bool:
    store.lock_copies(connection)
    rows = store.texts(connection, stretch)
    if not rows:
        return False
    ids = {row.identity: row.id for row in rows}
    known = set(ids.values())
    found: dict[str, Copy] = {}
    with work.whole(connection, rows[0].id) as attempt:
        found = copies.settle(_text(row) for row in rows)
    if attempt.fault is not None:
        return False
    faults.clear(connection, COPIES.name, COPIES.kind, [rows[0].id])
    changed = False
    for row in rows:
        # What was published long before the stretch is not read, and neither is what it may be the origin of.
        if not row.within or (row.origin_id is not None and row.origin_id not in known):
            continue
        copy = found.get(row.identity)
        origin_id = None if copy is None else ids[copy.origin_id]
        if copy is None and row.origin_id is not None:
            copy_store.drop(connection, row.id)
        elif copy is not None and not _same(row, copy, origin_id):
            named = replace(copy, copy_id=str(row.id), origin_id=str(origin_id))
            copy_store.put(connection, named, work.now)
        if origin_id != row.origin_id:
            store.reorigin(connection, row.id)
            work.counts["recopied"] += 1
            changed = True
    return changed


def _same(row: Compared, copy: Copy, origin_id: int | None) -> bool:
    measures = (row.containment, row.resemblance)
    if row.origin_id != origin_id or row.rule != copy.rule or None in measures:
        return False
    return all(abs((a or 0.0) - b) < 1e-6 for a, b in zip(measures, (copy.containment, copy.resemblance), strict=True))


def _text(row: Compared) -> copies.Text:
    document, provenance = told(row, row.identity)
    return copies.Text(document, row.published, provenance)


# --- stories ----------------------------------------------------------------------------------------------


def _retell_stories(work: Work, stretch: Stretch, connection: database.Connection) -> None:
    """Tell the articles once more, and move those that are not where they belong."""
    story_store.lock(connection)
    model = story_parameters(connection, work.settings)
    model_id = current_model(connection, work.settings)
    rows = store.members(connection, stretch, model_id) if model_id is not None else []
    if model_id is None or not rows:
        return
    index = PostgresIndex(connection, model, model_id, work.now).of_stream()
    standing = min(row.story_id for row in rows)
    if faults.held(connection, SETTLE.name, SETTLE.kind, {standing: work.now}):
        return
    with work.whole(connection, standing) as attempt:
        found = stories.settle(
            [_member(row) for row in rows], model, said=_said(connection, rows), kept=_larger(connection, rows)
        )
        _carry_out(work, index, found, model)
        store.settled(connection, stretch, work.now)
    if attempt.fault is None:
        faults.clear(connection, SETTLE.name, SETTLE.kind, [standing])


def _member(row: Placed) -> Member:
    document = Document(str(row.id), row.title or "", row.text or "", row.published, language=row.language)
    document = replace(document, language=language_of(document))
    origin = None if row.origin_id is None else str(row.origin_id)
    arrival = Arrival(document, from_text(row.embedding), origin, row.topic)
    return Member(arrival, row.identity, str(row.story_id), row.fixed)


def _said(connection: database.Connection, rows: Sequence[Placed]) -> Said:
    bound = overrides.bound(connection, [row.id for row in rows])
    return Said(bound.cannot_link, bound.stories, copy_store.apart(connection, [row.id for row in rows]))


def _larger(connection: database.Connection, rows: Sequence[Placed]) -> set[str]:
    sizes = Counter(row.story_id for row in rows)
    return {str(story_id) for story_id in store.larger(connection, sizes)}


def _carry_out(work: Work, index: PostgresIndex, found: Settlement, model: StoryModel) -> None:
    """Write what settling calls for: moves first, so that a merge takes along what remains."""
    opened: dict[str, str] = {}
    touched: dict[str, None] = {}
    for move in found.moves:
        goal = move.to_id or opened.get(move.opens)
        new = goal is None
        goal = index.move(move.article_ids, goal, Assignment(goal, 0.0, 0.0, "settle", model.name), _WHY)
        if new:
            opened[move.opens] = goal
        work.counts["opened"] += new
        work.counts["moved"] += len(move.article_ids)
        touched |= {move.from_id: None, goal: None}
    for gone, kept in found.merges:
        index.merge(kept, gone, Assignment(kept, 0.0, 0.0, "settle", model.name), _WHY)
        work.counts["merged"] += 1
        touched |= {kept: None}
        touched.pop(gone, None)
    index.rebuild(touched)
