"""What the answers to the five questions of ``wirewatch topic new`` mean, and which are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline import topics
from pipeline.commands.questions import text_of
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings
from pipeline.text.tags import tidy
from pipeline.topics import writing


@dataclass(frozen=True, slots=True)
class Named:
    """The name of a topic, and the files that it is written to: its own and its seed document."""

    name: str
    path: Path
    document: Path


def named(settings: Settings, given: str) -> Named:
    """A name that no other topic has. Raises `ConfigurationError`, as all of these do."""
    name = text_of(given)
    slug = writing.slug_of(name)
    if not slug:
        raise ConfigurationError(
            f"the file of a topic is named by it, and {name!r} has no Latin letter; add its name in Latin letters"
        )
    found = Named(name, settings.seeds / "topics" / f"{slug}.toml", settings.seeds / "documents" / f"{slug}.txt")
    for each in (found.path, found.document):
        if each.exists():
            raise ConfigurationError(f"{each} is there already; choose another name, or edit it")
    for file in sorted(found.path.parent.glob("*.toml")):
        if _name_in(file, settings) == name:
            raise ConfigurationError(f"{file} has that name already; choose another name, or edit it")
    return found


def _name_in(file: Path, settings: Settings) -> str:
    """What a topic file calls its topic; "" of a broken one, which says so elsewhere."""
    try:
        return topics.load(file, settings.seeds / "documents").name
    except ConfigurationError:
        return ""


def languages(given: str) -> list[str]:
    """The languages of the words, each once."""
    said = [tag.strip() for tag in text_of(given).replace(";", ",").split(",") if tag.strip()]
    for tag in said:
        if tidy(tag) is None:
            raise ConfigurationError(f"{tag!r} is no code of a language; write two letters, as in en, pl")
    if not said:
        raise ConfigurationError("name a language by its two letters, as in en, pl")
    return list(dict.fromkeys(tag.lower() for tag in said))


def groups(language: str, given: str, others: Mapping[str, writing.Groups]) -> writing.Groups:
    """The groups of words of a language, as many as the `others` have."""
    found = writing.groups_of(text_of(given))
    if not found:
        raise ConfigurationError("write it like Russia*, Putin; North Korea*")
    for term in (term for group in found for term in group):
        if not term.replace("*", "").strip():
            raise ConfigurationError(f"{term!r} stands in any text; write it with letters")
    for first, other in others.items():
        if len(other) != len(found):
            raise ConfigurationError(
                f"every language needs the same groups in the same order; {first} has {len(other)}, {language} has"
                f" {len(found)}"
            )
    return found


def words(given: str, others: Mapping[str, writing.Groups]) -> tuple[str, writing.Groups]:
    """A language and its groups of words, out of ``en: Russia*, Putin; North Korea*``."""
    language, colon, listed = given.partition(":")
    if not colon:
        raise ConfigurationError("write it like 'en: Russia*, Putin; North Korea*'")
    [tag, *more] = languages(language)
    if more or tag in others:
        raise ConfigurationError("give each language once, all its words behind it")
    return tag, groups(tag, listed, others)


def days(given: str) -> tuple[date, date | None]:
    """The first and the last day; None: it has no end."""
    first, is_range, last = given.partition("..")
    start, end = topics.parse_day(first.strip()), topics.parse_day(last.strip()) if last.strip() else None
    if not is_range:
        raise ConfigurationError("write it like 2026-11-28.. or 2026-11-28..2026-12-31")
    if end is not None and end < start:
        raise ConfigurationError(f"{end} is before {start}; write it like 2026-11-28.. or 2026-11-28..2026-12-31")
    return start, end


def digest(given: str) -> tuple[int, str]:
    """The hour and the zone of the digest."""
    hour, _, zone = given.strip().partition(" ")
    zone = zone.strip()
    if not hour.isascii() or not hour.isdigit() or len(hour) > 2 or int(hour) > 23:
        raise ConfigurationError(f"{hour!r} is no hour from 0 to 23; write an hour and a zone, like '7 Europe/Warsaw'")
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        said = f"{zone!r} is no zone" if zone else "the zone is missing"
        raise ConfigurationError(f"{said}; write an hour and a zone by its city, like '7 Europe/Warsaw'") from None
    return int(hour), zone


def zone_here() -> str:
    """The zone of this machine by its IANA name, else UTC."""
    try:
        name = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return "UTC"
    return name
