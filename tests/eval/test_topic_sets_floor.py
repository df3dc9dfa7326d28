"""The gate on two topics of real feeds, each by the numbers that the other gave: floors slightly under the figures.

``python -m bench.topics`` prints the table of the note in docs/notes, and that of another model.
"""

from __future__ import annotations

import pytest

from pipeline.settings import Settings
from pipeline.stories import model as story_model
from pipeline.stories.topic_calibration import fit_topic
from tests.support import labelled
from tests.support import topic_cases as cases

pytestmark = labelled.needs(*map(cases.file_of, cases.NAMES))

SETTINGS = Settings()
# Topic, precision and recall; measured .974 and .974, .923 and .982.
FLOORS = [("topic-karabakh-2023", 0.96, 0.96), ("topic-morocco-2023", 0.91, 0.97)]


@pytest.mark.parametrize(("name", "precision", "recall"), FLOORS)
def test_the_gate_of_a_topic_that_nothing_was_fitted_to(name: str, precision: float, recall: float) -> None:
    case = cases.measured(name, SETTINGS)
    found = cases.quality(case, cases.gate(case, cases.without(name, SETTINGS)))
    assert found.precision >= precision, found
    assert found.recall >= recall, found


def test_the_shipped_numbers_are_what_calibrating_gives() -> None:
    fitted = fit_topic([cases.measured(name, SETTINGS) for name in cases.NAMES])
    shipped = story_model.load().topic
    assert fitted is not None
    assert shipped is not None
    assert fitted.stand_in is None, "the packaged model reads English only"
    assert shipped.stand_in is None
    assert fitted.typical == pytest.approx(shipped.typical, abs=0.02)
    assert fitted.seed == pytest.approx(shipped.seed, rel=0.05)
