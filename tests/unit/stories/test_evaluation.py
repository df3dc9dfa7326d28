"""Clustering metrics agree with their definitions and with scikit-learn, and their intervals hold the value."""

import math

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, pair_confusion_matrix, v_measure_score

from pipeline.stories.evaluation import METRICS, b_cubed, evaluate, evaluate_by


def test_b_cubed_follows_its_definition_on_a_small_case() -> None:
    labels, found = "aaabb", "xxyyy"
    precision = (2 * 2 / 2 + 1 / 3 + 2 * 2 / 3) / 5
    recall = (2 * 2 / 3 + 1 / 3 + 2 * 2 / 2) / 5
    assert b_cubed(labels, found) == pytest.approx((precision, recall, 2 * precision * recall / (precision + recall)))


def test_a_perfect_clustering_scores_one_everywhere() -> None:
    scores = evaluate(["a", "a", "b", "c"], [3, 3, 1, 2], rounds=50)
    assert (scores.b_cubed_f1, scores.ari, scores.v_measure, scores.pair_f1) == pytest.approx((1, 1, 1, 1))
    assert (scores.documents, scores.stories, scores.clusters) == (4, 3, 3)


def test_one_cluster_for_all_has_full_recall() -> None:
    precision, recall, _ = b_cubed(["a", "a", "b", "b"], [0, 0, 0, 0])
    assert (precision, recall) == (0.5, 1.0)


def test_sums_over_documents_give_the_metrics_of_scikit_learn() -> None:
    rng = np.random.default_rng(7)
    labels, found = rng.integers(0, 9, 200).tolist(), rng.integers(0, 6, 200).tolist()
    scores = evaluate(labels, found, rounds=20)
    (_, fp), (fn, tp) = pair_confusion_matrix(labels, found)
    assert scores.pair_f1 == pytest.approx(2 * tp / (2 * tp + fp + fn))
    assert scores.intervals["ari"].value == pytest.approx(adjusted_rand_score(labels, found))
    assert scores.intervals["v_measure"].value == pytest.approx(v_measure_score(labels, found))
    assert scores.intervals["pair_f1"].value == pytest.approx(scores.pair_f1)
    assert scores.intervals["b_cubed_f1"].value == pytest.approx(scores.b_cubed_f1)


def test_intervals_hold_the_value_and_narrow_with_more_stories() -> None:
    rng = np.random.default_rng(3)
    widths = []
    for stories in (20, 400):
        labels = np.repeat(np.arange(stories), 4)
        found = np.where(rng.random(len(labels)) < 0.2, labels + stories, labels)
        scores = evaluate(labels.tolist(), found.tolist(), rounds=300)
        assert set(scores.intervals) == set(METRICS)
        for interval in scores.intervals.values():
            assert interval.low <= interval.value <= interval.high
        widths.append(scores.intervals["b_cubed_f1"].high - scores.intervals["b_cubed_f1"].low)
    assert widths[1] < widths[0] / 2


def test_intervals_are_the_same_on_every_run() -> None:
    labels, found = [0, 0, 1, 1, 2], [0, 0, 0, 1, 2]
    assert evaluate(labels, found, rounds=50) == evaluate(labels, found, rounds=50)


def test_groups_are_judged_by_themselves() -> None:
    found = evaluate_by(["ko", "en", "en", "ko"], ["a", "b", "b", "c"], [1, 1, 1, 1], rounds=0)
    assert list(found) == ["en", "ko"]
    assert found["en"].b_cubed_f1 == 1.0
    assert found["ko"].b_cubed_precision == 0.5


def test_singletons_only_have_no_pair_to_find() -> None:
    scores = evaluate(["a", "b", "c"], [1, 2, 3], rounds=20)
    assert scores.pair_f1 == 1.0
    assert all(math.isfinite(i.low) and math.isfinite(i.high) for i in scores.intervals.values())


@pytest.mark.parametrize(("labels", "found"), [([], []), (["a"], ["a", "b"])])
def test_sequences_must_match(labels: list[str], found: list[str]) -> None:
    with pytest.raises(ValueError, match="labels"):
        evaluate(labels, found)
