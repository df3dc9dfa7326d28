"""Reviews: what a person said of the stories of a day, which run asks for a decision, and every answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from pipeline.database import Connection, run
from pipeline.database.rows import fetch, fetch_one
from pipeline.edits import Standing, Word, Words


@dataclass(frozen=True, slots=True)
class Ask:
    """A pending action: the run of Airflow that asks for a decision on this revision of a digest."""

    digest_id: int
    dag_id: str
    run_id: str
    revision: int
    asked_at: datetime
    ended_at: datetime | None = None
    ended_as: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a review; `outcome` is ``taken`` or ``refused``, and `reason` says why or what was noted."""

    at: datetime
    actor: str
    via: str
    wanted: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A draft that waits for its reviewer."""

    id: int
    day: date
    topic: str


@dataclass(frozen=True, slots=True)
class _Place:
    id: int
    day: date
    version: int


def words(connection: Connection, topic: str, day: date, as_of: datetime) -> Words:
    """What reviewers had said by `as_of` of the stories in this day's digest, and last in those before it."""
    asked = {"topic": topic, "day": day, "as_of": as_of}
    today = fetch(connection, Word, "reviews.words_of_day", **asked)
    before = fetch(connection, Word, "reviews.words_before", **asked)
    return Words({word.story_id: word for word in today}, {word.story_id: word for word in before})


def say(connection: Connection, topic: str, said: Iterable[Word]) -> None:
    """Keep a reviewer's words; each replaces what was said of the same story on the same day."""
    for word in said:
        run(connection, "reviews.say", topic=topic, **asdict(word))


def standing(connection: Connection, digest_id: int) -> Standing | None:
    """How a digest stands; None where there is none."""
    return fetch_one(connection, Standing, "reviews.standing", id=digest_id)


def place(connection: Connection, story_id: int) -> str:
    """The newest digest that a story stands in; empty where it stands in none."""
    found = fetch_one(connection, _Place, "reviews.in_digests", story_id=story_id)
    if found is None:
        return ""
    return f"digest {found.id} of {found.day}"


def ask(connection: Connection, digest_id: int, run_of: tuple[str, str], revision: int, now: datetime) -> None:
    """Note that a run of Airflow, (DAG, run), asks for a decision."""
    dag_id, run_id = run_of
    run(connection, "reviews.ask", digest_id=digest_id, dag_id=dag_id, run_id=run_id, revision=revision, now=now)


def end_asks(connection: Connection, run_of: tuple[str, str], ended_as: str, now: datetime) -> None:
    """Note how the pending action of a run ended."""
    dag_id, run_id = run_of
    run(connection, "reviews.end_asks", dag_id=dag_id, run_id=run_id, ended_as=ended_as, now=now)


def asks(connection: Connection, digest_id: int) -> list[Ask]:
    """The pending actions that there were for a digest, newest first."""
    return fetch(connection, Ask, "reviews.asks", digest_id=digest_id)


def asked(connection: Connection, run_of: tuple[str, str]) -> Ask | None:
    """What a run asks for; None for one that never did."""
    dag_id, run_id = run_of
    return fetch_one(connection, Ask, "reviews.asked", dag_id=dag_id, run_id=run_id)


def note_answer(connection: Connection, digest_id: int, answer: Answer) -> None:
    """Keep an answer."""
    run(connection, "reviews.note_answer", digest_id=digest_id, **asdict(answer))


def answers(connection: Connection, digest_id: int) -> list[Answer]:
    """Every answer to a digest's review, in order."""
    return fetch(connection, Answer, "reviews.answers", digest_id=digest_id)


def next_waiting(connection: Connection, digest_id: int) -> Waiting | None:
    """The oldest draft that waits beside this one; None where none does."""
    return fetch_one(connection, Waiting, "reviews.next_waiting", id=digest_id)


@dataclass(frozen=True, slots=True)
class WaitingDraft:
    """A draft that waits, with its headlines in their order; `asked`: a pending action in Airflow asks for it."""

    id: int
    topic: str
    topic_name: str
    day: date
    version: int
    revision: int
    edited_by: str | None
    headlines: list[str]
    asked: bool


def waiting_drafts(connection: Connection, topic: str) -> list[WaitingDraft]:
    """The drafts of a topic that wait, of all topics where it is empty; oldest day first."""
    return fetch(connection, WaitingDraft, "reviews.waiting_drafts", topic=topic)
