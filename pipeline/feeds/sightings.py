"""What one sighting of a feed means for the entries already known of it: new, edited, back, gone or the same. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline import urls
from pipeline.feeds.history import FIRST_SEEN
from pipeline.models import FeedEntry


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """An entry's row as far as identity and revision need it."""

    id: int
    key: str
    canonical_url: str | None
    title: str
    text: str
    published: datetime
    published_rule: str
    absent_since: datetime | None


@dataclass(frozen=True, slots=True)
class Edit:
    """An entry whose `changed` fields (``title``, ``text``, ``published``) differ from its row."""

    known: KnownEntry
    entry: FeedEntry
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sighting:
    """One feed document sorted into what it means; `known` has the entries in it that have a row, by the row's id."""

    new: tuple[FeedEntry, ...]
    edited: tuple[Edit, ...]
    returned: tuple[int, ...]
    known: tuple[tuple[int, FeedEntry], ...]
    gone: tuple[int, ...]

    @property
    def seen(self) -> tuple[int, ...]:
        """The ids of the rows that have an entry in it."""
        return tuple(entry_id for entry_id, _ in self.known)


def reconcile(known: Sequence[KnownEntry], entries: Sequence[FeedEntry]) -> Sighting:
    """Sort the entries of one feed document against the rows of that feed.

    Identity is the key; where the key is unknown, a row of the same address, however it is spelt, that is not itself in
    the document is the same entry under a new id (feeds that renumber, and those that move to https). Absence is only
    noted: an entry that comes back is returned, not new.
    """
    by_key = {row.key: row for row in known}
    in_document = {entry.key for entry in entries}
    by_address = _by_address(row for row in known if row.key not in in_document)
    new: list[FeedEntry] = []
    edited: list[Edit] = []
    seen: dict[int, tuple[KnownEntry, FeedEntry]] = {}
    for entry in entries:
        row = by_key.get(entry.key)
        if row is None and entry.canonical_url is not None:
            row = _take(by_address.get(urls.identity(entry.canonical_url), []), entry)
        if row is None:
            new.append(entry)
            continue
        seen[row.id] = (row, entry)
        changed = _changed(row, entry)
        if changed:
            edited.append(Edit(row, entry, changed))
    return Sighting(
        new=tuple(new),
        edited=tuple(edited),
        returned=tuple(row.id for row, _ in seen.values() if row.absent_since is not None),
        known=tuple((row.id, entry) for row, entry in seen.values()),
        gone=tuple(row.id for row in known if row.id not in seen and row.absent_since is None),
    )


def _by_address(rows: Iterable[KnownEntry]) -> dict[str, list[KnownEntry]]:
    """The rows of each address, by what its spellings share."""
    found: dict[str, list[KnownEntry]] = defaultdict(list)
    for row in rows:
        if row.canonical_url:
            found[urls.identity(row.canonical_url)].append(row)
    return found


def _take(rows: list[KnownEntry], entry: FeedEntry) -> KnownEntry | None:
    """Take out the row that an entry of its address is: of several the one of the same title, else the last."""
    if not rows:
        return None
    same = next((number for number, row in enumerate(rows) if row.title == entry.title), len(rows) - 1)
    return rows.pop(same)


def _changed(row: KnownEntry, entry: FeedEntry) -> tuple[str, ...]:
    changed = []
    if row.title != entry.title:
        changed.append("title")
    if row.text != entry.text:
        changed.append("text")
    # A date that the feed never gave (the first sighting stands in) cannot have been edited.
    if entry.published is not None and entry.published != row.published:
        changed.append("published")
    return tuple(changed)


def entry_published(entry: FeedEntry, seen: datetime) -> tuple[datetime, str]:
    """The entry's date and its rule; the first sighting stands in for a date that is missing or impossible."""
    if entry.published is not None:
        return entry.published, entry.published_rule
    return seen, f"{FIRST_SEEN}{entry.published_rule}"
