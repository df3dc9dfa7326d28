"""What a text from outside may hold: one function per kind of text, called once, where it enters (pure).

Each takes out what no store, parser, terminal or layout takes, and bounds the length. What is left can be written as
UTF-8 and kept by Postgres, and shows in its own line and place. Each is idempotent.

Directional formatting is taken out, not isolated: embeddings, overrides and isolates of UAX #9 hold up to a partner
that closes them, and titles are cut, compared, sorted and set beside other texts, where the partner is lost. What
writers of Arabic and Hebrew need stays: their letters, whose direction UAX #9 finds by itself, and the marks without
partner (LRM, RLM, ALM).
"""

from __future__ import annotations

import re

import regex

MAX_TITLE = 500
"""Characters of a headline. The longest of 1,473 feed entries and 299 pages has 222; longer is a text in the wrong
element, and is cut."""
MAX_NAME = 200
"""Characters of the name of an outlet, a person or a section. The longest name of a feed in 1,838 has 115, of a site
83, of an author 74, of a section 48."""
MAX_PROSE = 500_000
"""Characters of an article's text. The longest of 300 pages has 49,328; 200,000 are compared as words."""
MAX_NOTE = 4_000
"""Characters of a reviewer's note: two pages."""
MAX_TERM = 64
"""Characters of a word that is counted. The longest of 1.4 million real ones has 34, the longest run of letters and
digits in a feed 76; Postgres cannot index values beyond about 2,700 bytes."""

# Not characters of XML 1.0 (https://www.w3.org/TR/xml/#charsets): among them NUL, which Postgres refuses, and halves of
# a surrogate pair, which JSON can write and UTF-8 cannot.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Controls that a line may break at: VT, FF, the separators of ASCII, NEL, and Unicode's line and paragraph separator.
_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
# The other controls of ASCII (C0) and of ISO 8859 (C1), directional formatting, its deprecated kin, annotations, and
# what is no character.
_UNWANTED = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u206f\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
# Marks stacked on one letter, with the joiners that may stand between them. Marks of any script: at most four in a row
# in Vietnamese written apart, in pointed Hebrew, vocalised Arabic or Vedic, eight on the largest stack of Tibetan. A
# stack of general accents (script "Inherited") never has more than four, and those are what is piled up for mischief.
_MARKS = regex.compile(r"([\p{M}\u200c\u200d]{8})[\p{M}\u200c\u200d]+")
_ACCENTS = regex.compile(
    r"([[\p{Script=Inherited}&&\p{M}]\u200c\u200d]{4})[[\p{Script=Inherited}&&\p{M}]\u200c\u200d]+", regex.VERSION1
)


def storable(text: str) -> str:
    """Markup or a whole file without characters that XML 1.0 forbids, among them all that Postgres and UTF-8 refuse."""
    return _UNSTORABLE.sub("", text)


def title(text: str) -> str:
    """A headline: one line of at most `MAX_TITLE` characters."""
    return _line(text, MAX_TITLE)


def name(text: str) -> str:
    """The name of an outlet, a feed, a person or a section: one line of at most `MAX_NAME` characters."""
    return _line(text, MAX_NAME)


def prose(text: str) -> str:
    """A text of many lines, of at most `MAX_PROSE` characters; tabs and line breaks stay."""
    return _cut(_clean(text[: 2 * MAX_PROSE]), MAX_PROSE).strip()


def note(text: str) -> str:
    """What a person wrote beside a decision: many lines, at most `MAX_NOTE` characters."""
    return _cut(_clean(text[: 2 * MAX_NOTE]), MAX_NOTE).strip()


def line(text: str) -> str:
    """A text of any length as one line: what is shown may come from a row that an earlier version wrote."""
    return " ".join(_clean(text).split())


def term(word: str) -> str:
    """A word as it is counted and indexed: its first `MAX_TERM` characters."""
    return word if len(word) <= MAX_TERM else word[:MAX_TERM]


def _line(text: str, limit: int) -> str:
    # What a page or a feed puts before and after a line of text is white space by the megabyte, but not within it.
    return _cut(" ".join(_clean(text.strip()[: 20 * limit]).split()), limit)


def _clean(text: str) -> str:
    # Nearly every text is printable but for its line breaks, which is told ten times as fast.
    if not text.replace("\n", " ").replace("\t", " ").isprintable():
        text = _UNWANTED.sub("", _BREAKS.sub("\n", text))
    return text if text.isascii() else _ACCENTS.sub(r"\1", _MARKS.sub(r"\1", text))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
