"""Whether two pages that name one address are one article: by their texts where both are known, else by their titles.

Editions for telephones and corrected addresses carry the same text, and pages whose template names one address for
all carry different ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.text.folding import fold, letters

_LINE = 40  # letters from which a line is prose that two articles do not share by chance
_LINES = 3  # such lines from which a text decides by itself
_SHARED_LINES = 0.3  # of the shorter text's lines; an article's two editions share nearly all, two articles a notice
_SHARED_WORDS = 0.5  # of the shorter title's words, as between a page's titles (`pipeline/extraction/titles.py`)
_MAX_TEXT = 200_000  # characters of a text that are compared


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a page: the titles that page and feeds give it, and its text, empty where it is not known."""

    titles: Sequence[str]
    text: str = ""


def one_article(one: Told, other: Told) -> bool:
    """Whether two pages tell one article. Where nothing is known of one of them, nothing speaks against it."""
    ours, theirs = _lines(one.text), _lines(other.text)
    if len(ours) >= _LINES and len(theirs) >= _LINES:
        return _overlap(ours, theirs) >= _SHARED_LINES
    pairs = [(a, b) for a in one.titles for b in other.titles if letters(a) and letters(b)]
    return not pairs or any(_same_title(a, b) for a, b in pairs)


def _lines(text: str) -> frozenset[str]:
    squeezed = (letters(line) for line in text[:_MAX_TEXT].splitlines())
    return frozenset(line for line in squeezed if len(line) >= _LINE)


def _overlap(ours: frozenset[str], theirs: frozenset[str]) -> float:
    fewer, more = sorted((ours, theirs), key=len)
    whole = "\n".join(more)
    return sum(line in whole for line in fewer) / len(fewer)


def _same_title(one: str, other: str) -> bool:
    """Whether two titles agree: one holds the other, or half of its words; their numbers do not differ."""
    numbers = [set(re.findall(r"\d+", title)) for title in (one, other)]
    if numbers[0] and numbers[1] and not numbers[0] & numbers[1]:
        return False
    a, b = letters(one), letters(other)
    if a in b or b in a:
        return True
    ours, theirs = (set(re.findall(r"\w+", fold(title))) for title in (one, other))
    return len(ours & theirs) >= _SHARED_WORDS * min(len(ours), len(theirs))
