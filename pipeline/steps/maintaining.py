"""Daily upkeep: retention, deliveries that failed, decayed words, and a check that the rows agree."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pipeline import database
from pipeline.settings import Settings
from pipeline.steps.delivering import deliver
from pipeline.steps.model import story_parameters
from pipeline.store import faults, upkeep
from pipeline.store import stories as story_store
from pipeline.stories import term_stats
from pipeline.stories.features import SECONDS_A_DAY


def maintain(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Forget what is past its retention, retry deliveries, count disagreements; returns a count of each.

    A delivery that our own code fails on counts as internal and holds up no other.
    """
    oldest = now - timedelta(days=settings.retention_days)
    with database.connect(settings) as connection:
        parameters = story_parameters(connection, settings)
        counts: dict[str, Any] = upkeep.forget(connection, oldest)
        today = now.timestamp() / SECONDS_A_DAY
        floor = 0.01 * term_stats.increment(today, parameters.half_life_days)
        counts["terms_forgotten"] = story_store.forget_terms(connection, floor)
        counts["profiles_forgotten"] = story_store.forget_profiles(connection, parameters.window_days)
        counts["faults_forgotten"] = faults.forget(connection, now)
        counts |= upkeep.disagreements(connection)
    sent = deliver(settings, now=now)
    return {**counts, "redelivered": sent["delivered"], "undelivered": sent["failed"], "internal": sent["internal"]}
