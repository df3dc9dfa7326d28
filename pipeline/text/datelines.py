"""What stands before the prose of a news text: datelines and credits, in the ways of many agencies (pure)."""

from __future__ import annotations

import re
from functools import lru_cache
from zoneinfo import available_timezones

import regex
from babel import Locale

from pipeline.text.phrases import any_of

_DASH = r"\s*[-–—]{1,2}"
_DAY = r"(?:\w+\.?\s+\d{1,2}|\d{1,2}\.?\s+\w+)"
_CAPITAL = "A-ZÀ-Þ"
_CAPITALS = "A-ZÀ-ÞА-ЯЁ"
# "SEOUL, 19. Juni (Nordwire) —", "Moskau, 19. Juni /Nordwire/ -", "МОСКВА, 19 июня. /Нордвайр/.",
# "BEIJING, June 19 The", "PYONGYANG —", "(서울=연합뉴스) 기자 이름 =", "【新华社平壤6月19日电】", the same unbracketed.
_DATELINE = re.compile(
    rf"[^\W\d_](?:[^.!?()—–]|(?<=\d)\.){{0,60}}\([^()]{{2,50}}\){_DASH}\s*"
    rf"|[{_CAPITALS}][{_CAPITALS} .'-]{{2,40}},\s+{_DAY}\.?\s*/[^/]{{2,30}}/\.?\s*(?:{_DASH}\s*)?"
    rf"|[^\W\d_][^.!?()—–]{{0,40}},\s+{_DAY}(?:\s*/[^/]{{2,30}}/)?\.?{_DASH}\s+"
    rf"|[{_CAPITAL}][{_CAPITAL} .'-]{{2,30}},\s+{_DAY}\s+(?=[{_CAPITAL}])"
    rf"|[{_CAPITALS}][{_CAPITALS} .,'-]{{2,40}}{_DASH}\s+"
    rf"|\([^()]{{0,30}}[=＝][^()]{{1,30}}\)\s*(?:[^=.!?]{{2,20}} (?:{any_of('reporter')})\s*=\s*)?"
    rf"|【[^【】]{{2,40}}】\s*|[^，。]{{2,20}}(?:{any_of('wired')})\s*"
)
_CREDIT = re.compile(
    rf"(?:{any_of('byline_opening')})\b[^.!?]{{0,80}}$"
    rf"|[^.!?]{{0,40}}\b(?:19|20)\d\d\b[^.!?]{{0,30}}$|[^.!?]{{2,30}} ?(?:{any_of('reporter')})[^.。]{{0,20}}$",
    re.IGNORECASE,
)
SIGNED = regex.compile(r"^[^\n.!?()]{0,80}\((?P<name>[\p{L}\p{N}][\p{L}\p{N}.&' -]{1,40})\)\s*-")
"""A dateline, as `folding.normalise` makes it, with the `name` that signs it: a place, perhaps a date, a name in
brackets, a dash. An unknown agency signs like a known one."""


def length(paragraph: str) -> int:
    """Length of the dateline that opens a paragraph ("SEOUL, June 19 (Nordwire) — "), 0 where there is none."""
    match = _DATELINE.match(paragraph)
    return match.end() if match else 0


_BARE = re.compile(rf"(?P<city>[{_CAPITAL}]{{3,20}}(?: [{_CAPITAL}]{{3,20}})?) (?=[{_CAPITAL}](?:[a-zà-þ]|\b))")


def city(paragraph: str) -> int:
    """Length of a city in capitals that alone opens a paragraph ("KYIV While"), 0 where there is none.

    The cities are those that Unicode's CLDR names for time zones, as an acronym looks the same.
    """
    match = _BARE.match(paragraph)
    return match.end() if match and match["city"] in _cities() else 0


@lru_cache(maxsize=1)
def _cities() -> frozenset[str]:
    named = {str(zone["city"]) for zone in Locale("en").time_zones.values() if "city" in zone}
    named |= {zone.rpartition("/")[2].replace("_", " ") for zone in available_timezones() if "/" in zone}
    return frozenset(name.upper() for name in named)


def is_credit(paragraph: str) -> bool:
    """Whether a paragraph is no prose but a byline or a line with the date."""
    return _CREDIT.match(paragraph) is not None
