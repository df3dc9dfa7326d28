"""A person's word over the pipeline's: merge, split, pin, not this topic. Each binds every later run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pipeline import database, topics
from pipeline.errors import ConfigurationError
from pipeline.models import Assignment
from pipeline.settings import Settings
from pipeline.steps.model import current_model, story_parameters
from pipeline.steps.moving import merge_stories, rebuild, split_story
from pipeline.store import stories as store

_BY_HAND = Assignment(None, 1.0, 0.0, "pin", "person")


def merge(
    settings: Settings, *, story_id: int, other_id: int, actor: str, reason: str, now: datetime
) -> dict[str, Any]:
    """Merge two stories; the older id stays and every article of both is pinned to it.

    Raises `ConfigurationError` where one does not exist or both are one already.
    """
    with database.connect(settings) as connection:
        store.lock(connection)
        model_id = _model(connection, settings)
        keep, gone = sorted((_living(connection, story_id), _living(connection, other_id)))
        if keep == gone:
            raise ConfigurationError(f"story {story_id} and story {other_id} are one already (story {keep})")
        articles = store.members(connection, keep) + store.members(connection, gone)
        for article_id in articles:
            store.revoke(connection, "apart", article_id)
            _pin(connection, article_id, keep, actor, reason)
        merge_stories(connection, keep, gone, _BY_HAND, model_id, now, actor, reason)
        rebuild(connection, [keep], story_parameters(settings), model_id)
    return {"story_id": keep, "merged": gone, "articles": len(articles)}


def split(
    settings: Settings, *, story_id: int, article_ids: Sequence[int], actor: str, reason: str, now: datetime
) -> dict[str, Any]:
    """Move articles out of a story into one of their own, and keep the two apart from now on."""
    with database.connect(settings) as connection:
        store.lock(connection)
        story_id = _living(connection, story_id)
        members = set(store.members(connection, story_id))
        strangers = sorted(set(article_ids) - members)
        if strangers:
            raise ConfigurationError(f"article {strangers[0]} is not in story {story_id}")
        if not article_ids or members == set(article_ids):
            raise ConfigurationError("a split takes some of a story's articles out, not none and not all of them")
        new_id = split_story(
            connection,
            story_id,
            list(article_ids),
            _BY_HAND,
            story_parameters(settings),
            _model(connection, settings),
            now,
            actor,
            reason,
        )
        for article_id in article_ids:
            _pin(connection, article_id, new_id, actor, reason)
            store.override(connection, "apart", article_id, story_id, actor, reason)
    return {"story_id": story_id, "new_story_id": new_id, "articles": len(article_ids)}


def pin(
    settings: Settings, *, article_id: int, story_id: int, actor: str, reason: str, now: datetime
) -> dict[str, Any]:
    """Put one article into a story for good."""
    with database.connect(settings) as connection:
        store.lock(connection)
        story_id = _living(connection, story_id)
        former = store.current(connection, article_id)
        if former is None:
            raise ConfigurationError(f"article {article_id} is in no story yet; see its row in the view ledger")
        model_id = _model(connection, settings)
        store.revoke(connection, "apart", article_id)
        _pin(connection, article_id, story_id, actor, reason)
        if former != story_id:
            store.join(
                connection, article_id, story_id, _BY_HAND, model_id=model_id, published=None, now=now, actor=actor
            )
            store.event(connection, now, "pin", story_id, article_id=article_id, actor=actor, reason=reason)
            rebuild(connection, [former, story_id], story_parameters(settings), model_id)
    return {"article_id": article_id, "story_id": story_id, "from": former}


def not_topic(
    settings: Settings, *, article_id: int, topic: str, actor: str, reason: str, now: datetime
) -> dict[str, Any]:
    """Say that an article is not of a topic; it leaves that topic's digests and the verdict stays."""
    topics.find(settings, topic)
    with database.connect(settings) as connection:
        story_id = store.current(connection, article_id)
        if story_id is None:
            raise ConfigurationError(f"article {article_id} is in no story; see its row in the view ledger")
        store.judge(connection, article_id, topic, False, actor, now)
        store.event(connection, now, "not-topic", story_id, article_id=article_id, actor=actor, reason=reason)
    return {"article_id": article_id, "topic": topic, "on_topic": False}


def _model(connection: database.Connection, settings: Settings) -> int:
    model_id = current_model(connection, settings)
    if model_id is None:
        raise ConfigurationError("nothing was embedded yet; run `wirewatch collect` first")
    return model_id


def _living(connection: database.Connection, story_id: int) -> int:
    found = store.resolve(connection, story_id)
    if found is None:
        raise ConfigurationError(f"there is no story {story_id}; the view story_overview lists them")
    return found


def _pin(connection: database.Connection, article_id: int, story_id: int, actor: str, reason: str) -> None:
    store.revoke(connection, "pin", article_id)
    store.override(connection, "pin", article_id, story_id, actor, reason)
