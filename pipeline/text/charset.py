"""Bytes to text, whatever server, document and bytes say of their charset (pure).

A declaration is a claim, not a fact: servers send a default that nobody chose, documents keep the charset of the
editing system they once had, UTF-8 is labelled as something else, a superset by its subset. So the order is: the byte
order mark; what is wide; UTF-8 where it is valid, but for a few cut sequences; the declared charsets where the bytes
fit them; the legacy encodings of the language; the detector.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from charset_normalizer import from_bytes
from w3lib.encoding import html_body_declared_encoding, read_bom, resolve_encoding

from pipeline.text.tags import primary

_UNMARKED = (  # the first characters, "<?xm" or "<rss" or "{", of families that are not ASCII underneath
    (b"\x4c\x6f\xa7\x94", "cp037"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00{\x00", "utf-16-be"),
    (b"{\x00", "utf-16-le"),
)
# Labels that are neither Python's nor the WHATWG's.
_ALIASES = {
    **dict.fromkeys(("unicode", "csunicode", "ucs-2", "iso-10646-ucs-2", "u16"), "utf-16"),
    **dict.fromkeys(("ucs-4", "csucs4", "iso-10646-ucs-4", "u32"), "utf-32"),
    "ks_c_5601-1987": "cp949",
    "tis-620": "cp874",
    "x-euc-jp": "euc_jp",
    "x-gbk": "gb18030",
    "x-mac-roman": "mac_roman",
    "windows-874": "cp874",
}
# Python's own transformations, and UTF-7, which hides markup.
_NO_CHARSETS = frozenset(
    {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7", "mbcs", "oem"}
    | {"base64", "hex", "bz2", "zlib", "quopri", "uu", "rot13"}
)
_SERVER_DEFAULTS = frozenset({"cp1252"})  # what Apache's AddDefaultCharset and text/* without a charset come to
_SERVED = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9._:+-]+)""", re.IGNORECASE)
_IN_XML = re.compile(r"""^\s*<\?xml[^>]*?\bencoding\s*=\s*["']\s*([A-Za-z0-9._:+-]+)\s*["']""")
_HTML_LANG = re.compile(rb"<html[^>]{0,500}?\blang\s*=\s*[\"']?([A-Za-z]{2,3})", re.IGNORECASE)
_MARKUP = re.compile(rb"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_SAMPLE_BYTES = 200_000
# Share of sequences that may be broken before UTF-8 is not what it is, and of non-ASCII characters before a declared
# encoding counts as wrong: real pages hold single broken characters (cut excerpts, pasted bytes), a wrong encoding
# breaks nearly all.
_MAX_BROKEN = 0.01
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
# What the detector chooses from: the legacy encodings of news languages, not those of other machines.
_CANDIDATES = [
    "cp1251", "koi8_r", "cp949", "gb18030", "big5", "cp932", "euc_jp", "cp1252", "cp1250", "cp1256", "cp1253", "cp1254",
    "cp1255", "cp874", "cp1258", "iso8859_2",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text, the codec that read it, and what was wrong.

    `mislabelled`: the bytes are not what the declaration that counts says; `broken`: some became U+FFFD; `guessed`:
    no declaration helped.
    """

    text: str
    encoding: str
    broken: bool = False
    mislabelled: bool = False
    guessed: bool = False

    @property
    def sound(self) -> bool:
        """Whether the declaration, or UTF-8 without one, was right and nothing was lost."""
        return not (self.broken or self.mislabelled or self.guessed)


def decode(
    body: bytes, content_type: str | None, declaration: Literal["xml", "html"], language: str | None = None
) -> Decoded:
    """Decode a document; never raises, undecodable bytes become U+FFFD.

    `content_type` is the response header, `declaration` says where the document would declare its charset: before the
    root element, or in a meta tag. `language` (BCP 47), as expected, settles what the bytes of an undeclared legacy
    encoding leave open.
    """
    encoding, mark = read_bom(body)
    if encoding is not None and mark is not None:
        return _replaced(body[len(mark) :], encoding)
    unmarked = next((encoding for start, encoding in _UNMARKED if body.startswith(start)), None)
    served = _codec(found[1] if (found := _SERVED.search(content_type or "")) else None)
    declared = _codec(_declared(body, unmarked, declaration))
    if (wide := _wide(body, unmarked, declared)) is not None:
        return wide
    labels = [label for label in dict.fromkeys(_by_trust(served, declared)) if label]
    if (unicode := _utf8(body)) is not None:
        mislabelled = bool(labels) and labels[0] != "utf-8" and not unicode.text.isascii()
        return replace(unicode, mislabelled=mislabelled)
    for label in labels:
        labelled = _replaced(body, label)
        if _fits(labelled.text, label):
            return replace(labelled, mislabelled=label != labels[0])
    guess = _guess(body, language)
    return replace(_replaced(body, guess), mislabelled=bool(labels) and guess != labels[0], guessed=True)


def _replaced(body: bytes, encoding: str) -> Decoded:
    text = body.decode(encoding, "replace")
    return Decoded(text, encoding, "\ufffd" in text)


def _declared(body: bytes, unmarked: str | None, declaration: str) -> str | None:
    if declaration == "html":
        return html_body_declared_encoding(body)
    found = _IN_XML.match(body[:2000].decode(unmarked or "latin-1", "replace"))
    return found[1] if found else None


def _by_trust(served: str | None, declared: str | None) -> tuple[str | None, str | None]:
    """The server's label first, unless it is only a server's default and the document differs (RFC 7303)."""
    return (declared, served) if served in _SERVER_DEFAULTS and declared else (served, declared)


def _codec(label: str | None) -> str | None:
    """Python's codec for a label, or for the superset that browsers read it with (WHATWG, by w3lib); None for none."""
    if not label:
        return None
    label = label.lower()
    name = resolve_encoding(_ALIASES.get(label, label))
    if name is None or name.replace("_", "-") in _NO_CHARSETS:
        return None
    return name


def _wide(body: bytes, unmarked: str | None, declared: str | None) -> Decoded | None:
    """A document of two or four bytes a character, or of EBCDIC, without a byte order mark."""
    if unmarked is None and body[:2000].count(b"\0") > 200:  # every other byte of the markup is zero
        unmarked = "utf-16-le" if body[1:2] == b"\0" else "utf-16-be"
        return _replaced(body, unmarked)
    for encoding in (declared if unmarked == "cp037" else None, unmarked):  # EBCDIC has many code pages
        if encoding:
            try:
                return Decoded(body.decode(encoding), encoding)
            except UnicodeDecodeError:
                continue
    return None


def _utf8(body: bytes) -> Decoded | None:
    """The body as UTF-8 if it is: valid with something beyond ASCII, or valid but for a few cut sequences.

    Text in another charset passes as UTF-8 by chance only in fragments; ISO-2022 keeps to ASCII bytes with escapes.
    """
    if b"\x1b$" in body or (body.isascii() and b"\x1b" in body):
        return None
    try:
        return Decoded(body.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    sound = sum(1 for char in text if ord(char) > 127) - broken
    return Decoded(text, "utf-8", True) if sound and broken <= max(1, sound * _MAX_BROKEN) else None


def _fits(text: str, encoding: str) -> bool:
    foreign = sum(1 for c in text[:_SAMPLE_BYTES] if c > "\x7f")
    broken = text.count("\ufffd", 0, _SAMPLE_BYTES)
    if encoding == "utf-8":  # legacy bytes hardly ever form valid sequences, so a majority of them is proof
        return broken <= foreign - broken
    if broken > max(1, _BROKEN_SHARE * foreign):
        return False
    return encoding not in _WESTERN or len(_ACCENT_RUN.findall(text[:_SAMPLE_BYTES])) <= 3


def _guess(body: bytes, language: str | None) -> str:
    """The encoding of bytes whose declaration is missing or wrong: by the language, then by detection."""
    prose = _MARKUP.sub(b" ", body[:_SAMPLE_BYTES])
    match = _HTML_LANG.search(body[:4096])
    hints = [match.group(1).decode("ascii").lower()] if match else []
    hints += [hint for hint in (primary(language),) if hint]
    for hint in dict.fromkeys(hints):
        encodings, script, share = _LEGACY.get(hint, ((), _HAN, 1.0))
        for encoding in encodings:
            if _in_script(prose, encoding, script, share):
                return encoding
    latin = _latin(prose, hints)
    if latin is not None:
        return latin
    best = from_bytes(prose, cp_isolation=_CANDIDATES).best()
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
