"""The rule of a stream of one topic, fitted to labelled topics: closeness less what each day between takes off (pure).

In general news two articles of one subject, days apart, are mostly of one story. Within a topic all are of one subject,
so that the days between tell its developments apart. Words in common add nothing there (docs/stories.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from pipeline.stories.curves import CurvePoint, Labels, best
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
) -> tuple[Rule, list[CurvePoint]]:
    """The rule with the best threshold, topics weighing by their articles, and its curve.

    `join` and `split` are how far, in log odds, these thresholds lie over and under that to merge.
    """
    told = [(_closeness(topic, model), topic.stories) for topic in topics]
    weight = _weight(told)
    scores = np.average([_curve(*each) for each in told], axis=0, weights=[len(stories) for _, stories in told])
    points = [CurvePoint(TOPICAL, close, *map(float, found)) for close, found in zip(CLOSE, scores, strict=True)]
    least = best(points, smooth=SMOOTH).threshold
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
    points = [replace(point, threshold=weight * (point.threshold - least)) for point in points]
    return rule, points


def _closeness(topic: Labels, model: StoryModel) -> Floats:
    """Cosine less decay of each pair; float64[n, n]."""
    pairs = Pairs(topic.articles, model)
    return pairs.cosines()[0] - DECAY * pairs.near()


def _curve(closeness: Floats, stories: Sequence[str]) -> Floats:
    """Precision, recall and F1 of B-cubed at each of `CLOSE`; float64[thresholds, 3]."""
    grown = tree(closeness)
    return np.array([b_cubed(stories, cut(*grown, close).tolist()) for close in CLOSE])


def _weight(topics: Sequence[tuple[Floats, Sequence[str]]]) -> float:
    """Log odds of one story by unit of closeness: logistic regression over pairs, each topic weighing the same."""
    x, y, w = [], [], []
    for closeness, stories in topics:
        left, right = np.triu_indices(len(stories), 1)
        names = np.asarray(stories)
        same = names[left] == names[right]
        x.append(closeness[left, right])
        y.append(same)
        w.append(np.where(same, 1 / max(1, same.sum()), 1 / max(1, (~same).sum())))
    regression = LogisticRegression(C=1e6).fit(np.concatenate(x)[:, None], np.concatenate(y), np.concatenate(w) * 1000)
    return round(float(regression.coef_[0, 0]), 4)
