"""How soon the alarms of collection ring when it is cut off, and how often they ring for nothing.

``python -m bench.alarms`` prints, for each half of the feeds, what the thresholds do on real and on invented histories
(`tests/support/habits.py`), by the functions that `deliver` decides with. Thresholds are chosen on the half `made`, and
the figures claimed are those of the half `kept`, which ``tests/eval/test_alarms_floor.py`` holds.
"""

from __future__ import annotations

import argparse
import itertools
import math
import random
import statistics
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

from bench import polling
from bench.polling import DAY, START, Publisher
from pipeline import alerts
from pipeline.alerts import Collecting, Failing, Quiet
from pipeline.polling.schedule import Bounds, PollDecision, PollOutcome
from pipeline.settings import Settings
from pipeline.steps.looking import LASTING
from tests.support import habits
from tests.support.habits import HALVES, SEEDS, History

MONTH = 30 * DAY
HOUR = 3_600.0
SETTINGS = Settings()
BEFORE = 60 * DAY
"""Over which a habit is seen, as `alarms.quiet` asks."""
TRIES = 4
"""Cuts of one feed, each at a random moment."""


# --- a feed that falls silent -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """The numbers of `feed-silent`: at least so many days, so often its habit, so many days for rare feeds."""

    least: float = SETTINGS.alert_silent_days
    tolerance: float = alerts.TOLERANCE
    rare: float = alerts.RARE.total_seconds() / DAY


@dataclass(frozen=True)
class Silences:
    """What `feed-silent` does on some histories: alarms for nothing, months that were watched, delays in days."""

    alarms: int
    months: float
    delays: Sequence[float]

    @property
    def rate(self) -> float:
        """Alarms for nothing per feed and month."""
        return self.alarms / self.months


def quiet(history: History, last: int) -> Quiet:
    """A feed whose newest entry is the one at this place, as `alarms.quiet` reads it."""
    since = history.times[last]
    past = history.times[bisect_right(history.times, since - BEFORE) : last + 1]
    longest = max((after - before for before, after in itertools.pairwise(past)), default=0.0)
    return Quiet(0, history.name, "", START + timedelta(seconds=since), longest, since - past[0], len(past))


def silences(histories: Iterable[History], rule: Rule, seed: int = 7) -> Silences:
    """Let every history pass, and cut each off at random moments."""
    chance, alarms, months, delays = random.Random(seed), 0, 0.0, list[float]()
    for history in histories:
        times = history.times
        if len(times) < 2:
            continue
        months += (history.until - times[0]) / MONTH
        for place, (since, following) in enumerate(itertools.pairwise((*times, history.until))):
            if following - since >= rule.least * DAY:
                alarms += following - since >= _patience(quiet(history, place), rule)
        for _ in range(TRIES):
            cut = chance.uniform(times[0] + 14 * DAY, history.until)
            last = quiet(history, bisect_right(times, cut) - 1)
            rings = (last.since - START).total_seconds() + _patience(last, rule)
            delays.append(max(rings - cut, 0.0) / DAY)
    return Silences(alarms, months, sorted(delays))


def _patience(feed: Quiet, rule: Rule) -> float:
    days = timedelta(days=rule.least), timedelta(days=rule.rare)
    return alerts.patience(feed, days[0], rule.tolerance, days[1]).total_seconds()


# --- a list of which nothing new comes ----------------------------------------------------------------------


def dry(histories: Sequence[History], size: int, hours: float, lists: int = 40, seed: int = 7) -> tuple[int, float]:
    """Lists of so many feeds drawn at random: alarms for nothing that no feed has anything new, and months watched."""
    chance, alarms, months = random.Random(seed), 0, 0.0
    for _ in range(lists):
        drawn = chance.sample(list(histories), size)
        times = sorted(itertools.chain.from_iterable(history.times for history in drawn))
        months += (times[-1] - times[0]) / MONTH
        alarms += sum(_is_dry(size, before, after, hours) for before, after in itertools.pairwise(times))
    return alarms, months


def _is_dry(size: int, before: float, after: float, hours: float) -> bool:
    if after - before < hours * HOUR:
        return False
    now, fresh = START + timedelta(seconds=after), START + timedelta(seconds=before)
    state = Collecting(size, START - timedelta(days=90), now, None, {}, fresh)
    return bool(alerts.standing_still(state, timedelta(hours=1), now, timedelta(hours=hours)))


# --- a list of which a share fails --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a feed after a poll."""

    at: float
    state: str
    since: float | None
    answered: bool
    next_at: float


Polls = list[list[Told]]


def lived(month: list[Publisher], length: float) -> Polls:
    """Poll a list through its time; what was known of each feed after each poll."""
    told: Polls = [[] for _ in month]

    def seen(number: int, now: float, outcome: PollOutcome, decision: PollDecision) -> None:
        failing = decision.state.failing_since
        since = None if failing is None else (failing - START).total_seconds()
        ahead = (decision.next_at - START).total_seconds()
        told[number].append(Told(now, decision.feed_state, since, outcome.reason is None, ahead))

    polling.adaptive(month, length, Bounds(), 900.0, seen)  # `collect` runs each quarter of an hour
    return told


@cache
def maintained(feeds: int, seed: int) -> tuple[Publisher, ...]:
    """A month of a list as real ones are: one in nine is dead (11% of one of 421), and others fail at times."""
    month = polling.publishers(feeds, 30, seed)
    for number, each in enumerate(month):
        if number % 9 == 0:
            each.outages.append((0.0, math.inf, "http-404"))
    return tuple(month)


def cut_off(month: Sequence[Publisher], share: float, at: float, seed: int) -> list[Publisher]:
    """The same list, of which such a share is not reached from a moment on."""
    drawn = set(random.Random(seed).sample(range(len(month)), round(share * len(month))))
    return [
        replace(each, outages=[*each.outages, (at, math.inf, "dns")]) if number in drawn else each
        for number, each in enumerate(month)
    ]


Look = tuple[float, Collecting, Failing]


def looks(told: Polls, begin: float, end: float) -> Iterator[Look]:
    """What `deliver` finds each five minutes."""
    times = [[each.at for each in feed] for feed in told]
    answers = sorted(each.at for feed in told for each in feed if each.answered)
    for step in range(int((end - begin) / 300)):
        now = begin + 300 * step
        last = [feed[place - 1] for feed, at in zip(told, times, strict=True) if (place := bisect_right(at, now))]
        last = [each for each in last if each.state != "retired"]
        lasting = [each for each in last if each.state == "paused" or _lasts(each, now)]
        heard = bisect_right(answers, now)
        state = Collecting(
            len(last),
            START,
            START + timedelta(seconds=answers[heard - 1]) if heard else None,
            min((START + timedelta(seconds=each.next_at) for each in last if each.next_at <= now), default=None),
            Counter("dns" for each in last if each.since is not None),
        )
        yield now, state, Failing(len(last), Counter("dns" for _ in lasting))


def _lasts(each: Told, now: float) -> bool:
    return each.since is not None and each.since <= now - LASTING.total_seconds()


def rung(found_then: Iterable[Look], share: float, silence: float) -> dict[str, list[float]]:
    """When `feeds-failing` and `no-collection` rang; `silence` in minutes. What stands does not ring again."""
    found: dict[str, list[float]] = {alerts.FAILING: [], alerts.STANDS_STILL: []}
    stands = dict.fromkeys(found, False)
    for now, state, failing in found_then:
        at = START + timedelta(seconds=now)
        holds = {
            alerts.FAILING: bool(alerts.failing(failing, share, stands[alerts.FAILING])),
            alerts.STANDS_STILL: bool(alerts.standing_still(state, timedelta(minutes=silence), at)),
        }
        for kind, is_so in holds.items():
            if is_so and not stands[kind]:
                found[kind].append(now)
        stands = holds
    return found


# --- the tables ---------------------------------------------------------------------------------------------


def histories(of: str, feeds: int = 300, days: int = 240) -> dict[str, list[History]]:
    """The real and the invented histories of a half; of the invented ones also those of an entry a day or more."""
    made = [each for seed in SEEDS[of] for each in habits.invented(feeds, days, seed)]
    daily = [each for each in made if len(each.times) >= each.until / DAY]
    return {"real, thin": habits.picked(of), "invented": made, "invented, daily": daily}


RULES = [Rule(3, tolerance, rare) for rare in (7, 30) for tolerance in (1.0, 1.5, 1.75, 2.0, 2.5, 3.0)]
RULES += [Rule(least) for least in (1, 2, 5, 7)]


def _silent_table() -> None:
    print("| half | histories | feeds | days | times | rare, days | for nothing | delay, median | 9 of 10 |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for of in HALVES:
        for name, known in histories(of).items():
            for rule in RULES:
                found = silences(known, rule)
                middle, late = statistics.median(found.delays), found.delays[int(0.9 * len(found.delays))]
                row = f"| {of} | {name} | {len(known)} | {rule.least:g} | {rule.tolerance:g} | {rule.rare:g} "
                print(f"{row}| {found.rate:.3f} | {middle:.1f} d | {late:.1f} d |", flush=True)


def _dry_table() -> None:
    print("\n| half | feeds on the list | hours | for nothing, per list and month |")
    print("| --- | ---: | ---: | ---: |")
    for of in HALVES:
        known = histories(of, days=60)["invented"]
        for size, hours in itertools.product((5, 10, 20, 33, 171), (6.0, 12.0, 24.0)):
            alarms, months = dry(known, size, hours)
            print(f"| {of} | {size} | {hours:g} | {alarms / months:.3f} |", flush=True)


SHARES = ((0.2, 60.0), (0.25, 60.0), (0.3, 60.0), (0.35, 60.0), (0.4, 60.0), (0.5, 30.0), (0.5, 60.0), (0.5, 120.0))


def _share_table(feeds: int, days: int) -> None:
    print("\n| half | cut off | failing at most | threshold | silence, min | `feeds-failing` | `no-collection` |")
    print("| --- | ---: | --- | ---: | ---: | --- | --- |")
    for of, cut in itertools.product(HALVES, (0.0, 0.2, 0.3, 0.5, 1.0)):
        found = [lists(feeds, days, seed, cut) for seed in SEEDS[of]]
        most = ", ".join(f"{max(failing_share(each) for each in known):.2f}" for _, known in found)
        for share, silence in SHARES:
            rings = [(at, rung(known, share, silence)) for at, known in found]
            said = [
                ", ".join(_after(rang[kind], at) if cut else f"{len(rang[kind])}" for at, rang in rings)
                for kind in (alerts.FAILING, alerts.STANDS_STILL)
            ]
            print(f"| {of} | {cut:.0%} | {most} | {share:g} | {silence:g} | {said[0]} | {said[1]} |", flush=True)


def lists(feeds: int, days: int, seed: int, cut: float) -> tuple[float, list[Look]]:
    """A list that was polled: when such a share was cut off, and the looks from then on; uncut, all of them."""
    length = days * DAY
    at = random.Random(seed).uniform(length / 2, length - DAY)
    month = maintained(feeds, seed)
    told = lived(cut_off(month, cut, at, seed) if cut else list(month), length)
    return at, list(looks(told, at if cut else length / 3, length))


def failing_share(look: Look) -> float:
    """Of the feeds that are asked, how many fail for a while."""
    return sum(look[2].reasons.values()) / look[2].feeds


def _after(times: Sequence[float], cut: float) -> str:
    return f"{(times[0] - cut) / 60:.0f} min" if times else "never"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=100, help="feeds on the list of which a share is cut off")
    parser.add_argument("--days", type=int, default=6)
    parser.add_argument("--only", choices=("silent", "dry", "share"))
    options = parser.parse_args()
    if options.only in (None, "silent"):
        _silent_table()
    if options.only in (None, "dry"):
        _dry_table()
    if options.only in (None, "share"):
        _share_table(options.feeds, options.days)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
