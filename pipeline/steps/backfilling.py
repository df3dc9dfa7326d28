"""A past interval through the live steps: every capture of every feed, hour by hour, then the pages as they were."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from pipeline import database, web
from pipeline.database import locks
from pipeline.errors import ConfigurationError, ItemError
from pipeline.feeds.reading import FeedReader
from pipeline.settings import Settings
from pipeline.steps.asking import shared_client
from pipeline.steps.barrier import (
    CAPTURES,
    COPIES,
    EMBED,
    EXTRACT,
    MATCH,
    MERGE,
    PLACE,
    POLL,
    REASSIGN,
    SETTLE,
    Step,
    Tally,
    Work,
    demand_sound,
)
from pipeline.steps.clustering import place_with
from pipeline.steps.copying import find_copies_with
from pipeline.steps.embedding import embed_with
from pipeline.steps.extracting import Tools, extract_with, tools
from pipeline.steps.matching import match_with
from pipeline.steps.model import story_parameters
from pipeline.steps.polling import Poll, poll_with
from pipeline.steps.reassigning import reassign_with
from pipeline.steps.settling import settle_with
from pipeline.store import faults
from pipeline.store import feeds as store
from pipeline.store.feeds import Capture

# What was captured within an hour is worked off together: an article's place depends on what was there before it,
# and an hour is finer than any day's digest.
TICK = timedelta(hours=1)


# Whoever collects live beside it may hold a feed for the moment of a capture; that one is asked for again.
ROUNDS = 5
_PAUSE_SECONDS = 3.0
_KEY = 7_306_430  # any fixed number does


@contextmanager
def sole_backfill(settings: Settings, what: str, *, patience: float = 0.0) -> Iterator[locks.Lock]:
    """Be the only backfill of this database: all of them ask the same feeds, and each settles what it finds.

    `what` says in a few words which one it is. Raises `HeldElsewhereError`, which names the other, where that one goes
    on for more than `patience` seconds, and `ConfigurationError` where no archive is set.
    """
    _demand_archive(settings)
    until = time.monotonic() + patience
    while not isinstance(found := locks.acquire(settings, _KEY, f"backfill {what}"), locks.Lock):
        if time.monotonic() >= until:
            by = f" by {found.who}, since {found.since.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if found else ""
            raise locks.HeldElsewhereError(f"a backfill is under way already{by}; run this one when that has ended")
        time.sleep(min(_PAUSE_SECONDS, max(until - time.monotonic(), 0.1)))
    with found:
        yield found


def _demand_archive(settings: Settings) -> None:
    if not settings.archive_url:
        raise ConfigurationError("backfill needs WIREWATCH_ARCHIVE_URL, the TimeGate address of a web archive")


def backfill(
    settings: Settings,
    *,
    start: datetime,
    end: datetime,
    now: datetime,
    lock: locks.Lock | None = None,
    patience: float = 0.0,
) -> dict[str, Any]:
    """Collect what the web archive captured within [start, end); returns the summed counts of the steps.

    Running it again changes nothing: captures already seen bring no new entries. One that was broken off goes on in the
    tick in which it was. One at a time: without the `lock` of `sole_backfill` it takes that itself, waiting `patience`
    seconds. Raises `ConfigurationError` where no archive is set, `HeldElsewhereError` where another backfill goes on.
    """
    _demand_archive(settings)
    with ExitStack() as stack:
        held = lock or stack.enter_context(sole_backfill(settings, f"{start:%Y-%m-%d}", patience=patience))
        past = _Past(settings, start, end, now, held)
        kit = stack.enter_context(tools(settings))
        reader = stack.enter_context(FeedReader.from_settings(settings))
        for _ in range(ROUNDS):
            if not past.collect(kit, reader):
                break
            time.sleep(_PAUSE_SECONDS)
        past.settle()
    past.counts["seconds"] = round((datetime.now(UTC) - now).total_seconds(), 1)
    past.counts["internal"] += sum(tally.internal for tally in past.tallies.values())
    for step, tally in past.tallies.items():
        demand_sound(step, tally)
    return dict(past.counts)


@dataclass(frozen=True, slots=True)
class _Past:
    """One backfill: the interval, the counts of all its ticks, and how the items of each step fared in all of them.

    Each step runs as of its tick; `clock` is the time at which all of it really arrives. `lock` keeps others away.
    """

    settings: Settings
    start: datetime
    end: datetime
    clock: datetime
    lock: locks.Lock
    counts: dict[str, Any] = field(default_factory=lambda: defaultdict(int))
    tallies: dict[Step, Tally] = field(default_factory=lambda: defaultdict(Tally))

    def collect(self, kit: Tools, reader: FeedReader) -> bool:
        """Every tick that has something left to read, then what is left to do; whether a feed was held elsewhere."""
        before = self.counts["held_elsewhere"]
        for moment, polls in sorted(self.captures().items()):
            self.lock.demand()
            as_of = min(moment + TICK, self.end)
            self.run(POLL, as_of, partial(poll_with, reader=reader, polls=polls))
            self.work_off(kit, as_of)
        self.work_off(kit, self.end)
        return bool(self.counts["held_elsewhere"] > before)

    def run(self, step: Step, now: datetime, verb: Callable[[Work], None]) -> None:
        """One step at one tick. That most items fail is told when all ticks are done."""
        work = Work(self.settings, now, step, tally=self.tallies[step], clock=self.clock)
        verb(work)
        self._add(work.counts)

    def work_off(self, kit: Tools, as_of: datetime) -> None:
        """Every step behind polling, as of a moment."""
        self.run(MATCH, as_of, match_with)
        self.run(EXTRACT, as_of, lambda work: extract_with(work, kit, as_of=as_of))
        self.run(COPIES, as_of, find_copies_with)
        self.run(EMBED, as_of, embed_with)
        self.run(PLACE, as_of, lambda work: place_with(work, self.tallies[MERGE], self.tallies[REASSIGN]))
        self.run(REASSIGN, as_of, reassign_with)

    def settle(self) -> None:
        """Give the copies and stories that an undisturbed run gives, whatever happened on the way to this one."""
        with database.connect(self.settings) as connection:
            window = timedelta(days=story_parameters(connection, self.settings).window_days)
        self.run(SETTLE, self.end, lambda work: settle_with(work, self.start - window, self.end + window))

    def _add(self, counts: Mapping[str, Any]) -> None:
        for name, count in counts.items():
            self.counts[name] += count

    def captures(self) -> dict[datetime, list[Poll]]:
        """Start of each tick -> the polls in it that were not made yet, in order of capture.

        The last tick that was read from is there with none where all were made: a backfill that was broken off in it
        left the steps behind polling undone, and a page is asked for as of its own tick, before later polls.
        """
        now = self.clock
        work = Work(self.settings, now, CAPTURES, tally=self.tallies[CAPTURES])
        with database.connect(self.settings) as connection:
            feeds = [row for row in store.all_feeds(connection) if row.state != "retired"]
            read = store.captures_read(connection, self.start, self.end)
            held = faults.held(connection, CAPTURES.name, CAPTURES.kind, {feed.id: now for feed in feeds})
        ticks: dict[datetime, list[Poll]] = defaultdict(list)
        if read:
            ticks[self._tick(max(capture.as_of for capture in read))] = []
        with shared_client(self.settings) as client:
            for feed in feeds:
                if feed.id in held:
                    continue
                with work.guard(feed.id):
                    moments = self._moments(client, feed.url)
                    for moment in moments:
                        if self.start <= moment < self.end and Capture(feed.id, moment) not in read:
                            ticks[self._tick(moment)].append(Poll(feed.id, moment))
                    work.passed(feed.id)
        with database.connect(self.settings) as connection:
            work.clear(connection)
        return {tick: sorted(polls, key=lambda poll: poll.as_of or tick) for tick, polls in ticks.items()}

    def _tick(self, moment: datetime) -> datetime:
        """The start of the tick that a moment lies in."""
        return self.start + TICK * ((moment - self.start) // TICK)

    def _moments(self, client: web.Client, url: str) -> list[datetime]:
        """When the archive captured a feed; empty where it never did."""
        try:
            return client.timemap(url, self.start, self.end)
        except ItemError as error:
            if error.reason.startswith(("archive-", "connect", "timeout")):
                raise ConfigurationError(
                    f"the archive at WIREWATCH_ARCHIVE_URL does not answer ({error}); is it running?"
                ) from error
            self.counts["feeds_not_captured"] += 1
            return []
