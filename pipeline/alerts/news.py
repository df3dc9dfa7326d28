"""The kinds of alerts, how bad each is, and what of what holds is news: raised, told again, cleared. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

AGAIN = timedelta(days=1)
"""How long after it was told what goes on to hold is told again, where no setting says otherwise."""

SPREADS, DIED, STANDS_STILL = "story-spreads", "feed-died", "no-collection"
FAILING, SILENT, MOVED = "feeds-failing", "feed-silent", "feed-moved"
DISK, QUEUE, AWAY, LOOKS = "disk-fills", "queue-grows", "part-away", "nobody-looks"
LAPSES, DISAGREES, RUNS = "review-lapses", "rows-disagree", "run-fails"
DATABASE = "database-away"
"""Kept in a file of the home, as there is no database to keep it in."""
NOTICE = "notice"
"""What the desk is told where nothing is looked for, such as a clock put right; a row only where it did not arrive."""

KINDS = (
    *(SPREADS, STANDS_STILL, FAILING, DIED, SILENT, MOVED),
    *(DISK, QUEUE, AWAY, LOOKS, LAPSES, DISAGREES, RUNS),
)
"""What is looked for."""

OCCURRENCES = frozenset({SPREADS, NOTICE})
"""Kinds that are told once and never cleared aloud."""
SILENT_ENDS = OCCURRENCES | {RUNS, MOVED}
"""Kinds whose end nobody is told of. A run that failed has no end of its own; that no other failed is no news.

That a feed moved a week ago is none either.
"""

GREEN, AMBER, RED = "green", "amber", "red"
_LIGHTS = {
    **dict.fromkeys((STANDS_STILL, FAILING, AWAY, LOOKS, DATABASE, DISK), RED),
    **dict.fromkeys((DIED, SILENT, MOVED, QUEUE, LAPSES, DISAGREES, RUNS), AMBER),
}


KNOWN = timedelta(days=7)
"""How long a feed that died, fell silent or moved leaves the light amber: of a long list some are always dead."""


def light_of(kind: str, raised_at: datetime, now: datetime) -> str:
    """How bad an alert is: ``red`` where news are lost, ``amber`` where somebody is wanted, else ``green``."""
    if kind in (DIED, SILENT, MOVED) and now - raised_at > KNOWN:
        return GREEN
    return _LIGHTS.get(kind, GREEN)


def light(standing: Iterable[tuple[str, datetime]], now: datetime) -> str:
    """The worst of the alerts that stand, each by its kind and by when it was raised."""
    lights = (light_of(kind, raised_at, now) for kind, raised_at in standing)
    return max(lights, key=(GREEN, AMBER, RED).index, default=GREEN)


@dataclass(frozen=True, slots=True)
class Found:
    """What holds now. `subject` tells it apart within its kind; `path` leads to its page below the UI's address.

    `for_good` says that it will not change by itself: it is told once.
    """

    kind: str
    subject: str
    title: str
    text: str
    path: str = ""
    for_good: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """A row of `alerts` that is not cleared; `told_at` is when the desk was last told."""

    id: int
    kind: str
    subject: str
    title: str
    raised_at: datetime
    told_at: datetime


@dataclass(frozen=True, slots=True)
class News:
    """What changed: what is raised, what is told again, and what is cleared."""

    raised: tuple[Found, ...] = ()
    again: tuple[tuple[Standing, Found], ...] = ()
    cleared: tuple[Standing, ...] = ()


def news(
    found: Iterable[Found],
    standing: Iterable[Standing],
    looked: Collection[str],
    now: datetime,
    again: timedelta = AGAIN,
) -> News:
    """What changed by what was found; of kinds that were not looked at, nothing did.

    `again` is how long after it was told last what goes on to hold is told again.
    """
    holds = {(each.kind, each.subject): each for each in found}
    before = {(each.kind, each.subject): each for each in standing}
    return News(
        tuple(each for key, each in holds.items() if key not in before),
        tuple(
            (row, holds[key])
            for key, row in before.items()
            if key in holds and not holds[key].for_good and row.kind not in OCCURRENCES and now - row.told_at >= again
        ),
        tuple(row for key, row in before.items() if key not in holds and row.kind in looked),
    )
