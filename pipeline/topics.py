"""A topic file becomes a `Topic`; a text is on topic by its query and by its closeness to the seed documents.

Pure but for `load_all` and `load`, which read the topic files.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.errors import ConfigurationError
from pipeline.settings import Settings

# Letters of scripts written without spaces between words: a term of these is looked for as a substring.
_UNSPACED = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7af]")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LEAD = 400
"""The part of a text that counts as its lead, characters: about the first two paragraphs of agency copy."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each sign of a text says; fitted on half of the recorded web (docs/notes has the figures).

    The score adds `lead` times the share of required groups in the headline or lead, `optional` times the share of
    optional groups there, `together` times the share of paragraphs that name every required group (full from
    `together_full` on), and `seed` times how much closer than `typical` (a cosine) the text is to the nearest seed
    document. It takes off `elsewhere` times the share of paragraphs that name a [not] term and not every required
    group, and `elsewhere_title` where the headline is one of them. On topic from `threshold`; a feed entry from
    `entry_threshold`, or where it names every required group.
    """

    lead: float = 0.50
    optional: float = 0.15
    together: float = 0.35
    together_full: float = 0.25
    elsewhere: float = 1.00
    elsewhere_title: float = 0.75
    seed: float = 0.50
    typical: float = 0.45
    threshold: float = 0.35
    entry_threshold: float = 0.25


@dataclass(frozen=True)
class Topic:
    """One topic: its query in every language, window, seed documents, and the rules of its digest."""

    slug: str
    name: str
    description: str
    groups: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    excluded: tuple[str, ...]
    start: datetime
    end: datetime
    timezone: str
    digest_hour: int
    max_stories: int
    documents: tuple[str, ...]
    weights: Weights

    @property
    def window(self) -> tuple[datetime, datetime]:
        """First and last moment (UTC) an entry of this topic may be published at."""
        return self.start, self.end

    @cached_property
    def patterns(self) -> dict[str, re.Pattern[str]]:
        """One regular expression a group, over the terms of all languages."""
        return {name: _pattern(terms) for name, terms in self.groups.items()}

    @cached_property
    def exclusion(self) -> re.Pattern[str] | None:
        """One regular expression over the [not] terms of all languages; None where the topic has none."""
        return _pattern(self.excluded) if self.excluded else None

    def day_bounds(self, day: date) -> tuple[datetime, datetime]:
        """UTC start and end of the calendar day `day` in the topic's time zone."""
        zone = ZoneInfo(self.timezone)
        start = datetime.combine(day, time(), zone)
        return start.astimezone(UTC), datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)

    def days(self) -> list[date]:
        """The calendar days of the window in the topic's zone."""
        zone = ZoneInfo(self.timezone)
        first, last = self.start.astimezone(zone).date(), (self.end - timedelta(seconds=1)).astimezone(zone).date()
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def yesterday(self, now: datetime) -> date:
        """The calendar day before `now` in the topic's zone: the newest one whose digest is whole."""
        return now.astimezone(ZoneInfo(self.timezone)).date() - timedelta(days=1)

    def definition(self) -> dict[str, Any]:
        """The topic as JSON, for its row."""
        return {
            "description": self.description,
            "groups": {name: list(terms) for name, terms in self.groups.items()},
            "not": list(self.excluded),
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "hour": self.digest_hour,
            "documents": [text[:200] for text in self.documents],
            "weights": asdict(self.weights),
        }


@dataclass(frozen=True, slots=True)
class TopicMatch:
    """Whether a text is on topic and why.

    `rule` is ``query+seed``, ``query`` (a language that the model cannot read), ``window`` (published outside it),
    ``groups`` (a required group is missing) or ``elsewhere`` (the [not] terms tipped it). `terms` are what was found,
    one a group, and the [not] term with a minus. `score` and `threshold` are on the same scale.
    """

    on_topic: bool
    rule: str
    terms: tuple[str, ...]
    similarity: float | None
    score: float
    threshold: float


@dataclass(frozen=True, slots=True)
class _Signs:
    """What the words of a text say: each group's first term, and shares 0..1 as `Weights` names them."""

    found: dict[str, str]
    excluded: str | None
    lead: float
    optional: float
    together: float
    elsewhere: float
    elsewhere_title: bool


def mentions(topic: Topic, title: str, text: str) -> bool:
    """Whether any required group of the query stands in the text: below that, closeness is not worth measuring."""
    return any(topic.patterns[name].search(title) or topic.patterns[name].search(text) for name in topic.required)


def match(
    topic: Topic, title: str, text: str, published: datetime, similarity: float | None, *, entry: bool = False
) -> TopicMatch:
    """Judge one text; `similarity` is its cosine to the nearest seed document, None if the model can't read it.

    An `entry` is judged mildly by its headline and summary, where one required group is enough: the page is cheap, and
    the full text has the last word. There all required groups must stand somewhere.
    """
    weights = topic.weights
    threshold = weights.entry_threshold if entry else weights.threshold
    signs = _read(topic, title, text)
    words = weights.lead * signs.lead + weights.optional * signs.optional
    words += weights.together * min(1.0, signs.together / weights.together_full)
    closeness = 0.0 if similarity is None else weights.seed * (similarity - weights.typical)
    off = weights.elsewhere * signs.elsewhere + weights.elsewhere_title * signs.elsewhere_title
    score = words + closeness - off
    missing = [name for name in topic.required if name not in signs.found]
    rule = "query" if similarity is None else "query+seed"
    if not topic.start <= published < topic.end:
        rule, on_topic = "window", False
    elif len(missing) == len(topic.required) or (missing and not entry):
        rule, on_topic = "groups", False
    else:
        on_topic = score >= threshold or (entry and not missing)
        rule = "elsewhere" if not on_topic and score + off >= threshold else rule
    terms = tuple(signs.found.values()) + ((f"-{signs.excluded}",) if signs.excluded else ())
    return TopicMatch(on_topic, rule, terms, similarity, score, threshold)


def _read(topic: Topic, title: str, text: str) -> _Signs:
    head = f"{title}\n{text[:LEAD]}"
    paragraphs = [title, *(line for line in text.splitlines() if line.strip())]
    whole = "\n".join(paragraphs)
    found = {name: hit.group(0) for name, pattern in topic.patterns.items() if (hit := pattern.search(whole))}
    required = [topic.patterns[name] for name in topic.required]
    optional = [pattern for name, pattern in topic.patterns.items() if name not in topic.required]
    together = [all(pattern.search(paragraph) for pattern in required) for paragraph in paragraphs]
    hits = [topic.exclusion.search(paragraph) if topic.exclusion else None for paragraph in paragraphs]
    apart = [hit is not None and not named for hit, named in zip(hits, together, strict=True)]
    return _Signs(
        found=found,
        excluded=next((hit.group(0) for hit, counts in zip(hits, apart, strict=True) if hit and counts), None),
        lead=_share(required, head),
        optional=_share(optional, head),
        together=sum(together) / len(paragraphs),
        elsewhere=sum(apart) / len(paragraphs),
        elsewhere_title=apart[0],
    )


def _share(patterns: Sequence[re.Pattern[str]], text: str) -> float:
    return sum(pattern.search(text) is not None for pattern in patterns) / len(patterns) if patterns else 0.0


def _pattern(terms: tuple[str, ...]) -> re.Pattern[str]:
    parts = []
    for term in sorted(terms, key=len, reverse=True):
        words = r"\s+".join(re.escape(word).replace(r"\*", r"\w*") for word in term.split())
        parts.append(words if _UNSPACED.search(term) else rf"\b{words}\b" if not term.endswith("*") else rf"\b{words}")
    return re.compile("|".join(parts), re.IGNORECASE)


def load_all(settings: Settings) -> list[Topic]:
    """Every topic file of the seeds folder, by slug. Raises `ConfigurationError` naming the file and the mend."""
    folder = settings.seeds / "topics"
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise ConfigurationError(f"no topic file in {folder}; copy one there or set WIREWATCH_SEEDS")
    return [load(path, settings.seeds / "documents") for path in files]


def parse_day(text: str) -> date:
    """A calendar day such as 2024-06-19. Raises `ConfigurationError`."""
    try:
        day = date.fromisoformat(text)
        if not 1900 <= day.year < 2200:  # so that a day's bounds exist in every zone
            raise ValueError
        return day
    except ValueError:
        raise ConfigurationError(f"{text!r} is no day; write it like 2024-06-19") from None


def find(settings: Settings, slug: str) -> Topic:
    """The topic called `slug`. Raises `ConfigurationError` listing those there are."""
    topics = {topic.slug: topic for topic in load_all(settings)}
    if slug not in topics:
        raise ConfigurationError(f"no topic {slug!r}; there is {', '.join(topics)}")
    return topics[slug]


def load(path: Path, documents: Path) -> Topic:
    """Read one topic file. Raises `ConfigurationError` with the file, the key and what it should be."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path.name}: not valid TOML ({error})") from error
    if not _SLUG.fullmatch(path.stem):
        raise ConfigurationError(f"{path.name}: name the file in lower-case letters, digits and hyphens")
    try:
        return _topic(path, raw, documents)
    except KeyError as error:
        raise ConfigurationError(f"{path.name}: the key {error.args[0]!r} is missing") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error


def _topic(path: Path, raw: dict[str, Any], documents: Path) -> Topic:
    required = tuple(name for name, group in raw["groups"].items() if not group.pop("optional", False))
    groups = {name: _terms(by_language, f"groups.{name}") for name, by_language in raw["groups"].items()}
    if not required or not all(groups.values()):
        raise ValueError("[groups] needs at least one group that is not optional, and each at least one term")
    digest, window = raw["digest"], raw["window"]
    start, end = (_moment(window[key], f"window.{key}") for key in ("start", "end"))
    if start >= end:
        raise ValueError("window.start must lie before window.end")
    try:
        ZoneInfo(digest["timezone"])
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"digest.timezone {digest['timezone']!r} is no IANA zone such as Asia/Seoul") from None
    if not 0 <= int(digest["hour"]) <= 23:
        raise ValueError("digest.hour must be 0 to 23")
    return Topic(
        slug=path.stem,
        name=str(raw["name"]),
        description=str(raw.get("description", "")),
        groups=groups,
        required=required,
        excluded=_terms(raw.get("not", {}), "not"),
        start=start,
        end=end,
        timezone=str(digest["timezone"]),
        digest_hour=int(digest["hour"]),
        max_stories=int(digest.get("max_stories", 12)),
        documents=tuple(_document(documents / name, path) for name in raw["seeds"]["documents"]),
        weights=Weights(**raw.get("weights", {})),
    )


def _terms(by_language: Any, key: str) -> tuple[str, ...]:
    """The terms of all languages; each language has a list of them, as in ``en = ["Putin"]``."""
    message = f'[{key}] must give each language a list of terms, such as en = ["Putin"]'
    if not isinstance(by_language, dict) or not all(isinstance(listed, list) for listed in by_language.values()):
        raise ValueError(message)
    terms = tuple(term for listed in by_language.values() for term in listed)
    if not all(isinstance(term, str) and term.strip() for term in terms):
        raise ValueError(message)
    return terms


def _moment(value: Any, key: str) -> datetime:
    if not isinstance(value, datetime):
        raise ValueError(f"{key} must be a date and time such as 2024-06-16T15:00:00Z")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _document(path: Path, topic_file: Path) -> str:
    if not path.is_file():
        raise ConfigurationError(f"{topic_file.name}: seed document {path.name} is not in {path.parent}")
    return path.read_text(encoding="utf-8")
