"""Documents in, stories out, without a database: what `wirewatch cluster` and the evaluation run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from pipeline.models import Assignment, Document, Placement
from pipeline.stories.features import Encode, day_of, encode_documents
from pipeline.stories.memory_index import MemoryIndex
from pipeline.stories.model import StoryModel, Vector
from pipeline.stories.orchestration import MERGE_EVERY, YOUNG, Arrival, Orchestration
from pipeline.text.languages import language_of

BATCH = 256
"""Documents embedded together."""


class StoryStream:
    """The orchestration over an index in memory: articles one after the other, the passes where they are due."""

    def __init__(
        self,
        model: StoryModel,
        *,
        merge_every: int = MERGE_EVERY,
        in_order: bool = False,
        reweigh: bool = True,
        index: MemoryIndex | None = None,
    ) -> None:
        """With `in_order`, articles come in order of publication, and stories that left the window are forgotten.

        With `reweigh`, the words of young articles are weighed anew by all that came, before the young are reassigned.
        `index` is one to begin with in place of an empty one.
        """
        self.merge_every = merge_every
        self.in_order = in_order
        self.reweigh = reweigh
        self.index = MemoryIndex(model) if index is None else index
        self.orchestration = Orchestration(self.index, model)
        self._placed = 0
        self._clock = 0.0

    def place(
        self, document: Document, vector: Vector, *, copy_of: str | None = None, topic: str | None = None
    ) -> Assignment:
        """Give the document a story, from now on found under its id in `current`.

        `vector` is its unit vector (a copy's is its origin's); `copy_of` is the id of a document placed before; within
        its `topic` it is compared when the stream is measured.
        A new story takes the id of its first article.
        """
        if copy_of is not None:
            self.index.origins[document.id] = self.index.origins.get(copy_of, copy_of)
        arrival = Arrival(document, vector, self.index.origins.get(document.id), topic)
        decision = self.orchestration.place(arrival, self.index.bound((document.id,)))
        self._clock = max(self._clock, day_of(document) or 0.0)
        self._placed += 1
        if self.merge_every and self._placed % self.merge_every == 0:
            self.merge()
        if self._placed % YOUNG == 0:
            self.reassign()
        return decision

    def current(self, document_id: str) -> str:
        """The story of a placed document, redirects followed. Raises KeyError for a document not placed."""
        story_id = self.index.story_of(document_id)
        if story_id is None:
            raise KeyError(document_id)
        return story_id

    def merge(self) -> None:
        """Run the merge pass over the stories changed since the last one, with their neighbours."""
        self.orchestration.merge()
        if self.in_order:
            self.index.evict(self._clock)

    def reassign(self) -> None:
        """Look again at the young articles, then split; call it after the last article."""
        if self.reweigh:
            self.index.reweigh()
        self.orchestration.reassign()


def arrival_order(documents: Sequence[Document]) -> list[int]:
    """Rows in order of publication; a document without a date comes with the one before it in the input."""
    key: list[tuple[float, int]] = []
    day = -np.inf
    for row, document in enumerate(documents):
        known = day_of(document)
        day = day if known is None else known
        key.append((day, row))
    return [row for _, row in sorted(key)]


def cluster_stream(
    documents: Iterable[Document],
    encode: Encode,
    model: StoryModel,
    *,
    copy_of: Callable[[Sequence[Document]], Mapping[str, str]] | None = None,
    apart: Mapping[str, Collection[str]] | None = None,
) -> Iterator[Placement]:
    """Place the documents in order of publication and yield their placements in input order.

    `copy_of` gives, for the documents in order, copy id -> origin id (an earlier document's); a copy is not embedded.
    `apart` names, by document id, those that report another event in the same form of words, told of both.
    Story ids are those after the last merge. Documents that share an id are placed each by itself.
    """
    given = list(documents)
    rows = [replace(row, language=language_of(row)) for row in _distinct(given)]
    ordered = [rows[i] for i in arrival_order(rows)]
    origins = copy_of(ordered) if copy_of is not None else {}
    stream = StoryStream(model, in_order=True)
    stream.index.apart = apart or {}
    vectors: dict[str, Vector] = {}
    decisions: dict[str, Assignment] = {}
    wanted = set(origins.values())
    for start in range(0, len(ordered), BATCH):
        batch = ordered[start : start + BATCH]
        own = [d for d in batch if d.id not in origins]
        encoded = dict(zip((d.id for d in own), encode_documents(own, encode, model), strict=True)) if own else {}
        vectors.update((key, vector) for key, vector in encoded.items() if key in wanted)
        for document in batch:
            origin = origins.get(document.id)
            vector = encoded[document.id] if origin is None else vectors[origin]
            decisions[document.id] = stream.place(document, vector, copy_of=origin)
    stream.reassign()
    ids = {row.id: document.id for row, document in zip(rows, given, strict=True)}
    for row in rows:
        decision, origin = decisions[row.id], origins.get(row.id)
        copied = None if origin is None else ids[origin]
        yield Placement(ids[row.id], stream.current(row.id), copied, decision.score, decision.method)


def _distinct(documents: Sequence[Document]) -> Iterator[Document]:
    """The documents under ids of their own: a repeated id gets the number of its occurrence behind ``#``."""
    seen: Counter[str] = Counter()
    taken = {document.id for document in documents}
    for document in documents:
        seen[document.id] += 1
        while seen[document.id] > 1 and f"{document.id}#{seen[document.id]}" in taken:
            seen[document.id] += 1
        number = seen[document.id]
        yield document if number == 1 else replace(document, id=f"{document.id}#{number}")
