"""Which of three numbers of a written date is the day, which the month, and which the year (pure)."""

from __future__ import annotations

import re
from datetime import date, timedelta

from pipeline.text import calendars

_YEAR_FIRST = frozenset({"ja", "ko", "zh"})
_YEAR_FIRST_WITH_HYPHENS = _YEAR_FIRST | {"hu", "lt", "sv"}  # 24-06-19
_DAY_FIRST_WITH_HYPHENS = frozenset({"as", "fy", "nl"})  # whose short date is dd-mm-yy in CLDR


def day_of(found: re.Match[str], year: int, language: str = "") -> tuple[date, bool]:
    """The day of two numbers (groups a, b, joined by `mark`) and a year, and whether the two could change places.

    The month stands first where it must, or where `language` writes so with a slash (``en-us``). Raises `ValueError`
    where there is no such day.
    """
    a, b = int(found["a"]), int(found["b"])
    month_first = b > 12 or (a <= 12 and found["mark"] == "/" and language.startswith("en-us"))
    day, month = (b, a) if month_first else (a, b)
    return calendars.gregorian(year, month, day), a <= 12 and b <= 12 and a != b and found["mark"] != "."


def century(year: int) -> int:
    """The year that two digits stand for, from 1990 to 2089."""
    return year + (2000 if year < 90 else 1900)


def short_year_first(found: re.Match[str], tongue: str | None, near: date | None) -> bool:
    """Whether, of three numbers of two digits (groups a, b, c), the first is the year: 24-06-19.

    It is where the language `tongue` writes so. Joined by hyphens, which may stand in either order in the others, it is
    where that day is nearer to the day `near` and not after it.
    """
    if tongue in (_YEAR_FIRST_WITH_HYPHENS if found["mark"] == "-" else _YEAR_FIRST):
        return True
    numbers = found.group("a", "b", "c")
    if near is None or found["mark"] != "-" or tongue in _DAY_FIRST_WITH_HYPHENS or min(map(len, numbers)) < 2:
        return False
    a, b, c = map(int, numbers)
    first = _day(century(a), b, c)
    last = _day(century(c), b, a)
    latest = near + timedelta(days=1)  # the day is later farther east
    if first is None or first > latest:
        return False
    return last is None or last > latest or first > last


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
