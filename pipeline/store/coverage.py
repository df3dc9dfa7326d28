"""Which coverage a database holds: the recorded one or the live one."""

from __future__ import annotations

from pipeline.database import Connection, run
from pipeline.database.rows import fetch_value


def kind(connection: Connection) -> str | None:
    """``recorded`` or ``live``; None where nobody has said it yet."""
    found: str | None = fetch_value(connection, "coverage.kind")
    return found


def outlets(connection: Connection) -> tuple[int, int]:
    """How many feeds are of invented outlets, and how many of others."""
    row = run(connection, "coverage.outlets").fetchone()
    assert row is not None
    return row["invented"], row["real"]


def claim(connection: Connection, kind: str) -> None:
    """Say which coverage the database holds; what was said before stays."""
    run(connection, "coverage.claim", kind=kind)
