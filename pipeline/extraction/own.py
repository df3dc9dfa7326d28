"""The part of a page that is about its article: without scripts, and without what belongs to others or to the site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy

from lxml.etree import Comment
from lxml.html import HtmlElement

from pipeline.extraction import cards
from pipeline.extraction.facts import linked_data, may_be_the_page, of_a_picture, text_of, types
from pipeline.extraction.printed_dates import is_clock

_CODE = ("script", "style", "noscript", "template")
_OTHERS = ("aside", "footer", "nav")
_ADDRESSES = ("src", "srcset", "style", "data-src", "data-srcset")  # a day in one is that of a picture or a file
_FILES = frozenset({"stylesheet", "preload", "icon", "alternate"})
_LATER = re.compile(r"expir|modif|updat|valid|event|http-equiv", re.IGNORECASE)
_ROWS = ("li", "tr", "article")
# Data that scripts carry for the page, with a name that says publication; "expires", "created" and "updated" do not.
_PUBLISHED = re.compile(
    r"(?<![a-z])(?:date_?published|published(?:_?(?:at|date|on|time))?|publi(?:sh|cation)_?date|first_?published(?:_?(?:at|date))?)"
    r'\\?"\s*:\s*\\?"?(?P<stamp>\d[^"\\,}]{5,40})',
    re.IGNORECASE,
)
_DATED_THING = re.compile(r"(?:Image|Video|Audio|Media)Object|Comment|Event$")  # schema.org's types
_MAX_SCRIPT = 2_000_000  # characters of a script that is searched


def own_part(tree: HtmlElement) -> HtmlElement:
    """A copy of a page without code, side and foot, navigation, addresses, and the cards of other articles.

    Meta tags of changes and of ends go too.
    """
    copy = deepcopy(tree)
    rows = [row for row in copy.iter(*_ROWS) if cards.is_card(row)]
    rows += [part for part in copy.iter() if isinstance(part.tag, str) and _is_no_article(part)]
    tags = [tag for tag in copy.iter("meta") if _LATER.search(" ".join((*tag.keys(), *tag.values()[:1])))]
    tags += [link for link in copy.iter("link") if _FILES & set((link.get("rel") or "").lower().split())]
    for element in (*copy.iter(*_CODE, *_OTHERS, Comment), *tags, *rows):
        if element.getparent() is not None and element is not copy:
            element.drop_tree()
    for element in copy.iter():
        for name in _ADDRESSES:
            element.attrib.pop(name, None)
    return copy


def _is_a_dated_thing(part: HtmlElement) -> bool:
    return _DATED_THING.search(part.get("itemtype") or "") is not None


def without_dated_rows(part: HtmlElement) -> HtmlElement:
    """What `own_part` gave, less the rows of lists of other articles; the same tree, changed."""
    rows = {row: None for link in part.iter("a") if (row := cards.dated_row(link)) is not None}
    for row in rows:
        if row.getparent() is not None:
            row.drop_tree()
    return part


def _is_no_article(part: HtmlElement) -> bool:
    return (
        of_a_picture(part) or _is_a_dated_thing(part) or (bool(part.get("class") or part.get("id")) and is_clock(part))
    )


def published_in_scripts(tree: HtmlElement) -> Iterator[str]:
    """Stamps of publication in the data that a page's scripts carry: of linked data, those of the page alone."""
    for script in tree.iter("script"):
        objects = list(linked_data(script))
        if objects:
            yield from (text_of(each.get("datePublished")) for each in objects if may_be_the_page(types(each)))
        elif script.text and "ublish" in script.text[:_MAX_SCRIPT]:
            yield from (found["stamp"] for found in _PUBLISHED.finditer(script.text[:_MAX_SCRIPT]))
