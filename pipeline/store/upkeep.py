"""Retention and the check that the rows agree with each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pipeline.database import Connection, run
from pipeline.database.rows import fetch_value
from pipeline.store.settlement import lock_copies


def forgetting(oldest: datetime) -> dict[str, Callable[[Connection], int]]:
    """What deletes what arrived before `oldest`, and idle hosts, each with a count of its own.

    Request logs, lists of what feeds held, raw HTML, fingerprints, alerts that are over, and what the outbox is done
    with. Articles, stories and digests stay.

    A row arrives when it is written, whatever past it tells of: what was collected today of a year ago is young.
    """
    return {
        "fetches": lambda connection: run(connection, "upkeep.forget_fetches", oldest=oldest).rowcount,
        "documents": lambda connection: run(connection, "upkeep.forget_documents", oldest=oldest).rowcount,
        "raw": lambda connection: run(connection, "upkeep.forget_raw", oldest=oldest).rowcount,
        "keys": lambda connection: _forget_keys(connection, oldest),
        "alerts": lambda connection: run(connection, "upkeep.forget_alerts", oldest=oldest).rowcount,
        "deliveries": lambda connection: run(connection, "upkeep.forget_deliveries", oldest=oldest).rowcount,
        "hosts": lambda connection: run(connection, "hosts.forget_idle").rowcount,
    }


def _forget_keys(connection: Connection, oldest: datetime) -> int:
    lock_copies(connection)
    return run(connection, "upkeep.forget_keys", oldest=oldest).rowcount


def disagreements(connection: Connection) -> dict[str, int]:
    """Counts of rows that contradict each other; all are 0 in a sound database."""
    row = run(connection, "upkeep.disagreements").fetchone()
    assert row is not None
    return dict(row)


def fold_feed_news(connection: Connection) -> None:
    """Add what came and went since to the counts that are kept of feeds."""
    run(connection, "upkeep.fold_feed_news")


def fold_stage_news(connection: Connection, at_most: int) -> int:
    """Keep the stages of at most so many entries anew that may have changed; how many, 0 where none is left."""
    kept: int = fetch_value(connection, "upkeep.fold_stage_news", at_most=at_most)
    return kept
