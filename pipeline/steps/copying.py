"""Find the origin of each text: candidates by shared fingerprints in Postgres, verdict by the real overlap.

Texts are claimed a few at a time and made ready for comparing beside other workers; they are judged by one worker at a
time, because either of two may be the other's origin. Most of the work is the making ready.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from pipeline import database
from pipeline.copies import families, overlap
from pipeline.copies.settlement import WINDOW
from pipeline.database import locks
from pipeline.models import Document
from pipeline.settings import Settings
from pipeline.steps.barrier import COPIES, Work, absorb
from pipeline.steps.contention import transact
from pipeline.store import copies as store
from pipeline.store.copies import Candidate, Sharing, Uncopied
from pipeline.store.settlement import Compared, lock_copies
from pipeline.text.words import ShingleSet, shingles

_BATCH = 25
# Articles compared with one text, those with most shared fingerprints first; a wire's copies all name its origin.
_CANDIDATES = 24
# Own texts of an outlet by which its boilerplate is known.
_OWN_TEXTS = 20


def find_copies(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Look for the origin of every article that lacks the answer; returns judged, copies, rerooted and internal."""
    work = Work(settings, now, COPIES)
    find_copies_with(work)
    return work.finish()


def find_copies_with(work: Work) -> None:
    """`find_copies` within a run whose counts are somebody else's."""
    work.counts |= {"judged": 0, "copies": 0, "rerooted": 0}
    with locks.Owner(work.settings, "copies") as owner:
        while claimed := _claimed(work, owner.id):
            transact(work, partial(_judge_batch, work, claimed, _made_ready(work, claimed)))


@dataclass(frozen=True, slots=True)
class _Claimed:
    """Texts under a lease of `owner`."""

    ids: list[int]
    owner: int

    def __bool__(self) -> bool:
        return bool(self.ids)


def _claimed(work: Work, owner: int) -> _Claimed:
    with database.connect(work.settings) as connection:
        lease = work.settings.lease_seconds
        return _Claimed(store.claim(connection, owner=owner, lease=lease, limit=_BATCH, now=work.now), owner)


class _Texts:
    """Texts that are ready to be compared, each made ready once for a batch; it is by its words that one is known."""

    def __init__(self) -> None:
        self._ready: dict[tuple[object, ...], overlap.PreparedText] = {}

    def __call__(self, row: Uncopied | Candidate) -> overlap.PreparedText:
        """A row's text, ready."""
        document, provenance = told(row, str(row.id))
        key = (document.id, document.title, document.text, document.published, document.language, provenance)
        if key not in self._ready:
            self._ready[key] = overlap.prepare(document, provenance)
        return self._ready[key]


def _made_ready(work: Work, claimed: _Claimed) -> _Texts:
    """The texts of a batch, and those that they will be compared with as far as they are there already."""
    texts = _Texts()
    with database.connect(work.settings) as connection:
        for row in store.claimed(connection, claimed.ids, claimed.owner):
            try:
                for candidate in store.candidates(connection, row.id, _sharing(row, texts(row))):
                    texts(candidate)
            except Exception as error:
                absorb(error)  # one item's fault comes again where it is judged, and is recorded there
    return texts


def _judge_batch(work: Work, claimed: _Claimed, texts: _Texts, connection: database.Connection) -> None:
    """Judge some texts, none beside a worker that judges others: either may be the other's origin."""
    lock_copies(connection)
    boilerplate = _Boilerplate(connection)
    for row in store.hold(connection, claimed.ids, claimed.owner):
        with work.item(connection, row.id) as attempt:
            found = _judge(connection, row, texts, boilerplate, work.now)
        if attempt.fault is None:
            work.counts["judged"] += 1
            work.counts["copies"] += found.copy is not None
            work.counts["rerooted"] += len(found.rerooted)
    store.release(connection, claimed.ids, claimed.owner)


class _Boilerplate:
    """What recurs in each outlet's own texts (subscribe lines, disclaimers), looked up once per batch and outlet."""

    def __init__(self, connection: database.Connection) -> None:
        self._connection = connection
        self._known: dict[str, ShingleSet] = {}

    def of(self, source: str) -> ShingleSet:
        """The boilerplate of one outlet."""
        if source not in self._known:
            texts = store.own_texts(self._connection, source, _OWN_TEXTS)
            self._known[source] = overlap.recurring(shingles(own.text, own.language) for own in texts)
        return self._known[source]


def _judge(
    connection: database.Connection, row: Uncopied, texts: _Texts, boilerplate: _Boilerplate, now: datetime
) -> families.Resolution:
    """Write an article's fingerprints and its origin, if it has one; what was found."""
    text = texts(row)
    store.set_keys(connection, row.id, text.signature.keys, row.published)
    sharing = _sharing(row, text)
    candidates = store.candidates(connection, row.id, sharing)
    origins = {str(c.id): str(c.origin_id) for c in candidates if c.origin_id}
    found = families.resolve(
        text,
        [texts(c) for c in candidates],
        origins,
        boilerplate=boilerplate.of,
        commonplace=overlap.around(text, store.commonplace(connection, row.id, sharing, overlap.COMMON_DAYS)),
        followers=lambda origin_id: [texts(c) for c in store.followers(connection, int(origin_id))],
    )
    for gone in (row.id, *((int(found.freed),) if found.freed else ())):
        store.drop(connection, gone)
    for copy in found.changes:
        store.put(connection, copy, now)
    store.set_apart(connection, row.id, found.apart)
    store.done(connection, row.id, now)
    return found


def _sharing(row: Uncopied, text: overlap.PreparedText) -> Sharing:
    """What the candidates of a text are asked for by."""
    return Sharing(text.signature.keys, row.published - WINDOW, row.published + WINDOW, _CANDIDATES)


def told(row: Uncopied | Candidate | Compared, known_as: str) -> tuple[Document, overlap.Provenance]:
    """A row's text as one that is compared under the id `known_as`, and what its feed says of its origin."""
    document = Document(
        id=known_as,
        title=row.title or "",
        text=row.text or "",
        published=row.published,
        url=row.canonical_url,
        source=row.outlet,
        language=row.language,
    )
    return document, overlap.Provenance(row.source_name, row.source_url)
