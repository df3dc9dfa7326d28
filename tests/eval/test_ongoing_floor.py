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
PRECISION, RECALL = 0.95, 0.97  # measured .977, 1.000
LANGUAGE_RECALL = 0.75  # of all outlets, the least by a language; measured .778 (ru, 7 of 9), the others 1.000
STRANGERS_AT_THE_GATE, STRANGERS = 5, 1  # of 3,900 texts of the half; measured 3, 0


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
