"""How a text is worded: its units in order, which of them are another's, and which are facts (pure).

Two reports that quote one statement share its words, and two reports made from one template share all words but the
names and numbers. Neither shows in a set of shingles, so each unit carries what is needed to tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import regex
from numpy.typing import NDArray

from pipeline.text.tags import primary
from pipeline.text.words import ShingleSet, hashed, is_word, unit_hashes, units, window

_MAX_CHARACTERS = 200_000  # of one text, as `units` reads it
_QUOTATION = regex.compile(
    r"[“„‟\"”«»「『].*?(?:[”\"“‟„»«」』]|$)"  # one that is not closed goes on to the end of its paragraph
    r"|(?<![\p{L}\p{N}])[‘‚'](?=\p{L}).+?[’'](?!\p{L})"
)
# A capital within a sentence: a name, an office, a weekday.
_NAME = regex.compile(r"(?<=[\p{L}\p{M}\p{N},;]\s)\p{Lu}[\p{L}\p{M}\p{N}'’-]+")
_SENTENCE = regex.compile(r"[.!?…؟۔।॥][\"'”’»)\]]*(?:\s|$)|[。！？]")
_CAPITAL_NOUNS = frozenset({"de", "lb"})  # languages that write every noun with one, so that none tells a name
_COLONS = (":", "：")
_SHORT_WORD = 3  # letters of a word in a title that tells no subject: of, the, says


@dataclass(frozen=True, slots=True, eq=False)
class Wording:
    """A text's units in reading order; of each its hash, whether it is another's word, and whether it is a fact.

    A fact is what differs between two reports of one template: a name within a sentence, or a number; `names` are the
    former alone. `width` is how many units a shingle has.
    """

    hashes: NDArray[np.uint64]
    quoted: NDArray[np.bool_]
    facts: NDArray[np.bool_]
    names: NDArray[np.bool_]
    width: int


def read(text: str, language: str | None = None) -> tuple[list[str], Wording]:
    """The units of a text, as `units` gives them but never across a quotation mark, and how it is worded."""
    sequence: list[str] = []
    quoted: list[bool] = []
    for piece, said in parts(text):
        found = units(piece, language)
        sequence.extend(found)
        quoted.extend([said] * len(found))
    capitals = [] if primary(language) in _CAPITAL_NOUNS else _NAME.findall(text[:_MAX_CHARACTERS])
    names = frozenset(units(" ".join(capitals), language))
    numbers = np.array([unit[:1].isdigit() for unit in sequence], dtype=np.bool_)
    named = np.array([unit in names for unit in sequence], dtype=np.bool_)
    marks = np.array(quoted, dtype=np.bool_), named | numbers, named & ~numbers
    return sequence, Wording(unit_hashes(sequence), *marks, window(sequence))


def parts(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether its words are another's: a quotation, or a line that is no sentence.

    A quotation stands in quotation marks, or in the paragraph after a colon, which introduces a statement or a post
    that many outlets set without marks. A line without a sentence, among others that have one, is a menu or a list of
    headlines.
    """
    lines = [line for line in text[:_MAX_CHARACTERS].splitlines() if line.strip()]
    sentences = [bool(_SENTENCE.search(line)) for line in lines]
    prose = any(sentences)
    announced = False
    for line, sentence in zip(lines, sentences, strict=True):
        announcing = line.rstrip().endswith(_COLONS)
        if announced or (prose and not sentence and not announcing):
            yield line, True
        else:
            yield from _quotations(line)
        announced = announcing and not announced


def _quotations(line: str) -> Iterator[tuple[str, bool]]:
    end = 0
    for match in _QUOTATION.finditer(line):
        yield line[end : match.start()], False
        yield match.group(), True
        end = match.end()
    yield line[end:], False


def subject(title: list[str]) -> ShingleSet:
    """The words of a title that can tell what it is about, as hashes: what is longer than three letters, or a number.

    `title` is its units. Scripts without blanks, and Korean, give none: their units are no words.
    """
    return hashed(u for u in title if is_word(u) and (len(u) > _SHORT_WORD or u[:1].isdigit()))


def telling(wording: Wording) -> NDArray[np.bool_]:
    """Of each shingle of a text whether it is the text's own wording: neither a quotation nor a string of names."""
    return ~(
        _every(wording.quoted, wording.width, wording.width) | _every(wording.facts, wording.width, _names(wording))
    )


def _names(wording: Wording) -> int:
    return max(1, wording.width - 1)  # four words of five


def _every(marks: NDArray[np.bool_], width: int, at_least: int) -> NDArray[np.bool_]:
    """Of each run of `width` units whether `at_least` are marked."""
    if len(marks) < width:
        return np.empty(0, dtype=np.bool_)
    sums = np.concatenate([[0], np.cumsum(marks)])
    enough: NDArray[np.bool_] = (sums[width:] - sums[:-width]) >= at_least
    return enough
