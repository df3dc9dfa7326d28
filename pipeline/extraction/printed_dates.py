"""The date printed beside a page's headline: what readers take for the day of publication.

Where the markup says nothing certain, this line does (docs/extraction.md). Dates elsewhere belong to other articles, to
comments or to the events told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from lxml.html import HtmlElement

from pipeline.extraction import cards
from pipeline.extraction.facts import headline, named_elsewhere
from pipeline.text import dates
from pipeline.text.phrases import any_of

# Characters of visible text below the headline in which its date stands: a lead and a picture's caption. On the
# tuning half such a date is right on 217 of 230 pages within 600, on 10 of 14 beyond.
_AFTER = 600
_BEFORE = 150  # the same above it
_LONGEST = 100  # characters of a line that is a date with a byline, not prose
_DATELINE = 3  # characters before a date that opens a paragraph of any length: "29.11.2022 - Mehrfach ..."
_PREFIX = 60  # characters before the date in its line: weekday, "Veröffentlicht am", a name
_REACH = 90  # the same where other dates stand before it: "Received: 3 March 2022. Published: 2 January 2023"
_SIDES = frozenset({"aside", "footer", "nav"})
_SKIPPED = frozenset({"script", "style", "noscript", "template", "svg", "select", "option", "button"})

# Lines whose date is not that of the publication: changes, deadlines, events.
_OTHER = re.compile(rf"{any_of('other_date')}|©", re.IGNORECASE)


def beside_headline(tree: HtmlElement, title: str, language: str | None = None) -> date | None:
    """The first day in a short line below the headline, else above it; None where there is none.

    `title` says which heading is the headline, `language` (BCP 47) is the page's. A day whose order is open
    (03/04/2024) and a line that speaks of a change or a deadline do not count.
    """
    heading = headline(tree, title)
    if heading is None:
        return None
    below = _first_day(_after(heading), _AFTER, language)
    return below or _first_day(_before(heading), _BEFORE, language)


_THREE_DIGITS = re.compile(r"\d\D*\d\D*\d")  # of a day and a year of two


def only_in_prose(day: date, tree: HtmlElement, language: str | None = None) -> bool:
    """Whether a page names a day, and does so only within sentences: what is told of happened then.

    A day stands apart in a short line, or at either end of a paragraph (a dateline, a signature).
    """
    named = False
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in _SKIPPED:
            continue
        for text in (element.text, element.tail):
            if not text or not _THREE_DIGITS.search(text):
                continue
            line = " ".join(text.split())
            for found in dates.days_in(line, language):
                if found.day != day:
                    continue
                named = True
                if len(line) < _LONGEST or found.start <= _PREFIX or len(line) - found.start < _PREFIX // 2:
                    return False
    return named


def _first_day(texts: Iterator[str], reach: int, language: str | None) -> date | None:
    seen = 0
    for text in texts:
        line = " ".join(text.split())
        if not line:
            continue
        day = _day_of(line, language)
        if day is not None:
            return day
        seen += len(line)
        if seen > reach:
            return None
    return None


def _day_of(line: str, language: str | None) -> date | None:
    """The first day of a line whose own label, the words between the day before and it, names no other thing."""
    end = 0
    for found in dates.days_in(line[: _REACH if len(line) < _LONGEST else _PREFIX + 40], language):
        label = line[end : found.start]
        end = found.start + 6  # within the date itself
        if found.ambiguous:
            continue
        if found.start <= _DATELINE or (found.start < _REACH and len(line) < _LONGEST and not _OTHER.search(label)):
            return found.day
    return None


def _after(element: HtmlElement) -> Iterator[str]:
    """Texts that follow an element's end in document order."""
    node = element
    while node is not None and node.tag != "body":
        yield from _text(node.tail)
        following = node.getnext()
        if following is None:
            node = node.getparent()
            continue
        node = following
        yield from _within(node)


def _within(element: HtmlElement) -> Iterator[str]:
    """Texts of an element in document order, without its tail; a walk of its own, as pages nest without bound."""
    stack: list[tuple[HtmlElement, bool]] = [(element, True)]
    while stack:
        node, entering = stack.pop()
        if not entering:
            yield from _text(node.tail)
            continue
        if node is not element:
            stack.append((node, False))
        if isinstance(node.tag, str) and node.tag not in _SKIPPED and not _foreign(node):
            yield from _text(node.text)
            stack.extend((child, True) for child in node.iterchildren(reversed=True))


def _foreign(node: HtmlElement) -> bool:
    """Whether an element is the side or foot of the page, or the card of another article."""
    return node.tag in _SIDES or (node.tag in ("li", "tr", "article") and cards.is_card(node)) or named_elsewhere(node)


def _before(element: HtmlElement) -> Iterator[str]:
    """Texts that precede an element, the nearest first, no farther than fifty elements back."""
    node = element
    for _ in range(50):
        previous = node.getprevious()
        if previous is None:
            node = node.getparent()
            if node is None or node.tag == "body":
                return
            yield from _text(node.text)
            continue
        node = previous
        yield from _text(node.tail)
        if len(node) < 50:
            yield from reversed(list(_within(node))[:200])


def _text(text: str | None) -> Iterator[str]:
    if text:
        yield text
