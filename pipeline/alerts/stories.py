"""A story that spreads: so many independent outlets told it within a time. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.alerts.news import SPREADS, Found

FRESH = timedelta(hours=3)
"""How old the telling by which a story passes the mark may be: a backfill of last year rings no bell."""


@dataclass(frozen=True, slots=True)
class Telling:
    """When an outlet first told a story in its own words: by its own hour, or when we saw it where that has none."""

    story_id: int
    headline: str
    outlet: str
    at: datetime


def spreading(tellings: Sequence[Telling], outlets: int, within: timedelta, now: datetime) -> list[Found]:
    """Stories that so many independent outlets told within a time, where the last of these is fresh."""
    stories: dict[int, list[Telling]] = defaultdict(list)
    for telling in sorted(tellings, key=lambda each: (each.at, each.outlet)):
        stories[telling.story_id].append(telling)
    found = []
    for story_id, told in stories.items():
        passed = next(
            (n for n in range(outlets - 1, len(told)) if told[n].at - told[n - outlets + 1].at <= within), None
        )
        if passed is None or now - told[passed].at > FRESH:
            continue
        first, last = told[passed - outlets + 1], told[passed]
        minutes = round((last.at - first.at).total_seconds() / 60)
        text = (
            f"{outlets} independent outlets told it within {minutes} minutes, {first.outlet} first of them at "
            f"{first.at:%H:%M} UTC, {last.outlet} last at {last.at:%H:%M} UTC. By now it has {len(told)}."
        )
        found.append(Found(SPREADS, str(story_id), first.headline, text, f"/wirewatch/stories/{story_id}"))
    return found
