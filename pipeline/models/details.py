"""What a digest says of a story beyond its headline, and of what changed since the digest that was published before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.models.publication import Precision, precision

# --- what a digest says -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cited:
    """A sentence of an article, word for word but for white space; `language` is BCP 47 or None."""

    text: str
    article_id: int
    outlet: str
    url: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class First:
    """Who told a story first, of all its articles known then, whatever their day.

    `published` is an instant, or midnight UTC where no article of the story has more than a day. `bare` says that an
    article of which only the day is known may have been earlier.
    """

    outlet: str
    url: str
    published: datetime
    bare: bool = False
    stated_precision: Precision | None = None

    @property
    def published_precision(self) -> Precision:
        """Whether `published` is a day or an instant."""
        return precision(self.published, stated=self.stated_precision)


@dataclass(frozen=True, slots=True)
class Gloss:
    """A headline in another language as a machine translated it: `text` in `language`, made `by` a service of `of`."""

    text: str
    language: str
    by: str
    of: str


@dataclass(frozen=True, slots=True)
class Details:
    """What stands under a headline: cited sentences, who was first, what is new in a grown story, a gloss."""

    sentences: tuple[Cited, ...] = ()
    first: First | None = None
    grown: Cited | None = None
    gloss: Gloss | None = None


@dataclass(frozen=True, slots=True)
class OldCopy:
    """A copy that still says what its origin corrected."""

    outlet: str
    url: str
    title: str


@dataclass(frozen=True, slots=True)
class Correction:
    """An article shown in a published digest that its outlet corrected after it: what it said, and says now.

    `was` is empty where nothing went and only a note came. `copies` still say what was.
    """

    article_id: int
    outlet: str
    url: str
    title: str
    at: datetime
    was: str
    now: str
    copies: tuple[OldCopy, ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """A story of the digest before that no article of this day tells on."""

    story_id: int
    headline: str


@dataclass(frozen=True, slots=True)
class Since:
    """The published digest that this one is compared with; `day` is an ISO date, `as_of` the moment it showed."""

    digest_id: int
    day: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """What a digest says of what was published before it; `since` is None where nothing was."""

    since: Since | None = None
    ended: tuple[Ended, ...] = ()
    corrections: tuple[Correction, ...] = ()


# --- what it is compared with -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownBefore:
    """A story as the digest before showed it; `story_id` is followed through merges."""

    story_id: int
    headline: str
    article_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """An article of a story from before the digest's day; `seen` says that the digest before could know it."""

    article_id: int
    outlet: str
    url: str
    language: str | None
    published: datetime
    text: str
    seen: bool
    stated_precision: Precision | None = None

    @property
    def published_precision(self) -> Precision:
        """Whether `published` is a day or an instant."""
        return precision(self.published, stated=self.stated_precision)


@dataclass(frozen=True, slots=True)
class Print:
    """A copy of a corrected article, or another print of what that is a copy of, with its text as known now."""

    outlet: str
    url: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Revised:
    """A published article that was corrected after the digest before: its text then and now."""

    article_id: int
    story_id: int | None
    outlet: str
    url: str
    title: str
    at: datetime
    was: str
    now: str
    prints: tuple[Print, ...] = ()


@dataclass(frozen=True, slots=True)
class Before:
    """All that a day's stories are compared with; `earlier` by story."""

    since: Since | None = None
    shown: tuple[ShownBefore, ...] = ()
    earlier: Mapping[int, tuple[Earlier, ...]] = field(default_factory=dict)
    revised: tuple[Revised, ...] = ()
