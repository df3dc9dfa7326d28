"""The author line in a page's body, for pages whose markup names nobody; slow, so asked last.

Two ways of writing one, the least misleading first: an element named for it (class or id ``author``,
``byline``, ``autor`` ...) and a line that begins as a byline does ("Von ...", "By ...", "記者").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.etree import XPath
from lxml.html import HtmlElement

from pipeline.extraction.facts import elsewhere
from pipeline.text import bylines

_NAMES = ("author", "byline", "autor", "auteur", "verfasser", "contributor", "Author", "Byline", "Autor")
_NAMED = XPath(
    "//body//*[" + " or ".join(f"contains(@{key}, '{name}')" for key in ("class", "id") for name in _NAMES) + "]"
)
_SPACE = re.compile(r"\s+")
_LONGEST = 90  # characters of a byline with two names and a job
_MAX_CANDIDATES = 12


def candidates(tree: HtmlElement) -> Iterator[str]:
    """Lines that may be bylines, most trustworthy first; at most 12 of each kind."""
    found = 0
    for element in _NAMED(tree):
        line = _SPACE.sub(" ", " ".join(element.itertext())).strip()
        if 2 < len(line) < _LONGEST and not elsewhere(element):
            yield line
            found += 1
            if found == _MAX_CANDIDATES:
                break
    yield from _credits(tree)


def _credits(tree: HtmlElement) -> Iterator[str]:
    found = 0
    for element in tree.iter(
        "p", "div", "span", "em", "i", "b", "strong", "small", "li", "td", "h2", "h3", "h4", "h5", "br", "byline"
    ):
        for text in (element.tail,) if element.tag == "br" else (element.text,):
            if not text or len(text) > 400:
                continue
            line = text.strip(" \t\r\n-–|·")
            if not line or len(line) > _LONGEST:
                continue
            names = bylines.credited(line)
            if names is None or elsewhere(element):
                continue
            if len(names) < 3:  # the name is in the next element: By <a>Name</a>
                names = _SPACE.sub(" ", " ".join(element.itertext())).strip()
            if len(names) <= _LONGEST:
                yield names
                found += 1
                if found == _MAX_CANDIDATES:
                    return
