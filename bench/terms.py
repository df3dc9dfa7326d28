"""How fast the terms of topics are found in entries, beside one regular expression a group, in one run.

``python -m bench.terms`` reads the entries of the recorded web for 1, 10 and 100 topics, and prints entries a CPU
second and the ratio. The first topic is the summit. The others have as many terms, as long and of the same scripts, of
letters drawn from the texts; in the last row each of them also has a term that one entry in five names.
"""

from __future__ import annotations

import random
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from pipeline import topics
from pipeline.archive.warc import CaptureIndex
from pipeline.topics import Topic, Wordings
from pipeline.topics.definition import ByLanguage
from tests.support.project import REPOSITORY
from tests.support.recorded import RECORDED, read_entries, read_labels
from tests.support.topic_regexes import Regexes

SECONDS = 2.0
"""CPU time that each rate is measured over, at least."""
Texts = Sequence[tuple[str, str]]


def main() -> None:
    """Print the table. Fails where the two ways differ on any entry."""
    seeds = REPOSITORY / "seeds"
    summit = topics.load(seeds / "topics" / "putin-kim-summit.toml", seeds / "documents")
    index = CaptureIndex.read([RECORDED])
    texts = [(seen.entry.title, seen.entry.text) for seen in read_entries(index, read_labels())]
    size = sum(len(title) + len(text) for title, text in texts) / len(texts)
    sys.stdout.write(f"{len(texts)} entries of {size:.0f} characters\n\n")
    sys.stdout.write("| topics | terms | one pass, entries/s | regular expressions, entries/s | ratio |\n")
    sys.stdout.write("| --- | ---: | ---: | ---: | ---: |\n")
    for name, subjects in _cases(summit, texts):
        wordings, regexes = Wordings(subjects), [Regexes(subject) for subject in subjects]
        few = texts if len(subjects) < 100 else texts[::10]
        for title, text in few:
            assert list(wordings.of(title, text).values()) == [each.wording(title, text) for each in regexes]
        new = rate(lambda title, text, wordings=wordings: wordings.of(title, text), texts)  # type: ignore[misc]
        old = rate(lambda title, text, regexes=regexes: [each.wording(title, text) for each in regexes], few)  # type: ignore[misc]
        count = len({term for subject in subjects for listed in subject.lists for term in listed})
        sys.stdout.write(f"| {name} | {count:,} | {new:,.0f} | {old:,.1f} | {new / old:,.0f} |\n")


def _cases(summit: Topic, texts: Texts) -> Iterable[tuple[str, list[Topic]]]:
    chance = random.Random(10)
    letters = Letters(texts, chance)
    others = [letters.topic(summit, f"other-{number}") for number in range(99)]
    for count in (1, 10, 100):
        yield f"{count}", [summit, *others[: count - 1]]
    yield "100, in the news", [summit, *(_met(other, texts, chance) for other in others)]


class Letters:
    """Draws letters of a script as often as texts have them."""

    def __init__(self, texts: Texts, chance: random.Random) -> None:
        self._chance = chance
        self._drawn: dict[str, list[str]] = {}
        for title, text in texts:
            for letter in f"{title}{text}":
                self._drawn.setdefault(_script(letter), []).append(letter)

    def like(self, term: str) -> str:
        """A term of other letters, with the same blanks and stars."""
        return "".join(
            self._chance.choice(self._drawn[_script(letter)])
            if _script(letter) in self._drawn and letter.isalpha()
            else letter
            for letter in term
        )

    def topic(self, like: Topic, slug: str) -> Topic:
        """A topic with other terms."""
        groups = {name: self._all(by_language) for name, by_language in like.groups.items()}
        return replace(like, slug=slug, groups=groups, excluded=self._all(like.excluded))

    def _all(self, by_language: ByLanguage) -> ByLanguage:
        return {language: tuple(map(self.like, listed)) for language, listed in by_language.items()}


def _script(letter: str) -> str:
    return unicodedata.name(letter, "?").split()[0] if letter.isalpha() else "?"


def _met(topic: Topic, texts: Texts, chance: random.Random) -> Topic:
    """A topic that a fifth of the entries name: one more term of its first group is a word of theirs."""
    counted = Counter(word for title, text in texts for word in set(f"{title} {text}".split()) if word.isalpha())
    common = [word for word, count in counted.items() if 0.15 <= count / len(texts) <= 0.25]
    name = topic.required[0]
    groups = {**topic.groups, name: {**topic.groups[name], "xx": (chance.choice(common),)}}
    return replace(topic, groups=groups)


def rate(read: Callable[[str, str], object], texts: Texts) -> float:
    """Texts read a second of CPU time."""
    read(*texts[0])
    started, done = time.process_time(), 0
    while (taken := time.process_time() - started) < SECONDS:
        for title, text in texts:
            read(title, text)
        done += len(texts)
    return done / taken


if __name__ == "__main__":
    main()
