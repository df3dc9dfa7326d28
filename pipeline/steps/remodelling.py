"""A change of the embedding model: stories keep their ids and get profiles made of the new model's vectors."""

from __future__ import annotations

from datetime import datetime

from pipeline import database
from pipeline.settings import Settings
from pipeline.steps.model import story_parameters
from pipeline.store import stories as store
from pipeline.store.story_index import PostgresIndex

_BATCH = 200


def remodel(settings: Settings, model_id: int, *, now: datetime) -> int:
    """Make the profiles of stories that still stand in another model's numbers anew, from this model's vectors.

    Returns how many. Only an article that finds its story's profile can join it, so this runs after the placed
    articles have their new vectors and before any article that waits for its story gets one. A story one of whose
    members another worker is embedding is left to that worker's own call. Without such stories it costs one look
    into an index.
    """
    made = 0
    while True:
        with database.connect(settings) as connection:
            if not store.any_of_other_model(connection, model_id):
                return made
            # A story must not grow while its members are summed up.
            store.lock(connection)
            story_ids = store.of_other_model(connection, model_id, _BATCH)
            index = PostgresIndex(connection, story_parameters(connection, settings), model_id, now).of_stream()
            index.rebuild(map(str, story_ids))
            store.forget_other_profiles(connection, story_ids, model_id)
        made += len(story_ids)
        if len(story_ids) < _BATCH:
            return made
