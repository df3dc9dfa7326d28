"""Catch up after days away: every draft that waits, and decisions on several of them in one go."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from pipeline import database
from pipeline.errors import BrokenStepError
from pipeline.models import Review
from pipeline.settings import Settings
from pipeline.steps.delivering import send_due
from pipeline.steps.reviewing import decide, undelivered
from pipeline.store import reviews

log = logging.getLogger(__name__)


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
    settings: Settings, *, answers: Mapping[int, Review], now: datetime, send: bool = True
) -> dict[int, dict[str, Any]]:
    """Carry out several reviews, oldest day first; returns the outcome of each digest as `publish` has it.

    The `revision` of each review is the one that its reviewer was shown. A draft that was changed since, by others than
    the decisions of this very call, is refused. What is published is sent at the end where `send` says so.
    """
    before = {draft.digest_id: draft.revision for draft in waiting_drafts(settings)}
    outcomes: dict[int, dict[str, Any]] = {}
    for digest_id in [*before, *(number for number in answers if number not in before)]:
        review = answers.get(digest_id)
        if review is None:
            continue
        if digest_id in before and review.revision in (None, before[digest_id]):
            # the days before it, decided here, have compared it anew: that is a revision of their making
            shown = {draft.digest_id: draft.revision for draft in waiting_drafts(settings)}
            review = replace(review, revision=shown.get(digest_id))
        outcomes[digest_id] = _one(settings, digest_id, review, now)
    published = [number for number, outcome in outcomes.items() if outcome.get("state") == "published" and send]
    for digest_id in published:
        send_due(settings, now=now, digest_id=digest_id)
        outcomes[digest_id]["undelivered"] = undelivered(settings, digest_id=digest_id)
    return outcomes


def _one(settings: Settings, digest_id: int, review: Review, now: datetime) -> dict[str, Any]:
    """One decision; our own fault on it is said and leaves the other days as they are."""
    try:
        return decide(settings, digest_id=digest_id, review=review, now=now)
    except BrokenStepError as error:
        log.error("%s", error)
        return {"digest_id": digest_id, "state": "draft", "refused": str(error)}
