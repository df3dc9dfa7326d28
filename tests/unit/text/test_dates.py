"""Dates by case table: one reader for feeds, pages and lines of print."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.text import dates

CASES = [
    line.split("\t")
    for line in (Path(__file__).parent / "data" / "date_cases.tsv").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize(("written", "language", "moment", "says"), CASES, ids=[f"{c[0]} {c[1]}" for c in CASES])
def test_dates_follow_the_case_table(written: str, language: str, moment: str, says: str) -> None:
    read = dates.read(written, language or None)
    if not moment:
        assert read is None
        return
    assert read is not None
    assert read.moment == datetime.fromisoformat(moment)
    assert {"zone": read.zoned, "time": read.precision == "instant", "ambiguous": read.ambiguous} == {
        word: word in says.split() for word in ("zone", "time", "ambiguous")
    }


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),
    st.sampled_from(["%a, %d %b %Y %H:%M:%S +0000", "%Y-%m-%dT%H:%M:%SZ"]),
)
@settings(max_examples=200, deadline=None)
def test_the_two_standards_are_read_back_exactly(moment: datetime, form: str) -> None:
    read = dates.read(moment.strftime(form))
    assert read is not None
    assert read.moment == moment.replace(microsecond=0, tzinfo=UTC)


@given(st.text(alphabet="0123456789-:/., TZ+年月日Juneпм٠", max_size=40))
@settings(max_examples=300, deadline=None)
def test_no_string_raises(text: str) -> None:
    read = dates.read(text)
    assert read is None or read.moment.tzinfo is UTC


def test_solar_hijri_new_years() -> None:
    for year, day in ((1399, (2020, 3, 20)), (1400, (2021, 3, 21)), (1403, (2024, 3, 20)), (1404, (2025, 3, 21))):
        read = dates.read(f"1 فروردین {year}")
        assert read is not None
        assert read.moment == datetime(*day, tzinfo=UTC)


DAY = date(2024, 6, 19)


@pytest.mark.parametrize(
    "line",
    [
        "19.06.2024",
        "19. 6. 2024, 14:05 Uhr",
        "Mittwoch, 19. Juni 2024",
        "June 19, 2024",
        "Wednesday, 19th June 2024",
        "2024-06-19",
        "19/06/2024",
        "06/19/2024",
        "19 juin 2024 à 10h",
        "19 de junio de 2024",
        "19 giugno 2024",
        "19 июня 2024, 10:00",
        "2024年6月19日 10:00",
        "2024년 6월 19일",
        "2024.06.19",
    ],
)
def test_days_in_a_line(line: str) -> None:
    assert [(found.day, found.ambiguous) for found in dates.days_in(line)] == [(DAY, False)]


@pytest.mark.parametrize("line", ["03/04/2024", "31.02.2024", "Version 1.2.3", "call 2024 1234 5678", "19 Foobar 2024"])
def test_what_is_no_certain_day(line: str) -> None:
    assert all(found.ambiguous for found in dates.days_in(line))
