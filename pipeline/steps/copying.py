"""Find the origin of each text: candidates by shared fingerprints in Postgres, verdict by the real overlap."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from pipeline import database
from pipeline.copies import families, overlap
from pipeline.copies.settlement import WINDOW
from pipeline.models import Document
from pipeline.settings import Settings
from pipeline.steps.barrier import COPIES, Work
from pipeline.steps.contention import transact
from pipeline.store import copies as store
from pipeline.store.copies import Candidate, Sharing, Uncopied
from pipeline.store.settlement import Compared, lock_copies
from pipeline.text.words import ShingleSet, shingles

_BATCH = 50
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
    while transact(work, partial(_judge_batch, work)) == _BATCH:
        pass


def _judge_batch(work: Work, connection: database.Connection) -> int:
    """Judge some texts, none beside a worker that judges others: either may be the other's origin; how many."""
    lock_copies(connection)
    rows = store.claim(connection, _BATCH, work.now)
    boilerplate = _Boilerplate(connection)
    for row in rows:
        with work.item(connection, row.id) as attempt:
            found = _judge(connection, row, boilerplate, work.now)
        if attempt.fault is None:
            work.counts["judged"] += 1
            work.counts["copies"] += found.copy is not None
            work.counts["rerooted"] += len(found.rerooted)
    return len(rows)


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
    connection: database.Connection, row: Uncopied, boilerplate: _Boilerplate, now: datetime
) -> families.Resolution:
    """Write an article's fingerprints and its origin, if it has one; what was found."""
    text = _prepared(row)
    keys = text.signature.keys
    store.set_keys(connection, row.id, keys, row.published)
    sharing = Sharing(keys, row.published - WINDOW, row.published + WINDOW, _CANDIDATES)
    candidates = store.candidates(connection, row.id, sharing)
    origins = {str(c.id): str(c.origin_id) for c in candidates if c.origin_id}
    found = families.resolve(
        text,
        [_prepared(c) for c in candidates],
        origins,
        boilerplate=boilerplate.of,
        commonplace=overlap.around(text, store.commonplace(connection, row.id, sharing, overlap.COMMON_DAYS)),
        followers=lambda origin_id: [_prepared(c) for c in store.followers(connection, int(origin_id))],
    )
    for gone in (row.id, *((int(found.freed),) if found.freed else ())):
        store.drop(connection, gone)
    for copy in found.changes:
        store.put(connection, copy, now)
    store.set_apart(connection, row.id, found.apart)
    store.done(connection, row.id, now)
    return found


def _prepared(row: Uncopied | Candidate) -> overlap.PreparedText:
    return overlap.prepare(*told(row, str(row.id)))


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
