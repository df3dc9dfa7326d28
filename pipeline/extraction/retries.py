"""What to do about a page that could not be had: try again and when, or take the feed's own text. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

MAX_ATTEMPTS = 4
# Until the third look, 15 minutes, an hour, four hours: a site that is down comes back within a working shift.
_BACKOFF = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4))
_LONGEST_ASKED = timedelta(days=1)  # what a host may ask for
LONGEST_WAIT = max(*_BACKOFF, _LONGEST_ASKED)
"""No page waits longer for its next try."""
_PASSING = frozenset(
    {"dns", "connect", "timeout-connect", "timeout-read", "timeout-total", "disconnected", "not-captured", "tls"}
    | {"worker-lost"}  # killed for want of memory, which others may have used
    | {"http-408", "http-425", "http-429", "http-500", "http-502", "http-503", "http-504", "archive-503", "archive-504"}
)
# Hours after publication at which an article is looked at again: most corrections come on the first day.
_LOOKS = (1.0, 4.0, 12.0, 24.0)


def next_try(reason: str, attempts: int, retry_after: float | None, now: datetime) -> datetime | None:
    """When to ask for a page again; None where that is pointless and the feed's own text should stand in.

    `reason` is the code of the client or of the extraction pool, `attempts` how often the page was asked for, this time
    included, `retry_after` the seconds the host asked for.
    """
    if reason not in _PASSING or attempts >= MAX_ATTEMPTS:
        return None
    wait = _BACKOFF[min(attempts, len(_BACKOFF)) - 1]
    return now + max(wait, timedelta(seconds=min(retry_after or 0.0, _LONGEST_ASKED.total_seconds())))


def next_turn(reason: str, waiting_since: datetime, retry_after: float | None, now: datetime) -> datetime | None:
    """When to ask for a page that was not asked for, though its turn had come; None where it has waited long enough.

    ``unresponsive``: its host is left alone for `retry_after` seconds. From `waiting_since` on it waits no longer than
    a page does that is asked for in vain. ``not-reached``: at once.
    """
    if reason == "not-reached":
        return now
    if now - waiting_since > sum(_BACKOFF, timedelta()):
        return None
    return now + timedelta(seconds=retry_after or 0.0)


def next_look(published: datetime, now: datetime, refetch_hours: float) -> datetime | None:
    """When to look at an extracted article again for corrections; None once it is `refetch_hours` old."""
    for hours in _LOOKS:
        look = published + timedelta(hours=hours)
        if hours <= refetch_hours and look > now:
            return look
    return None
