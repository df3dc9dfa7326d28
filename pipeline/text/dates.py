"""Written dates: one reader for feeds, pages and lines of print, in many formats, languages and calendars (pure).

`read` takes a string that is a date, `days_in` finds dates in a line of text; `address_days` reads URLs. Which of
several dates counts is for the rooms that ask.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Literal

from pipeline.text import calendars, numeric_days, zones
from pipeline.text.folding import spelling
from pipeline.text.tags import primary

Rule = Literal["iso", "compact", "unix", "east-asian", "numeric", "month-name"]

_EAST_ASIAN_ZONE = timezone(timedelta(hours=9))  # Korea and Japan: one zone each, and their feeds rarely write it
_MINGUO = 1911  # Taiwan writes 113年 for 2024, and leaves out the era's name
_LONGEST = 120  # characters of a date with everything; more is prose
_SHORTENED = re.compile(r"['’](?=\d\d(?!\d))")  # 19/06/'24
_HALVES = {spelling(word): half for half, words in calendars.WORDS["halves"].items() for word in words}
_HALF = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, sorted(_HALVES, key=len, reverse=True)))})(?!\w)")


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date as read: the `moment` in UTC, the `local` time it was written in, and how sure its parts are.

    `precision` is ``day`` where no time was written: the moment is then midnight. `zoned` says whether a zone was
    written; without one it is UTC, or Korea's and Japan's. `ambiguous`: day and month could be the other way round.
    """

    moment: datetime
    local: datetime
    precision: Literal["day", "instant"]
    zoned: bool
    rule: Rule
    ambiguous: bool = False

    @property
    def day(self) -> date:
        """The day it names where it was written."""
        return self.local.date()

    @property
    def offset(self) -> int | None:
        """Minutes east of Greenwich of the zone that was written; None where none was."""
        shift = self.local.utcoffset() if self.zoned else None
        return None if shift is None else int(shift.total_seconds() // 60)


@dataclass(frozen=True, slots=True)
class DayInText:
    """A day that a line names, where in the line it begins and ends, and whether day and month could change places."""

    day: date
    start: int
    end: int
    ambiguous: bool


_ISO = re.compile(
    r"(?P<year>\d{4})-?(?P<month>\d{2})-?(?P<day>\d{2})"
    r"(?:(?:[t\s]+(?P<hour>\d{1,2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"|t(?P<bare>\d{2})(?=z|[+\-−]\d|$))\s*(?P<rest>\S.*)?)?"  # ISO 8601 may leave out the minutes: T14+00:00
)
_COMPACT = re.compile(
    r"(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])"
    r"(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?P<second>[0-5]\d)?"
)
_UNIX = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}")
_CJK = re.compile(
    r"(?P<year>\d{1,4}|元)\s*(?:\(\d{4}\)\s*)?[年년]\s*(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日일]?"
)
_VIETNAMESE = re.compile(r"(?P<day>\d{1,2})\s*(?:tháng|thg)\s*(?P<month>\d{1,2}),?\s*(?:năm\s*)?(?P<year>\d{4})")
_YEAR_FIRST = re.compile(r"(?<!\d)(?P<year>\d{4})\s?[./-]\s?(?P<month>\d{1,2})\s?[./-]\s?(?P<day>\d{1,2})(?!\d)\.?")
# 2024 06 19 and 19 06 2024, only where they open the string: elsewhere such numbers are others
_WITH_BLANKS = re.compile(
    r"(?P<year>(?:19|20)\d\d) (?P<month>0?[1-9]|1[0-2]) (?P<day>\d{1,2})(?![\d:])"
    r"|(?P<a>\d{1,2})(?P<mark> )(?P<b>\d{1,2}) (?P<last>(?:19|20)\d\d)(?![\d:])"
)
_YEAR_LAST = re.compile(r"(?<!\d)(?P<a>\d{1,2})\s?(?P<mark>[./-])\s?(?P<b>\d{1,2})\s?[./-]\s?(?P<year>\d{4})(?!\d)")
_SHORT_YEAR = re.compile(r"(?<![\d./:-])(?P<a>\d{1,2})(?P<mark>[./-])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{2})(?![\d./:-])")
_TIME = re.compile(
    r"(?<![\d:.])(?P<hour>\d{1,2})\s?(?:[:時时点시]|h(?![^\W\d_])|\.(?=[0-5]\d(?:\.[0-5]\d)?(?!\.?\d))|uhr)\s?"
    r"(?:(?P<minute>\d{1,2})\s?[분分]?(?:[:.\s]?\s?(?P<second>\d{2})(?:[.,]\d+)?\s?[초秒]?(?![\d:]))?)?(?!\d)"
)
_BARE_HOUR = re.compile(r"(?<!\d)(?P<hour>1[0-2]|0?[1-9])\s?(?=[ap]\.?m\b)")
# Signs that stand on letters and belong to their word: accents, vowel signs of the scripts of Asia.
_MARKS = "".join(chr(code) for code in range(0x300, 0x1B00) if unicodedata.category(chr(code)) in ("Mn", "Mc"))
_WORD = rf"[^\W\d_]+(?:[{_MARKS}]+[^\W\d_]*)*"
_NAME = re.compile(rf"(?P<number>1[0-2]|0?[1-9])\s?[月월](?!요)|{_WORD}")
_NUMBER = re.compile(r"(?<![\d:+])\d{1,4}(?![\d:])")
_ORDINAL = re.compile(r"(?<=\d)(st|nd|rd|th|er|º|ª|e)(?=[\s,.])")
_FULL_STOP = re.compile(r"(?<!\d)\.|\.(?!\d)")
_KOREAN_OR_JAPANESE = re.compile(r"[년월일오초\u3040-\u30ff]|令和|平成")


def read(text: str, language: str | None = None, near: date | None = None) -> WrittenDate | None:
    """Read a string that is one date; None where it is none, lacks a year or names a day that there is not.

    Without a zone UTC is assumed, but a time of day in Korean or Japanese writing, or in one of those two languages,
    is theirs (+09:00). `language` (BCP 47) also says whose CST, IST or listopad is meant, and settles 6/7/2024: month
    first for ``en-us`` only. `near` is the day on which the string was seen, and settles 24-06-19, whose year may stand
    first or last: of both readings the one that is no later and nearer to it counts.
    """
    plain = spelling(text).strip().strip(".,;|·").strip()
    plain = _SHORTENED.sub("", plain) if "'" in plain or "’" in plain else plain
    if not plain or len(plain) > _LONGEST or not any(char.isdigit() for char in plain):
        return None
    if not plain.isascii():
        plain = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in plain)
    capitals = text.rstrip()[-1:].isupper() and text.rstrip()[-2:-1].isspace()
    try:
        return _read(" ".join(plain.split()), (language or "").lower(), capitals, near)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=4096)
def _read(text: str, language: str, capitals: bool, near: date | None) -> WrittenDate | None:
    tongue = primary(language)
    if found := _ISO.fullmatch(text):
        day = calendars.gregorian(int(found["year"]), int(found["month"]), int(found["day"]))
        if not (hour := found["hour"] or found["bare"]):
            return _written(day, None, None, "iso", text, tongue)
        clock = (int(hour), int(found["minute"] or 0), int(found["second"] or 0))
        clock, rest = _by_half(clock, found["rest"] or "")
        return _written(day, clock, zones.zone(rest, tongue, capitals=capitals), "iso", text, tongue)
    if found := _COMPACT.fullmatch(text):
        clock = (int(found["hour"]), int(found["minute"]), int(found["second"] or 0))
        return _written(date(*map(int, found.group("year", "month", "day"))), clock, None, "compact", text, tongue)
    if _UNIX.fullmatch(text):
        seconds = float(text) / (1000 if len(text.partition(".")[0]) > 10 else 1)
        moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=0)
        return WrittenDate(moment, moment, "instant", True, "unix")
    calendar_day = _calendar_day(_ORDINAL.sub("", text), language, tongue, near)
    if calendar_day is None:
        return None
    day, rest, ambiguous, rule = calendar_day
    time, rest = _time(rest)
    return _written(day, time, zones.zone(rest, tongue, capitals=capitals), rule, text, tongue, ambiguous)


def _calendar_day(
    text: str, language: str, tongue: str | None, near: date | None
) -> tuple[date, str, bool, Rule] | None:
    """The day in `text`, the text without it, whether day and month could change places, and how it was written."""
    for pattern in (_CJK, _VIETNAMESE, _YEAR_FIRST):
        if found := pattern.search(text):
            year = _year(found, text, short=tongue != "ja")  # Japan's 6年 is of an era that goes without saying
            day = calendars.gregorian(year, int(found["month"]), int(found["day"]))
            return day, _without(text, found), False, "numeric" if pattern is _YEAR_FIRST else "east-asian"
    if found := _WITH_BLANKS.match(text):
        day, ambiguous = (
            (date(*map(int, found.group("year", "month", "day"))), False)
            if found["year"]
            else numeric_days.day_of(found, int(found["last"]), language)
        )
        return day, _without(text, found), ambiguous, "numeric"
    if found := _YEAR_LAST.search(text):
        day, ambiguous = numeric_days.day_of(found, int(found["year"]), language)
        return day, _without(text, found), ambiguous, "numeric"
    if named := _named_day(text, tongue):
        return *named, False, "month-name"
    if found := _SHORT_YEAR.search(text):
        if numeric_days.short_year_first(found, tongue, near):
            day, ambiguous = date(numeric_days.century(int(found["a"])), int(found["b"]), int(found["c"])), False
        else:
            day, ambiguous = numeric_days.day_of(found, numeric_days.century(int(found["c"])), language)
        return day, _without(text, found), ambiguous, "numeric"
    return None


def _year(found: re.Match[str], text: str, *, short: bool = False) -> int:
    """The year as written, or counted from the era before it, or from Minguo's; two digits are of this century where
    years may be `short`."""
    year = 1 if found["year"] == "元" else int(found["year"])
    era = next((years for era, years in calendars.ERAS.items() if era in text[: found.start()]), None)
    if era is not None or year > 199 or found["year"] == "元":
        return year + (era or 0)
    if year > 99:
        return year + _MINGUO
    if not short:
        raise ValueError("a year of an era that goes without saying")
    return numeric_days.century(year)


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


def _named_day(text: str, tongue: str | None) -> tuple[date, str] | None:
    bare = _FULL_STOP.sub("", text) if "." in text else text
    names = list(_NAME.finditer(bare))
    for found, number in _months_among(names, bare, tongue):
        if read := _around(bare, found):
            day, year, rest = read
            return calendars.gregorian(year, number, day), rest
    for found in names:
        jalali = calendars.jalali_month(found[0])
        if jalali is not None and (read := _around(bare, found)):
            day, year, rest = read
            return calendars.jalali(year, jalali, day), rest
    return None


def _months_among(names: list[re.Match[str]], text: str, tongue: str | None) -> list[tuple[re.Match[str], int]]:
    """The words that name months, in order. A word that names a weekday too gives way to one that does not.

    Most dates are English: the names of other languages are asked only where a word is left that English lacks.
    """
    english = [(found, month) for found in names if (month := calendars.english_month(found[0]))]
    if tongue in (None, "en") and len(english) == 1 and all(_is_english(found) for found in names):
        return english
    found_months = []
    for found in names:
        number = int(found["number"]) if found["number"] else calendars.month(found[0], tongue)
        if number is None and not found[0].isascii():  # كانون الثاني: two words
            number = calendars.month(" ".join(text[found.start() :].split()[:2]), tongue)
        if number is not None:
            found_months.append((found, number))
    only = [(found, number) for found, number in found_months if not calendars.is_weekday(found[0])]
    return only or found_months


def _is_english(found: re.Match[str]) -> bool:
    word = found[0]
    return (
        calendars.english_month(word) is not None
        or calendars.is_english_weekday(word)
        or zones.is_zone(word)
        or word in _HALVES
        or word == "t"
    )


def _around(text: str, month: re.Match[str]) -> tuple[int, int, str] | None:
    """Day and year beside a month's name, in whichever order, and the text without the three."""
    era = next((years for name, years in calendars.ERAS.items() if name in text), 0)
    clock = _TIME.search(text)
    numbers = [n for n in _NUMBER.finditer(text) if clock is None or not clock.start() <= n.start() < clock.end()]
    numbers = [n for n in numbers if n.start() == 0 or text[n.start() - 1] not in "+−" or n.end() - n.start() < 3]
    before = [n for n in numbers if n.end() <= month.start()]
    after = [n for n in numbers if n.start() >= month.end()]
    if before and after and len(before[-1][0]) == 4:  # 2024 Jun 19
        year, day = before[-1], after[0]
    elif before and after:  # 19 Jun 2024
        day, year = before[-1], after[0]
    elif len(after) >= 2:  # Jun 19, 2024 or, from ctime, Jun 19 15:04:05 2024
        day, year = after[0], next((n for n in after[1:] if len(n[0]) == 4), after[1])
    elif len(before) >= 2 and len(before[-2][0]) == 4:
        year, day = before[-2], before[-1]
    else:
        return None
    number = int(year[0])
    if len(year[0]) <= 2 and not era:
        number = numeric_days.century(number)
    rest = text
    for piece in sorted((day, year, month), key=lambda m: -m.start()):
        rest = _without(rest, piece)
    return int(day[0]), number + era, rest


def _time(text: str) -> tuple[tuple[int, int, int] | None, str]:
    found = _TIME.search(text) or _BARE_HOUR.search(text)
    if found is None:
        return None, text
    parts = found.groupdict()
    clock = (int(parts["hour"]), int(parts.get("minute") or 0), int(parts.get("second") or 0))
    return _by_half(clock, _without(text, found))


def _by_half(clock: tuple[int, int, int], rest: str) -> tuple[tuple[int, int, int], str]:
    """The time on the clock of 24 hours, by the half of the day that the `rest` of the string names, and the rest."""
    named = _HALF.search(" ".join(rest.replace(".", " ").split())) if rest else None
    if named is None or clock[0] > 12:
        return clock, rest
    hour = clock[0] % 12 + (12 if _HALVES[named[1]] == "pm" else 0)
    return (hour, *clock[1:]), re.sub(r"\b[ap]\.?\s?m\b\.?", " ", rest)


def _written(
    day: date,
    time: tuple[int, int, int] | None,
    zone: tzinfo | None,
    rule: Rule,
    text: str,
    tongue: str | None,
    ambiguous: bool = False,
) -> WrittenDate:
    hour, minute, second = time or (0, 0, 0)
    carry = timedelta(days=1) if hour == 24 else timedelta(0)  # 24:00 ends a day, and 60 a leap second's minute
    local = datetime(day.year, day.month, day.day, hour % 24, minute, min(second, 59)) + carry
    assumed: tzinfo = UTC
    if time is not None and (tongue in ("ko", "ja") or _KOREAN_OR_JAPANESE.search(text)):
        assumed = _EAST_ASIAN_ZONE
    local = local.replace(tzinfo=zone or assumed)
    precision: Literal["day", "instant"] = "day" if time is None else "instant"
    return WrittenDate(local.astimezone(UTC), local, precision, zone is not None, rule, ambiguous)


# --- days within a line ------------------------------------------------------------------------------------

_DAY_MONTH_YEAR = re.compile(
    rf"(?<![\d.])(?P<day>\d\d?)(?:st|nd|rd|th|er|\.|º)?\s?(?:de\s)?(?P<month>{_WORD})\.?,?\s?(?:de\s)?(?P<year>\d{{4}})(?!\d)"
)
_MONTH_DAY_YEAR = re.compile(
    rf"(?<!\w)(?P<month>{_WORD})\.?\s(?P<day>\d\d?)(?:st|nd|rd|th)?,?\s(?P<year>\d{{4}})(?!\d)"
)
_SHORT_AT_END = re.compile(r"(?<![\d.])(?P<a>\d\d?)(?P<mark>[./-])(?P<b>\d\d?)(?P=mark)(?P<c>\d\d)(?=[\s,|)]|$)")
_IN_LINES = (_CJK, _YEAR_FIRST, _YEAR_LAST, _DAY_MONTH_YEAR, _MONTH_DAY_YEAR, _SHORT_AT_END)
_DAY_AND_YEAR = re.compile(r"\d(?:st|nd|rd|th)?,?\s\d{4}")  # without one, no month stands before its day
_CENTURIES = range(1900, 2100)  # other years are numbers of other things


def days_in(line: str, language: str | None = None) -> Iterator[DayInText]:
    """The days written in a line of text, in order; their places are those in what `folding.spelling` makes of it."""
    line = spelling(line)
    patterns = (pattern for pattern in _IN_LINES if _may_stand(pattern, line))
    matches = sorted((m for pattern in patterns for m in pattern.finditer(line)), key=lambda m: (m.start(), -m.end()))
    end = 0
    for found in matches:
        if found.start() < end:
            continue
        try:
            day, ambiguous = _day_in(found, line, primary(language))
        except ValueError:
            continue
        if day is not None and day.year in _CENTURIES:
            yield DayInText(day, found.start(), found.end(), ambiguous)
            end = found.end()


def _may_stand(pattern: re.Pattern[str], line: str) -> bool:
    """Whether what a slow pattern must have stands in a line, which is soon told: a line may be a whole page."""
    if pattern is _CJK:
        return "年" in line or "년" in line
    return pattern is not _MONTH_DAY_YEAR or _DAY_AND_YEAR.search(line) is not None


def _day_in(found: re.Match[str], line: str, tongue: str | None) -> tuple[date | None, bool]:
    if found.re in (_CJK, _YEAR_FIRST):
        return calendars.gregorian(_year(found, line), int(found["month"]), int(found["day"])), False
    if found.re is _YEAR_LAST:
        return numeric_days.day_of(found, int(found["year"]))
    if found.re is _SHORT_AT_END:
        return numeric_days.day_of(found, numeric_days.century(int(found["c"])))
    year, day = int(found["year"]), int(found["day"])
    if number := calendars.month(found["month"], tongue):
        return calendars.gregorian(year, number, day), False
    jalali = calendars.jalali_month(found["month"])
    return (calendars.jalali(year, jalali, day) if jalali else None), False
