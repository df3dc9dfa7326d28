"""Documents in, stories out, without a database: what `wirewatch cluster` and the evaluation run."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pipeline.models import Assignment, Document, Placement
from pipeline.stories.baseline import SAMPLE, Sampled, measure
from pipeline.stories.decide import Merge, assign, merge_pass
from pipeline.stories.features import ArticleFeatures, Vector, article, blend, day_of, reweighed, terms_of, text_of
from pipeline.stories.memory_index import MemoryIndex
from pipeline.stories.model import StoryModel
from pipeline.stories.reassignment import Settlement, settle
from pipeline.stories.term_stats import EPOCH_DAY, TermStats
from pipeline.text.languages import choose
from pipeline.text.tags import primary

Encode = Callable[[Sequence[str]], Vector]
"""Texts to unit vectors, float32[n, dimension]."""

BATCH = 256
"""Documents embedded together."""

MERGE_EVERY = 100
"""Articles between two merge passes: what the pipeline places in a few minutes."""

MEASURE_EVERY = 20
"""Articles between two looks at how alike the stream's stories are, while there are few; later, each merge pass."""

ARRIVAL = EPOCH_DAY
"""The day on which every word of a file is counted: its articles arrive together, whenever they were published."""

YOUNG = 2000
"""Articles whose place is provisional: an hour's at a large newsroom; a file has no clock, so they are counted."""


@dataclass(slots=True)
class _Young:
    """An article whose place is provisional, with the words that its weights are made from, and its young prints."""

    features: ArticleFeatures
    language: str | None
    words: Counter[str]
    prints: list[_Young] = field(default_factory=list)

    def together(self) -> ArticleFeatures:
        """The article and its prints, which go where it goes, as one."""
        if not self.prints:
            return self.features
        profile = self.features.profile.copy()
        for each in self.prints:
            profile.add(each.features.profile)
        return ArticleFeatures(self.features.id, profile)


class StoryStream:
    """Places articles one after the other, in any order of arrival, and merges stories now and then."""

    def __init__(self, model: StoryModel, *, merge_every: int = MERGE_EVERY, in_order: bool = False) -> None:
        """With `in_order`, articles come in order of publication, and stories that left the window are forgotten."""
        self.fitted = model
        self.model = model  # the same against the background of the latest articles
        self.merge_every = merge_every
        self.in_order = in_order
        self.index = MemoryIndex(model)
        self.terms = TermStats(model.half_life_days)
        self.story_of: dict[str, str] = {}
        self._redirects: dict[str, str] = {}
        self._changed: set[str] = set()
        self._young: dict[str, _Young] = {}
        self._opened: dict[str, float] = {}
        self._original: dict[str, str] = {}  # copy -> origin
        self._latest: deque[_Young] = deque(maxlen=SAMPLE)
        self._placed = 0
        self._clock = 0.0

    def place(self, document: Document, vector: Vector, *, copy_of: str | None = None) -> Assignment:
        """Give the document a story, from now on found under its id in `current`.

        `vector` is its unit vector (a copy's is its origin's); `copy_of` is the id of a document placed before.
        A new story takes the id of its first article.
        """
        day = day_of(document)
        self._clock = max(self._clock, day or 0.0)
        language = primary(document.language)
        terms = terms_of(document)
        self.terms.observe(language, terms, ARRIVAL)
        weights = self.terms.weigh(language, terms, ARRIVAL)
        features = article(document.id, vector, weights, len(terms), day, language, self.model)
        copy_story = self.current(copy_of) if copy_of is not None and copy_of in self.story_of else None
        if copy_story is not None and copy_story not in self.index.stories:
            copy_story = None  # the origin's story has left the window
        decision = assign(features, self.index.candidates(features), self.model, copy_story=copy_story)
        story_id = decision.story_id or document.id
        self._enter(story_id, features)
        self._changed.add(story_id)
        young = _Young(features, language, Counter(terms))
        if decision.method == "copy" and copy_of is not None:
            self._follow(young, self._original.get(copy_of, copy_of))
        else:
            self._young[document.id] = young
            self._latest.append(young)
        self._placed += 1
        if self._placed <= SAMPLE and self._placed % MEASURE_EVERY == 0:
            self._measure()
        if len(self._young) >= 2 * YOUNG:
            self.settle(keep=YOUNG)
        if self.merge_every and self._placed % self.merge_every == 0:
            self.merge()
        return decision

    def current(self, document_id: str) -> str:
        """The story of a placed document, redirects followed. Raises KeyError for a document not placed."""
        story_id = self.story_of[self._original.get(document_id, document_id)]
        while story_id in self._redirects:
            story_id = self._redirects[story_id]
        return story_id

    def merge(self) -> list[Merge]:
        """Run the merge pass over the stories changed since the last one, with their neighbours."""
        self._measure()
        near = self.index.neighbourhood(self._changed)
        merges = merge_pass(list(near.values()), self.model, changed=self._changed)
        for merge in merges:
            self.index.merge(merge.story_id, merge.other_id)
            self._redirects[merge.other_id] = merge.story_id
        self._changed.clear()
        if self.in_order:
            self.index.evict(self._clock)
        return merges

    def settle(self, keep: int = 0) -> Settlement:
        """Run the settling pass over the young articles, of which the last `keep` stay young."""
        self._reweigh()
        self.merge()
        members: dict[str, list[ArticleFeatures]] = {}
        for document_id, young in self._young.items():
            story_id = self.current(document_id)
            if story_id in self.index.stories:
                members.setdefault(story_id, []).append(young.together())
        near = self.index.neighbourhood(members)
        found = settle(list(near.values()), members, self.model)
        for merge in found.merges:
            self.index.merge(merge.story_id, merge.other_id)
            self._redirects[merge.other_id] = merge.story_id
        opened: dict[str, str] = {}
        for move in found.moves:
            features = self._young[move.article_id].together()
            self.index.leave(self.current(move.article_id), features.profile)
            story_id = move.to_id or opened.setdefault(move.group, self._fresh(move.article_id))
            self._enter(story_id, features)
        for document_id in list(self._young)[: len(self._young) - keep]:
            del self._young[document_id]
        return found

    def _reweigh(self) -> None:
        """Weigh the words of the young articles by what is known now: the first were weighed by hardly any text.

        So the weights, like the place, come to depend on which articles came and not on their order.
        """
        for young in [each for first in self._young.values() for each in (first, *first.prints)]:
            weights = self.terms.weigh(young.language, young.words, ARRIVAL)
            fresh = reweighed(young.features, weights)
            story_id = self.current(young.features.id)
            if story_id in self.index.stories:
                self.index.replace(story_id, young.features.profile, fresh.profile)
            young.features = fresh

    def _measure(self) -> None:
        """Take the background of the latest articles for that of the stream."""
        sample = [Sampled(None, young.features) for young in self._latest]
        self.model = self.fitted.against(measure(sample, self.fitted))

    def _follow(self, copy: _Young, origin_id: str) -> None:
        """Let a copy go wherever its origin goes, from now on."""
        self._original[copy.features.id] = origin_id
        if (origin := self._young.get(origin_id)) is not None:
            origin.prints.append(copy)

    def _enter(self, story_id: str, features: ArticleFeatures) -> None:
        """Put the article into the story, which opens if it is not there; its age is that of its first opening."""
        self.story_of[features.id] = story_id
        if story_id in self.index.stories:
            self.index.join(story_id, features.profile)
        else:
            self.index.open(story_id, self._opened.setdefault(story_id, float(self._placed)), features)

    def _fresh(self, document_id: str) -> str:
        """An id for a story that this article opens; marked when a story had the article's own."""
        story_id = document_id
        while story_id in self._opened:
            story_id += "+"
        return story_id


def arrival_order(documents: Sequence[Document]) -> list[int]:
    """Rows in order of publication; a document without a date comes with the one before it in the input."""
    key: list[tuple[float, int]] = []
    day = -np.inf
    for row, document in enumerate(documents):
        known = day_of(document)
        day = day if known is None else known
        key.append((day, row))
    return [row for _, row in sorted(key)]


def encode_documents(
    documents: Sequence[Document], encode: Encode, model: StoryModel, characters: int = 1600
) -> Vector:
    """Article vectors, float32[n, dimension]: of title and text, blended with the title's own.

    Of the text the first `characters`: the default model reads 256 tokens, about 1,100 characters, and cuts the rest.
    """
    whole = encode([text_of(document)[: characters + len(document.title)] for document in documents])
    titles = encode([document.title for document in documents])
    return blend(whole, titles, [bool(document.title.strip()) for document in documents], model.title_weight)


def cluster_stream(
    documents: Iterable[Document],
    encode: Encode,
    model: StoryModel,
    *,
    copy_of: Callable[[Sequence[Document]], Mapping[str, str]] | None = None,
) -> Iterator[Placement]:
    """Place the documents in order of publication and yield their placements in input order.

    `copy_of` gives, for the documents in order, copy id -> origin id (an earlier document's); a copy is not embedded.
    Story ids are those after the last merge. Documents that share an id are placed each by itself.
    """
    given = list(documents)
    rows = [replace(row, language=language_of(row)) for row in _distinct(given)]
    ordered = [rows[i] for i in arrival_order(rows)]
    origins = copy_of(ordered) if copy_of is not None else {}
    stream = StoryStream(model, in_order=True)
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
    stream.settle()
    ids = {row.id: document.id for row, document in zip(rows, given, strict=True)}
    for row in rows:
        decision, origin = decisions[row.id], origins.get(row.id)
        copied = None if origin is None else ids[origin]
        yield Placement(ids[row.id], stream.current(row.id), copied, decision.score, decision.method)


def language_of(document: Document) -> str | None:
    """The language to treat a document as: the declared one, unless there is none or the script is against it.

    A text mostly in other than Latin letters is never left to an English model: where its language cannot be told, it
    is ``mis`` (ISO 639-2 for a language without a code), which no model reads.
    """
    text = f"{document.title} {document.text[:600]}"
    letters = [character for character in text if character.isalpha()]
    # Latin letters, accents included, end at U+024F.
    latin = 2 * sum(character <= "\u024f" for character in letters) >= len(letters)
    declared = primary(document.language)
    if declared is not None and (latin or declared != "en"):
        return declared
    found, _ = choose(text, (None if not latin else declared,))
    return found or (None if latin else "mis")


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
