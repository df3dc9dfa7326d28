"""How collection ails: nothing comes in, many feeds fail, one died, one is silent beyond its habit. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline import urls
from pipeline.alerts.news import DIED, FAILING, MOVED, SILENT, STANDS_STILL, Found

FEEDS = "/wirewatch/feeds"
FEW = 5
"""Feeds below which a share of them says nothing: of two feeds, one that fails is half of all."""
DRY_FEEDS, DRY_ALWAYS = 10, 20
"""Feeds below which nothing new of any is no sign, and from which on the hours that are set are; between, twice these.

By `bench.alarms`: 5 feeds are without a new entry for 12 hours five times a month, 10 every other month, 20 once in 80.
"""
EASED = 0.6
"""What stands is over below this part of the mark, so that one feed more or less does not ring again and again."""
TOLERANCE = 2.0
"""How often its longest silence a feed may be silent. By `bench.alarms`, held by `tests/eval/test_alarms_floor.py`."""
UNKNOWN = timedelta(days=7)
"""How long a feed may be silent of which no habit is known, as it is new, or was dead when it was added."""
RARE = timedelta(days=30)
"""The same of one with few entries, such as a monthly's. By `bench.alarms`, as `TOLERANCE`."""
BUSY = 10
"""Entries in two months from which on a feed is not rare."""
WATCHED = timedelta(days=14)
"""How long a feed must have been seen before its longest silence is its habit: two weekends."""


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
    return Found(DIED, str(feed.id), title, text, FEEDS, for_good=feed.state == "retired")


@dataclass(frozen=True, slots=True)
class Move:
    """A feed that moved or tried to, as `feed_moves` has it; `twin` is our feed at `to_url`, where that is another."""

    id: int
    outlet: str
    from_url: str
    to_url: str
    way: str
    ended: str
    reason: str | None
    twin: int | None


def moved(moves: Iterable[Move]) -> list[Found]:
    """Feeds that moved lately, each told once; a new spelling of one address, such as by https, is no move to tell."""
    found = []
    for each in moves:
        if each.ended == "refused" or urls.identity(each.from_url) != urls.identity(each.to_url):
            title = f"{each.outlet}: {each.from_url}"
            found.append(Found(MOVED, str(each.id), title, _moved(each), FEEDS, for_good=True))
    return found


def _moved(move: Move) -> str:
    how = {
        "redirect": f"Its server has redirected to {move.to_url} for good, for a day or longer.",
        "announced": f"It says of itself that it lives at {move.to_url}.",
    }[move.way]
    then = {
        "followed": "It is asked there now, and its entries go on; look once whether it is the same feed. "
        "`wirewatch feeds add` with the old address adds a second feed there.",
        "known": f"That is feed {move.twin or 'unknown'} already, so that this one is asked no more. "
        "There is nothing to do.",
        "refused": f"That was refused (`{move.reason}`), and it is asked at its old address as before. "
        "Where the new one is right, `wirewatch feeds add` with it.",
    }[move.ended]
    return f"{how} {then}"


@dataclass(frozen=True, slots=True)
class Collecting:
    """How collection stands: `feeds` that are asked, `added` the newest first of them, `answered` when one last did.

    `due` is since when the longest overdue waits; `failures` counts by reason the feeds whose last poll failed.
    `fresh` is when any feed last had a new entry; None where none ever had.
    """

    feeds: int
    added: datetime | None
    answered: datetime | None
    due: datetime | None
    failures: Mapping[str, int]
    fresh: datetime | None = None


def standing_still(state: Collecting, longest: timedelta, now: datetime, dry: timedelta = timedelta.max) -> list[Found]:
    """Whether nothing was collected for `longest` though feeds were due or asked in vain; or nothing new for `dry`."""
    since = max((at for at in (state.answered, state.added) if at is not None), default=None)
    if since is None:
        return []
    if now - since < longest:
        return _dried_up(state, dry, now)
    overdue = state.due is not None and now - state.due >= longest
    if not overdue:
        # else no feed was due in that time
        return _all_in_vain(state) if sum(state.failures.values()) >= state.feeds else []
    why = f"Feeds have been due since {state.due:%Y-%m-%d %H:%M} UTC and nobody asks them."
    then = "Look whether the DAG `collect` is paused, its runs fail, or scheduler and workers are away."
    return [Found(STANDS_STILL, "", "Nothing is collected", f"{_last_answer(state)} {why} {then}", FEEDS)]


def never_answered(state: Collecting) -> list[Found]:
    """Whether each feed was asked and none has ever answered: the light says so before it is an alert."""
    if state.answered is not None or not 0 < state.feeds <= sum(state.failures.values()):
        return []
    return _all_in_vain(state)


def _all_in_vain(state: Collecting) -> list[Found]:
    why = f"All of {state.feeds} feeds fail, most by `{_commonest(state.failures)}`."
    then = "Look at this machine's network and name servers; `wirewatch feeds check` asks each now."
    return [Found(STANDS_STILL, "", "Nothing is collected", f"{_last_answer(state)} {why} {then}", FEEDS)]


def _last_answer(state: Collecting) -> str:
    return (
        f"The last answer came at {state.answered:%Y-%m-%d %H:%M} UTC." if state.answered else "No feed ever answered."
    )


def _dried_up(state: Collecting, dry: timedelta, now: datetime) -> list[Found]:
    """Feeds answer, and none has anything new: a proxy between us and them gives out old pages, or a clock is wrong."""
    since = max((at for at in (state.fresh, state.added) if at is not None), default=None)
    if since is None or state.feeds < DRY_FEEDS or now - since < dry:
        return []
    if state.feeds < DRY_ALWAYS and now - since < 2 * dry:
        return []
    text = (
        f"Feeds answer, and none of {state.feeds} has had a new entry since {since:%Y-%m-%d %H:%M} UTC. "
        "Look whether a proxy gives out old pages; `wirewatch feeds check` asks each now."
    )
    return [Found(STANDS_STILL, "", "Nothing new is collected", text, FEEDS)]


@dataclass(frozen=True, slots=True)
class Failing:
    """Of `feeds` that were asked, how many fail for a while by each reason; the paused are among them."""

    feeds: int
    reasons: Mapping[str, int]


def failing(state: Failing, share: float, stands: bool) -> list[Found]:
    """Whether such a share of the feeds fails; where the alert stands, whether it has not eased yet."""
    failed = sum(state.reasons.values())
    mark = share * (EASED if stands else 1.0)
    if state.feeds < FEW or failed < mark * state.feeds:
        return []
    by = ", ".join(f"{count} by `{reason}`" for reason, count in _in_order(state.reasons)[:3])
    network = {"dns", "connect", "timeout-connect"}
    then = (
        "Look at this machine's network and name servers."
        if _commonest(state.reasons) in network
        else "The page Feeds has what each of them says."
    )
    text = f"{failed} of {state.feeds} feeds fail: {by}. {then} `wirewatch feeds check` asks each now."
    return [Found(FAILING, "", f"{failed} of {state.feeds} feeds fail", text, FEEDS)]


def _in_order(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _commonest(counts: Mapping[str, int]) -> str:
    return max(counts.items(), key=lambda item: (item[1], item[0]))[0]


@dataclass(frozen=True, slots=True)
class Quiet:
    """A feed that answers and has had nothing new for days.

    `since` is when its newest entry came, `longest` seconds its longest silence in the two months before that,
    `watched` seconds over which this was seen, by so many `entries`.
    """

    id: int
    outlet: str
    url: str
    since: datetime
    longest: float
    watched: float
    entries: int


def patience(feed: Quiet, least: timedelta, tolerance: float = TOLERANCE, rare: timedelta = RARE) -> timedelta:
    """How long a feed may be silent: `least` in any case, and so much of its own habit, where one is known."""
    if _has_habit(feed):
        return max(least, tolerance * timedelta(seconds=feed.longest))
    return max(least, rare if 0 < feed.entries < BUSY else UNKNOWN)


def _has_habit(feed: Quiet) -> bool:
    return timedelta(seconds=feed.watched) >= WATCHED


def silent(feeds: Iterable[Quiet], least: timedelta, now: datetime) -> list[Found]:
    """Feeds that answer and are silent beyond their own habit, and for `least` in any case."""
    found = []
    for feed in feeds:
        if now - feed.since < patience(feed, least):
            continue
        if _has_habit(feed):
            usual = f"before, its longest silence was {_span(timedelta(seconds=feed.longest))}"
        else:
            usual = "its habit is not known yet" if feed.entries else "it had nothing in the two months before either"
        text = (
            f"It answers, and has had nothing new since {feed.since:%Y-%m-%d %H:%M} UTC, for "
            f"{_span(now - feed.since)}; {usual}. It may have moved: `wirewatch feeds add` with its home page finds "
            "the address of now."
        )
        found.append(Found(SILENT, str(feed.id), f"{feed.outlet}: {feed.url}", text, FEEDS))
    return found


def _span(time: timedelta) -> str:
    hours = time.total_seconds() / 3600
    return f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.1f} days"
