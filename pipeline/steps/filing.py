"""The folder of what was published: a page a day in each shape, with indexes and a feed, for any web server.

Everything is written anew from the rows, so that a folder that was lost comes back with the next publication.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline import digests
from pipeline.database import Connection
from pipeline.models import PublishedDigest
from pipeline.settings import Settings
from pipeline.store import digests as store
from pipeline.store.digests import StoredDigest
from pipeline.topics import Topic

PUBLISHED = "published"
ENTRIES = 30
"""Digests that a feed holds: a month of days, for a reader that was away."""


def folder(settings: Settings, topic: str = "") -> Path:
    """Where the published files of a topic lie; without one, the folder of all topics, which a web server serves."""
    return settings.home / PUBLISHED / topic if topic else settings.home / PUBLISHED


def address(settings: Settings, topic: str, name: str = "") -> str:
    """The public address of a topic's folder or of a file in it; empty where no setting names one."""
    base = settings.published_url.rstrip("/")
    return f"{base}/{topic}/{name}" if base else ""


def write(connection: Connection, settings: Settings, topic: Topic, row: StoredDigest) -> None:
    """Write a published digest in every shape, and the feed and the indexes that name it."""
    target = folder(settings, row.topic)
    target.mkdir(parents=True, exist_ok=True)
    digest, note, language = row.digest(), row.note or "", settings.desk_language
    shapes = {
        "html": digests.to_page(row.title, row.html),
        "md": row.markdown,
        "txt": digests.to_text(digest, topic, note, language),
        "json": digests.to_json(digest, topic, note, language),
    }
    for ending, text in shapes.items():
        _replace(target / f"{row.day}.{ending}", text)
    published = store.published_days(connection, row.topic)
    newest = max((each.published_at for each in published), default=datetime.now(UTC))
    told = [_for_readers(connection, settings, topic, each) for each in published[:ENTRIES]]
    _replace(target / "atom.xml", digests.to_atom(topic, told, newest, address(settings, row.topic)))
    _replace(target / "index.html", digests.to_index(topic, published))
    _replace(folder(settings) / "index.html", digests.to_contents(_listed(connection)))


def _for_readers(connection: Connection, settings: Settings, topic: Topic, each: PublishedDigest) -> PublishedDigest:
    """A digest as a feed's readers can show it, without drawings."""
    row = store.digest(connection, each.id)
    assert row is not None
    return replace(each, html=digests.to_mail_body(row.digest(), topic, row.note or "", settings.desk_language))


def _listed(connection: Connection) -> list[digests.Listed]:
    return [digests.Listed(each.slug, each.name, each.newest) for each in store.published_topics(connection)]


def _replace(path: Path, content: str | bytes) -> None:
    # A reader never sees half a file: the new one takes the old one's place in one step.
    part = path.with_suffix(path.suffix + ".part")
    part.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    part.replace(path)
