"""How stories in memory are found within the window: the nearest by vector, and those that share telling words."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Iterator

import numpy as np
from numpy.typing import NDArray

from pipeline.stories.features import BY_VECTOR, BY_WORDS, COMMON, Candidate, Profile, heaviest

DAYS_A_WEEK = 7


class Centroids:
    """A matrix of the stories' centroids; its rows are used again, so that it grows with the stories of the window."""

    def __init__(self, dimension: int, window_days: float) -> None:
        self.window_days = window_days
        self._row: dict[str, int] = {}
        self._ids: list[str | None] = []
        self._free: list[int] = []
        self._centroids: NDArray[np.float32] = np.zeros((64, dimension), np.float32)
        self._first = np.full(64, np.inf)
        self._last = np.full(64, -np.inf)

    def put(self, story_id: str, profile: Profile) -> None:
        """Write a story's row."""
        row = self._row.get(story_id)
        if row is None:
            row = self._row[story_id] = self._free.pop() if self._free else self._grow()
            self._ids[row] = story_id
        self._centroids[row] = profile.centroid
        self._first[row] = -np.inf if profile.first is None else profile.first
        self._last[row] = np.inf if profile.last is None else profile.last

    def remove(self, story_id: str) -> None:
        """Free a story's row."""
        row = self._row.pop(story_id)
        self._ids[row] = None
        self._first[row], self._last[row] = np.inf, -np.inf
        self._centroids[row] = 0.0
        self._free.append(row)

    def nearest(self, profile: Profile) -> Iterator[str]:
        """The `BY_VECTOR` stories of the window around the profile whose centroids are nearest to its own."""
        used = len(self._ids)
        if not used:
            return
        close = self._centroids[:used] @ profile.centroid
        close[self._beyond(profile, slice(used))] = -2.0
        keep = min(BY_VECTOR, used)
        for row in np.argpartition(-close, keep - 1)[:keep].tolist():
            story_id = self._ids[row]
            if story_id is not None and close[row] > -2.0:
                yield story_id

    def within(self, story_id: str, profile: Profile) -> bool:
        """Whether a story lies within the window around the profile."""
        row = self._row[story_id]
        return not self._beyond(profile, slice(row, row + 1))[0]

    def _beyond(self, profile: Profile, rows: slice) -> NDArray[np.bool_]:
        """Which of the rows lie out of the window around the profile, or are of no story."""
        first, last = self._first[rows], self._last[rows]
        if profile.first is None or profile.last is None:
            return np.asarray(first == np.inf)
        return np.asarray((first > profile.last + self.window_days) | (last < profile.first - self.window_days))

    def _grow(self) -> int:
        row = len(self._ids)
        self._ids.append(None)
        if row == len(self._centroids):
            self._centroids = np.concatenate([self._centroids, np.zeros_like(self._centroids)])
            self._first = np.concatenate([self._first, np.full_like(self._first, np.inf)])
            self._last = np.concatenate([self._last, np.full_like(self._last, -np.inf)])
        return row


class TermFiles:
    """Which stories have articles with which heaviest terms, filed by week, so that other years do not count."""

    def __init__(self, window_days: float) -> None:
        self.window_days = window_days
        self._files: dict[str, dict[int | None, Counter[str]]] = {}  # term -> week -> story -> articles
        self._of: dict[str, set[tuple[str, int | None]]] = {}

    def add(self, story_id: str, profile: Profile) -> None:
        """File a story under the heaviest terms of what joined it, in that one's week (None: no date)."""
        week = None if profile.last is None else int(profile.last // DAYS_A_WEEK)
        filed = self._of.setdefault(story_id, set())
        for term in heaviest(profile):
            self._files.setdefault(term, {}).setdefault(week, Counter())[story_id] += profile.size
            filed.add((term, week))

    def remove(self, story_id: str) -> None:
        """Take a story out of every file."""
        for term, week in self._of.pop(story_id, ()):
            weeks = self._files[term]
            del weeks[week][story_id]
            if not weeks[week]:
                del weeks[week]
                if not weeks:
                    del self._files[term]

    def merge(self, story_id: str, other_id: str) -> None:
        """File a story wherever another is, which goes."""
        moved = [(term, week, self._files[term][week][other_id]) for term, week in self._of.get(other_id, ())]
        self.remove(other_id)
        for term, week, count in moved:
            self._files.setdefault(term, {}).setdefault(week, Counter())[story_id] += count
            self._of[story_id].add((term, week))

    def sharing(self, profile: Profile, stories: dict[str, Candidate], centroids: Centroids) -> list[str]:
        """The `BY_WORDS` stories of the window that share most of the profile's heaviest terms, by share of theirs."""
        shared: dict[str, float] = {}
        for term in heaviest(profile):
            files = self._around(term, profile)
            if sum(map(len, files)) > COMMON:
                continue  # a term of very many stories of these weeks points to none
            weight = profile.terms[term][0] / profile.size
            for file in files:
                for story_id, count in file.items():
                    shared[story_id] = shared.get(story_id, 0.0) + weight * count
        return heapq.nsmallest(
            BY_WORDS,
            (story_id for story_id in shared if centroids.within(story_id, profile)),
            key=lambda story_id: (-shared[story_id] / stories[story_id].profile.size, stories[story_id].opened),
        )

    def _around(self, term: str, profile: Profile) -> Collection[Counter[str]]:
        weeks = self._files.get(term, {})
        if profile.first is None or profile.last is None:
            return weeks.values()
        first = int((profile.first - self.window_days) // DAYS_A_WEEK)
        last = int((profile.last + self.window_days) // DAYS_A_WEEK)
        return [file for week, file in weeks.items() if week is None or first <= week <= last]
