"""A model that the package has no numbers for is calibrated from the default's weights, and from nothing else of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from pipeline.commands import clustering
from pipeline.models import Document
from pipeline.settings import Settings
from pipeline.stories import model as story_model
from pipeline.stories.model import Vector

START = datetime(2024, 6, 18, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class OtherEncoder:
    """Stands for a model of somebody else's; a text points where the number in its last word does."""

    dimension: int
    languages: tuple[str, ...]
    name: str = "somebody/else"
    revision: str = "1"

    def encode_texts(self, texts: Sequence[str]) -> Vector:
        return np.vstack([np.eye(1, self.dimension, int(text.split()[-1]), dtype=np.float32) for text in texts])


@pytest.mark.parametrize("dimension", [16, story_model.default().dimension])
@pytest.mark.parametrize("languages", [("multi",), ("en",)])
@pytest.mark.parametrize("topical", [(), ("made",)])
def test_thresholds_of_another_model_take_neither_mean_nor_reach_from_the_default(
    monkeypatch: pytest.MonkeyPatch, dimension: int, languages: tuple[str, ...], topical: Sequence[str]
) -> None:
    rows = [
        Document(f"{story}-{n}", f"title {story}", f"text {n} {story}", START + timedelta(hours=n), language="en")
        for story in range(6)
        for n in range(4)
    ]
    monkeypatch.setattr("pipeline.steps.model.encoder", lambda _: OtherEncoder(dimension, languages))
    labels = [document.id.partition("-")[0] for document in rows]
    found = clustering._fitted(Settings(), ["made"], [(rows, labels)], True, topical).model
    assert (found.name, found.dimension) == ("somebody/else", dimension)
    if languages == ("en",):
        assert found.centre is None
    else:  # the mean of its own vectors, which point along the first six axes
        assert found.centre is not None
        assert found.centre.mean == pytest.approx([1 / 6] * 6 + [0.0] * (dimension - 6), abs=1e-4)
    assert found.rules["mix"].dense == story_model.default().rules["mix"].dense
    if topical:
        assert math.isinf(found.reach), "general news was never measured by this model"
