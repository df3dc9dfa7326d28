"""Dates by case table, and what an entry's date is decided to be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.feeds import dates as feed_dates

DAY = "https://a.example/2024/06/19/"
NOW = datetime(2024, 6, 20, 12, tzinfo=UTC)
CASES = [
    line.split("\t")
    for line in (Path(__file__).parent / "data" / "date_cases.tsv").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize(("written", "language", "moment", "says"), CASES, ids=[f"{c[0]} {c[1]}" for c in CASES])
def test_dates_follow_the_case_table(written: str, language: str, moment: str, says: str) -> None:
    read = feed_dates.parse_date(written, language or None)
    if not moment:
        assert read is None
        return
    assert read is not None
    assert read.moment == datetime.fromisoformat(moment)
    assert {"zone": read.has_zone, "time": read.has_time, "ambiguous": read.ambiguous} == {
        word: word in says.split() for word in ("zone", "time", "ambiguous")
    }


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),
    st.sampled_from(["%a, %d %b %Y %H:%M:%S +0000", "%Y-%m-%dT%H:%M:%SZ"]),
)
@settings(max_examples=200, deadline=None)
def test_the_two_standards_are_read_back_exactly(moment: datetime, form: str) -> None:
    read = feed_dates.parse_date(moment.strftime(form))
    assert read is not None
    assert read.moment == moment.replace(microsecond=0, tzinfo=UTC)


@given(st.text(alphabet="0123456789-:/., TZ+年月日Juneпм٠", max_size=40))
@settings(max_examples=300, deadline=None)
def test_no_string_raises(text: str) -> None:
    read = feed_dates.parse_date(text)
    assert read is None or read.moment.tzinfo is UTC


def test_solar_hijri_new_years() -> None:
    for year, day in ((1399, (2020, 3, 20)), (1400, (2021, 3, 21)), (1403, (2024, 3, 20)), (1404, (2025, 3, 21))):
        read = feed_dates.parse_date(f"1 فروردین {year}")
        assert read is not None
        assert read.moment == datetime(*day, tzinfo=UTC)


@pytest.mark.parametrize(
    ("published", "updated", "url", "rule", "moment", "problems"),
    [
        ("2024-06-19T01:00:00Z", None, None, "published", "2024-06-19T01:00:00Z", ()),
        (None, "2024-06-19T01:00:00Z", None, "updated", "2024-06-19T01:00:00Z", ()),
        ("rubbish", "2024-06-19T01:00:00Z", None, "updated", "2024-06-19T01:00:00Z", ("bad-date",)),
        (None, None, None, "missing", None, ()),
        ("", " ", None, "missing", None, ()),
        ("rubbish", None, None, "unparsable", None, ("bad-date",)),
        ("2031-01-01T00:00:00Z", None, None, "future", None, ("future-date",)),
        ("1970-01-01T00:00:00Z", None, None, "epoch", None, ("epoch-date",)),
        ("0001-01-01T00:00:00Z", None, None, "epoch", None, ("epoch-date",)),
        ("1970-01-01T00:00:00Z", None, f"{DAY}x", "url", "2024-06-19T00:00:00Z", ("epoch-date", "date-only")),
        (None, None, "https://a.example/20240619/x", "url", "2024-06-19T00:00:00Z", ("date-only",)),
        (None, None, "https://a.example/2031/06/19/x", "missing", None, ()),
        (None, None, "https://a.example/2024/13/19/x", "missing", None, ()),
        (None, None, "https://a.example/id/20240645/x", "missing", None, ()),
        ("2024-06-19 01:00:00", None, None, "published", "2024-06-19T01:00:00Z", ("no-zone",)),
        ("2024-06-20T15:00:00Z", None, None, "published", "2024-06-20T15:00:00Z", ("ahead-of-clock",)),
    ],
)  # fmt: skip
def test_the_decision_on_an_entry_names_its_rule(
    published: str | None,
    updated: str | None,
    url: str | None,
    rule: str,
    moment: str | None,
    problems: tuple[str, ...],
) -> None:
    decided = feed_dates.decide(published, updated, url, NOW)
    assert decided.rule == rule
    assert decided.published == (datetime.fromisoformat(moment) if moment else None)
    assert decided.problems == problems


def test_a_local_time_labelled_utc_is_not_the_future() -> None:
    easternmost = (NOW + timedelta(hours=14)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert feed_dates.decide(easternmost, None, None, NOW).rule == "published"


def test_no_published_date_lies_beyond_the_bounds() -> None:
    for hours in range(-400_000, 400, 997):
        written = (NOW + timedelta(hours=hours)).isoformat()
        decided = feed_dates.decide(written, None, None, NOW)
        if decided.published is not None:
            assert feed_dates.EARLIEST <= decided.published <= NOW + feed_dates.FUTURE_BOUND
