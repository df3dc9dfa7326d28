"""What all sightings of an entry tell together, in the order of their time and not of their reading. Pure.

A backfill may read older documents of a feed after newer ones: days run in any order, and a run that was cut off is
done again. The rows of an entry must not depend on it. So a document of the past is put between the others, and the
entry's revisions, its presence and its dates are told anew from all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.models import Precision

FIRST_SEEN = "first-seen:"
"""Begins the rule of a date that the feed never gave: the first sighting stands in."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What an entry says; `published`, its rule and its precision are its own, or those that stand in for them."""

    title: str
    text: str
    published: datetime | None
    published_rule: str
    published_precision: Precision | None = None

    @property
    def own(self) -> Wording:
        """What the feed itself said: without the date that stands in for its own."""
        if not self.published_rule.startswith(FIRST_SEEN):
            return self
        rule = self.published_rule.removeprefix(FIRST_SEEN)
        return replace(self, published=None, published_rule=rule, published_precision=None)

    def changed(self, new: Wording) -> tuple[str, ...]:
        """Which fields a later wording changes. A date that the feed did not give has not been edited."""
        fields = [name for name in ("title", "text") if getattr(self, name) != getattr(new, name)]
        if new.published is not None and new.published != self.published:
            fields.append("published")
        return tuple(fields)

    def followed_by(self, new: Wording) -> Wording:
        """The later wording, with this one's date where it has none."""
        if new.published:
            return new
        dated = {name: getattr(self, name) for name in ("published", "published_rule", "published_precision")}
        return replace(new, **dated)


@dataclass(frozen=True, slots=True)
class Past:
    """A former wording: until when it stood, which is when the next was first seen, and what that one changed."""

    seen_at: datetime
    changed: tuple[str, ...]
    wording: Wording


@dataclass(frozen=True, slots=True)
class History:
    """All that the rows of an entry say of its time. `current` is the wording of the latest sighting."""

    first_seen: datetime
    last_seen: datetime
    absent_since: datetime | None
    returned: int
    current: Wording
    revisions: tuple[Past, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """A document of the feed at a moment, and what the entry said in it; None where it was not in it."""

    at: datetime
    wording: Wording | None


@dataclass(frozen=True, slots=True)
class Document:
    """Which entries a document of a feed held, by the ids of their rows."""

    seen_at: datetime
    entry_ids: Sequence[int]


def tell(seen: Iterable[Seen]) -> History:
    """The history that sightings make, at least one of them with a wording; of one moment the last given counts."""
    by_moment = {each.at: each for each in seen}
    ordered = [by_moment[at] for at in sorted(by_moment)]
    while ordered[0].wording is None:
        del ordered[0]
    first = ordered[0].at
    current = _first(ordered[0])
    told = History(first, first, None, 0, current)
    revisions: list[Past] = []
    for each in ordered[1:]:
        if each.wording is None:
            told = replace(told, absent_since=told.absent_since or each.at)
            continue
        told = replace(told, last_seen=each.at, absent_since=None, returned=told.returned + bool(told.absent_since))
        changed = current.changed(each.wording)
        if changed:
            revisions.append(Past(each.at, changed, current))
            current = current.followed_by(each.wording)
    return replace(told, current=current, revisions=tuple(revisions))


def _first(seen: Seen) -> Wording:
    wording = seen.wording
    assert wording is not None
    if wording.published is not None:
        return wording
    rule = f"{FIRST_SEEN}{wording.published_rule}"
    return replace(wording, published=seen.at, published_rule=rule, published_precision="instant")


def with_another(known: History, entry_id: int, documents: Sequence[Document], another: Seen) -> History:
    """The history of an entry once one more document was read, whenever that is of.

    `documents` are those of its feed that were read so far, from its first sighting on. What the history itself says of
    its times stands also where none of them is kept any more.
    """
    sightings = [*_sightings(known, entry_id, documents), another]
    told = tell(sightings)
    # Returns of before documents were kept are in no sighting.
    return replace(told, returned=max(told.returned, known.returned))


def _sightings(known: History, entry_id: int, documents: Sequence[Document]) -> Iterable[Seen]:
    """What was seen of an entry and when, as far as its rows and the documents tell."""
    starts = [known.first_seen, *(past.seen_at for past in known.revisions)]
    wordings = [*(past.wording for past in known.revisions), known.current]
    moments = {*starts, known.last_seen}
    for document in documents:
        if entry_id in document.entry_ids:
            moments.add(document.seen_at)
        elif document.seen_at not in moments:
            yield Seen(document.seen_at, None)
    if known.absent_since is not None:
        yield Seen(known.absent_since, None)
    for moment in sorted(moments):
        at = max(number for number, start in enumerate(starts) if start <= moment) if moment >= starts[0] else 0
        yield Seen(moment, wordings[at].own)
