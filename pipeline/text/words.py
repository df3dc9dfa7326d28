"""Text as copies, stories and topics compare it: one spelling, words by language, shingles, sentences (pure).

Two copies of one wire text differ in quotation marks, dashes, width, case, soft hyphens and digit grouping long
before they differ in words, so everything here works on `normalise`d text. Scripts decide more than the declared
language does, because feeds mislabel languages and texts mix scripts; the language only settles what a script
leaves open (the Turkish i, French and Italian elision).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import regex
from numpy.typing import NDArray

from pipeline.text import characters
from pipeline.text.folding import fold
from pipeline.text.tags import primary

ShingleSet = NDArray[np.uint64]
"""Sorted, distinct 64-bit shingle hashes; the same on every machine, Python version and run."""

_MAX_CHARACTERS = 200_000  # of one text: about 30,000 words, more than any article; a bound against hostile pages

# Scripts written without spaces between words; runs of them are cut into character bigrams for term statistics, and
# so is each Korean word, whose particles hang on the noun (the choice of Lucene's CJK analysis).
_UNSPACED = r"[[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー]&&[\p{L}\p{M}]]"
_LETTER = rf"[[\p{{L}}\p{{M}}]--{_UNSPACED}]"
_TOKEN = regex.compile(
    r"(?P<grouped>\p{Nd}{1,3}(?:[.,' ]\p{Nd}{3})+(?!\p{Nd}))(?P<decimals>[.,]\p{Nd}{1,2}(?!\p{Nd}))?"  # 1,000.50
    rf"|(?P<number>\p{{Nd}}+(?:[.,]\p{{Nd}}+)*{_LETTER}*)"  # 3.5, 19th, 5g
    rf"|(?P<unspaced>{_UNSPACED}[{_UNSPACED}\p{{M}}]*)"
    rf"|(?P<acronym>(?:\p{{L}}\.){{2,20}}(?!\p{{L}}))"  # u.s.
    rf"|{_LETTER}[{_LETTER}\p{{N}}]*(?:'{_LETTER}+)*",
    regex.VERSION1,
)
_HANGUL = regex.compile(r"\p{Hangul}")
_UNSPACED_START = regex.compile(_UNSPACED, regex.VERSION1)
_GRAPHEME = regex.compile(r"\X")

_ELISION = regex.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|dell|nell|dall|sull|all|coll|un|gl|quell|quest)'")
_ELIDING = frozenset({"fr", "it", "ca", "oc", "wa", "co", "sc"})


def units(text: str, language: str | None = None) -> list[str]:
    """Words in reading order; in scripts without spaces each character (grapheme) is a unit.

    Possessive 's and elided articles go; a number keeps its decimals but not its grouping (1,000 is 1.000 is 1 000);
    a dotted acronym is one word. Only the first 200,000 characters count, and of a word the first `MAX_TERM`.
    """
    found: list[str] = []
    eliding = primary(language) in _ELIDING
    for match in _TOKEN.finditer(fold(text[:_MAX_CHARACTERS], language)):
        token = match.group()
        match match.lastgroup:
            case "unspaced":
                found.extend(_GRAPHEME.findall(token))
            case "grouped" | "decimals":
                whole = "".join(c for c in match["grouped"] if c.isdecimal())
                found.append(whole + (match["decimals"] or "").replace(",", "."))
            case "number":
                found.append(token.replace(",", "."))
            case "acronym":
                found.append(token.replace(".", ""))
            case _ if "'" in token:
                bare = _ELISION.sub("", token) if eliding else token
                found.append(bare.removesuffix("'s").replace("'", ""))
            case _:
                found.append(token)
    return [characters.term(unit) for unit in found]


def words(text: str, language: str | None = None) -> list[str]:
    """Terms for word statistics, in reading order, repeats kept.

    Words of spaced scripts as `units` gives them; runs of Han, kana, Thai, Lao, Khmer and Burmese characters, and
    each Korean word, as overlapping character bigrams (a single character stands for itself).
    """
    return terms_of(units(text, language))


def terms_of(sequence: Iterable[str]) -> list[str]:
    """`words` of a text whose `units` are known."""
    terms: list[str] = []
    run: list[str] = []
    for unit in sequence:
        if not unit.isascii() and _UNSPACED_START.match(unit):
            run.append(unit)
            continue
        if run:
            terms.extend(_bigrams(run))
            run = []
        if not unit.isascii() and _HANGUL.match(unit):
            terms.extend(_bigrams(list(unit)))
        else:
            terms.append(unit)
    if run:
        terms.extend(_bigrams(run))
    return terms


def is_word(unit: str) -> bool:
    """Whether a unit is a word of a script that sets blanks between words, and so one that two texts can share."""
    return unit.isascii() or not (_UNSPACED_START.match(unit) or _HANGUL.match(unit))


def _bigrams(characters: list[str]) -> list[str]:
    if len(characters) < 2:
        return characters
    return [a + b for a, b in itertools.pairwise(characters)]


# --- shingles -----------------------------------------------------------------------------------------------

SHINGLE_WORDS = 5
"""Words in a shingle unless asked otherwise: the length that copies are measured by (docs/copies.md)."""
_UNSPACED_RATIO = 1.6  # characters of an unspaced script that say as much as one English word
_ODD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, odd: the multiplier of Fibonacci hashing


@lru_cache(maxsize=200_000)
def _hash(unit: str) -> int:
    return int.from_bytes(blake2b(unit.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = values ^ (values >> np.uint64(31))
    return mixed


def window(sequence: list[str], k: int = SHINGLE_WORDS) -> int:
    """How many units make a shingle of `k` words: `k`, or 1.6 `k` where most units are unspaced characters."""
    unspaced = sum(1 for unit in sequence if not unit.isascii() and _UNSPACED_START.match(unit))
    return round(k * _UNSPACED_RATIO) if 2 * unspaced > len(sequence) else k


def shingles(text: str, language: str | None = None, k: int = SHINGLE_WORDS) -> ShingleSet:
    """The set of a text's runs of `k` consecutive words as sorted 64-bit hashes.

    Texts of scripts without spaces use runs of 1.6 `k` characters. A text shorter than one run has no shingles.
    """
    return np.unique(shingle_sequence(units(text, language), k))


def hashed(terms: Iterable[str]) -> ShingleSet:
    """The distinct hashes of single terms, sorted."""
    return np.unique(np.fromiter((_hash(term) for term in terms), dtype=np.uint64))


def shingle_sequence(sequence: list[str], k: int = SHINGLE_WORDS) -> NDArray[np.uint64]:
    """The shingle that starts at each unit, in reading order, repeats kept: shape (len(sequence) - width + 1,)."""
    return roll(unit_hashes(sequence), window(sequence, k))


def unit_hashes(sequence: list[str]) -> NDArray[np.uint64]:
    """The hash of each unit, in reading order, repeats kept."""
    return np.fromiter((_hash(unit) for unit in sequence), dtype=np.uint64, count=len(sequence))


def roll(hashes: NDArray[np.uint64], width: int) -> NDArray[np.uint64]:
    """The hash of every `width` units in a row, from the hashes of the units: shape (len(hashes) - width + 1,)."""
    count = len(hashes) - width + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    rolled = np.zeros(count, dtype=np.uint64)
    for offset in range(width):  # a polynomial in an odd multiplier, so that the order of the words counts
        rolled = rolled * _ODD + hashes[offset : offset + count]
    return _mix(rolled)


# --- sentences ----------------------------------------------------------------------------------------------

_SENTENCE_END = regex.compile(
    r"(?<=[.!?…؟۔।॥。！？](?:[\"'”’»)\]」』]{0,2}))\s+(?=[\"'“‘«(\[「『¿¡—–-]{0,2}[\p{Lu}\p{Lt}\p{Lo}\p{Nd}])"
    r"|(?<=[。！？]['\"”’」』]{0,2})(?=[^\s'\"”’」』])"
)
_ABBREVIATION = regex.compile(
    r"(?:^|[\s(\"'“‘])(?:\p{Lu}|(?:\p{L}\.)+\p{L}|Mr|Mrs|Ms|Dr|Prof|St|Gen|Gov|Sen|Rep|Lt|Col|Sgt|Capt|Maj|Adm|Rev|Hon"
    r"|Jr|Sr|vs|No|Nr|Art|etc|Inc|Ltd|Co|Corp|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Sra?|Srta|M|Mme|Mlle|Hr|Fr"
    r"|г|гг|ул|им|тыс|млн|млрд|руб|см)\.$"
)


def sentences(text: str) -> list[str]:
    """Sentences in order, white space normalised; a line break always ends one.

    A rule, not a model: it cuts leads and counts repeated boilerplate, where one cut too many does no harm.
    """
    pieces: list[str] = []
    held = ""
    for line in text[:_MAX_CHARACTERS].splitlines():
        for piece in _SENTENCE_END.split(line):
            held = f"{held} {piece.strip()}".strip()
            if held and not _ABBREVIATION.search(held[-12:]):
                pieces.append(" ".join(held.split()))
                held = ""
        if held:
            pieces.append(" ".join(held.split()))
            held = ""
    return pieces


def lead(text: str, characters: int = 600) -> str:
    """Whole sentences from the start of a text, up to `characters`; a longer first sentence is cut at a word."""
    taken = ""
    for sentence in sentences(text):
        if len(taken) + len(sentence) + 1 > characters:
            break
        taken = f"{taken} {sentence}".strip()
    if taken:
        return taken
    flat = " ".join(text[: characters * 2].split())
    if len(flat) <= characters:
        return flat
    cut = flat[: characters - 1]
    return (cut[: cut.rindex(" ")] if " " in cut[characters // 2 :] else cut) + "…"
