"""The labelled topics of real feeds, each with a topic file as a newsroom would write it, in English and in Polish.

The files lie in tests/data/topics; the texts belong to their publishers and are read from beside the checkout.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pipeline import embeddings, topics
from pipeline.settings import Settings
from pipeline.stories.topic_calibration import LabelledTopic, MeasuredTopic, fit_topic, measure_topic
from pipeline.topics import Closeness, TopicNumbers
from tests.support import labelled as labelled_data
from tests.support.project import REPOSITORY
from tests.support.recorded import Quality
from tests.support.story_cases import document_of

NAMES = ("topic-karabakh-2023", "topic-morocco-2023")
FILES = REPOSITORY / "tests" / "data" / "topics"


def file_of(name: str) -> str:
    """The file of a set, as the manifest names it."""
    return f"stories/{name}.jsonl.xz"


@cache
def labelled(name: str) -> LabelledTopic:
    """One labelled topic, with its topic file in English and Polish."""
    with lzma.open(labelled_data.path(file_of(name)), "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    topic = topics.load(FILES / f"{name}.toml", FILES)
    return LabelledTopic(topic, tuple(map(document_of, rows)), tuple(row["topic"] for row in rows))


@cache
def measured(name: str, settings: Settings) -> MeasuredTopic:
    """A labelled topic, embedded by the settings' model."""
    encoder = embeddings.load(settings)
    return measure_topic(labelled(name), encoder.encode, encoder.reads)


def without(name: str, settings: Settings) -> TopicNumbers:
    """The numbers of the settings' model, fitted to the other topics."""
    found = fit_topic([measured(other, settings) for other in NAMES if other != name])
    assert found is not None
    return found


def gate(case: MeasuredTopic, numbers: TopicNumbers, spoken: Iterable[str] | None = None) -> NDArray[np.bool_]:
    """Whether each text passes the gate, with the topic's terms in the languages `spoken` alone (None: in all)."""
    labelled_topic = case.labelled
    topic = labelled_topic.topic if spoken is None else labelled_topic.topic.only(frozenset(spoken))
    found = []
    for document, cosine in zip(labelled_topic.documents, case.cosines, strict=True):
        title, text, language = document.title, document.text, document.language
        asked = topics.worth_measuring(topic, title, text, language) and not np.isnan(cosine)
        closeness = Closeness(float(cosine), numbers) if asked else None
        assert document.published is not None
        verdict = topics.match(topic, title, text, document.published, closeness, language=language, entry=True)
        found.append(verdict.on_topic)
    return np.array(found, dtype=np.bool_)


def quality(
    case: MeasuredTopic, found: Sequence[bool] | NDArray[np.bool_], language: str | None = None, *, least: int = 2
) -> Quality:
    """Precision and recall against the labels, of one language or all; on topic from the label `least` on."""
    rows = zip(case.labelled.labels, case.labelled.documents, found, strict=True)
    return Quality.of(
        (label >= least, bool(passed)) for label, document, passed in rows if language in (None, document.language)
    )
