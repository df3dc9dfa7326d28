"""What a document is refused for before a parser sees it, so that no stranger's feed can hold a worker (pure).

feedparser declares external and nested entities away and parses at a pace that grows with the size, but for the
constructs named here, where its time grows with the square. The bounds are far above any real feed.
"""

from __future__ import annotations

import html.entities
import re

from pipeline.errors import ItemError

MAX_ELEMENTS = 200_000
"""Tags outside CDATA; a feed of 10 MB, the size limit, holds about 100,000. feedparser reads 50,000 per second."""
MAX_UNCLOSED = 5_000
"""Opening tags without a closing one: nesting, or bare HTML in a broken feed, of which real ones have hundreds."""
MAX_ENTITIES = 500
"""Entity declarations; only HTML's own names are ever declared in feeds, and there are 253."""
MAX_NAMESPACES = 300
"""Namespace declarations of distinct prefixes; feedparser searches them all for every foreign element."""
MAX_LABELS = 1_000
"""Categories of one entry, or words in its list of keywords; feedparser compares each with all before it."""
MAX_ATTRIBUTES = 300
"""Attributes of one tag; feedparser compares each with all before it."""
MAX_PERSON = 4_000
"""Characters of an author element; feedparser's pattern for mail addresses takes their square."""

MAX_LEFT_OPEN = 50
"""CDATA sections, comments or instructions after the last end of one: of a broken feed's, one is never closed. Every
parser looks for the end of each to the end of the document."""

_AMPERSAND = re.compile(
    r"<!\[CDATA\[.*?\]\]>|<!--.*?-->|&(?:(?P<name>[A-Za-z][A-Za-z0-9]{1,31});|(?!#\d{1,7};|#[xX][0-9A-Fa-f]{1,6};))",
    re.DOTALL,
)
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_SECTION = re.compile(r"<!\[CDATA\[|<!--")
_ENDS = (("<![CDATA[", "]]>"), ("<!--", "-->"), ("<?", "?>"), ("<!", ">"))
_ENTITY = re.compile(r"<!ENTITY\s", re.IGNORECASE)
_NAMESPACE = re.compile(r"\bxmlns:([\w.-]+)\s*=")
_ENTRY = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_LABEL = re.compile(r"<(?:[\w.-]+:)?(?:category|keywords|subject|tags?)[\s>/]", re.IGNORECASE)
_KEYWORDS = re.compile(r"<(?:[\w.-]+:)?(?:keywords|tags)\b[^<>]*>(?:<!\[CDATA\[)?([^<]*)", re.IGNORECASE)
_PERSON = re.compile(
    r"<((?:[\w.-]+:)?(?:author|creator|contributor|managingeditor|webmaster|publisher|owner|name))\b[^<>]*(?<!/)>",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r""">|=\s*(?:"[^"]*"|'[^']*')""")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9A-Fa-f]+)|([0-9]+));?")


def refuse_hostile(text: str, url: str) -> None:
    """Raise `ItemError` (``too-complex``) where a document could only be meant, or fit, to exhaust the reader."""
    for opening, end in _ENDS:
        if text.count(opening, text.rfind(end) + 1) > MAX_LEFT_OPEN:
            raise _refusal(f"more than {MAX_LEFT_OPEN} times {opening} without {end}", url)
    outside = _outside(text)
    tags, closing = outside.count("<"), outside.count("</")
    if tags > MAX_ELEMENTS:
        raise _refusal(f"more than {MAX_ELEMENTS:,} tags", url)
    other = outside.count("/>") + outside.count("<!") + outside.count("<?")
    if tags - 2 * closing - other > MAX_UNCLOSED:
        raise _refusal(f"more than {MAX_UNCLOSED:,} tags that are never closed", url)
    head = text[: _first_element(text)]
    if len(_ENTITY.findall(head)) > MAX_ENTITIES:
        raise _refusal(f"more than {MAX_ENTITIES} entity declarations", url)
    if text.count("xmlns:") > MAX_NAMESPACES and len(set(_NAMESPACE.findall(text))) > MAX_NAMESPACES:
        raise _refusal(f"more than {MAX_NAMESPACES} namespaces", url)
    _refuse_attributes(text, url)
    _refuse_labels(text, url)
    _refuse_persons(text, url)


def _refusal(what: str, url: str) -> ItemError:
    return ItemError("too-complex", f"{what}; no feed needs that, so it was not read", url=url)


def _first_element(text: str) -> int:
    found = re.search(r"<[A-Za-z_]", text)
    return found.start() if found else len(text)


def _outside(text: str) -> str:
    """The document without its CDATA sections and comments, in one pass; what is never closed is not one."""
    pieces, position = [], 0
    while (found := _SECTION.search(text, position)) is not None:
        end = text.find("]]>" if found[0] == "<![CDATA[" else "-->", found.end())
        if end < 0:
            break
        pieces.append(text[position : found.start()])
        position = end + 3
    return "".join([*pieces, text[position:]])


def _refuse_attributes(text: str, url: str) -> None:
    """Count equals signs from one tag's start to the next, and look closer only where there are many.

    Each piece is read once from the left; an equals sign within quotes, or before none, is no attribute's.
    """
    for piece in text.split("<"):
        if piece.count("=") <= MAX_ATTRIBUTES or not (piece[:1].isalpha() or piece[:1] == "_"):
            continue
        attributes = 0
        for found in _ATTRIBUTE.finditer(piece):
            if found[0] == ">":
                break
            attributes += 1
        if attributes > MAX_ATTRIBUTES:
            raise _refusal(f"more than {MAX_ATTRIBUTES} attributes on one tag", url)


def _refuse_labels(text: str, url: str) -> None:
    labels = [found.start() for found in _LABEL.finditer(text)]
    if len(labels) > MAX_LABELS:
        starts = [found.start() for found in _ENTRY.finditer(text)]
        bounds = [0, *starts, len(text)]
        position = 0
        for end in bounds[1:]:
            first = position
            while position < len(labels) and labels[position] < end:
                position += 1
            if position - first > MAX_LABELS:
                raise _refusal(f"more than {MAX_LABELS:,} categories on one entry", url)
    for found in _KEYWORDS.finditer(text):
        if found[1].count(",") > MAX_LABELS:
            raise _refusal(f"more than {MAX_LABELS:,} keywords on one entry", url)


def _refuse_persons(text: str, url: str) -> None:
    for found in _PERSON.finditer(text):
        window = text[found.end() : found.end() + MAX_PERSON]
        if (
            len(window) == MAX_PERSON
            and f"</{found[1]}" not in window
            and f"</{found[1].lower()}" not in window.lower()
        ):
            raise _refusal(f"an author of more than {MAX_PERSON:,} characters", url)


def with_sound_entities(text: str) -> str:
    """The document with its bare ampersands escaped and HTML's entities written out, outside CDATA.

    XML knows five names; feedparser's second, loose parser, which reads documents that use others, turns ``AT&T`` into
    ``AT&T;``. Documents that declare entities of their own are left alone.
    """
    if "&" not in text or "<!ENTITY" in text[: _first_element(text)]:
        return text

    def one(found: re.Match[str]) -> str:
        name = found["name"]
        if found[0] != "&" and not name:
            return found[0]  # a CDATA section or a comment, which hold no entities
        if not name:
            return "&amp;"
        if name in _XML_NAMES:
            return found[0]
        character = html.entities.name2codepoint.get(name)
        return f"&amp;{name};" if character is None else chr(character)

    return _AMPERSAND.sub(one, text)


def without_bad_references(text: str) -> str:
    """The document without numeric references to what is no character; feedparser overflows on some."""

    def one(found: re.Match[str]) -> str:
        digits = found[1] or found[2]
        if len(digits) > 10:
            return ""
        code = int(digits, 16 if found[1] else 10)
        sound = code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0x110000
        return found[0] if sound else ""

    return _REFERENCE.sub(one, text)
