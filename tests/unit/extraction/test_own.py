"""What is left of a page for the search of last resort, and the cards it is left without."""

from __future__ import annotations

import pytest
from lxml.html import document_fromstring, tostring

from pipeline.extraction import cards
from pipeline.extraction.own import own_part


def test_code_sides_cards_and_addresses_go() -> None:
    tree = document_fromstring(
        "<html><body><script>var a = 1</script><script type='application/ld+json'>{}</script><article><h1>Ferry</h1>"
        "<p>It resumed.</p><ul><li>Six in the morning</li></ul></article><aside>Side</aside><nav>Menu</nav>"
        "<ul><li>17 June <a href='/x'>Mayor steps down</a></li></ul><footer>Foot</footer></body></html>"
    )
    before = tree.text_content()
    left = own_part(tree).text_content()
    assert "".join(left.split()) == "FerryItresumed.Sixinthemorning"
    assert tree.text_content() == before


def test_tags_of_changes_and_addresses_of_pictures_go() -> None:
    head = '<meta name="expires" content="2021-01-31"><meta name="dc.date" content="2024-06-19">'
    head += '<link rel="stylesheet" href="/s.css?v=2021-01-31"><link rel="canonical" href="https://o.example/a">'
    tree = document_fromstring(
        f"<html><head>{head}</head><body><!-- 2021-01-31 --><img src='/2021/01/31/a.jpg'></body></html>"
    )
    left = tostring(own_part(tree), encoding="unicode")
    assert "2024-06-19" in left
    assert "o.example" in left
    assert "2021" not in left


@pytest.mark.parametrize(
    ("row", "is_one"),
    [
        ("<li>17 June <a href='/x'>Mayor steps down</a></li>", True),
        ("<li><a href='#top'>Back to the top</a> 17 June</li>", False),
        ("<li>17 June <a href='/a'>Ada</a></li>", False),
        ("<li>17 June</li>", False),
        ("<li><h1>Ferry</h1><a href='/x'>Mayor steps down</a></li>", False),
        ("<li>" + "The ferry sails at six. " * 20 + "<a href='/x'>Mayor steps down</a></li>", False),
    ],
)
def test_a_card_is_a_short_row_with_a_link_that_tells_something(row: str, is_one: bool) -> None:
    item = next(document_fromstring(f"<html><body><ul>{row}</ul></body></html>").iter("li"))
    assert cards.is_card(item) is is_one
