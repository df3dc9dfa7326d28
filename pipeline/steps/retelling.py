"""A feed's document of the past, read after newer ones, put where its time is: the order of reading loses nothing."""

from __future__ import annotations

from datetime import datetime

from pipeline import database
from pipeline.feeds.history import Seen, Wording, with_another
from pipeline.feeds.sightings import Sighting
from pipeline.models import FeedEntry
from pipeline.store import entries as store


def retell(connection: database.Connection, feed_id: int, sighting: Sighting, at: datetime) -> int:
    """Write a document that is older than others of its feed; how many former wordings the entries have more by it.

    It bears on the entries that it holds, and on those that were there at its time and that it does not hold.
    """
    ids = store.insert(connection, [store.New(feed_id, entry, at) for entry in sighting.new])
    held: dict[int, FeedEntry] = dict(sighting.known) | dict(zip(ids, sighting.new, strict=True))
    stored = store.histories(connection, feed_id, list(held), at)
    since = min((each.history.first_seen for each in stored), default=at)
    documents = store.documents(connection, feed_id, min(since, at))
    edits = 0
    for each in stored:
        entry = held.get(each.id)
        seen = Seen(at, None if entry is None else _wording(entry))
        told = with_another(each.history, each.id, documents, seen)
        if told == each.history:
            continue
        edits += max(len(told.revisions) - len(each.history.revisions), 0)
        store.retell(connection, each, told)
        if entry is not None and at < each.history.first_seen:
            store.found_earlier(connection, each.id, entry, at)
    store.add_documents(connection, [store.StoredDocument(feed_id, at, list(held))])
    return edits


def _wording(entry: FeedEntry) -> Wording:
    return Wording(entry.title, entry.text, entry.published, entry.published_rule, entry.published_precision)
