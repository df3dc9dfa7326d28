"""A term of a topic file, and how it is looked for in a text (pure).

A term is words with endings: `*` stands for any letters, and white space for any white space. It begins and ends where
a word does, but for a `*` at its end, and but for the scripts that put no blanks between words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from pipeline.text.folding import uncased

# Letters of scripts written without spaces between words: a term of these is looked for as a substring.
_UNSPACED = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7af]")
_PLAIN = re.compile(r"[^*\s]+\**")
_RARE = 3
"""Letters from which the beginning of a term is looked for, and not the most of it: two stand in too many words."""
_ENDING = re.compile(r"\w*")


@dataclass(frozen=True)
class Term:
    """One term as it stands in a topic file."""

    written: str

    @cached_property
    def key(self) -> str | None:
        """What every text that holds it must hold, in one case and with one blank between words; None: it has nothing.

        All up to its first `*` where that is enough to be rare, else the most that stands between two.
        """
        parts = [part.strip() for part in " ".join(self.written.split()).split("*")]
        longest = max(parts, key=len)
        return uncased(parts[0] if len(parts[0]) >= _RARE else longest) or None

    @cached_property
    def is_spaced(self) -> bool:
        """Whether it is of a script that puts blanks between words."""
        return not _UNSPACED.search(self.written)

    @cached_property
    def is_open(self) -> bool:
        """Whether it ends in a `*`, which takes any ending."""
        return self.written.endswith("*")

    @cached_property
    def is_plain(self) -> bool:
        """Whether it is one word without a `*` within: where its key stands, only the borders are left to look at."""
        return _PLAIN.fullmatch(self.written) is not None

    @cached_property
    def is_anchored(self) -> bool:
        """Whether it begins with its key and each of its words has letters, so that it can only stand in one way."""
        words = self.written.split()
        begun = self.key is not None and uncased(" ".join(words)).startswith(self.key)
        return begun and all(word.strip("*") for word in words)

    @cached_property
    def begins_a_word(self) -> bool:
        """Whether it can stand only where a word begins."""
        return self.is_anchored and self.is_spaced and is_of_a_word(self.written.lstrip()[0])

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The term as a regular expression."""
        words = r"\s+".join(re.escape(word).replace(r"\*", r"\w*") for word in self.written.split())
        if self.is_spaced:
            words = rf"\b{words}" if self.is_open else rf"\b{words}\b"
        return re.compile(words, re.IGNORECASE)

    @cached_property
    def _length(self) -> int:
        return len(self.key or "")

    def at(self, text: str, start: int) -> int | None:
        """Where an anchored term ends whose key stands at `start` of a text; None: it does not stand there.

        That a word begins there was looked at where `begins_a_word` says that one must. The ending of a plain term that
        takes any is not counted; `ended` adds it.
        """
        if not self.is_plain:
            found = self.pattern.match(text, start)
            return None if found is None else found.end()
        end = start + self._length
        if not self.is_spaced:
            return end
        begun = self.begins_a_word or _is_border(text, start)
        return end if begun and (self.is_open or _is_border(text, end)) else None

    def ended(self, text: str, end: int) -> int:
        """Where a term ends with its ending, which `at` found to end at `end`."""
        if not (self.is_open and self.is_plain):
            return end
        found = _ENDING.match(text, end)
        assert found is not None  # it matches nothing too
        return found.end()


def is_of_a_word(letter: str) -> bool:
    """Whether a character is one of a word, as `\\w` of a regular expression sees it; nothing is not."""
    return letter.isalnum() or letter == "_"


def _is_border(text: str, at: int) -> bool:
    """Whether a word begins or ends before the character `at`, as `\\b` of a regular expression sees it."""
    return is_of_a_word(text[at - 1 : at] if at else "") != is_of_a_word(text[at : at + 1])
