"""Fit what closeness to a topic's seed documents says, for any embedding model, to texts labelled by topic.

The words' part of the score is no number of the model and stays as it is: logistic regression of "on topic" on both
gives how much a cosine is worth beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from pipeline.models import Document
from pipeline.text.languages import language_of
from pipeline.topics import Topic, TopicNumbers, Weights, mentions, wording

Floats = NDArray[np.float64]

MISS = 2.5
"""What is missed at the gate is lost, what passes wrongly costs a page and is judged again: one miss counts as so many.
Of 1, 2, 2.5, 3, 5 and 8 the least that holds the gate's recall on the recorded web, which it was not fitted to, by two
models (docs/notes/2026-11-27-topic-numbers.md)."""

ENOUGH = 10
"""Texts on topic and texts that are not, in other languages than the seed documents', from which a threshold is fitted;
and texts of either kind that name the topic."""


_NOTHING = 1e-6  # a weight that is none


@dataclass(frozen=True, slots=True)
class LabelledTopic:
    """A topic with documents and their labels: 2 on topic, 1 related, 0 a hard negative."""

    topic: Topic
    documents: tuple[Document, ...]
    labels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MeasuredTopic:
    """A labelled topic with the cosine of each document to the nearest seed document, NaN where none can be read."""

    labelled: LabelledTopic
    cosines: Floats


@dataclass(frozen=True, slots=True)
class Evidence:
    """Score of the words and cosine of some texts, float64[texts] each, and whether each is on topic."""

    words: Floats
    cosines: Floats
    on_topic: NDArray[np.bool_]

    @property
    def suffices(self) -> bool:
        """Whether there are `ENOUGH` texts of both kinds."""
        return min(int(self.on_topic.sum()), int((~self.on_topic).sum())) >= ENOUGH


def measure_topic(
    labelled: LabelledTopic,
    encode: Callable[[Sequence[Document]], NDArray[np.float32]],
    reads: Callable[[Document], bool],
) -> MeasuredTopic:
    """Embed a labelled topic; `encode` gives unit rows, `reads` says whether the model knows a document's language."""
    seeds = encode([Document(str(n), "", text) for n, text in enumerate(labelled.topic.documents)])
    read = [n for n, document in enumerate(labelled.documents) if reads(document)]
    cosines = np.full(len(labelled.documents), np.nan)
    if read:
        cosines[read] = (encode([labelled.documents[n] for n in read]) @ seeds.T).max(axis=1)
    return MeasuredTopic(labelled, cosines)


def fit_topic(measured: Sequence[MeasuredTopic]) -> TopicNumbers | None:
    """The numbers of the model by which these topics were measured, each topic counting the same.

    None where no topic has `ENOUGH` texts that name it in a language that the model reads, and where words or closeness
    do not speak for a topic in them.
    """
    spoken = [each for each in map(_spoken, measured) if each.suffices]
    if not spoken:
        return None
    line = _fit_line(spoken)
    if line is None:
        return None
    typical, seed = line
    unspoken = [each for each in map(_unspoken, measured) if each.suffices]
    stand_in = _fit_threshold(unspoken, seed) if unspoken else None
    return TopicNumbers(round(typical, 3), round(seed, 2), None if stand_in is None else round(stand_in, 3))


def _spoken(measured: MeasuredTopic) -> Evidence:
    """The texts that the words of the topic may decide: of its languages, and naming a required group."""
    topic, documents = measured.labelled.topic, measured.labelled.documents
    chosen = [
        topic.speaks(document.language) and not np.isnan(cosine) and mentions(topic, document.title, document.text)
        for document, cosine in zip(documents, measured.cosines, strict=True)
    ]
    return _evidence(measured, topic, chosen)


def _unspoken(measured: MeasuredTopic) -> Evidence:
    """The texts in other languages than the seed documents', as if the topic had terms in these alone."""
    labelled = measured.labelled
    known = {language_of(Document("", "", text)) for text in labelled.topic.documents}
    topic = labelled.topic.only({language for language in known if language})
    chosen = [
        not topic.speaks(document.language) and not np.isnan(cosine)
        for document, cosine in zip(labelled.documents, measured.cosines, strict=True)
    ]
    return _evidence(measured, topic, chosen)


def _evidence(measured: MeasuredTopic, topic: Topic, chosen: Sequence[bool]) -> Evidence:
    rows = np.flatnonzero(chosen)
    words = [wording(topic, d.title, d.text) for d in (measured.labelled.documents[row] for row in rows)]
    return Evidence(
        np.array([each.score - each.off for each in words], dtype=np.float64),
        measured.cosines[rows],
        np.array([measured.labelled.labels[row] == 2 for row in rows], dtype=np.bool_),
    )


def _fit_line(spoken: Sequence[Evidence]) -> tuple[float, float] | None:
    """`typical` and `seed`: logistic regression (L2, C = 1, columns of unit spread), the weight of the words held at 1.

    Even odds lie at the gate's threshold of the score.
    """
    columns = np.concatenate([np.stack([each.words, each.cosines], axis=1) for each in spoken])
    labels = np.concatenate([each.on_topic for each in spoken])
    weights = np.concatenate([np.where(each.on_topic, MISS, 1.0) / len(each.on_topic) for each in spoken])
    spread = columns.std(axis=0)
    spread[spread == 0] = 1.0
    found = LogisticRegression().fit(columns / spread, labels, sample_weight=weights * len(weights) / weights.sum())
    words, cosine = found.coef_[0] / spread
    if words < _NOTHING or cosine <= 0:
        return None
    seed = float(cosine / words)
    even = -float(found.intercept_[0] / words)  # where words plus seed times cosine is even
    return (even - Weights().entry_threshold) / seed, seed


def _fit_threshold(unspoken: Sequence[Evidence], seed: float) -> float:
    """`stand_in`: the cosine, words counted as `seed` says, of the best mean F1; the middle where many have it."""
    steps = np.arange(-1.0, 1.0, 0.0025)
    means = np.mean(
        [[_f1(each, each.cosines + each.words / seed >= step) for step in steps] for each in unspoken], axis=0
    )
    return float(np.median(steps[means >= means.max() - 1e-9]))


def _f1(evidence: Evidence, found: NDArray[np.bool_]) -> float:
    right = int((evidence.on_topic & found).sum())
    both = int(evidence.on_topic.sum()) + int(found.sum())
    return 2 * right / both if both else 0.0
