"""Look again at the articles of the last hour, together with the stories around them, and move those misplaced.

What `story_stream.StoryStream.settle` does for a file, done for rows: the pure part is `story_settling.settle`.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from pipeline import database
from pipeline.models import Assignment
from pipeline.settings import Settings
from pipeline.steps.model import current_model, story_parameters
from pipeline.steps.moving import merge_stories, rebuild
from pipeline.store import baseline as background
from pipeline.store import stories as store
from pipeline.stories.baseline import measure
from pipeline.stories.features import ArticleFeatures, Candidate
from pipeline.stories.model import StoryModel
from pipeline.stories.reassignment import Move, Settlement, settle

YOUNG = timedelta(hours=1)
# Articles looked at together: an hour's at a large newsroom.
_LIMIT = 2000


def reassign(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Look again at the articles of the last hour, all together; returns how many stories merged and articles moved.

    Only once after articles were placed, so that running it again changes nothing. What was placed more than an hour
    ago and was never looked at again, as its worker died, is looked at too.
    """
    model = story_parameters(settings)
    with database.connect(settings) as connection, connection.pipeline():
        store.lock(connection)
        model_id = current_model(connection, settings)
        if model_id is None or not store.any_unreassigned(connection):
            return {"merged": 0, "moved": 0}
        counts = _reassign_young(connection, model, model_id, now)
        store.reassigned(connection, now)
    return counts


def _reassign_young(connection: database.Connection, model: StoryModel, model_id: int, now: datetime) -> dict[str, Any]:
    rows = store.young(connection, now - YOUNG, _LIMIT)
    if len(rows) < 2:
        return {"merged": 0, "moved": 0}
    pins, _ = store.bound(connection, [row["article_id"] for row in rows])
    ids = {row["story_id"] for row in rows}
    members = {int(m.id): m for group in store.features(connection, ids, model_id, model).values() for m in group}
    prints = {row["article_id"]: row["origin_id"] for row in rows if row["origin_id"] is not None}
    young: dict[str, list[ArticleFeatures]] = defaultdict(list)
    for row in rows:
        if row["article_id"] not in prints and row["article_id"] in members:
            young[str(row["story_id"])].append(_with_prints(members, row["article_id"], prints))
    against = model.against(measure(background.latest(connection, model_id, model), model))
    near: dict[str, Candidate] = {}
    for candidate in store.profiles(connection, ids, model_id):
        near[candidate.id] = candidate
        neighbours = store.candidates(connection, candidate.profile, model_id, model)
        near.update((neighbour.id, neighbour) for neighbour in neighbours if neighbour.id not in near)
    found = settle(
        list(near.values()),
        young,
        against,
        pinned={str(article_id) for article_id in pins},
        apart=store.apart_pairs(connection),
    )
    return _apply(connection, found, prints, model, model_id, now)


def _with_prints(members: dict[int, ArticleFeatures], article_id: int, prints: dict[int, int]) -> ArticleFeatures:
    """An article together with its young prints, which go where it goes."""
    profile = members[article_id].profile.copy()
    for print_id, origin_id in prints.items():
        if origin_id == article_id and print_id in members:
            profile.add(members[print_id].profile)
    return ArticleFeatures(str(article_id), profile)


def _apply(
    connection: database.Connection,
    found: Settlement,
    prints: dict[int, int],
    model: StoryModel,
    model_id: int,
    now: datetime,
) -> dict[str, int]:
    touched: set[int] = set()
    for merge in found.merges:
        keep, gone = int(merge.story_id), int(merge.other_id)
        assignment = Assignment(merge.story_id, merge.score, merge.threshold, "merge", model.name)
        reason = f"settled: {merge.method} score {merge.score:.2f} reached {merge.threshold:.2f}"
        merge_stories(connection, keep, gone, assignment, model_id, now, "pipeline", reason)
        touched.add(keep)
    opened: dict[str, int] = {}
    for move in found.moves:
        touched |= _move(connection, move, opened, prints, model, model_id, now)
    living = {story_id for story_id in touched if store.resolve(connection, story_id) == story_id}
    rebuild(connection, sorted(living), model, model_id)
    return {"merged": len(found.merges), "moved": len(found.moves)}


def _move(
    connection: database.Connection,
    move: Move,
    opened: dict[str, int],
    prints: dict[int, int],
    model: StoryModel,
    model_id: int,
    now: datetime,
) -> set[int]:
    """Move one article and its young prints; returns the stories concerned."""
    article_id, former = int(move.article_id), int(move.from_id)
    if move.to_id is not None:
        goal = int(move.to_id)
    elif move.group in opened:
        goal = opened[move.group]
    else:
        goal = store.new_story(connection, store.earliest(connection, [article_id]), now)
        opened[move.group] = goal
    assignment = Assignment(str(goal), 0.0, 0.0, "settle", model.name)
    for each in (article_id, *(copy for copy, origin in prints.items() if origin == article_id)):
        store.join(connection, each, goal, assignment, model_id=model_id, published=None, now=now)
    store.event(
        connection,
        now,
        "move",
        goal,
        other_id=former,
        article_id=article_id,
        actor="pipeline",
        reason="settled within its first hour, seen together with what came after it",
    )
    return {former, goal}
