"""Retention and the check that the rows agree with each other."""

from __future__ import annotations

from datetime import datetime

from pipeline.database import Connection, run


def forget(connection: Connection, oldest: datetime) -> dict[str, int]:
    """Delete what arrived before `oldest`, and idle hosts; how many of each.

    Request logs, lists of what feeds held, raw HTML and fingerprints.

    A row arrives when it is written, whatever past it tells of: what was collected today of a year ago is young.
    """
    counts = {
        f"{name}_forgotten": run(connection, f"upkeep.forget_{name}", oldest=oldest).rowcount
        for name in ("fetches", "documents", "raw", "keys")
    }
    counts["hosts_forgotten"] = run(connection, "hosts.forget_idle").rowcount
    return counts


def disagreements(connection: Connection) -> dict[str, int]:
    """Counts of rows that contradict each other; all are 0 in a sound database."""
    row = run(connection, "upkeep.disagreements").fetchone()
    assert row is not None
    return dict(row)
