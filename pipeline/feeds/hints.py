"""What a feed says of when to come back and where it lives (pure)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline import urls
from pipeline.text import calendars

_PERIODS = {"hourly": 3_600.0, "daily": 86_400.0, "weekly": 604_800.0, "monthly": 2_592_000.0, "yearly": 31_536_000.0}
"""Seconds of each ``sy:updatePeriod`` (RSS 1.0 Syndication module)."""
MAX_TTL = 604_800.0
"""A week in seconds: longer wishes are mistakes (a ttl meant in seconds), and the poll bounds cut them anyway."""
_SKIP_HOURS = re.compile(r"<skipHours\b[^<>]*>", re.IGNORECASE)
_SKIP_DAYS = re.compile(r"<skipDays\b[^<>]*>", re.IGNORECASE)
_HOUR = re.compile(r"<hour\b[^<>]*>\s*(\d{1,2})\s*</hour", re.IGNORECASE)
_DAY = re.compile(r"<day\b[^<>]*>\s*(\w+)\s*</day", re.IGNORECASE)
_MAX_BLOCKS, _MAX_BLOCK = 10, 4_000  # lists of hours or days that are read, and characters of one


@dataclass(frozen=True, slots=True)
class Hints:
    """The fields of `ParsedFeed` by the same names."""

    ttl: float | None
    update_period: float | None
    skip_hours: frozenset[int]
    skip_days: frozenset[str]
    hub_url: str | None
    self_url: str | None
    new_url: str | None


def hints(text: str, head: Mapping[str, Any], url: str) -> Hints:
    """Read the hints of an XML feed; `text` because feedparser keeps only the last of ``skipHours``."""
    hours = {int(hour) % 24 for block in _blocks(_SKIP_HOURS, text) for hour in _HOUR.findall(block) if int(hour) <= 24}
    days = {day.title() for block in _blocks(_SKIP_DAYS, text) for day in _DAY.findall(block)} & {*calendars.weekdays()}
    skips_all = len(hours) == 24 or len(days) == 7  # a feed that is never to be read means something else
    return Hints(
        ttl=_ttl(head),
        update_period=_period(head),
        skip_hours=frozenset() if skips_all else frozenset(hours),
        skip_days=frozenset() if skips_all else frozenset(days),
        hub_url=_related(head, "hub", url),
        self_url=_related(head, "self", url),
        new_url=_moved(head, url),
    )


def _blocks(opening: re.Pattern[str], text: str) -> Iterator[str]:
    """What stands inside the first elements that `opening` opens, up to their ends."""
    for found in itertools.islice(opening.finditer(text), _MAX_BLOCKS):
        inside = text[found.end() : found.end() + _MAX_BLOCK]
        end = inside.lower().find("</skip")
        if end >= 0:
            yield inside[:end]


def _number(value: Any) -> float | None:
    found = re.fullmatch(r"\s*(\d{1,9}(?:\.\d+)?)\s*", str(value or ""))
    return float(found[1]) if found else None


def _ttl(head: Mapping[str, Any]) -> float | None:
    minutes = _number(dict.get(head, "ttl") if isinstance(head, dict) else None)
    return min(minutes * 60, MAX_TTL) if minutes else None


def _period(head: Mapping[str, Any]) -> float | None:
    period = _PERIODS.get(str(head.get("sy_updateperiod") or "").strip().lower())
    if period is None and not head.get("sy_updatefrequency"):
        return None
    frequency = _number(head.get("sy_updatefrequency")) or 1.0
    return (period or _PERIODS["daily"]) / max(frequency, 1.0)  # the module's default period is daily


def _related(head: Mapping[str, Any], relation: str, url: str) -> str | None:
    for link in head.get("links") or []:
        if link.get("rel") == relation and (found := urls.resolve(link.get("base") or url, link.get("href"))):
            return found
    return None


def _moved(head: Mapping[str, Any], url: str) -> str | None:
    """The new address a feed announces, if it can be one: an http(s) address other than where it stands.

    It may be of another domain, as podcasts move between hosts; whether the feed lives there is seen when it is asked.
    """
    announced = head.get("itunes_new-feed-url") or head.get("newlocation")
    found = urls.resolve(url, str(announced)) if announced else None
    if found is None or found == url or urls.safe_to_fetch(found) or urls.too_long(found):
        return None
    return found
