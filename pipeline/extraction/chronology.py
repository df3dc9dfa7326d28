"""An article's wordings in the order of their time, where one of the past is read after newer ones. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.extraction import revisions


@dataclass(frozen=True, slots=True)
class Version:
    """One wording of an article, since it was first seen; `kind` and `diff` are those to the one before it."""

    seen_at: datetime
    kind: str
    title: str
    text: str
    diff: str | None = None


def with_earlier(
    known: Sequence[Version], looks: Sequence[datetime], at: datetime, title: str, text: str
) -> list[Version]:
    """The versions of an article once that of a moment of the past is known too, as if they had been read in order.

    `known` are those that were read, by time, and `looks` the moments at which the page was looked at. A version that
    stood before and after that moment is there twice afterwards: the page went back to it.
    """
    before = [version for version in known if version.seen_at <= at]
    after = [version for version in known if version.seen_at > at]
    if before and revisions.compare(before[-1].title, before[-1].text, title, text) is None:
        return list(known)
    between = [Version(at, "", title, text)]
    again = min((look for look in looks if look > at and (not after or look < after[0].seen_at)), default=None)
    if before and again is not None:
        between.append(Version(again, "", before[-1].title, before[-1].text))
    return _compared([*before, *between, *after])


def _compared(versions: Sequence[Version]) -> list[Version]:
    """Each version as it differs from the one before; one that tells nothing else is left out."""
    told = [Version(versions[0].seen_at, "first", versions[0].title, versions[0].text)]
    for version in versions[1:]:
        change = revisions.compare(told[-1].title, told[-1].text, version.title, version.text)
        if change is not None:
            told.append(Version(version.seen_at, change.kind, version.title, version.text, change.diff))
    return told
