"""Dates by case table: one reader for feeds, pages and lines of print."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
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


@pytest.mark.parametrize(
    ("zone", "language", "hours"),
    [
        ("EAT", None, 3), ("CAT", None, 2), ("WAT", None, 1), ("WITA", None, 8), ("UZT", None, 5), ("MYT", None, 8),
        ("YEKT", None, 5), ("VLAT", None, 10), ("COT", None, -5), ("CLST", None, -3), ("PET", "es", -5),
        ("NDT", None, -2.5), ("MMT", None, 6.5), ("AMT", None, -4), ("AMT", "hy", 4), ("Beijing time", None, 8),
        ("Tokyo time", None, 9), ("Sao Paulo time", None, -3), ("Kiev time", None, 3), ("Beirut time", None, 3),
        ("北京时间", "zh", 8), ("日本時間", "ja", 9), ("한국시간", "ko", 9),
        ("America/Argentina/Buenos_Aires", None, -3), ("Eastern Daylight Time", None, -4), ("local time", None, 0),
    ],
)  # fmt: skip
def test_zones_of_the_world(zone: str, language: str | None, hours: float) -> None:
    found = dates.read(f"Wed, 19 Jun 2024 14:05 {zone}", language)
    assert found is not None
    assert found.moment == datetime(2024, 6, 19, 14, 5, tzinfo=UTC) - timedelta(hours=hours)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("19 ביוני 2024 14:05", "he"), ("১৯ জুন ২০২৪ ১৪:০৫", "bn"), ("19. junija 2024 14:05", "sl"),
        ("19 xuño 2024 14:05", "gl"), ("19 Mehefin 2024 14:05", "cy"), ("19 Junie 2024 14:05", "af"),
        ("19 ஜூன் 2024 14:05", "ta"), ("19 జూన్ 2024 14:05", "te"), ("19 ജൂൺ 2024 14:05", "ml"),
        ("19 ਜੂਨ 2024 14:05", "pa"), ("19 જૂન 2024 14:05", "gu"), ("19 ಜೂನ್ 2024 14:05", "kn"),
        ("19 ජූනි 2024 14:05", "si"), ("ဇွန် 19, 2024 14:05", "my"), ("19 មិថុនា 2024 14:05", "km"),
        ("19 iyun 2024 14:05", "uz"), ("19 июнь 2024 14:05", "ky"), ("19-06-24 14:05", "nl"), ("24-06-19 14:05", "sv"),
        ("19.06.24 14.05", "de"), ("113年6月19日 14:05", "zh-TW"), ("24年6月19日 14:05", "zh"),
    ],
)  # fmt: skip
def test_dates_of_many_languages(text: str, language: str) -> None:
    found = dates.read(text, language)
    assert found is not None
    assert found.moment == datetime(2024, 6, 19, 14, 5, tzinfo=UTC)


def test_a_full_stop_may_stand_before_the_seconds_too() -> None:
    found = dates.read("2024-06-19 14.05.30", "it")
    assert found is not None
    assert found.moment == datetime(2024, 6, 19, 14, 5, 30, tzinfo=UTC)


def test_a_year_of_one_or_two_digits_is_none_in_japanese_and_in_prose() -> None:
    assert dates.read("6年6月19日", "ja") is None
    assert list(dates.days_in("24年6月19日", "zh")) == []


@pytest.mark.parametrize(
    ("written", "language", "day"),
    [
        ("24-06-19 14:05", "en", date(2024, 6, 19)),
        ("24-06-19", None, date(2024, 6, 19)),
        ("19-06-24 14:05", "en", date(2024, 6, 19)),  # the other reading has yet to come: 2019-06-24 is older
        ("24-06-22", "en", date(2024, 6, 22)),  # tomorrow, which it is in the east
        ("24-06-23", "en", date(2023, 6, 24)),  # two days ahead is no day
        ("24-06-19", "nl", date(2019, 6, 24)),
        ("24/06/19", "en", date(2019, 6, 24)),
        ("24.06.19", "de", date(2019, 6, 24)),
        ("31-06-24", "en", None),
    ],
)
def test_the_day_it_was_seen_on_settles_whether_the_year_stands_first(
    written: str, language: str | None, day: date | None
) -> None:
    read = dates.read(written, language, date(2024, 6, 21))
    assert (read and read.day) == day
