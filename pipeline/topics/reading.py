"""Where the terms of many topics stand in a text, by one pass over it for all of them and all languages (pure).

The pass is an Aho-Corasick automaton over the keys of all terms, in one case and with single blanks. What it finds is
then looked at where it stands: borders of words, endings, further words. A text is read as its paragraphs, of which the
first is its headline; terms of several words may reach over the end of a line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from ahocorasick_rs import AhoCorasick

from pipeline.text.folding import uncased
from pipeline.topics.terms import Term, is_of_a_word

_HALF = re.compile("[\ud800-\udfff]")
_RUN = re.compile(r"\A\s+|\s{2,}")
_PART = 4_000  # characters that keys are looked for in at once; each may be the end of as many keys as there are
_MANY = 4_096  # places of a list's terms from which those are let go that no one asks for
LEAD = 400
"""The part of a text that counts as its lead, characters: about the first two paragraphs of agency copy."""
# Where a term stands: its beginning, its rank among the terms of its list, and its end without an open ending.
Spot = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Sought:
    """A term, and the lists that it stands in with its rank in each: of terms that begin together the first counts."""

    term: Term
    ranks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands in a text, by the numbers of the lists of terms.

    `spots` has the places in the paragraphs joined by line ends, `head` the lists of which a term stands in the
    headline or lead, and `loose` those of which one stands in headline or text that may stand in several ways.
    """

    whole: str
    starts: Sequence[int]
    ends: Sequence[int]
    spots: Mapping[int, list[Spot]]
    head: Collection[int]
    loose: Collection[int]
    ranked: Sequence[Sequence[Term]] = field(repr=False)

    def first(self, number: int) -> str:
        """The term of a list with spots that stands first in the text, as it is written there."""
        return self.written(number, min(self.spots[number]))

    def paragraphs(self, number: int) -> dict[int, Spot]:
        """The paragraphs in which a term of a list with spots stands, and where the first one does in each."""
        found: dict[int, Spot] = {}
        for spot in self.spots[number]:
            paragraph = bisect_right(self.starts, spot[0]) - 1
            if spot[2] <= self.ends[paragraph] and (paragraph not in found or spot < found[paragraph]):
                found[paragraph] = spot
        return found

    def written(self, number: int, spot: Spot) -> str:
        """A term of a list as it is written at a place of the text."""
        start, rank, end = spot
        return self.whole[start : self.ranked[number][rank].ended(self.whole, end)]

    def names(self, number: int) -> bool:
        """Whether a term of a list stands in the headline or in the text, and not only across both."""
        if number in self.loose:
            return True
        title_end = self.ends[0]
        return any(end <= title_end or start > title_end for start, _, end in self.spots.get(number, ()))


class TermIndex:
    """The terms of any number of lists, such as the groups of topics; what `read` finds is told by their numbers."""

    def __init__(self, lists: Iterable[Iterable[str]]) -> None:
        self._ranked = [[Term(term) for term in sorted(terms, key=len, reverse=True)] for terms in lists]
        ranks: dict[str, dict[int, int]] = {}
        for number, terms in enumerate(self._ranked):
            for rank, term in enumerate(terms):
                ranks.setdefault(term.written, {}).setdefault(number, rank)
        by_key: dict[str, list[_Sought]] = {}
        self._always: list[_Sought] = []
        for written, listed in ranks.items():
            term = Term(written)
            sought = _Sought(term, tuple(listed.items()))
            if term.key is None:
                self._always.append(sought)
            else:
                by_key.setdefault(term.key, []).append(sought)
        self._sought = list(by_key.values())
        # Keys that stand at the beginning of a word or not at all: most places of the short ones are within words.
        self._begins = [all(each.term.begins_a_word for each in listed) for listed in self._sought]
        self._automaton = AhoCorasick(list(by_key), store_patterns=False)
        self._longest = max(map(len, by_key), default=1)

    def read(self, title: str, text: str) -> Reading:
        """Where which terms stand in a text under its headline."""
        paragraphs = [title, *(line for line in text.splitlines() if line.strip())]
        lengths = [len(paragraph) for paragraph in paragraphs]
        starts = [0, *accumulate(length + 1 for length in lengths[:-1])]
        ends = [start + length for start, length in zip(starts, lengths, strict=True)]
        whole, head = "\n".join(paragraphs), f"{title}\n{text[:LEAD]}"
        spots, loose = self._spots(whole, starts, ends)
        in_head = spots if head == whole else self._spots(head, (0,), (len(head),))[0]
        alone = {
            number
            for sought in loose
            if sought.term.search(title) or sought.term.search(text)
            for number, _ in sought.ranks
        }
        return Reading(whole, starts, ends, spots, in_head.keys(), alone, self._ranked)

    def _spots(
        self, text: str, starts: Sequence[int], ends: Sequence[int]
    ) -> tuple[Mapping[int, list[Spot]], Collection[_Sought]]:
        """The places of each list's terms, and those terms that were searched for by themselves."""
        places = _Places(starts, ends)
        loose = {each.term.written: each for each in self._always}
        tried: dict[str, int] = {}
        squeezed = _Squeezed(text)
        for key, at in self._keys(squeezed.text):
            start = squeezed.place(at)
            within = start > 0 and is_of_a_word(text[start - 1])
            if within and self._begins[key]:
                continue
            for sought in self._sought[key]:
                term = sought.term
                if not term.is_anchored:
                    loose[term.written] = sought
                    continue
                if within and term.begins_a_word:
                    continue
                if not term.is_plain and term.is_stretched:
                    if start < tried.get(term.written, 0):
                        continue
                    tried[term.written] = term.tried_to(text, start)
                if (ended := term.at(text, start)) is not None:
                    places.add(sought.ranks, start, ended)
        if loose:
            bounds = [(0, len(text)), *zip(starts, ends, strict=True)]
            for sought in loose.values():
                for start, end in _searched(sought.term, text, bounds):
                    places.add(sought.ranks, start, end)
        return places.spots, loose.values()

    def _keys(self, squeezed: str) -> Iterator[tuple[int, int]]:
        """The numbers of the keys in a squeezed text, and where they begin.

        Part by part: in a long run of one letter, each letter is the end of every key that is such a run.
        """
        for first in range(0, len(squeezed), _PART):
            part = squeezed[first : first + _PART + self._longest - 1]
            for key, at, _ in self._automaton.find_matches_as_indexes(part, overlapping=True):
                if at < _PART:
                    yield key, first + at


class _Places:
    """The places of each list's terms in a text of these paragraphs: all of few, and of many those that are asked for.

    Those are the first in each paragraph, and of those that reach over its end the first, and the first below the
    headline.
    """

    def __init__(self, starts: Sequence[int], ends: Sequence[int]) -> None:
        self._starts, self._ends = starts, ends
        self._most: dict[int, int] = {}
        self.spots: dict[int, list[Spot]] = {}

    def add(self, ranks: Iterable[tuple[int, int]], start: int, end: int) -> None:
        """Note a term's place in the lists that it stands in, with its rank in each."""
        for number, rank in ranks:
            spots = self.spots.setdefault(number, [])
            spots.append((start, rank, end))
            if len(spots) >= _MANY and len(spots) >= self._most.get(number, 0):
                spots[:] = self._asked_for(spots)
                self._most[number] = 2 * len(spots) + _MANY

    def _asked_for(self, spots: Iterable[Spot]) -> list[Spot]:
        """Of many places of a list's terms those that can make a difference."""
        found: dict[int, Spot] = {}
        for spot in spots:
            paragraph = bisect_right(self._starts, spot[0]) - 1
            if spot[2] > self._ends[paragraph]:
                paragraph = -1 if paragraph else -2
            if paragraph not in found or spot < found[paragraph]:
                found[paragraph] = spot
        return list(found.values())


def _searched(term: Term, text: str, bounds: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The first place of a term in each part of a text, where it may stand in several ways."""
    return (found for start, end in bounds if (found := term.search(text, start, end)) is not None)


class _Squeezed:
    """A text as keys are looked for in it: one case, one blank between words, and what UTF-8 can write."""

    def __init__(self, text: str) -> None:
        small = uncased(text)
        try:
            small.encode()
        except UnicodeEncodeError:
            small = _HALF.sub(" ", small)  # half of a pair stands in no term of a topic file
        self.text = " ".join(small.split())
        self._from: list[int] = []
        self._left_out = [0]
        if len(self.text) != len(small):
            for run in _RUN.finditer(small):
                self._left_out.append(self._left_out[-1] + len(run[0]) - (run.start() > 0))
                self._from.append(run.end() - self._left_out[-1])

    def place(self, at: int) -> int:
        """Where a letter of it stands in the text."""
        return at + self._left_out[bisect_right(self._from, at)] if self._from else at
