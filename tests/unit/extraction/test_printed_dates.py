"""The date beside the headline: written in any of the languages, near it, and not that of a change or an event."""

from __future__ import annotations

from datetime import date

import pytest
from trafilatura.utils import load_html

from pipeline.extraction import printed_dates as page_dates

DAY = date(2024, 6, 19)


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
        ("", "<p>Received: 3 March 2022. Accepted: 16 December 2022. Published: 19 June 2024.</p>", DAY),
        ("", "<p>Published 19 June 2024 | Updated 21 June 2024</p>", DAY),
        ("", "<p>Updated 21 June 2024 | Published 19 June 2024</p>", DAY),
        ("", "<p>收稿日期：2022年3月3日 发布：2024年6月19日</p>", DAY),
        ("", "<p>Eingegangen: 3. März 2022, veröffentlicht: 19. Juni 2024</p>", DAY),
        ("", "<p>" + "The treaty that was signed on 19 June 2024 says so. " * 4 + "</p>", None),
        ("", "<p>" + "The leaders met. " * 50 + "</p><p>19 June 2024</p>", None),
        ("", "<p>This article was published on 19 June 2024.</p>", DAY),
        ("", "<p>Posted on 19 June 2024 by Ana Lima in News.</p>", DAY),
        ("", "<p>ARO, 19 June 2024 (HP) - The ferry is back.</p>", DAY),
        ("", "<p>Von Anna Berg am 19. Juni 2024</p>", DAY),
        ("", "<p>Press release | 19 June 2024 | Harbour authority of Aro.</p>", DAY),
        ("", "<div><span>Ana Lima</span> <span>19 June 2024</span> <span>admin</span></div>", DAY),
        ("", "<figure><figcaption>Northwind, 3 May 2022</figcaption></figure><p>19 June 2024</p>", DAY),
        ("", "<p>Updated: <span>21 June 2024</span></p><p>19 June 2024</p>", DAY),
        ("", "<time class='entry-date updated'>19 June 2024</time>", DAY),
        ("", "<ul><li><a href='/ada'>Ada Byron</a></li><li>19 June 2024</li></ul>", DAY),
        ("", "<ul><li><a href='/ada'>Ada</a> 19 June 2024</li><li><a href='/news'>News</a></li></ul>", DAY),
        ("", "<div>" * 200 + "<p>19 June 2024</p>", DAY),
    ],
)
def test_beside_the_headline(above: str, below: str, day: date | None) -> None:
    assert beside(above, below) == day


def test_a_page_without_a_headline_has_no_date_beside_it() -> None:
    assert page_dates.beside_headline(load_html("<html><body><p>19 June 2024</p></body></html>"), "Summit") is None
