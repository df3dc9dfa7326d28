"""Bytes of a page -> text: byte order mark, UTF-8 where it is valid, the declaration where it fits, else detection.

The declaration is a claim, not a fact: servers send ISO-8859-1 for everything, and pages keep the charset of the
editing system they once had. So a declared encoding is used only where the bytes fit it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from charset_normalizer import from_bytes
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

from pipeline.text.tags import primary

_HTML_LANG = re.compile(rb"<html[^>]{0,500}?\blang\s*=\s*[\"']?([A-Za-z]{2,3})", re.IGNORECASE)
_MARKUP = re.compile(rb"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_SAMPLE_BYTES = 200_000
# Share of non-ASCII characters that may be undecodable before the declared encoding counts as wrong: real pages hold
# single broken characters (cut excerpts, pasted bytes), a wrong encoding breaks nearly all.
_BROKEN_SHARE = 0.02

# What the legacy encodings of a language are, most likely first, and the characters its text must then consist of.
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_GREEK = re.compile(r"[\u0370-\u03ff]")
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_HEBREW = re.compile(r"[\u0590-\u05ff]")
_UNREAD = re.compile("[\ufffd\ue000-\uf8ff]")  # undecodable, or a private character, which wrong guesses give
_THAI = re.compile(r"[\u0e00-\u0e7f]")
_LEGACY: dict[str, tuple[tuple[str, ...], re.Pattern[str], float]] = {
    "ko": (("cp949",), _HANGUL, 0.6),
    "ja": (("cp932", "euc_jp"), _KANA, 0.25),
    "zh": (("gb18030", "big5hkscs"), _HAN, 0.6),
    "ru": (("cp1251", "koi8_r", "cp866", "iso8859_5"), _CYRILLIC, 0.8),
    "uk": (("cp1251", "koi8_u"), _CYRILLIC, 0.8),
    "bg": (("cp1251",), _CYRILLIC, 0.8),
    "el": (("cp1253",), _GREEK, 0.7),
    "ar": (("cp1256",), _ARABIC, 0.7),
    "fa": (("cp1256",), _ARABIC, 0.7),
    "he": (("cp1255",), _HEBREW, 0.7),
    "th": (("cp874",), _THAI, 0.7),
}
# Words of the Western European languages hold one or two accented letters in a row, seldom three; text of another
# script read as Latin is little else.
_ACCENT_RUN = re.compile(r"[\u00a1-\u00ff]{4,}")
_WESTERN = frozenset({"cp1252", "iso8859-1", "iso8859-15", "cp1250", "iso8859-2", "cp1254", "iso8859-9"})


_LATIN = {
    **dict.fromkeys(("pl", "cs", "sk", "hu", "hr", "sl", "ro", "bs"), "cp1250"),
    **dict.fromkeys(("tr", "az"), "cp1254"),
    **dict.fromkeys(("et", "lv", "lt"), "cp1257"),
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A page as text; `problems` are ``charset-mismatch`` (declared wrongly) and ``charset-broken`` (bytes lost)."""

    text: str
    encoding: str
    problems: tuple[str, ...] = ()


def decode(body: bytes, content_type: str | None = None, language: str | None = None) -> Decoded:
    """Decode a page; never raises, undecodable bytes become U+FFFD.

    `content_type` is the response header, `language` a BCP 47 tag expected from the feed, which settles what the
    bytes of an undeclared legacy encoding leave open.
    """
    bom_encoding, bom = read_bom(body)
    if bom_encoding is not None and bom is not None:
        return _replaced(body[len(bom) :], bom_encoding)
    if body[:2000].count(b"\0") > 200:  # UTF-16 without its mark: every other byte of the markup is zero
        return _replaced(body, "utf-16-le" if body[1:2] == b"\0" else "utf-16-be")
    declared = _declared(body, content_type)
    if b"\x1b$" not in body:
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            lied = declared and declared[0] != "utf-8" and not text.isascii()
            return Decoded(text, "utf-8", ("charset-mismatch",) if lied else ())
    for encoding in declared:
        text = body.decode(encoding, "replace")
        if _fits(text, encoding):
            # 0x80..0x9F make no letters in ISO-8859-1; WHATWG reads that label as windows-1252, as w3lib does.
            return Decoded(text, encoding, ("charset-broken",) if "\ufffd" in text else ())
    found = _guess(body, language)
    decoded = _replaced(body, found)
    mismatch = ("charset-mismatch",) if declared and found not in declared else ()
    return Decoded(decoded.text, found, mismatch + decoded.problems)


def _declared(body: bytes, content_type: str | None) -> list[str]:
    named = (http_content_type_encoding(content_type), html_body_declared_encoding(body))
    return list(dict.fromkeys(name for name in named if name))


def _replaced(body: bytes, encoding: str) -> Decoded:
    text = body.decode(encoding, "replace")
    return Decoded(text, encoding, ("charset-broken",) if "\ufffd" in text else ())


def _fits(text: str, encoding: str) -> bool:
    foreign = sum(1 for c in text[:_SAMPLE_BYTES] if c > "\x7f")
    broken = text.count("\ufffd", 0, _SAMPLE_BYTES)
    if encoding == "utf-8":  # legacy bytes hardly ever form valid sequences, so a majority of them is proof
        return broken <= max(1, foreign - broken)
    if broken > max(1, _BROKEN_SHARE * foreign):
        return False
    return encoding not in _WESTERN or len(_ACCENT_RUN.findall(text[:_SAMPLE_BYTES])) <= 3


def _guess(body: bytes, language: str | None) -> str:
    """The encoding of bytes whose declaration is missing or wrong: by the language, then by detection."""
    prose = _MARKUP.sub(b" ", body[:_SAMPLE_BYTES])
    match = _HTML_LANG.search(body[:4096])
    hints = [match.group(1).decode("ascii").lower()] if match else []
    hints += [hint for hint in (primary(language),) if hint]
    tried = dict.fromkeys([*hints, *_LEGACY])  # the named languages first, then any other whose script comes out
    for hint in tried:
        encodings, script, share = _LEGACY.get(hint, ((), _HAN, 1.0))
        for encoding in encodings:
            # Without a language only the scripts that cannot arise by chance are believed.
            if (hint in hints or hint in ("ko", "ja", "ru")) and _in_script(prose, encoding, script, share):
                return encoding
    latin = _latin(prose, hints)
    if latin is not None:
        return latin
    best = from_bytes(prose).best()
    return best.encoding if best is not None else "utf-8"


def _latin(prose: bytes, hints: list[str]) -> str | None:
    """The Windows code page of a text that is mostly plain ASCII; browsers assume 1252 where nothing is declared.

    Detectors confuse the Latin code pages with each other (Mac, DOS and Windows differ in a few letters).
    """
    high = sum(1 for byte in prose if byte > 0x7F)
    plain = sum(1 for byte in prose if 0x41 <= byte <= 0x7A)
    if high * 4 > plain or _ACCENT_RUN.search(prose.decode("latin-1")):
        return None
    return next((_LATIN[hint] for hint in hints if hint in _LATIN), "cp1252")


def _in_script(prose: bytes, encoding: str, script: re.Pattern[str], share: float) -> bool:
    text = prose.decode(encoding, "replace")
    foreign = [c for c in text if c > "\x7f" and c.isalpha()]
    # Accented letters of a Latin text turn into single letters of any script, inside words of plain ASCII.
    plain = sum(1 for c in text if c <= "\x7f" and c.isalpha())
    if len(foreign) < max(10, plain // 4) or len(_UNREAD.findall(text)) > _BROKEN_SHARE * len(foreign):
        return False
    inside = [c for c in foreign if script.match(c)]
    if script is _CYRILLIC:  # the Cyrillic encodings permute one alphabet; prose is nearly all lower case
        lower = sum(1 for c in inside if c.islower())
        if lower < 0.7 * len(inside):
            return False
    return len(inside) >= share * len(foreign)
