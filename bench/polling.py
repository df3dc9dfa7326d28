"""A month of feeds in simulated time: our polling beside a fixed 15-minute poll without validators.

``python -m bench.polling`` builds 300 publishers (rates, daily rhythm, edits, entries that vanish and return, ids that
change, servers that throttle, lie, move, fail, die and fall silent), then lets each poller live through the month
against them: `polling.next_poll` and `sightings.reconcile` decide, nothing is fetched. Rates follow what was recorded
of real feeds: 286 feeds gave 71,851 entries in a month.
"""

from __future__ import annotations

import argparse
import bisect
import heapq
import json
import math
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from pipeline import polling
from pipeline.feeds import sightings
from pipeline.models import FeedEntry, Hop, Validators
from pipeline.polling import schedule
from pipeline.polling.schedule import Bounds, EntriesSeen, PollDecision, PollOutcome, PollState, UpdateHints

START = datetime(2024, 6, 1, tzinfo=UTC)
HEAD_BYTES, ENTRY_BYTES, EMPTY_ANSWER_BYTES = 900, 1_100, 260
DAY = 86_400.0
# The database keeps all rows, the bench only those that may come back: no feed is empty for more than 4 days, and no
# entry away for much more than a day.
_KEPT = timedelta(days=5)


# --- publishers -------------------------------------------------------------------------------------------


@dataclass
class Publisher:
    """One feed and its server over the whole month; times are seconds since `START`."""

    id: int
    holds: int
    times: list[float]
    edits: dict[int, list[float]]
    away: dict[int, tuple[float, float]]
    renumbered_at: float
    etag: str  # "honest", "none", "changing" or "stuck"
    hints: UpdateHints
    throttle: float = 0.0
    outages: list[tuple[float, float, str]] = field(default_factory=list)
    moved_at: float = math.inf
    old_address_dies: float = math.inf
    empty: tuple[float, float] = (math.inf, math.inf)

    def document(self, now: float) -> tuple[tuple[int, int, bool], ...]:
        """(entry, revision, renumbered) of each entry shown at `now`, newest first."""
        if self.empty[0] <= now < self.empty[1]:
            return ()
        last = bisect.bisect_right(self.times, now)
        shown = []
        for entry in range(last - 1, max(last - self.holds, 0) - 1, -1):
            gone = self.away.get(entry)
            if gone is None or not gone[0] <= now < gone[1]:
                shown.append((entry, bisect.bisect_right(self.edits.get(entry, ()), now), now >= self.renumbered_at))
        return tuple(shown)

    def failure(self, now: float, url: str) -> str | None:
        if url == "old" and now >= self.old_address_dies:
            return "http-404"
        return next((reason for start, end, reason in self.outages if start <= now < end), None)


def publishers(count: int, days: int, seed: int) -> list[Publisher]:
    """Make the month."""
    chance = random.Random(seed)
    return [_publisher(number, days * DAY, chance) for number in range(count)]


def _publisher(number: int, length: float, chance: random.Random) -> Publisher:
    rate = min(chance.lognormvariate(math.log(2.4), 1.45), 250.0)  # with what comes at once: 8 entries per day
    times = arrivals(rate, length, chance)
    edits = {n: sorted(at + chance.expovariate(1 / 5_400) for _ in range(chance.choice((1, 1, 2))))
             for n, at in enumerate(times) if chance.random() < 0.12}  # fmt: skip
    away = {n: (at + chance.uniform(600, 20_000), at + chance.uniform(20_000, 90_000))
            for n, at in enumerate(times) if chance.random() < 0.02}  # fmt: skip
    kind = number % 100
    made = Publisher(
        id=number,
        holds=chance.choice((10, 10, 15, 20, 25, 30, 50)) + int(rate / 4),
        times=times,
        edits=edits,
        away=away,
        renumbered_at=length / 2 if kind in (3, 53) else math.inf,
        etag=chance.choices(("honest", "none", "changing", "stuck"), (62, 25, 10, 3))[0],
        hints=UpdateHints(
            fresh_for=chance.choice((0.0, 0.0, 0.0, 60.0, 300.0, 300.0, 900.0, 1_800.0)),
            period=chance.choice((0.0, 0.0, 0.0, 0.0, 900.0, 1_800.0, 3_600.0, 3_600.0)),
            skip_hours=frozenset(range(1, 5)) if kind == 11 else frozenset(),
        ),
    )
    made.outages = [(at, at + chance.uniform(120, 5_400), chance.choice(("timeout-read", "http-503", "http-500")))
                    for at in sorted(chance.uniform(0, length) for _ in range(4))]  # fmt: skip
    _afflict(made, kind, length, chance)
    return made


def _afflict(made: Publisher, kind: int, length: float, chance: random.Random) -> None:
    """Give a share of the publishers the troubles that real lists have."""
    start = chance.uniform(0.1, 0.5) * length
    if kind < 3:
        made.outages.append((start, math.inf, ("http-404", "dns", "http-410")[kind]))
    elif kind in (20, 21, 22):
        made.outages.append(
            (start, start + chance.uniform(1, 8) * DAY, ("http-403", "dns", "timeout-connect")[kind - 20])
        )
    elif kind in (30, 31, 32, 33):
        made.throttle = chance.choice((600.0, 1_800.0, 3_600.0))
    elif kind in (40, 41, 42, 43):
        made.moved_at = start
        made.old_address_dies = start + 12 * DAY
    elif kind in (50, 51):
        made.empty = (start, start + chance.uniform(0.5, 4) * DAY)


def arrivals(rate: float, length: float, chance: random.Random) -> list[float]:
    """Publication times with a day's rhythm (quiet from 22 to 5 h) and now and then several at once."""
    zone, at, found = chance.uniform(0, DAY), 0.0, []
    while at < length:
        hour = ((at + zone) % DAY) / 3_600
        weight = 0.25 if hour < 5 or hour >= 22 else 1.6 if 8 <= hour < 18 else 0.9
        at += chance.expovariate(max(rate * weight, 0.02) / DAY)
        found += [at + 20.0 * n for n in range(chance.choice((1, 1, 1, 1, 1, 1, 2, 4)) if rate > 4 else 1)]
    return sorted(one for one in found if one < length)


# --- one poller's month -----------------------------------------------------------------------------------


@dataclass
class Reader:
    """What a poller knows of one feed, and its rows."""

    publisher: Publisher
    state: PollState = field(default_factory=PollState)
    url: str = "old"
    rows: dict[int, sightings.KnownEntry] = field(default_factory=dict)
    urls: list[str] = field(default_factory=list)
    first_seen: dict[int, float] = field(default_factory=dict)
    version: tuple[tuple[int, int, bool], ...] | None = None
    last_request: float = -math.inf
    gaps: int = 0
    moved: bool = False


@dataclass
class Totals:
    requests: int = 0
    bytes: int = 0
    not_modified: int = 0
    unchanged: int = 0
    failed: int = 0
    throttled: int = 0
    edits: int = 0
    returned: int = 0


def fetch(reader: Reader, now: float, sent: Validators | None, totals: Totals) -> tuple[PollOutcome, bool]:
    """What the publisher's server answers: the outcome, and whether a document has to be read."""
    publisher = reader.publisher
    totals.requests += 1
    since, reader.last_request = now - reader.last_request, now
    reason = publisher.failure(now, reader.url)
    if reason is None and since < publisher.throttle:
        totals.throttled += 1
        reason = "http-429"
    if reason is not None:
        totals.failed += 1
        totals.bytes += EMPTY_ANSWER_BYTES
        return PollOutcome(reason=reason, retry_after=publisher.throttle if reason == "http-429" else None), False
    hops = (Hop(301, "new"),) if reader.url == "old" and now >= publisher.moved_at else ()
    totals.requests += len(hops)
    shown = publisher.document(now)
    version = f'"{hash(shown)}"'
    stuck = publisher.etag == "stuck"
    if sent is not None and (stuck or sent.etag == version):
        totals.not_modified += 1
        totals.bytes += EMPTY_ANSWER_BYTES
        return PollOutcome(not_modified=True, conditional=True, hops=hops), False
    totals.bytes += HEAD_BYTES + ENTRY_BYTES * len(shown)
    etag = {"honest": version, "none": None, "changing": f'"{now}"', "stuck": '"fixed"'}[publisher.etag]
    kept = None if etag is None else Validators(reader.url, etag)
    digest = version if publisher.etag != "changing" else str(now)
    outcome = PollOutcome(conditional=sent is not None, validators=kept, body_hash=digest, hops=hops)
    return outcome, digest != reader.state.body_hash


def read(reader: Reader, now: float, totals: Totals) -> EntriesSeen:
    """Reconcile the document with the rows, as the poll step does."""
    shown = reader.publisher.document(now)
    at = START + timedelta(seconds=now)
    entries = [_entry(reader.publisher, one) for one in shown]
    found = sightings.reconcile(list(reader.rows.values()), entries)
    for entry in found.new:
        row = len(reader.urls)
        reader.urls.append(entry.canonical_url or "")
        reader.rows[row] = _row(row, entry)
        reader.first_seen[row] = now
    for edit in found.edited:
        reader.rows[edit.known.id] = _row(edit.known.id, edit.entry)
    for row in found.returned:
        reader.rows[row] = replace(reader.rows[row], absent_since=None)
    for row in found.gone:
        reader.rows[row] = replace(reader.rows[row], absent_since=at)
    for row in [row.id for row in reader.rows.values() if row.absent_since and at - row.absent_since > _KEPT]:
        del reader.rows[row]
    totals.edits += len(found.edited)
    totals.returned += len(found.returned)
    reader.version = shown
    times = tuple(entry.published for entry in entries if entry.published)
    fresh = tuple(entry.published for entry in found.new if entry.published)
    return EntriesSeen(len(entries), len(entries) - len(found.new), times, fresh)


def _entry(publisher: Publisher, shown: tuple[int, int, bool]) -> FeedEntry:
    number, revision, renumbered = shown
    url = f"https://f{publisher.id}.example/{number}"
    published = START + timedelta(seconds=publisher.times[number])
    key = f"new-{number}" if renumbered else f"old-{number}"
    return FeedEntry(key, key, url, url, f"Title {number}", "", "", f"Text, revision {revision}", published=published)


def _row(row: int, entry: FeedEntry) -> sightings.KnownEntry:
    assert entry.published is not None
    return sightings.KnownEntry(
        row, entry.key, entry.canonical_url, entry.title, entry.text, entry.published, entry.published_rule, None
    )


Seen = Callable[[int, float, PollOutcome, PollDecision], object]
"""What is told of each poll: the feed's place in the list, when, how it ended, and what follows."""


def adaptive(
    month: list[Publisher], length: float, bounds: Bounds, tick: float, seen: Seen = lambda *_: None
) -> tuple[list[Reader], Totals]:
    """Our polling; a due feed is asked at the next multiple of `tick` seconds. Each poll is told to `seen`."""
    totals, readers = Totals(), [Reader(publisher) for publisher in month]
    due = [(random.Random(n).uniform(0, 900), n) for n in range(len(readers))]
    heapq.heapify(due)
    while due and due[0][0] < length:
        now, number = heapq.heappop(due)
        reader = readers[number]
        at = START + timedelta(seconds=now)
        sent = polling.validators_for(reader.state, at)
        outcome, changed = fetch(reader, now, sent, totals)
        if changed:
            outcome = replace(outcome, entries=read(reader, now, totals))
        elif outcome.reason is None and not outcome.not_modified:
            totals.unchanged += 1
        decision = polling.next_poll(reader.state, outcome, reader.publisher.hints, at, bounds=bounds, feed_id=number)
        seen(number, now, outcome, decision)
        reader.state = decision.state
        reader.gaps += decision.gap is not None
        if decision.new_url is not None:
            reader.url, reader.moved = decision.new_url, True
        if decision.feed_state != "retired":
            wanted = (decision.next_at - START).total_seconds()
            heapq.heappush(due, (math.ceil(wanted / tick) * tick, number))
    return readers, totals


def fixed(month: list[Publisher], length: float, every: float) -> tuple[list[Reader], Totals]:
    """Each feed every `every` seconds, whatever happens, without validators or hash."""
    totals, readers = Totals(), [Reader(publisher) for publisher in month]
    for number, reader in enumerate(readers):
        now = random.Random(number).uniform(0, every)
        while now < length:
            outcome, _ = fetch(reader, now, None, totals)
            # Reading the same document again changes no row, so the bench spares itself the time.
            if outcome.reason is None and reader.publisher.document(now) != reader.version:
                read(reader, now, totals)
            now += every
    return readers, totals


# --- figures ----------------------------------------------------------------------------------------------


def figures(readers: list[Reader], totals: Totals, length: float) -> dict[str, float | int]:
    """The month in numbers; delays are minutes from publication to row.

    `missed` counts entries that stood in an answering feed for half an hour, or for twice the time between polls that
    the publisher asks for, and never came to a row; `withdrawn_or_unreachable` those that stood for less, mostly in
    feeds that did not answer. `delay_free_*` are of the feeds that ask for no more than 15 minutes between polls.
    """
    delays, free, missed, lost_with_feed, doubled = [], [], 0, 0, 0
    for reader in readers:
        by_entry = {int(url.rsplit("/", 1)[1]): row for row, url in reversed(list(enumerate(reader.urls)))}
        doubled += len(reader.urls) - len(by_entry)
        for entry, published in enumerate(reader.publisher.times):
            if entry in by_entry:
                if published > 3_600:
                    delays.append((reader.first_seen[by_entry[entry]] - published) / 60)
                    if _asked_pause(reader.publisher) <= 900:
                        free.append(delays[-1])
            elif published < length - DAY:
                if _was_reachable(reader.publisher, entry, length):
                    missed += 1
                else:
                    lost_with_feed += 1
    delays.sort()
    free.sort()
    return {
        "entries": sum(len(reader.urls) for reader in readers),
        "requests": totals.requests,
        "megabytes": round(totals.bytes / 1e6, 1),
        "share_304": round(totals.not_modified / totals.requests, 3),
        "share_unchanged_by_hash": round(totals.unchanged / totals.requests, 3),
        "failed": totals.failed,
        "throttled": totals.throttled,
        "missed": missed,
        "withdrawn_or_unreachable": lost_with_feed,
        "doubled": doubled,
        "edits": totals.edits,
        "returned": totals.returned,
        "gaps": sum(reader.gaps for reader in readers),
        "moved": sum(reader.moved for reader in readers),
        "delay_median_min": round(statistics.median(delays), 1),
        "delay_mean_min": round(statistics.fmean(delays), 1),
        "delay_p90_min": round(delays[int(len(delays) * 0.9)], 1),
        "delay_free_median_min": round(statistics.median(free), 1),
        "delay_free_p90_min": round(free[int(len(free) * 0.9)], 1),
    }


def _was_reachable(publisher: Publisher, entry: int, length: float) -> bool:
    """Whether the entry stood in an answering feed, at one of its addresses, for long enough on end."""
    shown, enough = 0.0, max(1_800.0, 2 * _asked_pause(publisher))
    now, step = publisher.times[entry], 300.0
    while now < length and shown < enough:
        holds = any(one[0] == entry for one in publisher.document(now)) and publisher.failure(now, "new") is None
        shown = shown + step if holds else 0.0
        later = bisect.bisect_right(publisher.times, now) - entry
        if later > publisher.holds:
            break
        now += step
    return shown >= enough


def _asked_pause(publisher: Publisher) -> float:
    return max(publisher.hints.fresh_for, publisher.hints.period, publisher.throttle)


Run = Callable[[], tuple[list["Reader"], "Totals"]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=300)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=20240618)
    parser.add_argument("--costs", type=float, nargs="*", default=[], help="other values of POLL_COST to try")
    parser.add_argument("--ours-only", action="store_true", help="leave out the fixed poll")
    options = parser.parse_args()
    length, month = options.days * DAY, publishers(options.feeds, options.days, options.seed)
    runs: list[tuple[str, Run]] = [("fixed 15 min", partial(fixed, month, length, 900.0))]
    for tick, name in ((60.0, "adaptive, due feeds each minute"), (900.0, "adaptive, due feeds each 15 min")):
        runs.append((name, partial(adaptive, month, length, Bounds(), tick)))
    for name, run in runs[options.ours_only :]:
        report(name, run, length)
    for cost in options.costs:
        schedule.POLL_COST = cost
        report(f"adaptive, POLL_COST {cost:g}", partial(adaptive, month, length, Bounds(), 60.0), length)


def report(name: str, run: Run, length: float) -> None:
    began = time.process_time()
    readers, totals = run()
    print(
        json.dumps(
            {"poller": name} | figures(readers, totals, length) | {"cpu_s": round(time.process_time() - began, 1)}
        )
    )


if __name__ == "__main__":
    main()
