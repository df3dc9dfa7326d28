"""Languages that feeds speak and a topic has no terms in: said at the start, before they are lost in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline import database, topics
from pipeline.settings import Settings
from pipeline.steps.model import story_parameters
from pipeline.store import feeds as store
from pipeline.stories.model import StoryModel
from pipeline.text.tags import primary


@dataclass(frozen=True, slots=True)
class Gap:
    """A topic with the languages, and the number of feeds of each, that it has no terms in.

    In those of `covered` closeness to the seed documents stands in, by the embedding model `model`; those of `lost` it
    cannot read.
    """

    topic: str
    model: str
    covered: Mapping[str, int]
    lost: Mapping[str, int]

    def __str__(self) -> str:
        parts = []
        if self.lost:
            parts.append(
                f"{_counted(self.lost)}, and closeness by the model {self.model} cannot stand in for them: most of what"
                f" they tell is lost; add terms to {self.topic}.toml, or set WIREWATCH_MODEL to a model that reads them"
            )
        if self.covered:
            parts.append(
                f"{_counted(self.covered)}: closeness to its seed documents stands in for them; terms in"
                f" {self.topic}.toml find more"
            )
        return f"topic {self.topic} has no terms in " + "; nor in ".join(parts)


def language_gaps(settings: Settings) -> list[Gap]:
    """The topics that lack terms in a language of feeds that are not retired; a feed without a language says nothing.

    Raises `ConfigurationError` where a topic file is wrong or the model was never calibrated.
    """
    subjects = topics.load_all(settings)
    with database.connect(settings) as connection:
        spoken = [primary(row.language) for row in store.all_feeds(connection) if row.state != "retired"]
        model = story_parameters(connection, settings)
    feeds = Counter(language for language in spoken if language is not None)
    found = [_gap(subject, feeds, model) for subject in subjects]
    return [gap for gap in found if gap.covered or gap.lost]


def _gap(subject: topics.Topic, feeds: Mapping[str, int], model: StoryModel) -> Gap:
    missing = {language: count for language, count in sorted(feeds.items()) if not subject.speaks(language)}
    stands_in = model.topic is not None and model.topic.stand_in is not None
    covered = {language: count for language, count in missing.items() if stands_in and model.reads(language)}
    lost = {language: count for language, count in missing.items() if language not in covered}
    return Gap(subject.slug, model.name, covered, lost)


def _counted(feeds: Mapping[str, int]) -> str:
    return ", ".join(f"{language} ({count} {'feed' if count == 1 else 'feeds'})" for language, count in feeds.items())
