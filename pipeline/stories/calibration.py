"""Fit the weights and thresholds of the story decisions to labelled stories, for any embedding model; draw the curve.

Nothing else sets a threshold. Weights are logistic regression over pairs of articles; each text is also seen cut to
its title and to its first 200 characters, so that the odds mean the same for any length of text rather than for the
length that a labelled set happens to have.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from pipeline.models import Document
from pipeline.stories.adaptation import SAMPLE, means_of, reach_of
from pipeline.stories.curves import CurvePoint, Curves, Labels, best
from pipeline.stories.features import ArticleFeatures, Encode, Reading, article, day_of, encode_documents, terms_of
from pipeline.stories.model import MIX, TOPICAL, VECTORS, WORDS, Centre, Rule, StoryModel, Vector
from pipeline.stories.pairs import COLUMNS, GAP, Pairs
from pipeline.stories.stream import arrival_order
from pipeline.stories.term_stats import TermStats
from pipeline.stories.topical import WHOLLY, fit_topical
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

LEAST_PAIRS = 20
"""Pairs of one story, and as many of two, below which a view of a set says nothing of pairs within, or across,
languages."""

CENTRED = 0.8
"""Share of the mean that is taken off a multilingual model's vectors: .7 to .85 are as good (docs/stories.md)."""

ACROSS = 0.5
"""Weight of recall beside precision where the threshold across languages is chosen: a story that is glued to another in
a language that the reader cannot check misleads, one that is missed costs a second slot."""

TOPIC_SHARE = 0.75
"""`StoryModel.topic_share`: of 0, .25, .5, .75 and 1 the best on the mean of two labelled topics (docs/stories.md)."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A labelled set: documents with the story of each; `topic`: all are of one topic."""

    name: str
    documents: tuple[Document, ...]
    stories: tuple[str, ...]
    topic: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """Pairs of one view, within a language or (`across`) of two: what the weights are fitted to.

    `columns` is float64[pairs, 11], `same` whether each is of one story, `weights` what each counts.
    """

    columns: Floats
    same: NDArray[np.bool_]
    weights: Floats
    across: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """A labelled set with its features, the mean of its vectors, and sampled pairs."""

    labelled: Labelled
    whole: Sequence[ArticleFeatures]
    samples: tuple[Sample, ...]


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
    known = _Remembered(encode)
    fits = start.centre is not None and len(start.centre.mean) == start.dimension
    if not (thresholds_only and fits):
        start = dataclasses.replace(start, centre=_centre(sets, known, start) if start.crosses else None)
    prepared = [prepare(each, known, start, sample=not thresholds_only, seed=seed) for each in sets]
    return fit(prepared, start, thresholds_only=thresholds_only)


class _Remembered:
    """An encoder that embeds no text twice."""

    def __init__(self, encode: Encode) -> None:
        self.encode = encode
        self.known: dict[str, Vector] = {}

    def __call__(self, texts: Sequence[str]) -> Vector:
        missing = [text for text in dict.fromkeys(texts) if text not in self.known]
        if missing:
            self.known |= zip(missing, self.encode(missing), strict=True)
        return np.stack([self.known[text] for text in texts])


def _centre(sets: Sequence[Labelled], encode: Encode, start: StoryModel) -> Centre:
    """The mean vector of general news: that of the sets' means, topics aside where there are other sets."""
    general = [each for each in sets if not each.topic] or sets
    means = [encode_documents(each.documents, encode, start).mean(axis=0) for each in general]
    mean = np.mean(means, axis=0)
    return Centre(tuple(round(float(value), 5) for value in mean), CENTRED)


def prepare(each: Labelled, encode: Encode, model: StoryModel, *, sample: bool = True, seed: int = 0) -> Prepared:
    """What fitting needs of one set: features and, with `sample`, sampled pairs; the slow part of calibrating."""
    whole = view_features(each, None, encode, model)
    return Prepared(each, whole, tuple(_samples(each, whole, encode, model, seed)) if sample else ())


def fit(prepared: Sequence[Prepared], start: StoryModel, *, thresholds_only: bool = False) -> Calibration:
    """`calibrate`, from prepared sets: so that leaving one set out need not prepare the others again."""
    if not thresholds_only:
        start = dataclasses.replace(start, undated_days=_mean_gap(prepared))
        start = dataclasses.replace(start, rules=_weighed([s for each in prepared for s in each.samples], start))
        start = dataclasses.replace(start, topic_share=TOPIC_SHARE)
    measured, reach = _reaches(prepared, start)
    curves = Curves([Labels(each.whole, each.labelled.stories) for each in prepared], start)
    told = curves.at([start.topic_share * max(0.0, found - reach) for found in measured])
    rules: dict[str, Rule] = {}
    curve: list[CurvePoint] = []
    for name, points in told.items():
        merge = best(points, ACROSS if name == VECTORS else 1.0).threshold
        rules[name] = dataclasses.replace(
            start.rules[name], join=merge + JOIN_OVER_MERGE, merge=merge, split=merge - SPLIT_UNDER_MERGE
        )
        curve += points
    found = dataclasses.replace(start, rules=rules, reach=round(reach, 3), means=None)
    found, points = _with_topical(prepared, found, measured)
    curve += points
    found = dataclasses.replace(found, provenance=_provenance(prepared, curve, thresholds_only))
    return Calibration(found, tuple(curve))


def _with_topical(
    prepared: Sequence[Prepared], model: StoryModel, measured: Sequence[float]
) -> tuple[StoryModel, list[CurvePoint]]:
    """The model with the rule of a stream of one topic, and its curve; as it is where no set is a topic.

    Where nothing is taken off the vectors, those of one topic lie too close together for such a rule.
    """
    topics = [
        (each, found - model.reach)
        for each, found in zip(prepared, measured, strict=True)
        if model.centre is not None and each.labelled.topic and found > model.reach
    ]
    if not topics:
        return model, []
    wholly = model.reach + WHOLLY * min(excess for _, excess in topics)
    labels = [Labels(each.whole, each.labelled.stories) for each, _ in topics]
    rule, across, points = fit_topical(labels, model, JOIN_OVER_MERGE, SPLIT_UNDER_MERGE)
    return dataclasses.replace(model, topical=rule, topical_reach=round(wholly, 3), topical_across=across), points


def _weighed(samples: Sequence[Sample], start: StoryModel) -> dict[str, Rule]:
    """The weights of each rule; those across languages from pairs of two, where there are enough of them."""
    within = [sample for sample in samples if not sample.across]
    across = [sample for sample in samples if sample.across]
    used = {MIX: within, WORDS: within, VECTORS: across or within}
    return {name: fit_rule(name, chosen) if chosen else start.rules[name] for name, chosen in used.items()}


def _reaches(prepared: Sequence[Prepared], model: StoryModel) -> tuple[list[float], float]:
    """How near different stories come in each set, and the most of it in general news (inf: there is none)."""
    found = []
    for each in prepared:
        rows = [each.whole[row].reading for row in arrival_order(each.labelled.documents)]
        parts = [rows[start : start + SAMPLE] for start in range(0, len(rows), SAMPLE)]
        reaches = [reach_of([reading for reading in part if reading is not None], model) for part in parts]
        found.append(float(np.mean([reach for reach in reaches if reach is not None] or [-math.inf])))
    general = [reach for each, reach in zip(prepared, found, strict=True) if not each.labelled.topic]
    usual = max(general, default=-math.inf)
    return found, model.reach if math.isinf(usual) else usual


def _provenance(prepared: Sequence[Prepared], curve: Sequence[CurvePoint], thresholds_only: bool) -> dict[str, Any]:
    return {
        "sets": {
            each.labelled.name: {
                "documents": len(each.labelled.documents),
                "stories": len(set(each.labelled.stories)),
            }
            for each in prepared
        },
        "b_cubed_f1": {
            name: round(max(p.f1 for p in curve if p.rule == name), 3) for name in dict.fromkeys(p.rule for p in curve)
        },
        "weights": "kept" if thresholds_only else "fitted",
    }


def _mean_gap(prepared: Sequence[Prepared]) -> float:
    """Days between the two articles of a sampled pair, the mean of the sets' means; sets without dates say nothing."""
    means = []
    for each in prepared:
        if any(document.published is not None for document in each.labelled.documents):
            gaps = np.concatenate([sample.columns[:, GAP] for sample in each.samples])
            weights = np.concatenate([sample.weights for sample in each.samples])
            means.append(float(np.average(gaps, weights=weights)))
    return round(sum(means) / len(means), 2) if means else 0.0


def view_features(each: Labelled, characters: int | None, encode: Encode, model: StoryModel) -> list[ArticleFeatures]:
    """Features of the set's documents, texts cut to `characters` (None: whole), as a stream in order would see them."""
    documents = [
        dataclasses.replace(d, text=d.text if characters is None else d.text[:characters]) for d in each.documents
    ]
    documents = [d if d.title or d.text else full for d, full in zip(documents, each.documents, strict=True)]
    vectors = encode_documents(documents, encode, model)
    terms = TermStats(model.half_life_days)
    readings: dict[int, Reading] = {}
    clock = 0.0
    for row in arrival_order(documents):
        document, day = documents[row], day_of(documents[row])
        clock = clock if day is None else max(clock, day)
        language, found = primary(document.language), terms_of(document)
        terms.observe(language, found, clock)
        weights = terms.weigh(language, found, clock)
        readings[row] = Reading(document.id, vectors[row], weights, len(found), day, language)
    ordered = [readings[row] for row in range(len(documents))]
    means = None if model.centre is None else means_of(ordered, each.stories, model)
    seen = dataclasses.replace(model, means=means)
    return [article(reading, seen) for reading in ordered]


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
        apart = pairs.across()[left, right]
        for across in (False, True):
            pools = [np.flatnonzero(near & (apart == across) & kind) for kind in (same, ~same & alike)]
            if min(map(len, pools)) < LEAST_PAIRS:
                continue
            chosen = np.concatenate(
                [rng.choice(pool, min(len(pool), PAIRS_A_VIEW // 2), replace=False) for pool in pools]
            )
            rows, columns, one = left[chosen], right[chosen], same[chosen]
            weights = 1 / sizes[rows] + 1 / sizes[columns]
            weights = np.where(one, weights / weights[one].sum(), weights / weights[~one].sum())
            values = np.stack([column[rows, columns] for column in pairs.columns()], axis=1)
            yield Sample(values, one, weights * 1000 / len(views), across)


def fit_rule(name: str, samples: Sequence[Sample]) -> Rule:
    """Logistic regression (L2, C = 1, on standardised columns) of "one story" on the columns the rule uses."""
    used = list(COLUMNS[name])
    x = np.concatenate([sample.columns[:, used] for sample in samples])
    y = np.concatenate([sample.same for sample in samples])
    w = np.concatenate([sample.weights for sample in samples])
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


def plot(calibration: Calibration, path: Path) -> None:
    """Draw the curve of each rule with its chosen threshold, as an image of the type that `path` ends in."""
    from matplotlib.figure import Figure  # slow to import, and needed here only

    rules = {**calibration.model.rules, **({TOPICAL: found} if (found := calibration.model.topical) else {})}
    drawn = [name for name in (MIX, WORDS, VECTORS, TOPICAL) if name in rules]
    figure = Figure(figsize=(4 * len(drawn), 4), layout="constrained")
    for axes, name in zip(figure.subplots(1, len(drawn), sharey=True), drawn, strict=True):
        points = [p for p in calibration.curve if p.rule == name]
        for label in ("precision", "recall", "f1"):
            axes.plot([p.threshold for p in points], [getattr(p, label) for p in points], label=label)
        axes.axvline(rules[name].merge, color="grey", linestyle=":", label="merge")
        axes.axvline(rules[name].join, color="grey", linestyle="--", label="join")
        axes.set(title=f"{name} · {calibration.model.name}", xlabel="threshold (log odds)", ylabel="B-cubed")
    axes.legend()
    figure.savefig(path)
