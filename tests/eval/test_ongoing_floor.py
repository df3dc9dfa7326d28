"""The ongoing topic on the half of the outlets that its thresholds were not chosen on: floors a little under.

``python -m bench.ongoing`` prints the tables of docs/topics.md for both halves and other thresholds.
"""

from __future__ import annotations

import pytest

from pipeline.settings import Settings
from tests.support import labelled
from tests.support import ongoing_cases as cases
from tests.support.ongoing_cases import Judged
from tests.support.project import MODELS

pytestmark = pytest.mark.timeout(900)

GATE_PRECISION, GATE_RECALL = 0.97, 0.90  # measured 1.000, .929
PRECISION, RECALL = 0.97, 0.97  # measured 1.000, .976 (41 of 42)
LANGUAGE_RECALL = (
    0.75  # of all outlets, the least by a language; measured .778 (ru, 7 of 9), de .875, en .984, the others 1.000
)
STRANGERS_AT_THE_GATE, STRANGERS = 5, 1  # of 3,900 texts of the half; measured 4, 0
SINCE_AT_THE_GATE, SINCE_BY_TEXT = 0.65, 0.60  # recall; measured .688 (22 of 32), .625 (5 of 8)
SINCE_POLISH = 0.70  # recall at the gate; measured .750 (6 of 8)
SINCE_OTHERS, SINCE_RELATED = 1, 3  # let in by the whole text, of 8 each; measured 0, 2


@pytest.fixture(scope="module")
def settings() -> Settings:
    return Settings(models=str(MODELS))


@pytest.fixture(scope="module")
def known(settings: Settings) -> list[Judged]:
    """The recorded web, judged by the topic as it is shipped."""
    return cases.of_the_recorded_web(settings, cases.topic(settings))


def test_what_is_told_of_both_countries_is_found(known: list[Judged]) -> None:
    gate = cases.quality(known, full=False, made=False)
    full = cases.quality(known, full=True, made=False)
    assert gate.right + gate.missed >= 40, "a half of the labels"
    assert gate.precision >= GATE_PRECISION, gate
    assert gate.recall >= GATE_RECALL, gate
    assert full.precision >= PRECISION, full
    assert full.recall >= RECALL, full


def test_no_language_is_left_behind(known: list[Judged]) -> None:
    for language in sorted({str(each.language) for each in known}):
        told = [each for each in known if each.language == language and each.on_topic]
        found = [each for each in told if each.full and each.full.on_topic]
        assert len(told) >= 5, language
        assert len(found) / len(told) >= LANGUAGE_RECALL, (language, len(found), len(told))


@labelled.needs(*cases.STRANGERS)
def test_what_names_a_country_in_passing_stays_out(settings: Settings) -> None:
    strangers = cases.of_strangers(settings, cases.topic(settings))
    gate = cases.quality(strangers, full=False, made=False)
    full = cases.quality(strangers, full=True, made=False)
    assert len([each for each in strangers if not each.made]) > 3_000
    assert gate.wrong <= STRANGERS_AT_THE_GATE, gate
    assert full.wrong <= STRANGERS, full


def test_what_came_after_the_summit_is_found(settings: Settings) -> None:
    judged = cases.of_what_came_since(settings, cases.topic(settings))
    assert len({each.language for each in judged}) == 10
    gate = cases.quality(judged, full=False, made=False)
    full = cases.quality(judged, full=True, made=False)
    polish = cases.quality([each for each in judged if each.language == "pl"], full=False, made=False)
    assert (gate.right + gate.missed, full.right + full.missed, polish.right + polish.missed) == (32, 8, 8)
    assert gate.recall >= SINCE_AT_THE_GATE, gate
    assert full.recall >= SINCE_BY_TEXT, full
    assert polish.recall >= SINCE_POLISH, polish


def test_what_names_both_on_another_matter_is_turned_away_by_its_text(settings: Settings) -> None:
    judged = cases.of_what_came_since(settings, cases.topic(settings))
    others, of_others = cases.let_in(judged, 0, full=True, made=False)
    related, of_related = cases.let_in(judged, 1, full=True, made=False)
    assert (of_others, of_related) == (8, 8)
    assert others <= SINCE_OTHERS
    assert related <= SINCE_RELATED
