"""Months, weekdays and eras as languages write them, and the calendars that are not Gregorian (pure).

The names come from CLDR (by babel); ``data/date_words.toml`` holds what feeds write and CLDR lacks. Words are given as
`folding.spelling` makes them, without full stops.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from babel import localedata

from pipeline.text.folding import spelling

# Locales of CLDR, most likely first: where two write one word for different months, the first has it (Polish listopada
# is November, Croatian is October), unless the language is known. Regions stand here that have names of their own.
LOCALES = (
    "en", "ru", "de", "fr", "es", "it", "pt", "pl", "uk", "nl", "tr", "ar", "fa", "zh", "zh_Hant", "ja", "ko", "cs",
    "sk", "hu", "ro", "el", "sv", "da", "no", "fi", "id", "vi", "th", "hi", "bn", "ur", "he", "bg", "sr", "mk", "be",
    "hr", "sl", "bs", "et", "lv", "lt", "ca", "sq", "ka", "hy", "az", "kk", "ms", "fil", "is", "ga", "ta", "te", "mr",
    "sr_Latn", "de_AT", "es_PE", "ar_SY", "ar_MA", "ar_DZ", "gl", "eu", "cy", "af", "sw", "ml", "pa", "gu", "kn", "si",
    "my", "km", "lo", "ne", "uz", "uz_Cyrl", "ky", "tk", "am", "so", "ps", "lb", "mt", "as", "or",
)  # fmt: skip
_ALIASES = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "tl": "fil"}

WORDS: Mapping[str, Any] = tomllib.loads((files("pipeline.text") / "data" / "date_words.toml").read_text("utf-8"))


def _numbered(table: Mapping[str, list[str]]) -> dict[str, int]:
    return {_bare(name): int(number) for number, names in table.items() for name in names}


def _bare(name: str) -> str:
    return spelling(name).replace(".", "")


_OWN = _numbered(WORDS["months"])
_JALALI = _numbered(WORDS["jalali_months"])
ERAS: Mapping[str, int] = {spelling(name): years for name, years in WORDS["eras"].items()}
"""Era as written -> the year before its first, in the Gregorian calendar."""


def month(word: str, language: str | None = None) -> int | None:
    """The number of the month that `word` names, first in `language` (a primary subtag); None where it names none."""
    own = _months(_ALIASES.get(language, language)) if language else {}
    return own.get(word) or _OWN.get(word) or _months("en").get(word) or _all_months().get(word)


def english_month(word: str) -> int | None:
    """`month` for a word of English alone; the other languages take a fifth of a second to load."""
    return _months("en").get(word)


def is_weekday(word: str) -> bool:
    """Whether `word` names a day of the week in any of the languages; some do and name a month too (mar, Tuesday)."""
    return word in _days("en") or word in _all_days()


def is_english_weekday(word: str) -> bool:
    """`is_weekday` for English alone."""
    return word in _days("en")


def jalali_month(word: str) -> int | None:
    """The number of the month of the Solar Hijri year that `word` names."""
    return _JALALI.get(word)


@lru_cache(maxsize=1)
def weekdays() -> tuple[str, ...]:
    """The English names of the days, Monday first, as RSS's ``skipDays`` writes them."""
    names = localedata.load("en", merge_inherited=False)["days"]["format"]["wide"]
    return tuple(str(names[number]) for number in range(7))


@lru_cache(maxsize=128)
def _months(locale: str) -> dict[str, int]:
    return _names(locale, "months") if locale in LOCALES else {}


@lru_cache(maxsize=128)
def _days(locale: str) -> frozenset[str]:
    return frozenset(_names(locale, "days"))


@lru_cache(maxsize=1)
def _all_months() -> dict[str, int]:
    return {name: number for locale in reversed(LOCALES) for name, number in _months(locale).items()}


@lru_cache(maxsize=1)
def _all_days() -> frozenset[str]:
    return frozenset().union(*map(_days, LOCALES))


def _names(locale: str, kind: str) -> dict[str, int]:
    """The names CLDR has of `kind` in one locale, full and abbreviated, within a date and alone."""
    found = localedata.load(locale, merge_inherited=False).get(kind, {})
    uses = [found.get(use, {}) for use in ("format", "stand-alone")]
    tables = [use.get(width, {}) for use in uses for width in ("wide", "abbreviated")]
    pairs = [(number, _bare(name)) for table in tables if isinstance(table, Mapping) for number, name in table.items()]
    # Catalan puts "de" into the name; Korean, Japanese and Vietnamese number the months, which the reader knows.
    return {name.removeprefix("de "): number for number, name in pairs if not any(map(str.isdigit, name))}


def gregorian(year: int, month: int, day: int) -> date:
    """The day whose year may be counted by the Buddhist era or the Solar Hijri calendar. Raises `ValueError`."""
    if 2400 < year < 2700:  # the Buddhist era, as Thai feeds write it
        return date(year - 543, month, day)
    if 1300 < year < 1500:  # the Solar Hijri year, written in numbers
        return jalali(year, month, day)
    return date(year, month, day)


def jalali(year: int, month: int, day: int) -> date:
    """Solar Hijri to Gregorian by the 33-year leap cycle, checked against the leap years 1370 to 1412.

    Raises `ValueError` where there is no such day.
    """
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise ValueError("no such day")
    days = 365 * year + (8 * year + 21) // 33 + day - 1
    days += (month - 1) * 31 if month <= 7 else (month - 1) * 30 + 6
    return date.fromordinal(days + 226_530)
