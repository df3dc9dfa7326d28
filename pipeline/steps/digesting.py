"""Draft a day's digest, and carry out what its reviewer decided."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pipeline import database, digests, topics
from pipeline.errors import BrokenStepError, ConfigurationError, Fault
from pipeline.models import Digest, DroppedStory, Review, StillComing, StoryView
from pipeline.models.details import Before
from pipeline.settings import Settings
from pipeline.steps import channels
from pipeline.steps.barrier import DRAFT, PUBLISH, Work, guarded
from pipeline.steps.delivering import send_due
from pipeline.steps.glossing import glossed, prepare
from pipeline.steps.settling import settle
from pipeline.store import digests as store
from pipeline.store import faults, outbox
from pipeline.store.digests import Decision, Drop, Rendered, StoredDigest
from pipeline.store.topics import save_topic
from pipeline.text import characters

log = logging.getLogger(__name__)

PATIENCE = 300.0
"""Seconds for which a draft waits for pages of its day that are being fetched."""
_LOOK = 2.0
_UNDRAFTED = "internal: our own code failed on it"


def draft(
    settings: Settings,
    *,
    topic: str,
    day: date | str,
    now: datetime,
    as_of: datetime | None = None,
    wait: bool = False,
) -> dict[str, Any]:
    """Draft the digest of a calendar day in the topic's zone; returns its digest_id, version and counts.

    It shows the stories as they are known now, or with `as_of` as they were known then: the row keeps that
    moment, so that the same digest can be made again. A digest already published or rejected stays; this one is
    a new version of it. A story that our own code fails on is left out, and its drop says so.

    On-topic articles of the day that it cannot show yet are counted as `pending`, on the row and in what is returned.
    With `wait`, those that somebody is fetching now are waited for, up to `PATIENCE` seconds; the day is then drafted
    as it is known after that.
    """
    subject = topics.find(settings, topic)
    day = date.fromisoformat(day) if isinstance(day, str) else day
    start, end = subject.day_bounds(day)
    now, waiting = _waited(settings, subject, day, now, PATIENCE if wait else 0.0)
    if as_of is None:
        settle(settings, now=now)  # what came since the last draft, before it is shown for the first time
    as_of = as_of or now
    work = Work(settings, now, DRAFT)
    failed: list[Fault] = []
    _gloss(settings, subject, day, as_of, now)
    with guarded(f"draft: {topic} of {day}", failed), work.batch() as connection:
        save_topic(connection, subject)  # nothing may have been collected for it yet
        stories = store.day_stories(connection, topic=topic, start=start, end=end, as_of=as_of)
        drafting = _Drafting(work, subject, day.isoformat(), store.before(connection, topic, day, as_of))
        digest = glossed(connection, settings, drafting.draft(connection, stories))
        markdown = digests.to_markdown(digest, subject, language=settings.desk_language)
        html = digests.to_body(digest, subject, language=settings.desk_language)
        drafted = store.save(connection, digest, Rendered(markdown, html, as_of, now, waiting))
    if failed:
        raise BrokenStepError(f"draft: the digest of {day} ended internal: {failed[0]}; nothing was stored")
    counts = work.finish()
    return {
        "digest_id": drafted.id,
        "version": drafted.version,
        "day": day.isoformat(),
        "stories": len(digest.items),
        "articles": digest.articles_seen,
        "outlets": digest.outlets_seen,
        "pending": waiting.articles,
        **counts,
    }


def _gloss(settings: Settings, subject: topics.Topic, day: date, as_of: datetime, now: datetime) -> None:
    """Have the day's headlines glossed before the draft's transaction begins; nothing to do without a service."""
    if not settings.translate_url:
        return
    start, end = subject.day_bounds(day)
    with database.connect(settings) as connection:
        stories = store.day_stories(connection, topic=subject.slug, start=start, end=end, as_of=as_of)
    prepare(settings, stories, now)


def _waited(
    settings: Settings, subject: topics.Topic, day: date, now: datetime, patience: float
) -> tuple[datetime, StillComing]:
    """What a day's digest cannot show yet, after waiting for what is under way; and the moment at which that is."""
    start, end = subject.day_bounds(day)
    began, met = time.monotonic(), False
    while True:
        waited = time.monotonic() - began
        moment = now + timedelta(seconds=waited)
        with database.connect(settings) as connection:
            waiting = store.still_coming(connection, topic=subject.slug, start=start, end=end, now=moment)
        met = met or waiting.held > 0
        # Whoever fetches a page goes on to place it.
        under_way = waiting.held > 0 or (met and waiting.to_place > 0)
        if not under_way or waited >= patience:
            break
        time.sleep(min(_LOOK, patience))
    said = digests.still_coming(waiting)
    if said:
        log.warning("draft: %s of %s: %s", subject.slug, day, said)
    return (moment if met and patience else now), waiting


@dataclass(frozen=True, slots=True)
class _Drafting:
    """One draft: the work, the topic, the day, and what its stories are compared with."""

    work: Work
    subject: topics.Topic
    day: str
    before: Before

    def draft(self, connection: database.Connection, stories: Sequence[StoryView]) -> Digest:
        """The digest of those stories that can be drafted; the others are among what it drops."""
        moments = {story.story_id: self.work.now for story in stories}
        held = faults.held(connection, DRAFT.name, DRAFT.kind, moments)
        tried = [story for story in stories if story.story_id not in held]
        sound = self.work.halved(connection, tried, lambda story: story.story_id, self._rendered)
        good = [story for story, _ in sound]
        for story in good:
            self.work.passed(story.story_id)
        digest = digests.draft(self.subject, self.day, good, self.before, self.work.settings.desk_language)
        missing = moments.keys() - {story.story_id for story in good}
        dropped = tuple(DroppedStory(story_id, _UNDRAFTED) for story_id in sorted(missing))
        return replace(digest, dropped=(*digest.dropped, *dropped))

    def _rendered(self, stories: Sequence[StoryView]) -> Sequence[StoryView]:
        """The same stories, after a draft of them was made and rendered: what fails, fails here."""
        digest = digests.draft(self.subject, self.day, stories, self.before, self.work.settings.desk_language)
        digests.to_markdown(digest, self.subject)
        digests.to_mail_body(digest, self.subject)
        return stories


def digest_markdown(settings: Settings, *, digest_id: int) -> str:
    """The Markdown of a stored digest; of a draft with what is still on the way, for its reviewer.

    Raises `ConfigurationError` where there is none of that id.
    """
    with database.connect(settings) as connection:
        row = _existing(store.digest(connection, digest_id), digest_id)
    return digests.for_review(row.markdown, row.waiting) if row.state == "draft" else row.markdown


def publish(settings: Settings, *, digest_id: int, review: Review, now: datetime) -> dict[str, Any]:
    """Carry out a review: publish the digest without the stories that it drops, or reject it.

    What is to be sent stands in the outbox from the decision on, and is tried here a first time: `delivered` says how
    each try ended, `undelivered` what the digest has not reached by now. Running it twice changes nothing: a digest
    already decided keeps its decision, and channels it has reached are not used again. Raises `BrokenStepError` where
    our own code fails on the decision, which then is not taken: a reviewer's word is not left waiting in silence.
    """
    review = replace(review, note=characters.note(review.note))
    work = Work(settings, now, PUBLISH)
    with work.alone(digest_id) as attempt:
        state = store.lock(attempt.connection, digest_id)
        if state == "draft":
            _decide(work, attempt.connection, digest_id, review)
        row = _existing(store.digest(attempt.connection, digest_id), digest_id)
    if attempt.fault is not None:
        raise BrokenStepError(f"publish: digest {digest_id} ended internal: {attempt.fault}; it is still a draft")
    outcome: dict[str, Any] = {"digest_id": digest_id, "state": row.state, "stories": len(row.items)}
    if row.state == "published":
        outcome["delivered"] = {sent.channel: sent.outcome for sent in send_due(settings, now=now, digest_id=digest_id)}
        outcome["undelivered"] = undelivered(settings, digest_id=digest_id)
        if outcome["undelivered"]:
            log.info("digest %d is published, and not delivered everywhere: %s", digest_id, outcome["undelivered"])
    return outcome


def undelivered(settings: Settings, *, digest_id: int) -> dict[str, str]:
    """The channels that a published digest has not reached, with how the last try ended and when the next one is."""
    with database.connect(settings) as connection:
        rows = [row for row in outbox.undelivered(connection) if row.digest_id == digest_id]
    unset = {row.channel: channels.unset(settings, row.channel) for row in rows}
    return {
        row.channel: f"{row.outcome}, {_then(row)}"
        + (f"; {unset[row.channel]} is not set here" if unset[row.channel] else "")
        for row in rows
    }


def _then(row: outbox.Shown) -> str:
    if row.failed_at is not None or row.next_try_at is None:
        return "given up"
    return f"next try {row.next_try_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def compared(connection: database.Connection, subject: topics.Topic, row: StoredDigest) -> Digest:
    """A stored digest beside what is published now: an earlier day may have been since it was drafted.

    Everything else in it is as it is stored, and what it knows is what was known at its moment.
    """
    start, end = subject.day_bounds(row.day)
    stories = store.day_stories(connection, topic=row.topic, start=start, end=end, as_of=row.as_of)
    return digests.compared(row.digest(), stories, store.before(connection, row.topic, row.day, row.as_of))


def _tell_later_drafts(
    connection: database.Connection, settings: Settings, subject: topics.Topic, row: StoredDigest
) -> None:
    """Drafts of later days say what changed since the digest that readers have had, which this one may now be."""
    for digest_id in store.drafts_after(connection, row.topic, row.day):
        later = _existing(store.digest(connection, digest_id), digest_id)
        digest = compared(connection, subject, later)
        store.save_changes(connection, digest_id, digest)
        markdown = digests.to_markdown(digest, subject, language=settings.desk_language)
        html = digests.to_body(digest, subject, language=settings.desk_language)
        store.save_text(connection, digest_id, markdown, html)


def _decide(work: Work, connection: database.Connection, digest_id: int, review: Review) -> None:
    for story_id in review.drop:
        store.delete_item(connection, digest_id, story_id)
        store.add_drop(connection, digest_id, Drop(story_id, review.note or "dropped in review", review.reviewer))
    row = _existing(store.digest(connection, digest_id), digest_id)
    subject = topics.find(work.settings, row.topic)
    digest = compared(connection, subject, row)
    store.save_changes(connection, digest_id, digest)
    markdown = digests.to_markdown(digest, subject, review.note, work.settings.desk_language)
    decision = Decision(
        state="published" if review.approved else "rejected",
        reviewer=review.reviewer,
        note=review.note or None,
        now=work.now,
        markdown=markdown,
        html=digests.to_body(digest, subject, review.note, work.settings.desk_language),
    )
    store.decide(connection, row, decision)
    if review.approved:
        _tell_later_drafts(connection, work.settings, subject, row)
        outbox.add(connection, digest_id, channels.of_a_digest(work.settings), work.now)


def _existing(row: StoredDigest | None, digest_id: int) -> StoredDigest:
    if row is None:
        raise ConfigurationError(f"there is no digest {digest_id}; `wirewatch digest list` names those there are")
    return row
