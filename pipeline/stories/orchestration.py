"""The one order in which stories are found: place, merge every so many, look again at the young, split (pure).

`wirewatch cluster` runs it over an index in memory, the DAGs over one in Postgres; what it decides is the same for the
same articles in the same order (docs/stories.md).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from pipeline.models import Assignment, Document
from pipeline.stories.adaptation import SAMPLE, Sampled, adapt, moved
from pipeline.stories.decide import Merge, assign, merge_pass, split_pass
from pipeline.stories.features import ArticleFeatures, Candidate, Reading, article, day_of, terms_of
from pipeline.stories.index import Bound, StoryIndex, Young
from pipeline.stories.model import StoryModel, Vector
from pipeline.stories.reassignment import Reassignment, reassign
from pipeline.text.tags import primary

MERGE_EVERY = 100
"""Articles between two merge passes: what the pipeline places in a few minutes."""

MEASURE_EVERY = 20
"""Articles between two looks at the stream while there are few of them; later, each merge pass looks."""

YOUNG = 2000
"""Articles between two reassignments, where as many come at once; the pass looks at the last twice as many."""

Guard = Callable[[str], AbstractContextManager[object]]
"""What stands around the work on one article, by its id: a barrier that keeps its failure from the others."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An article that waits for its story: its unit vector, the article it is a copy of, and its topic, if it has one.

    The document's `language` is the one to treat it as; a copy's vector is its origin's, which was placed before.
    """

    document: Document
    vector: Vector
    copy_of: str | None = None
    topic: str | None = None


class Orchestration:
    """Finds the stories of an index, article by article, pass by pass."""

    def __init__(self, index: StoryIndex, model: StoryModel, guard: Guard | None = None) -> None:
        """`model` is as fitted; here it is adapted to the latest articles of the stream."""
        self.index = index
        self.fitted = model
        self.model = model
        self.counts = {"placed": 0, "opened": 0, "merged": 0, "moved": 0, "split": 0}
        self._guard: Guard = guard or (lambda _: nullcontext())
        self._changed: dict[str, None] = {}
        self._latest = deque(index.sample(), maxlen=SAMPLE)
        self._unmeasured = 0
        self._adapt(anew=False)

    def place(self, arrival: Arrival, bound: Bound | None = None) -> Assignment:
        """Give an article its story. Where this raises, nothing of the article is left in the orchestration."""
        document, bound = arrival.document, bound or Bound()
        language, terms = primary(document.language), terms_of(document)
        weights = self.index.weigh(document.id, language, terms)
        reading = Reading(document.id, arrival.vector, weights, len(terms), day_of(document), language)
        features = article(reading, self.model)
        must_link = bound.must_link.get(document.id)
        cannot_link = bound.cannot_link.get(document.id, ())
        copy_story = None if arrival.copy_of is None else self.index.story_of(arrival.copy_of)
        follows = must_link is not None or (copy_story is not None and copy_story not in cannot_link)
        decision = assign(
            features,
            () if follows else self.index.candidates(features.profile),
            self.model,
            must_link=must_link,
            copy_story=copy_story,
            cannot_link=cannot_link,
        )
        story_id = decision.story_id
        if story_id is None:
            story_id = self.index.open(features, decision)
            self.counts["opened"] += 1
        else:
            self.index.join(story_id, features, decision)
        self.counts["placed"] += 1
        self._changed[story_id] = None
        if arrival.copy_of is None:
            self._know(Sampled(arrival.topic, reading))
        return decision

    def merge(self, again: Iterable[str] = ()) -> None:
        """Merge stories changed since the last time, and those to try `again`, with neighbours that they now match."""
        self._changed |= dict.fromkeys(again)
        if not self._changed:
            return
        self._measure()
        near = self._neighbourhood(self._changed)
        bound = self.index.bound((), [each.id for each in near])
        for merge in merge_pass(near, self.model, changed=self._changed, cannot_link=bound.stories):
            self._merge(merge, "")
        self._changed.clear()

    def reassign(self) -> None:
        """Look again at the young articles, all together with the stories around them; then split what is two."""
        self.merge()
        young = self.index.young()
        if len(young) < 2:
            return
        self._measure()
        stories = dict.fromkeys(each.story_id for each in young)
        near = self._neighbourhood(stories)
        bound = self.index.bound([each.article_id for each in young], [each.id for each in near])
        members = self.index.members(stories)
        riders = _riders(young, bound)
        found = reassign(near, _free(young, members, riders), self.model, bound)
        for merge in found.merges:
            self._merge(merge, "reassigned: ")
        touched = self._move(found, riders, bound)
        self.index.rebuild(touched)
        anew = dict.fromkeys((*touched, *(merge.story_id for merge in found.merges)))
        self._split(dict.fromkeys((*stories, *anew)), members | self.index.members(anew))

    def _neighbourhood(self, story_ids: Iterable[str]) -> list[Candidate]:
        """These stories with their nearest: all that a pass over them needs."""
        near: dict[str, Candidate] = {}
        for story in self.index.stories(story_ids):
            near[story.id] = story
            for other in self.index.candidates(story.profile):
                near.setdefault(other.id, other)
        return list(near.values())

    def _merge(self, merge: Merge, why: str) -> None:
        assignment = Assignment(merge.story_id, merge.score, merge.threshold, "merge", self.model.name)
        reason = f"{why}{merge.method} score {merge.score:.2f} reached {merge.threshold:.2f}"
        self.index.merge(merge.story_id, merge.other_id, assignment, reason)
        self.counts["merged"] += 1

    def _move(self, found: Reassignment, riders: dict[str, list[str]], bound: Bound) -> list[str]:
        """Move articles with the copies that ride with them; the stories concerned."""
        merged = {merge.other_id: merge.story_id for merge in found.merges}
        opened: dict[str, str] = {}
        touched: dict[str, None] = {}
        for move in found.moves:
            if move.to_id is not None and move.to_id in bound.cannot_link.get(move.article_id, ()):
                continue
            with self._guard(move.article_id):
                goal = move.to_id or opened.get(move.group)
                goal = self.index.move(
                    [move.article_id, *riders.get(move.article_id, ())],
                    goal,
                    Assignment(goal, 0.0, 0.0, "reassign", self.model.name),
                    "reassigned while it was young, seen together with what came after it",
                )
                if move.to_id is None:
                    opened[move.group] = goal
                touched |= {merged.get(move.from_id, move.from_id): None, goal: None}
                self.counts["moved"] += 1
        return list(touched)

    def _split(self, story_ids: Iterable[str], members: dict[str, list[ArticleFeatures]]) -> None:
        """Take apart those of the stories that have come to be two."""
        living = [story.id for story in sorted(self.index.stories(story_ids), key=lambda story: story.opened)]
        ids = [member.id for story_id in living for member in members.get(story_id, ())]
        must_link = self.index.bound(ids).must_link
        for story_id in living:
            articles = members.get(story_id, [])
            if len(articles) < 2:
                continue
            with self._guard(articles[-1].id):
                for split in split_pass({story_id: articles}, self.model, must_link=must_link):
                    assignment = Assignment(None, split.score, split.threshold, "split", self.model.name)
                    reason = f"the parts match by {split.score:.2f}, under {split.threshold:.2f}"
                    self.index.split(split.story_id, split.article_ids, assignment, reason)
                    self.counts["split"] += 1

    def _know(self, latest: Sampled) -> None:
        """Take an article into the sample that the stream is measured over."""
        self._latest.append(latest)
        self._unmeasured += 1
        if self._unmeasured >= MEASURE_EVERY and len(self._latest) < SAMPLE:
            self._measure()

    def _measure(self) -> None:
        """Adapt to what came; while the sample holds all there is, the sums of the stories are made anew as well."""
        if self._unmeasured:
            self._adapt(anew=len(self._latest) < SAMPLE)
            self._unmeasured = 0

    def _adapt(self, *, anew: bool) -> None:
        before, self.model = self.model.means, adapt(self._latest, self.fitted)
        self.index.adapt(self.model, anew=anew and moved(before, self.model.means))


def _riders(young: Sequence[Young], bound: Bound) -> dict[str, list[str]]:
    """Article -> its young copies, which go where it goes: those in its story that no person put anywhere."""
    found: dict[str, list[str]] = {}
    origins = {each.article_id: each.origin_id for each in young if _rides(each, bound)}
    for article_id in origins:
        root, seen = article_id, {article_id}
        while (above := origins.get(root)) is not None and above not in seen:
            root = above
            seen.add(root)
        found.setdefault(root, []).append(article_id)
    return found


def _rides(each: Young, bound: Bound) -> bool:
    return each.origin_id is not None and each.origin_story == each.story_id and each.article_id not in bound.must_link


def _free(
    young: Sequence[Young], members: dict[str, list[ArticleFeatures]], riders: dict[str, list[str]]
) -> dict[str, list[ArticleFeatures]]:
    """Story -> its young articles, each together with the copies that ride with it."""
    known = {member.id: member for group in members.values() for member in group}
    riding = {rider for group in riders.values() for rider in group}
    free: dict[str, list[ArticleFeatures]] = {}
    for each in young:
        if each.article_id in known and each.article_id not in riding:
            profile = known[each.article_id].profile.copy()
            for rider in riders.get(each.article_id, ()):
                if rider in known:
                    profile.add(known[rider].profile)
            free.setdefault(each.story_id, []).append(ArticleFeatures(each.article_id, profile))
    return free
