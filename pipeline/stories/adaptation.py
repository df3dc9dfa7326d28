"""What a stream's latest articles have in common, and how near its stories lie to each other: taken off (pure).

General news needs little of it. Within one topic all articles share a subject, and their stories lie closer together:
by the means of its vectors by language, and by the scores between its stories, the model is fitted to the stream at
hand (docs/stories.md).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.stories.decide import clusters
from pipeline.stories.features import ArticleFeatures, Reading, article
from pipeline.stories.model import MIX, WORDS, Means, StoryModel, Vector
from pipeline.stories.pairs import Pairs
from pipeline.text.tags import primary

SAMPLE = 300
"""Latest articles that a stream is measured over: some hours of news."""

PRIOR_STORIES = 5.0
"""Stories of general news mixed into the mean of a stream."""

PRIOR_LANGUAGE = 3.0
"""Stories of the stream as a whole mixed into the mean of a language."""

PRIOR_PAIRS = 30.0
"""Pairs of general news mixed into the reach, so that a handful of articles says little."""

SAME_STORY = 1.0
"""What a pair of one story counts as a pair of general news: where most are of one story, the rest say little."""

NEAR_DAYS = 1.5
"""Days between two articles, beyond the free ones, up to which they count towards the reach: later ones seldom meet."""

TAIL = 2.33
"""Standard deviations over the mean: one pair of different stories in a hundred lies above, if they lie normally."""

MOVED = 0.05
"""Distance of two means from which they count as different; unit vectors of one language lie some .5 from theirs."""

LOOKS = 3
"""Times a stream is looked at, each time with what the last look found: to the model as fitted, stories of one topic
look like one story."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """An article with the topic within which it is compared (None where there are no topics)."""

    topic: Hashable
    reading: Reading


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look saw: the story of each article, and the sums of scores between stories and their number."""

    stories: Sequence[Hashable]
    scores: float
    squares: float
    pairs: int
    within: int

    @property
    def tail(self) -> float:
        """Where one pair of different stories in a hundred lies above; there are such pairs."""
        mean = self.scores / self.pairs
        return float(mean + TAIL * max(0.0, self.squares / self.pairs - mean * mean) ** 0.5)

    def reach(self, usual: float) -> float:
        """How near different stories come: the tail of their scores, with what the prior adds of the usual reach."""
        if not self.pairs:
            return usual
        prior = PRIOR_PAIRS + SAME_STORY * self.within
        return (self.pairs * self.tail + prior * usual) / (self.pairs + prior)


def adapt(sample: Iterable[Sampled], model: StoryModel) -> StoryModel:
    """The model for the stream that these articles are of: with its means, and against its reach.

    Different are stories that `model` itself keeps apart, whatever was decided so far: so the measure depends on the
    articles alone. Each story counts once in the means, and pairs of one story count as usual in the reach, so that
    a stream that tells one large story hardly passes for a topic.
    """
    rows, adapted = list(sample), model
    if not rows:
        return model
    for _ in range(LOOKS):
        look = _look(rows, adapted, model)
        means = None if model.centre is None else means_of([row.reading for row in rows], look.stories, model)
        adapted = model.against(look.reach(model.reach), means)
    return adapted


def reach_of(readings: Sequence[Reading], model: StoryModel) -> float | None:
    """How near different stories of these articles come to each other by the model as it is; None without a pair."""
    look, adapted = None, model
    for _ in range(LOOKS):
        look = _look([Sampled(None, reading) for reading in readings], adapted, model)
        means = None if model.centre is None else means_of(readings, look.stories, model)
        adapted = model.against(-math.inf, means)
    return look.tail if look is not None and look.pairs else None


def moved(before: Means | None, after: Means | None) -> bool:
    """Whether the means went so far that what was seen by the former ones is to be seen anew: `MOVED`, or from none."""
    if after is None or before is None:
        return after is not None
    return any(float(np.linalg.norm(before.of(each) - mean)) > MOVED for each, mean in after.languages.items())


def means_of(readings: Sequence[Reading], stories: Sequence[Hashable], model: StoryModel) -> Means:
    """The mean vectors of a stream by language, each story counting once in each language; the model has a centre.

    A language's is shrunk to the stream's, and the stream's to that of general news, by the effective number of stories
    (the inverse of Simpson's index): where one story is most of what is told, its own vector is no mean of a stream.
    """
    assert model.centre is not None
    told: dict[str | None, dict[Hashable, list[Vector]]] = defaultdict(lambda: defaultdict(list))
    for reading, story in zip(readings, stories, strict=True):
        told[primary(reading.language)][story].append(reading.vector)
    means = {
        language: np.mean([np.mean(vectors, axis=0) for vectors in by_story.values()], axis=0)
        for language, by_story in told.items()
    }
    counts = {language: _effective(map(len, by_story.values())) for language, by_story in told.items()}
    general = np.asarray(model.centre.mean, dtype=np.float32)
    whole = np.average([means[language] for language in told], axis=0, weights=[counts[language] for language in told])
    stream = _shrunk(whole, _effective(Counter(stories).values()), general, PRIOR_STORIES)
    return Means(
        stream, {language: _shrunk(means[language], counts[language], stream, PRIOR_LANGUAGE) for language in told}
    )


def _effective(sizes: Iterable[int]) -> float:
    """How many stories of equal size would be as mixed as these: the inverse of Simpson's index (Hill 1973)."""
    known = list(sizes)
    return sum(known) ** 2 / sum(size * size for size in known)


def _shrunk(mean: Vector, count: float, prior: Vector, weight: float) -> Vector:
    return np.asarray((count * mean + weight * prior) / (count + weight), dtype=np.float32)


def _look(rows: Sequence[Sampled], adapted: StoryModel, fitted: StoryModel) -> _Look:
    """The articles by the model as adapted so far; scores are those of the model as fitted, on its own scale."""
    groups: Mapping[Hashable, list[int]] = defaultdict(list)
    features = [article(row.reading, adapted) for row in rows]
    for at, row in enumerate(rows):
        groups[row.topic, primary(row.reading.language)].append(at)
    stories: list[Hashable] = list(range(len(rows)))
    scores = squares = 0.0
    pairs = within = 0
    for group, members in groups.items():
        if len(members) < 2:
            continue
        label, odds, near = _clustered([features[at] for at in members], adapted, fitted)
        for at, number in zip(members, label.tolist(), strict=True):
            stories[at] = (group, number)
        apart = label[:, None] != label[None]
        scores += float(odds[near & apart].sum())
        squares += float((odds[near & apart] ** 2).sum())
        pairs += int((near & apart).sum())
        within += int((~apart).sum()) - len(members)
    return _Look(stories, scores, squares, pairs, within)


def _clustered(
    features: Sequence[ArticleFeatures], adapted: StoryModel, fitted: StoryModel
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.bool_]]:
    """The story of each article of one language, the scores of the pairs as fitted, and which are near in time."""
    measured = Pairs(features, adapted)
    name = MIX if adapted.reads(features[0].profile.language) else WORDS
    odds = measured.odds(fitted.rules[name])
    label = clusters(measured.odds(adapted.rules[name]), adapted.rules[name].merge)
    undated = np.isnan(measured.days)
    near = (measured.gaps() <= NEAR_DAYS) | undated[:, None] | undated[None]
    np.fill_diagonal(near, False)
    return label, odds, near
