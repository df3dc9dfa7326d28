"""Daily upkeep: retention, deliveries that failed, decayed words, and a check that the rows agree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pipeline import database
from pipeline.settings import Settings
from pipeline.steps.contention import again
from pipeline.steps.delivering import deliver
from pipeline.steps.measuring import KEPT
from pipeline.steps.model import story_parameters
from pipeline.steps.notifying import tell_of_clock
from pipeline.steps.settling import settle
from pipeline.steps.timekeeping import pull_back
from pipeline.store import alarms, clock, faults, upkeep
from pipeline.store import stories as story_store
from pipeline.stories import term_stats
from pipeline.stories.features import SECONDS_A_DAY

_PAUSE = timedelta(days=7)
"""How long after the last arrival a clock is believed where things are deleted by it."""

_FOLDED = 5_000
"""Notes of entries that a transaction folds: about a second of work."""


def maintain(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Settle the last days, forget what is past its retention, retry deliveries, count disagreements; a count of each.

    A delivery that our own code fails on counts as internal and holds up no other.
    """
    counts = {f"settled_{name}": count for name, count in settle(settings, now=now).items()} | _forget(settings, now)
    counts["pulled_back"] = pull_back(settings, now)
    if counts["pulled_back"]:
        tell_of_clock(settings, pulled_back=counts["pulled_back"])
    counts["stages_kept"] = _fold(settings)
    counts["indexes_made"] = _index(settings)
    with database.connect(settings) as connection:
        wrong = upkeep.disagreements(connection)
        alarms.measure(connection, [("disagreements", name, count) for name, count in wrong.items()], now)
    counts |= wrong
    sent = deliver(settings, now=now)
    return {**counts, "redelivered": sent["delivered"], "undelivered": sent["failed"], "internal": sent["internal"]}


def _fold(settings: Settings) -> int:
    """Fold the news of feeds and stages into what is counted, the latter in steps that each commit."""
    with database.connect(settings) as connection:
        upkeep.fold_feed_news(connection)
    kept = 0
    while True:
        with database.connect(settings) as connection:
            step = upkeep.fold_stage_news(connection, _FOLDED)
        if not step:
            return kept
        kept += step


def _index(settings: Settings) -> int:
    """Make the indexes of vectors that the coming days need, and those of a new model, each in its own transaction."""

    def make(verb: Callable[[database.Connection], int]) -> int:
        with database.connect(settings) as connection:
            return verb(connection)

    return sum(again(partial(make, verb)) for verb in (story_store.keep_period_indexes, story_store.keep_model_indexes))


def _forget(settings: Settings, now: datetime) -> dict[str, Any]:
    """Delete what is past its retention, each kind in a transaction of its own: none holds up whoever collects."""
    with database.connect(settings) as connection:
        parameters = story_parameters(connection, settings)
        newest = clock.clocks(connection).newest
    # By a clock that stands years ahead everything would be past its retention; what arrived last says it is not.
    believed = now if newest is None else min(now, newest + _PAUSE)
    oldest = believed - timedelta(days=settings.retention_days)
    floor = 0.01 * term_stats.increment(believed.timestamp() / SECONDS_A_DAY, parameters.half_life_days)
    verbs: dict[str, Callable[[database.Connection], int]] = {
        **upkeep.forgetting(oldest),
        "terms": lambda connection: story_store.forget_terms(connection, floor),
        "profiles": lambda connection: story_store.forget_profiles(connection, parameters.window_days),
        "faults": lambda connection: faults.forget(connection, now, oldest),
        "measurements": lambda connection: alarms.forget(connection, now - KEPT),
    }

    def forget(verb: Callable[[database.Connection], int]) -> int:
        with database.connect(settings) as connection:
            return verb(connection)

    return {f"{name}_forgotten": again(partial(forget, verb)) for name, verb in verbs.items()}
