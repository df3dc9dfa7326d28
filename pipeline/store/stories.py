"""Stories: candidates, memberships with their history, profiles, events, and what people decided."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from psycopg.types.json import Jsonb

from pipeline.database import Connection, run
from pipeline.models import Assignment
from pipeline.store import profiles as store_profiles
from pipeline.store.vectors import from_text, to_text
from pipeline.stories.features import COMMON, SECONDS_A_DAY, ArticleFeatures, Candidate, Profile, article
from pipeline.stories.memory_index import BY_VECTOR, BY_WORDS, heaviest
from pipeline.stories.model import StoryModel

Row = dict[str, Any]
# Any fixed number does; it only has to be the same in every process that clusters.
_CLUSTERING_LOCK = 7_306_420
PERIOD_DAYS = 28
"""Days that one index of vectors covers, as `story_period` in the schema has it: the window to both sides."""


def lock(connection: Connection) -> None:
    """Hold the clustering lock, and search the index as far as the window asks, until the transaction ends."""
    run(connection, "stories.lock_clustering", lock=_CLUSTERING_LOCK)
    run(connection, "stories.search_settings")


def claim(connection: Connection, model_id: int, limit: int) -> list[Row]:
    """Articles without a story, in order of publication, origins before their copies."""
    return run(connection, "stories.claim", model_id=model_id, limit=limit).fetchall()


def clustered(connection: Connection, article_id: int, now: datetime) -> None:
    """Mark that an article has its place, or is of no topic."""
    run(connection, "stories.clustered", id=article_id, now=now)


# --- candidates -------------------------------------------------------------------------------------------


def candidates(connection: Connection, profile: Profile, model_id: int, model: StoryModel) -> list[Candidate]:
    """Living stories near a profile in time, by vector and by telling words: what `MemoryIndex` is to a file.

    The profile is dated, as every stored article is.
    """
    assert profile.first is not None and profile.last is not None
    span: Row = {"from_day": profile.first - model.window_days, "to_day": profile.last + model.window_days}
    periods = range(int(span["from_day"] // PERIOD_DAYS), int(span["to_day"] // PERIOD_DAYS) + 1)
    terms = heaviest(profile)
    vector = to_text(profile.centroid)
    with connection.pipeline():  # all questions before the first answer
        by_vector = [
            run(
                connection,
                "stories.near",
                literals={"model_id": model_id, "dimension": model.dimension, "period": period},
                vector=vector,
                limit=BY_VECTOR,
                **span,
            )
            for period in periods
        ]
        by_terms = run(
            connection,
            "stories.near_by_terms",
            model_id=model_id,
            terms=terms,
            weights=[profile.terms[term][0] / profile.size for term in terms],
            from_week=int(span["from_day"] // 7),
            to_week=int(span["to_day"] // 7),
            common=COMMON,
            limit=BY_WORDS,
            **span,
        )
        rows = heapq.nsmallest(BY_VECTOR, chain(*by_vector), key=lambda row: row["distance"]) + by_terms.fetchall()
    return store_profiles.read(connection, {row["story_id"]: row for row in rows}.values(), model_id)


def profiles(connection: Connection, story_ids: Collection[int], model_id: int) -> list[Candidate]:
    """The living stories of these ids."""
    rows = run(connection, "stories.versions", ids=list(story_ids), model_id=model_id)
    return store_profiles.read(connection, rows, model_id)


def save_profile(connection: Connection, story_id: int, model_id: int, profile: Profile) -> None:
    """Write the sums of a story."""
    store_profiles.save(connection, story_id, model_id, profile)


def add_terms(connection: Connection, story_id: int, profile: Profile) -> None:
    """Let a story be found, around the days of what joined it, by the heaviest terms of that; the profile is dated."""
    assert profile.last is not None
    week = int(profile.last // 7)
    run(connection, "stories.add_terms", story_id=story_id, week=week, terms=heaviest(profile), count=profile.size)


# --- words ------------------------------------------------------------------------------------------------


def observe(connection: Connection, language: str | None, terms: Iterable[str], added: float) -> Mapping[str, float]:
    """Count one document's terms; returns their counts now, the number of documents under the empty term."""
    distinct = ["", *sorted(set(terms) - {""})]
    rows = run(connection, "stories.observe", language=language or "", terms=distinct, added=added)
    return {row["term"]: row["count"] for row in rows}


def set_terms(connection: Connection, article_id: int, weights: Mapping[str, float], words: int) -> None:
    """Keep an article's term weights as of its arrival."""
    rounded = Jsonb({term: round(weight, 5) for term, weight in weights.items()})
    run(connection, "stories.set_terms", article_id=article_id, weights=rounded, words=words)


def features(
    connection: Connection, story_ids: Collection[int], model_id: int, model: StoryModel
) -> dict[int, list[ArticleFeatures]]:
    """Story id -> its members as the decisions see them, in order of publication."""
    found: dict[int, list[ArticleFeatures]] = {}
    for row in run(connection, "stories.features", ids=list(story_ids), model_id=model_id):
        member = article(
            str(row["id"]),
            from_text(row["embedding"]),
            row["weights"],
            row["words"],
            row["published"].timestamp() / SECONDS_A_DAY,
            row["language"],
            model,
        )
        found.setdefault(row["story_id"], []).append(member)
    return found


# --- memberships ------------------------------------------------------------------------------------------


def open_story(connection: Connection, article_id: int, published: datetime, now: datetime, actor: str) -> int:
    """A new story, opened by an article; the event says so."""
    row = run(connection, "stories.open", now=now, published=published).fetchone()
    assert row is not None
    event(connection, now, "open", row["id"], article_id=article_id, actor=actor, reason="no story matched")
    return int(row["id"])


def join(
    connection: Connection,
    article_id: int,
    story_id: int,
    assignment: Assignment,
    *,
    model_id: int,
    published: datetime | None,
    now: datetime,
    actor: str = "pipeline",
) -> None:
    """Give an article its current membership, ending the one it had."""
    run(connection, "stories.leave", article_id=article_id, now=now)
    run(
        connection,
        "stories.join",
        article_id=article_id,
        story_id=story_id,
        now=now,
        score=assignment.score,
        threshold=assignment.threshold,
        method=assignment.method,
        model_id=model_id,
        features=Jsonb(
            dict(assignment.features) | ({"runner_up": assignment.runner_up} if assignment.runner_up else {})
        ),
        actor=actor,
    )
    if published is not None:
        run(connection, "stories.widen", story_id=story_id, published=published)


def event(
    connection: Connection,
    at: datetime,
    kind: str,
    story_id: int,
    *,
    actor: str,
    reason: str,
    other_id: int | None = None,
    article_id: int | None = None,
) -> None:
    """Write what happened to a story, by whom and why."""
    run(
        connection,
        "stories.event",
        at=at,
        kind=kind,
        story_id=story_id,
        other_id=other_id,
        article_id=article_id,
        actor=actor,
        reason=reason,
    )


def members(connection: Connection, story_id: int) -> list[int]:
    """Ids of the articles now in a story."""
    return [row["article_id"] for row in run(connection, "stories.members", story_id=story_id)]


def current(connection: Connection, article_id: int) -> int | None:
    """The story an article is in now."""
    row = run(connection, "stories.current", article_id=article_id).fetchone()
    return None if row is None else row["story_id"]


def new_story(connection: Connection, published: datetime, now: datetime) -> int:
    """A story without articles yet; the caller moves them there and writes the event."""
    row = run(connection, "stories.open", now=now, published=published).fetchone()
    assert row is not None
    return int(row["id"])


def earliest(connection: Connection, article_ids: Sequence[int]) -> datetime:
    """When the first of these articles was published."""
    row = run(connection, "stories.earliest", ids=list(article_ids)).fetchone()
    assert row is not None
    moment: datetime = row["published"]
    return moment


def widen_by(connection: Connection, story_id: int, other_id: int) -> None:
    """Let a story's span take in that of another."""
    run(connection, "stories.widen_by", story_id=story_id, other_id=other_id)


def refresh_span(connection: Connection, story_id: int) -> None:
    """Set a story's span to that of its members."""
    run(connection, "stories.refresh_span", story_id=story_id)


def forget_profile(connection: Connection, story_id: int, model_id: int) -> None:
    """Drop what was derived from a story's members by this model, before it is made anew."""
    run(connection, "stories.drop_terms", story_id=story_id)
    run(connection, "stories.drop_model_profile", story_id=story_id, model_id=model_id)


def any_of_other_model(connection: Connection, model_id: int) -> bool:
    """Whether any story has a profile of another model than this."""
    row = run(connection, "stories.any_of_other_model", model_id=model_id).fetchone()
    assert row is not None
    return bool(row["any"])


def of_other_model(connection: Connection, model_id: int, limit: int) -> list[int]:
    """Stories with a profile of another model, all of whose members have a vector of this one."""
    return [row["story_id"] for row in run(connection, "stories.of_other_model", model_id=model_id, limit=limit)]


def forget_other_profiles(connection: Connection, story_ids: Sequence[int], model_id: int) -> None:
    """Drop these stories' profiles of every other model."""
    run(connection, "stories.forget_other_profiles", ids=list(story_ids), model_id=model_id)


def resolve(connection: Connection, story_id: int) -> int | None:
    """A story's id after merges; None where there never was one."""
    row = run(connection, "stories.resolve", id=story_id).fetchone()
    return None if row is None else row["id"]


def redirect(connection: Connection, story_id: int, into: int) -> None:
    """Point a merged story at the one that took it in; its profile and terms go along."""
    run(connection, "stories.redirect", story_id=story_id, into=into)
    run(connection, "stories.move_terms", story_id=story_id, into=into)
    run(connection, "stories.drop_terms", story_id=story_id)
    run(connection, "stories.drop_profile", story_id=story_id)


def any_unreassigned(connection: Connection) -> bool:
    """Whether any article was placed since the last reassignment."""
    row = run(connection, "stories.any_unreassigned").fetchone()
    assert row is not None
    return bool(row["any"])


def reassigned(connection: Connection, now: datetime) -> None:
    """Mark that what was placed so far was looked at again."""
    run(connection, "stories.reassigned", now=now)


def young(connection: Connection, since: datetime, limit: int) -> list[Row]:
    """Articles placed after `since` or not reassigned yet: article_id, story_id, origin_id (None: no copy)."""
    return run(connection, "stories.young", since=since, limit=limit).fetchall()


# --- people -----------------------------------------------------------------------------------------------


def bound(connection: Connection, article_ids: Sequence[int]) -> tuple[dict[int, int], dict[int, set[int]]]:
    """What people said of these articles: article -> pinned story, and article -> stories to stay out of."""
    pins: dict[int, int] = {}
    apart: dict[int, set[int]] = {}
    for row in run(connection, "stories.bound", ids=list(article_ids)):
        if row["kind"] == "pin":
            pins[row["article_id"]] = row["story_id"]
        else:
            apart.setdefault(row["article_id"], set()).add(row["story_id"])
    return pins, apart


def apart_pairs(connection: Connection) -> set[frozenset[str]]:
    """Pairs of stories that a person keeps from merging."""
    rows = run(connection, "stories.apart_pairs")
    return {frozenset((str(row["left_id"]), str(row["right_id"]))) for row in rows}


def override(connection: Connection, kind: str, article_id: int, story_id: int, actor: str, reason: str) -> None:
    """Record a person's word: ``pin`` to a story or keep ``apart`` from it."""
    run(connection, "stories.override", kind=kind, article_id=article_id, story_id=story_id, actor=actor, reason=reason)


def revoke(connection: Connection, kind: str, article_id: int) -> None:
    """Take a person's earlier word back."""
    run(connection, "stories.revoke", kind=kind, article_id=article_id)


def judge(connection: Connection, article_id: int, topic: str, on_topic: bool, actor: str, now: datetime) -> None:
    """Record a person's verdict on an article's topic."""
    run(connection, "stories.judge", article_id=article_id, topic=topic, on_topic=on_topic, actor=actor, now=now)


def forget_profiles(connection: Connection, window_days: float) -> int:
    """Drop what is derived of stories long past their window; how many went."""
    lock(connection)  # placing makes indexes, and would wait for the rows deleted here
    gone = run(connection, "stories.forget_profiles", window=window_days).rowcount
    run(connection, "stories.forget_periods")
    run(connection, "stories.forget_story_terms")
    return gone


def forget_terms(connection: Connection, floor: float) -> int:
    """Drop terms whose decayed count fell under `floor`; how many went."""
    return run(connection, "stories.forget_terms", floor=floor).rowcount
