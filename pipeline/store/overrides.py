"""A person's word over the pipeline's: which articles must be in a story, or may not be, and what is of no topic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipeline.database import Connection, run
from pipeline.database.rows import fetch
from pipeline.stories.index import Bound

Kind = Literal["must-link", "cannot-link"]


@dataclass(frozen=True, slots=True)
class Word:
    """What a person said of one article and one story: who, and why."""

    article_id: int
    story_id: int
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Standing:
    kind: str
    article_id: int
    story_id: int


@dataclass(frozen=True, slots=True)
class _Barred:
    left_id: int
    right_id: int


def bound(connection: Connection, article_ids: Sequence[int]) -> Bound:
    """What people said of these articles, and which pairs of stories they keep from merging."""
    must_link: dict[str, str] = {}
    cannot_link: dict[str, set[str]] = {}
    for row in fetch(connection, _Standing, "stories.bound", ids=list(article_ids)) if article_ids else ():
        if row.kind == "must-link":
            must_link[str(row.article_id)] = str(row.story_id)
        else:
            cannot_link.setdefault(str(row.article_id), set()).add(str(row.story_id))
    pairs = fetch(connection, _Barred, "stories.cannot_link")
    return Bound(must_link, cannot_link, {frozenset((str(pair.left_id), str(pair.right_id))) for pair in pairs})


def override(connection: Connection, kind: Kind, word: Word) -> None:
    """Record a person's word; it takes the place of what was said of this article and this story before."""
    run(connection, "stories.overrule", article_id=word.article_id, story_id=word.story_id)
    run(
        connection,
        "stories.override",
        kind=kind,
        article_id=word.article_id,
        story_id=word.story_id,
        actor=word.actor,
        reason=word.reason,
    )


def revoke(connection: Connection, kind: Kind, article_id: int) -> None:
    """Take a person's earlier word back."""
    run(connection, "stories.revoke", kind=kind, article_id=article_id)


def judge(connection: Connection, article_id: int, topic: str, on_topic: bool, actor: str, now: datetime) -> None:
    """Record a person's verdict on an article's topic."""
    run(connection, "stories.judge", article_id=article_id, topic=topic, on_topic=on_topic, actor=actor, now=now)
