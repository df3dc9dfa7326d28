"""A person's word over the pipeline's: merge, split, pin, not this topic. Each binds every later run.

An article that a person put into a story must link with it; one that a person took out of a story cannot.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pipeline import database, topics
from pipeline.errors import ConfigurationError
from pipeline.models import Assignment
from pipeline.settings import Settings
from pipeline.steps.model import current_model, story_parameters
from pipeline.store import overrides
from pipeline.store import stories as store
from pipeline.store.overrides import Word
from pipeline.store.stories import Event, Membership
from pipeline.store.story_index import PostgresIndex
from pipeline.stories.decide import MUST_LINK

_BY_HAND = Assignment(None, 1.0, 0.0, MUST_LINK, "person")


def merge(
    settings: Settings, *, story_id: int, other_id: int, actor: str, reason: str, now: datetime
) -> dict[str, Any]:
    """Merge two stories; the older id stays and every article of both must link with it from now on.

    Raises `ConfigurationError` where one does not exist or both are one already.
    """
    with database.connect(settings) as connection:
        index = _index(connection, settings, actor, now)
        keep, gone = sorted((_living(connection, story_id), _living(connection, other_id)))
        if keep == gone:
            raise ConfigurationError(f"story {story_id} and story {other_id} are one already (story {keep})")
        articles = store.members(connection, keep) + store.members(connection, gone)
        for article_id in articles:
            overrides.revoke(connection, "cannot-link", article_id)
            _must_link(connection, Word(article_id, keep, actor, reason))
        index.merge(str(keep), str(gone), _BY_HAND, reason)
        index.rebuild([str(keep)])
    return {"story_id": keep, "merged": gone, "articles": len(articles)}


def split(
    settings: Settings, *, story_id: int, article_ids: Sequence[int], actor: str, reason: str, now: datetime
) -> dict[str, Any]:
    """Move articles out of a story into one of their own, and keep the two apart from now on."""
    with database.connect(settings) as connection:
        index = _index(connection, settings, actor, now)
        story_id = _living(connection, story_id)
        members = set(store.members(connection, story_id))
        strangers = sorted(set(article_ids) - members)
        if strangers:
            raise ConfigurationError(f"article {strangers[0]} is not in story {story_id}")
        if not article_ids or members == set(article_ids):
            raise ConfigurationError("a split takes some of a story's articles out, not none and not all of them")
        new_id = int(index.split(str(story_id), [str(each) for each in article_ids], _BY_HAND, reason))
        for article_id in article_ids:
            _must_link(connection, Word(article_id, new_id, actor, reason))
            overrides.override(connection, "cannot-link", Word(article_id, story_id, actor, reason))
    return {"story_id": story_id, "new_story_id": new_id, "articles": len(article_ids)}


def pin(
    settings: Settings, *, article_id: int, story_id: int, actor: str, reason: str, now: datetime
) -> dict[str, Any]:
    """Put one article into a story for good, and keep that one apart from the story it was in."""
    with database.connect(settings) as connection:
        index = _index(connection, settings, actor, now)
        story_id = _living(connection, story_id)
        former = store.current(connection, article_id)
        if former is None:
            raise ConfigurationError(f"article {article_id} is in no story yet; see its row in the view ledger")
        overrides.revoke(connection, "cannot-link", article_id)
        _must_link(connection, Word(article_id, story_id, actor, reason))
        if former != story_id:
            # Who takes an article out of a story says that the two are not one.
            overrides.override(connection, "cannot-link", Word(article_id, former, actor, reason))
            store.join(connection, article_id, Membership(story_id, _BY_HAND, index.model_id, now, actor))
            store.event(connection, Event(now, MUST_LINK, story_id, actor, reason, article_id=article_id))
            index.rebuild([str(former), str(story_id)])
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
        overrides.judge(connection, article_id, topic, False, actor, now)
        store.event(connection, Event(now, "not-topic", story_id, actor, reason, article_id=article_id))
    return {"article_id": article_id, "topic": topic, "on_topic": False}


def _index(connection: database.Connection, settings: Settings, actor: str, now: datetime) -> PostgresIndex:
    """The stories, locked, for a person to change."""
    store.lock(connection)
    model_id = current_model(connection, settings)
    if model_id is None:
        raise ConfigurationError("nothing was embedded yet; run `wirewatch collect` first")
    return PostgresIndex(connection, story_parameters(connection, settings), model_id, now, actor).of_stream()


def _living(connection: database.Connection, story_id: int) -> int:
    found = store.resolve(connection, story_id)
    if found is None:
        raise ConfigurationError(f"there is no story {story_id}; the view story_overview lists them")
    return found


def _must_link(connection: database.Connection, word: Word) -> None:
    overrides.revoke(connection, "must-link", word.article_id)
    overrides.override(connection, "must-link", word)
