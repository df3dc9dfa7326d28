"""A topic file becomes a `Topic`; a text is on topic by its query and by its closeness to the seed documents.

Pure but for `load_all` and `load`, which read the topic files.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
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
# The part of a text that counts as its lead, characters: about the first two paragraphs of agency copy.
LEAD = 400


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each sign says; fitted on the tuning half of the recorded web (docs/topics.md has the table).

    The score is `title`, `lead`, `body` times the share of query groups found in that part, plus `seed` times
    the cosine to the nearest seed document; on topic from `threshold` (readable by the model) or
    `words_threshold` (not readable: the query alone).
    """

    title: float = 0.30
    lead: float = 0.40
    body: float = 0.10
    seed: float = 1.00
    threshold: float = 0.95
    words_threshold: float = 0.55
    entry_share: float = 0.6


@dataclass(frozen=True)
class Topic:
    """One topic: its query in every language, window, seed documents, and the rules of its digest."""

    slug: str
    name: str
    description: str
    groups: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
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
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "hour": self.digest_hour,
            "documents": [text[:200] for text in self.documents],
            "weights": asdict(self.weights),
        }


@dataclass(frozen=True, slots=True)
class TopicMatch:
    """Whether a text is on topic and why.

    `rule` is ``query+seed``, ``query`` (a language that the model cannot read), ``window`` (published outside
    it) or ``groups`` (a query group is missing). `score` and `threshold` are on the same scale.
    """

    on_topic: bool
    rule: str
    terms: tuple[str, ...]
    similarity: float | None
    score: float
    threshold: float


def mentions(topic: Topic, title: str, text: str) -> bool:
    """Whether every required group of the query stands in the text: below that, closeness is not worth measuring."""
    return all(topic.patterns[name].search(title) or topic.patterns[name].search(text) for name in topic.required)


def match(
    topic: Topic, title: str, text: str, published: datetime, similarity: float | None, *, entry: bool = False
) -> TopicMatch:
    """Judge one text; `similarity` is its cosine to the nearest seed document, None if the model can't read it.

    An `entry` is judged mildly by its headline and summary (it has `weights.entry_share` of the threshold to
    reach, and optional groups may be missing): the full text has the last word.
    """
    weights = topic.weights
    threshold = weights.words_threshold if similarity is None else weights.threshold
    if entry:
        threshold *= weights.entry_share
    terms: list[str] = []
    shares = {"title": 0, "lead": 0, "body": 0}
    found: set[str] = set()
    for name, pattern in topic.patterns.items():
        in_title, in_lead, in_body = (pattern.search(part) for part in (title, text[:LEAD], text[LEAD:]))
        shares["title"] += in_title is not None
        shares["lead"] += in_title is not None or in_lead is not None
        shares["body"] += in_body is not None
        first = in_title or in_lead or in_body
        if first is not None:
            found.add(name)
            terms.append(first.group(0))
    groups = len(topic.patterns)
    score = (
        weights.title * shares["title"] + weights.lead * shares["lead"] + weights.body * shares["body"]
    ) / groups + weights.seed * (similarity or 0.0)
    if not topic.start <= published < topic.end:
        return TopicMatch(False, "window", tuple(terms), similarity, score, threshold)
    missing = [name for name in (topic.required if entry else topic.patterns) if name not in found]
    if missing:
        return TopicMatch(False, "groups", tuple(terms), similarity, score, threshold)
    rule = "query" if similarity is None else "query+seed"
    return TopicMatch(score >= threshold, rule, tuple(terms), similarity, score, threshold)


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
        return date.fromisoformat(text)
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
    groups = {
        name: tuple(t for terms in by_language.values() for t in terms) for name, by_language in raw["groups"].items()
    }
    if not groups or not all(groups.values()):
        raise ValueError("[groups] needs at least one group with at least one term")
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
        start=start,
        end=end,
        timezone=str(digest["timezone"]),
        digest_hour=int(digest["hour"]),
        max_stories=int(digest.get("max_stories", 12)),
        documents=tuple(_document(documents / name, path) for name in raw["seeds"]["documents"]),
        weights=Weights(**raw.get("weights", {})),
    )


def _moment(value: Any, key: str) -> datetime:
    if not isinstance(value, datetime):
        raise ValueError(f"{key} must be a date and time such as 2024-06-16T15:00:00Z")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _document(path: Path, topic_file: Path) -> str:
    if not path.is_file():
        raise ConfigurationError(f"{topic_file.name}: seed document {path.name} is not in {path.parent}")
    return path.read_text(encoding="utf-8")
