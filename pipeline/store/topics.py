"""Topics and the verdicts on them: of an entry by its feed's words, of an article by its full text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from pipeline.database import Connection, run
from pipeline.database.recordset import recordset
from pipeline.topics import Topic, TopicMatch


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something is on a topic (its slug) and why, by which model and when."""

    topic: str
    match: TopicMatch
    model: str
    at: datetime


def save_topic(connection: Connection, topic: Topic) -> None:
    """Keep the topic file's content beside what was judged by it."""
    run(
        connection,
        "topics.save",
        slug=topic.slug,
        name=topic.name,
        definition=Jsonb(topic.definition()),
        zone=topic.timezone,
    )


def judge_entries(connection: Connection, verdicts: Iterable[tuple[int, Verdict]]) -> None:
    """Write whether entries, by their ids, are on topic and why."""
    rows = recordset({"entry_id": entry_id, **verdict_row(verdict)} for entry_id, verdict in verdicts)
    run(connection, "topics.judge_entries", rows=rows)


def forget_former(connection: Connection, entry_ids: Sequence[int], slugs: Sequence[str], now: datetime) -> None:
    """Drop what topics said of entries before they were judged anew, at `now`, and say nothing of any more."""
    run(connection, "topics.forget_former", entry_ids=list(entry_ids), topics=list(slugs), now=now)


def judge_article(connection: Connection, article_id: int, verdict: Verdict) -> None:
    """Write the verdict on the full text; a person's verdict stays."""
    run(connection, "topics.judge_article", article_id=article_id, **verdict_row(verdict))


def verdict_row(verdict: Verdict) -> dict[str, Any]:
    """A verdict as the columns that entries and articles share."""
    match = verdict.match
    return {
        "topic": verdict.topic,
        "on_topic": match.on_topic,
        "rule": match.rule,
        "terms": list(match.terms),
        "similarity": match.similarity,
        "score": match.score,
        "threshold": match.threshold,
        "model": verdict.model,
        "now": verdict.at,
    }
