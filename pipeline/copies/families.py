"""Families of copies: whose text a copy is, and what the arrival of a text changes (pure).

Each copy is one of its origin by the pair itself: that both are copies of a third text says nothing of the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from pipeline.copies.overlap import Overlap, PreparedText, enough, from_one_template, is_copy, overlap
from pipeline.models import Copy, publication_order
from pipeline.text.agencies import AGENCIES, is_outlet
from pipeline.text.words import ShingleSet

COMMONPLACE_SHARE = 0.7
"""Share of the shorter text from which on it counts although it stood in the papers on other days: a reprint."""
Boilerplate = Callable[[str], ShingleSet | None]
"""An outlet's boilerplate by its source, as `recurring` finds it; None where it is not known."""
Followers = Callable[[str], Iterable[PreparedText]]
"""The known copies of an origin, by its id."""
_AGENCY_LAG = timedelta(hours=24)  # an agency's own page may show a time of update that is later than its copies


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the arrival of a document changes: whose copy it is, and which earlier origins become copies.

    Each of `rerooted` says that an earlier text, an origin or the copy of one, is now a copy of another;
    the other copies of a former origin stay its copies. `freed` is the id of a text that was a copy and is an origin
    now. `copy` None means that the document is an origin, or the copy of nothing. `apart` are the ids of candidates
    with which it shares a form of words and no event.
    """

    copy: Copy | None
    rerooted: tuple[Copy, ...] = ()
    freed: str | None = None
    apart: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[Copy, ...]:
        """Every text that is a copy now, with its origin."""
        return (*self.rerooted, *((self.copy,) if self.copy else ()))


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
    """The member most strongly named by another, else the earliest (`publication_order`); undated ones last."""
    ranked = []
    for text in group:
        rules = [names_origin(member, text, agencies) for member in group]
        rule = max(rules, key=_STRENGTH.__getitem__)
        when = publication_order(text.published) if text.published else _LAST
        ranked.append((-_STRENGTH[rule], when, text.id, text, rule))
    best = min(ranked, key=lambda row: row[:3])
    return best[3], best[4]


def resolve(
    document: PreparedText,
    candidates: Sequence[PreparedText],
    origins: Mapping[str, str] | None = None,
    agencies: Mapping[str, tuple[str, ...]] = AGENCIES,
    *,
    boilerplate: Boilerplate | None = None,
    commonplace: ShingleSet | None = None,
    followers: Followers | None = None,
) -> Resolution:
    """Whose copy `document` is among `candidates`, and which origins its arrival changes.

    `origins` maps the id of a known copy to the id of its origin; candidates should include those origins, else the
    copy stands in for its origin. `commonplace` are shingles that stand in the papers day after day. A copy of a copy
    becomes a copy of the root where it is one of that text too, and stays a copy of the copy otherwise (it took the
    lines that the copy had added). Late origins, and documents that show two origins to be one text, give `rerooted`;
    the copies of such an origin are asked for by `followers`. The order of `candidates` does not matter.
    """
    origins = origins or {}
    judge = _Judge(boilerplate, commonplace)
    known = {candidate.id: candidate for candidate in candidates if candidate.id != document.id}
    judged = {each: judge(document, text) for each, text in known.items()}
    found = {each: shares for each, shares in judged.items() if shares is not None}
    apart = _apart(document, [known[each] for each in sorted(known) if each not in found])
    if not found:
        return Resolution(None, apart=apart)
    root_of = {each: _root(each, document.id, origins) for each in found}
    # A root that is the copy of another text has a family elsewhere, to which the document has no likeness.
    independent = {root for root in root_of.values() if origins.get(root) in (None, document.id)}
    family = [
        known[each] for each, root in root_of.items() if root in independent and (root in found or root not in known)
    ]
    beside = _beside(document, [known[each] for each in found if known[each] not in family], found)
    if not family:
        return Resolution(beside, apart=apart)
    roots = {root_of[c.id]: known.get(root_of[c.id], c) for c in family}
    group = list({p.id: p for p in (document, *roots.values(), *family)}.values())
    origin, rule = _origin(group, agencies)
    origin_id = next((root_id for root_id, stand_in in roots.items() if stand_in is origin), origin.id)
    change = _Change(document, origin, origin_id, rule, judge)
    rerooted: dict[str, Copy] = {}
    for root_id, root in sorted(roots.items()):
        if root_id != origin_id:
            copy = change.of_root(root_id, root, root_of.get(origin_id) == root_id)
            rerooted |= {} if copy is None else {root_id: copy}
    copy = beside if origin is document else _copy(document, origin_id, found[origin.id], rule)
    former = [each.copy_id for each in rerooted.values() if each.origin_id == origin_id]
    if followers is not None:
        for each in (*former, *((document.id,) if origin is not document else ())):
            rerooted = {moved.copy_id: moved for moved in change.of_copies(followers(each))} | rerooted
    freed = origin_id if origins.get(origin_id) in roots else None
    return Resolution(copy, tuple(rerooted.values()), freed, apart)


def _apart(document: PreparedText, others: Iterable[PreparedText]) -> tuple[str, ...]:
    return tuple(text.id for text in others if from_one_template(document, text, overlap(document, text)))


@dataclass(frozen=True, slots=True)
class _Change:
    """What the arrival of a document does to a family whose origin is known."""

    document: PreparedText
    origin: PreparedText
    origin_id: str
    rule: str
    judge: _Judge

    def of_root(self, root_id: str, root: PreparedText, was_origin: bool) -> Copy | None:
        """A former origin as a copy; `was_origin` says that the new origin was a copy of it."""
        shares = overlap(root, self.origin) if was_origin else self.judge(root, self.origin)
        if shares is not None:
            return replace(_copy(root, self.origin_id, shares, self.rule), copy_id=root_id)
        # No copy of the origin, but of the document, which may have it from there.
        if self.origin is self.document or _origin([root, self.document], {})[0] is root:
            return None
        shares = self.judge(root, self.document)
        copy = None if shares is None else _copy(root, self.document.id, shares, "earliest")
        return copy and replace(copy, copy_id=root_id)

    def of_copies(self, copies: Iterable[PreparedText]) -> Iterable[Copy]:
        """Copies of a former origin that are copies of the new one too; the others stay what they are."""
        for text in copies:
            if text.id not in (self.origin_id, self.document.id):
                shares = self.judge(text, self.origin)
                if shares is not None:
                    yield _copy(text, self.origin_id, shares, self.rule)


def _root(copy_id: str, document_id: str, origins: Mapping[str, str]) -> str:
    """The origin of a known text, which may be itself; a copy of the document is one to be told anew."""
    root = origins.get(copy_id, copy_id)
    return copy_id if root == document_id else root


def _beside(document: PreparedText, matched: Sequence[PreparedText], found: Mapping[str, Overlap]) -> Copy | None:
    """The document as a copy of copies, but of no origin of theirs: of the nearest that was published before it."""
    earlier = [c for c in matched if _origin([document, c], {})[0] is c]
    if not earlier:
        return None
    nearest = max(earlier, key=lambda c: (found[c.id].share, c.id))
    return _copy(document, nearest.id, found[nearest.id], "earliest")


class _Judge:
    """What two texts share where one is a copy of the other, else None."""

    def __init__(self, boilerplate: Boilerplate | None, commonplace: ShingleSet | None) -> None:
        self._boilerplate = boilerplate
        self._commonplace = commonplace

    def __call__(self, a: PreparedText, b: PreparedText) -> Overlap | None:
        found = overlap(a, b)
        if not enough(found):
            return None  # what is ignored is looked up for pairs that would be copies only
        ignored = self._ignored(a, b)
        if len(ignored):
            found = overlap(a, b, ignored)
        return found if is_copy(a, b, found, ignored=ignored) else None

    def _ignored(self, a: PreparedText, b: PreparedText) -> ShingleSet:
        sets: list[ShingleSet] = [np.empty(0, dtype=np.uint64)]
        for source in {a.source, b.source}:
            known = self._boilerplate(source) if self._boilerplate and source else None
            if known is not None:
                sets.append(known)
        common = self._commonplace
        if common is not None and len(common):
            shorter = min(a.shingles, b.shingles, key=len)
            if len(np.intersect1d(shorter, common, assume_unique=True)) < COMMONPLACE_SHARE * len(shorter):
                sets.append(common)
        ignored: ShingleSet = np.unique(np.concatenate(sets))
        return ignored


def _copy(copy: PreparedText, origin_id: str, found: Overlap, rule: str) -> Copy:
    return Copy(copy.id, origin_id, containment=found.first, resemblance=found.resemblance, rule=rule)
