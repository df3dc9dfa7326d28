"""The time zone that a written date names: an offset, an abbreviation, an IANA or Windows name (pure).

Abbreviations are those of ``data/date_words.toml``; what has summer time is an IANA zone, so that its offset is that of
the day.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping
from datetime import timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.core import get_global

from pipeline.text.calendars import WORDS
from pipeline.text.folding import spelling


def _zones(table: Mapping[str, float | str]) -> dict[str, tzinfo]:
    return {
        spelling(name): ZoneInfo(zone) if isinstance(zone, str) else timezone(timedelta(hours=zone))
        for name, zone in table.items()
    }


_BY_NAME = _zones(WORDS["zones"])
_OF_LANGUAGE = {language: _zones(table) for language, table in WORDS["zones_of_language"].items()}
_MILITARY = _zones(WORDS["military"])
_OFFSET = re.compile(r"(?:gmt|utc|ut|z)?\s*(?P<sign>[+\-−])\s?(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?(?!\d)")
_IANA = re.compile(r"\b[a-z]+(?:/[a-z_-]+){1,2}\b")
_LONG = re.compile(r"\b(?P<place>[a-z][a-z .]*?) (?:standard |daylight |summer )?time\b")
_WORD = re.compile(r"[^\W\d_]+")


def zone(text: str, language: str | None = None, *, capitals: bool = False) -> tzinfo | None:
    """The zone named in what is left of a date string without its day and time; None where it names none.

    `text` is as `folding.spelling` makes it, `language` a primary subtag. `capitals`: the string ended in a single
    capital letter, which alone makes a letter a zone (A, M, N, Y); Z always is one.
    """
    if found := _OFFSET.search(text):
        hours, minutes = int(found["hours"]), int(found["minutes"] or 0)
        if hours > 15 or minutes > 59:
            return None
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(offset if found["sign"] == "+" else -offset)
    if "/" in text and (found := _IANA.search(text)) and (name := _iana().get(found[0])):
        return ZoneInfo(name)
    if "time" in text and (found := _LONG.search(text)) and (name := _long_name(found["place"].split())):
        return ZoneInfo(name)
    words = _WORD.findall(text)
    local = _OF_LANGUAGE.get(language or "", {})
    for word in reversed(words):
        if named := local.get(word) or _BY_NAME.get(word):
            return named
    return _MILITARY.get(words[-1]) if capitals and words else None


def is_zone(word: str) -> bool:
    """Whether a word is an abbreviation of a zone."""
    return word in _BY_NAME


@lru_cache(maxsize=1)
def _iana() -> dict[str, str]:
    return {spelling(name): name for name in zoneinfo.available_timezones()}


def _long_name(words: list[str]) -> str | None:
    """The zone of the place that the last of `words` name: Korea of "Wed Korea"."""
    return next((name for n in range(len(words)) if (name := _places().get(" ".join(words[n:])))), None)


@lru_cache(maxsize=1)
def _places() -> dict[str, str]:
    """``korea`` -> ``Asia/Seoul``: what Windows calls zones (CLDR's table of it), IANA's cities, what people say."""
    windows: Mapping[str, str] = get_global("windows_zone_mapping")
    named = {spelling(name).removesuffix(" standard time"): zone for name, zone in windows.items() if "Time" in name}
    cities = {name.rpartition("/")[2].replace("_", " "): zone for name, zone in _iana().items() if "/" in name}
    return {**cities, **named, **WORDS["zone_names"]}
