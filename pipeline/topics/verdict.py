"""Whether a text is on topic and why: by the words of the query and by closeness to the seed documents (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.topics.definition import Topic

LEAD = 400
"""The part of a text that counts as its lead, characters: about the first two paragraphs of agency copy."""


@dataclass(frozen=True, slots=True)
class TopicNumbers:
    """What closeness to the seed documents says by one embedding model; `wirewatch calibrate` fits it.

    A cosine (-1..1) to the nearest seed document of `typical` says nothing either way, and one more than that adds
    `seed` times the difference to the score. `stand_in` is the cosine from which a text is on topic whose language has
    no terms in the topic file; None where that was never measured: nothing stands in there.
    """

    typical: float
    seed: float
    stand_in: float | None = None


@dataclass(frozen=True, slots=True)
class Closeness:
    """A text's cosine to the nearest seed document, -1..1, and what that says by the model it was measured with."""

    similarity: float
    numbers: TopicNumbers


@dataclass(frozen=True, slots=True)
class TopicMatch:
    """Whether a text is on topic and why.

    `rule` is ``query+seed``, ``query`` (a language that the model cannot read), ``seed`` (a language that the topic has
    no terms in: closeness stands in for them), ``window`` (published outside it), ``groups`` (a required group is
    missing) or ``elsewhere`` (the [not] terms tipped it). `terms` are what was found, one a group, and the [not] term
    with a minus. `score` and `threshold` are on the same scale.
    """

    on_topic: bool
    rule: str
    terms: tuple[str, ...]
    similarity: float | None
    score: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Wording:
    """What the words of a text say: each group's first term, the [not] term that counts, and the scores of both."""

    found: Mapping[str, str]
    excluded: str | None
    score: float
    off: float

    @property
    def terms(self) -> tuple[str, ...]:
        """What was found, the [not] term with a minus."""
        return (*self.found.values(), *((f"-{self.excluded}",) if self.excluded else ()))


def mentions(topic: Topic, title: str, text: str) -> bool:
    """Whether any required group of the query stands in the text: below that, closeness is not worth measuring."""
    return any(topic.patterns[name].search(title) or topic.patterns[name].search(text) for name in topic.required)


def worth_measuring(topic: Topic, title: str, text: str, language: str | None) -> bool:
    """Whether the closeness of a text can decide: it names the topic, or is of a language that the topic lacks."""
    return not topic.speaks(language) or mentions(topic, title, text)


def match(
    topic: Topic,
    title: str,
    text: str,
    published: datetime,
    closeness: Closeness | None,
    *,
    language: str | None = None,
    entry: bool = False,
) -> TopicMatch:
    """Judge one text; `closeness` is None where the model can't read it.

    An `entry` is judged mildly by its headline and summary, where one required group is enough: the page is cheap, and
    the full text has the last word. There all required groups must stand somewhere. In a `language` that the topic has
    no terms in, closeness decides, and what words are found (names are often the same) only help.
    """
    words = wording(topic, title, text)
    stand_in = closeness.numbers.stand_in if closeness and not topic.speaks(language) else None
    if closeness is not None and stand_in is not None:
        score, threshold, rule = closeness.numbers.seed * (closeness.similarity - stand_in), 0.0, "seed"
        on_topic = score + words.score - words.off >= threshold
    else:
        score, threshold = _closeness_score(topic, closeness, language, entry), _threshold(topic, entry)
        rule = "query" if closeness is None else "query+seed"
        missing = [name for name in topic.required if name not in words.found]
        if len(missing) == len(topic.required) or (missing and not entry):
            rule, on_topic = "groups", False
        else:
            on_topic = score + words.score - words.off >= threshold or (entry and not missing)
    score += words.score - words.off
    if rule != "groups" and not on_topic and score + words.off >= threshold:
        rule = "elsewhere"
    if not topic.start <= published < topic.end:
        rule, on_topic = "window", False
    similarity = None if closeness is None else closeness.similarity
    return TopicMatch(on_topic, rule, words.terms, similarity, score, threshold)


def _closeness_score(topic: Topic, closeness: Closeness | None, language: str | None, entry: bool) -> float:
    if closeness is None:
        # In a language without terms, a name that is written the same is all that can be found.
        return -topic.weights.unread if entry and topic.speaks(language) else 0.0
    return closeness.numbers.seed * (closeness.similarity - closeness.numbers.typical)


def _threshold(topic: Topic, entry: bool) -> float:
    return topic.weights.entry_threshold if entry else topic.weights.threshold


def wording(topic: Topic, title: str, text: str) -> Wording:
    """What the words of a text say, without its closeness."""
    weights = topic.weights
    head = f"{title}\n{text[:LEAD]}"
    paragraphs = [title, *(line for line in text.splitlines() if line.strip())]
    whole = "\n".join(paragraphs)
    found = {name: hit.group(0) for name, pattern in topic.patterns.items() if (hit := pattern.search(whole))}
    required = [topic.patterns[name] for name in topic.required]
    optional = [pattern for name, pattern in topic.patterns.items() if name not in topic.required]
    together = [all(pattern.search(paragraph) for pattern in required) for paragraph in paragraphs]
    hits = [topic.exclusion.search(paragraph) if topic.exclusion else None for paragraph in paragraphs]
    apart = [hit is not None and not named for hit, named in zip(hits, together, strict=True)]
    meeting = sum(together) / len(paragraphs)
    score = weights.lead * _share(required, head) + weights.optional * _share(optional, head)
    return Wording(
        found=found,
        excluded=next((hit.group(0) for hit, counts in zip(hits, apart, strict=True) if hit and counts), None),
        score=score + weights.together * min(1.0, meeting / weights.together_full),
        off=weights.elsewhere * sum(apart) / len(paragraphs) + weights.elsewhere_title * apart[0],
    )


def _share(patterns: Sequence[re.Pattern[str]], text: str) -> float:
    return sum(pattern.search(text) is not None for pattern in patterns) / len(patterns) if patterns else 0.0
