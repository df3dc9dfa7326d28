"""The author line in a page's body, for pages whose markup names nobody; slow, so asked last.

Three ways of writing one, the least misleading first: an element named for it (class or id ``author``, ``byline``,
``autor`` ...), a line that begins as a byline does ("Von ...", "By ...", "記者"), and a reporter who signs within a
paragraph ("(서울=연합뉴스) 김민수 기자 =").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml.etree import XPath
from lxml.html import HtmlElement

from pipeline.extraction import cards
from pipeline.extraction.facts import elsewhere
from pipeline.text import bylines

_NAMES = ("author", "byline", "autor", "auteur", "verfasser", "contributor", "Author", "Byline", "Autor")
_HELD = " or ".join(f"contains(., '{name}')" for name in _NAMES)
# What two of the names share is looked for first: most elements are told by few searches.
_SHARED = " or ".join(f"contains(., '{part}')" for part in ("utor", "uthor", "yline", "auteur", "verfasser"))
_NAMED = XPath(f"//body/descendant::*[@class[{_SHARED}] or @id[{_SHARED}]][@class[{_HELD}] or @id[{_HELD}]]")
_LINES = (
    *("p", "div", "span", "em", "i", "b", "strong", "small", "li", "td", "h2", "h3", "h4", "h5", "br", "byline"),
    *("address", "cite", "section", "article", "header"),
)
_SPACE = re.compile(r"\s+")
_NAME_CLASS = re.compile(r"(?:^|[\s_-])(?:fn|n|(?:full|author|display)?-?name)(?:$|[\s_-])|authorname", re.IGNORECASE)
_PICTURES = frozenset({"figure", "figcaption", "caption"})
_LONGEST = 90  # characters of a byline with two names and a job
_MAX_CANDIDATES = 12
_MAX_NAMED = 200  # named elements looked at: one within the other, each is read to its end
_MAX_PARTS = 20  # names within one of them


def candidates(tree: HtmlElement) -> Iterator[str]:
    """Lines that may be bylines, most trustworthy first; at most 12 of each kind."""
    found = 0
    for element in _NAMED(tree)[:_MAX_NAMED]:
        line = _told(element)
        if 2 < len(line) < _LONGEST and not _foreign(element):
            yield line
            found += 1
            if found == _MAX_CANDIDATES:
                break
    yield from _credits(tree)
    yield from _signed(tree)


def _foreign(element: HtmlElement) -> bool:
    """Whether an element is another article's, a reader's, the site's, or the caption of a picture."""
    if any(node.tag in _PICTURES for node in (element, *element.iterancestors())):
        return True
    return elsewhere(element) or cards.of_another(element)


def _told(element: HtmlElement) -> str:
    """The names in a named element: those of its parts that are marked as names, else its words but for mail links."""
    parts = (part for part in element.iterdescendants("span", "a", "b", "strong", "p", "div") if _is_name(part))
    marked = list(islice(parts, _MAX_PARTS))
    marked = [
        part for part in marked if not any(other is not part and other in part.iterdescendants() for other in marked)
    ]
    names = [_line(part) for part in marked]
    return "; ".join(filter(None, names)) or _line(element)


def _is_name(part: HtmlElement) -> bool:
    return bool(_NAME_CLASS.search(part.get("class") or "")) or "name" in (part.get("itemprop") or "").split()


def _line(element: HtmlElement) -> str:
    """An element's words in one line, without links that write a mail."""
    words: list[str] = []
    stack: list[tuple[HtmlElement, bool]] = [(element, True)]
    while stack:
        node, entering = stack.pop()
        if not entering:
            words.append(node.tail or "")
            continue
        if node is not element:
            stack.append((node, False))
        if isinstance(node.tag, str) and not (node.get("href") or "").lower().startswith("mailto:"):
            words.append(node.text or "")
            stack.extend((child, True) for child in node.iterchildren(reversed=True))
    return _SPACE.sub(" ", " ".join(words)).strip()


def _credits(tree: HtmlElement) -> Iterator[str]:
    found = 0
    for element in tree.iter(*_LINES):
        for text in (element.tail,) if element.tag == "br" else (element.text,):
            if not text or len(text) > 400:
                continue
            line = text.strip(" \t\r\n-–|·")
            if not line or len(line) > _LONGEST:
                continue
            names = bylines.credited(line)
            if names is None or _foreign(element):
                continue
            if len(names) < 3 and not bylines.is_uncased(names):  # the name is in the next element: By <a>Name</a>
                names = _SPACE.sub(" ", " ".join(element.itertext())).strip()
            if len(names) <= _LONGEST and not names.islower():  # prose that goes on with "by" or "von"
                yield names
                found += 1
                if found == _MAX_CANDIDATES:
                    return


def _signed(tree: HtmlElement) -> Iterator[str]:
    """Reporters who sign within the text."""
    found = 0
    for element in tree.iter(*_LINES):
        text = element.tail if element.tag == "br" else element.text
        names = bylines.signed(text) if text and text.strip() else None
        if names and not _foreign(element):
            yield names
            found += 1
            if found == _MAX_CANDIDATES:
                return
