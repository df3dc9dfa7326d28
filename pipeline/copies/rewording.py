"""Whether one text is another that an editor has reworded: words moved within their sentences, facts left (pure).

Rewording breaks the runs of words that copies are found by: of a lightly reworded print a sixth to a third of them is
left, less than two reports of one template share. Neighbouring words and the facts survive it. The note on reworded
copies in docs/notes has the measurements behind the constants.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.copies.wording import Wording
from pipeline.text.words import SHINGLE_WORDS, ShingleSet

PAIRED_SHARE = 0.75
"""Share of a text's own words that must stand beside the same word in the other: unlike texts have up to .73."""
SAME_FACTS = 0.85
"""Share of its names and numbers that must stand in the other: two reports of one template have .6 at most."""
MINIMUM_FACTS = 3
"""Distinct facts below which the share of them says nothing."""
MINIMUM_OWN = 50
"""Own units a text must have: two desks word the first lines of a message alike."""
_PAIR = 2  # words in a row


class Reworded(Protocol):
    """What is asked of a text: its distinct shingles, where each stands first, and its words."""

    @property
    def shingles(self) -> ShingleSet: ...
    @property
    def places(self) -> NDArray[np.uint32]: ...
    @property
    def wording(self) -> Wording: ...


def reworded(a: Reworded, b: Reworded, ignored: ShingleSet | None = None) -> bool:
    """Whether one of two texts says with the other's words what the other says.

    Quotations do not count, so that two reports that quote one statement are not one text. `ignored` are shingles that
    are no news.
    """
    return _stands_in(a, b, ignored) or _stands_in(b, a, ignored)


def _stands_in(text: Reworded, other: Reworded, ignored: ShingleSet | None) -> bool:
    own = ~text.wording.quoted
    news = own if ignored is None or not len(ignored) else own & ~_within(text, ignored)
    # What is no news cannot make a copy, and leaving it out does not either: the share is one of all own words.
    if news.sum() < MINIMUM_OWN or (_paired(text, other) & news).sum() < PAIRED_SHARE * own.sum():
        return False
    facts = np.unique(text.wording.hashes[news & text.wording.facts])
    if len(facts) < MINIMUM_FACTS:
        return False
    return bool(np.isin(facts, other.wording.hashes).mean() >= SAME_FACTS)


def _paired(text: Reworded, other: Reworded) -> NDArray[np.bool_]:
    """Of each unit whether it stands in a pair of neighbours that the other text has too, in whatever order."""
    width = round(_PAIR * text.wording.width / SHINGLE_WORDS)  # three characters of a script without spaces
    found = np.isin(_neighbours(text, width), _neighbours(other, width))
    return _spread(np.flatnonzero(found), width, len(text.wording.hashes))


def _neighbours(text: Reworded, width: int) -> NDArray[np.uint64]:
    """What each `width` units in a row are, without their order: the sum of their hashes."""
    count = max(0, len(text.wording.hashes) - width + 1)
    sums = np.zeros(count, dtype=np.uint64)
    for offset in range(width):
        sums += text.wording.hashes[offset : offset + count]
    return sums


def _within(text: Reworded, ignored: ShingleSet) -> NDArray[np.bool_]:
    starts = text.places[np.isin(text.shingles, ignored)].astype(np.int64)
    return _spread(starts, text.wording.width, len(text.wording.hashes))


def _spread(starts: NDArray[np.int64], width: int, length: int) -> NDArray[np.bool_]:
    """Of each of `length` units whether it stands in a run of `width` that begins at one of `starts`."""
    edges = np.zeros(length + 1, dtype=np.int64)
    np.add.at(edges, starts, 1)
    np.add.at(edges, starts + width, -1)
    spread: NDArray[np.bool_] = np.cumsum(edges[:-1]) > 0
    return spread
