"""The stories of the active window in memory, findable by vector and by words: what Postgres is to the DAGs."""

from __future__ import annotations

from array import array
from collections import Counter, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.models import Assignment
from pipeline.stories.adaptation import SAMPLE, Sampled
from pipeline.stories.features import ArticleFeatures, Candidate, Profile, Reading, article, story_of
from pipeline.stories.index import Bound, Young
from pipeline.stories.lookup import Centroids, TermFiles
from pipeline.stories.model import StoryModel, Vector
from pipeline.stories.orchestration import YOUNG
from pipeline.stories.term_stats import EPOCH_DAY, TermStats, kept

ARRIVAL = EPOCH_DAY
"""The day on which every word of a file is counted: its articles arrive together, whenever they were published."""


@dataclass(slots=True)
class _Kept:
    """An article as it is kept, a tenth of the size of its features; `number` counts articles in order of placing."""

    number: int
    vector: Vector
    terms: tuple[str, ...]
    weights: array[float]
    words: int
    day: float | None
    language: str | None

    @classmethod
    def of(cls, number: int, reading: Reading) -> _Kept:
        terms, weights = tuple(reading.weights), array("d", reading.weights.values())
        return cls(number, reading.vector, terms, weights, reading.words, reading.day, reading.language)

    def reading(self, article_id: str) -> Reading:
        weights = dict(zip(self.terms, self.weights, strict=True))
        return Reading(article_id, self.vector, weights, self.words, self.day, self.language)


class MemoryIndex:
    """A `StoryIndex` of one process; grows with the stories of the window, not with the stream."""

    def __init__(self, model: StoryModel) -> None:
        self.model = model
        self.terms = TermStats(model.half_life_days)
        self.living: dict[str, Candidate] = {}
        self.origins: dict[str, str] = {}
        """Copy -> its origin, which was placed before; filled by whoever finds copies."""
        self.apart: Mapping[str, Collection[str]] = {}
        """Article -> those that report another event in the same form of words; filled by whoever finds copies."""
        self._centroids = Centroids(model.dimension, model.window_days)
        self._files = TermFiles(model.window_days)
        self._opened: dict[str, float] = {}
        self._redirects: dict[str, str] = {}
        self._story_of: dict[str, str] = {}
        self._members: dict[str, dict[str, None]] = {}
        self._kept: dict[str, _Kept] = {}
        self._young: dict[str, tuple[str | None, Counter[str]]] = {}  # article -> language, words
        self._split_off: set[str] = set()
        self._latest: deque[str] = deque(maxlen=SAMPLE)

    def __len__(self) -> int:
        return len(self.living)

    # --- what is asked ------------------------------------------------------------------------------------

    def weigh(self, article_id: str, language: str | None, terms: Sequence[str]) -> Mapping[str, float]:
        """Count an article's terms among those of the file; its weights by what came so far."""
        self.terms.observe(language, terms, ARRIVAL)
        self._young[article_id] = (language, Counter(terms))
        while len(self._young) > 2 * YOUNG:
            del self._young[next(iter(self._young))]
        return kept(self.terms.weigh(language, terms, ARRIVAL))

    def reweigh(self) -> None:
        """Weigh the words of the young articles by what is known now: the first were weighed by hardly any text.

        So the weights, like the place, come to depend on which articles came and not on their order.
        """
        for article_id, (language, words) in self._young.items():
            if article_id in self._kept:
                weights = kept(self.terms.weigh(language, words, ARRIVAL))
                young = self._kept[article_id]
                young.terms, young.weights = tuple(weights), array("d", weights.values())
        self.rebuild(dict.fromkeys(self._story(article_id) for article_id in self._young if article_id in self._kept))

    def candidates(self, profile: Profile) -> list[Candidate]:
        """Stories of the window around the profile, nearest centroids first, then those with its rare words."""
        found = dict.fromkeys(self._centroids.nearest(profile))
        found |= dict.fromkeys(self._files.sharing(profile, self.living, self._centroids))
        return [self.living[story_id] for story_id in found]

    def stories(self, story_ids: Iterable[str]) -> list[Candidate]:
        """Those of these stories that live."""
        return [self.living[story_id] for story_id in story_ids if story_id in self.living]

    def members(self, story_ids: Iterable[str]) -> dict[str, list[ArticleFeatures]]:
        """The articles of each of these stories, in order of publication; undated ones last."""

        def order(article_id: str) -> tuple[bool, float, int]:
            known = self._kept[article_id]
            return known.day is None, known.day or 0.0, known.number

        return {
            story_id: [self._features(each) for each in sorted(self._members[story_id], key=order)]
            for story_id in story_ids
            if story_id in self._members
        }

    def story_of(self, article_id: str) -> str | None:
        """The story that an article is in now, redirects followed."""
        return self._story(article_id) if article_id in self._story_of else None

    def sample(self) -> list[Sampled]:
        """The articles placed last that are no copies, oldest first."""
        return [Sampled(None, self._kept[each].reading(each)) for each in self._latest if each in self._kept]

    def adapt(self, model: StoryModel, *, anew: bool) -> None:
        """See articles by this model from now on; with `anew`, the living stories are summed up by it as well."""
        self.model = model
        if anew:
            self.rebuild(list(self.living))

    def young(self) -> list[Young]:
        """The last articles placed, twice `YOUNG` at most, in order."""
        found = []
        for article_id in self._young:
            if article_id in self._kept and article_id not in self._split_off:
                origin = self.origins.get(article_id)
                origin_story = None if origin is None else self.story_of(origin)
                found.append(Young(article_id, self._story(article_id), origin, origin_story))
        return found

    def bound(self, article_ids: Collection[str], story_ids: Collection[str] = ()) -> Bound:
        """What texts keep apart; nobody said anything of a file's articles."""
        cannot_link = {each: self._apart(each) for each in article_ids if each in self.apart}
        pairs = {
            frozenset((story_id, other))
            for story_id in story_ids
            for member in self._members.get(story_id, ())
            if member in self.apart
            for other in self._apart(member) - {story_id}
        }
        articles = {frozenset((each, other)) for each in cannot_link for other in self.apart[each]}
        return Bound({}, cannot_link, pairs, articles)

    def _apart(self, article_id: str) -> set[str]:
        """The stories that hold a text which keeps this one apart."""
        return {self._story(other) for other in self.apart[article_id] if other in self._story_of}

    # --- what is written ----------------------------------------------------------------------------------

    def open(self, features: ArticleFeatures, assignment: Assignment) -> str:
        """A new story, which takes the id of its article; marked when a story had that one already."""
        story_id = self._fresh(features.id)
        self._enter(story_id, features)
        return story_id

    def join(self, story_id: str, features: ArticleFeatures, assignment: Assignment) -> None:
        """Let a story take in an article; one that had left the window lives again, by this article alone."""
        self._enter(story_id, features)

    def merge(self, story_id: str, other_id: str, assignment: Assignment, reason: str) -> None:
        """Let `story_id` take in `other_id`, which goes."""
        self.living[story_id].profile.add(self.living[other_id].profile)
        self._centroids.put(story_id, self.living[story_id].profile)
        self._files.merge(story_id, other_id)
        self._redirects[other_id] = story_id
        self._members[story_id] |= self._members[other_id]
        self._drop(other_id)

    def move(self, article_ids: Sequence[str], story_id: str | None, assignment: Assignment, reason: str) -> str:
        """Move articles to a story (None: a new one, which takes the id of the first); its sums wait for `rebuild`."""
        goal = self._fresh(article_ids[0]) if story_id is None else story_id
        for article_id in article_ids:
            del self._members[self._story(article_id)][article_id]
            self._members.setdefault(goal, {})[article_id] = None
            self._story_of[article_id] = goal
        return goal

    def split(self, story_id: str, article_ids: Sequence[str], assignment: Assignment, reason: str) -> str:
        """Move articles out of a story into a new one."""
        goal = self.move(article_ids, None, assignment, reason)
        self._split_off.update(article_ids)
        self.rebuild([story_id, goal])
        return goal

    def rebuild(self, story_ids: Iterable[str]) -> None:
        """Make the sums of stories anew from their articles; one left empty goes."""
        for story_id, members in self.members(story_ids).items():
            self._files.remove(story_id)
            if not members:
                self._drop(story_id)
                continue
            self.living[story_id] = story_of(story_id, self._opened[story_id], members)
            self._centroids.put(story_id, self.living[story_id].profile)
            for member in members:
                self._files.add(story_id, member.profile)

    def evict(self, day: float) -> list[str]:
        """Drop stories whose last article is over a window older than `day`; their ids."""
        horizon = day - self.model.window_days
        gone = [s.id for s in self.living.values() if s.profile.last is not None and s.profile.last < horizon]
        for story_id in gone:
            for article_id in self._members[story_id]:
                del self._kept[article_id]
            self._files.remove(story_id)
            self._drop(story_id)
        return gone

    # ------------------------------------------------------------------------------------------------------

    def resolve(self, story_id: str) -> str:
        """A story's id after merges."""
        while story_id in self._redirects:
            story_id = self._redirects[story_id]
        return story_id

    def _features(self, article_id: str) -> ArticleFeatures:
        return article(self._kept[article_id].reading(article_id), self.model)

    def _story(self, article_id: str) -> str:
        return self.resolve(self._story_of[article_id])

    def _enter(self, story_id: str, features: ArticleFeatures) -> None:
        if story_id in self.living:
            self.living[story_id].profile.add(features.profile)
        else:
            self.living[story_id] = Candidate(story_id, self._opened[story_id], features.profile.copy())
        self._centroids.put(story_id, self.living[story_id].profile)
        self._files.add(story_id, features.profile)
        self._members.setdefault(story_id, {})[features.id] = None
        self._story_of[features.id] = story_id
        assert features.reading is not None
        self._kept[features.id] = _Kept.of(len(self._story_of), features.reading)
        if features.id not in self.origins:
            self._latest.append(features.id)

    def _fresh(self, article_id: str) -> str:
        """An id for a story that this article opens, and its age."""
        story_id = article_id
        while story_id in self._opened:
            story_id += "+"
        self._opened[story_id] = float(len(self._opened))
        return story_id

    def _drop(self, story_id: str) -> None:
        """Forget the sums of a story: it merged away, was left by all, or left the window."""
        self.living.pop(story_id, None)
        self._members.pop(story_id, None)
        self._centroids.remove(story_id)
