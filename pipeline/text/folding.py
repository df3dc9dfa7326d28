"""One spelling and one case for words that are compared, and nothing else does it (pure).

Outlets write one name with other quotation marks, dashes, widths, accents and cases. Whoever compares words compares
what `fold` or `letters` makes of them; `normalise` keeps what readers see, and `spelling` is for tables of names.
"""

from __future__ import annotations

import re
import unicodedata

import regex

from pipeline.text.tags import primary

_SPELLING = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′‵ʼʹ`´＇", "'"),
        **dict.fromkeys("“”„‟«»‹›″‶〝〞〟「」『』《》〈〉＂", '"'),
        **dict.fromkeys("‐‑‒–—―−﹘﹣－〜～", "-"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u061c", ""),  # invisible
        **dict.fromkeys("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", ""),  # direction marks
        "…": "...",
        "、": ",",
        "。": ".",
    }
)
_TO_SPELL = re.compile(f"[{re.escape(''.join(map(chr, _SPELLING)))}]")
_FOLDING = str.maketrans(
    {
        # Letters that one outlet writes and another does not: Arabic and Hebrew vowel points, tatweel, hamza
        # carriers, Persian against Arabic kaf and yeh; Russian yo and stress; the dot casefold leaves of a Turkish İ.
        **{chr(c): "" for c in (*range(0x064B, 0x0660), 0x0670, 0x0640, 0x0307)},
        **{chr(c): "" for c in range(0x0591, 0x05C8) if unicodedata.category(chr(c)) == "Mn"},
        **dict.fromkeys("أإآٱ", "ا"),
        "ى": "ي",
        "ی": "ي",
        "ک": "ك",
        "ё": "е",
    }
)
_TO_FOLD = re.compile(f"[{''.join(map(chr, _FOLDING))}]")
_STRESS = regex.compile(r"(?<=\p{Cyrillic})\u0301")
# Every block that has Greek letters: `re` tells in a tenth of the time of `regex` that a text has none.
_GREEK_BLOCKS = re.compile(
    "[\u0370-\u03ff\u1d26-\u1dbf\u1f00-\u1fff\u2126\uab65\U00010140-\U000101ff\U0001d200-\U0001d24f\U0001dff0-\U0001dfff]"
)
_GREEK = regex.compile(r"\p{Greek}")
# Small letters that are one letter when case is ignored: those that share a capital. The last of each is the one kept.
_SHARED = (
    *("ıi", "ſs", "µμ", "\u0345\u1fbeι", "\u1fd3ΐ", "\u1fe3ΰ", "ϐβ", "ϵε", "ϑθ", "ϰκ", "ϖπ", "ϱρ", "ςσ", "ϕφ", "ẛṡ"),
    *("\u1c80в", "\u1c81д", "\u1c82о", "\u1c83с", "\u1c84\u1c85т", "\u1c86ъ", "\u1c87ѣ", "\u1c88ꙋ", "\ufb05\ufb06"),
)
_ONE_SMALL = str.maketrans({other: letters[-1] for letters in _SHARED for other in letters[:-1]})
_OTHER_SMALL = re.compile(f"[{''.join(letters[:-1] for letters in _SHARED)}]")
_NO_LETTERS = re.compile(r"[\W_]+")  # what is not `str.isalnum`
_ASCII_LETTERS = {code: chr(code).lower() if chr(code).isalnum() else None for code in range(128)}
_DOTTED_I = frozenset({"tr", "az", "kk", "tt", "crh"})


def composed(text: str) -> str:
    """Each letter with its marks in one character where there is one (NFC); nothing else changes."""
    return unicodedata.normalize("NFC", text)


def decomposed(text: str) -> str:
    """Each letter and its marks one after the other (NFD); nothing else changes."""
    return unicodedata.normalize("NFD", text)


def normalise(text: str) -> str:
    """One spelling of quotes, dashes, width, ligatures and white space; case and accents are kept.

    Compatibility forms are composed (NFKC), invisible and direction characters go, and white space is one blank.
    """
    if not text.isascii():
        respelt = _respelt(text)
        text = unicodedata.normalize("NFKC", respelt)
        text = text if text is respelt else _respelt(text)
    return " ".join(text.split())


def _respelt(text: str) -> str:
    return text.translate(_SPELLING) if _TO_SPELL.search(text) else text  # most have none, and a search is cheaper


def fold(text: str, language: str | None = None) -> str:
    """`normalise`, without case and without marks that one outlet writes and another leaves out."""
    text = normalise(text)
    if primary(language) in _DOTTED_I:
        text = text.replace("I", "ı").replace("İ", "i")
    text = text.casefold()
    if text.isascii():
        return text
    text = text.translate(_FOLDING) if _TO_FOLD.search(text) else text
    text = _STRESS.sub("", text) if "\u0301" in text else text
    if _GREEK_BLOCKS.search(text) and _GREEK.search(text):
        # Capitals carry no accent, so a headline in capitals would share no word with its text.
        decomposed = unicodedata.normalize("NFD", text)
        text = unicodedata.normalize("NFC", regex.sub(r"(?<=\p{Greek})\p{M}+", "", decomposed))
    return text


def uncased(text: str) -> str:
    """The text in one case, each character for itself, so that it is as long and places in it stay places in it.

    Two texts become one where a regular expression that ignores case holds them for one.
    """
    small = text.lower()
    if small.isascii() and len(small) == len(text):
        return small
    if len(small) != len(text):
        small = text.replace("İ", "i").lower()  # the only letter whose small form is two characters
    return small.translate(_ONE_SMALL) if _OTHER_SMALL.search(small) else small


def spelling(name: str) -> str:
    """A name as a table of names holds it: case and compatibility forms folded, accents kept.

    A dotted capital I has two lower-case spellings, and a full-width letter is the letter.
    """
    return name.casefold() if name.isascii() else unicodedata.normalize("NFKC", name).casefold()


def letters(text: str) -> str:
    """The letters and digits of a `fold`ed text: what two settings of one line share."""
    return text.translate(_ASCII_LETTERS) if text.isascii() else _NO_LETTERS.sub("", fold(text))


def bare(text: str) -> str:
    """`letters` without accents: what a name and the address made of it share."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(character for character in decomposed if character.isalnum())
