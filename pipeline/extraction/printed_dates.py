"""The date printed beside a page's headline: what readers take for the day of publication.

Where the markup says nothing certain, this line does (docs/extraction.md). Dates elsewhere belong to other articles, to
comments, to pictures or to the events told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Literal

from lxml.html import HtmlElement

from pipeline.extraction import cards, lines
from pipeline.extraction.date_labels import of_a_change as is_of_change
from pipeline.extraction.date_labels import of_another_thing, within_a_sentence
from pipeline.extraction.facts import headline, named_elsewhere, of_a_change, of_a_picture, of_another_type
from pipeline.text import dates
from pipeline.text.folding import spelling

# Characters of visible text below the headline in which its date stands: a lead and a picture's caption. On the
# tuning half such a date is right on 217 of 230 pages within 600, on 10 of 14 beyond.
_AFTER = 600
_BEFORE = 150  # the same above it
_LONGEST = 100  # characters of a line that is a date with a byline, not prose
_DATELINE = 3  # characters before a date that opens a paragraph of any length: "29.11.2022 - Mehrfach ..."
_PREFIX = 60  # characters before the date in its line: weekday, "Veröffentlicht am", a name
_REACH = 90  # the same where other dates stand before it: "Received: 3 March 2022. Published: 2 January 2023"
_LABEL = 40  # characters of a line that is the label of the next one: "Last updated"
_SIDES = frozenset({"aside", "footer", "nav"})
_SKIPPED = frozenset({"script", "style", "noscript", "template", "svg", "select", "option", "button"})
_CLOCK = re.compile(
    r"(?<![a-z])(?:clock|today|now|(?:current|today)s?[-_]?(?:date|time|day)|(?:date|time)[-_]?now)(?![a-z])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Text:
    """A piece of text and where it stands: in an element, or behind it."""

    text: str
    element: HtmlElement
    tail: bool = False


def beside_headline(tree: HtmlElement, title: str, language: str | None = None) -> date | None:
    """The first day in a short line below the headline, else above it; None where there is none.

    `title` says which heading is the headline, `language` (BCP 47) is the page's. A day whose order is open
    (03/04/2024), a line that speaks of a change or a deadline, a sentence and a picture's caption do not count.
    """
    heading = headline(tree, title)
    if heading is None:
        return None
    below = _first_day(_after(heading), _AFTER, language)
    return below or _first_day(_before(heading), _BEFORE, language)


_THREE_DIGITS = re.compile(r"\d\D*\d\D*\d")  # of a day and a year of two


Said = Literal["apart", "changed", "listed", "told"]
_BY_WORTH: tuple[Said, ...] = ("changed", "listed", "told")


def said_of(day: date, tree: HtmlElement, language: str | None = None) -> Said | None:
    """What a page names a day as, at best: a day that stands apart, that of a change, of another article in a list, or
    one that sentences tell of.

    None where it does not name the day. A day stands apart in a short line, or at either end of a paragraph (a
    dateline, a signature).
    """
    best: Said | None = None
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in _SKIPPED:
            continue
        for piece in (_Text(element.text or "", element), _Text(element.tail or "", element, True)):
            if not _THREE_DIGITS.search(piece.text):
                continue
            line = " ".join(piece.text.split())
            for found in dates.days_in(line, language):
                if found.day != day:
                    continue
                said = _said(found, line, 0, piece)
                apart = len(line) < _LONGEST or found.start <= _PREFIX or len(line) - found.start < _PREFIX // 2
                if said == "apart" and not apart:
                    said = "told"
                if said == "apart" and cards.dated_row(element if not piece.tail else element.getparent()) is not None:
                    said = "listed"
                if said == "apart" and any(
                    of_a_change(node) for node in (element, *islice(element.iterancestors(), 2))
                ):
                    said = "changed"
                if said == "apart":
                    return said
                best = next(each for each in _BY_WORTH if each in (said, best))
    return best


def _first_day(texts: Iterator[_Text], reach: int, language: str | None) -> date | None:
    seen = 0
    previous = ""
    for piece in texts:
        line = " ".join(piece.text.split())
        if not line:
            continue
        day = _day_of(line, piece, previous, language)
        if day is not None:
            return day
        seen += len(line)
        if seen > reach:
            return None
        previous = line
    return None


def _day_of(line: str, piece: _Text, previous: str, language: str | None) -> date | None:
    """The first day of a line whose own label, the words between the day before and it, names no other thing."""
    end = 0
    for found in dates.days_in(line[: _REACH if len(line) < _LONGEST else _PREFIX + 40], language):
        start, end = end, found.end
        if found.ambiguous:
            continue
        if found.start > _DATELINE and not (found.start < _REACH and len(line) < _LONGEST):
            continue
        label = previous if start == 0 and len(previous) < _LABEL and not any(map(str.isdigit, previous)) else ""
        if _said(found, line, start, piece, label) == "apart":
            holder = piece.element.getparent() if piece.tail else piece.element
            return None if cards.dated_row(holder) is not None else found.day
    return None


def _said(found: dates.DayInText, line: str, start: int, piece: _Text, label: str = "") -> Said:
    """What a line names a day as.

    Its label are the words of the line from `start`, which is the end of the day before it, and those before the line.
    """
    before, after = lines.around(piece.element, tail=piece.tail)
    own = _cut(line, start, found.start)
    above = "" if start else before[-_LABEL:] or label
    if of_another_thing(own) or of_another_thing(above):
        return "changed" if is_of_change(f"{above} {own}") else "told"
    alone = found.start == 0 and found.end >= len(line)
    if alone and not piece.tail and piece.element.tag in ("a", "span", "time", "small", "label"):
        return "apart"  # a part of a line of data, which is no sentence
    rest = f"{_cut(line, found.end)} {after}"
    if within_a_sentence(f"{before} {_cut(line, 0, found.start)}", rest):
        return "changed" if is_of_change(rest[:_LABEL]) else "told"
    return "apart"


def _cut(line: str, start: int, end: int | None = None) -> str:
    """A part of a line, counted in the line as `spelling` makes it, where "ß" is two letters."""
    folded = spelling(line)
    if len(folded) == len(line):
        return line[start:end]
    places = [len(spelling(line[:n])) for n in range(len(line) + 1)]
    first = next(n for n, place in enumerate(places) if place >= start)
    last = None if end is None else next(n for n, place in enumerate(places) if place >= end)
    return line[first:last]


def _after(element: HtmlElement) -> Iterator[_Text]:
    """Texts that follow an element's end in document order."""
    node = element
    while node is not None and node.tag != "body":
        yield _Text(node.tail or "", node, True)
        following = node.getnext()
        if following is None:
            node = node.getparent()
            continue
        node = following
        yield from _within(node)


def _within(element: HtmlElement) -> Iterator[_Text]:
    """Texts of an element in document order, without its tail; a walk of its own, as pages nest without bound."""
    stack: list[tuple[HtmlElement, bool]] = [(element, True)]
    while stack:
        node, entering = stack.pop()
        if not entering:
            yield _Text(node.tail or "", node, True)
            continue
        if node is not element:
            stack.append((node, False))
        if isinstance(node.tag, str) and node.tag not in _SKIPPED and not _foreign(node):
            yield _Text(_own_text(node), node)
            stack.extend((child, True) for child in node.iterchildren(reversed=True))


def _own_text(node: HtmlElement) -> str:
    """An element's text; of a time element that has no whole day in it (19 June, two hours ago) its mark."""
    text = node.text or ""
    if node.tag == "time" and node.get("datetime") and next(dates.days_in(text), None) is None:
        return str(node.get("datetime"))
    return text


def _foreign(node: HtmlElement) -> bool:
    """Whether an element is the side or foot of the page, its clock, a picture, a time of change, or another's card."""
    return (
        node.tag in _SIDES
        or (node.tag in ("li", "tr", "article") and cards.is_card(node))
        or named_elsewhere(node)
        or of_a_picture(node)
        or of_a_change(node)
        or of_another_type(node)
        or is_clock(node)
    )


def is_clock(node: HtmlElement) -> bool:
    """Whether an element is named as one that shows the day of the visit, and holds no headline."""
    named = f"{node.get('class', '')} {node.get('id', '')}"
    return _CLOCK.search(named) is not None and next(node.iter("h1"), None) is None


def _before(element: HtmlElement) -> Iterator[_Text]:
    """Texts that precede an element, the nearest first, no farther than fifty elements back."""
    node = element
    for _ in range(50):
        previous = node.getprevious()
        if previous is None:
            node = node.getparent()
            if node is None or node.tag == "body":
                return
            yield _Text(node.text or "", node)
            continue
        node = previous
        yield _Text(node.tail or "", node, True)
        if len(node) < 50:
            yield from reversed(list(_within(node))[:200])
