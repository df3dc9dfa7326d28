"""How good the stories of labelled sets are at each threshold of each rule: what thresholds are read from (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.stories.decide import cut, tree
from pipeline.stories.evaluation import b_cubed
from pipeline.stories.features import ArticleFeatures
from pipeline.stories.model import MIX, VECTORS, WORDS, StoryModel
from pipeline.stories.pairs import Pairs

Floats = NDArray[np.float64]

THRESHOLDS = tuple(float(t) for t in np.arange(-3.0, 3.01, 0.25))


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """B-cubed of one rule at one threshold (log odds), the mean over the sets."""

    rule: str
    threshold: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Labels:
    """The articles of a labelled set and the story of each."""

    articles: Sequence[ArticleFeatures]
    stories: Sequence[str]

    def languages(self) -> list[list[int]]:
        """The rows of each language that has two or more."""
        found: dict[str | None, list[int]] = {}
        for row, features in enumerate(self.articles):
            found.setdefault(features.profile.language, []).append(row)
        return [rows for rows in found.values() if len(rows) > 1]


@dataclass(frozen=True, slots=True)
class _Part:
    """Some articles of a set, merged by average linkage, whatever the threshold."""

    stories: Sequence[str]
    tree: Floats
    top: float

    @classmethod
    def of(cls, odds: Floats, stories: Sequence[str]) -> _Part:
        return cls(stories, *tree(odds))

    def at(self, threshold: float) -> Floats:
        """Precision, recall and F1 of B-cubed when merged down to a threshold; float64[3]."""
        return np.array(b_cubed(self.stories, cut(self.tree, self.top, threshold).tolist()))


def best(points: Sequence[CurvePoint], beta: float = 1.0) -> CurvePoint:
    """The threshold of the highest F; a `beta` under 1 has precision weigh more than recall (van Rijsbergen 1979)."""
    precision, recall = (np.array([getattr(point, name) for point in points]) for name in ("precision", "recall"))
    both = beta**2 * precision + recall
    f = np.divide((1 + beta**2) * precision * recall, both, out=np.zeros_like(both), where=both > 0)
    return points[int(f.argmax())]


class Curves:
    """B-cubed of labelled sets at each threshold of each rule, when they are merged by average linkage down to it.

    Within a language each language of a set counts by its articles. Across, whole sets of several languages are merged,
    within a language down to the best threshold of `MIX`; where there are none, `VECTORS` is read within a language.
    """

    def __init__(self, sets: Sequence[Labels], model: StoryModel) -> None:
        self._sets = sets
        self._model = model
        self._mixed = [at for at, each in enumerate(sets) if len(each.languages()) > 1 and model.crosses]
        names = (MIX, WORDS) if self._mixed else (MIX, WORDS, VECTORS)
        self._parts = {name: [self._inside(each, name) for each in sets] for name in names}

    def at(self, shifts: Sequence[float]) -> Mapping[str, Sequence[CurvePoint]]:
        """The curve of each rule when so much is taken off the scores of each set."""
        found = {
            name: _mean(name, [_weighed(parts, shift) for parts, shift in zip(sets, shifts, strict=True) if parts])
            for name, sets in self._parts.items()
        }
        if self._mixed:
            merge = best(found[MIX]).threshold
            found[VECTORS] = _mean(VECTORS, [self._across(self._sets[at], merge, shifts[at]) for at in self._mixed])
        return found

    def _inside(self, each: Labels, name: str) -> list[_Part]:
        return [
            _Part.of(
                Pairs([each.articles[row] for row in rows], self._model).odds(self._model.rules[name]),
                [each.stories[row] for row in rows],
            )
            for rows in each.languages()
        ]

    def _across(self, each: Labels, merge: float, shift: float) -> Floats:
        pairs, rules = Pairs(each.articles, self._model), self._model.rules
        within, across = (pairs.odds(rules[name]) for name in (MIX, VECTORS))
        apart = pairs.across()
        return np.array(
            [_Part.of(np.where(apart, across - t, within - merge), each.stories).at(shift) for t in THRESHOLDS]
        )


def _weighed(parts: Sequence[_Part], shift: float) -> Floats:
    """The curve of a set's languages, each counting by its articles; float64[thresholds, 3]."""
    sizes = [len(part.stories) for part in parts]
    return np.array([np.average([part.at(t + shift) for part in parts], axis=0, weights=sizes) for t in THRESHOLDS])


def _mean(name: str, found: Sequence[Floats]) -> list[CurvePoint]:
    means = np.mean(np.array(found), axis=0)
    return [CurvePoint(name, t, float(p), float(r), float(f)) for t, (p, r, f) in zip(THRESHOLDS, means, strict=True)]
