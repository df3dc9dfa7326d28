"""Find the origin of each text: candidates by shared fingerprints in Postgres, verdict by the real overlap."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pipeline import database
from pipeline.copies import overlap
from pipeline.models import Document
from pipeline.settings import Settings
from pipeline.store import articles as store
from pipeline.text.words import ShingleSet, shingles

_BATCH = 50
# A copy appears within days of its origin; beyond that, shared text is an archive piece quoting itself.
WINDOW = timedelta(days=14)
# Articles compared with one text, those with most shared fingerprints first; a wire's copies all name its origin.
_CANDIDATES = 24
# Own texts of an outlet by which its boilerplate is known.
_OWN_TEXTS = 20


def find_copies(settings: Settings, *, now: datetime) -> dict[str, int]:
    """Look for the origin of every article that lacks the answer; returns judged, copies and rerooted."""
    counts = {"judged": 0, "copies": 0, "rerooted": 0}
    while True:
        with database.connect(settings) as connection:
            rows = store.claim_uncopied(connection, _BATCH)
            boilerplate = _Boilerplate(connection)
            for row in rows:
                _judge(connection, row, boilerplate, counts, now)
        counts["judged"] += len(rows)
        if len(rows) < _BATCH:
            return counts


class _Boilerplate:
    """What recurs in each outlet's own texts (subscribe lines, disclaimers), looked up once per batch and outlet."""

    def __init__(self, connection: database.Connection) -> None:
        self._connection = connection
        self._known: dict[str, ShingleSet] = {}

    def of(self, source: str) -> ShingleSet:
        """The boilerplate of one outlet."""
        if source not in self._known:
            texts = store.own_texts(self._connection, source, _OWN_TEXTS)
            self._known[source] = overlap.recurring(shingles(row["text"], row["language"]) for row in texts)
        return self._known[source]


def _judge(
    connection: database.Connection,
    row: dict[str, Any],
    boilerplate: _Boilerplate,
    counts: dict[str, int],
    now: datetime,
) -> None:
    text = _prepared(row)
    store.set_copy_keys(connection, row["id"], text.signature.keys, row["published"])
    candidates = store.copy_candidates(
        connection, row["id"], text.signature.keys, row["published"] - WINDOW, row["published"] + WINDOW, _CANDIDATES
    )
    origins = {str(c["id"]): str(c["origin_id"]) for c in candidates if c["origin_id"]}
    others = [_prepared(candidate) for candidate in candidates]
    found = overlap.resolve(text, others, origins, boilerplate=boilerplate.of)
    store.unset_copy(connection, row["id"])
    for copy in (found.copy, *found.rerooted):
        if copy is None:
            continue
        store.unset_copy(connection, int(copy.origin_id))
        store.set_copy(connection, int(copy.copy_id), int(copy.origin_id), copy, now)
    counts["copies"] += found.copy is not None
    counts["rerooted"] += len(found.rerooted)
    store.copies_done(connection, row["id"], now)


def _prepared(row: dict[str, Any]) -> overlap.PreparedText:
    document = Document(
        id=str(row["id"]),
        title=row["title"] or "",
        text=row["text"] or "",
        published=row["published"],
        url=row["canonical_url"],
        source=row["outlet"],
        language=row["language"],
    )
    return overlap.prepare(document, overlap.Provenance(row["source_name"], row["source_url"]))
