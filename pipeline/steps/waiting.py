"""The verbs that a schedule calls whether there is work or not: the database is asked first, and the step loaded after.

Every quarter of an hour each stage of `collect` runs in a process of its own, and mostly finds nothing. What the steps
import takes longer than that question; where its answer is no, a verb returns the counts of a run without work.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from pipeline import database, polling
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings
from pipeline.store import coverage
from pipeline.store import waiting as store

LENIENCE = timedelta(hours=1)
"""How far two clocks may differ before the difference is worth a word."""
_WORTH_A_TASK = 20
Question = Callable[[database.Connection, datetime], bool]


def due_batches(settings: Settings, *, now: datetime, size: int = 2_500) -> list[list[int]]:
    """The ids of the feeds to ask now, in batches of `size`, longest overdue first.

    What hubs pushed is read before. Where they may push, the step is asked in any case. Raises `ConfigurationError`
    where the database holds the recorded coverage: nobody can be asked at its addresses.
    """
    bounds = polling.Bounds(settings.min_poll_interval, settings.max_poll_interval)
    last = now + polling.longest_wait(bounds) + LENIENCE
    with database.connect(settings) as connection:
        if coverage.kind(connection) == "recorded":
            raise ConfigurationError(
                f"the database {connection.info.dbname} holds the recorded coverage, whose outlets are invented and "
                "cannot be asked for news; `wirewatch run --live` collects from real feeds, into a database of its own"
            )
        if not settings.push_url and not store.any_feed(connection, now, soon=now + LENIENCE, next_poll=last):
            return []
    found: list[list[int]] = _verb("polling", "due_batches")(settings, now=now, size=size)
    return found


def shares(settings: Settings, *, now: datetime) -> list[int]:
    """The numbers of the tasks among which extracting, copying and embedding are shared out now; none without work.

    Each of them claims a few rows at a time until none is left, so that a number stands for no rows of its own. What is
    held by a fault counts as well: a task that finds nothing costs a second.
    """
    from pipeline.embeddings import name_of

    most = settings.step_tasks
    with database.connect(settings) as connection:
        found = store.backlog(connection, name_of(settings), now, _WORTH_A_TASK * most)
    return list(range(1, min(most, math.ceil(found / _WORTH_A_TASK)) + 1))


def match(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Judge every entry that no topic was asked about; returns how many were judged, on topic, and ended internal."""
    idle = dict.fromkeys(("judged", "on_topic", "internal"), 0)
    return _where(store.any_entry, "matching", "match", settings, now, idle)


def extract(settings: Settings, *, now: datetime, as_of: datetime | None = None) -> dict[str, Any]:
    """Work off every article to fetch or to look at again; returns counts by outcome."""
    return _where(store.any_page, "extracting", "extract", settings, now, {"internal": 0}, as_of=as_of)


def find_copies(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Look for the origin of every article that lacks the answer; returns judged, copies, rerooted and internal."""
    idle = dict.fromkeys(("judged", "copies", "rerooted", "internal"), 0)
    return _where(store.any_uncopied, "copying", "find_copies", settings, now, idle)


def embed(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Embed what is no copy; returns embedded, borrowed, on_topic, off_topic, remodelled and internal."""

    def waits(connection: database.Connection, now: datetime) -> bool:
        from pipeline.embeddings import name_of

        return store.any_unembedded(connection, name_of(settings), now)

    idle = dict.fromkeys(("embedded", "borrowed", "on_topic", "off_topic", "remodelled", "internal"), 0)
    return _where(waits, "embedding", "embed", settings, now, idle)


def place(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Place every article that waits for its story; returns placed, opened, off_topic, round_ups, merged
    and internal.
    """
    idle = dict.fromkeys(("placed", "opened", "off_topic", "round_ups", "merged", "internal"), 0)
    return _where(store.any_unplaced, "clustering", "place", settings, now, idle)


def reassign(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Look again at the young articles, all together; returns how many stories merged and split and articles moved."""
    idle = dict.fromkeys(("merged", "moved", "split", "internal"), 0)
    return _where(store.any_unreassigned, "reassigning", "reassign", settings, now, idle)


def deliver(
    settings: Settings,
    *,
    now: datetime,
    digest_id: int | None = None,
    anew: bool = False,
    of_the_house: bool = True,
    seconds: float = math.inf,
) -> dict[str, Any]:
    """Send what is due, of one digest or of all; returns counts by outcome: delivered, retried, failed, internal.

    `anew` makes all of the digest that did not arrive due now, also what was given up, by the channels set here.
    `of_the_house` says that these settings are all there are: of what is due of all, what they name no address of is
    switched off. After `seconds` no try begins any more.
    """
    if digest_id is None:
        idle = dict.fromkeys(("tried", "delivered", "failed", "internal"), 0)
        options: dict[str, Any] = {"of_the_house": of_the_house, "seconds": seconds}
        return _where(store.any_delivery, "delivering", "deliver", settings, now, idle, **options)
    sent: dict[str, Any] = _verb("delivering", "deliver")(settings, now=now, digest_id=digest_id, anew=anew)
    return sent


def _where(
    waits: Question,
    module: str,
    name: str,
    settings: Settings,
    now: datetime,
    idle: Mapping[str, int],
    **options: Any,
) -> dict[str, Any]:
    """What the step returns where something waits for it, else the counts of a run that had nothing to do."""
    with database.connect(settings) as connection:
        if not waits(connection, now):
            return dict(idle)
    counts: dict[str, Any] = _verb(module, name)(settings, now=now, **options)
    return counts


def _verb(module: str, name: str) -> Callable[..., Any]:
    return getattr(import_module(f"pipeline.steps.{module}"), name)  # type: ignore[no-any-return]
