"""What a feed and its server say about how often they want to be asked (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.models import ParsedFeed
from pipeline.text import calendars
from pipeline.text.http_dates import parse_http_date

_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_HOURS_AHEAD = 8 * 24
LONGEST_SKIP = timedelta(hours=_HOURS_AHEAD)
"""Furthest that skipped hours and days move a poll."""


@dataclass(frozen=True, slots=True)
class UpdateHints:
    """`fresh_for` is what HTTP says the answer stays fresh, `period` what the feed asks for, both seconds.

    `skip_hours` are UTC hours 0-23, `skip_days` English weekday names, as in `ParsedFeed`.
    """

    fresh_for: float = 0.0
    period: float = 0.0
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[str] = frozenset()


def update_hints(headers: Mapping[str, str], feed: ParsedFeed | None, now: datetime) -> UpdateHints:
    """Hints of one answer; `headers` have lower-case names, `feed` is None where there was no document to read."""
    fresh = fresh_for(headers, now)
    if feed is None:
        return UpdateHints(fresh)
    return UpdateHints(fresh, max(feed.ttl or 0.0, feed.update_period or 0.0), feed.skip_hours, feed.skip_days)


def fresh_for(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds for which an answer stays fresh: Cache-Control max-age less Age, else Expires less Date (RFC 9111).

    0 where the server forbids keeping it or says nothing.
    """
    control = headers.get("cache-control", "").lower()
    if "no-cache" in control or "no-store" in control:
        return 0.0
    found = _MAX_AGE.search(control)
    if found is not None:
        age = headers.get("age", "").strip()
        return max(float(found[1]) - (float(age[:9]) if age.isdigit() else 0.0), 0.0)
    expires = parse_http_date(headers.get("expires"))
    if expires is None:
        return 0.0
    answered = parse_http_date(headers.get("date")) or now
    return max((expires - answered).total_seconds(), 0.0)


def outside_skipped(moment: datetime, hints: UpdateHints) -> datetime:
    """The first moment at or after `moment` that no skipHours or skipDays rules out.

    A feed that rules out everything for more than a week means something else, and `moment` comes back.
    """
    if not hints.skip_hours and not hints.skip_days:
        return moment
    candidate = moment
    for _ in range(_HOURS_AHEAD):
        if candidate.hour not in hints.skip_hours and calendars.weekdays()[candidate.weekday()] not in hints.skip_days:
            return candidate
        candidate = candidate.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return moment
