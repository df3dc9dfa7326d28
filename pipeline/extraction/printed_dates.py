"""The date printed beside a page's headline: what readers take for the day of publication.

Where the markup says nothing certain, this line does (docs/extraction.md). Dates elsewhere belong to other articles, to
comments or to the events told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from lxml.html import HtmlElement

from pipeline.extraction.facts import headline

# Characters of visible text below the headline in which its date stands: a lead and a picture's caption. On the
# tuning half such a date is right on 217 of 230 pages within 600, on 10 of 14 beyond.
_AFTER = 600
_BEFORE = 150  # the same above it
_LONGEST = 100  # characters of a line that is a date with a byline, not prose
_DATELINE = 3  # characters before a date that opens a paragraph of any length: "29.11.2022 - Mehrfach ..."
_PREFIX = 60  # characters before the date in its line: weekday, "Veröffentlicht am", a name
_SKIPPED = frozenset({"script", "style", "noscript", "template", "svg", "select", "option", "button"})

# The first letters that tell the months apart in English, German, French, Spanish, Italian, Portuguese and Russian.
_STARTS = (
    "jan jän ene gen янв",
    "feb fev fév фев",
    "mar mär mrz mae мар",
    "apr avr abr апр",
    "may mai mag мая май",
    "jun juin giu июн",
    "jul juil lug июл",
    "aug aou aoû ago авг",
    "sep set сен",
    "oct okt ott out окт",
    "nov ноя",
    "dec dez déc dic дек",
)
_MONTHS = {start: number for number, starts in enumerate(_STARTS, 1) for start in starts.split()}
_WORD = r"[^\W\d_]{3,10}"
_DAY = re.compile(
    r"(?<![\d.])(?P<y1>(?:19|20)\d\d)(?:[-./]\s?(?P<m1>\d\d?)[-./]\s?(?P<d1>\d\d?)(?!\d)"
    r"|\s?[年년]\s?(?P<m2>\d\d?)\s?[月월]\s?(?P<d2>\d\d?)\s?[日일])"
    r"|(?<![\d.])(?P<d3>\d\d?)\s?(?P<s3>\.\s?|/|-)(?P<m3>\d\d?)\s?(?:\.\s?|/|-)"
    r"(?P<y3>(?:19|20)\d\d|\d\d(?=[\s,|)]|$))(?!\d)"
    rf"|(?<![\d.])(?P<d4>\d\d?)(?:st|nd|rd|th|er|\.|º)?\s?(?:de\s)?(?P<w4>{_WORD})\.?,?\s?(?:de\s)?(?P<y4>(?:19|20)\d\d)(?!\d)"
    rf"|\b(?P<w5>{_WORD})\.?\s(?P<d5>\d\d?)(?:st|nd|rd|th)?,?\s(?P<y5>(?:19|20)\d\d)(?!\d)"
)
# Lines whose date is not that of the publication: changes, deadlines, events.
_OTHER = re.compile(
    r"updated?|modified|edited|corrected|deadline|aktualisiert|geändert|änderung|überarbeitet|korrigiert"
    r"|mis[e]?\s+à\s+jour|modifié|actualizad|modificad|aggiornat|atualizad|aktualizacja|обновлен|изменен|更新|수정"
    r"|gültig|valid|termin|findet|anmeldeschluss|bewerbungsschluss|copyright|©",
    re.IGNORECASE,
)


def beside_headline(tree: HtmlElement, title: str) -> date | None:
    """The first day in a short line below the headline, else above it; None where there is none.

    `title` says which heading is the headline. A day whose order is open (03/04/2024) and a line that speaks of a
    change or a deadline do not count.
    """
    heading = headline(tree, title)
    if heading is None:
        return None
    below = _first_day(_after(heading), _AFTER)
    return below or _first_day(_before(heading), _BEFORE)


def days(line: str) -> Iterator[tuple[date, int]]:
    """The days written in a line, in order, each with the place where it begins."""
    for match in _DAY.finditer(line):
        found = _day(match)
        if found is not None:
            yield found, match.start()


def _day(match: re.Match[str]) -> date | None:
    group = match.groupdict()
    try:
        if group["y1"]:
            return date(int(group["y1"]), int(group["m1"] or group["m2"]), int(group["d1"] or group["d2"]))
        if group["y3"]:
            return _numeric(int(group["y3"]), int(group["m3"]), int(group["d3"]), group["s3"].strip() == ".")
        year, word, day = (group["y4"], group["w4"], group["d4"]) if group["y4"] else (
            group["y5"], group["w5"], group["d5"])  # fmt: skip
        month = next((_MONTHS[word[:n].casefold()] for n in (4, 3) if word[:n].casefold() in _MONTHS), None)
        return date(int(year), month, int(day)) if month else None
    except ValueError:
        return None


def _numeric(year: int, month: int, day: int, dotted: bool) -> date | None:
    year += 2000 if year < 100 else 0
    if not dotted and month <= 12 and day <= 12 and month != day:
        return None
    return date(year, day, month) if month > 12 and not dotted else date(year, month, day)


def _first_day(texts: Iterator[str], reach: int) -> date | None:
    seen = 0
    for text in texts:
        line = " ".join(text.split())
        if not line:
            continue
        for day, place in days(line[: _PREFIX + 40]):
            if place <= _DATELINE or (place < _PREFIX and len(line) < _LONGEST and not _OTHER.search(line)):
                return day
        seen += len(line)
        if seen > reach:
            return None
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
        if isinstance(node.tag, str) and node.tag not in _SKIPPED:
            yield from _text(node.text)
            stack.extend((child, True) for child in node.iterchildren(reversed=True))


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
