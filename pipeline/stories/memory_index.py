"""The stories of the active window in memory, findable by vector and by words: what Postgres is to the DAGs."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.stories.features import COMMON, ArticleFeatures, Candidate, Profile, heaviest
from pipeline.stories.model import StoryModel

__all__ = ["BY_VECTOR", "BY_WORDS", "MemoryIndex", "StoryIndex", "heaviest"]

BY_VECTOR = 16
BY_WORDS = 8
"""Candidates by nearest centroid, and by rare words in common: the second finds what the vectors cannot read."""


class StoryIndex(Protocol):
    """Where `assign`'s candidates come from; `MemoryIndex` here, queries in `store` in the pipeline."""

    def candidates(self, article: ArticleFeatures) -> list[Candidate]:
        """Stories near the article in time and by vector or words, at most `BY_VECTOR + BY_WORDS`."""
        ...


class MemoryIndex:
    """Stories by id with a matrix of their centroids; grows with the stories of the window, not with the stream."""

    def __init__(self, model: StoryModel) -> None:
        self.model = model
        self.stories: dict[str, Candidate] = {}
        self._row: dict[str, int] = {}
        self._ids: list[str | None] = []
        self._free: list[int] = []
        self._centroids: NDArray[np.float32] = np.zeros((64, model.dimension), np.float32)
        self._first = np.full(64, np.inf)
        self._last = np.full(64, -np.inf)
        self._postings: dict[str, Counter[str]] = {}  # term -> story -> articles of which it is a heavy term
        self._indexed: dict[str, set[str]] = {}

    def __len__(self) -> int:
        return len(self.stories)

    def candidates(self, article: ArticleFeatures) -> list[Candidate]:
        """Stories of the window around the article, nearest centroids first, then those with its rare words."""
        profile = article.profile
        found = dict.fromkeys(self._by_vector(profile))
        found.update(dict.fromkeys(self._by_words(profile)))
        return [self.stories[story_id] for story_id in found]

    def _by_vector(self, profile: Profile) -> Iterator[str]:
        used = len(self._ids)
        if not used:
            return
        close = self._centroids[:used] @ profile.centroid
        if profile.first is not None and profile.last is not None:
            window = self.model.window_days
            close[(self._first[:used] > profile.last + window) | (self._last[:used] < profile.first - window)] = -2.0
        else:
            close[self._first[:used] == np.inf] = -2.0
        keep = min(BY_VECTOR, used)
        for row in np.argpartition(-close, keep - 1)[:keep].tolist():
            story_id = self._ids[row]
            if story_id is not None and close[row] > -2.0:
                yield story_id

    def _by_words(self, profile: Profile) -> list[str]:
        shared: dict[str, float] = {}
        for term in heaviest(profile):
            postings = self._postings.get(term)
            if postings is None or len(postings) > COMMON:
                continue
            weight = profile.terms[term][0] / profile.size
            for story_id, count in postings.items():
                share = weight * count / self.stories[story_id].profile.size
                shared[story_id] = shared.get(story_id, 0.0) + share
        best = heapq.nsmallest(BY_WORDS * 2, shared.items(), key=lambda item: (-item[1], item[0]))
        return [story_id for story_id, _ in best if self._within(story_id, profile)][:BY_WORDS]

    def _within(self, story_id: str, profile: Profile) -> bool:
        row, window = self._row[story_id], self.model.window_days
        if profile.first is None or profile.last is None:
            return True
        return bool(self._first[row] <= profile.last + window and self._last[row] >= profile.first - window)

    def open(self, story_id: str, opened: float, article: ArticleFeatures) -> None:
        """A new story of one article. Raises ValueError when the id is taken."""
        if story_id in self.stories:
            raise ValueError(f"story {story_id} exists")
        self.stories[story_id] = Candidate(story_id, opened, article.profile.copy())
        row = self._free.pop() if self._free else self._grow()
        self._ids[row] = story_id
        self._row[story_id] = row
        self._refresh(story_id, article.profile)

    def join(self, story_id: str, profile: Profile) -> None:
        """Let a story take in an article, or all of another story."""
        self.stories[story_id].profile.add(profile)
        self._refresh(story_id, profile)

    def leave(self, story_id: str, profile: Profile) -> None:
        """Take an article out of a story; a story without articles goes."""
        self.stories[story_id].profile.add(profile, -1)
        if self.stories[story_id].profile.size:
            self._place(story_id)
        else:
            self.remove(story_id)

    def replace(self, story_id: str, old: Profile, new: Profile) -> None:
        """Let a story know an article of its own as `new`, whose words weigh otherwise than in `old`.

        The story stays to be found by its former words as well.
        """
        profile = self.stories[story_id].profile
        profile.add(old, -1)
        profile.add(new)
        indexed = self._indexed[story_id]
        for term in heaviest(new):
            if term not in indexed:
                self._postings.setdefault(term, Counter())[story_id] += new.size
                indexed.add(term)

    def merge(self, story_id: str, other_id: str) -> None:
        """Let `story_id` take in `other_id`, which goes."""
        other = self.stories[other_id].profile
        self.remove(other_id)
        self.join(story_id, other)

    def remove(self, story_id: str) -> None:
        """Forget a story: it merged away, or left the window."""
        row = self._row.pop(story_id)
        del self.stories[story_id]
        self._ids[row] = None
        self._first[row], self._last[row] = np.inf, -np.inf
        self._centroids[row] = 0.0
        self._free.append(row)
        for term in self._indexed.pop(story_id):
            postings = self._postings[term]
            del postings[story_id]
            if not postings:
                del self._postings[term]

    def evict(self, day: float) -> list[str]:
        """Drop stories whose last article is over a window older than `day`; their ids."""
        gone = [
            s.id
            for s in self.stories.values()
            if s.profile.last is not None and s.profile.last < day - self.model.window_days
        ]
        for story_id in gone:
            self.remove(story_id)
        return gone

    def neighbourhood(self, story_ids: Iterable[str]) -> Mapping[str, Candidate]:
        """These stories with their nearest: all that a merge pass over them needs."""
        near: dict[str, Candidate] = {}
        for story_id in story_ids:
            if (story := self.stories.get(story_id)) is not None:
                near[story_id] = story
                near.update((c.id, c) for c in self.candidates(ArticleFeatures(story_id, story.profile)))
        return near

    def _grow(self) -> int:
        row = len(self._ids)
        self._ids.append(None)
        if row == len(self._centroids):
            self._centroids = np.concatenate([self._centroids, np.zeros_like(self._centroids)])
            self._first = np.concatenate([self._first, np.full_like(self._first, np.inf)])
            self._last = np.concatenate([self._last, np.full_like(self._last, -np.inf)])
        return row

    def _place(self, story_id: str) -> None:
        """Write the story's row of the matrix."""
        profile = self.stories[story_id].profile
        row = self._row[story_id]
        self._centroids[row] = profile.centroid
        self._first[row] = -np.inf if profile.first is None else profile.first
        self._last[row] = np.inf if profile.last is None else profile.last

    def _refresh(self, story_id: str, added: Profile) -> None:
        """Make the story findable by what was added to it."""
        self._place(story_id)
        indexed = self._indexed.setdefault(story_id, set())
        for term in heaviest(added):
            self._postings.setdefault(term, Counter())[story_id] += added.size
            indexed.add(term)
