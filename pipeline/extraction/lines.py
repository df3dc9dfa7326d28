"""The line of a page that a piece of its text stands in: what its neighbours say before and after it (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.html import HtmlElement

_INLINE = frozenset(
    {"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "data", "dfn", "em", "font", "i", "ins", "label", "mark"}
    | {"q", "s", "small", "span", "strong", "sub", "sup", "time", "u"}
)
_SILENT = frozenset({"script", "style", "noscript", "template", "svg", "wbr"})
_MOST = 400  # pieces of a line that are looked at; a page may put all of its text into one


def around(element: HtmlElement, *, tail: bool) -> tuple[str, str]:
    """What is written in one line with an element's own text, or with its `tail`: before it and after it.

    A line ends where an element begins or ends that is no part of running text, and at a ``br``. Both are empty where
    the line is too long to be looked at.
    """
    block = element.getparent() if tail else element
    while block is not None and block.tag in _INLINE and block.getparent() is not None:
        block = block.getparent()
    before: list[str] = []
    after: list[str] = []
    passed = False
    for count, (node, is_tail, text) in enumerate(_pieces(block)):
        if count > _MOST:
            return "", ""
        if text is None:
            if passed:
                break
            before.clear()
        elif node is element and is_tail is tail:
            passed = True
        else:
            (after if passed else before).append(text)
    return " ".join(" ".join(before).split()), " ".join(" ".join(after).split())


def _pieces(block: HtmlElement | None) -> Iterator[tuple[HtmlElement, bool, str | None]]:
    """The texts of running text within an element, each with where it stands; None where a line ends."""
    stack: list[tuple[HtmlElement, bool]] = [] if block is None else [(block, False)]
    while stack:
        node, is_tail = stack.pop()
        if is_tail:
            yield node, True, node.tail or ""
            continue
        if node is not block:
            stack.append((node, True))
        if not isinstance(node.tag, str) or node.tag in _SILENT:
            continue
        if node is block or node.tag in _INLINE:
            yield node, False, node.text or ""
            stack.extend((child, False) for child in node.iterchildren(reversed=True))
        else:
            yield node, False, None
