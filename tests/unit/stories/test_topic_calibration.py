"""What closeness says is fitted to labelled topics: the same rule for models whose cosines lie elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline import topics
from pipeline.models import Document
from pipeline.stories.topic_calibration import ENOUGH, LabelledTopic, fit_topic, measure_topic
from pipeline.topics import Topic
from tests.support.project import REPOSITORY

SEEDS = REPOSITORY / "seeds"


@pytest.fixture(scope="module")
def summit() -> Topic:
    return topics.load(SEEDS / "topics" / "putin-kim-summit.toml", SEEDS / "documents").only({"en"})


def labelled(summit: Topic, each: int = 30) -> LabelledTopic:
    """English and Polish texts, on topic or not, that name Moscow; the title's last word says how close they are."""
    documents, labels = [], []
    for language, name in (("en", "Moscow"), ("pl", "Moskwa")):
        for label, low in ((2, 70), (0, 40)):
            for n in range(each):
                named = f"{name} visit" if n % 3 < label else name
                title = f"{named} {low + n % 20}"
                documents.append(Document(f"{language}{label}{n}", title, "", language=language))
                labels.append(label)
    return LabelledTopic(summit, tuple(documents), tuple(labels))


def encode_between(low: float, high: float) -> object:
    """An encoder whose cosine to the seed document rises from `low` to `high` with the number in a title."""

    def encode(documents: Sequence[Document]) -> NDArray[np.float32]:
        cosines = [
            low + (high - low) * int(document.title.split()[-1]) / 100 if document.title else 1.0
            for document in documents
        ]
        return np.array([[cosine, np.sqrt(1 - cosine**2)] for cosine in cosines], dtype=np.float32)

    return encode


def test_numbers_follow_the_models_cosines(summit: Topic) -> None:
    wide, narrow = (
        fit_topic([measure_topic(labelled(summit), encode_between(*span), lambda _: True)])  # type: ignore[arg-type]
        for span in ((0.0, 1.0), (0.7, 0.9))
    )
    assert wide is not None
    assert narrow is not None
    assert 0.5 < (wide.stand_in or 0) <= 0.7, "between the texts that are off topic and those on it"
    assert narrow.stand_in == pytest.approx(0.7 + 0.2 * (wide.stand_in or 0), abs=0.01)
    assert narrow.seed == pytest.approx(5 * wide.seed, rel=0.05)
    assert narrow.typical == pytest.approx(0.7 + 0.2 * wide.typical, abs=0.02)


def test_nothing_stands_in_where_the_model_reads_no_other_language(summit: Topic) -> None:
    def reads(document: Document) -> bool:
        return document.language in (None, "en")

    found = fit_topic([measure_topic(labelled(summit), encode_between(0, 1), reads)])  # type: ignore[arg-type]
    assert found is not None
    assert found.stand_in is None


def test_too_few_texts_give_no_numbers(summit: Topic) -> None:
    few = labelled(summit, ENOUGH - 1)
    assert fit_topic([measure_topic(few, encode_between(0, 1), lambda _: True)]) is None  # type: ignore[arg-type]
    assert fit_topic([]) is None
