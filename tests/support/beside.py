"""One of several programs that work on a database at once, for `tests/db/test_beside.py`.

``python -m tests.support.beside VERB DATABASE HOME TIMEGATE TIMEMAP``; VERB is ``backfill``, ``maintain`` or ``draft``.
The first waits for the one before it; the others go on until their stdin is closed.
"""

from __future__ import annotations

import select
import sys
from datetime import UTC, datetime
from pathlib import Path

from pipeline import steps
from pipeline.settings import Settings
from tests.support import light
from tests.support.recorded import TOPIC

START, END = datetime(2024, 6, 18, 0, tzinfo=UTC), datetime(2024, 6, 18, 7, tzinfo=UTC)


def settings_of(database: str, home: str, timegate: str, timemap: str) -> Settings:
    """Settings of a run beside others."""
    return Settings(
        database_url=database,
        home=Path(home),
        model=light.MODEL,
        archive_url=timegate,
        archive_timemap_url=timemap,
        host_interval=0.0,
        extract_processes=1,
    )


def main(verb: str, *where: str) -> None:
    """Do it."""
    settings = settings_of(*where)
    if verb == "backfill":
        steps.backfill(settings, start=START, end=END, now=datetime.now(UTC), patience=300)
        return
    while not select.select([sys.stdin], [], [], 0.2)[0]:
        if verb == "maintain":
            steps.maintain(settings, now=datetime.now(UTC))
        else:
            steps.draft(settings, topic=TOPIC, day="2024-06-18", now=datetime.now(UTC))


if __name__ == "__main__":
    main(*sys.argv[1:])
