"""How the house ails: disks, queues, parts of Airflow, reviews, rows, runs, and whether anybody looks. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pipeline.alerts.news import AWAY, DISAGREES, DISK, LAPSES, LOOKS, QUEUE, RUNS, Found

GIGA = 1 << 30
PLENTY = 10 * GIGA
"""Free bytes that are enough whatever share of a large disk they are."""
SOON = timedelta(days=3)
"""A disk that is full within this time at the pace of the last day fills: a weekend passes before anybody looks."""
ABSENT = timedelta(minutes=3)
"""How long a part may be silent: one that is started again beats within a minute (Airflow's own mark is 30 seconds)."""
NOT_LOOKED = timedelta(minutes=20)
"""Four looks at five minutes each; a scheduler that is started anew, or a worker that is busy, misses two."""
QUIET = timedelta(hours=2)
"""How long no run of a DAG may fail before the next that does is told as a new one."""
SHOWN = 10
"""Lines of a list that a message has."""


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk as measured: bytes, and how many were free about a day before (None where nobody looked then)."""

    place: str
    total: float
    free: float
    before: float | None
    days_between: float = 1.0


def filling(disks: Iterable[Disk], share: float) -> list[Found]:
    """Disks with less than this share free, and with less than is plenty; or full within days at their pace."""
    found = []
    for disk in disks:
        pace = 0.0 if disk.before is None else (disk.before - disk.free) / max(disk.days_between, 1 / 24)
        left = disk.free / pace if pace > 0 else None
        soon = left is not None and left < SOON / timedelta(days=1) and disk.free < 5 * PLENTY
        if disk.free >= min(share * disk.total, PLENTY) and not soon:
            continue
        when = f" At the pace of the last day it is full in {left:.1f} days." if left is not None and left < 60 else ""
        text = (
            f"{_bytes(disk.free)} of {_bytes(disk.total)} are free.{when} A lower WIREWATCH_RETENTION_DAYS has "
            "the next `wirewatch maintain` delete more request logs and old markup, a lower WIREWATCH_AIRFLOW_DAYS "
            "Airflow's logs."
        )
        found.append(Found(DISK, disk.place, f"The disk of {disk.place} fills", text))
    return found


def _bytes(count: float) -> str:
    return f"{count / GIGA:.1f} GB"


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for a step: how many, since how many seconds the oldest; and the same about an hour before."""

    step: str
    waiting: int
    oldest: float
    waiting_before: int | None = None
    oldest_before: float | None = None


def growing(queues: Iterable[Queue], longest: timedelta) -> list[Found]:
    """Queues whose oldest waits longer than `longest`, and longer, or with more behind it, than an hour before."""
    found = []
    for queue in queues:
        if not queue.waiting or queue.oldest < longest.total_seconds():
            continue
        if queue.oldest_before is None or queue.waiting_before is None:
            continue  # once is no trend
        if queue.oldest <= queue.oldest_before and queue.waiting <= queue.waiting_before:
            continue
        text = (
            f"{queue.waiting} wait for `{queue.step}`, the oldest for {queue.oldest / 3600:.1f} hours; an hour ago "
            f"there were {queue.waiting_before}, the oldest for {queue.oldest_before / 3600:.1f} hours. Look whether "
            "runs of `collect` and `deliver` fail or are cut off, and whether there are workers enough."
        )
        found.append(Found(QUEUE, queue.step, f"What waits for `{queue.step}` grows", text))
    return found


@dataclass(frozen=True, slots=True)
class Parts:
    """What was heard of Airflow's parts.

    `heartbeats` has the last one of each part by its name, None where it never beat; it is None as a whole where the
    api-server, which knows them, does not answer. `workers` are those of Celery that answered, None without Celery;
    `expected` says how many there should be. `said` is what was answered instead.
    """

    heartbeats: Mapping[str, datetime | None] | None
    workers: Sequence[str] | None = None
    expected: int = 0
    said: str = ""


def away(parts: Parts, now: datetime) -> list[Found]:
    """The parts of Airflow of which nothing is heard."""
    found = []
    if parts.heartbeats is None:
        text = (
            f"{parts.said}. Without it no task runs, and nobody can review. Start it again; its log says why it ended."
        )
        found.append(Found(AWAY, "api-server", "Airflow's api-server is away", text))
    for name, beat in (parts.heartbeats or {}).items():
        if beat is not None and now - beat < ABSENT:
            continue
        since = f"It was last heard of at {beat:%Y-%m-%d %H:%M} UTC" if beat else "It was never heard of"
        text = f"{since}. {_WITHOUT.get(name, '')} Start it again; its log says why it ended.".replace("  ", " ")
        found.append(Found(AWAY, name, f"Airflow's {name} is away", text))
    if parts.workers is not None and len(parts.workers) < max(parts.expected, 1):
        here = ", ".join(sorted(parts.workers)) or "none"
        text = f"{len(parts.workers)} of {max(parts.expected, 1)} answer: {here}. Tasks wait until one takes them."
        found.append(Found(AWAY, "worker", "Workers are away", text))
    return found


_WITHOUT = {
    "scheduler": "Without it nothing is started.",
    "triggerer": "Without it no review goes on.",
    "dag-processor": "Without it no change of a DAG is seen, and nobody is told of a run that failed.",
}


@dataclass(frozen=True, slots=True)
class Looked:
    """Who looks for alerts, and when they last did."""

    by: str
    at: datetime


def nobody_looks(looked: Iterable[Looked], now: datetime) -> list[Found]:
    """Those who looked before and do so no more: the DAG `deliver`, and what watches it from outside."""
    found = []
    for each in looked:
        if now - each.at < NOT_LOOKED:
            continue
        then = (
            "Look whether the DAG `deliver` is paused, and whether scheduler, api-server and workers live."
            if each.by == "deliver"
            else "Start `wirewatch doctor --alert` again, which rings where Airflow cannot."
        )
        title = "The DAG `deliver` does not run" if each.by == "deliver" else "Nobody watches Airflow from outside"
        found.append(Found(LOOKS, each.by, title, f"It last ran at {each.at:%Y-%m-%d %H:%M} UTC. {then}"))
    return found


@dataclass(frozen=True, slots=True)
class Unreviewed:
    """A draft that waits for its reviewer; `until` is when the wait ends, None where nobody asks any more."""

    digest_id: int
    topic: str
    day: date
    until: datetime | None


def lapsing(drafts: Sequence[Unreviewed], within: timedelta, now: datetime) -> list[Found]:
    """One alert for all drafts whose review is about to lapse or has lapsed; a line for each topic, however long."""
    late = [each for each in drafts if each.until is None or each.until - now <= within]
    if not late:
        return []
    lapsed = sum(each.until is None or each.until <= now for each in late)
    near = len(late) - lapsed
    topics: dict[str, list[Unreviewed]] = defaultdict(list)
    for each in sorted(late, key=lambda each: (each.day, each.digest_id)):
        topics[each.topic].append(each)
    lines = [f"{topic}: {'; '.join(_of_a_topic(rows))}." for topic, rows in sorted(topics.items())]
    wait = "1 digest waits" if len(drafts) == 1 else f"{len(drafts)} digests wait"
    head = f"{wait} for review, and will until it is given."
    then = "`wirewatch digest review` decides several in one go, and so does the page Waiting."
    told = [f"{lapsed} {'review' if lapsed == 1 else 'reviews'} lapsed"] if lapsed else []
    if near:
        told += [f"{near} {'is' if near == 1 else 'are'} about to" if lapsed else _near(near)]
    return [Found(LAPSES, "", ", ".join(told), "\n".join([head, *lines, then]), "/wirewatch/waiting")]


def _near(count: int) -> str:
    return "1 review is about to lapse" if count == 1 else f"{count} reviews are about to lapse"


def _of_a_topic(rows: Sequence[Unreviewed]) -> list[str]:
    """Its days of which nobody is asked any more, as one range, and each that somebody still is; in their order."""
    gone = [each.day for each in rows if each.until is None]
    days = f"{gone[0]}" if len(gone) == 1 else f"{len(gone)} days from {gone[0]} to {gone[-1]}" if gone else ""
    asked = [f"{each.day} is asked for until {each.until:%Y-%m-%d %H:%M} UTC" for each in rows if each.until]
    return [*([f"nobody is asked any more for {days}"] if gone else []), *asked[:SHOWN]]


def disagreeing(counts: Mapping[str, int]) -> list[Found]:
    """What the last maintenance found among the rows that may not be."""
    wrong = {name: count for name, count in counts.items() if count}
    if not wrong:
        return []
    said = ", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in sorted(wrong.items()))
    text = f"{said}. This is a defect of ours; please report it. `wirewatch doctor` counts anew."
    return [Found(DISAGREES, "", "Rows contradict each other", text)]


@dataclass(frozen=True, slots=True)
class FailedRun:
    """A run of a DAG that failed for good."""

    dag_id: str
    run_id: str
    at: datetime
    reason: str


def failing_runs(runs: Iterable[FailedRun], now: datetime) -> list[Found]:
    """One alert for each DAG whose runs fail, for as long as they go on failing."""
    by_dag: dict[str, list[FailedRun]] = defaultdict(list)
    for run in sorted(runs, key=lambda run: run.at):
        known = by_dag[run.dag_id]
        if known and run.at - known[-1].at >= QUIET:
            known.clear()
        known.append(run)
    found = []
    for dag_id, failed in by_dag.items():
        last = failed[-1]
        if now - last.at >= QUIET:
            continue
        many = (
            f"{len(failed)} runs failed since {failed[0].at:%Y-%m-%d %H:%M} UTC, this one last." if failed[1:] else ""
        )
        text = " ".join(part for part in (last.reason, many) if part)
        path = f"/dags/{dag_id}/runs/{last.run_id}"
        found.append(Found(RUNS, dag_id, f"{dag_id}, {last.run_id}", text, path))
    return found
