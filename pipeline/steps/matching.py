"""Judge entries: on topic or not, by which terms and how close; what is on topic becomes an article to fetch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from pipeline import database, topics, urls
from pipeline.models import Document
from pipeline.settings import Settings
from pipeline.steps.barrier import MATCH, Work
from pipeline.steps.closeness import SeedIndex
from pipeline.steps.contention import transact
from pipeline.steps.model import topic_numbers
from pipeline.store import articles as article_store
from pipeline.store import entries as store
from pipeline.store import topics as topic_store
from pipeline.store.entries import Unmatched
from pipeline.store.topics import Verdict
from pipeline.topics import Closeness, Wording

_BATCH = 200


@dataclass(frozen=True, slots=True)
class _Read:
    """What an entry says of each topic: by its words, and by its closeness where the model was asked."""

    words: Mapping[str, Wording]
    near: dict[str, Closeness]


@dataclass(frozen=True, slots=True)
class _Judged:
    """An entry with the verdicts of every topic."""

    row: Unmatched
    verdicts: Sequence[Verdict]

    @property
    def wanted(self) -> bool:
        """Whether it is on any topic."""
        return any(verdict.match.on_topic for verdict in self.verdicts)


def match(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Judge every entry that no topic was asked about; returns how many were judged, on topic, and ended internal."""
    work = Work(settings, now, MATCH)
    match_with(work)
    return work.finish()


def match_with(work: Work) -> None:
    """`match` within a run whose counts are somebody else's."""
    subjects = topics.load_all(work.settings)
    work.counts |= {"judged": 0, "on_topic": 0}
    with database.connect(work.settings) as connection:
        seeds = SeedIndex(work.settings, subjects, topic_numbers(connection, work.settings))
        for subject in subjects:
            topic_store.save_topic(connection, subject)
    while transact(work, partial(_judge_batch, work, seeds)) == _BATCH:
        pass


def _judge_batch(work: Work, seeds: SeedIndex, connection: database.Connection) -> int:
    """Judge some entries; how many were claimed."""
    rows = store.claim_unmatched(connection, _BATCH, work.now)
    known = work.halved(connection, rows, lambda row: row.id, lambda some: _read(seeds, some))
    judged = work.halved(
        connection, known, lambda pair: pair[0].id, lambda some: [_judge(work, seeds, row, read) for row, read in some]
    )
    verdicts = [_Judged(row, found) for (row, _), found in judged]
    slugs = [subject.slug for subject in seeds.subjects]
    kept = work.written(connection, verdicts, lambda each: each.row.id, partial(_write, work, slugs))
    work.counts["judged"] += len(kept)
    work.counts["on_topic"] += sum(each.wanted for each in kept)
    return len(rows)


def _read(seeds: SeedIndex, rows: Sequence[Unmatched]) -> list[_Read]:
    """The words of each entry, and how close it is to the seed documents of those topics for which that can decide.

    That is where it names a topic, or is of a language that the topic lacks, and was published within its window; and
    where the model can read it, which is loaded for no other.
    """
    found = [_Read(seeds.wordings.of(row.title, row.text), {}) for row in rows]
    for subject in seeds.subjects:
        asked = [
            Document(str(number), row.title, row.text, language=row.language)
            for number, (row, read) in enumerate(zip(rows, found, strict=True))
            if subject.covers(row.published)
            and topics.worth_measuring(subject, row.title, row.text, row.language, read.words[subject.slug])
        ]
        for number, closeness in seeds.closeness(subject, asked).items():
            found[int(number)].near[subject.slug] = closeness
    return found


def _judge(work: Work, seeds: SeedIndex, row: Unmatched, read: _Read) -> list[Verdict]:
    """The verdict of every topic that was open when the entry came out; of every topic where none was.

    An entry has a verdict in any case, and topics that are long over leave no row for each entry of every day.
    """
    verdicts = _verdicts(work, seeds, row, read)
    return [verdict for verdict in verdicts if verdict.match.rule != "window"] or verdicts


def _verdicts(work: Work, seeds: SeedIndex, row: Unmatched, read: _Read) -> list[Verdict]:
    return [
        Verdict(
            subject.slug,
            topics.match(
                subject,
                row.title,
                row.text,
                row.published,
                read.near.get(subject.slug),
                language=row.language,
                entry=True,
                words=read.words[subject.slug],
            ),
            seeds.model_name,
            work.now,
        )
        for subject in seeds.subjects
    ]


def _write(work: Work, slugs: Sequence[str], connection: database.Connection, judged: Sequence[_Judged]) -> None:
    """Write the verdicts in place of the topics' former ones; an entry that one wants then is an article to fetch."""
    topic_store.judge_entries(connection, ((each.row.id, verdict) for each in judged for verdict in each.verdicts))
    topic_store.forget_former(connection, [each.row.id for each in judged], slugs, work.now)
    new = [each.row for each in judged if each.wanted and each.row.article_id is None]
    articles = {each.row.id: each.row.article_id for each in judged}
    articles |= zip((row.id for row in new), article_store.upsert(connection, list(map(_sighted, new))), strict=True)
    store.matched(connection, articles, work.now)


def _sighted(row: Unmatched) -> article_store.Sighted:
    return article_store.Sighted(
        identity=urls.identity(row.canonical_url) if row.canonical_url else f"entry:{row.id}",
        canonical_url=row.canonical_url or f"entry:{row.id}",
        url=row.url or "",
        outlet=row.outlet,
        country=row.country,
        ownership=row.ownership,
        now=row.first_seen_at,
    )
