"""How far the pipeline has come."""

from __future__ import annotations

from typing import Any

from pipeline.database import Connection, run


def counts(connection: Connection) -> dict[str, Any]:
    """Numbers of feeds, entries, articles, copies, stories and digests."""
    row = run(connection, "progress.counts").fetchone()
    assert row is not None
    return row
