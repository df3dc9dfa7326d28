"""Whether a text is on topic and why: by the words of the query and by closeness to the seed documents (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from pipeline.topics.definition import Topic, Weights
from pipeline.topics.reading import Reading, Spot, TermIndex


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
    """What the words of a text say: each group's first term, the [not] term that counts, and the scores of both.

    It is `named` where a term of a required group stands in the headline or in the text.
    """

    found: Mapping[str, str]
    excluded: str | None
    score: float
    off: float
    named: bool

    @property
    def terms(self) -> tuple[str, ...]:
        """What was found, the [not] term with a minus."""
        return (*self.found.values(), *((f"-{self.excluded}",) if self.excluded else ()))


_NO_WORDS = Wording({}, None, 0.0, 0.0, named=False)


class Wordings:
    """What the words of a text say of many topics, by one pass over it: one more topic costs where its terms stand."""

    def __init__(self, subjects: Sequence[Topic]) -> None:
        self._none = dict.fromkeys((subject.slug for subject in subjects), _NO_WORDS)
        lists = [subject.lists for subject in subjects]
        firsts = accumulate(map(len, lists), initial=0)
        queries = [_Query.of(subject, first) for subject, first in zip(subjects, firsts, strict=False)]
        self._owners = [query for query, owned in zip(queries, lists, strict=True) for _ in owned]
        self._index = TermIndex(terms for owned in lists for terms in owned)

    def of(self, title: str, text: str) -> dict[str, Wording]:
        """What the words say of each topic, by its slug."""
        reading = self._index.read(title, text)
        found = dict(self._none)
        touched = {
            self._owners[each].slug: self._owners[each] for each in {*reading.spots, *reading.head, *reading.loose}
        }
        for slug, query in touched.items():
            found[slug] = query.wording(reading)
        return found


def mentions(topic: Topic, title: str, text: str) -> bool:
    """Whether any required group of the query stands in the text: below that, closeness is not worth measuring."""
    return wording(topic, title, text).named


def worth_measuring(topic: Topic, title: str, text: str, language: str | None, words: Wording | None = None) -> bool:
    """Whether the closeness of a text can decide: it names the topic, or is of a language that the topic lacks.

    `words` is what its words say, where that is known.
    """
    return not topic.speaks(language) or (words or wording(topic, title, text)).named


def match(
    topic: Topic,
    title: str,
    text: str,
    published: datetime,
    closeness: Closeness | None,
    *,
    language: str | None = None,
    entry: bool = False,
    words: Wording | None = None,
) -> TopicMatch:
    """Judge one text; `closeness` is None where the model can't read it, `words` what its words say if that is known.

    An `entry` is judged mildly by its headline and summary, where one required group is enough: the page is cheap, and
    the full text has the last word. There all required groups must stand somewhere. In a `language` that the topic has
    no terms in, closeness decides, and what words are found (names are often the same) only help.
    """
    words = words or wording(topic, title, text)
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
    if not topic.covers(published):
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
    return _Query.of(topic, 0).wording(topic.index.read(title, text))


@dataclass(frozen=True, slots=True)
class _Query:
    """A topic's groups and [not] terms by the numbers that their lists have in a reading."""

    slug: str
    weights: Weights
    groups: tuple[tuple[str, int], ...]
    required: tuple[int, ...]
    optional: tuple[int, ...]
    excluded: int

    @classmethod
    def of(cls, topic: Topic, first: int) -> _Query:
        """The query of a topic whose lists have the numbers from `first` on."""
        numbers = {name: first + at for at, name in enumerate(topic.groups)}
        required = tuple(numbers[name] for name in topic.required)
        optional = tuple(number for name, number in numbers.items() if name not in topic.required)
        return cls(topic.slug, topic.weights, tuple(numbers.items()), required, optional, first + len(numbers))

    def wording(self, reading: Reading) -> Wording:
        """What the words of a text say that was read."""
        weights, count, spots = self.weights, len(reading.starts), reading.spots
        together = self._together(reading)
        apart: dict[int, Spot] = {}
        if self.excluded in spots:
            apart = {at: spot for at, spot in reading.paragraphs(self.excluded).items() if at not in together}
        score = weights.lead * _share(self.required, reading) + weights.optional * _share(self.optional, reading)
        return Wording(
            found={name: reading.first(number) for name, number in self.groups if number in spots},
            excluded=reading.written(self.excluded, apart[min(apart)]) if apart else None,
            score=score + weights.together * min(1.0, len(together) / count / weights.together_full),
            off=weights.elsewhere * len(apart) / count + weights.elsewhere_title * (0 in apart),
            named=any(map(reading.names, self.required)),
        )

    def _together(self, reading: Reading) -> set[int]:
        """The paragraphs in which a term of each required group stands."""
        if not all(number in reading.spots for number in self.required):
            return set()
        return set.intersection(*(set(reading.paragraphs(number)) for number in self.required))


def _share(numbers: Sequence[int], reading: Reading) -> float:
    return sum(map(reading.head.__contains__, numbers)) / len(numbers) if numbers else 0.0
