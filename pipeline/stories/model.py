"""The calibrated numbers by which stories are decided, as data: embedding model, weights, thresholds."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ConfigurationError
from pipeline.topics import TopicNumbers

Vector = NDArray[np.float32]

_PACKAGED = Path(__file__).parent / "data"

DEFAULT = "multilingual-e5-small"
"""The embedding model that is taken where nobody names another."""

_REACHES = ("reach", "topical_reach")  # None in JSON, which has no infinity

MIX, WORDS, VECTORS, TOPICAL = "mix", "words", "vectors", "topical"
"""The rules: vectors and words together; words alone, where the embedding model cannot read the language; vectors
alone, across two languages that it can read; vectors and days in a stream of one topic, within and across languages."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Weights of one linear score (log odds that two articles tell one story) and its thresholds, on the same scale.

    `dense` and `words` weigh the cosine of the vectors and of the term weights: each triple is the weight itself,
    its change with the mean length of the two texts, and with the product of their lengths, because a given cosine
    says more of two long texts than of two headlines. A length is the natural logarithm of a number of words.
    `gap` weighs the days between the two beyond the free ones and the logarithm of one plus them, `near` all the days
    between their articles; `length` the mean and the product of lengths.
    """

    bias: float
    dense: tuple[float, float, float]
    words: tuple[float, float, float]
    length: tuple[float, float]
    gap: tuple[float, float]
    join: float
    merge: float
    split: float
    near: float = 0.0

    def __post_init__(self) -> None:
        if not self.split <= self.merge <= self.join:
            raise ConfigurationError(
                f"thresholds must rise from split {self.split} over merge {self.merge} to join {self.join}"
            )

    def towards(self, other: Rule, share: float) -> Rule:
        """The rule that lies a share, 0..1, of the way to another in every number, and so in the score of any pair."""

        def between(one: Any, two: Any) -> Any:
            if isinstance(one, tuple):
                return tuple(map(between, one, two))
            return (1 - share) * one + share * two

        names = [each.name for each in fields(self)]
        return Rule(**{name: between(getattr(self, name), getattr(other, name)) for name in names})


@dataclass(frozen=True, slots=True)
class Centre:
    """What vectors of general news have in common: their `mean`, float[dimension], and the share of a mean taken off.

    A multilingual model writes the language, and the subject, into every vector; with most of the mean of a language's
    latest texts taken off, two tellings of one story lie close whatever their languages (docs/stories.md).
    """

    mean: tuple[float, ...]
    share: float


@dataclass(frozen=True, slots=True)
class Means:
    """The mean vectors of a stream's latest texts by language, float32[dimension] each; `stream` is that of all."""

    stream: Vector
    languages: Mapping[str | None, Vector]

    def of(self, language: str | None) -> Vector:
        """The mean of a language; of the whole stream for one that no text was in."""
        return self.languages.get(language, self.stream)


@dataclass(frozen=True, slots=True)
class StoryModel:
    """All that the story decisions depend on besides their input.

    `name`, `revision` and `dimension` name the embedding model whose vectors the weights were fitted to;
    `languages` are the primary subtags it reads (None: every language). `title_weight` is the share of the title's
    own vector in an article's (see `story_features.blend`). `window_days` bounds how far apart in time an article
    and a story may be, `free_days` is the gap that costs nothing (an aggregator's day is no finer), `recency`, 0..1,
    says from where the gap to a story is measured: 0 its nearest article, 1 the mean of its times. Where a date is
    missing, the gap counts as `undated_days`: that of the average pair that the weights were fitted to.
    `centre` is what is taken off every vector (None: nothing). `reach` is how near different stories come to each other
    in general news (log odds, see `adaptation.adapt`), up to which the rules hold as they are. From `topical_reach` on
    a stream is of one topic, and vectors are judged by the rule `topical`; between the two, by a mean of both rules.
    A pair across two languages then counts `topical_across` (log odds) more, as translations lie further apart.
    Where there is no such rule, and by words alone, `topic_share` of what a stream has above `reach` is taken off every
    score. `topic` says what closeness to a topic's seed documents says; None where that was never measured.
    Texts count as no shorter than `min_words`, under which the fit has no evidence, and no longer than `max_words`.
    `provenance` is free: what it was fitted on, when, and what it measured. `means` are those of the stream at hand,
    and `topicality`, 0..1, says how far it is one of a topic; they are no part of what is stored.
    """

    name: str
    revision: str
    dimension: int
    languages: frozenset[str] | None
    rules: Mapping[str, Rule]
    title_weight: float = 0.6
    window_days: float = 14.0
    free_days: float = 0.5
    recency: float = 0.5
    undated_days: float = 0.0
    min_words: int = 8
    max_words: int = 500
    half_life_days: float = 30.0
    centre: Centre | None = None
    reach: float = math.inf
    topic_share: float = 0.0
    topical: Rule | None = None
    topical_reach: float = math.inf
    topical_across: float = 0.0
    topic: TopicNumbers | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    means: Means | None = field(default=None, compare=False)
    topicality: float = field(default=0.0, compare=False)

    def reads(self, language: str | None) -> bool:
        """Whether the embedding model can tell texts of `language` apart; an unknown language counts as readable."""
        return self.languages is None or language is None or language in self.languages

    @property
    def crosses(self) -> bool:
        """Whether texts of two languages can be compared: the model reads more than one."""
        return self.languages is None or len(self.languages) > 1

    def centred(self, vector: Vector, language: str | None) -> Vector:
        """A unit vector, float32[dimension], with the share of its language's mean taken off; unit length."""
        if self.centre is None:
            return vector
        mean = np.asarray(self.centre.mean, dtype=np.float32) if self.means is None else self.means.of(language)
        rest = vector - np.float32(self.centre.share) * mean
        norm = float(np.linalg.norm(rest))
        return np.asarray(rest / norm if norm else rest, dtype=np.float32)

    def against(self, reach: float, means: Means | None = None) -> StoryModel:
        """The model for a stream of these means in which different stories come as near to each other as `reach`."""
        excess = max(0.0, reach - self.reach) if reach > -math.inf else 0.0
        if not excess:
            return replace(self, means=means)
        shift = self.topic_share * excess
        rules = {name: replace(rule, bias=rule.bias - shift) for name, rule in self.rules.items()}
        if self.topical is None:
            return replace(self, rules=rules, means=means)
        share = min(1.0, excess / max(self.topical_reach - self.reach, 1e-9))
        across = replace(self.topical, bias=self.topical.bias + self.topical_across)
        rules |= {
            MIX: self.rules[MIX].towards(self.topical, share),
            VECTORS: self.rules[VECTORS].towards(across, share),
        }
        return replace(self, rules=rules, means=means, topicality=share)

    def told(self, name: str) -> str:
        """What a rule is called where it decided something: `TOPICAL` where that is most of it."""
        return TOPICAL if self.topicality >= 0.5 and name != WORDS else name

    def to_plain(self) -> dict[str, Any]:
        """The model as numbers, strings, lists and dicts, keys in a fixed order: what a JSON file or column holds."""
        languages = None if self.languages is None else sorted(self.languages)
        reaches = {name: None if math.isinf(value := getattr(self, name)) else value for name in _REACHES}
        plain = asdict(replace(self, means=None)) | {"languages": languages} | reaches
        del plain["means"], plain["topicality"]
        return plain

    def to_json(self) -> str:
        """The model as `load` reads it back."""
        return json.dumps(self.to_plain(), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> StoryModel:
        """Read `to_json`'s text. Raises ConfigurationError for what is missing, unknown or out of range."""
        try:
            plain = json.loads(text)
        except ValueError as error:
            raise ConfigurationError(f"not a story model: {error}") from error
        return cls.from_plain(plain)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> StoryModel:
        """Read what `to_plain` gives. Raises ConfigurationError for what is missing, unknown or out of range."""
        try:
            plain = dict(plain)
            rules = {name: _rule(rule) for name, rule in plain.pop("rules").items()}
            languages = plain.pop("languages")
            for former in ("baseline", "background"):  # of earlier versions, which took cosines off
                plain.pop(former, None)
            topic, centre, topical = plain.pop("topic", None), plain.pop("centre", None), plain.pop("topical", None)
            reach, topical_reach = (
                math.inf if (found := plain.pop(name, None)) is None else found for name in _REACHES
            )
            model = cls(
                rules=rules,
                topical=None if topical is None else _rule(topical),
                topic=None if topic is None else TopicNumbers(**topic),
                languages=None if languages is None else frozenset(languages),
                centre=None if centre is None else Centre(tuple(centre["mean"]), centre["share"]),
                reach=reach,
                topical_reach=topical_reach,
                **plain,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ConfigurationError(f"not a story model: {error}") from error
        if missing := {MIX, WORDS, VECTORS} - set(model.rules):
            raise ConfigurationError(f"the story model lacks the rules {sorted(missing)}")
        if model.centre is not None and len(model.centre.mean) != model.dimension:
            found = f"a centre of {len(model.centre.mean)} numbers, but {model.name} makes {model.dimension}"
            raise ConfigurationError(f"the story model has {found}")
        return model


def _rule(plain: Mapping[str, Any]) -> Rule:
    """A rule from its JSON object, whose lists are tuples."""
    values: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in plain.items()}
    return Rule(**values)


def packaged(name: str = DEFAULT) -> StoryModel | None:
    """The numbers that come with the package for an embedding model; None where it has none for that one."""
    path = path_of(name)
    return load(path) if path.is_file() else None


def default() -> StoryModel:
    """The numbers of the model that is taken where nobody names another."""
    return load(path_of(DEFAULT))


def path_of(name: str) -> Path:
    """Where the package has the numbers of an embedding model, if it has any."""
    return _PACKAGED / f"{name.strip('/').replace('/', '--')}.json"


def load(path: Path) -> StoryModel:
    """The story model at `path`. Raises ConfigurationError where there is none."""
    try:
        return StoryModel.from_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"cannot read the story model {path}: {error.strerror}") from error


def probability(log_odds: float) -> float:
    """Log odds as a share, 0..1: the scale that rows, people and `models.Assignment` use."""
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, log_odds))))
