"""Syndicated copies: which texts are copies of one wire text, and whose text it was (pure).

Candidates are texts that share a fingerprint (`prepare(...).keys`, to be stored and looked up by equality); a pair is
a copy only by the measured overlap of its texts (`is_copy`); `families.resolve` then names the origin. The notes on
copies in docs/notes have the measurements behind the constants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from pipeline.copies.passages import Passages, compare
from pipeline.copies.rewording import reworded
from pipeline.copies.wording import Wording, read, subject, telling
from pipeline.models import Document
from pipeline.text.agencies import AGENCIES, credits_of
from pipeline.text.words import ShingleSet, hashed, roll, terms_of, units

COPY_SHARE = 0.47
"""Share of the shorter text's shingles that must stand in the other for a copy: half, less unknown boilerplate."""
REWORDED_SHARE = 0.1
"""The share from which on a text may be a reworded copy; below it a pair is not looked at any closer."""
MINIMUM_SHARED = 8
"""Shingles two texts must share at least (12 words): less is a quotation, a title of office or a teaser's formula."""
MINIMUM_IDENTICAL = 6
"""Shingles an equal text must have (10 words). Equal headlines without a text are no copies."""
TITLE_SHARE = 0.25
"""Share of a title's words in the other text, asked of two texts of one outlet, which share boilerplate."""
WINDOW = 16
"""Shingles to a fingerprint: any 20 words in a row that two texts share give them a common key."""
OWN_SHARE = 0.25
"""The share of the shorter text that counts once quotations and strings of names are left out."""
WHOLE_SHARE = 0.95
"""The share from which on a text stands whole in the other, and has no words of its own beside what it quotes."""
DISAGREEMENT = 0.4
"""Share of the facts at corresponding places that differ from which on two texts are two reports of one template."""
MINIMUM_FACTS = 2
"""Facts that shared text must hold where both texts have some outside of it: less is a form, or a notice."""
TEMPLATE_SHARE = 0.3
"""The share of the shorter text from which on two texts may be two reports in one form of words."""
TEMPLATE_FACTS = 3
"""Facts at corresponding places that must differ in such reports: less is an update, or a slip."""
TEMPLATE_DISAGREEMENT = 0.6
"""Share of the facts at corresponding places that must differ: two tellings of one event have most in common."""
LATEST_START = 0.4
"""Part of both texts after which what they share is their background: a copy has the beginning of one at least."""
TELLING_FACTS = 3
"""Facts from which on shared text may be about neither headline: outlets write their own headlines."""
COMMON_DAYS = 5
"""Days on which other texts held a run of words, from which on it is no news: a notice, a conflict's background."""
COMMON_SPAN = timedelta(days=14)
"""How far from a text's publication those days may be."""
_SHORT = 160  # shingles below which a text is fingerprinted at a window of 4, whose keys include those of 16


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the feed or page says of where a text comes from: RSS `<source>`, Atom source, rel=canonical."""

    source_name: str | None = None
    source_url: str | None = None
    canonical_url: str | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """What a copy is found by: `keys` are signed 64-bit fingerprints, `shingles` counts the text's distinct shingles.

    `keys` is empty where a text is too short to be called a copy of anything.
    """

    keys: tuple[int, ...]
    shingles: int


@dataclass(frozen=True, slots=True, eq=False)
class PreparedText:
    """A document made ready for comparison; `prepare` makes it, and nothing of it depends on other documents."""

    id: str
    source: str | None
    url: str | None
    published: datetime | None
    signature: Signature
    shingles: ShingleSet
    places: NDArray[np.uint32]
    telling: NDArray[np.bool_]
    wording: Wording
    title: ShingleSet
    subject: ShingleSet
    vocabulary: ShingleSet
    credits: tuple[str, ...]
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Overlap:
    """Shingles two texts share: how many, their share of each text (0..1), and the Jaccard similarity."""

    shared: int
    first: float
    second: float
    resemblance: float

    @property
    def share(self) -> float:
        """The share of the shorter text, which is the containment that decides."""
        return max(self.first, self.second)


def winnow(sequence: NDArray[np.uint64], window: int = WINDOW) -> ShingleSet:
    """Fingerprints of a text: the least shingle hash of every `window` in a row, sorted and distinct.

    Any run of `window` shared shingles gives two texts a common key, wherever it stands in them (Schleimer,
    Wilkerson and Aiken, "Winnowing", SIGMOD 2003), so a cut or padded text is found at a ninth of its shingles.
    """
    if len(sequence) == 0:
        return np.empty(0, dtype=np.uint64)
    window = min(window if len(sequence) >= _SHORT else 4, len(sequence))
    return np.unique(np.lib.stride_tricks.sliding_window_view(sequence, window).min(axis=1))


def signature(text: str, language: str | None = None) -> Signature:
    """Fingerprints of a text for an index; equal on every machine and Python version."""
    _, wording = read(text, language)
    return _signature(roll(wording.hashes, wording.width))


def _signature(sequence: NDArray[np.uint64]) -> Signature:
    count = len(np.unique(sequence))
    keys = winnow(sequence) if count >= MINIMUM_IDENTICAL else np.empty(0, dtype=np.uint64)
    return Signature(tuple(keys.view(np.int64).tolist()), count)


def around(text: PreparedText, keys: Iterable[int]) -> ShingleSet:
    """The shingles of a text that stand beside one of its fingerprints `keys`, within the window that gave it."""
    wanted = np.fromiter(keys, dtype=np.int64).view(np.uint64)
    if not len(wanted):
        return np.empty(0, dtype=np.uint64)
    half = (WINDOW if len(text.shingles) >= _SHORT else 4) // 2
    centres = text.places[np.isin(text.shingles, wanted)].astype(np.int64)
    near = np.abs(text.places[:, None].astype(np.int64) - centres[None, :]).min(
        axis=1, initial=len(text.wording.hashes)
    )
    beside: ShingleSet = text.shingles[near <= half]
    return beside


def prepare(
    document: Document,
    provenance: Provenance | None = None,
    agencies: Mapping[str, tuple[str, ...]] = AGENCIES,
) -> PreparedText:
    """Everything about one document that comparison needs. A text that only repeats its title counts as no text."""
    body, wording = read(document.text, document.language)
    title = units(document.title, document.language)
    if body == title:
        body, wording = read("")
    sequence = roll(wording.hashes, wording.width)
    distinct, places = np.unique(sequence, return_index=True)
    return PreparedText(
        id=document.id,
        source=document.source,
        url=document.url,
        published=document.published,
        signature=_signature(sequence),
        shingles=distinct,
        places=places.astype(np.uint32),
        telling=telling(wording)[places],
        wording=wording,
        title=hashed(terms_of(title)),
        subject=subject(title),
        vocabulary=hashed(terms_of(body)),
        credits=credits_of(document.text, agencies),
        provenance=provenance or Provenance(),
    )


def overlap(a: PreparedText, b: PreparedText, ignored: ShingleSet | None = None) -> Overlap:
    """What two texts share, leaving out what is not news (boilerplate, what stands in the papers day after day)."""
    return _overlap(_without(a.shingles, ignored), _without(b.shingles, ignored))


def _without(shingles: ShingleSet, ignored: ShingleSet | None) -> ShingleSet:
    return shingles if ignored is None or not len(ignored) else np.setdiff1d(shingles, ignored, assume_unique=True)


def _overlap(first: ShingleSet, second: ShingleSet) -> Overlap:
    shared = len(np.intersect1d(first, second, assume_unique=True))
    if not shared:
        return Overlap(0, 0.0, 0.0, 0.0)
    return Overlap(shared, shared / len(first), shared / len(second), shared / (len(first) + len(second) - shared))


def is_copy(
    a: PreparedText,
    b: PreparedText,
    found: Overlap,
    threshold: float = COPY_SHARE,
    ignored: ShingleSet | None = None,
) -> bool:
    """Whether the overlap makes one text a copy of the other. One URL is one article, never a copy of itself.

    `found` is their `overlap`, without what is `ignored`. What they share must be worded by the texts themselves, hold
    facts that agree, and be about what one of the headlines says. Less than `threshold` is asked of a `reworded` text.
    """
    if a.id == b.id or (a.url is not None and a.url == b.url):
        return False
    if not enough(found):
        return False
    if a.source is not None and a.source == b.source and not _same_subject(a, b):
        return False
    whole = _equal(found) or (found.share >= WHOLE_SHARE and found.shared >= 2 * MINIMUM_SHARED)
    printed = found.share >= threshold or whole
    if printed and (whole or _worded_alike(a, b, ignored)) and _tells_the_same(compare(a, b)):
        return True
    return reworded(a, b, ignored) and _facts_agree(compare(a, b))


def from_one_template(a: PreparedText, b: PreparedText, found: Overlap) -> bool:
    """Whether two texts are reports of two events in one form of words: earthquakes, quarterly figures, matches.

    `found` is their `overlap` with nothing left out, as a form that is used day after day would be left out itself.
    Their facts at corresponding places differ, and each title names what the other text does not: a report that is
    brought up to date has other numbers, but no other names. Names are known by their capitals, so that no two texts
    in a script without them are called so, nor in German.
    """
    if a.id == b.id or found.share < TEMPLATE_SHARE or found.shared < MINIMUM_SHARED:
        return False
    if not (_names_alone(a, b) and _names_alone(b, a) and _worded_alike(a, b, None)):
        return False
    passages = compare(a, b)
    return passages.differing >= TEMPLATE_FACTS and passages.disagreement >= TEMPLATE_DISAGREEMENT


def _names_alone(a: PreparedText, b: PreparedText) -> bool:
    """Whether the title of `a` has a name of its text that neither the title nor the text of `b` has."""
    names = np.intersect1d(a.title, a.wording.hashes[a.wording.names])
    return bool(len(np.setdiff1d(np.setdiff1d(names, b.title), b.wording.hashes)))


def enough(found: Overlap) -> bool:
    """Whether two texts share so much that they may be copies."""
    return _equal(found) or (found.share >= REWORDED_SHARE and found.shared >= MINIMUM_SHARED)


def _equal(found: Overlap) -> bool:
    return found.first == found.second == 1.0 and found.shared >= MINIMUM_IDENTICAL


def _worded_alike(a: PreparedText, b: PreparedText, ignored: ShingleSet | None) -> bool:
    """Whether texts share their own words too: not a statement, a post or a string of names alone."""
    first, second = (_without(text.shingles[text.telling], ignored) for text in (a, b))
    # One text's quotation may be the other's prose, so that each is asked by its own marks.
    shared = [len(np.intersect1d(own, other.shingles, assume_unique=True)) for own, other in ((first, b), (second, a))]
    share = max(count / len(own) if len(own) else 0.0 for count, own in zip(shared, (first, second), strict=True))
    return share >= OWN_SHARE and min(shared) >= MINIMUM_SHARED


def _tells_the_same(found: Passages) -> bool:
    """Whether what two texts share is a report, and the same one."""
    if not _facts_agree(found):
        return False  # one template, other facts
    if found.start > LATEST_START:
        return False  # two reports that end with one background
    if found.agreeing < MINIMUM_FACTS and min(found.apart) > 0:
        return False  # a form without facts, which both fill with their own
    return bool(found.support is None or found.support > 0.0 or found.agreeing >= TELLING_FACTS)


def _facts_agree(found: Passages) -> bool:
    return found.differing <= 1 or found.disagreement < DISAGREEMENT


def _same_subject(a: PreparedText, b: PreparedText) -> bool:
    shares = [
        len(np.intersect1d(one.title, other.vocabulary, assume_unique=True)) / len(one.title)
        for one, other in ((a, b), (b, a))
        if len(one.title)
    ]
    return not shares or min(shares) >= TITLE_SHARE


def recurring(texts: Iterable[ShingleSet], times: int = 3) -> ShingleSet:
    """Shingles in at least `times` of an outlet's texts: its boilerplate (subscribe lines, disclaimers, biographies).

    Give it texts that are not copies of one another, else the takes of one running story pass for boilerplate.
    """
    stacked = [np.unique(text) for text in texts]
    if len(stacked) < times:
        return np.empty(0, dtype=np.uint64)
    values, counts = np.unique(np.concatenate(stacked), return_counts=True)
    common: ShingleSet = values[counts >= times]
    return common
