"""Which texts of a stretch of time are copies of which, told in an order of their own, however they came (pure).

What a text is compared with depends on what is there when it is judged, and so on batches and on who died when. Told
once more by publication and identity, the same texts give the same copies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.copies.memory_index import MemoryCopyIndex
from pipeline.copies.overlap import Provenance
from pipeline.models import Copy, Document

WINDOW = timedelta(days=14)
"""A copy appears within days of its origin; beyond that, shared text is an archive piece quoting itself."""
_FORGET_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Text:
    """A dated text, whose document's id is what it is known by in every database, and what its feed says of it."""

    document: Document
    published: datetime
    provenance: Provenance


def settle(texts: Iterable[Text]) -> dict[str, Copy]:
    """Id of each copy -> what it is a copy of; the order of `texts` does not matter."""
    index = MemoryCopyIndex()
    found: dict[str, Copy] = {}
    horizon: datetime | None = None
    for text in sorted(texts, key=lambda each: (each.published, each.document.id)):
        if horizon is None or text.published - WINDOW - horizon > _FORGET_EVERY:
            horizon = text.published - WINDOW
            index.forget(horizon)
        decision = index.place(text.document, text.provenance)
        if decision.freed is not None:
            found.pop(decision.freed, None)
        found |= {copy.copy_id: copy for copy in decision.changes}
    return found
