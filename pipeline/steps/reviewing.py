"""Take a reviewer's answer to a digest, or say why not; keep what reviewers change of a draft.

An answer is checked before anything is changed, in the transaction that would change it. What is refused is kept too:
`review_answers` has every answer, and a person who asks finds there what became of theirs.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pipeline import database, digests, edits, topics
from pipeline.edits import Word
from pipeline.errors import BrokenStepError, ConfigurationError
from pipeline.models import Review
from pipeline.settings import Settings
from pipeline.steps import channels
from pipeline.steps.barrier import PUBLISH, Work
from pipeline.steps.comparing import tell_later_drafts
from pipeline.steps.delivering import send_due
from pipeline.steps.digesting import existing, refresh
from pipeline.store import digests as store
from pipeline.store import outbox, reviews
from pipeline.store.digests import Decision, Rendered, StoredDigest
from pipeline.store.reviews import Answer
from pipeline.text import characters

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a reviewer is shown: the digest's state, version and revision, its text, and its stories by number.

    `state` is ``draft`` where a decision is wanted. `newest` is the id of the newest version of the same day.
    """

    digest_id: int
    state: str
    version: int
    revision: int
    subject: str
    text: str
    choices: Mapping[int, str]
    newest: int
    reviewer: str
    note: str


def publish(settings: Settings, *, digest_id: int, review: Review, now: datetime) -> dict[str, Any]:
    """Carry out a review: publish the digest without the stories that it drops, or reject it.

    What is to be sent stands in the outbox from the decision on, and is tried here a first time: `delivered` says how
    each try ended, `undelivered` what the digest has not reached by now. An answer that cannot be taken changes
    nothing and is said under `refused`; the same answer again is none. Raises `BrokenStepError` where our own code
    fails on the decision, which then is not taken: a reviewer's word is not left waiting in silence.
    """
    outcome = decide(settings, digest_id=digest_id, review=review, now=now)
    if outcome["state"] == "published":
        outcome["delivered"] = {sent.channel: sent.outcome for sent in send_due(settings, now=now, digest_id=digest_id)}
        outcome["undelivered"] = undelivered(settings, digest_id=digest_id)
        if outcome["undelivered"]:
            log.info("digest %d is published, and not delivered everywhere: %s", digest_id, outcome["undelivered"])
    return outcome


def decide(settings: Settings, *, digest_id: int, review: Review, now: datetime) -> dict[str, Any]:
    """Take a decision and send nothing yet: what is due stands in the outbox. Raises what `publish` does."""
    review = replace(review, note=characters.note(review.note), reviewer=characters.name(review.reviewer))
    work = Work(settings, now, PUBLISH)
    with work.alone(digest_id) as attempt:
        store.lock(attempt.connection, digest_id)
        refused = _objection(attempt.connection, digest_id, review)
        if not _is_again(attempt.connection, digest_id, review):
            _keep_answer(attempt.connection, digest_id, review, refused, now)
            if not refused:
                _decide(work, attempt.connection, digest_id, review)
        else:
            refused = ""
        row = existing(store.digest(attempt.connection, digest_id), digest_id)
    if attempt.fault is not None:
        raise BrokenStepError(f"publish: digest {digest_id} ended internal: {attempt.fault}; it is still a draft")
    outcome: dict[str, Any] = {"digest_id": digest_id, "state": row.state, "stories": len(row.items)}
    if refused:
        log.warning("the answer of %s to digest %d was not taken: %s", review.reviewer, digest_id, refused)
        outcome["refused"] = refused
    return outcome


def refuse(settings: Settings, *, digest_id: int, review: Review, reason: str, now: datetime) -> None:
    """Keep an answer that was not taken, with the reason."""
    with database.connect(settings) as connection:
        if reviews.standing(connection, digest_id) is not None:
            _keep_answer(connection, digest_id, review, reason, now)


def objection(settings: Settings, *, digest_id: int, review: Review) -> str:
    """Why this answer cannot be taken now, in one line; empty where it can. Changes nothing."""
    with database.connect(settings) as connection:
        return _objection(connection, digest_id, review)


def hold(settings: Settings, *, digest_id: int, reviewer: str, note: str, now: datetime) -> str:
    """Keep a note on a draft that goes on waiting; why not, in one line, where it does not wait any more."""
    review = Review(False, characters.name(reviewer), characters.note(note), via="page")
    with database.connect(settings) as connection:
        store.lock(connection, digest_id)
        refused = edits.objection(reviews.standing(connection, digest_id), digest_id, None, {}, "hold")
        answer = Answer(
            now, review.reviewer, review.via, "hold", "refused" if refused else "taken", refused or review.note
        )
        if not refused:
            store.hold(connection, digest_id, review.note or None)
        existing(store.digest(connection, digest_id), digest_id)
        reviews.note_answer(connection, digest_id, answer)
    return refused


def edit(
    settings: Settings,
    *,
    digest_id: int,
    words: Sequence[Word],
    revision: int,
    editor: str,
    now: datetime,
    note: str | None = None,
) -> str:
    """Keep what a reviewer said of a draft's stories and draft it anew; why not, in one line, where that cannot be.

    Nothing is changed by words on a text that somebody else changed since. `note` is kept for the decision.
    """
    with database.connect(settings) as connection:
        store.lock(connection, digest_id)
        standing = reviews.standing(connection, digest_id)
        refused = edits.objection(standing, digest_id, revision, {}, "hold")
        if refused or standing is None:
            return refused
        reviews.say(connection, standing.topic, words)
        if note is not None:
            store.hold(connection, digest_id, characters.note(note) or None)
    if words:
        refresh(settings, digest_id=digest_id, editor=editor, now=now)
    return ""


def sheet(settings: Settings, *, digest_id: int) -> Sheet:
    """What the reviewer of a digest is shown. Raises `ConfigurationError` where there is none."""
    with database.connect(settings) as connection:
        row = existing(store.digest(connection, digest_id), digest_id)
        standing = reviews.standing(connection, digest_id)
    assert standing is not None
    marks = [f"version {row.version}"] if row.version > 1 else []
    marks += [f"corrects version {row.corrects}"] if row.corrects is not None else []
    return Sheet(
        digest_id=row.id,
        state=row.state,
        version=row.version,
        revision=row.revision,
        subject=f"{row.day}: {row.topic_name}" + (f" ({', '.join(marks)})" if marks else ""),
        text=digests.for_review(row.markdown, row.waiting) if row.state == "draft" else row.markdown,
        choices={item.story_id: f"{item.rank}. {item.headline}" for item in row.items},
        newest=standing.newest_id,
        reviewer=row.reviewed_by or "",
        note=row.note or "",
    )


def ask(settings: Settings, *, digest_id: int, dag_id: str, run_id: str, now: datetime) -> Sheet:
    """What the reviewer of a digest is shown, and a note that this run asks for the decision on it."""
    shown = sheet(settings, digest_id=digest_id)
    with database.connect(settings) as connection:
        reviews.ask(connection, digest_id, (dag_id, run_id), shown.revision, now)
    return shown


def end_ask(settings: Settings, *, dag_id: str, run_id: str, ended_as: str, now: datetime) -> None:
    """Note how the pending action of a run ended."""
    with database.connect(settings) as connection:
        reviews.end_asks(connection, (dag_id, run_id), ended_as, now)


def asked_revision(settings: Settings, *, digest_id: int, dag_id: str, run_id: str) -> int | None:
    """The revision of a digest that a run asked for; None where it did not ask for this one."""
    with database.connect(settings) as connection:
        asked = reviews.asked(connection, (dag_id, run_id))
    return asked.revision if asked is not None and asked.digest_id == digest_id else None


def times_asked(settings: Settings, *, digest_id: int) -> int:
    """How many runs asked for a decision on a digest so far."""
    with database.connect(settings) as connection:
        return len(reviews.asks(connection, digest_id))


def wants_asking(settings: Settings, *, digest_id: int) -> bool:
    """Whether a digest waits for its reviewer and no run asks for the decision."""
    with database.connect(settings) as connection:
        standing = reviews.standing(connection, digest_id)
        open_ones = [ask for ask in reviews.asks(connection, digest_id) if ask.ended_at is None]
    return standing is not None and standing.state == "draft" and not open_ones


def drafted(settings: Settings, *, topic: str, digest_id: Any) -> dict[str, Any]:
    """A digest that was drafted before, as `draft` returns one.

    Raises `ConfigurationError` where there is none of that number on this topic.
    """
    number, wrong = edits.numbers([digest_id])
    if wrong:
        raise ConfigurationError(f"{digest_id!r:.60} is no digest")
    with database.connect(settings) as connection:
        row = existing(store.digest(connection, number[0]), number[0])
    if row.topic != topic:
        raise ConfigurationError(f"digest {row.id} is of the topic {row.topic}, not of {topic}")
    return {"digest_id": row.id, "version": row.version, "day": str(row.day), "stories": len(row.items)}


def is_waiting(settings: Settings, *, digest_id: int, revision: int | None, now: datetime) -> bool:
    """Whether a digest still waits for its reviewer as it was shown, as `edits.stands_as_shown` has it."""
    with database.connect(settings) as connection:
        return edits.stands_as_shown(reviews.standing(connection, digest_id), revision, now)


def undelivered(settings: Settings, *, digest_id: int) -> dict[str, str]:
    """The channels that a published digest has not reached, with how the last try ended and when the next one is."""
    with database.connect(settings) as connection:
        rows = [row for row in outbox.undelivered(connection) if row.digest_id == digest_id]
    unset = {row.channel: channels.unset(settings, row.channel) for row in rows}
    return {
        row.channel: f"{row.outcome}, {_then(row)}"
        + (f"; {unset[row.channel]} is not set here" if unset[row.channel] else "")
        for row in rows
    }


def _then(row: outbox.Shown) -> str:
    if row.failed_at is not None or row.next_try_at is None:
        return "given up"
    return f"next try {row.next_try_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _wanted(review: Review) -> str:
    return "publish" if review.approved else "reject"


def _objection(connection: database.Connection, digest_id: int, review: Review) -> str:
    row = store.digest(connection, digest_id)
    shown = {item.story_id for item in row.items} if row else set()
    strangers = {story_id: reviews.place(connection, story_id) for story_id in set(review.drop) - shown}
    standing = reviews.standing(connection, digest_id)
    return edits.objection(standing, digest_id, review.revision, strangers, _wanted(review))


def _is_again(connection: database.Connection, digest_id: int, review: Review) -> bool:
    """Whether this very answer was taken before: its sender did not hear that, and asks once more."""
    row = store.digest(connection, digest_id)
    taken = [answer for answer in reviews.answers(connection, digest_id) if answer.outcome == "taken"]
    if row is None or row.state not in ("published", "rejected") or not taken:
        return False
    last = taken[-1]
    return (last.actor, last.via, last.wanted) == (review.reviewer, review.via, _wanted(review))


def _keep_answer(connection: database.Connection, digest_id: int, review: Review, refused: str, now: datetime) -> None:
    if reviews.standing(connection, digest_id) is None:
        raise ConfigurationError(refused)
    outcome, reason = ("refused", refused) if refused else ("taken", review.note)
    answer = Answer(now, review.reviewer, review.via, _wanted(review), outcome, reason)
    reviews.note_answer(connection, digest_id, answer)


def _decide(work: Work, connection: database.Connection, digest_id: int, review: Review) -> None:
    row = existing(store.digest(connection, digest_id), digest_id)
    subject = topics.find(work.settings, row.topic)
    if review.drop:
        row = _drop(work, connection, row, review)
    digest, language = row.digest(), work.settings.desk_language
    decision = Decision(
        state="published" if review.approved else "rejected",
        reviewer=review.reviewer,
        note=review.note or None,
        now=work.now,
        markdown=digests.to_markdown(digest, subject, review.note, language),
        html=digests.to_body(digest, subject, review.note, language),
    )
    store.decide(connection, row, decision)
    if review.approved:
        tell_later_drafts(connection, work.settings, subject, row, work.now)
        outbox.add(connection, digest_id, channels.of_a_digest(work.settings), work.now)


def _drop(work: Work, connection: database.Connection, row: StoredDigest, review: Review) -> StoredDigest:
    """Take stories out of a draft for good: the word binds each later draft, whatever becomes of this one."""
    said = [Word(story_id, row.day, review.reviewer, work.now, dropped=True) for story_id in review.drop]
    reviews.say(connection, row.topic, said)
    digest = edits.without(row.digest(), review.drop, review.reviewer, edits.LEFT_OUT)
    rendered = Rendered(row.markdown, row.html, row.as_of, work.now)
    store.rewrite(connection, row.id, digest, rendered, review.reviewer)
    return existing(store.digest(connection, row.id), row.id)
