"""A past interval through the live steps: every capture of every feed, hour by hour, then the pages as they were."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline import database
from pipeline.errors import ConfigurationError, ItemError
from pipeline.settings import Settings
from pipeline.steps.asking import shared_client
from pipeline.steps.clustering import cluster
from pipeline.steps.embedding import embed
from pipeline.steps.extracting import Tools, extract_with, tools
from pipeline.steps.matching import match
from pipeline.steps.polling import Poll, poll_all
from pipeline.store import feeds as store

# What was captured within an hour is worked off together: an article's place depends on what was there before it,
# and an hour is finer than any day's digest.
TICK = timedelta(hours=1)


def backfill(settings: Settings, *, start: datetime, end: datetime, now: datetime) -> dict[str, Any]:
    """Collect what the web archive captured within [start, end); returns the summed counts of the steps.

    Running it again changes nothing: captures already seen bring no new entries. Raises `ConfigurationError`
    where no archive is set.
    """
    if not settings.archive_url:
        raise ConfigurationError("backfill needs WIREWATCH_ARCHIVE_URL, the TimeGate address of a web archive")
    totals: dict[str, Any] = defaultdict(int)
    with tools(settings) as kit:
        for moment, polls in sorted(_captures(settings, start, end, totals).items()):
            _add(totals, poll_all(settings, polls))
            _work_off(kit, min(moment + TICK, end), totals)
        _work_off(kit, end, totals)
    totals["seconds"] = round((datetime.now(UTC) - now).total_seconds(), 1)
    return dict(totals)


def _work_off(kit: Tools, as_of: datetime, totals: dict[str, Any]) -> None:
    _add(totals, match(kit.settings, now=as_of))
    _add(totals, extract_with(kit, now=as_of, as_of=as_of))
    _add(totals, embed(kit.settings, now=as_of))
    _add(totals, cluster(kit.settings, now=as_of))


def _add(totals: dict[str, Any], counts: dict[str, Any]) -> None:
    for name, count in counts.items():
        totals[name] += count


def _captures(settings: Settings, start: datetime, end: datetime, totals: dict[str, Any]) -> dict[datetime, list[Poll]]:
    """Start of each tick -> the polls in it that were not made yet, in order of capture."""
    with database.connect(settings) as connection:
        feeds = [row for row in store.all_feeds(connection) if row["state"] != "retired"]
        read = store.captures_read(connection, start, end)
    ticks: dict[datetime, list[Poll]] = defaultdict(list)
    with shared_client(settings) as client:
        for feed in feeds:
            try:
                moments = client.timemap(feed["url"], start, end)
            except ItemError as error:
                if error.reason.startswith(("archive-", "connect", "timeout")):
                    raise ConfigurationError(
                        f"the archive at WIREWATCH_ARCHIVE_URL does not answer ({error}); is it running?"
                    ) from error
                totals["feeds_not_captured"] += 1
                continue
            for moment in moments:
                if start <= moment < end and (feed["id"], moment) not in read:
                    ticks[start + TICK * ((moment - start) // TICK)].append(Poll(feed["id"], moment))
    return {tick: sorted(polls, key=lambda poll: poll.as_of or tick) for tick, polls in ticks.items()}
