"""What two texts share, passage by passage: what their facts say of it, and whether it is about their headlines (pure).

Overlap alone cannot tell a copy from two reports of one template, nor from two pages with one notice. Here the texts
are laid side by side: where their common passages break off and go on, a copy has the same names and numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.copies.wording import Wording
from pipeline.text.words import ShingleSet

_GAP = 25
"""Units between two common passages up to which what stands there in one text stands for what is there in the other."""

_PHRASE = 10
"""Units of a common passage that two reports have by chance: an office and a name, a form of words."""


class Worded(Protocol):
    """What is asked of a text: its distinct shingles, where each stands first, whether it is telling, and its words."""

    @property
    def shingles(self) -> ShingleSet: ...
    @property
    def places(self) -> NDArray[np.uint32]: ...
    @property
    def telling(self) -> NDArray[np.bool_]: ...
    @property
    def wording(self) -> Wording: ...
    @property
    def subject(self) -> ShingleSet: ...


@dataclass(frozen=True, slots=True)
class Passages:
    """What the common passages of two texts hold.

    `agreeing` counts the distinct facts in them, strings of names and quotations left out; `differing` those that stand
    against others in the gaps between them; `apart` the facts that each text has outside of them. `support` is the
    larger share (0..1) of a title's subject that they hold; None where the titles have a word in common, or hold too
    little to tell. `start` is how far into the texts (0..1) they begin, by the text in which that is earlier.
    """

    agreeing: int
    differing: int
    apart: tuple[int, int]
    support: float | None
    start: float

    @property
    def disagreement(self) -> float:
        """Of the facts at corresponding places, the share that differs."""
        return self.differing / max(1, self.differing + self.agreeing)


def compare(a: Worded, b: Worded) -> Passages:
    """Lay two texts side by side."""
    _, in_a, in_b = np.intersect1d(a.shingles, b.shingles, assume_unique=True, return_indices=True)
    first, second = _covered(a, in_a), _covered(b, in_b)
    agreeing = np.unique(a.wording.hashes[_covered(a, in_a[a.telling[in_a]]) & a.wording.facts])
    apart = _apart(a.wording, first), _apart(b.wording, second)
    runs = list(_runs(a, b, in_a, in_b))
    support = _support(a, b, np.unique(a.wording.hashes[first]))
    return Passages(len(agreeing), _differing(a, b, runs), apart, support, _start(a, b, runs))


def _start(a: Worded, b: Worded, runs: list[tuple[int, int, int]]) -> float:
    """Where the common passages begin, single phrases left out where there is more."""
    longer = [run for run in runs if run[2] >= _PHRASE] or runs
    starts = (min((run[n] for run in longer), default=0) / max(1, len(t.wording.hashes)) for n, t in enumerate((a, b)))
    return min(starts)


def _apart(wording: Wording, covered: NDArray[np.bool_]) -> int:
    within = wording.hashes[covered & wording.facts]
    return len(np.setdiff1d(wording.hashes[~covered & wording.facts], within))


def _covered(text: Worded, shingles: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Of each unit of a text whether it stands in one of the shingles, given by their place among the distinct ones."""
    edges = np.zeros(len(text.wording.hashes) + 1, dtype=np.int64)
    starts = text.places[shingles].astype(np.int64)
    edges[starts] += 1
    edges[starts + text.wording.width] -= 1
    covered: NDArray[np.bool_] = np.cumsum(edges[:-1]) > 0
    return covered


def _runs(a: Worded, b: Worded, in_a: NDArray[np.intp], in_b: NDArray[np.intp]) -> Iterator[tuple[int, int, int]]:
    """The common passages in the order of `a`: where each begins in `a` and in `b`, and its length in units."""
    if not len(in_a):
        return
    order = np.argsort(a.places[in_a])
    x, y = a.places[in_a][order].astype(np.int64), b.places[in_b][order].astype(np.int64)
    breaks = np.flatnonzero((np.diff(x) != 1) | (np.diff(y) != 1)) + 1
    for start, end in zip([0, *breaks.tolist()], [*breaks.tolist(), len(x)], strict=True):
        yield int(x[start]), int(y[start]), end - start + a.wording.width - 1


def _differing(a: Worded, b: Worded, runs: list[tuple[int, int, int]]) -> int:
    """Facts of the gaps that the other text has nowhere, where the gap of the other has such facts too."""
    only_a = a.wording.facts & ~np.isin(a.wording.hashes, b.wording.hashes)
    only_b = b.wording.facts & ~np.isin(b.wording.hashes, a.wording.hashes)
    ends = (len(a.wording.hashes), len(b.wording.hashes), 0)
    count = 0
    for (x, y, length), (next_x, next_y, _) in zip([(0, 0, 0), *runs], [*runs, ends], strict=True):
        gap_a, gap_b = slice(x + length, next_x), slice(y + length, next_y)
        if 0 < next_x - x - length <= _GAP and 0 < next_y - y - length <= _GAP:
            count += min(
                len(set(a.wording.hashes[gap_a][only_a[gap_a]].tolist())),
                len(set(b.wording.hashes[gap_b][only_b[gap_b]].tolist())),
            )
    return count


def _support(a: Worded, b: Worded, shared: NDArray[np.uint64]) -> float | None:
    if min(len(a.subject), len(b.subject)) < 2 or len(np.intersect1d(a.subject, b.subject, assume_unique=True)):
        return None
    return max(len(np.intersect1d(one.subject, shared, assume_unique=True)) / len(one.subject) for one in (a, b))
