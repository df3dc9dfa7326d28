"""How much of a text speaks to a visitor about the site instead of telling something: walls, forms, error pages (pure).

A wall has many wordings and few things to say: that a page is not there, that a robot must be ruled out, that cookies
need a consent, that reading costs. So no wording is asked for. A sentence is a notice where it names such a thing and
turns to the visitor, in one and the same language, or where a set utterance ("page not found") is most of it. What
somebody says between quotation marks is left out, because people in the news speak in the first person too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from pipeline.text import languages, phrases
from pipeline.text.folding import fold
from pipeline.text.tags import primary
from pipeline.text.words import sentences

# Share of a sentence's letters that set utterances must take, and of a headline's: "Access denied" is a notice, "Access
# denied: reporters kept off the pier" is a headline.
_COVERED, _WHOLE = 0.6, 0.75
_QUOTED = re.compile(r"[\"“”„«»‹›「『《][^\"“”„«»‹›」』》]{3,300}[\"“”«»‹›」』》]")
_STATUS = re.compile(r"\W*(?:http\W*)?(?:\w+\W+)?(?:40[0-9]|410|429|451|50[0-4])(?:\W+\w+)?\W*")
_CODE = re.compile(r"^\W*(?:40[0-9]|410|429|451|50[0-4])\b")  # the status number that such an utterance begins with
_LETTER = re.compile(r"\w")
# What no reporter writes: "nginx/1.18.0", "/var/www/index.php:17", "Port 443", "#0 {main}", the code of an incident,
# and "ferry.html 12-Mar-2023 07:45 18233".
_MACHINE = re.compile(
    r"\b[a-z][a-z-]+/\d+\.\d+|(?<![\w/:.])/(?:[\w.-]+/)+[\w-]+\.[a-z]{2,4}\b|\bport \d+\W*$|#\d+ \{"
    r"|(?<![\w.])(?=[0-9a-f.-]*\d)(?=[0-9a-f.-]*[a-f])[0-9a-f]+(?:[.-][0-9a-f]+)*(?<=[0-9a-f.-]{8})(?!\w)|(?<!\d)(?!97[89])\d{12}"
    r"|^\W*[\w.-]+(?:/|\.(?:html?|css|js|php|xml|txt|pdf|zip|gz|png|jpe?g))\W*$"
    r"|\bid\b\W{1,3}[\w-]*\d[\w-]{4,}\W*$|\d[-/](?:\d\d|[a-z]{3})[-/]\d{2,4} \d\d:\d\d\s+(?:-|[\d.]+[kmg]?)(?!\S)"
)
_FEW = 16  # words of such a line at most
_SAMPLE = 700  # characters for the detector (pipeline/text/languages.py)
_SURE = 0.9  # its probability from which English is not tried beside
# Languages whose words need no blank before them.
_UNSPACED = phrases.UNSPACED | {"th"}
_SCRIPTS = (
    (re.compile(r"[\u3040-\u30ff]"), ("ja",)),
    (re.compile(r"[\uac00-\ud7af]"), ("ko",)),
    (re.compile(r"[\u4e00-\u9fff]"), ("zh", "ja")),
    (re.compile(r"[\u0e00-\u0e7f]"), ("th",)),
    (re.compile(r"[\u0900-\u097f]"), ("hi",)),
    (re.compile(r"[\u0590-\u05ff]"), ("he",)),
    (re.compile(r"[\u0600-\u06ff]"), ("ar", "fa")),
    (re.compile(r"[\u0370-\u03ff]"), ("el",)),
    (re.compile(r"[\u0400-\u04ff]"), ("ru",)),
)


@dataclass(frozen=True, slots=True)
class _Words:
    """What a language's notices are made of."""

    utterance: re.Pattern[str]
    thing: re.Pattern[str]
    reader: re.Pattern[str]


def share(text: str, declared: Iterable[str | None] = (), host: str = "") -> float:
    """The share of a text's letters that stand in notices, in the language in which it is highest; 0 for no text.

    `declared` are the languages that page and feed name. A language that neither they nor the detector name is not
    asked, because small words of one language are other words in another. `host` is the page's: who names it speaks of
    the site, in whatever language.
    """
    judged = _judged(text, declared, host)
    total = sum(letters for _, letters, _ in judged)
    return _noticed(judged) / total if total else 0.0


def is_notice(line: str, declared: Iterable[str | None] = ()) -> bool:
    """Whether a headline is nothing but a set utterance: there, to speak of cookies and to say "please" is no sign."""
    letters = len(_LETTER.findall(line))
    return any(_said(fold(line), _words(language)) >= _WHOLE * letters > 0 for language in _languages(line, declared))


def beside(line: str, declared: Iterable[str | None] = ()) -> str:
    """What a headline says beside its set utterances, folded."""
    left = fold(line)
    for language in _languages(line, declared):
        left = _words(language).utterance.sub(" ", left)
    return left


def without(text: str, declared: Iterable[str | None] = (), host: str = "") -> str:
    """What a text says beside its notices, a sentence a line."""
    return "\n".join(sentence for sentence, _, notice in _judged(text, declared, host) if not notice)


def addresses(text: str, declared: Iterable[str | None] = ()) -> bool:
    """Whether any sentence turns to the visitor, outside of quotation marks."""
    parts = [fold(_QUOTED.sub(" ", sentence)) for sentence in sentences(text)]
    return any(_words(language).reader.search(part) for language in _languages(text, declared) for part in parts)


def of_machine(sentence: str) -> bool:
    """Whether a line is a server's own: its name and version, a code, a place in a program, a row of a folder."""
    return len(sentence.split()) <= _FEW and _MACHINE.search(fold(sentence)) is not None


def _judged(text: str, declared: Iterable[str | None], host: str) -> list[tuple[str, int, bool]]:
    """The sentences of a text with their letters and whether each is a notice, in the language with most of them."""
    parts = [(sentence, _QUOTED.sub(" ", sentence)) for sentence in sentences(text)]
    asked = [(sentence, fold(part), len(_LETTER.findall(part))) for sentence, part in parts]
    best = [(sentence, letters, of_machine(sentence)) for sentence, _, letters in asked]
    for language in _languages(text, declared):
        words = _words(language)
        judged = [(sentence, n, n > 0 and _is_notice(part, n, words, host)) for sentence, part, n in asked]
        best = judged if _noticed(judged) > _noticed(best) else best
    return best


def _noticed(judged: list[tuple[str, int, bool]]) -> int:
    return sum(letters for _, letters, notice in judged if notice)


def _is_notice(sentence: str, letters: int, words: _Words, host: str) -> bool:
    if of_machine(sentence) or _said(sentence, words) >= _COVERED * letters:
        return True
    things = [found.span() for found in words.thing.finditer(sentence)]
    if host and (at := sentence.find(host)) >= 0:
        things.append((at, at + len(host)))
    readers = [found.span() for found in words.reader.finditer(sentence)] if things else []
    return any(a[1] <= b[0] or b[1] <= a[0] for a in things for b in readers)  # one word is not both


def _said(sentence: str, words: _Words) -> int:
    """The letters of a sentence that set utterances take."""
    if _STATUS.fullmatch(sentence):
        return len(sentence)
    said = sum(len(_LETTER.findall(found.group())) for found in words.utterance.finditer(sentence))
    return said + len(_CODE.findall(sentence)) * 3 if said else 0


def _languages(text: str, declared: Iterable[str | None]) -> list[str]:
    """The languages a text may be in that notices are known in: by its scripts, the detector, and what is declared."""
    found, probability = languages.detect(text[:_SAMPLE])
    of_script = [language for script, among in _SCRIPTS if script.search(text) for language in among]
    named = [primary(language) for language in declared]
    unsure = [] if probability >= _SURE else ["en"]
    return [language for language in dict.fromkeys((*of_script, found, *named, *unsure)) if language in _known()]


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(phrases.by_language("notice"))


@lru_cache(maxsize=64)
def _words(language: str) -> _Words:
    kinds = (phrases.by_language("notice"), phrases.by_language("notice_thing"), phrases.by_language("notice_reader"))
    return _Words(*(_pattern(kind[language], language) for kind in kinds))


def _pattern(listed: tuple[str, ...], language: str) -> re.Pattern[str]:
    """Any of these phrases, spelled as `fold` spells; where blanks part words, from the beginning of one."""
    spelled = "|".join(sorted(map(fold, listed), key=lambda phrase: (-len(phrase), phrase)))
    if language in _UNSPACED:
        return re.compile(spelled)
    before = "|".join(map(fold, phrases.by_language("notice_prefix").get(language, ())))
    return re.compile(rf"\b(?:{before})?(?:{spelled})")
