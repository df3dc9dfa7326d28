"""A term of a topic file, and how it is looked for in a text (pure).

A term is words with endings: `*` stands for any letters, and white space for any white space. It begins and ends where
a word does, but for a `*` at its end, and but for the scripts that put no blanks between words.

No text takes more time than its length: where the letters of a word give out, so that a term can't stand, it is not
tried again with other letters for each `*`, nor from a later letter of the word.
"""

from __future__ import annotations

import re
import sys
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
    def is_stretched(self) -> bool:
        """Whether its first word has letters and then a `*`: one that stands in a word stands there from the first."""
        first, star, _ = self.written.split()[0].partition("*")
        return bool(star) and all(map(is_of_a_word, first))

    @cached_property
    def _written(self) -> str:
        """The term as a regular expression."""
        words = r"\s+".join(map(_word, self.written.split()))
        if self.is_spaced:
            words = rf"\b{words}" if self.is_open else rf"\b{words}\b"
        return words

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(self._written, re.IGNORECASE)

    @cached_property
    def _sought(self) -> re.Pattern[str]:
        """The term where it stands first: in each word from the first place where it can begin, and from no other."""
        if self.is_spaced or not self.is_stretched:
            return re.compile(f"(?P<term>{self._written})", re.IGNORECASE)
        first = re.escape(self.written.split()[0].partition("*")[0])
        return re.compile(rf"(?<!\w)(?>\w*?(?={first}))(?P<term>{self._written})", re.IGNORECASE)

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> tuple[int, int] | None:
        """The first place of the term in a part of a text, which begins where no word is cut: its start and end."""
        found = self._sought.search(text, start, end)
        return None if found is None else found.span("term")

    @cached_property
    def _length(self) -> int:
        return len(self.key or "")

    def at(self, text: str, start: int) -> int | None:
        """Where an anchored term ends whose key stands at `start` of a text; None: it does not stand there.

        That a word begins there was looked at where `begins_a_word` says that one must. The ending of a plain term that
        takes any is not counted; `ended` adds it.
        """
        if not self.is_plain:
            found = self._pattern.match(text, start)
            return None if found is None else found.end()
        end = start + self._length
        if not self.is_spaced:
            return end
        begun = self.begins_a_word or _is_border(text, start)
        return end if begun and (self.is_open or _is_border(text, end)) else None

    def tried_to(self, text: str, start: int) -> int:
        """How far into a text a stretched term needs no other try whose key stands at `start`: to the word's end."""
        found = _ENDING.match(text, start)
        assert found is not None  # it matches nothing too
        return found.end()

    def ended(self, text: str, end: int) -> int:
        """Where a term ends with its ending, which `at` found to end at `end`."""
        if not (self.is_open and self.is_plain):
            return end
        found = _ENDING.match(text, end)
        assert found is not None  # it matches nothing too
        return found.end()


def _word(word: str) -> str:
    """A word of a term as a regular expression.

    Between two `*` the first letters that will do are as good as any later ones, so they are not given back.
    """
    first, *parts = re.split(r"\*+", word)
    held = "".join(rf"(?>\w*?{re.escape(part)})" for part in parts[:-1])
    return re.escape(first) + held + (rf"\w*{re.escape(parts[-1])}" if parts else "")


def is_of_a_word(letter: str) -> bool:
    """Whether a character is one of a word, as `\\w` of a regular expression sees it; nothing is not."""
    return letter.isalnum() or letter == "_"


def _is_border(text: str, at: int) -> bool:
    """Whether a word begins or ends before the character `at`, as `\\b` of a regular expression sees it."""
    return is_of_a_word(text[at - 1 : at] if at else "") != is_of_a_word(text[at : at + 1])
