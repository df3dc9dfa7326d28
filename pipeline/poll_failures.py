"""How much a failed poll counts, how long to leave the feed alone, and when to pause it (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

#: `HARD` will not mend itself soon, `SOFT` may, `PASSING` mostly does, `NONE` is no failure of the feed.
HARD, SOFT, PASSING, NONE = 1.0, 0.5, 0.25, 0.0
#: Weight of failures in a row, and how long they must have lasted, before a feed is paused.
PAUSE_WEIGHT, PAUSE_AFTER = 5.0, timedelta(hours=48)
#: How rarely a paused feed is asked, by how long it was paused: most that come back do so within days, and what they
#: publish after an outage scrolls away while nobody looks (docs/collection.md has the entries missed).
PAUSED = (
    (timedelta(days=7), timedelta(hours=4)),
    (timedelta(days=28), timedelta(days=1)),
    (timedelta.max, timedelta(days=7)),
)

_WEIGHTS = {
    "timeout-connect": PASSING,
    "timeout-read": PASSING,
    "timeout-total": PASSING,
    "disconnected": PASSING,
    "http-408": PASSING,
    "http-425": PASSING,
    "http-429": PASSING,
    "http-502": PASSING,
    "http-503": PASSING,
    "http-504": PASSING,
    "internal": PASSING,
    "dns": SOFT,
    "connect": SOFT,
    "protocol": SOFT,
    "bad-encoding": SOFT,
    "empty-body": SOFT,
    "malformed": SOFT,
    "silent-zero": SOFT,
    "not-captured": NONE,
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """Shortest and longest time between two polls of a healthy feed, seconds."""

    shortest: float = 300.0
    longest: float = 21_600.0


def weight(reason: str) -> float:
    """How much a failure counts, by its reason; what is not known by name is `HARD`, other 5xx `SOFT`."""
    if reason in _WEIGHTS:
        return _WEIGHTS[reason]
    return SOFT if reason.startswith(("http-5", "archive-")) else HARD


def backoff(reason: str, failures: float, interval: float, bounds: Bounds) -> float:
    """Seconds until the next try: doubled by each hard failure, at most the longest interval.

    Starts from the feed's own `interval`, or from the shortest one where the failure should pass by itself.
    """
    usual = max(interval, bounds.shortest)
    base = bounds.shortest if weight(reason) <= PASSING else usual
    factor: float = 2.0 ** min(failures, 20.0)
    return min(base * factor, max(bounds.longest, usual))


def must_pause(failures: float, lasting: timedelta) -> bool:
    """Whether a feed has failed heavily enough for long enough; a weekend's outage is not yet that."""
    return failures >= PAUSE_WEIGHT and lasting >= PAUSE_AFTER


def paused_wait(paused: timedelta) -> float:
    """Seconds until a feed that has been paused for `paused` is tried again."""
    return next(wait for until, wait in PAUSED if paused <= until).total_seconds()
