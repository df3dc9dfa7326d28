"""From which share of other words a sentence says something else, on the recorded web by its labels.

``python -m bench.digest_sentences`` prints, for shares of `pipeline.digests.summaries.NEW_SHARE`, how many opening
sentences of copies count as new beside their origins (none should), and how many of other texts of one development
beside each other (most should). Stories with an even number may be tuned on; the others are only looked at.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

from pipeline.digests.summaries import opening
from pipeline.models import Document
from pipeline.text import words
from tests.support.recorded import Label, documents

SHARES = (0.3, 0.4, 0.5, 0.6, 0.7)
Told = tuple[Label, Document]


def best(sentence: str, text: str) -> float:
    """The most of a sentence's words that any one sentence of a text has."""
    said = set(words.words(sentence))
    had = (len(said & set(words.words(each))) / max(len(said), 1) for each in words.sentences(text))
    return max(had, default=0.0)


def main() -> None:
    told = [(label, document) for label, document in documents() if label.on_topic]
    by_url = {label.url: (label, document) for label, document in told}
    groups: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for label, document in told:
        groups[label.story, label.language].append((label, document))
    copies: dict[bool, list[float]] = defaultdict(list)
    others: dict[bool, list[float]] = defaultdict(list)
    for group in groups.values():
        for label, document in group:
            origin = by_url.get(label.copy_of or "")
            if origin is not None and origin[0].language == label.language:
                opened = opening(document.title, document.text)[:2]
                copies[label.tuning] += [best(sentence, origin[1].text) for sentence in opened]
        own = [each for each in group if not each[0].copy_of]
        for (_, one), (label, other) in combinations(own, 2):
            opened = opening(other.title, other.text)[:1]
            others[label.tuning] += [best(sentence, one.text[:1500]) for sentence in opened]
    print("| share | stories | of copies | of other texts |\n| --- | --- | ---: | ---: |")
    for share in SHARES:
        for tuning, name in ((True, "tuned on"), (False, "looked at")):
            counts = [
                f"{sum(x <= 1 - share for x in found[tuning])} of {len(found[tuning])}" for found in (copies, others)
            ]
            print(f"| {share} | {name} | {' | '.join(counts)} |")


if __name__ == "__main__":
    main()
