"""Stories: what waits for one, candidates, memberships with their history, profiles, events."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from psycopg.types.json import Jsonb

from pipeline.database import Connection, run
from pipeline.database.rows import ask, fetch, fetch_column, fetch_value
from pipeline.models import Assignment
from pipeline.store import profiles as store_profiles
from pipeline.store.profiles import Version
from pipeline.store.readings import features_of
from pipeline.store.vectors import to_text
from pipeline.stories.features import BY_VECTOR, BY_WORDS, COMMON, ArticleFeatures, Candidate, Profile, heaviest
from pipeline.stories.index import Young
from pipeline.stories.model import StoryModel

# Any fixed number does; it only has to be the same in every process that clusters.
_CLUSTERING_LOCK = 7_306_420
PERIOD_DAYS = 28
"""Days that one index of vectors covers, as `story_period` in the schema has it: the window to both sides."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An article that waits for its story; `embedding` as pgvector prints it, `topic` None: it is of none."""

    id: int
    title: str | None
    text: str | None
    published: datetime
    language: str | None
    kind: str | None
    embedding: str
    origin_id: int | None
    topic: str | None


@dataclass(frozen=True, slots=True)
class Membership:
    """Why an article is where it is, and who says so from when on; `model_id` is that of the vectors compared."""

    story_id: int
    assignment: Assignment
    model_id: int
    since: datetime
    actor: str = "pipeline"


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a story, by whom and why; `other_id` is the other story, `article_id` the article concerned."""

    at: datetime
    kind: str
    story_id: int
    actor: str
    reason: str
    other_id: int | None = None
    article_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Member:
    story_id: int
    id: int
    published: datetime
    language: str | None
    embedding: str
    weights: dict[str, float]
    words: int


@dataclass(frozen=True, slots=True)
class _Young:
    article_id: int
    story_id: int
    origin_id: int | None
    origin_story: int | None


@dataclass(frozen=True, slots=True)
class _Count:
    term: str
    count: float


def lock(connection: Connection) -> None:
    """Hold the clustering lock, and search the index as far as the window asks, until the transaction ends."""
    run(connection, "stories.lock_clustering", lock=_CLUSTERING_LOCK)
    run(connection, "stories.search_settings")


def claim(connection: Connection, model_id: int, limit: int, now: datetime) -> list[Waiting]:
    """Articles without a story, in order of publication, origins before their copies."""
    return fetch(connection, Waiting, "stories.claim", model_id=model_id, limit=limit, now=now)


def clustered(connection: Connection, article_id: int, now: datetime, *, on_topic: bool) -> None:
    """Mark that an article has its place, or is of no topic."""
    run(connection, "stories.clustered", id=article_id, now=now, on_topic=on_topic)


# --- candidates -------------------------------------------------------------------------------------------


def candidates(connection: Connection, profile: Profile, model_id: int, model: StoryModel) -> list[Candidate]:
    """Living stories near a profile in time, by vector and by telling words: what `MemoryIndex` is to a file.

    The profile is dated, as every stored article is.
    """
    assert profile.first is not None and profile.last is not None
    span: dict[str, Any] = {
        "from_day": profile.first - model.window_days,
        "to_day": profile.last + model.window_days,
    }
    periods = range(int(span["from_day"] // PERIOD_DAYS), int(span["to_day"] // PERIOD_DAYS) + 1)
    terms = heaviest(profile)
    vector = to_text(profile.centroid)
    with connection.pipeline():  # all questions before the first answer
        by_vector = [
            ask(
                connection,
                Version,
                "stories.near",
                literals={"model_id": model_id, "dimension": model.dimension, "period": period},
                vector=vector,
                limit=BY_VECTOR,
                **span,
            )
            for period in periods
        ]
        by_terms = ask(
            connection,
            Version,
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
        near = heapq.nsmallest(BY_VECTOR, chain(*by_vector), key=lambda row: row.distance) + by_terms.fetchall()
    return store_profiles.read(connection, {row.story_id: row for row in near}.values(), model_id)


def profiles(connection: Connection, story_ids: Collection[int], model_id: int) -> list[Candidate]:
    """The living stories of these ids."""
    versions = fetch(connection, Version, "stories.versions", ids=list(story_ids), model_id=model_id)
    return store_profiles.read(connection, versions, model_id)


def living(connection: Connection, model_id: int) -> list[str]:
    """The ids of the stories that articles may still join, oldest first."""
    return [str(story_id) for story_id in fetch_column(connection, "stories.living", model_id=model_id)]


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
    rows = ask(connection, _Count, "stories.observe", language=language or "", terms=distinct, added=added)
    return {row.term: row.count for row in rows}


def set_terms(connection: Connection, article_id: int, weights: Mapping[str, float], words: int) -> None:
    """Keep an article's term weights as of its arrival."""
    run(connection, "stories.set_terms", article_id=article_id, weights=Jsonb(dict(weights)), words=words)


def features(
    connection: Connection, story_ids: Collection[int], model_id: int, model: StoryModel
) -> dict[int, list[ArticleFeatures]]:
    """Story id -> its members as the decisions see them, in order of publication."""
    found: dict[int, list[ArticleFeatures]] = {}
    for row in ask(connection, _Member, "stories.features", ids=list(story_ids), model_id=model_id):
        found.setdefault(row.story_id, []).append(features_of(row, model))
    return found


# --- memberships ------------------------------------------------------------------------------------------


def new_story(connection: Connection, article_ids: Sequence[int], now: datetime) -> int:
    """A story for these articles, which the caller moves there, writing the event."""
    return int(fetch_value(connection, "stories.open", now=now, ids=list(article_ids)))


def join(connection: Connection, article_id: int, membership: Membership) -> None:
    """Give an article its current membership, ending the one it had."""
    assignment = membership.assignment
    told = dict(assignment.features) | ({"runner_up": assignment.runner_up} if assignment.runner_up else {})
    run(connection, "stories.leave", article_id=article_id, now=membership.since)
    run(
        connection,
        "stories.join",
        article_id=article_id,
        story_id=membership.story_id,
        now=membership.since,
        score=assignment.score,
        threshold=assignment.threshold,
        method=assignment.method,
        model_id=membership.model_id,
        features=Jsonb(told),
        actor=membership.actor,
    )


def event(connection: Connection, happened: Event) -> None:
    """Write what happened to a story, by whom and why."""
    run(
        connection,
        "stories.event",
        at=happened.at,
        kind=happened.kind,
        story_id=happened.story_id,
        other_id=happened.other_id,
        article_id=happened.article_id,
        actor=happened.actor,
        reason=happened.reason,
    )


def members(connection: Connection, story_id: int) -> list[int]:
    """Ids of the articles now in a story."""
    return fetch_column(connection, "stories.members", story_id=story_id)


def current(connection: Connection, article_id: int) -> int | None:
    """The story an article is in now."""
    story_id: int | None = fetch_value(connection, "stories.current", article_id=article_id)
    return story_id


def resolve(connection: Connection, story_id: int) -> int | None:
    """A story's id after merges; None where there never was one."""
    living: int | None = fetch_value(connection, "stories.resolve", id=story_id)
    return living


def widen(connection: Connection, story_id: int, article_id: int) -> None:
    """Let a story's span take in an article."""
    run(connection, "stories.widen", story_id=story_id, article_id=article_id)


def widen_by(connection: Connection, story_id: int, other_id: int) -> None:
    """Let a story's span take in that of another."""
    run(connection, "stories.widen_by", story_id=story_id, other_id=other_id)


def refresh_span(connection: Connection, story_id: int) -> None:
    """Set a story's span to that of its members."""
    run(connection, "stories.refresh_span", story_id=story_id)


def redirect(connection: Connection, story_id: int, into: int) -> None:
    """Point a merged story at the one that took it in; its profile and terms go along."""
    run(connection, "stories.redirect", story_id=story_id, into=into)
    run(connection, "stories.move_terms", story_id=story_id, into=into)
    run(connection, "stories.drop_terms", story_id=story_id)
    run(connection, "stories.drop_profile", story_id=story_id)


# --- the young --------------------------------------------------------------------------------------------


def first_unreassigned(connection: Connection, now: datetime) -> int | None:
    """The article placed first since the last reassignment; None where none was."""
    found: int | None = fetch_value(connection, "stories.first_unreassigned", now=now)
    return found


def reassigned(connection: Connection, now: datetime) -> None:
    """Mark that what was placed so far was looked at again."""
    run(connection, "stories.reassigned", now=now)


def young(connection: Connection, since: datetime, now: datetime, limit: int) -> list[Young]:
    """Articles placed after `since` or not reassigned yet, in the order of their placing; the last `limit` of them."""
    rows = fetch(connection, _Young, "stories.young", since=since, now=now, limit=limit)
    return [
        Young(
            str(row.article_id),
            str(row.story_id),
            None if row.origin_id is None else str(row.origin_id),
            None if row.origin_story is None else str(row.origin_story),
        )
        for row in reversed(rows)
    ]


# --- what is derived --------------------------------------------------------------------------------------


def forget_profile(connection: Connection, story_id: int, model_id: int) -> None:
    """Drop what was derived from a story's members by this model, before it is made anew."""
    run(connection, "stories.drop_terms", story_id=story_id)
    run(connection, "stories.drop_model_profile", story_id=story_id, model_id=model_id)


def any_of_other_model(connection: Connection, model_id: int) -> bool:
    """Whether any story has a profile of another model than this."""
    return bool(fetch_value(connection, "stories.any_of_other_model", model_id=model_id))


def of_other_model(connection: Connection, model_id: int, limit: int) -> list[int]:
    """Stories with a profile of another model, all of whose members have a vector of this one."""
    return fetch_column(connection, "stories.of_other_model", model_id=model_id, limit=limit)


def forget_other_profiles(connection: Connection, story_ids: Sequence[int], model_id: int) -> None:
    """Drop these stories' profiles of every other model."""
    run(connection, "stories.forget_other_profiles", ids=list(story_ids), model_id=model_id)


def forget_profiles(connection: Connection, window_days: float) -> int:
    """Drop what is derived of stories long past their window; how many went."""
    lock(connection)  # placing writes the same rows
    gone = run(connection, "stories.forget_profiles", window=window_days).rowcount
    run(connection, "stories.forget_story_terms")
    return gone


def keep_period_indexes(connection: Connection) -> int:
    """Make the indexes of vectors of the periods that stories are in, and of the next, by the owner's rights; how many.

    Until then the stories of a period are compared one by one, which is exact.
    """
    lock(connection)  # nobody else writes profiles meanwhile, and would wait for the index
    made: int = fetch_value(connection, "stories.keep_period_indexes")
    return made


def keep_model_indexes(connection: Connection) -> int:
    """Make the index of vectors of each model that has none, by the owner's rights; how many were made."""
    made: int = fetch_value(connection, "stories.keep_model_indexes")
    return made


def forget_terms(connection: Connection, floor: float) -> int:
    """Drop terms whose decayed count fell under `floor`; how many went."""
    lock(connection)  # placing counts its terms in another order
    return run(connection, "stories.forget_terms", floor=floor).rowcount
