"""The stories in Postgres as the orchestration asks for them: what `MemoryIndex` is to a file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.database import Connection
from pipeline.models import Assignment
from pipeline.store import copies, overrides, sample
from pipeline.store import stories as store
from pipeline.store.stories import Event, Membership
from pipeline.stories.adaptation import Sampled, adapt
from pipeline.stories.features import SECONDS_A_DAY, ArticleFeatures, Candidate, Profile
from pipeline.stories.index import Bound, Young
from pipeline.stories.model import StoryModel
from pipeline.stories.orchestration import YOUNG
from pipeline.stories.term_stats import increment, kept, tf_idf

YOUNG_FOR = timedelta(hours=1)
"""How long the place of an article is provisional: the next digest is further off, and few have read of it."""


@dataclass(slots=True)
class PostgresIndex:
    """A `StoryIndex` over one transaction, whose caller holds the clustering lock.

    `model` is as fitted or adapted, `model_id` the row of its embedding model; what is written is as of `now` and by
    `actor`.
    Ids of articles and stories are those of their rows, in decimal. `arrival` is the clock's time where `now` is a past
    moment.
    """

    connection: Connection
    model: StoryModel
    model_id: int
    now: datetime
    actor: str = "pipeline"
    arrival: datetime | None = None

    def of_stream(self) -> PostgresIndex:
        """The same, adapted to the latest articles: for changes to stories outside the orchestration."""
        self.model = adapt(self.sample(), self.model)
        return self

    def weigh(self, article_id: str, language: str | None, terms: Sequence[str]) -> Mapping[str, float]:
        """Count an article's terms as of today, whenever it was published: at its own age each would look rare.

        All that arrives on one day counts the same, so that a run broken off and begun again weighs nothing otherwise.
        """
        today = (self.arrival or self.now).timestamp() // SECONDS_A_DAY
        added = increment(today, self.model.half_life_days)
        counts = store.observe(self.connection, language, terms, added)
        weights = kept(tf_idf(terms, counts, counts[""], added))
        store.set_terms(self.connection, int(article_id), weights, len(terms))
        return weights

    def candidates(self, profile: Profile) -> list[Candidate]:
        """Living stories near the profile in time, by vector or by words."""
        return store.candidates(self.connection, profile, self.model_id, self.model)

    def stories(self, story_ids: Iterable[str]) -> list[Candidate]:
        """Those of these stories that live."""
        return store.profiles(self.connection, [int(each) for each in story_ids], self.model_id)

    def members(self, story_ids: Iterable[str]) -> dict[str, list[ArticleFeatures]]:
        """The articles of each of these stories, in order of publication."""
        ids = [int(story_id) for story_id in story_ids]
        found = store.features(self.connection, ids, self.model_id, self.model) if ids else {}
        return {str(story_id): members for story_id, members in found.items()}

    def story_of(self, article_id: str) -> str | None:
        """The story that an article is in now."""
        story_id = store.current(self.connection, int(article_id))
        return None if story_id is None else str(story_id)

    def sample(self) -> list[Sampled]:
        """The articles placed last, no copies, oldest first."""
        return sample.latest(self.connection, self.model_id)[::-1]

    def adapt(self, model: StoryModel, *, anew: bool) -> None:
        """See articles by this model from now on; with `anew`, the living stories are summed up by it as well."""
        self.model = model
        if anew:
            self.rebuild(store.living(self.connection, self.model_id))

    def young(self) -> list[Young]:
        """What was placed within the hour or was not looked at again yet, twice `YOUNG` articles at most."""
        return store.young(self.connection, self.now - YOUNG_FOR, self.now, 2 * YOUNG)

    def bound(self, article_ids: Collection[str], story_ids: Collection[str] = ()) -> Bound:
        """What a person said of these articles and of stories, and what texts keep apart."""
        said = overrides.bound(self.connection, [int(each) for each in article_ids])
        cannot_link = {each: set(stories) for each, stories in said.cannot_link.items()}
        for article_id, story_id in copies.stories_apart(self.connection, article_ids):
            cannot_link.setdefault(article_id, set()).add(story_id)
        stories = {*said.stories, *copies.pairs_apart(self.connection, story_ids)}
        known = copies.apart(self.connection, [int(each) for each in article_ids])
        articles = {frozenset((each, other)) for each, others in known.items() for other in others}
        return Bound(said.must_link, cannot_link, stories, articles)

    def open(self, article: ArticleFeatures, assignment: Assignment) -> str:
        """A new story of one article; the event says so."""
        article_id = int(article.id)
        story_id = store.new_story(self.connection, [article_id], self.now)
        self._event("open", story_id, "no story matched", article_id=article_id)
        self._enter(story_id, article, assignment, article.profile)
        return str(story_id)

    def join(self, story_id: str, article: ArticleFeatures, assignment: Assignment) -> None:
        """Let a story take in an article; one whose sums were forgotten lives again, by this article alone."""
        known = self.stories([story_id])
        grown = known[0].profile.copy() if known else article.profile
        if known:
            grown.add(article.profile)
        self._enter(int(story_id), article, assignment, grown)
        store.widen(self.connection, int(story_id), int(article.id))

    def merge(self, story_id: str, other_id: str, assignment: Assignment, reason: str) -> None:
        """The memberships of the other story end, its id redirects, the event says why."""
        keep, gone = int(story_id), int(other_id)
        sums = {story.id: story.profile for story in self.stories([story_id, other_id])}
        for article_id in store.members(self.connection, gone):
            self._move(article_id, keep, assignment)
        store.widen_by(self.connection, keep, gone)
        store.redirect(self.connection, gone, keep)
        self._event("merge", keep, reason, other_id=gone)
        if len(sums) == 2:
            whole = sums[story_id].copy()
            whole.add(sums[other_id])
            store.save_profile(self.connection, keep, self.model_id, whole)
        else:
            self.rebuild([story_id])

    def move(self, article_ids: Sequence[str], story_id: str | None, assignment: Assignment, reason: str) -> str:
        """Move articles of one story to another (None: a new one); the event names the first of them."""
        ids = [int(each) for each in article_ids]
        former = store.current(self.connection, ids[0])
        goal = store.new_story(self.connection, ids[:1], self.now) if story_id is None else int(story_id)
        for article_id in ids:
            self._move(article_id, goal, assignment)
        self._event("move", goal, reason, other_id=former, article_id=ids[0])
        return str(goal)

    def split(self, story_id: str, article_ids: Sequence[str], assignment: Assignment, reason: str) -> str:
        """Move articles out of a story into a new one; the event of the story names the new one."""
        ids = [int(each) for each in article_ids]
        goal = store.new_story(self.connection, ids, self.now)
        for article_id in ids:
            self._move(article_id, goal, assignment)
        self._event("split", int(story_id), reason, other_id=goal)
        self.rebuild([story_id, str(goal)])
        return str(goal)

    def rebuild(self, story_ids: Iterable[str]) -> None:
        """Make sums, terms and spans of stories anew from their articles; one left empty keeps only its history."""
        wanted = list(dict.fromkeys(story_ids))
        members = self.members(wanted)
        for story_id in wanted:
            number, articles = int(story_id), members.get(story_id, [])
            store.forget_profile(self.connection, number, self.model_id)
            if not articles:
                continue
            profile = articles[0].profile.copy()
            for article in articles[1:]:
                profile.add(article.profile)
            store.save_profile(self.connection, number, self.model_id, profile)
            for article in articles:
                store.add_terms(self.connection, number, article.profile)
            store.refresh_span(self.connection, number)

    def _enter(self, story_id: int, article: ArticleFeatures, assignment: Assignment, grown: Profile) -> None:
        self._move(int(article.id), story_id, assignment)
        store.save_profile(self.connection, story_id, self.model_id, grown)
        store.add_terms(self.connection, story_id, article.profile)

    def _move(self, article_id: int, story_id: int, assignment: Assignment) -> None:
        membership = Membership(story_id, assignment, self.model_id, self.now, self.actor)
        store.join(self.connection, article_id, membership)

    def _event(
        self, kind: str, story_id: int, reason: str, *, other_id: int | None = None, article_id: int | None = None
    ) -> None:
        store.event(self.connection, Event(self.now, kind, story_id, self.actor, reason, other_id, article_id))
