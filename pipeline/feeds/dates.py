"""Dates as feeds write them: many formats, languages and calendars, and what to do where one cannot be right (pure).

Numbers and month names are read by our own table (``data/date_words.toml``): the languages of the first topic and
their neighbours, about 25. dateparser, some hundred times slower, is asked last, for other languages only.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
import warnings
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from importlib.resources import files

FUTURE_BOUND = timedelta(hours=26)
"""How far ahead of the clock a date may stand: a local time mislabelled as UTC is at most 14 hours ahead, a date
without a time that names tomorrow in the easternmost zone 24 at noon; two hours are for clocks."""
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Nothing on the Web was published before; older dates are the zero of some clock (1970, 1904, 1900, 1601, 1)."""
_AHEAD = timedelta(minutes=30)  # a feed's clock may run ahead; more is worth a note on the row

_WORDS = tomllib.loads((files("pipeline.text") / "data" / "date_words.toml").read_text("utf-8"))
_OTHER_LANGUAGES = [
    "bg",
    "hr",
    "sr",
    "sl",
    "mk",
    "sq",
    "he",
    "hi",
    "bn",
    "ur",
    "ka",
    "hy",
    "az",
    "kk",
    "lt",
    "lv",
    "et",
]
_EAST_ASIAN_ZONE = timezone(timedelta(hours=9))  # Korea and Japan: one zone each, and their feeds rarely write it


def _plain(word: str) -> str:
    """Case and composition folded, as every comparison here needs (a dotted capital I has two lower-case spellings)."""
    return unicodedata.normalize("NFKC", word).casefold()


_MONTHS = {_plain(name): int(number) for number, names in _WORDS["months"].items() for name in names}
_JALALI = {_plain(name): int(number) for number, names in _WORDS["jalali_months"].items() for name in names}
_ZONES = {_plain(name): float(hours) for name, hours in _WORDS["zones"].items()}
_ERAS: dict[str, int] = {_plain(name): years for name, years in _WORDS["eras"].items()}
_HALVES = {_plain(word): half for half, words in _WORDS["halves"].items() for word in words}
_HALF = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, sorted(_HALVES, key=len, reverse=True)))})(?!\w)")


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """A date as read: `moment` in UTC, and which parts had to be assumed."""

    moment: datetime
    has_zone: bool
    has_time: bool
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class PublishedDate:
    """The decision on an entry: `published` (None: the first sighting stands in), its `rule`, `problems` by code."""

    published: datetime | None
    updated: datetime | None
    rule: str
    problems: tuple[str, ...]


# --- reading one string -----------------------------------------------------------------------------------

_ISO = re.compile(
    r"(?P<year>\d{4})-?(?P<month>\d{2})-?(?P<day>\d{2})"
    r"(?:[t\s]+(?P<hour>\d{1,2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<zone>\S.*)?)?"
)
_CJK = re.compile(r"(?P<year>\d{1,4}|元)\s*[年년]\s*(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日일]?")
_YEAR_FIRST = re.compile(r"(?<!\d)(?P<year>\d{4})\s?[./-]\s?(?P<month>\d{1,2})\s?[./-]\s?(?P<day>\d{1,2})(?!\d)\.?")
_YEAR_LAST = re.compile(r"(?<!\d)(?P<a>\d{1,2})\s?(?P<mark>[./-])\s?(?P<b>\d{1,2})\s?[./-]\s?(?P<year>\d{4})(?!\d)")
_VIETNAMESE = re.compile(r"(?P<day>\d{1,2})\s*tháng\s*(?P<month>\d{1,2}),?\s*(?:năm\s*)?(?P<year>\d{4})")
_TIME = re.compile(
    r"(?<![\d:.])(?P<hour>\d{1,2})\s?(?:[:時时点시]|h(?![^\W\d_])|\.(?=\d\d\s?uhr)|uhr)\s?(?:(?P<minute>\d{1,2})\s?[분分]?(?:[:\s]?\s?(?P<second>\d{2})"
    r"(?:[.,]\d+)?\s?[초秒]?(?![\d:]))?)?(?!\d)"
)
_BARE_HOUR = re.compile(r"(?<!\d)(?P<hour>1[0-2]|0?[1-9])\s?(?=[ap]\.?m\b)")
_OFFSET = re.compile(r"(?:gmt|utc|ut|z)?\s*(?P<sign>[+\-−])\s?(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?(?!\d)")
_NAME = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f\u0e31-\u0e4e\u0900-\u0903\u093a-\u094f]+[^\W\d_]*)*")
_NUMBER = re.compile(r"(?<![\d:+])\d{1,4}(?![\d:])")
_UNIX = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}")
_KOREAN_OR_JAPANESE = re.compile(r"[년월일오초\u3040-\u30ff]|令和|平成")


def parse_date(raw: str, language: str | None = None, *, patient: bool = True) -> ParsedDate | None:
    """Read one date string; None where it is no date.

    Without a zone UTC is assumed, but a time of day in Korean or Japanese writing, or in a feed of one of those two
    languages, is theirs (+09:00). `language` (BCP 47) also settles 6/7/2024: month first for ``en-us`` only.
    `patient` asks dateparser last, up to a tenth of a second for a string that is no date.
    """
    text = _plain(raw).strip().strip(".,;|·").strip()
    if not text or len(text) > 120 or not any(char.isdigit() for char in text):
        return None
    if not text.isascii():
        text = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in text)
    text = " ".join(text.split())
    try:
        return _parse(text, (language or "").lower(), patient)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=4096)
def _parse(text: str, language: str, patient: bool) -> ParsedDate | None:
    if found := _ISO.fullmatch(text):
        day = _day(int(found["year"]), int(found["month"]), int(found["day"]))
        time = (int(found["hour"]), int(found["minute"]), int(found["second"] or 0)) if found["hour"] else None
        return _moment(day, time, _zone(found["zone"] or ""), text, language)
    if _UNIX.fullmatch(text):
        seconds = float(text) / (1000 if len(text.partition(".")[0]) > 10 else 1)
        return ParsedDate(datetime.fromtimestamp(seconds, UTC).replace(microsecond=0), True, True)
    text = re.sub(r"(?<=\d)(st|nd|rd|th|er|º|ª|e)(?=[\s,.])", "", text)
    read = _calendar_day(text, language)
    if read is None:
        return _last_resort(text, language) if patient else None
    day, rest, ambiguous = read
    time, rest = _time(rest)
    return _moment(day, time, _zone(rest), text, language, ambiguous)


def _calendar_day(text: str, language: str) -> tuple[date, str, bool] | None:
    """The day in `text`, the text without it, and whether day and month could be the other way round."""
    for pattern in (_CJK, _VIETNAMESE, _YEAR_FIRST):
        if found := pattern.search(text):
            year = 1 if found["year"] == "元" else int(found["year"])
            era = next((era for era in _ERAS if era in text[: found.start()]), None)
            year = year + _ERAS[era] if era else year
            return _day(year, int(found["month"]), int(found["day"])), _without(text, found), False
    if found := _YEAR_LAST.search(text):
        a, b, year = int(found["a"]), int(found["b"]), int(found["year"])
        month_first = b > 12 or (a <= 12 and found["mark"] == "/" and language.startswith("en-us"))
        day, month = (b, a) if month_first else (a, b)
        return _day(year, month, day), _without(text, found), a <= 12 and b <= 12 and a != b and found["mark"] != "."
    return _named_day(text)


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


def _named_day(text: str) -> tuple[date, str, bool] | None:
    bare = text.replace(".", "") if "." in text and not re.search(r"\d\.\d", text) else text
    for months, jalali in ((_MONTHS, False), (_JALALI, True)):
        for found in _NAME.finditer(bare):
            month = months.get(found[0])
            if month is None and not found[0].isascii():  # كانون الثاني: two words
                month = months.get(" ".join(bare[found.start() :].split()[:2]))
            if month is None:
                continue
            read = _around(bare, found)
            if read is not None:
                day, year, rest = read
                return (_jalali(year, month, day) if jalali else _day(year, month, day)), rest, False
    return None


def _around(text: str, month: re.Match[str]) -> tuple[int, int, str] | None:
    """Day and year beside a month's name, in whichever order, and the text without the three."""
    era = next((years for name, years in _ERAS.items() if name in text), 0)
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
        number += 2000 if number < 90 else 1900
    rest = text
    for piece in sorted((day, year, month), key=lambda m: -m.start()):
        rest = _without(rest, piece)
    return int(day[0]), number + era, rest


def _day(year: int, month: int, day: int) -> date:
    if 2400 < year < 2700:  # the Buddhist era, as Thai feeds write it
        year -= 543
    elif 1300 < year < 1500:  # the Solar Hijri year, written in numbers
        return _jalali(year, month, day)
    return date(year, month, day)


def _jalali(year: int, month: int, day: int) -> date:
    """Solar Hijri to Gregorian by the 33-year leap cycle, checked against the leap years 1370 to 1412."""
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise ValueError("no such day")
    days = 365 * year + (8 * year + 21) // 33 + day - 1
    days += (month - 1) * 31 if month <= 7 else (month - 1) * 30 + 6
    return date.fromordinal(days + 226_530)


def _time(text: str) -> tuple[tuple[int, int, int] | None, str]:
    found = _TIME.search(text) or _BARE_HOUR.search(text)
    if found is None:
        return None, text
    parts = found.groupdict()
    hour, minute, second = int(parts["hour"]), int(parts.get("minute") or 0), int(parts.get("second") or 0)
    rest = _without(text, found)
    words = " ".join(rest.replace(".", " ").split())
    named = _HALF.search(words)
    half = _HALVES[named[1]] if named else None
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
        rest = re.sub(r"\b[ap]\.?\s?m\b\.?", " ", rest)
    return (hour, minute, second), rest


def _zone(text: str) -> timezone | None:
    """The zone named in what is left of a date string; None where there is none."""
    if found := _OFFSET.search(text):
        hours, minutes = int(found["hours"]), int(found["minutes"] or 0)
        if hours > 15 or minutes > 59:
            return None
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(offset if found["sign"] == "+" else -offset)
    words = re.findall(r"[^\W\d_]+", text)
    for word in reversed(words):
        if word in _ZONES:
            return timezone(timedelta(hours=_ZONES[word]))
    return None


def _moment(
    day: date,
    time: tuple[int, int, int] | None,
    zone: timezone | None,
    text: str,
    language: str,
    ambiguous: bool = False,
) -> ParsedDate:
    hour, minute, second = time or (0, 0, 0)
    carry = timedelta(days=1) if hour == 24 else timedelta(0)  # 24:00 ends a day, and 60 a leap second's minute
    local = datetime(day.year, day.month, day.day, hour % 24, minute, min(second, 59))
    if time is None:
        return ParsedDate(local.replace(tzinfo=zone or UTC).astimezone(UTC), zone is not None, False, ambiguous)
    if zone is None and (language[:2] in ("ko", "ja") or _KOREAN_OR_JAPANESE.search(text)):
        return ParsedDate((local + carry).replace(tzinfo=_EAST_ASIAN_ZONE).astimezone(UTC), False, True, ambiguous)
    return ParsedDate((local + carry).replace(tzinfo=zone or UTC).astimezone(UTC), zone is not None, True, ambiguous)


def _last_resort(text: str, language: str) -> ParsedDate | None:
    if len(text) > 60 or not re.search(r"\d{4}", text):
        return None  # without a year dateparser would take today's, and a guess is worse than the first sighting
    import dateparser  # it loads every language's data, a second and 60 MB that most runs never need

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of its own dependencies' deprecations
        primary = language.split("-")[0]
        found = dateparser.parse(
            text,
            languages=[primary] if primary in _OTHER_LANGUAGES else _OTHER_LANGUAGES,
            settings={"PARSERS": ["absolute-time"], "REQUIRE_PARTS": ["day", "month", "year"]},
        )
    if found is None:
        return None
    zoned = found.tzinfo is not None
    return ParsedDate((found if zoned else found.replace(tzinfo=UTC)).astimezone(UTC), zoned, True)


# --- deciding on an entry ---------------------------------------------------------------------------------

_URL_DAY = re.compile(
    r"/(?P<year>20[0-4]\d)[/-]?(?P<month>0[1-9]|1[0-2])[/-]?(?P<day>0[1-9]|[12]\d|3[01])(?=[/_-]|\d{2,}|$)"
)


def day_in_url(url: str | None) -> datetime | None:
    """The day that many outlets put into an article's path (``/2024/06/19/``), at midnight UTC."""
    found = _URL_DAY.search(url or "")
    if not found:
        return None
    try:
        return datetime(int(found["year"]), int(found["month"]), int(found["day"]), tzinfo=UTC)
    except ValueError:
        return None


def decide(
    published: str | None,
    updated: str | None,
    url: str | None,
    now: datetime,
    language: str | None = None,
    *,
    patient: bool = True,
) -> PublishedDate:
    """Which date an entry was published on, from its strings, and why.

    The published date if it can be right, else the updated date (``updated``), else the day in the address
    (``url``). Where none can be right, None with the fault of the published string: ``future`` (beyond
    `FUTURE_BOUND`), ``epoch`` (before `EARLIEST`), ``unparsable`` or ``missing``.
    """
    problems: list[str] = []
    first, fault = _checked(published, now, language, patient, problems)
    second, second_fault = _checked(updated, now, language, patient, problems)
    if first is not None:
        rule, chosen = "published", first
    elif second is not None:
        rule, chosen = "updated", second
    else:
        in_url = day_in_url(url)
        if in_url is not None and in_url <= now + FUTURE_BOUND:
            rule, chosen = "url", in_url
            problems.append("date-only")
        else:
            return PublishedDate(None, None, fault or second_fault or "missing", tuple(dict.fromkeys(problems)))
    if chosen > now + _AHEAD:
        problems.append("ahead-of-clock")
    return PublishedDate(chosen, second, rule, tuple(dict.fromkeys(problems)))


def _checked(
    raw: str | None, now: datetime, language: str | None, patient: bool, problems: list[str]
) -> tuple[datetime | None, str | None]:
    if not raw or not raw.strip():
        return None, None
    read = parse_date(raw, language, patient=patient)
    fault = _fault(read, now)
    if fault is not None or read is None:
        problems.append(f"{fault}-date" if fault != "unparsable" else "bad-date")
        return None, fault
    if not read.has_time:
        problems.append("date-only")
    if not read.has_zone:
        problems.append("no-zone")
    if read.ambiguous:
        problems.append("ambiguous-date")
    return read.moment, None


def _fault(read: ParsedDate | None, now: datetime) -> str | None:
    if read is None:
        return "unparsable"
    if read.moment > now + FUTURE_BOUND:
        return "future"
    return "epoch" if read.moment < EARLIEST else None
