"""How alike articles of different stories are in a stream: little in general news, much within one topic (pure).

What all articles share by being of one topic tells nothing of stories. The mean cosine between stories is measured
over the latest articles, and `StoryModel.against` takes off what lies above that of general news (docs/stories.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.stories.decide import clusters
from pipeline.stories.features import ArticleFeatures
from pipeline.stories.model import MIX, WORDS, Baseline, StoryModel
from pipeline.stories.pairs import Floats, Pairs

SAMPLE = 300
"""Latest articles that the baseline similarity is measured over: some hours of news."""

PRIOR_PAIRS = 5.0
"""Pairs of general news mixed in, so that a handful of articles says little: as many as 3 or 4 articles make."""

SAME_STORY = 0.25
"""What a pair of one story counts as a pair of general news: where most are of one story, the rest say little."""

LOOKS = 2
"""Times the baseline similarity is measured, each time against what the last one found: to the model as fitted, stories
of one topic look like one story, so that the first look misses just those pairs of theirs that are most alike."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """An article with the topic within which it is compared (None where there are no topics)."""

    topic: Hashable
    features: ArticleFeatures


@dataclass(frozen=True, slots=True)
class _Between:
    """Summed cosines of pairs of articles of different stories, how many pairs, and how many of one story."""

    cosines: float = 0.0
    pairs: float = 0.0
    within: float = 0.0

    def __add__(self, other: _Between) -> _Between:
        return _Between(self.cosines + other.cosines, self.pairs + other.pairs, self.within + other.within)

    def beside(self, usual: float) -> float:
        """The mean cosine, with what the prior and the pairs of one story add of the `usual` one."""
        prior = PRIOR_PAIRS + SAME_STORY * self.within
        return (self.cosines + prior * usual) / (self.pairs + prior)


def measure(sample: Iterable[Sampled], model: StoryModel) -> Baseline:
    """The mean cosines of articles of one topic and language but of different stories.

    Different are stories that `model` keeps apart, first as fitted and then against what that look found, whatever was
    decided so far: so the measure depends on the articles alone. A stream that tells one large story does not pass for
    a topic (`SAME_STORY`).
    """
    rows, against = list(sample), model
    for _ in range(LOOKS):
        dense, words = _between(rows, against)
        found = Baseline(dense.beside(model.baseline.dense), words.beside(model.baseline.words))
        if (against := model.against(found)) is model:
            break  # as in general news: another look would see the same
    return found


def usual(sets: Iterable[Sequence[ArticleFeatures]], model: StoryModel) -> Baseline:
    """The baseline similarity of sets, each in order of arrival: the mean of theirs, `SAMPLE` articles at a time.

    Sets without a pair say nothing; without any, it is 1, which no stream is above.
    """
    dense: list[float] = []
    words: list[float] = []
    for each in sets:
        rows = [Sampled(None, features) for features in each]
        parts = [_between(rows[start : start + SAMPLE], model) for start in range(0, len(rows), SAMPLE)]
        for found, kept in ((0, dense), (1, words)):
            total = sum((part[found] for part in parts), _Between())
            if total.pairs:
                kept.append(total.cosines / total.pairs)
    return Baseline(*(round(sum(kept) / len(kept), 3) if kept else 1.0 for kept in (dense, words)))


def _between(sample: Iterable[Sampled], model: StoryModel) -> tuple[_Between, _Between]:
    """By vectors, where the model reads them, and by term weights."""
    groups: dict[Hashable, list[ArticleFeatures]] = defaultdict(list)
    for each in sample:
        groups[each.topic, each.features.profile.language].append(each.features)
    dense, words = _Between(), _Between()
    for features in groups.values():
        if len(features) < 2:
            continue
        pairs = Pairs(features, model)
        readable = model.reads(features[0].profile.language)
        name = MIX if readable else WORDS
        label = clusters(pairs.odds(name, model.rules[name]), model.rules[name].merge)
        apart = label[:, None] != label[None]
        by_vectors, by_words = pairs.cosines()
        words += _sum(by_words, apart)
        dense += _sum(by_vectors, apart) if readable else _Between()
    return dense, words


def _sum(cosines: Floats, apart: NDArray[np.bool_]) -> _Between:
    pairs = float(apart.sum())
    return _Between(float(cosines[apart].sum()), pairs, apart.size - len(apart) - pairs)
