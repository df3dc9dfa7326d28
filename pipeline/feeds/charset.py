"""Bytes of a feed to text, whatever the server, the XML declaration and the bytes say of their charset (pure).

RFC 7303 gives the order BOM, HTTP charset, XML declaration. Servers are wrong often, in known ways: a default charset
nobody chose, UTF-8 labelled as something else, a superset labelled by its subset, UTF-8 with a few bytes cut.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

# What a label means in practice, as the WHATWG encoding standard has it: the superset that browsers decode with.
_SUPERSETS = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
}
_ALIASES = {"ks_c_5601-1987": "cp949", "x-sjis": "cp932", "x-gbk": "gb18030", "x-euc-jp": "euc_jp", "x-mac-roman": "mac_roman", "windows-874": "cp874", "unicode": "utf-16", "ucs-2": "utf-16", "iso-10646-ucs-2": "utf-16", "csucs4": "utf-32", "iso-10646-ucs-4": "utf-32", "u32": "utf-32", "u16": "utf-16", "ucs-4": "utf-32", "csunicode": "utf-16"}  # fmt: skip  # noqa: E501
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = (  # the first characters, "<?xm" or "<rss" or "{", of families that are not ASCII underneath
    (b"\x4c\x6f\xa7\x94", "cp037"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00{\x00", "utf-16-be"),
    (b"{\x00", "utf-16-le"),
)
_SERVER_DEFAULTS = frozenset({"cp1252"})  # what Apache's AddDefaultCharset and text/* without a charset come to
_DECLARED = re.compile(r"""^\s*<\?xml[^>]*?\bencoding\s*=\s*["']\s*([A-Za-z0-9._:+-]+)\s*["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9._:+-]+)""", re.IGNORECASE)
_MAX_BROKEN = 0.01  # share of sequences that may be broken before UTF-8 is not what it is
_SNIFFED = 200_000  # bytes the detector reads; more changes nothing but the time
_CANDIDATES = [
    "cp1251", "koi8_r", "cp949", "gb18030", "big5", "cp932", "euc_jp", "cp1252", "cp1250", "cp1256", "cp1253", "cp1254",
    "cp1255", "cp874", "cp1258", "iso8859_2",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text, the codec that read it, and whether that differs from what was declared (`mended`)."""

    text: str
    encoding: str
    mended: bool


def decode(body: bytes, content_type: str | None) -> Decoded:
    """Decode a feed's bytes; never raises, at worst with replacement characters and `mended` set."""
    for mark, encoding in _BOMS:
        if body.startswith(mark) and not (encoding == "utf-16-le" and body[2:4] == b"\x00\x00"):
            text = body[len(mark) :].decode(encoding, "replace")
            return Decoded(text, encoding, "\ufffd" in text)
    unmarked = next((encoding for start, encoding in _UNMARKED if body.startswith(start)), None)
    declared = _codec(_declared(body, unmarked))
    served = _codec(found[1] if (found := _CHARSET.search(content_type or "")) else None)
    if unmarked and (wide := _strictly(body, unmarked)) is not None:
        if declared and unmarked == "cp037" and (page := _strictly(body, declared)) is not None:
            return Decoded(page, declared, False)  # a code page of EBCDIC other than the common one
        return Decoded(wide, unmarked, False)
    label = _believed(served, declared)
    if (unicode := _utf8(body)) is not None:
        return Decoded(unicode, "utf-8", "\ufffd" in unicode or (label not in (None, "utf-8") and not body.isascii()))
    for tried in dict.fromkeys((label, declared, served)):
        if tried and tried != "utf-8" and (labelled := _strictly(body, tried)) is not None:
            return Decoded(labelled, tried, tried != label)
    return _detected(body, label)


def _declared(body: bytes, unmarked: str | None) -> str | None:
    head = body[:2000].decode(unmarked or "latin-1", "replace")
    found = _DECLARED.match(head)
    return found[1] if found else None


def _believed(served: str | None, declared: str | None) -> str | None:
    """Which label to take first: the server's, unless it is only a server's default and the document differs."""
    if served in _SERVER_DEFAULTS and declared:
        return declared
    return served or declared


def _codec(label: str | None) -> str | None:
    if not label:
        return None
    label = label.lower()
    try:
        name = codecs.lookup(_ALIASES.get(label, label)).name
    except LookupError:
        return None
    if name in ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "rot13", "utf-7") or name in (
        "base64", "hex", "bz2", "zlib", "quopri", "uu", "mbcs", "oem",
    ):  # fmt: skip
        return None  # Python's own transformations, and UTF-7, which hides markup
    return _SUPERSETS.get(name, name)


def _strictly(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        pass
    if encoding == "cp1252":  # five bytes of cp1252 are undefined; browsers read them as controls
        return body.decode("cp1252", "replace") if not any(b in body for b in b"\x81\x8d\x8f\x90\x9d") else None
    return None


def _utf8(body: bytes) -> str | None:
    """The body as UTF-8 if it is: valid with something beyond ASCII, or valid but for a few cut sequences.

    Text in another charset passes as UTF-8 by chance only in fragments; ISO-2022 keeps to ASCII bytes with escapes.
    """
    if body.isascii():
        return None if b"\x1b" in body else body.decode("ascii")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    sound = sum(1 for char in text if ord(char) > 127) - broken
    return text if sound and broken <= max(1, sound * _MAX_BROKEN) else None


def _detected(body: bytes, label: str | None) -> Decoded:
    sample = body[:_SNIFFED]
    if label and label not in ("utf-8", "cp1252"):  # a declared multi-byte charset with a few broken bytes
        text = body.decode(label, "replace")
        if text.count("\ufffd") <= max(2, len(text) * _MAX_BROKEN / 10):
            return Decoded(text, label, True)
    best = from_bytes(sample, cp_isolation=_CANDIDATES, explain=False).best()
    encoding = best.encoding if best is not None else "cp1252"
    return Decoded(body.decode(encoding, "replace"), encoding, True)
