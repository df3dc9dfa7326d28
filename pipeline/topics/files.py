"""Topic files: read, checked, and found by their name."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.errors import ConfigurationError
from pipeline.settings import Settings
from pipeline.text.tags import primary, tidy
from pipeline.topics.definition import ByLanguage, Topic, Weights

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST = 200  # characters of a term: a headline is shorter, and a million of them took minutes to make ready
_MOST_TERMS = 20_000  # of a group: those shipped have up to 220
_MOST_STORIES = 1_000  # of a digest: more are no digest, and a slip of the keyboard
_KEYS: Mapping[str, tuple[str, ...]] = {
    "": ("name", "description", "window", "digest", "weights", "seeds", "groups", "not"),
    "window": ("start", "end"),
    "digest": ("timezone", "hour", "max_stories"),
    "seeds": ("documents",),
}


class MissingDocumentError(ConfigurationError):
    """A seed document is not where it was looked for."""


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
    tables = _table(raw, "groups")
    required = tuple(name for name in tables if not _is_optional(_table(tables, name, "groups."), name))
    groups = {name: _terms(_without(tables[name], "optional"), f"groups.{name}") for name in tables}
    if not required or not all(groups.values()):
        raise ValueError("[groups] needs at least one group that is not optional, and each at least one term")
    digest, window, seeds = _table(raw, "digest"), _table(raw, "window"), _table(raw, "seeds")
    start = _moment(_needed(window, "start", "window."), "window.start")
    end = _moment(window["end"], "window.end") if "end" in window else None  # without one it is ongoing
    if end is not None and start >= end:
        raise ValueError("window.start must lie before window.end")
    topic = Topic(
        slug=path.stem,
        name=_words(raw, "name"),
        description=_words(raw, "description", ""),
        groups=groups,
        required=required,
        excluded=_terms(raw.get("not", {}), "not"),
        start=start,
        end=end,
        timezone=_zone(_needed(digest, "timezone", "digest.")),
        digest_hour=_whole(_needed(digest, "hour", "digest."), "digest.hour", 0, 23),
        max_stories=_whole(digest.get("max_stories", 12), "digest.max_stories", 1, _MOST_STORIES),
        documents=tuple(_document(documents / name, path) for name in _named(_needed(seeds, "documents", "seeds."))),
        weights=_weights(raw.get("weights", {})),
    )
    _only_known(raw)
    return topic


def _only_known(raw: Mapping[str, Any]) -> None:
    """Raise where a key is none of a topic file: what is written wrong would be left out without a word."""
    for table, known in _KEYS.items():
        for key in raw.get(table, {}) if table else raw:
            if key not in known:
                written = f"{table}.{key}" if table else key
                raise ValueError(f"{written!r} is no key of a topic file; there is {', '.join(known)}")


def _needed(table: Mapping[str, Any], key: str, of: str = "") -> Any:
    if key not in table:
        raise KeyError(f"{of}{key}")
    return table[key]


def _table(raw: Mapping[str, Any], key: str, of: str = "") -> dict[str, Any]:
    found = _needed(raw, key, of)
    if not isinstance(found, dict):
        raise ValueError(f"{of}{key} must be a table, which begins with the line [{of}{key}]")
    return found


def _without(table: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in table.items() if name != key}


def _is_optional(table: Mapping[str, Any], name: str) -> bool:
    optional = table.get("optional", False)
    if not isinstance(optional, bool):
        raise ValueError(f"groups.{name}.optional must be true or false")
    return optional


def _words(raw: Mapping[str, Any], key: str, *default: str) -> str:
    found = raw.get(key, *default) if default else _needed(raw, key)
    if not isinstance(found, str) or not (found.strip() or default):
        raise ValueError(f'{key} must be words, such as {key} = "Elections in Malta"')
    return found


def _whole(value: Any, key: str, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{key} must be {least} to {most}")
    return value


def _zone(name: Any) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, AttributeError, OSError):
        raise ValueError(f"digest.timezone {name!r} is no IANA zone such as Asia/Seoul") from None
    return str(name)


def _named(documents: Any) -> list[str]:
    """The names of the seed documents: a topic without any could not be measured by closeness."""
    if not isinstance(documents, list) or not documents or not all(isinstance(name, str) for name in documents):
        raise ValueError('seeds.documents must name at least one text, as in documents = ["my-topic.txt"]')
    return documents


def _weights(raw: Any) -> Weights:
    known = [field.name for field in fields(Weights)]
    if not isinstance(raw, dict):
        raise ValueError("weights must be a table, which begins with the line [weights]")
    if of_the_model := {"seed", "typical"} & set(raw):
        raise ValueError(
            f"[weights] sets {' and '.join(sorted(of_the_model))}, which are the embedding model's numbers now; take"
            " them out (`wirewatch calibrate` fits them)"
        )
    for key, value in raw.items():
        if key not in known:
            raise ValueError(f"'weights.{key}' is no key of a topic file; there is {', '.join(known)}")
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            raise ValueError(f"weights.{key} must be a number such as 0.5")
    if raw.get("together_full", 1) <= 0:
        raise ValueError("weights.together_full must be above 0: it is a share of the paragraphs")
    return Weights(**raw)


def _terms(by_language: Any, key: str) -> ByLanguage:
    """The terms of each language, which has a list of them, as in ``en = ["Putin"]``; an empty list is none."""
    message = f'[{key}] must give each language a list of terms, such as en = ["Putin"]'
    if not isinstance(by_language, dict) or not all(isinstance(listed, list) for listed in by_language.values()):
        raise ValueError(message)
    if not all(_is_term(term) for listed in by_language.values() for term in listed):
        raise ValueError(message)
    if any(len(term) > _LONGEST for listed in by_language.values() for term in listed):
        raise ValueError(f"[{key}] has a term of more than {_LONGEST} characters; a term is a word or a few")
    if (count := sum(map(len, by_language.values()))) > _MOST_TERMS:
        raise ValueError(f"[{key}] has {count:,} terms, and {_MOST_TERMS:,} are the most; a * stands for many endings")
    terms: dict[str, tuple[str, ...]] = {}
    for language, listed in by_language.items():
        if tidy(language) is None:
            raise ValueError(f"[{key}] has {language!r}, which is no language tag such as en or pl")
        if listed:
            tag = primary(language) or language
            terms[tag] = (*terms.get(tag, ()), *listed)
    return terms


def _is_term(value: Any) -> bool:
    """Whether there is something to look for: stars alone would stand in every text, or in none."""
    return isinstance(value, str) and bool(value.replace("*", "").strip())


def _moment(value: Any, key: str) -> datetime:
    if not isinstance(value, datetime):
        raise ValueError(f"{key} must be a date and time such as 2024-06-16T15:00:00Z")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _document(path: Path, topic_file: Path) -> str:
    if not path.is_file():
        raise MissingDocumentError(f"{topic_file.name}: seed document {path.name} is not in {path.parent}")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ConfigurationError(f"{topic_file.name}: seed document {path} is no UTF-8; save it as UTF-8") from None
    if not text.strip():
        raise ConfigurationError(f"{topic_file.name}: seed document {path} is empty; write what the topic is about")
    return text
