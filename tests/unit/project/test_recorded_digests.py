"""The measure of the recorded web's digests, on slots whose findings are known."""

from dataclasses import replace
from datetime import UTC, date, datetime

from pipeline import topics
from pipeline.settings import Settings
from tests.support.recorded import TOPIC, Label
from tests.support.recorded_digests import Findings, Slot, judge, report

DAY, NEXT = date(2024, 6, 18), date(2024, 6, 19)


def told(story: str, outlet: str, day: int = 18, *, copy_of: str | None = None, on_topic: bool = True) -> Label:
    at = datetime(2024, 6, day, 3, tzinfo=UTC)
    return Label(
        f"https://{outlet}/{story}/{day}", outlet, "en", story, on_topic, False, copy_of, "original", False, at
    )


THREE = [told("d1", outlet) for outlet in ("a", "b", "c")]
COPY = told("d1", "e", copy_of="https://a/d1/18")
TWO_DAYS = [told("d2", "a"), told("d2", "b", 19), told("d2", "c", 19)]
SMALL = [told("d3", "a"), told("d3", "b"), told("d3", "a", 19)]
OFF = [told("x1", outlet, on_topic=False) for outlet in ("a", "b", "c")]
LABELS = [*THREE, COPY, *TWO_DAYS, *SMALL, *OFF]


def found(slots: list[Slot], left_out: list[Slot]) -> Findings:
    return judge(slots, left_out, LABELS, topics.find(Settings(), TOPIC))


def test_a_slot_repeats_the_development_of_a_higher_one_of_its_day() -> None:
    first = Slot(DAY, 1, 3, tuple(THREE))
    mixed = Slot(DAY, 2, 2, (SMALL[0], THREE[1], THREE[2]))
    later = Slot(NEXT, 1, 1, (THREE[0],))
    assert found([later, mixed, first], []).repeats == (mixed,)


def test_of_two_labels_as_frequent_the_earlier_article_names_the_slot() -> None:
    assert Slot(DAY, 1, 1, (SMALL[0], THREE[0])).development == "d3"


def test_what_three_outlets_told_over_the_days_is_missing_unless_shown_and_unlisted_unless_left_out() -> None:
    shown = [Slot(DAY, 1, 2, tuple(SMALL)), Slot(NEXT, 1, 2, tuple(SMALL))]
    findings = found(shown, [Slot(DAY, 0, 0, (TWO_DAYS[0],))])
    assert findings.told == ("d1", "d2"), "not what two told, nor what is off topic"
    assert findings.missing == ("d1", "d2")
    assert findings.unlisted == ("d1",)


def test_independent_outlets_are_those_of_the_labels_on_that_day_without_copies() -> None:
    slots = [Slot(DAY, 1, 3, (*THREE, COPY)), Slot(DAY, 2, 3, (TWO_DAYS[0],)), Slot(DAY, 6, 9, (SMALL[0],))]
    findings = found(slots, [])
    assert [(count.slot.rank, count.truth, count.right) for count in findings.head] == [(1, 3, True), (2, 1, False)]


def test_the_report_names_what_is_wrong() -> None:
    first = Slot(DAY, 1, 2, tuple(THREE))
    text = report(found([first, replace(first, rank=2, independent=3)], []))
    assert "| 2024-06-18 | 2 | 1 | 2 (d1) | 1 of 2 | 1 (d1): 2 for 3 |" in text
    assert "1 of 2 developments" not in text
    assert "0 of 1 developments of 3 independent outlets are in no digest (none)" in text
