"""Syndicated copies: which texts are copies of one wire text, and whose text it was (pure).

Candidates are texts that share a fingerprint (`prepare(...).keys`, to be stored and looked up by equality); a pair is
a copy only by the measured overlap of its texts (`is_copy`); `resolve` then names the origin. The notes on
copies in docs/notes have the measurements behind the constants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from pipeline.models import Copy, Document
from pipeline.text.agencies import AGENCIES, credits_of, is_outlet
from pipeline.text.words import ShingleSet, hashed, shingle_sequence, terms_of, units

COPY_SHARE = 0.47
"""Share of the shorter text's shingles that must stand in the other for a copy: half, less unknown boilerplate."""
FAMILY_SHARE = 0.2
"""The same share, asked of a copy against the origin of the text it copies, and of two origins that become one."""
MINIMUM_SHARED = 8
"""Shingles two texts must share at least (12 words): less is a quotation, a title of office or a teaser's formula."""
MINIMUM_IDENTICAL = 6
"""Shingles an equal text must have (10 words). Equal headlines without a text are no copies."""
TITLE_SHARE = 0.25
"""Share of a title's words in the other text, asked of two texts of one outlet, which share boilerplate."""
WINDOW = 16
"""Shingles to a fingerprint: any 20 words in a row that two texts share give them a common key."""
_SHORT = 64  # shingles below which a text is fingerprinted at a window of 4, whose keys include those of 16
Boilerplate = Callable[[str], ShingleSet | None]
"""An outlet's boilerplate by its source, as `recurring` finds it; None where it is not known."""
_AGENCY_LAG = timedelta(hours=24)  # an agency's own page may show a time of update that is later than its copies


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
    title: ShingleSet
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


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the arrival of a document changes: whose copy it is, and which earlier origins become copies.

    Each of `rerooted` says that a former origin is now a copy of `origin_id`; its copies follow it, and `origin_id`
    itself is no copy any more. `copy` None means that the document is an origin, or the copy of nothing.
    """

    copy: Copy | None
    rerooted: tuple[Copy, ...] = ()


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
    return _signature(shingle_sequence(units(text, language)))


def _signature(sequence: NDArray[np.uint64]) -> Signature:
    count = len(np.unique(sequence))
    keys = winnow(sequence) if count >= MINIMUM_IDENTICAL else np.empty(0, dtype=np.uint64)
    return Signature(tuple(keys.view(np.int64).tolist()), count)


def prepare(
    document: Document,
    provenance: Provenance | None = None,
    agencies: Mapping[str, tuple[str, ...]] = AGENCIES,
) -> PreparedText:
    """Everything about one document that comparison needs. A text that only repeats its title counts as no text."""
    body = units(document.text, document.language)
    title = units(document.title, document.language)
    if body == title:
        body = []
    sequence = shingle_sequence(body)
    return PreparedText(
        id=document.id,
        source=document.source,
        url=document.url,
        published=document.published,
        signature=_signature(sequence),
        shingles=np.unique(sequence),
        title=hashed(terms_of(title)),
        vocabulary=hashed(terms_of(body)),
        credits=credits_of(document.text, agencies),
        provenance=provenance or Provenance(),
    )


def overlap(a: PreparedText, b: PreparedText, boilerplate: Boilerplate | None = None) -> Overlap:
    """What two texts share, leaving out the boilerplate of either outlet."""
    first, second = a.shingles, b.shingles
    for source in {a.source, b.source} - {None} if boilerplate else ():
        known = boilerplate(source) if boilerplate and source else None
        if known is not None and len(known):
            first = np.setdiff1d(first, known, assume_unique=True)
            second = np.setdiff1d(second, known, assume_unique=True)
    shared = len(np.intersect1d(first, second, assume_unique=True))
    if not shared:
        return Overlap(0, 0.0, 0.0, 0.0)
    return Overlap(shared, shared / len(first), shared / len(second), shared / (len(first) + len(second) - shared))


def is_copy(a: PreparedText, b: PreparedText, found: Overlap, threshold: float = COPY_SHARE) -> bool:
    """Whether the overlap makes one text a copy of the other. One URL is one article, never a copy of itself."""
    if a.id == b.id or (a.url is not None and a.url == b.url):
        return False
    equal = found.first == found.second == 1.0 and found.shared >= MINIMUM_IDENTICAL
    if not equal and (found.share < threshold or found.shared < MINIMUM_SHARED):
        return False
    return a.source is None or a.source != b.source or _same_subject(a, b)


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


# --- whose text it was --------------------------------------------------------------------------------------

_STRENGTH = {"canonical": 3, "source": 2, "agency-line": 1, "earliest": 0}


def names_origin(member: PreparedText, other: PreparedText, agencies: Mapping[str, tuple[str, ...]] = AGENCIES) -> str:
    """By which rule `member` says that `other` is its origin; ``earliest`` where it says nothing of the kind.

    An agency's own text says it of itself, so that it is the origin even where a copy was seen before.
    """
    hints = member.provenance
    if member is not other:
        if hints.canonical_url and hints.canonical_url == other.url and hints.canonical_url != member.url:
            return "canonical"
        if hints.source_url and _host(hints.source_url) and _host(hints.source_url) == _host(other.url or other.source):
            return "source"
        if hints.source_name and _is_outlet_of(hints.source_name, other, agencies):
            return "source"
    if any(_is_outlet_of(name, other, agencies) for name in member.credits) and _in_time(member, other):
        return "agency-line"
    return "earliest"


def _is_outlet_of(name: str, other: PreparedText, agencies: Mapping[str, tuple[str, ...]]) -> bool:
    return is_outlet(name, other.source, agencies) or is_outlet(name, _host(other.url), agencies)


def _in_time(member: PreparedText, origin: PreparedText) -> bool:
    if member.published is None or origin.published is None:
        return True
    return origin.published <= member.published + _AGENCY_LAG


def _host(address: str | None) -> str:
    if not address:
        return ""
    return address.split("://")[-1].split("/")[0].split(":")[0].lower().removeprefix("www.")


_LAST = datetime.max.replace(tzinfo=UTC)


def _origin(group: Sequence[PreparedText], agencies: Mapping[str, tuple[str, ...]]) -> tuple[PreparedText, str]:
    """The member most strongly named by another, else the earliest; undated ones last, ids settle the rest."""
    ranked = []
    for text in group:
        rules = [names_origin(member, text, agencies) for member in group]
        rule = max(rules, key=_STRENGTH.__getitem__)
        ranked.append((-_STRENGTH[rule], text.published or _LAST, text.id, text, rule))
    best = min(ranked, key=lambda row: row[:3])
    return best[3], best[4]


def resolve(
    document: PreparedText,
    candidates: Sequence[PreparedText],
    origins: Mapping[str, str] | None = None,
    agencies: Mapping[str, tuple[str, ...]] = AGENCIES,
    boilerplate: Boilerplate | None = None,
) -> Resolution:
    """Whose copy `document` is among `candidates`, and which origins its arrival changes.

    `origins` maps the id of a known copy to the id of its origin; candidates should include those origins, else the
    copy stands in for its origin. A copy of a copy becomes a copy of the root where it shares at least `FAMILY_SHARE`
    with it, and stays a copy of the copy otherwise (it took the lines that the copy had added). Late origins, and
    documents that show two origins to be one text, give `rerooted`. The order of `candidates` does not matter.
    """
    origins = origins or {}
    known = {candidate.id: candidate for candidate in candidates if candidate.id != document.id}
    found = {candidate.id: overlap(document, candidate) for candidate in known.values()}
    matched = [c for c in known.values() if is_copy(document, c, found[c.id])]
    if boilerplate:  # looked up for pairs that would be copies only
        found |= {c.id: overlap(document, c, boilerplate) for c in matched}
        matched = [c for c in matched if is_copy(document, c, found[c.id])]
    if not matched:
        return Resolution(None)
    family = [c for c in matched if _root_agrees(origins.get(c.id, c.id), found)]
    if not family:
        nearest = max(matched, key=lambda c: (found[c.id].share, c.id))
        return Resolution(_copy(document, nearest.id, found[nearest.id], "earliest"))
    roots = {root_id: known.get(root_id, c) for c in family for root_id in (origins.get(c.id, c.id),)}
    group = list({p.id: p for p in (document, *roots.values(), *family)}.values())
    origin, rule = _origin(group, agencies)
    origin_id = next((root_id for root_id, stand_in in roots.items() if stand_in is origin), origin.id)
    rerooted = []
    for root_id, root in sorted(roots.items()):
        shared = overlap(root, origin)
        if root_id != origin_id and (shared.share >= FAMILY_SHARE or origins.get(origin_id) == root_id):
            rerooted.append(replace(_copy(root, origin_id, shared, rule), copy_id=root_id))
    copy = None if origin is document else _copy(document, origin_id, found[origin.id], rule)
    return Resolution(copy, tuple(rerooted))


def _root_agrees(root_id: str, found: Mapping[str, Overlap]) -> bool:
    return root_id not in found or found[root_id].share >= FAMILY_SHARE


def _copy(copy: PreparedText, origin_id: str, found: Overlap, rule: str) -> Copy:
    return Copy(copy.id, origin_id, containment=found.first, resemblance=found.resemblance, rule=rule)
