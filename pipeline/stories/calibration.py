"""Fit the weights and thresholds of the story decisions to labelled stories, for any embedding model; draw the curve.

Nothing else sets a threshold. Weights are logistic regression over pairs of articles; each text is also seen cut to
its title and to its first 200 characters, so that the odds mean the same for any length of text rather than for the
length that a labelled set happens to have.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from pipeline.models import Document
from pipeline.stories.baseline import usual
from pipeline.stories.evaluation import b_cubed
from pipeline.stories.features import ArticleFeatures, Encode, Reading, article, day_of, encode_documents, terms_of
from pipeline.stories.model import MIX, VECTORS, WORDS, Rule, StoryModel
from pipeline.stories.pairs import COLUMNS, GAP, Pairs
from pipeline.stories.stream import arrival_order
from pipeline.stories.term_stats import TermStats
from pipeline.text.tags import primary

Floats = NDArray[np.float64]

VIEWS: tuple[int | None, ...] = (None, 200, 0)
"""Characters of text that each document is seen with: all, an excerpt's, none."""

PAIRS_A_VIEW = 20_000
"""Sampled pairs of one view of one set, half of them of one story."""

JOIN_OVER_MERGE = 1.25
"""Join is that much stricter than merge, in log odds; 0.5 to 1.5 are as good (docs/stories.md)."""

SPLIT_UNDER_MERGE = 2.0
"""Split is that much milder than merge, in log odds, so that no story is merged and split in turn."""

THRESHOLDS = tuple(float(t) for t in np.arange(-3.0, 3.01, 0.25))


@dataclass(frozen=True, slots=True)
class Labelled:
    """A labelled set: documents with the story of each."""

    name: str
    documents: tuple[Document, ...]
    stories: tuple[str, ...]


Sample = tuple[Floats, NDArray[np.bool_], Floats]
"""Pairs of one view: columns float64[pairs, 10], whether they are of one story, and what each weighs."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A labelled set with its features and sampled pairs."""

    labelled: Labelled
    whole: Sequence[ArticleFeatures]
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """B-cubed of one rule at one threshold (log odds), the mean over the sets."""

    rule: str
    threshold: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted story model and the curve its thresholds were read from."""

    model: StoryModel
    curve: tuple[CurvePoint, ...]


def calibrate(
    sets: Sequence[Labelled], encode: Encode, start: StoryModel, *, thresholds_only: bool = False, seed: int = 0
) -> Calibration:
    """A story model fitted to the labelled sets, each set counting the same.

    `start` gives the embedding model's name, revision, dimension and languages; with `thresholds_only` its weights too,
    which is what a set of less than some hundred stories can bear.
    """
    prepared = [prepare(each, encode, start, sample=not thresholds_only, seed=seed) for each in sets]
    return fit(prepared, start, thresholds_only=thresholds_only)


def prepare(each: Labelled, encode: Encode, model: StoryModel, *, sample: bool = True, seed: int = 0) -> Prepared:
    """What fitting needs of one set: features and, with `sample`, sampled pairs; the slow part of calibrating."""
    whole = view_features(each, None, encode, model)
    return Prepared(each, whole, tuple(_samples(each, whole, encode, model, seed)) if sample else ())


def fit(prepared: Sequence[Prepared], start: StoryModel, *, thresholds_only: bool = False) -> Calibration:
    """`calibrate`, from prepared sets: so that leaving one set out need not prepare the others again."""
    rules, curve = {}, []
    if not thresholds_only:
        start = dataclasses.replace(start, undated_days=_mean_gap(prepared))
    for name in (MIX, WORDS, VECTORS):
        rule = start.rules[name] if thresholds_only else fit_rule(name, [s for each in prepared for s in each.samples])
        points = threshold_curve(name, rule, prepared, start)
        best = max(points, key=lambda point: point.f1).threshold
        rules[name] = dataclasses.replace(rule, join=best + JOIN_OVER_MERGE, merge=best, split=best - SPLIT_UNDER_MERGE)
        curve += points
    provenance = {
        "sets": {
            each.labelled.name: {
                "documents": len(each.labelled.documents),
                "stories": len(set(each.labelled.stories)),
            }
            for each in prepared
        },
        "b_cubed_f1": {name: round(max(p.f1 for p in curve if p.rule == name), 3) for name in rules},
        "weights": "kept" if thresholds_only else "fitted",
    }
    ruled = dataclasses.replace(start, rules=rules, provenance=provenance)
    arrived = [[each.whole[row] for row in arrival_order(each.labelled.documents)] for each in prepared]
    return Calibration(dataclasses.replace(ruled, baseline=usual(arrived, ruled)), tuple(curve))


def _mean_gap(prepared: Sequence[Prepared]) -> float:
    """Days between the two articles of a sampled pair, the mean of the sets' means; sets without dates say nothing."""
    means = []
    for each in prepared:
        if any(document.published is not None for document in each.labelled.documents):
            gaps = np.concatenate([columns[:, GAP] for columns, _, _ in each.samples])
            means.append(float(np.average(gaps, weights=np.concatenate([weights for _, _, weights in each.samples]))))
    return round(sum(means) / len(means), 2) if means else 0.0


def view_features(each: Labelled, characters: int | None, encode: Encode, model: StoryModel) -> list[ArticleFeatures]:
    """Features of the set's documents, texts cut to `characters` (None: whole), as a stream in order would see them."""
    documents = [
        dataclasses.replace(d, text=d.text if characters is None else d.text[:characters]) for d in each.documents
    ]
    documents = [d if d.title or d.text else full for d, full in zip(documents, each.documents, strict=True)]
    vectors = encode_documents(documents, encode, model)
    terms = TermStats(model.half_life_days)
    features: dict[int, ArticleFeatures] = {}
    clock = 0.0
    for row in arrival_order(documents):
        document, day = documents[row], day_of(documents[row])
        clock = clock if day is None else max(clock, day)
        language, found = primary(document.language), terms_of(document)
        terms.observe(language, found, clock)
        weights = terms.weigh(language, found, clock)
        features[row] = article(Reading(document.id, vectors[row], weights, len(found), day, language), model)
    return [features[row] for row in range(len(documents))]


def _samples(
    each: Labelled, whole: Sequence[ArticleFeatures], encode: Encode, model: StoryModel, seed: int
) -> Iterator[Sample]:
    """For each view of a set: columns, labels and weights of sampled pairs; each set weighs the same.

    Pairs of different stories are sampled where they are alike and close in time, as only those are ever decided.
    A pair weighs less in a large story, so that the largest do not drown the rest.
    """
    rng = np.random.default_rng(seed)
    views = [v for v in VIEWS if v is None or any(len(d.text) > v + 50 for d in each.documents)]
    labels = np.unique(each.stories, return_inverse=True)[1]
    sizes = np.bincount(labels)[labels].astype(float)
    for view in views:
        features = whole if view is None else view_features(each, view, encode, model)
        # What is known of time comes from pairs with dates: without, the columns of the gap are 0.
        pairs = Pairs(features, dataclasses.replace(model, undated_days=0.0))
        left, right = np.triu_indices(len(labels), 1)
        same = labels[left] == labels[right]
        near = pairs.gaps()[left, right] < model.window_days
        dense, words = pairs.cosines()
        alike = (dense[left, right] > 0.2) | (words[left, right] > 0.05)
        chosen = np.concatenate(
            [
                rng.choice(pool, min(len(pool), PAIRS_A_VIEW // 2), replace=False)
                for pool in (np.flatnonzero(near & same), np.flatnonzero(near & ~same & alike))
            ]
        )
        left, right, same = left[chosen], right[chosen], same[chosen]
        weights = 1 / sizes[left] + 1 / sizes[right]
        weights = np.where(same, weights / weights[same].sum(), weights / weights[~same].sum())
        columns = np.stack([column[left, right] for column in pairs.columns()], axis=1)
        yield columns, same, weights * 1000 / len(views)


def fit_rule(name: str, samples: Sequence[Sample]) -> Rule:
    """Logistic regression (L2, C = 1, on standardised columns) of "one story" on the columns the rule uses."""
    used = list(COLUMNS[name])
    x = np.concatenate([columns[:, used] for columns, _, _ in samples])
    y = np.concatenate([labels for _, labels, _ in samples])
    w = np.concatenate([weights for _, _, weights in samples])
    scaler = StandardScaler().fit(x)
    regression = LogisticRegression(C=1.0, max_iter=1000).fit(scaler.transform(x), y, sample_weight=w)
    slopes = regression.coef_[0] / scaler.scale_
    weights = np.zeros(10)
    weights[used] = slopes
    bias = float(regression.intercept_[0] - slopes @ scaler.mean_)
    c = [round(float(weight), 4) for weight in weights]
    return Rule(
        round(bias, 4),
        (c[0], c[1], c[2]),
        (c[3], c[4], c[5]),
        (c[6], c[7]),
        (c[8], c[9]),
        join=0.0,
        merge=0.0,
        split=0.0,
    )


def threshold_curve(name: str, rule: Rule, prepared: Sequence[Prepared], model: StoryModel) -> list[CurvePoint]:
    """B-cubed at each threshold, when the whole set is merged by average linkage down to it; the mean over the sets."""
    found = []
    for each in prepared:
        odds = Pairs(each.whole, model).odds(name, rule)
        top = float(odds.max())
        distance = top - odds
        np.fill_diagonal(distance, 0.0)
        tree = linkage(squareform(np.maximum(distance, distance.T), checks=False), "average")
        stories = each.labelled.stories
        found.append([b_cubed(stories, fcluster(tree, top - t, "distance").tolist()) for t in THRESHOLDS])
    means = np.mean(np.array(found), axis=0)
    return [CurvePoint(name, t, float(p), float(r), float(f)) for t, (p, r, f) in zip(THRESHOLDS, means, strict=True)]


def plot(calibration: Calibration, path: Path) -> None:
    """Draw the curve of each rule with its chosen threshold, as an image of the type that `path` ends in."""
    from matplotlib.figure import Figure  # slow to import, and needed here only

    figure = Figure(figsize=(12, 4), layout="constrained")
    for axes, name in zip(figure.subplots(1, 3, sharey=True), (MIX, WORDS, VECTORS), strict=True):
        points = [p for p in calibration.curve if p.rule == name]
        for label in ("precision", "recall", "f1"):
            axes.plot([p.threshold for p in points], [getattr(p, label) for p in points], label=label)
        axes.axvline(calibration.model.rules[name].merge, color="grey", linestyle=":", label="merge")
        axes.axvline(calibration.model.rules[name].join, color="grey", linestyle="--", label="join")
        axes.set(title=f"{name} · {calibration.model.name}", xlabel="threshold (log odds)", ylabel="B-cubed")
    axes.legend()
    figure.savefig(path)
