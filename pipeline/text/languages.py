"""Which language a text is in: its script where that settles it, else the detector and what page and feed declare."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from pipeline.models import Document
from pipeline.text.tags import primary

# Scripts that one news language owns; the rest need words.
_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ko", re.compile(r"[\uac00-\ud7a3]")),
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("hy", re.compile(r"[\u0530-\u058f]")),
    ("ka", re.compile(r"[\u10a0-\u10ff]")),
)
_SAMPLE = 700  # characters; more change the detector's answer on no page of the corpus (docs/extraction.md)
_MIN_LETTERS = 60  # below, the detector errs more than declarations do (docs/extraction.md)
_SURE = 0.9  # normalised probability from which the detector overrules a declaration


def language_of(document: Document) -> str | None:
    """The language to treat a document as: the declared one, unless there is none or the script is against it.

    A text mostly in other than Latin letters is never left to an English model: where its language cannot be told, it
    is ``mis`` (ISO 639-2 for a language without a code), which no model reads.
    """
    text = f"{document.title} {document.text[:600]}"
    letters = [character for character in text if character.isalpha()]
    # Latin letters, accents included, end at U+024F.
    latin = 2 * sum(character <= "\u024f" for character in letters) >= len(letters)
    declared = primary(document.language)
    if declared is not None and (latin or declared != "en"):
        return declared
    found, _ = choose(text, (None if not latin else declared,))
    return found or (None if latin else "mis")


def choose(text: str, declared: Iterable[str | None], feed: str | None = None) -> tuple[str | None, str]:
    """The primary language subtag of a text and the rule that gave it.

    `declared` are the page's claims, most direct first; `feed` is the feed's. Rules: ``script``; ``agreed`` (detector
    and a declaration); ``detected``; ``declared``; ``feed``; ``missing``.
    """
    claims = [language for language in map(primary, declared) if language]
    expected = primary(feed)
    sample = text[:_SAMPLE]
    letters = sum(1 for c in sample if c.isalpha())
    script = _by_script(sample, letters)
    if script is not None:
        return script, "script"
    if letters >= _MIN_LETTERS:
        found, probability = detect(sample)
        if found in claims or found == expected:
            return found, "agreed"
        if probability >= _SURE or not (claims or expected):
            return found, "detected"
    if claims:
        return claims[0], "declared"
    if expected:
        return expected, "feed"
    return None, "missing"


@lru_cache(maxsize=64)  # one page's few texts, which several rules ask about
def detect(text: str) -> tuple[str, float]:
    """The detector's language and its probability, 0..1."""
    language, probability = _identifier().classify(text)
    return str(language), float(probability)


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _by_script(sample: str, letters: int) -> str | None:
    if letters < 4:
        return None
    counts = {language: len(pattern.findall(sample)) for language, pattern in _SCRIPTS}
    if counts["ja"] >= 0.1 * letters and counts["ja"] + counts["zh"] > 0.5 * letters:
        return "ja"
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] > 0.5 * letters else None
