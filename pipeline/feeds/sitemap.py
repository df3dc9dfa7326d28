"""Sitemaps (sitemaps.org) and news sitemaps (``news:news``) as sources like a feed (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from pipeline import urls
from pipeline.errors import ItemError
from pipeline.feeds.entries import RawEntry, build, distinct
from pipeline.models import ParsedFeed

MAX_LOCATIONS = 50_000
"""Addresses a sitemap may hold by its protocol."""


@dataclass(frozen=True, slots=True)
class SitemapLink:
    """One line of a sitemap index: another sitemap, and when it last changed as written."""

    url: str
    modified: str | None


def _root(text: str, url: str) -> etree._Element:
    # No entities, no network, libxml2's own limits on depth and size; what is broken is read as far as it goes.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, remove_comments=True,
        remove_pis=True, encoding="utf-8",
    )  # fmt: skip
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except (etree.LxmlError, ValueError) as error:
        raise ItemError("malformed", f"the sitemap does not parse: {str(error)[:120]}", url=url) from None
    if root is None:
        raise ItemError("malformed", "the sitemap does not parse; nothing in it is an element", url=url)
    return root


def _name(element: etree._Element) -> str:
    """The local name in lower case; an undeclared prefix (``news:title``) stays in lxml's tag, and is cut here."""
    return element.tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(element.tag, str) else ""


def _texts(element: etree._Element) -> dict[str, str]:
    """Local name -> text of the first descendant that carries it; the namespaces are misspelt too often to matter."""
    found: dict[str, str] = {}
    for child in element.iterdescendants() if len(element) else [element]:
        if isinstance(child.tag, str):
            space = child.tag.rpartition("}")[0] or child.tag.partition(":")[0]
            prefix = "image:" if "image" in space else "video:" if "video" in space else ""
            found.setdefault(prefix + _name(child), (child.text or "").strip())
    return found


def parse(text: str, url: str, now: datetime) -> ParsedFeed:
    """Read a sitemap of pages into entries.

    A news entry has title, publication date, keywords and language; a plain one only address and modification time,
    which is no publication date, so its rule stays ``missing`` unless the address names a day. Raises `ItemError`
    (``sitemap-index``) for an index, whose sitemaps `links` gives.
    """
    root = _root(text, url)
    pages = _pages(root)
    if not pages and any(_name(element) in ("sitemapindex", "sitemap") for element in root.iter()):
        raise ItemError("sitemap-index", "a list of sitemaps, not of pages; add one of the sitemaps it names", url=url)
    raws: list[RawEntry] = []
    publication = language = None
    news = 0
    for element in pages:
        values = _texts(element)
        if "publication_date" in values or ("title" in values and "publication" in values):
            news += 1
            publication = publication or values.get("name")
            language = language or values.get("language")
        raws.append(_raw(values, url))
    entries = distinct([build(raw, i, now, None) for i, raw in enumerate(raws)])
    problems = ["not-news"] if raws and not news else []
    problems += ["repeated-entry"] if len(entries) < len(raws) else []
    return ParsedFeed(
        format="sitemap",
        title=publication or "",
        home_url=urls.resolve(url, "/"),
        language=language,
        entries=entries,
        problems=tuple(problems),
    )


def _pages(root: etree._Element) -> list[etree._Element]:
    """The elements that each name a page, wherever they stand: lists inside lists are common, and pages without one
    around their ``loc`` occur."""
    pages = []
    for element in root.iter():
        name = _name(element)
        bare = name == "loc" and _name(element.getparent()) == "urlset"
        if (name == "url" and any(_name(child) == "loc" for child in element)) or bare:
            pages.append(element)
        if len(pages) >= MAX_LOCATIONS:
            break
    return pages


def _raw(values: dict[str, str], url: str) -> RawEntry:
    location = values.get("loc") or None
    return RawEntry(
        guid=location,
        link=location,
        title=values.get("title", ""),
        published=values.get("publication_date") or None,
        updated=None if "publication_date" not in values else values.get("lastmod") or None,
        language=values.get("language"),
        tags=[tag.strip() for tag in values.get("keywords", "").split(",") if tag.strip()],
        image=values.get("image:loc"),
        source_name=values.get("name"),
        base=url,
    )


def links(text: str, url: str) -> list[SitemapLink]:
    """The sitemaps that an index names, in its order; an empty list for a sitemap of pages."""
    found = []
    for element in _root(text, url).iter():
        bare = _name(element) == "loc" and _name(element.getparent()) == "sitemapindex"
        if _name(element) == "sitemap" or bare:
            values = _texts(element)
            location = urls.resolve(url, values.get("loc"))
            if location:
                found.append(SitemapLink(location, values.get("lastmod") or None))
    return found[:MAX_LOCATIONS]
