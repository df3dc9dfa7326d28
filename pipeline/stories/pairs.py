"""The scores of all pairs of some articles at once, as matrices: to fit the weights, and to split (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from pipeline.stories.features import ArticleFeatures
from pipeline.stories.model import MIX, VECTORS, WORDS, Rule, StoryModel

Floats = NDArray[np.float64]

COLUMNS: Mapping[str, tuple[int, ...]] = {
    MIX: (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    WORDS: (3, 4, 5, 6, 7, 8, 9),
    VECTORS: (0, 1, 2, 6, 7, 8, 9),
}
"""Which of `Pairs.columns` each rule uses."""

GAP = 8
"""The column of the days between that count."""


class Pairs:
    """All pairs of one set's articles, as columns that the score is linear in, computed for chosen pairs only."""

    def __init__(self, features: Sequence[ArticleFeatures], model: StoryModel) -> None:
        self.model = model
        self.vectors = np.stack([f.profile.dense[0] for f in features]).astype(np.float64)
        self.lengths = np.array([f.profile.lengths for f in features])
        self.languages = [feature.profile.language for feature in features]
        self.days = np.array([np.nan if f.profile.first is None else f.profile.first for f in features], dtype=float)
        vocabulary: dict[str, int] = {}
        rows, columns, values = [], [], []
        for row, feature in enumerate(features):
            for term, (weight, _) in feature.profile.terms.items():
                rows.append(row)
                columns.append(vocabulary.setdefault(term, len(vocabulary)))
                values.append(weight)
        self.terms = csr_matrix((values, (rows, columns)), shape=(len(features), max(1, len(vocabulary))))

    def cosines(self) -> tuple[Floats, Floats]:
        """Of vectors and of term weights; float64[n, n] each."""
        return self.vectors @ self.vectors.T, np.asarray((self.terms @ self.terms.T).todense())

    def near(self) -> Floats:
        """All days between, as `features.near_days` has them; float64[n, n]."""
        gap = np.abs(self.days[:, None] - self.days[None])
        return np.where(np.isnan(gap), self.model.undated_days, np.minimum(gap, self.model.window_days))

    def gaps(self) -> Floats:
        """Days between that count, as `features.gap_days` has them; float64[n, n]."""
        gap = np.abs(self.days[:, None] - self.days[None])
        free = np.clip(gap - self.model.free_days, 0, self.model.window_days)
        return np.where(np.isnan(gap), self.model.undated_days, free)

    def columns(self) -> Iterator[Floats]:
        """What each weight of a rule multiplies, in the order of `COLUMNS`; float64[n, n] each, one at a time."""
        dense, words = self.cosines()
        mean = (self.lengths[:, None] + self.lengths[None]) / 2
        product = np.outer(self.lengths, self.lengths)
        for cosine in (dense, words):
            yield cosine
            yield cosine * mean
            yield cosine * product
        yield mean
        yield product
        gap = self.gaps()
        yield gap
        yield np.log1p(gap)
        yield self.near()

    def across(self) -> NDArray[np.bool_]:
        """Which pairs are of two languages; bool[n, n]."""
        codes = np.unique([str(language) for language in self.languages], return_inverse=True)[1]
        return np.asarray(codes[:, None] != codes[None])

    def over(self, threshold: Literal["join", "merge", "split"]) -> Floats:
        """How far each pair's score lies over the threshold of the rule for its languages; float64[n, n].

        Pairs that nothing can compare lie as far under it as the least alike of the others.
        """
        across, model = self.across(), self.model
        reads = np.array([model.reads(language) for language in self.languages], dtype=bool)
        both = reads[:, None] & reads[None]
        unknown = np.array([language is None for language in self.languages], dtype=bool)
        crossed = across & both & (model.crosses | unknown[:, None] | unknown[None])
        found = np.full(across.shape, np.nan)
        for name, wanted in ((MIX, ~across & both), (WORDS, ~across & ~both), (VECTORS, crossed)):
            if wanted.any():
                rule = model.rules[name]
                found[wanted] = (self.odds(rule) - getattr(rule, threshold))[wanted]
        return np.where(np.isnan(found), np.nanmin(found), found)

    def odds(self, rule: Rule) -> Floats:
        """The score of each pair by the rule; float64[n, n]."""
        weights = (*rule.dense, *rule.words, *rule.length, *rule.gap, rule.near)
        total = np.full((len(self.lengths), len(self.lengths)), rule.bias)
        for weight, column in zip(weights, self.columns(), strict=True):
            if weight:
                total += weight * column
        return total
