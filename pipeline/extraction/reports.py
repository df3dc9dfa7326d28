"""What a short text reports: the names and numbers in it that are not the outlet's own (pure).

A notice speaks to everybody and at any time, so it names nobody; who writes of logging in, of cookies or of a closed
road names people, places and sums.
"""

from __future__ import annotations

import regex

from pipeline.text.folding import fold
from pipeline.text.tags import primary
from pipeline.text.words import sentences

# A name within a sentence, together with the names that follow it at once, or a number.
_NAME = regex.compile(r"(?<=[\p{L}\p{Nd},;:’'«»“”\"] ?)(?<=[ ’'«“\"])\p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+)*")
_NUMBER = regex.compile(r"(?<![\p{Latin}\p{Nd}.#/-])\p{Nd}+(?:[., ]\p{Nd}{3})*(?:[.,]\p{Nd}+)?(?![\p{Latin}\p{Nd}#/-])")
_NOUNS_TOO = frozenset({"de", "lb"})  # where every noun is written as a name
_LOWER = regex.compile(r"\p{Ll}")
_WORD = regex.compile(r"\p{L}+")


def told(text: str, language: str | None, own: frozenset[str]) -> frozenset[str]:
    """The names and numbers of a text, folded; `own` are the words of the outlet's names, folded too."""
    found: set[str] = set()
    for sentence in sentences(text):
        found.update(_NUMBER.findall(sentence))
        if shows_names(sentence, language):
            names = (fold(name) for name in _NAME.findall(sentence))
            found.update(name for name in names if not own.issuperset(_WORD.findall(name)))
    return frozenset(found)


def shows_names(text: str, language: str | None) -> bool:
    """Whether names differ from other words in what a text is written in."""
    return primary(language) not in _NOUNS_TOO and _LOWER.search(text) is not None
