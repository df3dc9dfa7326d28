"""What a page says of itself outside its prose: JSON-LD, meta tags, headings, time stamps; one walk over the tree.

Nothing here decides. `pipeline.titles`, `article_dates`, `authors`, `languages` and `page_kinds` do.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml.etree import XPath
from lxml.html import HtmlElement

from pipeline.extraction import cards
from pipeline.extraction.references import resolved
from pipeline.text.characters import storable
from pipeline.text.folding import letters

JsonObject = Mapping[str, Any]

# https://schema.org/Article and its subtypes, and the postings
_ARTICLE_TYPES = re.compile(r"(?:article|posting|report|analysis|review|newsitem)$", re.IGNORECASE)
_NOT_ARTICLES = frozenset({"jobposting"})
_PAGE_TYPES = re.compile(r"(?:page|creativework|blog|story)$", re.IGNORECASE)
_CAPTION = re.compile(r"(?:wp|image|img|photo|picture)[-_]?caption|caption[-_]text|figcaption", re.IGNORECASE)
_CHANGE = re.compile(r"updated|modified|datemod", re.IGNORECASE)
_PUBLICATION = re.compile(r"publish|created|posted|(?<!up)date(?!modif)", re.IGNORECASE)
_NESTED = ("@graph", "mainEntity", "mainEntityOfPage", "subjectOf")
_MAX_JSON_BYTES = 2_000_000
_MAX_DEPTH = 6
_SPACE = re.compile(r"\s+")
# Parts of a page whose names and dates belong to readers or to other articles, by the class or id of an ancestor.
_ELSEWHERE = re.compile(
    r"comment|kommentar|related|sidebar|footer|teaser|recommend|widget|newsletter|popular|navbar|menu|mehr-zum",
    re.IGNORECASE,
)
_HOME = re.compile(r"^(?:https?://[^/?#]+/?|/|\.{1,2}/|/?index\.\w+)$", re.IGNORECASE)
_BANNER = re.compile(r"site-?(?:title|name)|\blogo\b", re.IGNORECASE)
_ELSEWHERE_TAGS = frozenset({"aside", "footer", "nav", "form", "script", "style", "select"})
_NEVER_ARTICLE = _ELSEWHERE_TAGS - {"form"}
_LIVE = XPath("boolean(//@itemtype[contains(., 'schema.org/LiveBlogPosting')])")
_MARKED_AUTHORS = XPath(
    "(/descendant::*[@itemprop][contains(concat(' ', @itemprop, ' '), ' author ')][not(ancestor::head)]"
    " | /descendant::a[@rel='author'])"
    "[not(ancestor::aside or ancestor::*[contains(@class, 'comment') or contains(@class, 'related')]"
    "[not(descendant::h1)])]"
)


@dataclass(frozen=True, slots=True)
class PageFacts:
    """`articles`: JSON-LD article objects, the page's own first. `meta`: contents by lower-case name, property or
    itemprop, in document order. `h1`: texts of the first-level headings, `banners` those of them that lead home or
    are named for the site. `times`: the stamps of the article's time elements. `base`: what the page's relative
    addresses are relative to, where it says so. `site_names`: names of outlet and publisher, most direct first."""

    articles: tuple[JsonObject, ...]
    meta: Mapping[str, tuple[str, ...]]
    title_tag: str
    h1: tuple[str, ...]
    banners: tuple[str, ...]
    times: tuple[str, ...]
    bylines: tuple[str, ...]
    canonical: str | None
    base: str | None
    html_lang: str | None
    site_names: tuple[str, ...]
    live: bool

    def first(self, *names: str) -> str | None:
        """The first content of the first of the meta names that has one."""
        for name in names:
            for content in self.meta.get(name, ()):
                if content:
                    return content
        return None

    def all(self, *names: str) -> list[str]:
        return [content for name in names for content in self.meta.get(name, ()) if content]


def read(tree: HtmlElement) -> PageFacts:
    """Read the facts of a parsed page; malformed JSON-LD is ignored."""
    nodes = [node for script in tree.iter("script") for node in linked_data(script)]
    meta: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        content = element.get("content")
        if name and content and content.strip() and not _of_another_thing(element):
            meta.setdefault(name.strip().lower(), []).append(_line(content))
    title = tree.find(".//title")
    articles = _articles(nodes)
    contents = {name: tuple(values) for name, values in meta.items()}
    return PageFacts(
        articles=articles,
        meta=contents,
        title_tag=_line(title.text_content()) if title is not None else "",
        h1=tuple(text for text in (words_of(h) for h in tree.iter("h1")) if text),
        banners=tuple(words_of(h) for h in tree.iter("h1") if _is_banner(h)),
        times=tuple(_times(tree)),
        bylines=tuple(_bylines(tree)),
        canonical=_canonical(tree),
        base=next((base.get("href") for base in tree.iter("base") if (base.get("href") or "").strip()), None),
        html_lang=tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or tree.get("xml:lang"),
        site_names=_site_names(articles, contents),
        live=any("liveblogposting" in kind for node in nodes for kind in types(node)) or bool(_LIVE(tree)),
    )


def types(node: Any) -> list[str]:
    """The ``@type`` of a JSON-LD object, always as a list, in lower case, without the vocabulary's address.

    Empty for a value that is no object: a page writes anything where an object belongs.
    """
    if not isinstance(node, Mapping):
        return []
    kinds = node.get("@type", node.get("type"))
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return [kind.rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower() for kind in kinds if isinstance(kind, str)]


def text_of(value: Any, depth: int = 0) -> str:
    """A JSON-LD value as one line of text: a string, the first of a list, an object's name; else empty.

    What lies deeper than `_MAX_DEPTH` lists and objects is not looked for.
    """
    if depth > _MAX_DEPTH:
        return ""
    if isinstance(value, list):
        return next((line for line in (text_of(each, depth + 1) for each in value) if line), "")
    if isinstance(value, Mapping):
        return text_of(value.get("name") or value.get("@value") or value.get("url"), depth + 1)
    return _line(value) if isinstance(value, str) else ""


def objects_of(value: Any, depth: int = 0) -> list[Any]:
    """A JSON-LD value as a list: schema.org allows one or many everywhere, and pages put lists into lists.

    Nulls are left out, and what lies deeper than `_MAX_DEPTH` lists.
    """
    if value is None or depth > _MAX_DEPTH:
        return []
    if isinstance(value, list):
        return [found for each in value for found in objects_of(each, depth + 1)]
    return [value]


def headline(tree: HtmlElement, title: str) -> HtmlElement | None:
    """The heading that says the title, else the first of the first level; None where there is none."""
    wanted = letters(title)
    first: HtmlElement | None = None
    for heading in tree.iter("h1", "h2"):
        if heading.tag == "h1" and first is None:
            first = heading
        if wanted and letters(words_of(heading)) == wanted:
            return heading
    return first


def words_of(element: HtmlElement) -> str:
    """An element's text in one line, with a blank wherever markup divides it."""
    return _line(_spaced(element))


def _line(text: str) -> str:
    return _SPACE.sub(" ", storable(html.unescape(text))).strip()


def _spaced(element: HtmlElement) -> str:
    return " ".join(t for t in element.itertext() if t)


def _is_banner(heading: HtmlElement) -> bool:
    """Whether a heading links to the home page or is named for the site."""
    if any(_HOME.match((link.get("href") or "").strip()) for link in (*heading.iter("a"), *heading.iterancestors("a"))):
        return True
    around = (heading, heading.getparent())
    return any(node is not None and _BANNER.search(f"{node.get('class', '')} {node.get('id', '')}") for node in around)


def linked_data(script: HtmlElement) -> Iterator[JsonObject]:
    """The objects of a script of JSON-LD that speak of its page; none where it is none, or broken."""
    if "ld+json" not in (script.get("type") or "").lower() or not script.text:
        return
    try:
        found = json.loads(script.text[:_MAX_JSON_BYTES], strict=False)
    except (ValueError, RecursionError):
        return
    yield from _flatten(found, 0)


def _flatten(value: Any, depth: int) -> Iterator[JsonObject]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _flatten(item, depth + 1)
    elif isinstance(value, Mapping):
        yield value
        for key in _NESTED:
            if isinstance(value.get(key), list | Mapping):
                yield from _flatten(value[key], depth + 1)


def _articles(nodes: list[JsonObject]) -> tuple[JsonObject, ...]:
    """Article objects of the page in document order, with what they refer to."""
    return tuple(
        node
        for node in resolved(nodes)
        if any(_ARTICLE_TYPES.search(kind) and kind not in _NOT_ARTICLES for kind in types(node))
    )


def _times(tree: HtmlElement) -> Iterator[str]:
    """Time stamps of the page's own time elements, in document order; those of other articles and of comments not."""
    for element in tree.iter("time"):
        stamp = element.get("datetime") or element.get("content") or "".join(element.itertext())
        if stamp.strip() and not elsewhere(element) and not of_a_change(element) and not _of_another_thing(element):
            yield stamp.strip()


def elsewhere(element: HtmlElement) -> bool:
    """Whether an element stands in a part of the page that belongs to other articles, to readers or to the site.

    A part that holds the page's first headline does not, whatever its class says: "content has-sidebar", or the form
    that wraps a whole page.
    """
    for node in (element, *element.iterancestors()):
        if node.tag == "body":
            return False
        if node.tag in _ELSEWHERE_TAGS or _ELSEWHERE.search(f"{node.get('class', '')} {node.get('id', '')}"):
            heading = next(node.iter("h1"), None)
            return (
                node.tag in _NEVER_ARTICLE
                or heading is None
                or heading is not next(node.getroottree().getroot().iter("h1"))
            )
    return False


def of_a_picture(element: HtmlElement) -> bool:
    """Whether an element is a picture with its caption, or a caption."""
    return element.tag in ("figure", "figcaption", "caption") or (
        _CAPTION.search(element.get("class") or "") is not None and next(element.iter("h1"), None) is None
    )


def of_a_change(element: HtmlElement) -> bool:
    """Whether an element is marked as the time of a change, and not as that of the publication too."""
    marks = f"{element.get('class', '')} {element.get('itemprop', '')}"
    return _CHANGE.search(marks) is not None and _PUBLICATION.search(marks) is None


def _of_another_thing(element: HtmlElement) -> bool:
    """Whether an element gives the publication of a picture, a comment or an event, by the nearest type around it."""
    if "date" not in (element.get("itemprop") or "").lower():
        return element.tag == "time" and any(of_a_picture(node) for node in element.iterancestors())
    typed = next((node.get("itemtype") for node in element.iterancestors() if node.get("itemtype")), "")
    return not may_be_the_page([str(typed).rsplit("/", 1)[-1].lower()] if typed else [])


def of_another_type(element: HtmlElement) -> bool:
    """Whether an element is marked, as microdata, as a thing that is neither the page nor its article."""
    typed = element.get("itemtype") or ""
    return bool(typed) and not may_be_the_page([typed.rstrip("/").rsplit("/", 1)[-1].lower()])


def may_be_the_page(kinds: list[str]) -> bool:
    """Whether something of these types (lower case) is the page or its article; pictures, films, events are not."""
    return not kinds or any(_ARTICLE_TYPES.search(kind) or _PAGE_TYPES.search(kind) for kind in kinds)


def named_elsewhere(element: HtmlElement) -> bool:
    """Whether an element itself is named as a part of other articles, of readers or of the site, without a headline."""
    named = _ELSEWHERE.search(f"{element.get('class', '')} {element.get('id', '')}")
    return named is not None and next(element.iter("h1"), None) is None


def _bylines(tree: HtmlElement) -> Iterator[str]:
    """Author names marked up as such in the body (microdata, rel=author).

    Lists of other articles carry such marks too, so only the first is taken, with those that stand beside it.
    """
    first: HtmlElement | None = None
    for element in _MARKED_AUTHORS(tree)[:10]:
        if first is None and cards.of_another(element):
            continue
        if first is None:
            first = element
        elif element.getparent() is not first.getparent() and first not in element.iterancestors():
            continue
        names = element.xpath(".//*[contains(concat(' ', @itemprop, ' '), ' name ')]")
        chosen = names[0] if names else element
        line = _line(chosen.get("content") or _spaced(chosen))
        if 2 < len(line) < 120:
            yield line


def _canonical(tree: HtmlElement) -> str | None:
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split() and (link.get("href") or "").strip():
            return str(link.get("href")).strip()
    return None


def _site_names(articles: tuple[JsonObject, ...], meta: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    names = [*meta.get("og:site_name", ()), *meta.get("application-name", ())]
    names += [text_of(node.get("publisher")) for node in articles]
    names += [*meta.get("apple-mobile-web-app-title", ()), *meta.get("publisher", ()), *meta.get("dc.publisher", ())]
    return tuple(dict.fromkeys(n for n in names if n and not n.startswith("http") and len(n) < 100))
