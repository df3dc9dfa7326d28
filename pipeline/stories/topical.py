"""The rule of a stream of one topic, fitted to labelled topics: closeness less what each day between takes off (pure).

In general news two articles of one subject, days apart, are mostly of one story. Within a topic all are of one subject,
so that the days between tell its developments apart. Words in common add nothing there (docs/stories.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from sklearn.linear_model import LogisticRegression

from pipeline.stories.curves import CurvePoint, Labels
from pipeline.stories.decide import cut, tree
from pipeline.stories.evaluation import b_cubed
from pipeline.stories.model import TOPICAL, Rule, StoryModel
from pipeline.stories.pairs import Pairs

Floats = NDArray[np.float64]

DECAY = 0.25
"""Cosine that a day between takes off: of .05 to .45 the best on two topics and the recorded web, and .2 and .3 are as
good. Chosen while all three were looked at (docs/stories.md)."""

CLOSE = tuple(float(c) for c in np.arange(0.1, 0.701, 0.025))
"""Cosines, less the decay, from which two stories are one."""

SMOOTH = 1.0
"""Standard deviation, in steps of `CLOSE`, over which the curve is smoothed: that of a few topics is rugged."""

WHOLLY = 0.5
"""Share of the least excess reach of a labelled topic from which a stream counts wholly as one of a topic."""


def fit_topical(
    topics: Sequence[Labels], model: StoryModel, join: float, split: float
) -> tuple[Rule, float, list[CurvePoint]]:
    """The rule with the best threshold, what a pair across languages counts more (log odds), and the curve.

    The latter and the scale come from regression over pairs, the threshold from B-cubed, topics weighing by their
    articles. `join` and `split` are how far, in log odds, these thresholds lie over and under that to merge.
    """
    told = [_Told.of(topic, model) for topic in topics]
    weight, across = _regression(told)
    scores = np.average(
        [topic.curve(across / weight) for topic in told], axis=0, weights=[len(topic.stories) for topic in told]
    )
    least = CLOSE[int(gaussian_filter1d(scores[:, 2], SMOOTH, mode="nearest").argmax())]
    rule = Rule(
        bias=round(-weight * least, 4),
        dense=(weight, 0.0, 0.0),
        words=(0.0, 0.0, 0.0),
        length=(0.0, 0.0),
        gap=(0.0, 0.0),
        join=join,
        merge=0.0,
        split=-split,
        near=round(-weight * DECAY, 4),
    )
    points = [
        CurvePoint(TOPICAL, weight * (close - least), *map(float, found))
        for close, found in zip(CLOSE, scores, strict=True)
    ]
    return rule, across, points


@dataclass(frozen=True, slots=True)
class _Told:
    """A topic: cosine less decay of each pair, float64[n, n], which cross languages, bool[n, n], and its stories."""

    closeness: Floats
    across: NDArray[np.bool_]
    stories: Sequence[str]

    @classmethod
    def of(cls, topic: Labels, model: StoryModel) -> _Told:
        pairs = Pairs(topic.articles, model)
        return cls(pairs.cosines()[0] - DECAY * pairs.near(), pairs.across(), topic.stories)

    def curve(self, more: float) -> Floats:
        """Precision, recall and F1 of B-cubed at each of `CLOSE`, pairs across languages `more` close; float64[, 3]."""
        grown = tree(self.closeness + more * self.across)
        return np.array([b_cubed(self.stories, cut(*grown, close).tolist()) for close in CLOSE])


def _regression(topics: Sequence[_Told]) -> tuple[float, float]:
    """Log odds of one story by unit of closeness, and what a pair across languages gets on top, no less than nothing.

    Logistic regression over pairs, topics weighing the same, and in each the pairs of one story as much as the others.
    """
    x, y, w = [], [], []
    for topic in topics:
        left, right = np.triu_indices(len(topic.stories), 1)
        names = np.asarray(topic.stories)
        same = names[left] == names[right]
        x.append(np.stack([topic.closeness[left, right], topic.across[left, right]], axis=1))
        y.append(same)
        w.append(np.where(same, 1 / max(1, same.sum()), 1 / max(1, (~same).sum())))
    regression = LogisticRegression(C=1e6).fit(np.concatenate(x), np.concatenate(y), np.concatenate(w) * 1000)
    weight, across = regression.coef_[0]
    return round(float(weight), 4), max(0.0, round(float(across), 4))
