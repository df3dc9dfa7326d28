"""A feed's XML to feedparser's dictionaries, with links, ids, bases and captions kept as they stand in it.

feedparser keeps one link of an entry, fills it from the id, resolves ids as if they were links, reads ``xml:base`` only
where it is absolute, and files a photograph's caption as text. Its two parsers are therefore driven here with these few
elements read by ourselves.
"""

from __future__ import annotations

import io
import xml.sax
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from feedparser import api
from feedparser.sanitizer import replace_doctype
from feedparser.util import FeedParserDict

from pipeline import urls

_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>'
_RELATIONS = "http://www.iana.org/assignments/relation/"
_ENTRIES = frozenset({"item", "entry"})
_ASIDE = frozenset({"image", "textinput", "author", "contributor", "enclosure"})
_MAX_DEPTH = 50  # elements looked through for the one that is closed; real feeds nest about ten deep


@dataclass(frozen=True, slots=True)
class Document:
    """A feed as feedparser tells it: its head, its entries, its version, and whether only the loose parser read it."""

    head: Mapping[str, Any]
    entries: list[Mapping[str, Any]]
    version: str
    broken: bool


def read(text: str, base: str) -> Document:
    """Read an XML document without a declaration; `base` is what its relative links mean.

    Each link stands in ``links`` with ``href`` as written, its ``base``, ``text`` where the element had no attribute
    for its address, and ``foreign`` where it is Atom's by its namespace. Raises what feedparser raises on hostile
    input, which may be anything.
    """
    version, data, entities = replace_doctype(
        b'<?xml version="1.0" encoding="utf-8"?>' + text.encode("utf-8", "replace")
    )
    strict = _Strict("", None, "utf-8")
    _prepare(strict, base)
    # What could exhaust it was refused before, entities are declared away, and it reaches no file and no network.
    reader = xml.sax.make_parser(api.PREFERRED_XML_PARSERS)  # noqa: S317
    reader.setFeature(xml.sax.handler.feature_namespaces, True)
    reader.setFeature(xml.sax.handler.feature_external_ges, False)
    reader.setContentHandler(strict)
    reader.setErrorHandler(strict)
    source = xml.sax.xmlreader.InputSource()
    source.setByteStream(io.BytesIO(data))
    parser: Any = strict
    try:
        reader.parse(source)
    except xml.sax.SAXException:
        parser = _Loose("", None, "utf-8", entities)
        _prepare(parser, base)
        parser.feed(data.decode("utf-8", "replace"))
    return Document(parser.feeddata, parser.entries, str(version or parser.version), parser is not strict)


def _prepare(parser: Any, base: str) -> None:
    """No sanitiser and no resolver: the raw markup is kept, and cleaned by ourselves."""
    parser.resolve_relative_uris = parser.sanitize_html = False
    parser.bases = [base]


class _Reading:
    """What is read otherwise than by feedparser's own handlers, above either of its parsers."""

    def __init__(self, *arguments: Any) -> None:
        self._path: list[str] = []
        self.bases: list[str] = []
        self._foreign = False
        super().__init__(*arguments)

    # --- where it stands ----------------------------------------------------------------------------------

    def unknown_starttag(self: Any, tag: str, attrs: list[tuple[str, str]]) -> None:
        prefix, _, name = tag.rpartition(":")
        prefix = self.namespacemap.get(prefix, prefix)
        self._path.append(f"{prefix}:{name}" if prefix else name)
        base = self.bases[-1]
        if attrs and not self.incontent:
            named = [value for key, value in attrs if key.lower() in ("xml:base", "base") and value]
            if named:
                # Kept from feedparser, which leaves a relative base out, or applies it again at each element below.
                base = urls.resolve(base, named[0]) or base
                attrs = [(key, value) for key, value in attrs if key.lower() not in ("xml:base", "base")]
        self.bases.append(base)
        super().unknown_starttag(tag, attrs)  # type: ignore[misc]

    def unknown_endtag(self: Any, tag: str) -> None:
        super().unknown_endtag(tag)  # type: ignore[misc]
        name = tag.rpartition(":")[2]
        for depth in range(len(self._path) - 1, max(len(self._path) - 1 - _MAX_DEPTH, -1), -1):
            if self._path[depth].rpartition(":")[2] == name:
                del self._path[depth:], self.bases[depth + 1 :]
                return

    def _aside(self: Any) -> bool:
        """Whether the element stands inside a picture or the like of its entry, and says nothing of the entry."""
        if not self.inentry or self.insource:
            return False
        for name in reversed(self._path[-_MAX_DEPTH:-1]):
            if name in _ENTRIES:
                return False
            if name in _ASIDE or name.startswith("media:"):
                return True
        return False

    def push_content(self: Any, tag: str, attrs: dict[str, str], kind: str, expecting: int) -> None:
        super().push_content(tag, attrs, kind, expecting)  # type: ignore[misc]
        self.contentparams["base"] = self.bases[-1]

    def resolve_uri(self, uri: str) -> str:
        """As written: what an address means is decided once, by `pipeline.feeds.links`."""
        return uri

    # --- links and ids ------------------------------------------------------------------------------------

    def _start_item(self: Any, attrs: dict[str, str]) -> None:
        super()._start_item(attrs)  # type: ignore[misc]
        self._get_context()["base"] = self.bases[-1]

    _start_entry = _start_item

    def _start_link(self: Any, attrs: dict[str, str]) -> None:
        given = attrs.get("rel") or ""
        href = (attrs.get("href") or attrs.get("url") or attrs.get("uri") or "").strip()
        link = FeedParserDict(
            rel=_relation(given),
            named=bool(given),
            type=attrs.get("type") or "",
            hreflang=attrs.get("hreflang") or "",
            href=href,
            base=self.bases[-1],
            text=False,
            foreign=self._foreign,
        )
        if not self._aside() and not (self.inentry and self.inimage):
            self._get_context().setdefault("links", []).append(link)
        self._link = link
        if not href:
            self.push("link_text", 0)

    def _end_link(self: Any) -> None:
        text = self.pop("link_text")
        link = getattr(self, "_link", None)
        if text and link is not None and not link["href"]:
            # "&" in front of a name that is no entity reads as "&name;" in the loose parser.
            link["href"] = self.decode_entities("link", text).replace("&amp;", "&")
            link["text"] = True

    def _start_guid(self: Any, attrs: dict[str, str]) -> None:
        if self._aside():
            self.push("aside", 0)
            return
        declared = str(attrs.get("ispermalink") or "true").strip().lower()
        self._permalink = declared not in ("false", "0", "no")
        self.guidislink = 0  # feedparser would resolve it, and take it for the link
        self.push("id", 1)

    _start_id = _start_guid

    def _end_guid(self: Any) -> None:
        if self._aside():
            self.pop("aside")
            return
        self.pop("id")
        self._save("guidislink", self._permalink)

    _end_id = _end_guid

    # --- text ---------------------------------------------------------------------------------------------

    def _start_description(self: Any, attrs: dict[str, str]) -> None:
        if self._aside():
            self._start_caption(attrs)
        else:
            super()._start_description(attrs)  # type: ignore[misc]

    def _end_description(self: Any) -> None:
        if self._aside():
            self._end_caption()
        else:
            super()._end_description()  # type: ignore[misc]

    def _start_summary(self: Any, attrs: dict[str, str]) -> None:
        if self._aside():
            self._start_caption(attrs)
        else:
            super()._start_summary(attrs)  # type: ignore[misc]

    def _end_summary(self: Any) -> None:
        if self._aside():
            self._end_caption()
        else:
            super()._end_summary()  # type: ignore[misc]

    def _start_caption(self: Any, attrs: dict[str, str]) -> None:
        self.push_content("caption", attrs, "text/html", 0)

    def _end_caption(self: Any) -> None:
        text = self.pop_content("caption")
        if text and not any(name in _ASIDE for name in self._path[-_MAX_DEPTH:-1]):
            self._save("media_text", self.decode_entities("caption", text))

    _start_media_description = _start_caption
    _end_media_description = _end_caption


def _relation(given: str) -> str:
    """The first relation that a link names, in lower case, without the address that Atom allows before it."""
    words = given.lower().replace(_RELATIONS, "").split()
    return words[0] if words else "alternate"


class _Strict(_Reading, api.StrictFeedParser):  # type: ignore[misc]
    """feedparser's reader of well-formed XML."""

    def startElementNS(self, name: tuple[str | None, str], qname: str | None, attrs: Any) -> None:  # noqa: N802 - SAX
        self._foreign = "atom" in (name[0] or "").lower()
        super().startElementNS(name, qname, attrs)


class _Loose(_Reading, api.LooseFeedParser):  # type: ignore[misc]
    """feedparser's reader of what is not well-formed."""

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        self._foreign = ":" in tag
        super().unknown_starttag(tag, attrs)
