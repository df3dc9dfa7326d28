"""A backfill that is broken off goes on where it was, so that it ends with what an undisturbed one has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline import database, steps
from pipeline.archive.replay import ReplayServer
from pipeline.errors import InfrastructureError
from pipeline.feeds import opml
from pipeline.settings import Settings
from pipeline.steps.barrier import Work
from pipeline.steps.matching import match_with
from tests.support.project import REPOSITORY

RECORDED = REPOSITORY / "seeds" / "recorded"
START = datetime(2024, 6, 18, 12, tzinfo=UTC)
PAGES = """
SELECT a.identity, f.as_of, a.published FROM fetches f JOIN articles a ON a.id = f.article_id
WHERE f.kind = 'page' ORDER BY 1, 2"""


@pytest.fixture
def archived(settings: Settings) -> Iterator[Settings]:
    """The recorded web, of which one feed is asked whose dates move forward from poll to poll."""
    sources, _ = opml.read((RECORDED / "feeds.opml").read_bytes())
    (source,) = (source for source in sources if "hanbit" in source.url)
    with ReplayServer([RECORDED / "2024-06-18.warc.gz"]) as replay:
        found = replace(settings, archive_url=replay.timegate, archive_timemap_url=replay.timemap)
        steps.add_feed(found, source)
        yield found


def backfill(settings: Settings) -> None:
    steps.backfill(settings, start=START, end=START + timedelta(hours=9), now=datetime.now(UTC))


def rows(settings: Settings) -> list[dict[str, Any]]:
    with database.connect(settings) as connection:
        return list(connection.execute(PAGES).fetchall())


def test_a_page_is_asked_for_as_of_the_tick_that_brought_it(archived: Settings) -> None:
    stopped_at: list[datetime] = []

    def broken_off(work: Work) -> None:
        with database.connect(archived) as connection:
            polled = connection.execute("SELECT 1 FROM entries WHERE matched_at IS NULL").fetchone()
        if polled and not stopped_at:
            stopped_at.append(work.now)
            raise InfrastructureError("Postgres went away")
        match_with(work)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.steps.backfilling.match_with", broken_off)
        with pytest.raises(InfrastructureError):
            backfill(archived)
    backfill(archived)
    fetched = rows(archived)
    assert fetched
    assert min(row["as_of"] for row in fetched) == stopped_at[0], "not as of a later tick"
