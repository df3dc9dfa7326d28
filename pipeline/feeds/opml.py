"""OPML in and out: lists of feeds as readers exchange them, with what Wirewatch knows of each outlet (pure)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from xml.sax.saxutils import quoteattr

from lxml import etree

from pipeline import urls
from pipeline.errors import ItemError
from pipeline.models import FeedSource
from pipeline.text import characters, tags
from pipeline.text.characters import storable
from pipeline.text.charset import decode

NAMESPACE = "https://wirewatch.example/opml"
OWNERSHIPS = frozenset({"state", "public", "private", "agency"})
KINDS = frozenset({"rss", "sitemap"})
MAX_OUTLINES = 50_000
"""Outlines read of one list; published lists of whole countries' media hold about 20,000."""

_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_BARE_AMPERSAND = re.compile(r"&(?!(?:[A-Za-z][A-Za-z0-9]{1,31}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});)")
_DOCTYPE_START = re.compile(r"<!DOCTYPE", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*(?:\[[^\]]*\][^\[>]*)?>", re.IGNORECASE)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*?\?>", re.IGNORECASE)


def read(body: bytes) -> tuple[list[FeedSource], list[str]]:
    """The feeds of an OPML document in its order, and a line for people on each thing that was wrong.

    Folders become tags. Wrong charsets, bare ampersands, HTML entities, misspelt attribute names and broken markup
    are mended; outlines without a usable address and repeated feeds are left out and named. Raises `ItemError`
    (``not-opml``) where nothing in it is OPML.
    """
    decoded = decode(body, None, "xml")
    problems = (
        ["the file is not in the charset that it declares; read as " + decoded.encoding] if not decoded.sound else []
    )
    root = _root(decoded.text, problems)
    sources: dict[str, FeedSource] = {}
    for attributes, folders, line in _outlines(root, problems):
        source = _source(attributes, folders, line, problems)
        if source is None:
            continue
        key = urls.identity(source.url)
        if key in sources:
            earlier = sources[key]
            sources[key] = replace(earlier, tags=tuple(dict.fromkeys((*earlier.tags, *source.tags))))
            problems.append(f"line {line}: {source.url} stands in the list twice; kept once")
        else:
            sources[key] = source
    return list(sources.values()), problems


def _root(text: str, problems: list[str]) -> etree._Element:
    mended = _DECLARATION.sub("", storable(text).lstrip("\ufeff"), count=1)
    first = _DOCTYPE_START.search(mended)
    if first and (doctype := _DOCTYPE.match(mended, first.start())):
        mended = mended[: first.start()] + mended[doctype.end() :]
    whole = _BARE_AMPERSAND.sub("&amp;", mended)
    if whole != mended:
        problems.append("unescaped ampersands; read as such")
    whole = _NAMED.sub(_character, whole)
    options = {
        "resolve_entities": False,
        "no_network": True,
        "load_dtd": False,
        "huge_tree": False,
        "encoding": "utf-8",
    }
    try:
        return etree.fromstring(whole.encode("utf-8"), etree.XMLParser(**options))
    except etree.XMLSyntaxError as error:
        problems.append(f"broken XML, read as far as it goes: {error.msg}")
    except ValueError:
        pass
    root = etree.fromstring(whole.encode("utf-8") or b" ", etree.XMLParser(recover=True, **options))
    if root is None:
        raise ItemError("not-opml", "no XML in it; export the list as OPML from your reader and try again")
    return root


def _character(found: re.Match[str]) -> str:
    if found[1] in _XML_ENTITIES:
        return found[0]
    character = html.unescape(found[0])
    return character if character != found[0] else f"&amp;{found[1]};"


def _name(tag: object) -> str:
    """The local name in lower case; broken lists leave prefixes undeclared, so that they stay in the name."""
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _outlines(root: etree._Element, problems: list[str]) -> Iterator[tuple[dict[str, str], tuple[str, ...], int]]:
    """Attributes by lower-case name, titles of the folders above, and line of each outline that is not a folder."""
    if _name(root.tag) not in ("opml", "body", "outline", "outlinedocument") and root.find(".//{*}outline") is None:
        raise ItemError(
            "not-opml", f"the file is <{_name(root.tag)}>, not <opml>; a single feed is added by its address"
        )
    count = 0
    folders: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if _name(element.tag) != "outline":
            continue
        attributes = {_name(key): value.strip() for key, value in element.attrib.items()}
        if event == "end":
            folders.pop()
            continue
        count += 1
        if count > MAX_OUTLINES:
            problems.append(f"more than {MAX_OUTLINES:,} outlines; the rest was left out")
            return
        is_folder = len(element) > 0 and not _address(attributes)
        if not is_folder:
            yield attributes, tuple(name for name in folders if name), element.sourceline or 0
        folders.append(_title(attributes) if is_folder else "")


def _address(attributes: dict[str, str]) -> str:
    return (
        attributes.get("xmlurl") or attributes.get("feedurl") or attributes.get("rssurl") or attributes.get("url") or ""
    )


def _title(attributes: dict[str, str]) -> str:
    return characters.name(html.unescape(attributes.get("title") or attributes.get("text") or ""))


def _source(attributes: dict[str, str], folders: tuple[str, ...], line: int, problems: list[str]) -> FeedSource | None:
    called = _title(attributes) or "an outline without a title"
    written = _address(attributes)
    home = urls.resolve(None, attributes.get("htmlurl"))
    if not written:
        hint = f"; find it with `wirewatch feeds add {home}`" if home else ""
        problems.append(f"line {line}: {called} has no feed address (xmlUrl){hint}")
        return None
    if attributes.get("type", "").lower() == "include":
        problems.append(f"line {line}: {called} includes another list, {written[:200]}; import that list itself")
        return None
    url = urls.resolve(None, written)
    if url is None and "." in written.split("/")[0] and ":" not in written:
        url = urls.resolve(None, f"https://{written}")
        problems.append(f"line {line}: {written} lacks its https://; added")
    if url is None or urls.too_long(url):
        problems.append(f"line {line}: {called} has an address that is none: {written[:100]}")
        return None
    return FeedSource(
        url=url,
        title=_title(attributes) or urls.host(url),
        outlet=characters.name(attributes.get("outlet", "")),
        home_url=home,
        country=_country(attributes.get("country", ""), line, problems),
        language=tags.tidy(attributes.get("language") or attributes.get("lang")),
        ownership=_choice(attributes.get("ownership", ""), OWNERSHIPS, "private", "ownership", line, problems),
        kind=_choice(attributes.get("kind", ""), KINDS, "rss", "kind", line, problems),
        tags=tuple(dict.fromkeys((*folders, *_categories(attributes.get("category", ""))))),
    )


def _country(written: str, line: int, problems: list[str]) -> str | None:
    if not written:
        return None
    if not re.fullmatch(r"[A-Za-z]{2}", written):
        problems.append(f"line {line}: country {written[:100]!r} is not a two-letter code (ISO 3166-1); left empty")
        return None
    return written.upper()


def _choice(written: str, allowed: frozenset[str], default: str, name: str, line: int, problems: list[str]) -> str:
    if written and written.lower() not in allowed:
        problems.append(
            f"line {line}: {name} {written[:100]!r} is none of {', '.join(sorted(allowed))}; taken as {default}"
        )
        return default
    return written.lower() or default


def _categories(written: str) -> list[str]:
    """OPML's ``category``: comma-separated, each with or without leading slashes."""
    return [name for piece in written.split(",") if (name := characters.name(piece.strip().strip("/")))]


def write(sources: Iterable[FeedSource], title: str = "Wirewatch feeds") -> str:
    """An OPML 2.0 document that `read` gives back as it was: one folder for each first tag, the others as category."""
    folders: dict[str, list[FeedSource]] = {}
    for source in sources:
        folders.setdefault(source.tags[0] if source.tags else "", []).append(source)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<opml version="2.0" xmlns:wirewatch="{NAMESPACE}">',
        f"  <head><title>{_escaped(title)}</title></head>",
        "  <body>",
    ]
    for folder, members in folders.items():
        indent = "      " if folder else "    "
        if folder:
            lines.append(f"    <outline text={_quoted(folder)}>")
        lines += [indent + _outline(source) for source in members]
        if folder:
            lines.append("    </outline>")
    return "\n".join([*lines, "  </body>", "</opml>", ""])


def _outline(source: FeedSource) -> str:
    values = {
        "type": "rss",
        "text": source.title,
        "title": source.title,
        "xmlUrl": source.url,
        "htmlUrl": source.home_url,
        "language": source.language,
        "wirewatch:outlet": source.outlet,
        "wirewatch:country": source.country,
        "wirewatch:ownership": source.ownership,
        "wirewatch:kind": source.kind if source.kind != "rss" else None,
        "category": ",".join(tag.replace(",", " ") for tag in source.tags[1:]),
    }
    return "<outline " + " ".join(f"{name}={_quoted(value)}" for name, value in values.items() if value) + "/>"


def _quoted(text: str) -> str:
    return quoteattr(storable(text), {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})


def _escaped(text: str) -> str:
    return html.escape(storable(text), quote=False)
