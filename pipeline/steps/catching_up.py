"""Catch up after days away: every draft that waits, and decisions on several of them in one go."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from pipeline import database, edits
from pipeline.errors import BrokenStepError
from pipeline.models import Review
from pipeline.settings import Settings
from pipeline.steps.delivering import send_due
from pipeline.steps.reviewing import decide, undelivered
from pipeline.store import reviews

log = logging.getLogger(__name__)

Outcome = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft that waits: its day and topic, the revision that is shown, its headlines in their order.

    `asked` says whether a pending action in Airflow still asks for it; where none does its review has lapsed, or nobody
    was ever asked.
    """

    digest_id: int
    topic: str
    topic_name: str
    day: date
    version: int
    revision: int
    headlines: tuple[str, ...]
    asked: bool


def waiting_drafts(settings: Settings, *, topic: str = "") -> list[Draft]:
    """The drafts that wait, of one topic or of all, oldest day first: each says what is new since the one before."""
    with database.connect(settings) as connection:
        rows = reviews.waiting_drafts(connection, topic)
    return [
        Draft(row.id, row.topic, row.topic_name, row.day, row.version, row.revision, tuple(row.headlines), row.asked)
        for row in rows
    ]


def catch_up(
    settings: Settings,
    *,
    answers: Mapping[int, Review],
    now: datetime,
    send: bool = True,
    said: Callable[[int, Outcome], None] = lambda _digest_id, _outcome: None,
) -> dict[int, Outcome]:
    """Carry out several reviews, oldest day first; returns the outcome of each digest as `publish` has it.

    The `revision` of each review is the one that its reviewer was shown. A draft that was changed since, by others than
    the decisions of this very call, is refused. Each decision stands by itself, and `said` hears of it at once: what is
    killed midway goes on where it stood. What is published is sent at the end where `send` says so.
    """
    shown = _revisions(settings)
    wanted = {number: _of(review, shown.get(number)) for number, review in answers.items()}
    outcomes: dict[int, Outcome] = {}
    for digest_id in [
        number for number in (*shown, *(each for each in answers if each not in shown)) if number in answers
    ]:
        before = _revisions(settings)
        outcomes[digest_id] = _one(settings, digest_id, wanted[digest_id], now)
        said(digest_id, outcomes[digest_id])
        if outcomes[digest_id]["state"] == "published":
            wanted = _compared(settings, wanted, before)
    published = [number for number, outcome in outcomes.items() if outcome.get("state") == "published" and send]
    for digest_id in published:
        send_due(settings, now=now, digest_id=digest_id)
        outcomes[digest_id]["undelivered"] = undelivered(settings, digest_id=digest_id)
    return outcomes


def _of(review: Review, revision: int | None) -> Review:
    return replace(review, revision=revision) if review.revision is None else review


def _revisions(settings: Settings) -> dict[int, int]:
    return {draft.digest_id: draft.revision for draft in waiting_drafts(settings)}


def _compared(settings: Settings, wanted: Mapping[int, Review], before: Mapping[int, int]) -> dict[int, Review]:
    """The reviews after one of them published its day: a draft that this compared anew is one revision on from
    `before`. One that somebody else changed is another than its reviewer was shown, and stays refused."""
    with database.connect(settings) as connection:
        rows = {row.id: row for row in reviews.waiting_drafts(connection, "")}
    after = dict(wanted)
    for number, review in wanted.items():
        row = rows.get(number)
        as_shown = row and review.revision == before.get(number) == row.revision - 1
        if row and as_shown and row.edited_by == edits.PIPELINE:
            after[number] = replace(review, revision=row.revision)
    return after


def _one(settings: Settings, digest_id: int, review: Review, now: datetime) -> Outcome:
    """One decision; our own fault on it is said and leaves the other days as they are."""
    try:
        return decide(settings, digest_id=digest_id, review=review, now=now)
    except BrokenStepError as error:
        log.error("%s", error)
        return {"digest_id": digest_id, "state": "draft", "refused": str(error)}
