"""What people ask of the rows: an entry's way, a story's members and history."""

from __future__ import annotations

from typing import Any

from pipeline.database import Connection, run

Row = dict[str, Any]


def ledger(connection: Connection, entry: str) -> list[Row]:
    """Up to 20 rows of the view `ledger` for an entry's id, address, or part of its title."""
    return run(connection, "reports.ledger", entry=entry).fetchall()


def story(connection: Connection, story_id: int) -> tuple[list[Row], list[Row]]:
    """A story's members and its events."""
    members = run(connection, "reports.story_members", story_id=story_id).fetchall()
    return members, run(connection, "reports.story_events", story_id=story_id).fetchall()
