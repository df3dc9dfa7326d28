"""The calibrated numbers by which stories are decided, as data: embedding model, weights, thresholds."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigurationError
from pipeline.topics import TopicNumbers

DEFAULT_PATH = Path(__file__).parent / "data" / "story_model.json"

MIX, WORDS, VECTORS = "mix", "words", "vectors"
"""The rules: vectors and words together; words alone, where the embedding model cannot read the language; vectors
alone, across two languages that it can read."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Weights of one linear score (log odds that two articles tell one story) and its thresholds, on the same scale.

    `dense` and `words` weigh the cosine of the vectors and of the term weights: each triple is the weight itself,
    its change with the mean length of the two texts, and with the product of their lengths, because a given cosine
    says more of two long texts than of two headlines. A length is the natural logarithm of a number of words.
    `gap` weighs the days between the two and the logarithm of one plus them; `length` the mean and the product.
    """

    bias: float
    dense: tuple[float, float, float]
    words: tuple[float, float, float]
    length: tuple[float, float]
    gap: tuple[float, float]
    join: float
    merge: float
    split: float

    def __post_init__(self) -> None:
        if not self.split <= self.merge <= self.join:
            raise ConfigurationError(
                f"thresholds must rise from split {self.split} over merge {self.merge} to join {self.join}"
            )


@dataclass(frozen=True, slots=True)
class Baseline:
    """Mean cosines of two articles of different stories, -1..1: of their vectors and of their term weights."""

    dense: float
    words: float


@dataclass(frozen=True, slots=True)
class StoryModel:
    """All that the story decisions depend on besides their input.

    `name`, `revision` and `dimension` name the embedding model whose vectors the weights were fitted to;
    `languages` are the primary subtags it reads (None: every language). `title_weight` is the share of the title's
    own vector in an article's (see `story_features.blend`). `window_days` bounds how far apart in time an article
    and a story may be, `free_days` is the gap that costs nothing (an aggregator's day is no finer), `recency`, 0..1,
    says from where the gap to a story is measured: 0 its nearest article, 1 the mean of its times. Where a date is
    missing, the gap counts as `undated_days`: that of the average pair that the weights were fitted to.
    `baseline` is the baseline similarity of the sets it was fitted to, up to which the rules hold as they are (1 where
    that was never measured: always). `topic` says what closeness to a topic's seed documents says; None where that was
    never measured.
    Texts count as no shorter than `min_words`, under which the fit has no evidence, and no longer than `max_words`.
    `provenance` is free: what it was fitted on, when, and what it measured.
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
    baseline: Baseline = Baseline(1.0, 1.0)
    topic: TopicNumbers | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def reads(self, language: str | None) -> bool:
        """Whether the embedding model can tell texts of `language` apart; an unknown language counts as readable."""
        return self.languages is None or language is None or language in self.languages

    def against(self, baseline: Baseline) -> StoryModel:
        """The model for a stream of this baseline similarity: what its cosines have above the model's own is taken off.

        The score is linear in the cosines, so that taking an amount off each is the same as another bias and other
        weights of the lengths; thresholds stay.
        """
        dense = max(0.0, baseline.dense - self.baseline.dense)
        words = max(0.0, baseline.words - self.baseline.words)
        if not dense and not words:
            return self
        return replace(self, rules={name: _less(rule, dense, words) for name, rule in self.rules.items()})

    def to_plain(self) -> dict[str, Any]:
        """The model as numbers, strings, lists and dicts, keys in a fixed order: what a JSON file or column holds."""
        return asdict(self) | {"languages": None if self.languages is None else sorted(self.languages)}

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
            # Models calibrated by earlier versions say "background".
            baseline = plain.pop("baseline", None) or plain.pop("background", {"dense": 1.0, "words": 1.0})
            topic = plain.pop("topic", None)
            model = cls(
                rules=rules,
                topic=None if topic is None else TopicNumbers(**topic),
                languages=None if languages is None else frozenset(languages),
                baseline=Baseline(**baseline),
                **plain,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ConfigurationError(f"not a story model: {error}") from error
        if missing := {MIX, WORDS, VECTORS} - set(model.rules):
            raise ConfigurationError(f"the story model lacks the rules {sorted(missing)}")
        return model


def _rule(plain: Mapping[str, Any]) -> Rule:
    """A rule from its JSON object, whose lists are tuples."""
    values: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in plain.items()}
    return Rule(**values)


def _less(rule: Rule, dense: float, words: float) -> Rule:
    """The rule when the cosine of each pair of vectors counts as `dense` less, that of term weights as `words` less."""
    bias, mean, product = (dense * d + words * w for d, w in zip(rule.dense, rule.words, strict=True))
    return replace(rule, bias=rule.bias - bias, length=(rule.length[0] - mean, rule.length[1] - product))


def load(path: Path | None = None) -> StoryModel:
    """The story model at `path`, else the one that comes with the package."""
    path = path or DEFAULT_PATH
    try:
        return StoryModel.from_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"cannot read the story model {path}: {error.strerror}") from error


def probability(log_odds: float) -> float:
    """Log odds as a share, 0..1: the scale that rows, people and `models.Assignment` use."""
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, log_odds))))
