"""When feeds publish: outlets' real times as far as they are at hand, and times made after what real feeds do.

Constants of alarms may be chosen on the half `made`; what is claimed is measured on the half `kept`. Real outlets are
split by name, those that are made by their seeds.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import math
import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.polling import DAY, arrivals
from tests.support import labelled

PICKED = "stories/fulltext-2016.jsonl.xz"
LEAST_PICKED = 30
"""Articles below which an outlet's days say nothing of its habit."""
SEEDS = {"made": (1, 2, 3), "kept": (101, 102, 103)}
HALVES = tuple(SEEDS)
WEEKENDS = ((1.0, 0.4), (0.6, 0.3), (0.3, 0.2), (0.05, 0.1))
"""How much of a weekday's pace is left on Saturday and Sunday, and the share of the feeds. Assumed, not measured."""
HOLIDAYS = ((0.0, 0.15), (0.2, 0.35), (1.0, 0.5))
"""The same of the pace in a stretch of 5 to 12 days once in half a year. Assumed, not measured."""


@dataclass(frozen=True, slots=True)
class History:
    """When one feed published: seconds since some beginning, in order, up to `until`."""

    name: str
    times: tuple[float, ...]
    until: float


def half(name: str) -> str:
    """Of which half a real outlet is."""
    return HALVES[hashlib.blake2b(name.encode(), digest_size=1).digest()[0] % 2]


def picked(of: str) -> list[History]:
    """Real outlets of US politics over 28 months, by day: what an aggregator's editors picked of each.

    These are thin feeds: an article each three days to each month.
    """
    times = defaultdict[str, list[float]](list)
    with lzma.open(labelled.path(PICKED), "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["published"]:
                at = datetime.fromisoformat(row["published"])
                times[row["source"]].append(at.replace(tzinfo=at.tzinfo or UTC).timestamp())
    until = max(max(each) for each in times.values())
    known = sorted((name, each) for name, each in times.items() if len(each) >= LEAST_PICKED and half(name) == of)
    return [History(name, tuple(sorted(each)), until) for name, each in known]


def invented(feeds: int, days: int, seed: int) -> list[History]:
    """Feeds with the paces of `bench.polling`, which follow a real month of 286 feeds, with weekends and a holiday."""
    chance = random.Random(seed)
    return [_invented(f"feed-{seed}-{number}", days * DAY, chance) for number in range(feeds)]


def _invented(name: str, length: float, chance: random.Random) -> History:
    rate = min(chance.lognormvariate(math.log(2.4), 1.45), 250.0)
    weekend, holiday = (chance.choices(*zip(*kinds, strict=True))[0] for kinds in (WEEKENDS, HOLIDAYS))
    begin = chance.uniform(0, max(length, 180 * DAY))
    end, first = begin + chance.uniform(5, 12) * DAY, chance.randrange(7)
    kept = []
    for at in arrivals(rate, length, chance):
        pace = weekend if (int(at // DAY) + first) % 7 >= 5 else 1.0
        if chance.random() < pace * (holiday if begin <= at < end else 1.0):
            kept.append(at)
    return History(name, tuple(kept), length)
