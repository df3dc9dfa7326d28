"""How much a failed poll counts, how long to leave the feed alone, and when to pause it (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

#: `HARD` will not mend itself soon, `SOFT` may, `PASSING` mostly does, `NONE` is no failure of the feed.
HARD, SOFT, PASSING, NONE = 1.0, 0.5, 0.25, 0.0
#: Weight of failures in a row, and how long they must have lasted, before a feed is paused.
PAUSE_WEIGHT, PAUSE_AFTER = 5.0, timedelta(hours=48)
#: How rarely a paused feed is asked, by how long it was paused: most that come back do so within days. In the first
#: week those that may return at any moment are asked more often (`COMEBACK`).
PAUSED = (
    (timedelta(days=7), timedelta(hours=4)),
    (timedelta(days=28), timedelta(days=1)),
    (timedelta.max, timedelta(days=7)),
)
#: A feed that may return at any moment is asked as often as when it was well, but not within these seconds: what it
#: shows on its return begins to scroll away at once. The note on failing feeds (docs/notes) has longer times.
COMEBACK = 1_500.0

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
    "worker-lost": PASSING,
    # A door that is closed to us, by a filter or a paywall's mistake, is opened again as often as not.
    "http-401": SOFT,
    "http-403": SOFT,
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

    Starts from the feed's own `interval`, or from the shortest one where the failure should pass by itself; at most
    `COMEBACK` or its own interval where the feed may return at any moment.
    """
    usual = max(interval, bounds.shortest)
    base = bounds.shortest if weight(reason) <= PASSING else usual
    factor: float = 2.0 ** min(failures, 20.0)
    longest = bounds.longest if weight(reason) >= HARD else COMEBACK
    return min(base * factor, max(longest, usual))


def must_pause(failures: float, lasting: timedelta) -> bool:
    """Whether a feed has failed heavily enough for long enough; a weekend's outage is not yet that."""
    return failures >= PAUSE_WEIGHT and lasting >= PAUSE_AFTER


def paused_wait(paused: timedelta, reason: str, interval: float) -> float:
    """Seconds until a feed that has been paused for `paused` is tried again; `interval` is its own of better days."""
    wait = next(wait for until, wait in PAUSED if paused <= until).total_seconds()
    if paused > PAUSED[0][0] or weight(reason) >= HARD:
        return wait
    return min(wait, max(interval, COMEBACK))
