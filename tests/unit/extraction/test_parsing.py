"""A page is parsed as trafilatura parses it, and an element that is nothing but attributes has none."""

from __future__ import annotations

import pytest
from hypothesis import given
from lxml.etree import tostring
from lxml.html import HtmlElement
from trafilatura.utils import load_html

from pipeline.extraction import parsing
from tests.support.strategies import pages

ODD = (
    "",
    "no tags",
    "<p>one part</p>",
    '<?xml version="1.0" encoding="utf-8"?><html><body><p>declared</p></body></html>',
    "<!DOCTYPE html><html lang='en'/><head><title>T</title></head><body><p>a</p></body></html>",
    "<html><body><form action='/'><input name='a' value='b'><textarea>c</textarea></form><!-- d --><?e?></body></html>",
    "<html><body><p>\x00 \ud800 \ufffe</p></body></html>",
)


def told(tree: HtmlElement | None) -> bytes | None:
    return None if tree is None else tostring(tree)


@pytest.mark.parametrize("text", ODD)
def test_the_tree_is_trafilaturas(text: str) -> None:
    assert told(parsing.page(text)) == told(load_html(text))


@given(pages())
def test_of_any_page(page: bytes) -> None:
    text = page.decode("utf-8", "replace")
    assert told(parsing.page(text)) == told(load_html(text))


def test_elements_are_of_one_class() -> None:
    tree = parsing.page(ODD[5])
    assert tree is not None
    assert {type(node) for node in tree.iter()} == {HtmlElement}
    theirs = load_html(ODD[5])
    assert theirs is not None
    assert {type(node) for node in theirs.iter()} > {HtmlElement}


@pytest.mark.parametrize(("count", "kept"), [(500, 500), (501, 0)])
def test_an_element_of_attributes_has_none(count: int, kept: int) -> None:
    crowd = " ".join(f"a{number}='1'" for number in range(count))
    tree = parsing.page(f"<html><body><div {crowd}><p class='b'>c</p></div></body></html>")
    assert tree is not None
    assert len(tree.find(".//div").attrib) == kept
    assert tree.find(".//p").get("class") == "b"
