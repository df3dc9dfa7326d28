"""Two backfills of one interval, upkeep and drafts, at once in processes of their own, leave what one run leaves."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from pipeline import database, steps
from pipeline.archive.replay import ReplayServer
from pipeline.settings import Settings
from tests.support import beside
from tests.support.project import REPOSITORY
from tests.support.recorded import RECORDED

pytestmark = [pytest.mark.timeout(600), pytest.mark.nightly]

Rows = dict[str, set[object]]


@pytest.fixture(scope="module")
def replay() -> Iterator[ReplayServer]:
    with ReplayServer([RECORDED]) as server:
        yield server


def rows(settings: Settings) -> Rows:
    """What stands in the database, without ids."""
    queries = {
        "entries": "SELECT f.url || ' ' || e.key || ' ' || e.revision AS one FROM entries e"
        " JOIN feeds f ON f.id = e.feed_id",
        "articles": "SELECT identity || ' ' || revision || ' ' || state AS one FROM articles",
        "copies": "SELECT a.identity || ' ' || o.identity AS one FROM copies c JOIN articles a ON a.id = c.article_id"
        " JOIN articles o ON o.id = c.origin_id",
    }
    found: Rows = {}
    with database.connect(settings) as connection:
        for name, query in queries.items():
            found[name] = {row["one"] for row in connection.execute(query)}
        members: dict[int, set[str]] = defaultdict(set)
        for row in connection.execute(
            "SELECT m.story_id, a.identity FROM memberships m JOIN articles a ON a.id = m.article_id"
            " WHERE m.until IS NULL"
        ):
            members[row["story_id"]].add(row["identity"])
    found["stories"] = {frozenset(each) for each in members.values()}
    return found


def test_all_at_once_they_leave_what_one_leaves(settings: Settings, replay: ReplayServer) -> None:
    where = (settings.database_url, str(settings.home), replay.timegate, replay.timemap)
    mine = beside.settings_of(*where)
    steps.import_feeds(mine, (RECORDED / "feeds.opml").read_bytes())
    verbs = ("backfill", "backfill", "maintain", "draft")
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.support.beside", verb, *where],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for verb in verbs
    ]
    said = [each.communicate(timeout=300)[1] for each in running[:2]]
    said += [each.communicate(timeout=60)[1] for each in running[2:]]  # closes their stdin
    assert [each.returncode for each in running] == [0, 0, 0, 0], said
    found = rows(mine)
    with database.connect(mine) as connection:
        connection.execute(
            "TRUNCATE articles, entries, fetches, gaps, stories, term_stats, digests, item_faults CASCADE"
        )
        connection.execute("UPDATE feeds SET poll_state = '{}', last_polled_at = NULL, next_poll_at = 'epoch'")
    steps.backfill(mine, start=beside.START, end=beside.END, now=datetime.now(UTC))
    assert found == rows(mine)
    assert len(found["copies"]) >= 1
    assert len(found["stories"]) >= 5
