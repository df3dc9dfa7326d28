"""Drafts of later days are told anew when the digest that readers have had last is another."""

from __future__ import annotations

from datetime import datetime

from pipeline import database, digests, edits, topics
from pipeline.settings import Settings
from pipeline.steps.digesting import existing, rendered
from pipeline.store import digests as store
from pipeline.store.digests import StoredDigest


def tell_later_drafts(
    connection: database.Connection, settings: Settings, subject: topics.Topic, row: StoredDigest, now: datetime
) -> None:
    """Compare the waiting drafts of days after a digest just published with it; each that reads otherwise is another
    revision after.

    What else is in them, and the moment they show, stays as it is.
    """
    for digest_id in store.drafts_after(connection, row.topic, row.day):
        later = existing(store.digest(connection, digest_id), digest_id)
        start, end = subject.day_bounds(later.day)
        stories = store.day_stories(connection, topic=later.topic, start=start, end=end, as_of=later.as_of)
        before = store.before(connection, later.topic, later.day, later.as_of)
        digest = digests.compared(later.digest(), stories, before)
        text = rendered(settings, digest, subject, later.as_of, now)
        if digest != later.digest() or text.html != later.html:
            store.rewrite(connection, digest_id, digest, text, edits.PIPELINE)
