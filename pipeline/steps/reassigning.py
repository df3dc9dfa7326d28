"""Look again at the articles of the last hour, together with the stories around them; then split what is two."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from pipeline.settings import Settings
from pipeline.steps.barrier import REASSIGN, Attempt, Work
from pipeline.steps.model import current_model, story_parameters
from pipeline.store import faults
from pipeline.store import stories as store
from pipeline.store.story_index import PostgresIndex
from pipeline.stories.orchestration import Orchestration


def reassign(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Look again at the young articles, all together; returns how many stories merged and split and articles moved.

    Only once after articles were placed, so that running it again changes nothing. What was placed more than an hour
    ago and was never looked at again, as its worker died, is looked at too.
    """
    work = Work(settings, now, REASSIGN, counts=dict.fromkeys(("merged", "moved", "split"), 0))
    with work.batch() as connection, connection.pipeline():
        store.lock(connection)
        model = story_parameters(connection, settings)
        model_id = current_model(connection, settings)
        if model_id is None or not store.any_unreassigned(connection, now):
            return work.finish()
        index = PostgresIndex(connection, model, model_id, now)
        failed: set[int] = set()

        @contextmanager
        def guard(article_id: str) -> Iterator[Attempt]:
            with work.item(connection, int(article_id)) as attempt:
                yield attempt
            if attempt.fault is not None:
                failed.add(int(article_id))

        young = [int(each.article_id) for each in index.young()]
        orchestration = Orchestration(index, model, guard)
        orchestration.reassign()
        work.counts |= {name: orchestration.counts[name] for name in work.counts}
        faults.clear(connection, REASSIGN.name, REASSIGN.kind, [each for each in young if each not in failed])
        store.reassigned(connection, now)
    return work.finish()
