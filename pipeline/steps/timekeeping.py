"""A clock that stood ahead for a moment leaves times that never come: pull them back at the next look.

A host whose clock says 2036 for one poll writes a next poll in 2036. No time that a step writes lies further ahead than
its longest wait, so what does was written by such a clock.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from pipeline import database, polling
from pipeline.extraction import retries
from pipeline.settings import Settings
from pipeline.steps.barrier import FIRST_WAIT, GROWTH, TRIES
from pipeline.steps.model import story_parameters
from pipeline.steps.waiting import LENIENCE
from pipeline.store import clock as store
from pipeline.store.clock import Latest
from pipeline.stories.features import SECONDS_A_DAY

log = logging.getLogger(__name__)


def latest(settings: Settings, now: datetime) -> Latest:
    """The latest that each kind of time can be, `now` being right."""
    bounds = polling.Bounds(settings.min_poll_interval, settings.max_poll_interval)
    return Latest(
        now=now,
        soon=now + LENIENCE,
        next_poll=now + polling.longest_wait(bounds) + LENIENCE,
        next_try=now + retries.LONGEST_WAIT + LENIENCE,
        next_refetch=now + timedelta(hours=settings.refetch_hours) + timedelta(days=1),
        next_fault=now + FIRST_WAIT * GROWTH ** (TRIES - 1) + LENIENCE,
        lease=settings.lease_seconds + LENIENCE.total_seconds(),
    )


def pull_back_feeds(settings: Settings, connection: database.Connection, now: datetime) -> int:
    """Let feeds be due again that a clock ahead has put off for years; how many."""
    found = store.pull_back_feeds(connection, latest(settings, now))
    if found:
        log.warning("poll: a clock stood ahead when %d feeds were put off; they are due again", found)
    return found


def pull_back(settings: Settings, now: datetime) -> int:
    """Pull back every time on a row that no clock could have written that was right; how many rows had one."""
    with database.connect(settings) as connection:
        found = store.pull_back(connection, latest(settings, now))
    with database.connect(settings) as connection:
        half_life = story_parameters(connection, settings).half_life_days
        recounted = store.recount_words(connection, now.timestamp() // SECONDS_A_DAY, half_life)
    if found or recounted:
        log.warning(
            "maintain: a clock stood ahead; %d times were pulled back, words counted anew: %s", found, recounted
        )
    return found + recounted
