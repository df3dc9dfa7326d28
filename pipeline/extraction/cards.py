"""Whether an element of a page stands in the card of another article: its link with a name, a date, a picture.

Lists of other articles repeat what an article has, so their names and dates are read for the article's own. A card is
known by its link to elsewhere, not by its class.
"""

from __future__ import annotations

from itertools import islice

from lxml.html import HtmlElement

from pipeline.text.dates import days_in
from pipeline.text.folding import letters

_ROWS = frozenset({"li", "tr", "dd", "dt", "article"})
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_LARGEST = 400  # characters of a card with headline, lead, name and date; more is the article, or a whole list
_ROW_LINK = 8  # letters of a link that is a headline in a row: "Mayor quits"; a name has them too, and is left out
_DATED_ROWS = frozenset({"li", "tr", "dd", "article", "a"})
_LONGEST_ROW = 200  # characters of such a row: a headline, its lead's beginning and a date
_MAX_STEPS = 8  # elements between a name and the card around it


def of_another(element: HtmlElement) -> bool:
    """Whether an element stands in the card of another article than the page's own.

    A card is a row of a list or table, or a small part of the page with a heading that links, that holds a link to
    another page beside the element, and not the first heading of the page.
    """
    own = letters("".join(element.itertext()))
    for steps, node in enumerate(element.iterancestors()):
        if node.tag in ("body", "main") or steps > _MAX_STEPS or next(node.iter("h1"), None) is not None:
            return False
        if node.tag in _ROWS or node.tag in ("div", "section", "a"):
            text = "".join(node.itertext())
            if len(text) > _LARGEST * (2 if node.tag == "article" else 1):
                return False
            if _leads_away(node, element, own):
                return True
    return False


def is_card(row: HtmlElement) -> bool:
    """Whether a row of a list or a small article element is the card of another article: short, with such a link."""
    if next(row.iter("h1"), None) is not None or len("".join(row.itertext())) > _LARGEST:
        return False
    return any(_to_a_page(link) and _is_row(row, letters("".join(link.itertext()))) for link in row.iter("a"))


def dated_row(element: HtmlElement) -> HtmlElement | None:
    """The row that an element stands in, of several of a kind that each hold a link to another page and a day.

    Such a list is one of other articles, whatever its rows are and however short its headlines.
    """
    node: HtmlElement | None = element
    for _ in range(_MAX_STEPS):
        if node is None or node.tag in ("body", "main"):
            return None
        if (link := _link_of_dated_row(node)) is not None:
            beside = [*islice(node.itersiblings(node.tag), 2), *islice(node.itersiblings(node.tag, preceding=True), 2)]
            if any(_link_of_dated_row(other) not in (None, link) for other in beside):
                return node
        node = node.getparent()
    return None


def _link_of_dated_row(row: HtmlElement) -> str | None:
    """Where a row leads that holds a day and a link to another page; None where it is no such row."""
    if row.tag not in _DATED_ROWS:
        return None
    text = _short(row)
    if not text or next(days_in(text), None) is None:
        return None
    term = row.getprevious() if row.tag == "dd" else None
    links = [row] if row.tag == "a" else (row if term is None else term).iter("a")
    return next((str(link.get("href")).strip() for link in links if _to_a_page(link) and letters(_words(link))), None)


def _words(link: HtmlElement) -> str:
    """A link's text without the days in it."""
    text = " ".join("".join(link.itertext()).split())
    return text if (day := next(days_in(text), None)) is None else text[: day.start] + text[day.end :]


def _short(row: HtmlElement) -> str:
    """The text of a row; empty where it is too long for a row of a list, or holds the headline."""
    parts, length = [], 0
    for node in row.iter():
        if node.tag == "h1":
            return ""
        for part in (node.text if isinstance(node.tag, str) else None, node.tail if node is not row else None):
            parts.append(part or "")
            length += len(parts[-1].strip())
        if length > _LONGEST_ROW:
            return ""
    return " ".join(" ".join(parts).split())


def _leads_away(card: HtmlElement, element: HtmlElement, own: str) -> bool:
    links = [card] if card.tag == "a" else card.iter("a")
    for link in links:
        if not _to_a_page(link) or link is element or _within(link, element):
            continue
        heading = next((h for h in (*link.iter(*_HEADINGS), *_headings_above(link, card))), None)
        told = letters("".join((link if heading is None else heading).itertext()))
        if card.tag == "a" and heading is None:
            continue
        if told and told not in own and own not in told and (heading is not None or _is_row(card, told)):
            return True
    return False


def _is_row(card: HtmlElement, told: str) -> bool:
    return card.tag in _ROWS and len(told) >= _ROW_LINK


def _headings_above(link: HtmlElement, card: HtmlElement) -> list[HtmlElement]:
    found = []
    for node in link.iterancestors():
        if node is card:
            break
        if node.tag in _HEADINGS:
            found.append(node)
    return found


def _to_a_page(link: HtmlElement) -> bool:
    address = (link.get("href") or "").strip().lower()
    return bool(address) and not address.startswith(("#", "mailto:", "tel:", "javascript:"))


def _within(link: HtmlElement, element: HtmlElement) -> bool:
    return any(node is element for node in link.iterancestors())
