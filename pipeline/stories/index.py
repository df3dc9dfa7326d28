"""What the orchestration asks of the stories, wherever they are: in memory for a file, in Postgres for the DAGs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pipeline.models import Assignment
from pipeline.stories.features import ArticleFeatures, Candidate, Profile
from pipeline.stories.model import StoryModel

if TYPE_CHECKING:
    from pipeline.stories.adaptation import Sampled  # scipy, which a command that only reads rows does without


@dataclass(frozen=True, slots=True)
class Young:
    """An article whose place is provisional, and the text it is a copy of, if it is one, with that one's story."""

    article_id: str
    story_id: str
    origin_id: str | None = None
    origin_story: str | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """What holds whatever the scores say, by a person's word or by the texts.

    Article -> the story it must be in, article -> those it may not be in, stories kept apart, articles kept apart
    (reports of two events in one form of words).
    """

    must_link: Mapping[str, str] = field(default_factory=dict)
    cannot_link: Mapping[str, Collection[str]] = field(default_factory=dict)
    stories: Collection[frozenset[str]] = ()
    articles: Collection[frozenset[str]] = ()


class StoryIndex(Protocol):
    """Stories and their articles. A living story is one that articles may still join; ids of merged ones are gone."""

    def weigh(self, article_id: str, language: str | None, terms: Sequence[str]) -> Mapping[str, float]:
        """Count the terms of an article that arrives now; its TF-IDF weights, unit length."""
        ...

    def candidates(self, profile: Profile) -> list[Candidate]:
        """Living stories near the profile in time, by vector or by words: at most `BY_VECTOR` + `BY_WORDS`."""
        ...

    def stories(self, story_ids: Iterable[str]) -> list[Candidate]:
        """Those of these stories that live."""
        ...

    def members(self, story_ids: Iterable[str]) -> dict[str, list[ArticleFeatures]]:
        """The articles of each of these stories, in order of publication."""
        ...

    def story_of(self, article_id: str) -> str | None:
        """The story that an article is in now."""
        ...

    def sample(self) -> list[Sampled]:
        """The articles placed last, no copies, oldest first, at most `SAMPLE`: what a stream is measured over."""
        ...

    def adapt(self, model: StoryModel, *, anew: bool) -> None:
        """See articles by this model from now on; with `anew`, what is known of the living stories as well."""
        ...

    def young(self) -> list[Young]:
        """The articles whose place is provisional, in the order in which they were placed; none that a split moved."""
        ...

    def bound(self, article_ids: Collection[str], story_ids: Collection[str] = ()) -> Bound:
        """What binds these articles; which stories a person keeps apart, and which of `story_ids` texts do."""
        ...

    def open(self, article: ArticleFeatures, assignment: Assignment) -> str:
        """A new story of one article, whose id is returned."""
        ...

    def join(self, story_id: str, article: ArticleFeatures, assignment: Assignment) -> None:
        """Let a story take in an article that has none yet."""
        ...

    def merge(self, story_id: str, other_id: str, assignment: Assignment, reason: str) -> None:
        """Let a story take in another, whose id redirects from now on."""
        ...

    def move(self, article_ids: Sequence[str], story_id: str | None, assignment: Assignment, reason: str) -> str:
        """Move articles of one story, the first of which is the reason, to another (None: a new one); its id.

        The sums of both wait for `rebuild`.
        """
        ...

    def split(self, story_id: str, article_ids: Sequence[str], assignment: Assignment, reason: str) -> str:
        """Move articles out of a story into a new one, whose id is returned; the sums of both are made anew."""
        ...

    def rebuild(self, story_ids: Iterable[str]) -> None:
        """Make the sums of stories anew from their articles; a story left empty lives no more."""
        ...
