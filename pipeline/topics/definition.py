"""A topic: its terms in every language, its window, its seed documents, and the rules of its digest (pure)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.text.tags import primary
from pipeline.topics.reading import TermIndex

ByLanguage = Mapping[str, tuple[str, ...]]
"""Terms by the primary subtag of their language."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each sign of a text says; fitted on half of the recorded web (docs/notes has the figures).

    The score adds `lead` times the share of required groups in the headline or lead, `optional` times the share of
    optional groups there, and `together` times the share of paragraphs that name every required group (full from
    `together_full` on). It takes off `elsewhere` times the share of paragraphs that name a [not] term and not every
    required group, `elsewhere_title` where the headline is one of them, and `unread` from an entry whose language
    the topic has terms in and the model cannot read, so that one required group alone is not enough there. What
    closeness adds depends on the embedding model, see `TopicNumbers`. On topic from `threshold`; a feed entry from
    `entry_threshold`, or where it names every required group.
    """

    lead: float = 0.50
    optional: float = 0.15
    together: float = 0.35
    together_full: float = 0.25
    elsewhere: float = 1.00
    elsewhere_title: float = 0.75
    unread: float = 0.05
    threshold: float = 0.35
    entry_threshold: float = 0.25


@dataclass(frozen=True)
class Topic:
    """One topic: its query in every language, window, seed documents, and the rules of its digest.

    `start` and `end` (UTC) bound when its entries are published; an `end` of None is an ongoing topic.
    """

    slug: str
    name: str
    description: str
    groups: Mapping[str, ByLanguage]
    required: tuple[str, ...]
    excluded: ByLanguage
    start: datetime
    end: datetime | None
    timezone: str
    digest_hour: int
    max_stories: int
    documents: tuple[str, ...]
    weights: Weights

    def covers(self, published: datetime) -> bool:
        """Whether something published at a moment (UTC) is within the topic's window."""
        return self.start <= published and (self.end is None or published < self.end)

    @property
    def lists(self) -> list[tuple[str, ...]]:
        """Its terms in all languages, one list a group in their order, and last the [not] terms."""
        return [*map(_together, self.groups.values()), _together(self.excluded)]

    @cached_property
    def index(self) -> TermIndex:
        """Its own terms, ready to be looked for."""
        return TermIndex(self.lists)

    @cached_property
    def languages(self) -> frozenset[str]:
        """The languages in which every required group has a term."""
        return frozenset.intersection(*(frozenset(self.groups[name]) for name in self.required))

    def speaks(self, language: str | None) -> bool:
        """Whether texts of a language can be found by the topic's words; an unknown language counts as spoken."""
        tag = primary(language)
        return tag is None or tag in self.languages

    def only(self, languages: Collection[str]) -> Topic:
        """The topic as it would be with terms in these languages alone; a group may be left without any."""
        groups = {name: _of(terms, languages) for name, terms in self.groups.items()}
        return replace(self, groups=groups, excluded=_of(self.excluded, languages))

    def day_bounds(self, day: date) -> tuple[datetime, datetime]:
        """UTC start and end of the calendar day `day` in the topic's time zone."""
        zone = ZoneInfo(self.timezone)
        start = datetime.combine(day, time(), zone)
        return start.astimezone(UTC), datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)

    def days(self, until: datetime) -> list[date]:
        """The calendar days of the window in the topic's zone, up to `until` (UTC) where it has no end."""
        zone = ZoneInfo(self.timezone)
        end = until if self.end is None else self.end
        first, last = self.start.astimezone(zone).date(), (end - timedelta(seconds=1)).astimezone(zone).date()
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def span(self) -> tuple[datetime, datetime | None]:
        """UTC start of the first and end of the last of its calendar days, None where it has none: its digests'."""
        zone = ZoneInfo(self.timezone)
        first = self.day_bounds(self.start.astimezone(zone).date())[0]
        return first, None if self.end is None else self.day_bounds(self.days(self.end)[-1])[1]

    def yesterday(self, now: datetime) -> date:
        """The calendar day before `now` in the topic's zone: the newest one whose digest is whole."""
        return now.astimezone(ZoneInfo(self.timezone)).date() - timedelta(days=1)

    def definition(self) -> dict[str, Any]:
        """The topic as JSON, for its row."""
        return {
            "description": self.description,
            "groups": {name: list(_together(terms)) for name, terms in self.groups.items()},
            "not": list(_together(self.excluded)),
            "start": self.start.isoformat(),
            "end": None if self.end is None else self.end.isoformat(),
            "hour": self.digest_hour,
            "documents": [text[:200] for text in self.documents],
            "weights": asdict(self.weights),
        }


def _together(by_language: ByLanguage) -> tuple[str, ...]:
    return tuple(term for listed in by_language.values() for term in listed)


def _of(by_language: ByLanguage, languages: Collection[str]) -> ByLanguage:
    return {language: listed for language, listed in by_language.items() if language in languages}
