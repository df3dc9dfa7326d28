"""How good a clustering is against labels: B-cubed, ARI, V-measure and pair F1, with confidence intervals."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score, v_measure_score

Floats = NDArray[np.float64]

METRICS = ("b_cubed_f1", "ari", "v_measure", "pair_f1")


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with the bounds of its bootstrap confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scores:
    """How a clustering of `documents` documents agrees with `stories` labelled stories; shares are 0..1.

    `clusters` is the number of stories found. `ari` is chance-corrected, and so may be slightly below 0.
    """

    documents: int
    stories: int
    clusters: int
    b_cubed_precision: float
    b_cubed_recall: float
    b_cubed_f1: float
    ari: float
    v_measure: float
    pair_precision: float
    pair_recall: float
    pair_f1: float
    intervals: Mapping[str, Interval]


def b_cubed(labels: Sequence[Hashable], predicted: Sequence[Hashable]) -> tuple[float, float, float]:
    """Precision, recall and F1 of B-cubed: the mean over documents of how pure and how whole its cluster is.

    Bagga and Baldwin 1998; Amigó et al. 2009 show why it suits clusters of unequal size. Both sequences run
    over the same documents. Raises ValueError when they differ in length or are empty.
    """
    sums = _story_sums(labels, predicted).sum(axis=0)
    return _b_cubed_of(sums)


def evaluate(labels: Sequence[Hashable], predicted: Sequence[Hashable], *, rounds: int = 1000, seed: int = 0) -> Scores:
    """Every metric of a clustering, with 95% intervals from `rounds` bootstrap draws of whole stories.

    Stories are drawn, not documents, because the documents of a story stand and fall together. `rounds` 0
    skips the intervals. Raises ValueError when the sequences differ in length or are empty.
    """
    by_story = _story_sums(labels, predicted)
    precision, recall, f1 = _b_cubed_of(by_story.sum(axis=0))
    pair_precision, pair_recall, pair_f1 = _pairs_of(by_story.sum(axis=0))
    truth, found = _codes(labels), _codes(predicted)
    return Scores(
        documents=len(truth),
        stories=len(by_story),
        clusters=int(found.max()) + 1,
        b_cubed_precision=precision,
        b_cubed_recall=recall,
        b_cubed_f1=f1,
        ari=float(adjusted_rand_score(truth, found)),
        v_measure=float(v_measure_score(truth, found)),
        pair_precision=pair_precision,
        pair_recall=pair_recall,
        pair_f1=pair_f1,
        intervals=_bootstrap(by_story, rounds, seed) if rounds else {},
    )


def evaluate_by(
    groups: Sequence[str], labels: Sequence[Hashable], predicted: Sequence[Hashable], *, rounds: int = 1000
) -> dict[str, Scores]:
    """`evaluate` once for each value of `groups` (a language or a set), keyed by it, in order of the name.

    A group is judged on its own documents alone: a cluster that reaches into another group is cut there.
    """
    rows: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        rows.setdefault(group, []).append(row)
    return {
        group: evaluate([labels[i] for i in rows[group]], [predicted[i] for i in rows[group]], rounds=rounds)
        for group in sorted(rows)
    }


def _codes(values: Sequence[Hashable]) -> NDArray[np.int64]:
    """Each value as a small integer, in order of first appearance."""
    seen: dict[Hashable, int] = {}
    return np.fromiter((seen.setdefault(value, len(seen)) for value in values), np.int64, len(values))


def _story_sums(labels: Sequence[Hashable], predicted: Sequence[Hashable]) -> Floats:
    """The eight sums that each metric is a function of, one row a labelled story; float64[stories, 8].

    Columns: documents, B-cubed precision, B-cubed recall, pairs in both, pairs found, pairs labelled, and the
    logarithms that the entropies H(labels|found) and H(found|labels) are means of. As each is a sum over
    documents, drawing a story twice counts it twice without inventing pairs between its two draws.
    """
    if len(labels) != len(predicted) or not labels:
        raise ValueError(f"labels ({len(labels)}) and predicted ({len(predicted)}) must be as long, and not empty")
    truth, found = _codes(labels), _codes(predicted)
    cell = truth * (found.max() + 1) + found
    _, inverse, cell_size = np.unique(cell, return_inverse=True, return_counts=True)
    both = cell_size[inverse].astype(np.float64)
    cluster = np.bincount(found)[found].astype(np.float64)
    story = np.bincount(truth)[truth].astype(np.float64)
    columns = (
        np.ones(len(truth)), both / cluster, both / story, (both - 1) / 2, (cluster - 1) / 2, (story - 1) / 2,
        np.log(cluster / both), np.log(story / both),
    )  # fmt: skip
    return np.stack([np.bincount(truth, weights=column) for column in columns], axis=1)


def _f1(precision: float, recall: float) -> float:
    """Harmonic mean; 0 when both are 0."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _b_cubed_of(sums: Floats) -> tuple[float, float, float]:
    """B-cubed precision, recall and F1 from summed columns."""
    precision, recall = float(sums[1] / sums[0]), float(sums[2] / sums[0])
    return precision, recall, _f1(precision, recall)


def _pairs_of(sums: Floats) -> tuple[float, float, float]:
    """Precision, recall and F1 over pairs of documents; with no pair to find or none found, 1.0."""
    precision = float(sums[3] / sums[4]) if sums[4] else 1.0
    recall = float(sums[3] / sums[5]) if sums[5] else 1.0
    return precision, recall, _f1(precision, recall)


def _ari_of(sums: Floats) -> float:
    """Adjusted Rand index from summed columns (Hubert and Arabie 1985)."""
    total = sums[0] * (sums[0] - 1) / 2
    expected = sums[4] * sums[5] / total if total else 0.0
    largest = (sums[4] + sums[5]) / 2
    return float((sums[3] - expected) / (largest - expected)) if largest != expected else 1.0


def _v_of(sums: Floats, story_sizes: Floats, weights: Floats, entropy_found: float) -> float:
    """V-measure (Rosenberg and Hirschberg 2007) of weighted stories.

    The entropy of the clusters found is kept from the whole sample: its draw-to-draw change is of second order.
    """
    share = story_sizes / sums[0]
    entropy_labels = -float(np.sum(weights * share * np.log(share)))
    homogeneity = 1 - (sums[6] / sums[0]) / entropy_labels if entropy_labels > 0 else 1.0
    completeness = 1 - (sums[7] / sums[0]) / entropy_found if entropy_found > 0 else 1.0
    return _f1(max(0.0, float(homogeneity)), max(0.0, float(completeness)))


def _bootstrap(by_story: Floats, rounds: int, seed: int) -> dict[str, Interval]:
    """Percentile intervals (2.5 and 97.5) of each metric over draws of stories with replacement."""
    rng = np.random.default_rng(seed)
    n = len(by_story)
    whole = by_story.sum(axis=0)
    share = by_story[:, 0] / whole[0]
    # H(found) = H(labels) + H(found|labels) - H(labels|found)
    entropy_found = float(-np.sum(share * np.log(share)) + (whole[7] - whole[6]) / whole[0])

    def metrics(weights: Floats) -> tuple[float, ...]:
        sums = weights @ by_story
        return (
            _b_cubed_of(sums)[2], _ari_of(sums), _v_of(sums, by_story[:, 0], weights, entropy_found),
            _pairs_of(sums)[2],
        )  # fmt: skip

    value = metrics(np.ones(n))
    draws = np.array([metrics(np.bincount(rng.integers(0, n, n), minlength=n).astype(float)) for _ in range(rounds)])
    low, high = np.percentile(draws, (2.5, 97.5), axis=0)
    return {m: Interval(value[i], float(low[i]), float(high[i])) for i, m in enumerate(METRICS)}
