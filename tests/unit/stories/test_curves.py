"""Weights and thresholds are fitted to labelled sets in more than one language, each rule to the pairs it is for."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

import numpy as np
import pytest

from pipeline.models import Document
from pipeline.stories import model as story_model
from pipeline.stories.calibration import CENTRED, Labelled, calibrate, fit, fit_rule, prepare
from pipeline.stories.curves import THRESHOLDS, CurvePoint, Curves, Labels, best
from pipeline.stories.evaluation import b_cubed
from pipeline.stories.model import MIX, VECTORS, WORDS, StoryModel, Vector
from pipeline.stories.stream import cluster_stream
from tests.support import light

AXES = 64
START = datetime(2024, 6, 18, tzinfo=UTC)
STORIES = 12
MULTILINGUAL = dataclasses.replace(story_model.default(), dimension=AXES, centre=None)


def encode(texts: Sequence[str]) -> Vector:
    """A stand-in for a multilingual model: "en:s3w7" points where story 3 does, and a little where English does."""
    rows = np.zeros((len(texts), AXES))
    for row, text in enumerate(texts):
        for word in text.split():
            language, _, rest = word.partition(":")
            story = int(rest.partition("w")[0][1:])
            noise = np.random.default_rng(list(word.encode())).normal(size=AXES) / 4
            rows[row] += np.eye(1, AXES, story)[0] + noise
            rows[row, AXES - 1] += 3.0
            rows[row, AXES - 2] += 0.7 if language == "en" else -0.7
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def labelled(languages: Sequence[str] = ("en", "pl"), each: int = 4, name: str = "made-up") -> Labelled:
    """`STORIES` stories, told so often in each language."""
    random = Random(3)
    documents, labels = [], []
    for story in range(STORIES):
        for language in languages:
            for number in range(each):
                words = [f"{language}:s{story}w{random.randrange(12)}" for _ in range(24)]
                when = START + timedelta(hours=random.random() * 20)
                identity = f"{language}-{story}-{number}"
                documents.append(Document(identity, " ".join(words[:5]), " ".join(words), when, language=language))
                labels.append(str(story))
    return Labelled(name, tuple(documents), tuple(labels))


@cache
def fitted() -> StoryModel:
    return calibrate([labelled()], encode, MULTILINGUAL).model


def test_stories_are_found_in_both_languages_by_what_was_fitted() -> None:
    rows = labelled()
    placed = [placement.story_id for placement in cluster_stream(rows.documents, encode, fitted())]
    assert b_cubed(rows.stories, placed)[2] > 0.9


def test_a_model_of_several_languages_gets_the_mean_of_the_sets_as_its_centre() -> None:
    centre = fitted().centre
    assert centre is not None
    assert (len(centre.mean), centre.share) == (AXES, CENTRED)
    assert int(np.argmax(centre.mean)) == AXES - 1, "what all texts share"
    assert fitted().means is None
    assert np.isfinite(fitted().reach)


def test_the_rule_across_languages_is_fitted_to_pairs_across_languages() -> None:
    prepared = prepare(labelled(), encode, MULTILINGUAL)
    rule = fit([prepared], MULTILINGUAL).model.rules[VECTORS]
    across, within = (
        fit_rule(VECTORS, [sample for sample in prepared.samples if sample.across == wanted])
        for wanted in (True, False)
    )
    assert (rule.bias, rule.dense, rule.gap) == (across.bias, across.dense, across.gap)
    assert rule.dense != within.dense


def test_sampled_pairs_are_of_one_kind_and_only_those_within_a_language_share_words() -> None:
    samples = prepare(labelled(), encode, MULTILINGUAL).samples
    assert {sample.across for sample in samples} == {False, True}
    for sample in samples:
        assert sample.same.any()
        assert not sample.same.all()
        assert (sample.columns[:, 3].max() > 0) is not sample.across


def test_in_one_language_the_rule_across_is_fitted_within_it() -> None:
    prepared = prepare(labelled(("en",), 8), encode, MULTILINGUAL)
    rule = fit([prepared], MULTILINGUAL).model.rules[VECTORS]
    assert rule.dense == fit_rule(VECTORS, prepared.samples).dense


def test_a_model_of_one_language_has_no_centre_whatever_it_starts_from() -> None:
    """Numbers of another model to start from have that one's centre, of another dimension."""
    start = dataclasses.replace(story_model.default(), dimension=AXES, languages=frozenset({"en"}))
    found = calibrate([labelled(("en",), 8)], encode, start).model
    assert found.centre is None


# --- the curves ---------------------------------------------------------------------------------------------


def curves(rows: Labelled, model: StoryModel) -> Curves:
    return Curves([Labels(prepare(rows, encode, model, sample=False).whole, rows.stories)], model)


def test_more_is_merged_the_lower_the_threshold_of_each_rule() -> None:
    found = curves(labelled(), fitted()).at([0.0])
    assert set(found) == {MIX, WORDS, VECTORS}
    for points in found.values():
        assert [point.threshold for point in points] == list(THRESHOLDS)
        recalls = [point.recall for point in points]
        assert recalls == sorted(recalls, reverse=True)


def test_the_curve_across_languages_is_that_of_whole_stories() -> None:
    """Merging within languages alone leaves each story in two halves: half of the recall."""
    rows = labelled()
    strict = dataclasses.replace(fitted().rules[VECTORS], bias=-1000.0)
    apart = dataclasses.replace(fitted(), rules={**fitted().rules, VECTORS: strict})
    together, halves = (curves(rows, model).at([0.0])[VECTORS] for model in (fitted(), apart))
    assert max(point.recall for point in halves) <= 0.5 + 1e-9
    assert best(together).f1 > 0.9


def test_without_a_second_language_the_curve_of_vectors_is_read_within_the_one() -> None:
    strict = dataclasses.replace(MULTILINGUAL.rules[VECTORS], bias=-1000.0)
    apart = dataclasses.replace(MULTILINGUAL, rules={**MULTILINGUAL.rules, VECTORS: strict})
    for point in curves(labelled(("en",)), apart).at([0.0])[VECTORS]:
        assert point.precision == 1.0
        assert point.recall == pytest.approx(1 / 4)


def test_what_is_taken_off_the_scores_moves_the_curve_by_as_much() -> None:
    known, step = curves(labelled(), fitted()), THRESHOLDS[1] - THRESHOLDS[0]
    plain, moved = known.at([0.0]), known.at([step])
    for name in (MIX, WORDS):
        for before, after in zip(plain[name][1:], moved[name][:-1], strict=True):
            assert (after.precision, after.recall, after.f1) == (before.precision, before.recall, before.f1)


def test_a_languages_weight_in_a_curve_is_its_articles() -> None:
    """Korean, by words it does not share, stays in single articles: three quarters of the set lose all but these."""
    english, korean = labelled(("en",), 1), labelled(("ko",), 3)
    rows = Labelled("two", english.documents + korean.documents, english.stories + korean.stories)
    rule = dataclasses.replace(light.numbers().rules[WORDS], bias=-1000.0)
    model = dataclasses.replace(MULTILINGUAL, rules={**MULTILINGUAL.rules, WORDS: rule})
    for point in curves(rows, model).at([0.0])[WORDS]:
        assert point.recall == pytest.approx((1 * 1.0 + 3 * 1 / 3) / 4)


def test_the_best_threshold_weighs_precision_as_told() -> None:
    precise, even = CurvePoint(VECTORS, 1.0, 0.95, 0.6, 0.735), CurvePoint(VECTORS, 0.0, 0.75, 0.8, 0.774)
    assert best([precise, even]) == even
    assert best([precise, even], 0.5) == precise
    nothing = CurvePoint(VECTORS, 3.0, 0.0, 0.0, 0.0)
    assert best([nothing, even]) == even
