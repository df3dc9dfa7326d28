"""Vectors for texts that lack one of the current model, and the verdict on the full text. Copies borrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from pipeline import database, embeddings, topics
from pipeline.models import Document
from pipeline.settings import Settings
from pipeline.steps.barrier import EMBED, Work
from pipeline.steps.closeness import SeedIndex
from pipeline.steps.contention import transact
from pipeline.steps.model import Vectors, article_vectors, encoder, register_model, story_parameters, topic_numbers
from pipeline.steps.remodelling import remodel
from pipeline.store import articles as store
from pipeline.store import models, waiting
from pipeline.store import topics as topic_store
from pipeline.store.articles import Unembedded, Vectorless
from pipeline.store.topics import Verdict
from pipeline.stories.model import StoryModel

# As many as the model is given at once by default; more would leave other tasks without any.
_BATCH = 32


def embed(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Embed what is no copy; returns embedded, borrowed, on_topic, off_topic, remodelled and internal.

    Which text is a copy was found before, by `find_copies`. A changed model makes every article lack its vector, so
    that the same step re-embeds them all: first those that have their place, then the profiles of their stories, and
    only then those that wait for a story and would find none in the new model's numbers.
    """
    work = Work(settings, now, EMBED)
    embed_with(work)
    return work.finish()


def embed_with(work: Work) -> None:
    """`embed` within a run whose counts are somebody else's."""
    settings = work.settings
    work.counts |= dict.fromkeys(("embedded", "borrowed", "on_topic", "off_topic", "remodelled"), 0)
    with database.connect(settings) as connection:
        if not waiting.any_unembedded(connection, embeddings.name_of(settings), work.now):
            return
        embeddings.locate(settings)  # from here on it is certain which model it is
        story_parameters(connection, settings)  # a model without thresholds is refused before anything is embedded
        model_id = register_model(connection, settings)
        parameters = story_parameters(connection, settings)
        seeds = SeedIndex(settings, topics.load_all(settings), topic_numbers(connection, settings))
        for subject in seeds.subjects:  # one whose file came after `match` is judged here first
            topic_store.save_topic(connection, subject)
    embedding = _Embedding(work, seeds, model_id, parameters)
    embedding.embed_all(placed=True)
    work.counts["remodelled"] += remodel(settings, model_id, now=work.now)
    embedding.embed_all(placed=False)
    with database.connect(settings) as connection:
        models.note_complete(connection, model_id)


@dataclass(frozen=True, slots=True)
class _Embedding:
    """One run: the work, what the topics are compared with, the model's row and its numbers."""

    work: Work
    seeds: SeedIndex
    model_id: int
    parameters: StoryModel

    def embed_all(self, *, placed: bool) -> None:
        """Every article that has its place in a story (`placed`), or every one that has none yet."""
        wanted = Vectorless(self.model_id, placed, _BATCH)
        while transact(self.work, partial(self._embed_batch, wanted)):
            pass  # a batch that is not full may have left copies that now find their origins' vectors

    def _embed_batch(self, wanted: Vectorless, connection: database.Connection) -> int:
        """Embed and judge some articles; how many were claimed."""
        work = self.work
        rows = store.claim_unembedded(connection, wanted, work.now)
        here = {row.id for row in rows if row.origin_id is None}
        own = [row for row in rows if row.origin_revision is None and row.origin_id not in here]
        made = work.halved(connection, own, lambda row: row.id, self._vectors)
        vectors = {row.id: vector for row, vector in made}
        failed = {row.id for row in own} - vectors.keys()
        for row in rows:
            if row.id in failed:
                continue
            with work.item(connection, row.id) as attempt:
                borrowed, wanted_by_one = self._write(connection, row, vectors.get(row.id))
            if attempt.fault is None:
                work.counts["borrowed" if borrowed else "embedded"] += 1
                work.counts["on_topic" if wanted_by_one else "off_topic"] += 1
        return len(rows)

    def _vectors(self, rows: Sequence[Unembedded]) -> list[Vectors]:
        return list(article_vectors(self.work.settings, [_document(row) for row in rows], self.parameters))

    def _write(self, connection: database.Connection, row: Unembedded, vector: Vectors | None) -> tuple[bool, bool]:
        """Store a vector of its own or its origin's, and the verdicts; whether it was borrowed, and is on a topic."""
        borrowed = None
        if vector is None:
            assert row.origin_id is not None
            borrowed = store.borrow_vector(connection, row.id, row.origin_id, self.model_id, row.revision)
        own = borrowed
        if own is None:
            # A copy whose origin could not be embedded has words of its own.
            own = vector if vector is not None else self._vectors([row])[0]
            store.set_vector(connection, row.id, self.model_id, own, row.revision)
        wanted = self._judge(connection, row, own)
        store.embedded(connection, row.id, self.work.now)
        return borrowed is not None, wanted

    def _judge(self, connection: database.Connection, row: Unembedded, vector: Vectors) -> bool:
        """Write the verdict of every topic on the full text; whether one of them wants it."""
        readable = encoder(self.work.settings).readable(row.language)
        title, text, wanted = row.title or "", row.text or "", False
        words = self.seeds.wordings.of(title, text)
        for subject in self.seeds.subjects:
            closeness = self.seeds.nearest(subject, vector) if readable else None
            found = topics.match(
                subject, title, text, row.published, closeness, language=row.language, words=words[subject.slug]
            )
            verdict = Verdict(subject.slug, found, self.seeds.model_name, self.work.now)
            topic_store.judge_article(connection, row.id, verdict)
            wanted = wanted or found.on_topic
        return wanted


def _document(row: Unembedded) -> Document:
    return Document(
        id=str(row.id),
        title=row.title or "",
        text=row.text or "",
        published=row.published,
        url=row.url,
        source=row.outlet,
        language=row.language,
    )
