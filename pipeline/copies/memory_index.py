"""Copies in a stream without a database: the fingerprints of what was seen, in memory (`wirewatch cluster`).

The database keeps the same keys in a table; both hand their candidates to `families.resolve`.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.copies.families import Resolution, resolve
from pipeline.copies.overlap import (
    COMMON_DAYS,
    COMMON_SPAN,
    PreparedText,
    Provenance,
    around,
    prepare,
    recurring,
)
from pipeline.models import Copy, Document
from pipeline.text.agencies import AGENCIES
from pipeline.text.words import ShingleSet
from pipeline.urls import registered_domain

MAXIMUM_CANDIDATES = 40
"""Texts compared for one document, those with most common fingerprints first, and their origins."""
COMMON_KEY = 500
"""Texts a fingerprint may stand in before it says nothing (an outlet's subscribe line), unless no rarer one agrees."""
_RECENT = 20  # own texts of an outlet by which its boilerplate is known
_BUFFER = 20_000  # keys held in a dictionary before they are sorted into an array

_Postings = tuple[NDArray[np.int64], NDArray[np.int32]]


class _KeyStore:
    """Fingerprint -> documents, as a few sorted arrays that are merged as they grow: 12 bytes per key."""

    def __init__(self) -> None:
        self._sorted: list[_Postings] = []
        self._buffer: defaultdict[int, list[int]] = defaultdict(list)
        self._buffered = 0

    def add(self, serial: int, keys: Iterable[int]) -> None:
        for key in keys:
            self._buffer[key].append(serial)
            self._buffered += 1
        if self._buffered >= _BUFFER:
            self._seal()

    def _seal(self) -> None:
        flat = [(key, serial) for key, serials in self._buffer.items() for serial in serials]
        self._push(np.array([key for key, _ in flat], np.int64), np.array([serial for _, serial in flat], np.int32))
        self._buffer.clear()
        self._buffered = 0

    def _push(self, keys: NDArray[np.int64], serials: NDArray[np.int32]) -> None:
        while self._sorted and len(self._sorted[-1][0]) <= 2 * len(keys):
            older = self._sorted.pop()
            keys, serials = np.concatenate([older[0], keys]), np.concatenate([older[1], serials])
        order = np.argsort(keys, kind="stable")
        self._sorted.append((keys[order], serials[order]))

    def find(self, keys: Iterable[int]) -> list[list[int]]:
        """The documents of each key, in the order of the keys."""
        wanted = np.fromiter(keys, np.int64)
        found = [list(self._buffer.get(key, ())) for key in wanted.tolist()]
        for stored, serials in self._sorted:
            starts, ends = np.searchsorted(stored, wanted, "left"), np.searchsorted(stored, wanted, "right")
            for position in np.flatnonzero(ends > starts).tolist():
                found[position].extend(serials[starts[position] : ends[position]].tolist())
        return found

    def keep(self, alive: NDArray[np.bool_]) -> None:
        """Drop the keys of documents whose place in `alive` is false."""
        self._seal()
        kept = [(keys[alive[serials]], serials[alive[serials]]) for keys, serials in self._sorted]
        self._sorted = []
        for keys, serials in kept:
            if len(keys):
                self._push(keys, serials)


class MemoryCopyIndex:
    """Says of each document of a stream whose copy it is, and remembers it.

    About 26 kB per document of 600 words; `forget` drops what is older than the caller cares for. Not safe for threads.
    """

    def __init__(self, agencies: Mapping[str, tuple[str, ...]] = AGENCIES) -> None:
        self.origins: dict[str, str] = {}
        """Each known copy's id -> the id of its origin."""
        self.apart: defaultdict[str, set[str]] = defaultdict(set)
        """Id -> the ids of those with which it shares a form of words and no event, told of both."""
        self._agencies = agencies
        self._texts: dict[int, PreparedText] = {}
        self._serials: dict[str, int] = {}
        self._copies_of: defaultdict[str, set[str]] = defaultdict(set)
        self._keys = _KeyStore()
        self._recent: defaultdict[str, deque[ShingleSet]] = defaultdict(lambda: deque(maxlen=_RECENT))
        self._boilerplate: dict[str, ShingleSet] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._texts)

    def place(self, document: Document, provenance: Provenance | None = None) -> Resolution:
        """Whose copy the document is; it and its consequences are remembered. An id seen before is replaced."""
        fresh = prepare(document, provenance, self._agencies)
        self._free(fresh.id)
        self._join(fresh.id)
        found = self._keys.find(fresh.signature.keys)
        decision = resolve(
            fresh,
            self._candidates(fresh, found),
            self.origins,
            self._agencies,
            boilerplate=self._boilerplate_of,
            commonplace=around(fresh, self._common(fresh, found)),
            followers=self._followers_of,
        )
        self._remember(fresh)
        for other in decision.apart:
            self.apart[fresh.id].add(other)
            self.apart[other].add(fresh.id)
        if decision.freed is not None:
            self._free(decision.freed)
        for copy in decision.changes:
            self._record(copy)
        if decision.copy is None and fresh.source and len(fresh.shingles):
            self._recent[_house(fresh.source)].append(fresh.shingles)
            self._boilerplate.pop(_house(fresh.source), None)
        return decision

    def _candidates(self, fresh: PreparedText, found: list[list[int]]) -> list[PreparedText]:
        telling = [serials for serials in found if 0 < len(serials) <= COMMON_KEY] or found
        shared = Counter(serial for serials in telling for serial in serials if serial in self._texts)
        best = sorted(shared, key=lambda serial: (-shared[serial], serial))[:MAXIMUM_CANDIDATES]
        texts = {self._texts[serial].id: self._texts[serial] for serial in best}
        for copy_id in list(texts):
            root = self._serials.get(self.origins.get(copy_id, copy_id))
            if root is not None:
                texts.setdefault(self._texts[root].id, self._texts[root])
        texts.pop(fresh.id, None)
        return list(texts.values())

    def _common(self, fresh: PreparedText, found: list[list[int]]) -> list[int]:
        """Those of its fingerprints that stood in texts of many days."""
        if fresh.published is None:
            return []
        first, last = fresh.published - COMMON_SPAN, fresh.published + COMMON_SPAN
        common = []
        for key, serials in zip(fresh.signature.keys, found, strict=True):
            if len(serials) > COMMON_KEY:
                common.append(key)
            elif len(serials) >= COMMON_DAYS:
                texts = (self._texts[serial] for serial in serials if serial in self._texts)
                days = {_day(t.published) for t in texts if t.published and first <= t.published <= last}
                if len(days) >= COMMON_DAYS:
                    common.append(key)
        return common

    def _followers_of(self, origin_id: str) -> list[PreparedText]:
        serials = (self._serials.get(copy_id) for copy_id in sorted(self._copies_of.get(origin_id, ())))
        return [self._texts[serial] for serial in serials if serial is not None]

    def _boilerplate_of(self, source: str) -> ShingleSet:
        house = _house(source)
        if house not in self._boilerplate:
            self._boilerplate[house] = recurring(self._recent.get(house, ()))
        return self._boilerplate[house]

    def _remember(self, fresh: PreparedText) -> None:
        earlier = self._serials.pop(fresh.id, None)
        if earlier is not None:
            del self._texts[earlier]
        self._texts[self._next] = fresh
        self._serials[fresh.id] = self._next
        self._keys.add(self._next, fresh.signature.keys)
        self._next += 1

    def _record(self, copy: Copy) -> None:
        self._free(copy.copy_id)
        self.origins[copy.copy_id] = copy.origin_id
        self._copies_of[copy.origin_id].add(copy.copy_id)

    def _free(self, copy_id: str) -> None:
        """It is the copy of nothing any more."""
        origin = self.origins.pop(copy_id, None)
        if origin is not None:
            self._copies_of[origin].discard(copy_id)

    def _join(self, document_id: str) -> None:
        """It is told apart from nothing any more."""
        for other in self.apart.pop(document_id, ()):
            self.apart[other].discard(document_id)

    def forget(self, before: datetime) -> int:
        """Drop documents published before a moment; undated ones stay. Returns how many went."""
        gone = [s for s, p in self._texts.items() if p.published is not None and p.published < before]
        for serial in gone:
            dropped = self._texts.pop(serial)
            del self._serials[dropped.id]
            self._free(dropped.id)
            self._join(dropped.id)
        if gone:
            alive = np.zeros(self._next, dtype=np.bool_)
            alive[list(self._texts)] = True
            self._keys.keep(alive)
        return len(gone)


def _day(moment: datetime) -> date:
    """The day by UTC, as the database counts; a moment without a zone is taken as it stands."""
    return (moment if moment.tzinfo is None else moment.astimezone(UTC)).date()


@lru_cache(maxsize=20_000)
def _house(source: str) -> str:
    """Whose pages they are: the registered domain of a host, else the outlet's name."""
    return registered_domain(source) or source
