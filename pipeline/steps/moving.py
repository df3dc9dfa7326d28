"""Move articles between stories: merges that redirect, splits that say what left, each an event with its reason."""

from __future__ import annotations

from datetime import datetime

from pipeline import database
from pipeline.models import Assignment
from pipeline.store import stories as store
from pipeline.stories.model import StoryModel


def merge_stories(
    connection: database.Connection,
    story_id: int,
    other_id: int,
    assignment: Assignment,
    model_id: int,
    now: datetime,
    actor: str,
    reason: str,
) -> None:
    """Let `story_id` take in `other_id`: the old memberships end, the old id redirects, the event says why."""
    for article_id in store.members(connection, other_id):
        store.join(
            connection, article_id, story_id, assignment, model_id=model_id, published=None, now=now, actor=actor
        )
    store.widen_by(connection, story_id, other_id)
    store.redirect(connection, other_id, story_id)
    store.event(connection, now, "merge", story_id, other_id=other_id, actor=actor, reason=reason)


def split_story(
    connection: database.Connection,
    story_id: int,
    article_ids: list[int],
    assignment: Assignment,
    model: StoryModel,
    model_id: int,
    now: datetime,
    actor: str,
    reason: str,
) -> int:
    """Move articles out of a story into a new one, whose id is returned; both profiles are made anew."""
    published = store.earliest(connection, article_ids)
    new_id = store.new_story(connection, published, now)
    for article_id in article_ids:
        store.join(connection, article_id, new_id, assignment, model_id=model_id, published=None, now=now, actor=actor)
    store.event(connection, now, "split", story_id, other_id=new_id, actor=actor, reason=reason)
    rebuild(connection, [story_id, new_id], model, model_id)
    return new_id


def rebuild(connection: database.Connection, story_ids: list[int], model: StoryModel, model_id: int) -> None:
    """Make the profiles and spans of stories anew from their members; a story left empty keeps only its history."""
    features = store.features(connection, story_ids, model_id, model)
    for story_id in story_ids:
        members = features.get(story_id, [])
        store.forget_profile(connection, story_id, model_id)
        if not members:
            continue
        profile = members[0].profile.copy()
        for member in members[1:]:
            profile.add(member.profile)
        store.save_profile(connection, story_id, model_id, profile)
        for member in members:
            store.add_terms(connection, story_id, member.profile)
        store.refresh_span(connection, story_id)
