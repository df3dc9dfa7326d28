"""When something was published: whether a day or an instant is known of it, and what that is ordered by."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Literal

Precision = Literal["day", "instant"]
_TO_ITS_END = timedelta(days=1) - timedelta(microseconds=1)


def precision(published: datetime, rule: str = "", stated: Precision | None = None) -> Precision:
    """Whether only the day of a publication is known, which then stands at midnight UTC, or its instant.

    `rule` is its `published_rule`: a first sighting is an instant. `stated` is what whoever read the date found: nine
    in Seoul is midnight UTC, and an instant. Where nobody did, a midnight is a day. So does the database with its
    ``published_precision``.
    """
    is_midnight = published.astimezone(UTC).time() == time()
    if not is_midnight or rule.startswith("first-seen"):
        return "instant"
    return stated or "day"


def publication_order(published: datetime, rule: str = "", stated: Precision | None = None) -> datetime:
    """What publications are ordered by, here as in the database: a day counts as its end, after all of its instants."""
    return published + _TO_ITS_END if precision(published, rule, stated) == "day" else published
