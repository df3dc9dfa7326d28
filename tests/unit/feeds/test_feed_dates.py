"""What an entry's date is decided to be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.feeds import dates as feed_dates

DAY = "https://a.example/2024/06/19/"
NOW = datetime(2024, 6, 20, 12, tzinfo=UTC)


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
        ("24-06-19 01:00", None, None, "published", "2024-06-19T01:00:00Z", ("no-zone",)),
        ("2024 06 19 01:00", None, None, "published", "2024-06-19T01:00:00Z", ("no-zone",)),
        (None, None, "https://a.example/the-storm-of-2019-12-26-remembered", "missing", None, ()),
        (None, None, "https://a.example/ferry-2024-06-19", "url", "2024-06-19T00:00:00Z", ("date-only",)),
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
