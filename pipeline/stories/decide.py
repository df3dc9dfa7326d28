"""Which story an article belongs to, and why; which stories are one, and which are two (pure).

An article joins the story whose articles it matches best on average, if the odds pass `join`; else it opens one.
As `join` is strict, a story may begin as several; the merge pass puts together what has come to match on average,
at the milder `merge`, and the split pass takes apart what no longer does. No function here does I/O.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from pipeline.models import Assignment
from pipeline.stories.features import COMMON, ArticleFeatures, Candidate, Comparison, Profile, compare, heaviest
from pipeline.stories.model import MIX, StoryModel, probability
from pipeline.stories.pairs import Floats, Pairs

MUST_LINK = "must-link"
"""The method of an article that stands where a person put it."""

NEIGHBOURS = 24
"""Stories that an article or a story is compared with; the story an article joins ranks within the first ten."""

LARGEST_SPLIT = 500
"""Articles of the largest story that the split pass looks into: some 10 MB of scores."""


@dataclass(frozen=True, slots=True)
class Merge:
    """`other_id` is one story with the older `story_id`, whose id stays; `score` and `threshold` are 0..1."""

    story_id: str
    other_id: str
    score: float
    threshold: float
    method: str


@dataclass(frozen=True, slots=True)
class Split:
    """`article_ids` leave `story_id` for a story of their own; `score`, 0..1, is how well the parts match."""

    story_id: str
    article_ids: tuple[str, ...]
    score: float
    threshold: float


def assign(
    article: ArticleFeatures,
    candidates: Sequence[Candidate],
    model: StoryModel,
    *,
    must_link: str | None = None,
    copy_story: str | None = None,
    cannot_link: Collection[str] = (),
) -> Assignment:
    """The story that `article` joins, or None for a new one, with the reason.

    `must_link` is the story a person put it in, `copy_story` the story of the text it is a copy of, `cannot_link` the
    stories a person keeps it out of; they bind in this order: must-link, cannot-link, copy. Equal scores go to the
    older story.
    """
    if must_link is not None:
        return Assignment(must_link, 1.0, 0.0, MUST_LINK, model.name)
    if copy_story is not None and copy_story not in cannot_link:
        return Assignment(copy_story, 1.0, 0.0, "copy", model.name)
    scored: list[tuple[float, float, str, Comparison]] = []
    for candidate in candidates:
        found = compare(article.profile, candidate.profile, model)
        if found is not None and candidate.id not in cannot_link:
            # On one scale for every rule: how far the score lies over the rule's own threshold.
            scored.append((found.join - found.odds, candidate.opened, candidate.id, found))
    if not scored:
        return Assignment(None, 0.0, 0.0, "first", model.name, features={"compared": 0})
    scored.sort(key=lambda each: each[:3])
    under, _, story_id, best = scored[0]
    return Assignment(
        story_id if under <= 0 else None,
        probability(best.odds),
        probability(best.join),
        best.method,
        model.name,
        next((other for _, _, other, _ in scored[1:]), None) if under <= 0 else story_id,
        {"compared": len(scored)},
    )


def merge_pass(
    stories: Sequence[Candidate],
    model: StoryModel,
    *,
    changed: Collection[str] | None = None,
    cannot_link: Collection[frozenset[str]] = (),
) -> list[Merge]:
    """The merges that the stories of a window call for, best first; a story merged away never appears again.

    `changed` names the stories worth comparing (None: all); `cannot_link` are pairs of stories that a person keeps
    from merging, which also keeps out what has merged with them. The result depends on the set of stories, not their
    order, but for stories opened at the same moment, which count as opened in the order given.
    """
    ordered = sorted(stories, key=lambda story: story.opened)
    return _Merger(ordered, model, changed, cannot_link).run()


class _Merger:
    """Greedy average-link agglomeration over a heap of pairs that pass the threshold."""

    def __init__(
        self,
        stories: Sequence[Candidate],
        model: StoryModel,
        changed: Collection[str] | None,
        cannot_link: Collection[frozenset[str]],
    ) -> None:
        self.model = model
        self.ids = [story.id for story in stories]
        self.profiles: list[Profile | None] = [story.profile for story in stories]
        self.version = [0] * len(stories)
        self.near: list[set[int]] = [set() for _ in stories]
        row = {story_id: i for i, story_id in enumerate(self.ids)}
        self.barred: list[set[int]] = [set() for _ in stories]
        for pair in cannot_link:
            if len(pair) == 2 and all(story_id in row for story_id in pair):
                left, right = (row[story_id] for story_id in pair)
                self.barred[left].add(right)
                self.barred[right].add(left)
        self.heap: list[tuple[float, int, int, int, int, float, float, str]] = []
        for i, j in near_pairs(stories, model, changed):
            self.push(i, j)

    def push(self, i: int, j: int) -> None:
        """Queue the pair if it passes; remember it as near, so that a grown story meets it again."""
        left, right = self.profiles[i], self.profiles[j]
        if left is None or right is None or j in self.barred[i]:
            return
        found = compare(left, right, self.model)
        if found is None:
            return
        self.near[i].add(j)
        self.near[j].add(i)
        under = found.merge - found.odds
        if under <= 0:
            heapq.heappush(
                self.heap, (under, i, j, self.version[i], self.version[j], found.odds, found.merge, found.method)
            )

    def run(self) -> list[Merge]:
        merges = []
        while self.heap:
            _, i, j, version_i, version_j, odds, threshold, name = heapq.heappop(self.heap)
            if self.version[i] != version_i or self.version[j] != version_j:
                continue
            merges.append(Merge(self.ids[i], self.ids[j], probability(odds), probability(threshold), name))
            self.join(i, j)
        return merges

    def join(self, i: int, j: int) -> None:
        """Let story `i` take in `j`, and look at the neighbours of both again."""
        left, right = self.profiles[i], self.profiles[j]
        assert left is not None and right is not None
        grown = left.copy()
        grown.add(right)
        self.profiles[i], self.profiles[j] = grown, None
        self.version[i] += 1
        self.version[j] += 1
        for other in self.barred[j]:
            self.barred[i].add(other)
            self.barred[other].add(i)
        for other in sorted((self.near[i] | self.near[j]) - {i, j}):
            self.push(min(i, other), max(i, other))


def near_pairs(
    stories: Sequence[Candidate], model: StoryModel, changed: Collection[str] | None = None, block: int = 512
) -> list[tuple[int, int]]:
    """Pairs of rows worth scoring, (i < j): each changed story with its nearest `NEIGHBOURS` of the window.

    Nearest by vectors, in blocks of rows, so that memory grows with the number of stories and not with its square;
    where the model cannot read the language, by heavy words in common as well.
    """
    rows = [i for i, story in enumerate(stories) if changed is None or story.id in changed]
    if not rows or len(stories) < 2:
        return []
    centroids = np.stack([story.profile.centroid for story in stories])
    first = np.array([-np.inf if s.profile.first is None else s.profile.first for s in stories])
    last = np.array([np.inf if s.profile.last is None else s.profile.last for s in stories])
    found = _pairs_by_words(stories, [i for i in rows if not model.reads(stories[i].profile.language)])
    for start in range(0, len(rows), block):
        part = np.array(rows[start : start + block])
        close = centroids[part] @ centroids.T
        distant = (first[None] - last[part, None] > model.window_days) | (
            first[part, None] - last[None] > model.window_days
        )
        close[distant] = -2.0
        close[np.arange(len(part)), part] = -2.0
        keep = min(NEIGHBOURS, len(stories) - 1)
        nearest = np.argpartition(-close, keep - 1, axis=1)[:, :keep]
        for at, i in enumerate(part.tolist()):
            found.update((min(i, j), max(i, j)) for j in nearest[at].tolist() if close[at, j] > -2.0)
    return sorted(found)


def _pairs_by_words(stories: Sequence[Candidate], rows: Sequence[int]) -> set[tuple[int, int]]:
    """Each of `rows` with the stories that share most of its heaviest terms, (i < j)."""
    if not rows:
        return set()
    postings: dict[str, list[int]] = {}
    for i, story in enumerate(stories):
        for term in heaviest(story.profile):
            postings.setdefault(term, []).append(i)
    found: set[tuple[int, int]] = set()
    for i in rows:
        profile = stories[i].profile
        shared: dict[int, float] = {}
        for term in heaviest(profile):
            for j in postings[term] if len(postings[term]) <= COMMON else ():
                shared[j] = shared.get(j, 0.0) + profile.terms[term][0]
        shared.pop(i, None)
        best = heapq.nsmallest(NEIGHBOURS, shared, key=lambda j: (-shared[j], j))
        found.update((min(i, j), max(i, j)) for j in best)
    return found


def clusters(odds: Floats, threshold: float) -> NDArray[np.int32]:
    """A number for each row of a matrix of scores, the same for rows that average linkage joins at `threshold`."""
    return cut(*tree(odds), threshold)


def tree(odds: Floats) -> tuple[Floats, float]:
    """The average-link tree of a matrix of scores, and the score that is its distance 0."""
    top = float(odds.max())
    distance = np.maximum(top - odds, 0.0)
    np.fill_diagonal(distance, 0.0)
    return linkage(squareform(distance, checks=False), "average"), top


def cut(tree: Floats, top: float, threshold: float) -> NDArray[np.int32]:
    """A number for each row of a tree, the same for rows that are joined at a score of `threshold` or above."""
    return np.asarray(fcluster(tree, max(0.0, top - threshold), "distance"), dtype=np.int32)


def split_pass(
    stories: Mapping[str, Sequence[ArticleFeatures]], model: StoryModel, *, must_link: Collection[str] = ()
) -> list[Split]:
    """The stories that have come to be two: their parts match worse, on average, than `split`.

    Stories of more than `LARGEST_SPLIT` articles are left to people, as every pair is compared.
    The part without the earliest article leaves; `must_link` articles (put there by a person) stay, whatever they
    match. Stories and articles of one moment count in the order given.
    """
    splits = []
    for story_id, members in stories.items():
        articles = sorted(members, key=lambda a: (a.profile.first is None, a.profile.first or 0.0))
        if not 3 <= len(articles) <= LARGEST_SPLIT:
            continue
        grown, top = tree(Pairs(articles, model).over("split"))
        between = top - float(grown[-1, 2])
        if between >= 0:
            continue
        part = fcluster(grown, 2, "maxclust")
        threshold = model.rules[MIX].split
        other = [article.id for article, side in zip(articles, part, strict=True) if side != part[0]]
        leaving = tuple(article_id for article_id in other if article_id not in must_link)
        if leaving:
            splits.append(Split(story_id, leaving, probability(threshold + between), probability(threshold)))
    return splits
