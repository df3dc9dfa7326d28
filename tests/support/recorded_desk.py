"""A desk over the recorded web: each day's digest drafted as known at a moment of its time, and published.

What it says is held against the articles and the labels: sentences, marks of change, corrections.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from pipeline import database, steps, topics, urls
from pipeline.models import Review
from pipeline.models.details import Cited
from pipeline.settings import Settings
from pipeline.store import digests as store
from pipeline.store.digests import StoredDigest
from tests.support.recorded import TOPIC, Label, read_labels

MORNING = timedelta(hours=7)
"""After a day's end in its zone: the hour at which the topic's digests are drafted."""
# Moments after three corrected articles came and before they were corrected; the last shows what came after.
EARLY = {
    date(2024, 6, 18): datetime(2024, 6, 18, 15, 30, tzinfo=UTC),
    date(2024, 6, 19): datetime(2024, 6, 19, 2, 30, tzinfo=UTC),
    date(2024, 6, 20): datetime(2024, 6, 20, 6, tzinfo=UTC),
    date(2024, 6, 21): datetime(2024, 6, 21, tzinfo=UTC),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A slot of a digest with an earlier one: the mark it bears, and whether its development is new by the labels."""

    day: date
    headline: str
    status: str
    is_new: bool

    @property
    def right(self) -> bool:
        return (self.status == "new") is self.is_new


def mornings(settings: Settings, days: Sequence[int]) -> dict[date, datetime]:
    """The moments at which the digests of days of June 2024 are drafted."""
    topic = topics.find(settings, TOPIC)
    return {date(2024, 6, day): topic.day_bounds(date(2024, 6, day))[1] + MORNING for day in days}


def publish(settings: Settings, moments: Mapping[date, datetime]) -> list[StoredDigest]:
    """Draft each day as known at its moment, and publish it half an hour later."""
    found = []
    for day, at in moments.items():
        drafted = steps.draft(settings, topic=TOPIC, day=day, now=at, as_of=at)
        review = Review(True, "desk")
        steps.publish(settings, digest_id=drafted["digest_id"], review=review, now=at + timedelta(minutes=30))
        with database.connect(settings) as connection:
            row = store.digest(connection, drafted["digest_id"])
        assert row is not None
        found.append(row)
    return found


def marks(settings: Settings, rows: Sequence[StoredDigest]) -> list[Mark]:
    """The marks of all slots that have a published digest to be compared with."""
    topic, labels = topics.find(settings, TOPIC), read_labels()
    found = []
    for row in rows:
        digest = row.digest()
        since = digest.changes.since
        if since is None:
            continue
        until = topic.day_bounds(date.fromisoformat(since.day))[1]
        for item in digest.items:
            known = [labels[url] for a in item.articles if (url := urls.canonical(a.url)) in labels]
            development = Counter(label.story for label in known).most_common(1)[0][0]
            told = any(
                each.story == development and each.on_topic and each.published < until for each in labels.values()
            )
            found.append(Mark(row.day, item.headline, item.status, not told))
    return found


def cited(rows: Sequence[StoredDigest]) -> list[tuple[StoredDigest, Cited]]:
    """Every sentence that the digests cite."""
    return [
        (row, sentence)
        for row in rows
        for item in row.items
        for sentence in (*item.details.sentences, *filter(None, [item.details.grown]))
    ]


def wording(settings: Settings, article_id: int, as_of: datetime) -> str:
    """The text of an article as it stood at a moment, white space as one blank."""
    query = (
        "SELECT text FROM article_revisions WHERE article_id = %s AND seen_at <= %s"
        " ORDER BY seen_at DESC, revision DESC LIMIT 1"
    )
    with database.connect(settings) as connection:
        row = connection.execute(query, (article_id, as_of)).fetchone()
    assert row is not None
    return " ".join(str(row["text"]).split())


def corrected(rows: Sequence[StoredDigest], labels: Mapping[str, Label]) -> tuple[set[str], set[str]]:
    """Addresses of corrected articles that digests but the last showed, and of those that digests flag."""
    shown = {urls.canonical(a.url) for row in rows[:-1] for item in row.items for a in item.articles}
    flagged = {urls.canonical(each.url) for row in rows for each in row.digest().changes.corrections}
    return {url for url in shown if url in labels and labels[url].corrected}, flagged
