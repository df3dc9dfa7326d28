"""Look again at the articles of the last hour, together with the stories around them; then split what is two."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

from pipeline import database
from pipeline.models import Assignment
from pipeline.settings import Settings
from pipeline.steps.barrier import REASSIGN, Attempt, Work
from pipeline.steps.contention import transact
from pipeline.steps.model import current_model, story_parameters
from pipeline.store import faults, pages
from pipeline.store import stories as store
from pipeline.store.stories import Event, Membership
from pipeline.store.story_index import PostgresIndex
from pipeline.stories.decide import MUST_LINK
from pipeline.stories.orchestration import Orchestration


def reassign(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Look again at the young articles, all together; returns how many stories merged and split and articles moved.

    Only once after articles were placed, so that running it again changes nothing. What was placed more than an hour
    ago and was never looked at again, as its worker died, is looked at too.
    """
    work = Work(settings, now, REASSIGN)
    reassign_with(work)
    return work.finish()


def reassign_with(work: Work) -> None:
    """The same with a step's work, whose tally may be that of several runs.

    A pass that fails as a whole changes nothing. Its fault is recorded for the article placed first, which brings
    about the next try; articles placed within the hour are looked at again with it.
    """
    work.counts |= {name: work.counts.get(name, 0) for name in ("merged", "moved", "split")}
    transact(work, partial(_reassign, work))


def _reassign(work: Work, connection: database.Connection) -> None:
    with connection.pipeline():
        store.lock(connection)
        model = story_parameters(connection, work.settings)
        model_id = current_model(connection, work.settings)
        if model_id is None:
            return
        index = PostgresIndex(connection, model, model_id, work.now)
        _mend(connection, index, work.now)
        first = store.first_unreassigned(connection, work.now)
        if first is None:
            return
        failed: set[int] = set()

        @contextmanager
        def guard(article_id: str) -> Iterator[Attempt]:
            with work.item(connection, int(article_id)) as attempt:
                yield attempt
            if attempt.fault is not None:
                failed.add(int(article_id))

        young = [int(each.article_id) for each in index.young()]
        orchestration = Orchestration(index, model, guard)
        with work.whole(connection, first) as attempt:
            orchestration.reassign()
        if attempt.fault is None:
            for name in ("merged", "moved", "split"):
                work.counts[name] += orchestration.counts[name]
            faults.clear(connection, REASSIGN.name, REASSIGN.kind, sorted({first, *young} - failed))
        store.reassigned(connection, work.now)


def _mend(connection: database.Connection, index: PostgresIndex, now: datetime) -> None:
    """Make the sums of stories anew that lost an article to another address of its page; a person's word goes along."""
    lost = pages.to_rebuild(connection)
    if not lost:
        return
    touched = dict.fromkeys(map(str, lost))
    for each in pages.strayed(connection):
        placed = Assignment(str(each.story_id), 1.0, 0.0, MUST_LINK, index.model.name)
        store.join(connection, each.article_id, Membership(each.story_id, placed, index.model_id, now))
        reason = "another address of this page was put here by a person"
        store.event(connection, Event(now, MUST_LINK, each.story_id, "pipeline", reason, each.from_id, each.article_id))
        touched |= {str(each.from_id): None, str(each.story_id): None}
    index.rebuild(touched)
