"""The date beside the headline: written in any of the languages, near it, and not that of a change or an event."""

from __future__ import annotations

from datetime import date

import pytest
from trafilatura.utils import load_html

from pipeline.extraction import printed_dates as page_dates

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
def test_days(line: str) -> None:
    assert [day for day, _ in page_dates.days(line)] == [DAY]


@pytest.mark.parametrize("line", ["03/04/2024", "31.02.2024", "Version 1.2.3", "call 2024 1234 5678", "19 Foobar 2024"])
def test_what_is_no_day(line: str) -> None:
    assert list(page_dates.days(line)) == []


def beside(above: str = "", below: str = "") -> date | None:
    tree = load_html(f"<html><body><div>{above}<h1>Summit</h1>{below}</div></body></html>")
    return page_dates.beside_headline(tree, "Summit")


@pytest.mark.parametrize(
    ("above", "below", "day"),
    [
        ("", "<p>By Ana Lima, 19 June 2024</p>", DAY),
        ("<span>19.06.2024</span>", "<p>The leaders met.</p>", DAY),
        ("<span>18.06.2024</span>", "<p>19.06.2024</p>", DAY),
        ("", "<p>19.06.2024 - " + "The leaders met and signed a treaty. " * 5 + "</p>", DAY),
        ("", "<p>Updated: 20 June 2024</p><p>19 June 2024</p>", DAY),
        ("", "<script>var d = '2024-06-19'</script>", None),
        ("", "<p>Deadline: 19 June 2024</p>", None),
        ("", "<p>" + "The treaty that was signed on 19 June 2024 says so. " * 4 + "</p>", None),
        ("", "<p>" + "The leaders met. " * 50 + "</p><p>19 June 2024</p>", None),
        ("", "<div>" * 200 + "<p>19 June 2024</p>", DAY),
    ],
)
def test_beside_the_headline(above: str, below: str, day: date | None) -> None:
    assert beside(above, below) == day


def test_a_page_without_a_headline_has_no_date_beside_it() -> None:
    assert page_dates.beside_headline(load_html("<html><body><p>19 June 2024</p></body></html>"), "Summit") is None
