"""How common each term is in each language lately: the document frequencies behind TF-IDF, which age (pure)."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterable, Mapping

EPOCH_DAY = 18262.0
"""Days from 1970 to 2020-01-01, where the weight of one document is 1."""


def increment(day: float, half_life_days: float) -> float:
    """What one document of `day` adds to a count that halves every `half_life_days`.

    Forward decay (Cormode et al. 2009): newer documents add more instead of older counts being lowered, so that a
    count is a plain sum, which workers may add to in any order. `day` is that of arrival, not of publication:
    beside today's counts those of a backfilled year would vanish, and each of its words would look rare. With a
    half-life of 30 days the sum stays within a double until about the year 2100.
    """
    return float(2.0 ** ((day - EPOCH_DAY) / half_life_days))


def tf_idf(terms: Iterable[str], frequency: Mapping[str, float], documents: float, unit: float) -> dict[str, float]:
    """Unit-length TF-IDF weights of one document's `terms`, repeats counted: (1 + ln tf) * ln((N + 1) / (df + 1/2)).

    `frequency` and `documents` are decayed counts that include the document itself; `unit` is what one document
    of today adds to them (see `increment`). Terms in practically every document weigh 0 and are left out.
    """
    known = documents / unit
    weights: dict[str, float] = {}
    for term, count in Counter(terms).items():
        idf = math.log((known + 1) / (frequency.get(term, 0.0) / unit + 0.5))
        if idf > 0:
            weights[sys.intern(term)] = (1 + math.log(count)) * idf  # one string for all who keep it
    norm = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {term: weight / norm for term, weight in weights.items()} if norm else {}


def kept(weights: Mapping[str, float]) -> dict[str, float]:
    """Weights as they are kept, to 5 decimals: so that an article weighs the same whether it was read back or not."""
    return {term: round(weight, 5) for term, weight in weights.items()}


class TermStats:
    """Decayed document frequencies by language, in memory; the table `term_stats` holds the same sums."""

    def __init__(self, half_life_days: float) -> None:
        self.half_life_days = half_life_days
        self.frequency: dict[str | None, dict[str, float]] = {}
        self.documents: dict[str | None, float] = {}

    def observe(self, language: str | None, terms: Iterable[str], day: float) -> None:
        """Count one document of `day` (days since 1970) towards its language."""
        added = increment(day, self.half_life_days)
        frequency = self.frequency.setdefault(language, {})
        self.documents[language] = self.documents.get(language, 0.0) + added
        for term in set(terms):
            frequency[term] = frequency.get(term, 0.0) + added

    def weigh(self, language: str | None, terms: Iterable[str], day: float) -> dict[str, float]:
        """TF-IDF weights of a document as of `day`; observe it first, so that its own terms are known."""
        return tf_idf(
            terms,
            self.frequency.get(language, {}),
            self.documents.get(language, 0.0),
            increment(day, self.half_life_days),
        )
