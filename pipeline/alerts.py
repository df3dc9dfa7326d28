"""What the desk is alerted of: a story that spreads, a feed that died, a collection that stands still. Pure.

A kind is a function that says what holds now. What holds and was not raised is raised; what goes on to hold is told
again once a day; what holds no more is cleared. What will not change by waiting is told once: an occurrence, such as a
story that spreads, and what is over for good, such as a feed that its server withdrew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

AGAIN = timedelta(days=1)
"""How long after it was told what goes on to hold is told again."""
FRESH = timedelta(hours=3)
"""How old the telling by which a story passes the mark may be: a backfill of last year rings no bell."""
SPREADS, DIED, STANDS_STILL = "story-spreads", "feed-died", "no-collection"
NOTICE = "notice"
"""What the desk is told where nothing is looked for, such as a run that failed; a row only where it did not arrive."""
OCCURRENCES = frozenset({SPREADS, NOTICE})
"""Kinds that are told once and never cleared aloud."""


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


def news(found: Iterable[Found], standing: Iterable[Standing], looked: Collection[str], now: datetime) -> News:
    """What changed by what was found; of kinds that were not looked at, nothing did."""
    holds = {(each.kind, each.subject): each for each in found}
    before = {(each.kind, each.subject): each for each in standing}
    return News(
        tuple(each for key, each in holds.items() if key not in before),
        tuple(
            (row, holds[key])
            for key, row in before.items()
            if key in holds and not holds[key].for_good and row.kind not in OCCURRENCES and now - row.told_at >= AGAIN
        ),
        tuple(row for key, row in before.items() if key not in holds and row.kind in looked),
    )


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


@dataclass(frozen=True, slots=True)
class DeadFeed:
    """A feed that polling has paused or retired; `last_answer` is when it last answered, None where it never did."""

    id: int
    outlet: str
    url: str
    state: str
    reason: str
    last_answer: datetime | None


def died(feeds: Iterable[DeadFeed]) -> list[Found]:
    """A feed that is asked no more, or rarely: it failed for days, or its server says that it is gone for good."""
    return [_dead(feed) for feed in feeds]


def _dead(feed: DeadFeed) -> Found:
    since = f"It last answered at {feed.last_answer:%Y-%m-%d %H:%M} UTC." if feed.last_answer else "It never answered."
    then = (
        "It is asked no more; `wirewatch feeds add` finds its new address from the home page."
        if feed.state == "retired"
        else "It is asked now and then, and goes on by itself when it answers."
    )
    title, text = f"{feed.outlet}: {feed.url}", f"{feed.reason}. {since} {then}"
    return Found(DIED, str(feed.id), title, text, "/wirewatch/feeds", for_good=feed.state == "retired")


@dataclass(frozen=True, slots=True)
class Collecting:
    """How collection stands: `feeds` that are asked, `added` the newest first of them, `answered` when one last did.

    `due` is since when the longest overdue waits; `failures` counts by reason the feeds whose last poll failed.
    """

    feeds: int
    added: datetime | None
    answered: datetime | None
    due: datetime | None
    failures: Mapping[str, int]


def standing_still(state: Collecting, longest: timedelta, now: datetime) -> list[Found]:
    """Whether nothing was collected for so long, though feeds were due or were asked in vain."""
    since = max((at for at in (state.answered, state.added) if at is not None), default=None)
    if since is None or now - since < longest:
        return []
    overdue = state.due is not None and now - state.due >= longest
    failed = sum(state.failures.values())
    if not overdue and failed < state.feeds:
        return []  # no feed was due in that time
    last = (
        f"The last answer came at {state.answered:%Y-%m-%d %H:%M} UTC." if state.answered else "No feed ever answered."
    )
    if overdue:
        why = f"Feeds have been due since {state.due:%Y-%m-%d %H:%M} UTC and nobody asks them."
        then = "Look whether the DAG `collect` is paused, its runs fail, or scheduler and workers are away."
    else:
        worst = max(state.failures.items(), key=lambda item: (item[1], item[0]))[0]
        why = f"All of {state.feeds} feeds fail, most by `{worst}`."
        then = "Look at this machine's network and name servers; `wirewatch feeds check` asks each now."
    return [Found(STANDS_STILL, "", "Nothing is collected", f"{last} {why} {then}", "/wirewatch/feeds")]
