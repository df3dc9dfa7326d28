"""Lists of an article that extraction left out, put back between the paragraphs that they stand between.

Extraction takes lists for navigation unless their page marks its article well. A list belongs to the text where the
block before or after it does, and where its items are more than links.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml.html import HtmlElement

from pipeline.extraction.facts import elsewhere, words_of
from pipeline.text.folding import letters

_TAGS = ("ul", "ol", "dl", "menu")
_ITEMS = ("li", "dt", "dd")
_LINKED = 0.5  # share of a list's letters in links, from which it is one of other pages
_HELD = 0.5  # share of the items that the text must lack
_NEIGHBOUR = 25  # letters by which a neighbouring block is known in the text
_SHORTEST = 8  # letters of a list that tells something
_SENTENCE = 5  # words, and letters where there are no spaces, above which an item is more than a label
_LETTERS = 30
_MAX_ITEMS = 200
_MAX_LISTS = 100


def with_lists(text: str, page: HtmlElement) -> str:
    """The text with the lists of the page that stand beside its paragraphs and are not in it."""
    if not text:
        return text
    lines = text.split("\n")
    keys: list[str] = []
    held = ""
    for found in _candidates(page):
        items = _lines(found)
        if sum(item[2:] not in text for item in items) <= _HELD * len(items):
            continue  # held to the letter, which is soon told
        if not keys:
            keys = [letters(line) for line in lines]
            held = "\n".join(keys)
        wanted = [letters(item) for item in items]
        if sum(key not in held for key in wanted) <= _HELD * len(wanted):
            continue
        place = _place(found, keys, prose=_prose(items))
        if place is None:
            continue
        lines[place:place] = items
        keys[place:place] = wanted
        held = "\n".join(keys)
    return "\n".join(lines)


def _candidates(page: HtmlElement) -> Iterator[HtmlElement]:
    """The outermost lists of a page that hold more than links, in a part that belongs to no other article."""
    for number, found in enumerate(page.iter(*_TAGS)):
        if number >= _MAX_LISTS:
            return
        if any(node.tag in (*_TAGS, "nav", "table") for node in found.iterancestors()):
            continue
        if next(found.iter("h1", "h2", "h3", "h4"), None) is not None:
            continue  # teasers
        said = _squeezed(found)
        linked = sum(map(_squeezed, found.iter("a", "button", "label")))
        if said >= _SHORTEST and linked <= _LINKED * said and not elsewhere(found):
            yield found


def _squeezed(element: HtmlElement) -> int:
    return len("".join(element.text_content().split()))


def _lines(found: HtmlElement) -> list[str]:
    """A line per item, as extraction sets lists; items of inner lists follow the one that holds them."""
    items = []
    for item in list(found.iter(*_ITEMS))[:_MAX_ITEMS]:
        own = " ".join(_own_words(item).split())
        if own:
            items.append(f"- {own}")
    return items


def _own_words(item: HtmlElement) -> str:
    said = item.text or ""
    for child in item:
        if isinstance(child.tag, str) and child.tag not in (*_TAGS, "script", "style", "template"):
            said += f" {words_of(child)} " if len(child) or child.tag in ("p", "div") else words_of(child)
        said += child.tail or ""
    return said


def _place(found: HtmlElement, keys: list[str], *, prose: bool) -> int | None:
    """The line that a list belongs before; None where the blocks beside it are not in the text.

    Lists of dates, buttons and credits stand above and below a text, so a list between two of its blocks may hold
    anything, and one that has a block on one side only must be `prose`.
    """
    before, after = _beside(found, forward=False), _beside(found, forward=True)
    above = _line_of(before[-_NEIGHBOUR:], keys, last=True) if before else None
    below = _line_of(after[:_NEIGHBOUR], keys, last=False) if after else None
    if not prose and (above is None or below is None):
        return None
    return above + 1 if above is not None else below


def _prose(items: list[str]) -> bool:
    return sum(len(item.split()) > _SENTENCE or len(letters(item)) > _LETTERS for item in items) > len(items) / 2


def _beside(found: HtmlElement, *, forward: bool) -> str:
    """The letters of the nearest block before or after a list, out of a wrapper that holds nothing else."""
    node = found
    while True:
        sibling = node.getnext() if forward else node.getprevious()
        while sibling is not None:
            if isinstance(sibling.tag, str) and sibling.text_content().strip():
                said = letters(words_of(sibling)) if sibling.tag in ("p", "div", "blockquote", *_TAGS) else ""
                return said if len(said) >= _NEIGHBOUR else ""
            sibling = sibling.getnext() if forward else sibling.getprevious()
        parent = node.getparent()
        if parent is None or parent.tag in ("body", "article", "main") or _squeezed(parent) > _squeezed(node):
            return ""
        node = parent


def _line_of(wanted: str, keys: list[str], *, last: bool) -> int | None:
    for at, key in enumerate(keys):
        if key and (key.endswith(wanted) if last else key.startswith(wanted)):
            return at
    return None
