"""Draft a day's digest, and draft it anew when its reviewer changed something."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from pipeline import database, digests, edits, topics
from pipeline.errors import BrokenStepError, ConfigurationError, Fault
from pipeline.models import Digest, DroppedStory, StillComing, StoryView
from pipeline.models.details import Before
from pipeline.settings import Settings
from pipeline.steps.barrier import DRAFT, Work, guarded
from pipeline.steps.glossing import glossed, prepare
from pipeline.steps.settling import settle
from pipeline.store import digests as store
from pipeline.store import faults, reviews
from pipeline.store.digests import Rendered, StoredDigest
from pipeline.store.topics import save_topic

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
        drafting = _drafting(work, connection, subject, day, as_of)
        digest = glossed(connection, settings, drafting.draft(connection, stories))
        digest = replace(digest, corrects=store.published_version(connection, topic, day))
        drafted = store.save(connection, digest, rendered(settings, digest, subject, as_of, now, waiting))
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


def has_anything(settings: Settings, *, topic: str, day: date | str) -> bool:
    """Whether a calendar day in the topic's zone can be told: not one that was over before collecting ever began."""
    subject = topics.find(settings, topic)
    start, end = subject.day_bounds(date.fromisoformat(day) if isinstance(day, str) else day)
    with database.connect(settings) as connection:
        return store.has_anything(connection, topic, start, end)


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
    """One draft: the work, the topic, the day, what its stories are compared with, and reviewers' words."""

    work: Work
    subject: topics.Topic
    day: str
    before: Before
    words: edits.Words

    def draft(self, connection: database.Connection, stories: Sequence[StoryView]) -> Digest:
        """The digest of those stories that can be drafted; the others are among what it drops."""
        moments = {story.story_id: self.work.now for story in stories}
        held = faults.held(connection, DRAFT.name, DRAFT.kind, moments)
        tried = [story for story in stories if story.story_id not in held]
        sound = self.work.halved(connection, tried, lambda story: story.story_id, self._rendered)
        good = [story for story, _ in sound]
        for story in good:
            self.work.passed(story.story_id)
        digest = self._composed(good)
        missing = moments.keys() - {story.story_id for story in good}
        dropped = tuple(DroppedStory(story_id, _UNDRAFTED) for story_id in sorted(missing))
        return replace(digest, dropped=(*digest.dropped, *dropped))

    def _rendered(self, stories: Sequence[StoryView]) -> Sequence[StoryView]:
        """The same stories, after a draft of them was made and rendered: what fails, fails here."""
        digest = self._composed(stories)
        digests.to_markdown(digest, self.subject)
        digests.to_mail_body(digest, self.subject)
        return stories

    def _composed(self, stories: Sequence[StoryView]) -> Digest:
        language = self.work.settings.desk_language
        return edits.compose(self.subject, self.day, stories, self.before, self.words, language)


def digest_markdown(settings: Settings, *, digest_id: int) -> str:
    """The Markdown of a stored digest; of a draft with what is still on the way, for its reviewer.

    Raises `ConfigurationError` where there is none of that id.
    """
    with database.connect(settings) as connection:
        row = existing(store.digest(connection, digest_id), digest_id)
    return digests.for_review(row.markdown, row.waiting) if row.state == "draft" else row.markdown


def refresh(settings: Settings, *, digest_id: int, editor: str, now: datetime, as_of: datetime | None = None) -> None:
    """Make a draft anew from its day's stories and what its reviewers said of them; it is another revision after.

    Without `as_of` it shows the same stories as before. Raises `ConfigurationError` where it is no draft any more.
    """
    work = Work(settings, now, DRAFT)
    with work.batch() as connection:
        if store.lock(connection, digest_id) != "draft":
            raise ConfigurationError(f"digest {digest_id} does not wait for review any more")
        row = existing(store.digest(connection, digest_id), digest_id)
        subject = topics.find(settings, row.topic)
        start, end = subject.day_bounds(row.day)
        shown = as_of or row.as_of
        stories = store.day_stories(connection, topic=row.topic, start=start, end=end, as_of=shown)
        drafting = _drafting(work, connection, subject, row.day, shown, heard=now)
        digest = glossed(connection, settings, drafting.draft(connection, stories))
        digest = replace(digest, corrects=row.corrects)
        store.rewrite(connection, digest_id, digest, rendered(settings, digest, subject, shown, now), editor)


def _drafting(
    work: Work,
    connection: database.Connection,
    subject: topics.Topic,
    day: date,
    as_of: datetime,
    heard: datetime | None = None,
) -> _Drafting:
    """What a draft of the day as known at `as_of` starts from; until `heard`, or then, reviewers' words count."""
    said = reviews.words(connection, subject.slug, day, heard or as_of)
    return _Drafting(work, subject, day.isoformat(), store.before(connection, subject.slug, day, as_of), said)


def rendered(
    settings: Settings,
    digest: Digest,
    subject: topics.Topic,
    as_of: datetime,
    now: datetime,
    waiting: StillComing = StillComing(),  # noqa: B008  # it is frozen
) -> Rendered:
    """A digest's text as it is stored."""
    markdown = digests.to_markdown(digest, subject, language=settings.desk_language)
    html = digests.to_body(digest, subject, language=settings.desk_language)
    return Rendered(markdown, html, as_of, now, waiting)


def existing(row: StoredDigest | None, digest_id: int) -> StoredDigest:
    """The row itself. Raises `ConfigurationError` where there is none."""
    if row is None:
        raise ConfigurationError(f"there is no digest {digest_id}; `wirewatch digest list` names those there are")
    return row
