"""Topic files: read, checked, and found by their name."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.errors import ConfigurationError
from pipeline.settings import Settings
from pipeline.text.tags import primary
from pipeline.topics.definition import ByLanguage, Topic, Weights

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


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
    start = _moment(window["start"], "window.start")
    end = _moment(window["end"], "window.end") if "end" in window else None  # without one it is ongoing
    if end is not None and start >= end:
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
        weights=_weights(raw.get("weights", {})),
    )


def _weights(raw: Mapping[str, Any]) -> Weights:
    if of_the_model := {"seed", "typical"} & set(raw):
        raise ValueError(
            f"[weights] sets {' and '.join(sorted(of_the_model))}, which are the embedding model's numbers now; take"
            " them out (`wirewatch calibrate` fits them)"
        )
    return Weights(**raw)


def _terms(by_language: Any, key: str) -> ByLanguage:
    """The terms of each language, which has a list of them, as in ``en = ["Putin"]``; an empty list is none."""
    message = f'[{key}] must give each language a list of terms, such as en = ["Putin"]'
    if not isinstance(by_language, dict) or not all(isinstance(listed, list) for listed in by_language.values()):
        raise ValueError(message)
    if not all(isinstance(term, str) and term.strip() for listed in by_language.values() for term in listed):
        raise ValueError(message)
    terms: dict[str, tuple[str, ...]] = {}
    for language, listed in by_language.items():
        if listed:
            tag = primary(language) or language
            terms[tag] = (*terms.get(tag, ()), *listed)
    return terms


def _moment(value: Any, key: str) -> datetime:
    if not isinstance(value, datetime):
        raise ValueError(f"{key} must be a date and time such as 2024-06-16T15:00:00Z")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _document(path: Path, topic_file: Path) -> str:
    if not path.is_file():
        raise ConfigurationError(f"{topic_file.name}: seed document {path.name} is not in {path.parent}")
    return path.read_text(encoding="utf-8")
