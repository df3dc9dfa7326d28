"""Give each article its story, merge what turned out to be one and split what turned out to be two."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pipeline import database
from pipeline.models import Assignment
from pipeline.settings import Settings
from pipeline.steps.model import current_model, document_of, story_parameters
from pipeline.steps.moving import merge_stories, split_story
from pipeline.steps.reassigning import reassign
from pipeline.store import baseline as background
from pipeline.store import stories as store
from pipeline.store.vectors import from_text
from pipeline.stories import decide, term_stats
from pipeline.stories import model as story_model
from pipeline.stories.baseline import measure
from pipeline.stories.features import SECONDS_A_DAY, ArticleFeatures, Candidate, Profile, article, terms_of
from pipeline.stories.stream import MERGE_EVERY, language_of
from pipeline.text.tags import primary


@dataclass(slots=True)
class _Run:
    """One batch under the clustering lock."""

    connection: database.Connection
    model: story_model.StoryModel
    model_id: int
    now: datetime
    changed: set[int] = field(default_factory=set)
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("placed", "opened", "off_topic", "merged", "split"), 0)
    )


def cluster(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """`place`, then `reassign`; returns the counts of both: placed, opened, off_topic, merged, moved and split."""
    totals = place(settings, now=now)
    for name, count in reassign(settings, now=now).items():
        totals[name] = totals.get(name, 0) + count
    return totals


def place(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Place every article that waits for its story; returns placed, opened, off_topic, merged and split.

    Batches of `MERGE_EVERY` articles, each in one transaction under one lock: which story an article joins depends
    on those before it, and a batch that dies leaves nothing behind.
    """
    model = story_parameters(settings)
    totals: dict[str, Any] = {}
    while True:
        # Pipelined, so that what an article writes travels with the next question instead of waiting for an answer.
        with database.connect(settings) as connection, connection.pipeline():
            store.lock(connection)
            model_id = current_model(connection, settings)
            if model_id is None:
                return totals
            against = model.against(measure(background.latest(connection, model_id, model), model))
            batch = _Run(connection, against, model_id, now)
            rows = store.claim(connection, batch.model_id, MERGE_EVERY)
            pins, apart = store.bound(connection, [row["id"] for row in rows])
            for row in rows:
                _place(batch, row, pins.get(row["id"]), apart.get(row["id"], set()))
            if batch.changed:
                batch.model = model.against(measure(background.latest(connection, model_id, model), model))
                _merge(batch)
                _split(batch)
        for name, count in batch.counts.items():
            totals[name] = totals.get(name, 0) + count
        if len(rows) < MERGE_EVERY:
            return totals


def _place(batch: _Run, row: dict[str, Any], pin: int | None, apart: set[int]) -> None:
    connection, now = batch.connection, batch.now
    store.clustered(connection, row["id"], now)
    if not row["on_topic"]:
        batch.counts["off_topic"] += 1
        return
    features = _features(batch, row)
    copy_story = store.current(connection, row["origin_id"]) if row["origin_id"] else None
    assignment = decide.assign(
        features,
        store.candidates(connection, features.profile, batch.model_id, batch.model),
        batch.model,
        pin=None if pin is None else str(pin),
        copy_story=None if copy_story is None else str(copy_story),
        apart={str(story_id) for story_id in apart},
    )
    batch.counts["placed"] += 1
    _join(batch, row, assignment, features.profile)


def _features(batch: _Run, row: dict[str, Any]) -> ArticleFeatures:
    document = document_of(row)
    language = language_of(document)
    if language != primary(row["language"]):
        background.set_language(batch.connection, row["id"], language)
    terms = terms_of(replace(document, language=language))
    # The day of arrival: at its own age, each word of a backfilled article would look rare.
    added = term_stats.increment(batch.now.timestamp() / SECONDS_A_DAY, batch.model.half_life_days)
    counts = store.observe(batch.connection, language, terms, added)
    weights = term_stats.tf_idf(terms, counts, counts[""], added)
    store.set_terms(batch.connection, row["id"], weights, len(terms))
    vector = from_text(row["embedding"])
    published = row["published"].timestamp() / SECONDS_A_DAY
    return article(str(row["id"]), vector, weights, len(terms), published, language, batch.model)


def _join(batch: _Run, row: dict[str, Any], assignment: Assignment, profile: Profile) -> None:
    connection, published = batch.connection, row["published"]
    if assignment.story_id is None:
        story_id = store.open_story(connection, row["id"], published, batch.now, "pipeline")
        grown = profile
        batch.counts["opened"] += 1
    else:
        story_id = int(assignment.story_id)
        known = store.profiles(connection, [story_id], batch.model_id)
        grown = known[0].profile if known else profile
        if known:
            grown.add(profile)
    store.join(connection, row["id"], story_id, assignment, model_id=batch.model_id, published=published, now=batch.now)
    store.save_profile(connection, story_id, batch.model_id, grown)
    store.add_terms(connection, story_id, profile)
    batch.changed.add(story_id)


def _merge(batch: _Run) -> None:
    """Merge the batch's stories with their neighbours where they have come to match."""
    connection = batch.connection
    near: dict[str, Candidate] = {}
    for candidate in store.profiles(connection, batch.changed, batch.model_id):
        near[candidate.id] = candidate
        neighbours = store.candidates(connection, candidate.profile, batch.model_id, batch.model)
        near.update((neighbour.id, neighbour) for neighbour in neighbours if neighbour.id not in near)
    merges = decide.merge_pass(
        list(near.values()),
        batch.model,
        changed={str(story_id) for story_id in batch.changed},
        apart=store.apart_pairs(connection),
    )
    for merge in merges:
        reason = f"{merge.method} score {merge.score:.2f} reached {merge.threshold:.2f}"
        near[merge.story_id].profile.add(near.pop(merge.other_id).profile)
        assignment = Assignment(merge.story_id, merge.score, merge.threshold, "merge", batch.model.name)
        merge_stories(
            connection,
            int(merge.story_id),
            int(merge.other_id),
            assignment,
            batch.model_id,
            batch.now,
            "pipeline",
            reason,
        )
        store.save_profile(connection, int(merge.story_id), batch.model_id, near[merge.story_id].profile)
        batch.changed.discard(int(merge.other_id))
        batch.changed.add(int(merge.story_id))
        batch.counts["merged"] += 1


def _split(batch: _Run) -> None:
    """Take apart those of the batch's stories that have come to be two."""
    features = store.features(batch.connection, batch.changed, batch.model_id, batch.model)
    ids = [int(member.id) for members in features.values() for member in members]
    pins, _ = store.bound(batch.connection, ids)
    found = decide.split_pass(
        {str(story_id): members for story_id, members in features.items()},
        batch.model,
        pinned={str(article_id) for article_id in pins},
    )
    for split in found:
        reason = f"the parts match by {split.score:.2f}, under {split.threshold:.2f}"
        assignment = Assignment(None, split.score, split.threshold, "split", batch.model.name)
        split_story(
            batch.connection,
            int(split.story_id),
            [int(article_id) for article_id in split.article_ids],
            assignment,
            batch.model,
            batch.model_id,
            batch.now,
            "pipeline",
            reason,
        )
        batch.counts["split"] += 1
