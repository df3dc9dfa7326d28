"""The alarms of collection on the half of the feeds that their thresholds were not chosen on: floors a little under.

``python -m bench.alarms`` prints the tables of the note on alarms for both halves and other thresholds. The invented
histories are shorter here, so that the figures differ from those of the note by what chance makes of it.
"""

from __future__ import annotations

import statistics
from functools import cache

import pytest

from bench import alarms
from bench.alarms import Look, Rule, Silences
from bench.polling import DAY
from pipeline import alerts
from pipeline.settings import Settings
from tests.support import habits, labelled

DEFAULTS = Settings()
BEFORE = Rule(3.0, 1.5, 7.0)
"""What was shipped before it was measured."""


@cache
def known() -> list[habits.History]:
    """Invented feeds of the half, eight months long."""
    return [each for seed in habits.SEEDS["kept"] for each in habits.invented(120, 240, seed)]


def daily() -> list[habits.History]:
    """Those of an entry a day or more."""
    return [each for each in known() if len(each.times) >= each.until / DAY]


def late(found: Silences) -> float:
    return found.delays[int(0.9 * len(found.delays))]


def test_a_feed_that_is_well_is_seldom_called_silent() -> None:
    assert alarms.silences(known(), Rule()).rate <= 0.075  # measured .065
    assert alarms.silences(daily(), Rule()).rate <= 0.035  # measured .026
    # The histories are not too kind to tell: what was shipped before rings twice as often.
    assert alarms.silences(known(), BEFORE).rate >= 0.15  # measured .179


def test_a_feed_that_is_cut_off_is_told_within_days() -> None:
    found = alarms.silences(daily(), Rule())
    assert statistics.median(found.delays) <= 6.0  # measured 5.4
    assert late(found) <= 14.0  # measured 12.5
    assert statistics.median(alarms.silences(known(), Rule()).delays) <= 9.5  # measured 8.9


@labelled.needs(habits.PICKED)
def test_real_outlets_that_are_picked_from_thinly_ring_less_than_before() -> None:
    real = habits.picked("kept")
    assert len(real) >= 5
    assert alarms.silences(real, Rule()).rate <= 0.18  # measured .172
    assert alarms.silences(real, BEFORE).rate >= 0.30  # measured .333


def test_a_list_of_which_nothing_is_new_rings_for_a_reason() -> None:
    hours = DEFAULTS.alert_dry_hours
    for size in (10, 20):
        found, months = alarms.dry(known(), size, hours)
        assert found / months <= 0.02, size  # measured .006 and .0125
    assert alarms.dry(known(), 5, hours)[0] == 0, "so short a list is silent by itself"


def test_a_share_that_is_cut_off_rings_within_the_hour_and_a_healthy_list_does_not() -> None:
    share, silence = DEFAULTS.alert_failing_share, DEFAULTS.alert_silence
    _, well = looked(0.0)
    assert 0.2 < max(map(alarms.failing_share, well)) < share, "real lists always have some that are dead"
    assert alarms.rung(well, share, silence) == {alerts.FAILING: [], alerts.STANDS_STILL: []}
    for cut, minutes in ((0.3, 60), (1.0, 30)):  # measured 50, 20
        at, looks = looked(cut)
        first = alarms.rung(looks, share, silence)[alerts.FAILING][0]
        assert first - at <= minutes * 60, cut
    assert alarms.rung(looks, share, silence)[alerts.STANDS_STILL][0] - at <= 80 * 60  # measured 65
    with pytest.raises(IndexError):
        assert alarms.rung(looked(0.3)[1], 0.5, silence)[alerts.FAILING][0], "half of all, as it was before"


@cache
def looked(cut: float) -> tuple[float, list[Look]]:
    """A list of a hundred over four days, of which such a share is cut off."""
    return alarms.lists(100, 4, habits.SEEDS["kept"][2], cut)
