"""What the story decisions know of an article and of a story, as sums that add up, and the score of two of them (pure).

The score of two stories is the mean of the scores of their pairs of articles (average linkage, UPGMA: Sokal and
Michener 1958). As the score is linear in products of a part of each article, that mean follows from sums over each
side, so that a story of three hundred articles costs no more to compare than one of three.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.models import Document
from pipeline.stories.model import MIX, VECTORS, WORDS, Rule, StoryModel, Vector
from pipeline.text.tags import primary
from pipeline.text.words import words as tokenise

Encode = Callable[[Sequence[str]], Vector]
"""Texts to unit vectors, float32[n, dimension]."""

SECONDS_A_DAY = 86_400.0

INDEXED_TERMS = 16
"""An article's heaviest terms; the rest are too common to tell stories apart."""

COMMON = 256
"""Stories that share a term; beyond, it points to none of them."""

BY_VECTOR = 16
BY_WORDS = 8
"""Candidates by nearest centroid, and by rare words in common: the second finds what the vectors cannot read."""


@dataclass(slots=True)
class Profile:
    """Sums over one or more articles; an article is the profile of itself.

    `dense` is float32[2, dimension]: the sum of the unit vectors, and the same with each times its article's
    length. `terms` maps a term to the two sums in words. `lengths` is the sum of the natural logarithms of the
    numbers of words. `times` is the sum over the `dated` articles of their days since 1970, `first` and `last`
    are the extremes (None: no article is dated). `languages` counts articles; None is an unknown language.
    """

    size: int
    dense: NDArray[np.float32]
    terms: dict[str, tuple[float, float]]
    lengths: float
    dated: int = 0
    times: float = 0.0
    first: float | None = None
    last: float | None = None
    languages: Counter[str | None] = field(default_factory=Counter)

    def add(self, other: Profile, sign: int = 1) -> None:
        """Take the articles of `other` in, or with `sign` -1 out; first and last stay as wide as they were."""
        self.size += sign * other.size
        self.dense = self.dense + sign * other.dense
        for term, (weight, scaled) in other.terms.items():
            mine = self.terms.get(term, (0.0, 0.0))
            self.terms[term] = (mine[0] + sign * weight, mine[1] + sign * scaled)
        self.lengths += sign * other.lengths
        self.dated += sign * other.dated
        self.times += sign * other.times
        self.languages.update({language: sign * count for language, count in other.languages.items()})
        if sign > 0:
            self.first = min(known(self.first, other.first), default=None)
            self.last = max(known(self.last, other.last), default=None)

    def copy(self) -> Profile:
        """A profile that may be added to without changing this one."""
        return Profile(
            self.size, self.dense, dict(self.terms), self.lengths, self.dated, self.times, self.first, self.last,
            self.languages.copy(),
        )  # fmt: skip

    @property
    def centroid(self) -> Vector:
        """The direction of the mean vector, unit length: what an index of vectors is asked with."""
        total = self.dense[0]
        norm = float(np.linalg.norm(total))
        return np.asarray(total / norm if norm else total, dtype=np.float32)

    @property
    def time_variance(self) -> float:
        """Variance of its times, days squared: as many as it has, evenly from the first to the last."""
        if self.dated < 2 or self.first is None or self.last is None:
            return 0.0
        return (self.last - self.first) ** 2 * (self.dated + 1) / (12 * (self.dated - 1))

    @property
    def language(self) -> str | None:
        """The language of most articles; among equals the first in the alphabet, unknown last."""
        return min(self.languages, key=lambda tag: (-self.languages[tag], tag is None, tag or ""), default=None)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one article, and is kept of it.

    `vector` is its unit vector, float32[dimension]; `weights` are its unit-length TF-IDF weights, `words` the number of
    its terms with repeats; `day` is its time in days since 1970 (None: no date), `language` a language tag.
    """

    id: str
    vector: Vector
    weights: Mapping[str, float]
    words: int
    day: float | None
    language: str | None


@dataclass(frozen=True, slots=True)
class ArticleFeatures:
    """One article as the story decisions see it; `profile.size` is 1. `reading` is what it was made from, if it was."""

    id: str
    profile: Profile
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One story as the story decisions see it; `opened` orders stories by age (any number that grows)."""

    id: str
    opened: float
    profile: Profile


def known(*days: float | None) -> list[float]:
    """Those of the days that are known."""
    return [day for day in days if day is not None]


def heaviest(profile: Profile, limit: int = INDEXED_TERMS) -> list[str]:
    """The terms that weigh most in the profile, heaviest first, ties by the alphabet."""
    return [term for term, _ in heapq.nsmallest(limit, profile.terms.items(), key=lambda item: (-item[1][0], item[0]))]


def text_of(document: Document) -> str:
    """The text whose words count: title, then body, unless the body opens with the title."""
    title, text = document.title.strip(), document.text.strip()
    return text if text.startswith(title) else f"{title}\n{text}".strip()


def terms_of(document: Document) -> list[str]:
    """The document's terms in reading order, repeats kept, by the rules of its language."""
    return tokenise(text_of(document), document.language)


def day_of(document: Document) -> float | None:
    """When the document was published, in days since 1970; None where that is not known."""
    return None if document.published is None else document.published.timestamp() / SECONDS_A_DAY


def blend(whole: Vector, titles: Vector, has_title: Sequence[bool], weight: float) -> Vector:
    """Article vectors that count the title twice: the direction of `whole` + `weight` * `titles`.

    `whole` and `titles` are unit vectors, float32[n, dimension], of title and text and of the title alone; rows
    without a title stay as they are. One vector that mixes both separates stories better than either (docs/stories.md).
    """
    share = np.where(np.asarray(has_title, dtype=bool), np.float32(weight), np.float32(0))[:, None]
    mixed = whole + share * titles
    norms = np.maximum(np.linalg.norm(mixed, axis=1, keepdims=True), 1e-9)
    return np.asarray(mixed / norms, dtype=np.float32)


def encode_documents(
    documents: Sequence[Document], encode: Encode, model: StoryModel, characters: int = 1600
) -> Vector:
    """Article vectors, float32[n, dimension]: of title and text, blended with the title's own.

    Of the text the first `characters`: the default model reads 256 tokens, about 1,100 characters, and cuts the rest.
    """
    whole = encode([text_of(document)[: characters + len(document.title)] for document in documents])
    titles = encode([document.title for document in documents])
    return blend(whole, titles, [bool(document.title.strip()) for document in documents], model.title_weight)


def article(reading: Reading, model: StoryModel) -> ArticleFeatures:
    """The features of one article. Raises ValueError when its vector is of another dimension than the model's."""
    if reading.vector.shape != (model.dimension,):
        raise ValueError(
            f"{reading.id}: a vector of shape {reading.vector.shape}, but {model.name} makes {model.dimension}"
        )
    length = math.log(min(max(reading.words, model.min_words), model.max_words))
    vector = model.centred(reading.vector, primary(reading.language))
    dense = np.stack([vector, np.float32(length) * vector]).astype(np.float32)
    terms = {term: (weight, length * weight) for term, weight in reading.weights.items()}
    day = reading.day
    languages = Counter({primary(reading.language): 1})
    return ArticleFeatures(
        reading.id, Profile(1, dense, terms, length, int(day is not None), day or 0.0, day, day, languages), reading
    )


def story_of(story_id: str, opened: float, articles: Iterable[ArticleFeatures]) -> Candidate:
    """The story of these articles. Raises ValueError when there are none."""
    rows = list(articles)
    if not rows:
        raise ValueError(f"story {story_id} has no articles")
    profile = rows[0].profile.copy()
    for row in rows[1:]:
        profile.add(row.profile)
    return Candidate(story_id, opened, profile)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two stories compare: the rule that decided most of it, the score in log odds, and the thresholds for it."""

    method: str
    odds: float
    join: float
    merge: float


def within(left: Profile, right: Profile) -> float:
    """The share of the pairs of an article of each that are of one language, 0..1."""
    shared = left.languages.keys() & right.languages.keys()
    return sum(left.languages[each] * right.languages[each] for each in shared) / (left.size * right.size)


def rules_for(share: float, left: str | None, right: str | None, model: StoryModel) -> tuple[str | None, str | None]:
    """The rule for pairs within a language and for those across two, None where there is no such pair or no rule.

    `share` is that of pairs within a language, the others are the two languages. Within a language the model reads,
    vectors and words count; within one it does not read, words alone, as its vectors of unrelated texts lie close
    together; across languages, vectors alone, if it reads both.
    """
    reads = model.reads(left) and model.reads(right)
    inside = (MIX if reads else WORDS) if share > 0 else None
    guessed = None in (left, right) and model.languages is not None
    across = VECTORS if share < 1 and reads and (model.crosses or guessed) else None
    return inside, across


def compare(left: Profile, right: Profile, model: StoryModel) -> Comparison | None:
    """The score of two stories by the rules for their languages; None where nothing can compare them.

    Pairs within a language are judged by one rule and pairs across languages by another, each with its thresholds, and
    both count by their number. In stories of several languages both rules see the mean cosine of all pairs, as the sums
    are not kept by language.
    """
    share = within(left, right)
    inside, across = rules_for(share, left.language, right.language, model)
    if inside is None and across is None:
        return None
    if across is None or inside is None:
        name = inside or across
        assert name is not None
        rule = model.rules[name]
        return Comparison(model.told(name), score(left, right, rule, model, share or 1.0), rule.join, rule.merge)
    mix, vectors = model.rules[inside], model.rules[across]

    def mean(one: float, other: float) -> float:
        return share * one + (1 - share) * other

    odds = mean(score(left, right, mix, model, share), score(left, right, vectors, model))
    method = inside if share >= 0.5 else across
    return Comparison(model.told(method), odds, mean(mix.join, vectors.join), mean(mix.merge, vectors.merge))


def gap_days(left: Profile, right: Profile, model: StoryModel) -> float:
    """Days between the two that count: beyond `free_days`, at most `window_days`; `undated_days` without a date.

    By `recency` between the nearest articles of both and their mean times.
    """
    if left.first is None or left.last is None or right.first is None or right.last is None:
        return model.undated_days
    nearest = max(0.0, left.first - right.last, right.first - left.last)
    mean = abs(left.times / left.dated - right.times / right.dated)
    gap = nearest + model.recency * max(0.0, mean - nearest)
    return min(max(0.0, gap - model.free_days), model.window_days)


def near_days(left: Profile, right: Profile, model: StoryModel) -> float:
    """Days between an article of one and an article of the other, on the mean; at most `window_days`.

    Taken for normal, the times of each with their mean and spread: the mean of a folded normal distribution (Leone,
    Nelson and Nottingham 1961). `undated_days` without a date.
    """
    if not left.dated or not right.dated:
        return model.undated_days
    days = abs(left.times / left.dated - right.times / right.dated)
    variance = left.time_variance + right.time_variance
    if variance > 0:
        spread = math.sqrt(2 * variance)
        days = spread / math.sqrt(math.pi) * math.exp(-((days / spread) ** 2)) + days * math.erf(days / spread)
    return min(days, model.window_days)


def score(left: Profile, right: Profile, rule: Rule, model: StoryModel, share: float = 1.0) -> float:
    """Mean log odds, over the pairs of an article of each, that the two tell one story.

    Words count over the `share` of the pairs that are of one language: no others have words in common.
    """
    pairs = left.size * right.size
    vectors = (left.dense @ right.dense.T).astype(np.float64) / pairs
    plain, half, scaled = _shared(left, right)
    mean = (left.lengths / left.size + right.lengths / right.size) / 2
    product = (left.lengths / left.size) * (right.lengths / right.size)
    gap = gap_days(left, right, model)
    return (
        rule.bias
        + rule.dense[0] * float(vectors[0, 0])
        + rule.dense[1] * float(vectors[0, 1] + vectors[1, 0]) / 2
        + rule.dense[2] * float(vectors[1, 1])
        + (rule.words[0] * plain + rule.words[1] * half + rule.words[2] * scaled) / (pairs * share)
        + rule.length[0] * mean
        + rule.length[1] * product
        + rule.gap[0] * gap
        + rule.gap[1] * math.log1p(gap)
        + rule.near * near_days(left, right, model)
    )


def _shared(left: Profile, right: Profile) -> tuple[float, float, float]:
    """Summed products of the term weights of both: plain, times the mean length, times the product of lengths."""
    # `fsum` is exact whatever the order, which a set of strings does not keep from one process to the next.
    mine, theirs = left.terms, right.terms
    pairs = [(mine[term], theirs[term]) for term in mine.keys() & theirs.keys()]
    plain = math.fsum(a[0] * b[0] for a, b in pairs)
    half = math.fsum(a[0] * b[1] + a[1] * b[0] for a, b in pairs)
    scaled = math.fsum(a[1] * b[1] for a, b in pairs)
    return plain, half / 2, scaled
