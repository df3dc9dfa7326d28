"""The words of a topic by one regular expression a group: slow and plain, and what `pipeline.topics` must equal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pipeline.topics import LEAD, Topic, Wording

_UNSPACED = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7af]")
_NOTHING = re.compile(r"(?!)")


class Regexes:
    """One topic's terms as regular expressions."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.patterns = {name: pattern(_together(terms)) for name, terms in topic.groups.items()}
        excluded = _together(topic.excluded)
        self.exclusion = pattern(excluded) if excluded else None

    def mentions(self, title: str, text: str) -> bool:
        """Whether any required group stands in the headline or in the text."""
        return any(
            self.patterns[name].search(title) is not None or self.patterns[name].search(text) is not None
            for name in self.topic.required
        )

    def wording(self, title: str, text: str) -> Wording:
        """What the words of a text say."""
        weights = self.topic.weights
        head = f"{title}\n{text[:LEAD]}"
        paragraphs = [title, *(line for line in text.splitlines() if line.strip())]
        whole = "\n".join(paragraphs)
        found = {name: hit.group(0) for name, each in self.patterns.items() if (hit := each.search(whole))}
        required = [self.patterns[name] for name in self.topic.required]
        optional = [each for name, each in self.patterns.items() if name not in self.topic.required]
        together = [all(each.search(paragraph) for each in required) for paragraph in paragraphs]
        hits = [self.exclusion.search(paragraph) if self.exclusion else None for paragraph in paragraphs]
        apart = [hit is not None and not named for hit, named in zip(hits, together, strict=True)]
        meeting = sum(together) / len(paragraphs)
        score = weights.lead * _share(required, head) + weights.optional * _share(optional, head)
        return Wording(
            found=found,
            excluded=next((hit.group(0) for hit, counts in zip(hits, apart, strict=True) if hit and counts), None),
            score=score + weights.together * min(1.0, meeting / weights.together_full),
            off=weights.elsewhere * sum(apart) / len(paragraphs) + weights.elsewhere_title * apart[0],
            named=self.mentions(title, text),
        )


def pattern(terms: Sequence[str]) -> re.Pattern[str]:
    """One regular expression over terms, the longest first."""
    if not terms:
        return _NOTHING
    parts = []
    for term in sorted(terms, key=len, reverse=True):
        words = r"\s+".join(re.escape(word).replace(r"\*", r"\w*") for word in term.split())
        parts.append(words if _UNSPACED.search(term) else rf"\b{words}\b" if not term.endswith("*") else rf"\b{words}")
    return re.compile("|".join(parts), re.IGNORECASE)


def _together(by_language: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(term for listed in by_language.values() for term in listed)


def _share(patterns: Sequence[re.Pattern[str]], text: str) -> float:
    return sum(each.search(text) is not None for each in patterns) / len(patterns) if patterns else 0.0
