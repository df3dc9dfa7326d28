"""A publication says whether its day or its instant is known, wherever it is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from pipeline import feeds
from pipeline.commands import console
from pipeline.extraction import article
from pipeline.models import Article, precision, publication_order

NOW = datetime(2024, 6, 21, tzinfo=UTC)
DAY = datetime(2024, 6, 19, tzinfo=UTC)
KST = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("published", "rule", "expected"),
    [
        (DAY, "published", "day"),
        (DAY, "first-seen:missing", "instant"),
        (DAY.replace(second=1), "published", "instant"),
        (datetime(2024, 6, 19, 9, tzinfo=KST), "published", "day"),
        (datetime(2024, 6, 19, 0, tzinfo=KST), "published", "instant"),
    ],
)
def test_a_day_stands_at_midnight(published: datetime, rule: str, expected: str) -> None:
    assert precision(published, rule) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-06-19", "day"),
        ("19.06.2024", "day"),
        ("Wed, 19 Jun 2024 00:00:00 GMT", "day"),
        ("Wed, 19 Jun 2024 08:30:00 GMT", "instant"),
        ("", None),
    ],
)
def test_parse_feed_says_which(written: str, expected: str | None) -> None:
    item = f"<item><title>Ferry</title><link>https://o.example/a</link><pubDate>{written}</pubDate></item>"
    parsed = feeds.parse(
        f"<rss version='2.0'><channel>{item}</channel></rss>".encode(), "https://o.example/", None, NOW
    )
    assert feeds.to_json(parsed.entries[0], "f")["published_precision"] == expected


def test_extract_says_which() -> None:
    page = Article("https://o.example/a", "https://o.example/a", "Ferry", "Text.", published=DAY, published_rule="url")
    assert article.to_json(page)["published_precision"] == "day"


def test_people_see_no_hour_that_is_not_known() -> None:
    assert console._cell(DAY) == "2024-06-19"
    assert console._cell(DAY.replace(hour=8)) == "2024-06-19 08:00"


def test_a_day_is_ordered_after_its_instants() -> None:
    moments = [
        DAY.replace(hour=23, minute=59, second=59),
        DAY,
        DAY.replace(second=1),
        DAY + timedelta(days=1, seconds=1),
    ]
    assert sorted(moments, key=publication_order) == [moments[2], moments[0], moments[1], moments[3]]
    assert publication_order(DAY, "first-seen:missing") == DAY
