"""What strangers may send, for hypothesis: pages and feeds whose values are of any type, nested anyhow.

Most of a document is as publishers write it and a few values are not, so that the odd value gets as far as the rule
that reads it. `faults` says what is wrong with a result: a field of another type than `pipeline.models` states, or a
text that neither UTF-8 nor Postgres can hold.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, get_type_hints

from hypothesis import strategies as st
from pydantic import ConfigDict, TypeAdapter, ValidationError

from pipeline.models import Article, FeedEntry, FeedSource, ParsedFeed
from pipeline.text import characters

NOW = datetime(2024, 6, 20, 12, tzinfo=UTC)
PROSE = "The two leaders signed a treaty of mutual defence on Wednesday, the agency said, after two hours of talks. "
ODD = (
    "", " ", "\0", "a\0b", "\ud800", "\udfff\ud800", "\ufffe", "\x1b[31mred", "\x85\x9f", "\u202egnp.exe", "\u2028",
    "\u200b", "e\u0301" * 40, "\u2067ab", "\x9b31m", "e" + "\u0301\u200d" * 40,
    "\U0010ffff", "x" * 20_000, "word " * 3_000, "<b>bold</b>", "<script>alert(1)</script>",
    "&#0;", "&#1;", "&#xD800;", "&#x110000;", "&nosuch;", "&lt;i&gt;", "]]>", "<!--", "-->", "%", "%00", "%zz", "\\",
    "NaN", "Infinity", "1e999", "-1", "0", "12", "9" * 400, "true", "null", "undefined", "[object Object]", "None",
)  # fmt: skip
"""Texts that have broken readers before, each for a reason of its own."""
UNSTORABLE = "Summit \0\ud800\ufffe\x1b\x01 \u202eends\u2028 with treaty"
"""What neither Postgres, UTF-8, XML nor a terminal takes, in one text, so that any way past the cleaning is found."""
DATES = (
    "2024-06-19T08:00:00Z", "Wed, 19 Jun 2024 08:00:00 +0900", "2024-06-19", "2024-13-45", "0000-00-00T00:00:00Z",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:60Z", "2024-06-19T25:61:61+99:99",
    "1718784000", "1718784000000", "-62135596800", "99999999999999999999", "yesterday", "19 giugno 2024",
    "令和6年6月19日",
    "2024-06-19T08:00:00+24:00", "2024-02-30", "Wed, 99 Foo 20240 99:99:99 XYZ", "1/1/1", "٢٠٢٤-٠٦-١٩", "²024-06-19",
)  # fmt: skip
ADDRESSES = (
    "https://www.courier.example/news/summit-ends-with-treaty-2024", "/relative", "//host.example/x", "?q=1", "#top",
    "http://", "https:///", "http://[::1", "http://[fe80::1%25eth0]/", "http://a:99999/", "http://a:b/", "http://999.1.1.1/",
    "javascript:alert(1)", "data:image/png;base64,AAAA", "mailto:a@b.example", "feed:https://a.example/x", "ftp://a/b",
    "https://user:pass@courier.example/", "https://xn--a-ecp.example/", "https://\u2488.example/",
    "https://a\u202e.example/",
    "https://courier.example/\ud800", "https://courier.example/a b\tc\nd", "https://courier.example/" + "x" * 9_000,
    "https://news.google.com/rss/articles/CBMi!!", "https://courier.example/%ff%fe",
    "https://" + "a." * 200 + "example/",
    "http://\u0130.example/", "http://a..b/", "https://courier.example/?url=https://other.example/&utm_source=x",
)  # fmt: skip

odd_texts = st.one_of(st.sampled_from(ODD), st.text(st.characters(), max_size=20))
texts = st.one_of(
    st.just(UNSTORABLE), st.just(UNSTORABLE), odd_texts, odd_texts.map(lambda odd: f"Summit {odd} ends with treaty")
)
storable_texts = texts.map(lambda text: text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8"))
"""What a row can hold: any text but NUL and half surrogate pairs."""
numbers = st.one_of(st.floats(), st.sampled_from((10**400, -(10**400), 2**63, 1.5, 0, -1)))
dates = st.one_of(
    st.sampled_from(DATES), st.sampled_from(DATES), odd_texts, st.just(f"2024-06-19T08:00:00Z {UNSTORABLE}")
)
addresses = st.one_of(
    st.sampled_from(ADDRESSES), st.sampled_from(ADDRESSES), odd_texts, st.just(f"https://courier.example/{UNSTORABLE}")
)
scalars = st.one_of(st.none(), st.booleans(), numbers, texts, dates, addresses)
KEYS = (
    "@graph", "@list", "@value", "@id", "@type", "@context", "type", "name", "url", "author", "headline", "publisher",
    "mainEntity", "mainEntityOfPage", "subjectOf", "alternateName", "givenName", "logo", "value", "items", "id",
    "title",
)  # fmt: skip


def _deep(value: Any, levels: int, key: str | None) -> Any:
    for _ in range(levels):
        value = [value] if key is None else {key: value}
    return value


anything = st.one_of(
    st.recursive(
        scalars,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(st.one_of(st.sampled_from(KEYS), texts), inner, max_size=3),
        ),
        max_leaves=6,
    ),
    st.builds(_deep, scalars, st.sampled_from((2, 8, 70, 300)), st.one_of(st.none(), st.sampled_from(KEYS))),
)
"""Any JSON value, most of them small, some deep."""


def odd_or(usual: st.SearchStrategy[Any], odd: st.SearchStrategy[Any] = anything) -> st.SearchStrategy[Any]:
    """A value as publishers write it, or any other."""
    return st.one_of(usual, odd)


@st.composite
def mostly(draw: st.DrawFn, usual: dict[str, Any], odd: st.SearchStrategy[Any]) -> dict[str, Any]:
    """An object as publishers write it, but for a few values that are anything, and a few that are missing.

    The missing ones let the readers come to what they ask last.
    """
    names = st.sampled_from(tuple(usual))
    changed = dict(usual)
    for name in draw(st.lists(names, max_size=6)):
        changed.pop(name, None)
    return changed | draw(st.dictionaries(names, odd, max_size=6))


# --- pages ------------------------------------------------------------------------------------------------

NODE: dict[str, Any] = {
    "@type": "NewsArticle",
    "headline": "Summit ends with treaty",
    "author": {"@type": "Person", "name": "Ana Lima"},
    "creator": [[{"@type": "Person", "name": "Ana Lima"}]],
    "publisher": {"@type": "Organization", "name": "The Courier"},
    "name": "Summit ends with treaty",
    "alternateName": "Courier",
    "datePublished": "2024-06-19T08:00:00Z",
    "dateModified": "2024-06-19T09:00:00+09:00",
    "dateCreated": "2024-06-19",
    "coverageStartTime": "2024-06-19",
    "inLanguage": "en",
    "articleSection": "World",
    "articleBody": PROSE * 3,
    "description": PROSE,
    "image": "https://www.courier.example/a.jpg",
    "isAccessibleForFree": True,
    "wordCount": 60,
    "url": "https://www.courier.example/news/summit-ends-with-treaty-2024",
    "mainEntityOfPage": {"@id": "https://www.courier.example/news/summit-ends-with-treaty-2024"},
    "mainEntity": {"@type": "Article"},
    "subjectOf": [],
    "@id": "#article",
    "@graph": [],
    "liveBlogUpdate": [],
}
KINDS = (
    "LiveBlogPosting",
    "WebSite",
    "Organization",
    ["Article", None],
    [["NewsArticle"]],
    "https://schema.org/Article",
)
nodes = mostly(NODE, st.one_of(anything, texts, dates, addresses, numbers, st.sampled_from(KINDS)))
json_ld = st.one_of(
    nodes, nodes, st.lists(odd_or(nodes), max_size=3), st.lists(nodes, max_size=2).map(lambda each: {"@graph": each})
)
META = (
    "og:title", "og:url", "og:image", "og:site_name", "og:locale", "og:type", "og:description", "author", "dc.creator",
    "article:published_time", "article:modified_time", "article:author", "article:section", "article:content_tier",
    "date", "dc.date", "pubdate", "parsely-pub-date", "parsely-author", "twitter:title", "twitter:image", "byl",
    "language", "content-language", "description", "keywords", "sailthru.date", "datePublished", "headline",
    "publisher",
)  # fmt: skip
metas = st.lists(
    st.tuples(
        st.sampled_from(("property", "name", "itemprop", "http-equiv")),
        st.one_of(st.sampled_from(META), texts),
        st.one_of(texts, dates, addresses),
    ),
    max_size=6,
)
MARKED = ("author", "datePublished", "name", "headline", "articleBody", "image", "url", "publisher")
marks = st.lists(st.tuples(st.sampled_from(MARKED), st.one_of(texts, dates, addresses), st.booleans()), max_size=4)


def _json(value: Any, escaped: bool) -> str:
    return json.dumps(value, ensure_ascii=escaped).replace("</", "<\\/")


@st.composite
def pages(draw: st.DrawFn) -> bytes:
    """A page of news: JSON-LD, meta tags, microdata, headings, prose; what is written into it may be anything."""
    parts = ["<!doctype html><html", draw(st.sampled_from(("", ' lang="en"', ' lang="\ufffe"'))), "><head>"]
    parts.append(f"<title>{draw(odd_or(st.just('Summit ends with treaty | The Courier'), texts))}</title>")
    for attribute, name, content in draw(metas):
        parts.append(f'<meta {attribute}="{html.escape(name)}" content="{html.escape(content)}">')
    for value in draw(st.lists(json_ld, max_size=2)):
        parts.append(f'<script type="application/ld+json">{_json(value, draw(st.booleans()))}</script>')
    if draw(st.booleans()):
        parts.append(f'<link rel="canonical" href="{html.escape(draw(addresses))}">')
    parts.append("</head><body><article itemscope itemtype='https://schema.org/NewsArticle'>")
    parts.append(f"<h1>{draw(odd_or(st.just('Summit ends with treaty'), texts))}</h1>")
    for name, content, hidden in draw(marks):
        value = html.escape(content)
        rest = f' content="{value}">x' if hidden else f">{value}"
        parts.append(f'<span itemprop="{name}"{rest}</span>')
    if draw(st.booleans()):
        parts.append(f'<time datetime="{html.escape(draw(dates))}" pubdate>{html.escape(draw(dates))}</time>')
    if draw(st.booleans()):
        parts.append(f"<p class='byline'>By {html.escape(draw(texts))}</p>")
    for paragraph in (PROSE * draw(st.integers(0, 5)), *draw(st.lists(texts, max_size=2)), PROSE):
        parts.append(f"<p>{paragraph}</p>")
    parts.append("</article></body></html>")
    encoding = draw(st.sampled_from(("utf-8",) * 5 + ("utf-16", "cp1251", "latin-1")))
    return "".join(parts).encode(encoding, "surrogatepass" if encoding.startswith("utf") else "replace")


# --- feeds ------------------------------------------------------------------------------------------------

ITEM: dict[str, Any] = {
    "id": "https://www.courier.example/a",
    "url": "https://www.courier.example/a",
    "external_url": "https://other.example/a",
    "title": "Summit ends with treaty",
    "content_html": f"<p>{PROSE}</p>",
    "content_text": PROSE,
    "summary": PROSE,
    "image": "https://www.courier.example/a.jpg",
    "banner_image": "https://www.courier.example/b.jpg",
    "date_published": "2024-06-19T08:00:00Z",
    "date_modified": "2024-06-19T09:00:00+09:00",
    "authors": [{"name": "Ana Lima"}],
    "author": {"name": "Ana Lima"},
    "tags": ["World"],
    "language": "en-US",
}
json_items = mostly(ITEM, st.one_of(anything, texts, dates, addresses, numbers))
JSON_FEED: dict[str, Any] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "The Courier",
    "home_page_url": "https://www.courier.example/",
    "feed_url": "https://www.courier.example/feed.json",
    "language": "en",
    "authors": [{"name": "Ana Lima"}],
    "author": {"name": "Ana Lima"},
    "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
}
json_feeds = st.builds(
    lambda feed, items: feed | {"items": items},
    mostly(JSON_FEED, st.one_of(anything, texts, addresses)),
    odd_or(st.lists(odd_or(json_items), max_size=3), st.lists(json_items, max_size=3)),
)
TAGS = (
    "title", "link", "guid", "id", "description", "summary", "content", "content:encoded", "author", "name",
    "dc:creator",
    "pubDate", "published", "updated", "dc:date", "category", "source", "media:content", "media:thumbnail", "enclosure",
    "georss:point", "itunes:image", "itunes:author", "feedburner:origLink", "language", "dc:language", "ttl",
    "sy:updatePeriod", "sy:updateFrequency", "skipHours", "hour", "skipDays", "day", "image", "url",
    "itunes:new-feed-url",
    "cloud", "textInput", "rights", "generator", "where", "gml:pos", "creativeCommons:license", "psc:chapter", "entry",
)  # fmt: skip
ATTRIBUTES = (
    "href", "url", "rel", "type", "isPermaLink", "xml:lang", "xml:base", "term", "label", "domain", "medium", "length",
    "width", "src", "mode", "scheme", "rdf:about", "xmlns", "xmlns:dc", "xmlns:x",
)  # fmt: skip
attributes = st.dictionaries(
    st.sampled_from(ATTRIBUTES),
    st.one_of(
        texts, addresses,
        st.sampled_from(("html", "xhtml", "text", "text/plain", "base64", "escaped", "alternate", "self", "hub")),
    ),
    max_size=3,
)  # fmt: skip


@st.composite
def elements(draw: st.DrawFn, depth: int = 2) -> str:
    """One element of a feed: any of the names that readers know, with any text or attributes."""
    name = draw(st.sampled_from(TAGS))
    written = "".join(f' {key}="{html.escape(value)}"' for key, value in draw(attributes).items())
    inside = draw(st.one_of(texts, dates, addresses, st.just(PROSE)))
    how = draw(st.sampled_from(("escaped", "cdata", "raw", "nested")))
    if how == "nested" and depth:
        inside = "".join(draw(st.lists(elements(depth - 1), max_size=2)))
    elif how == "cdata":
        inside = f"<![CDATA[{inside}]]>"
    elif how != "raw":
        inside = html.escape(inside)
    return f"<{name}{written}/>" if draw(st.integers(0, 9)) == 0 else f"<{name}{written}>{inside}</{name}>"


NAMESPACES = (
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:media="http://search.yahoo.com/mrss/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    ' xmlns:georss="http://www.georss.org/georss" xmlns:gml="http://www.opengis.net/gml"'
    ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
)
ROOTS = (
    ('<rss version="2.0"{}><channel>', "item", "</channel></rss>"),
    ('<feed xmlns="http://www.w3.org/2005/Atom"{}>', "entry", "</feed>"),
    ('<feed version="0.3" xmlns="http://purl.org/atom/ns#"{}>', "entry", "</feed>"),
    ('<rdf:RDF xmlns="http://purl.org/rss/1.0/"{}><channel/>', "item", "</rdf:RDF>"),
    ("<rss{}><channel>", "item", "</channel></rss>"),
    ("<feed{}>", "entry", "</feed>"),
)
SITEMAP = ('<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"{}>', "url", "</urlset>")


@st.composite
def xml_feeds(draw: st.DrawFn) -> bytes:
    """RSS, Atom, RDF or a sitemap, with or without its namespaces declared, well-formed or not."""
    opening, item, closing = draw(st.sampled_from((*ROOTS, SITEMAP)))
    parts = [draw(st.sampled_from(("", '<?xml version="1.0" encoding="utf-8"?>', "\ufeff", "junk\n")))]
    parts.append(opening.format(draw(st.sampled_from((NAMESPACES, NAMESPACES, "")))))
    parts += draw(st.lists(elements(), max_size=4))
    for inside in draw(st.lists(st.lists(elements(), max_size=6), max_size=3)):
        if opening is SITEMAP[0]:
            inside.append(
                f"<loc>{html.escape(draw(addresses))}</loc><news:title>{html.escape(draw(texts))}</news:title>"
            )
            inside.append(f"<news:publication_date>{html.escape(draw(dates))}</news:publication_date>")
        parts.append(f"<{item}>{''.join(inside)}</{item}>")
    parts.append(draw(st.sampled_from((closing, closing, ""))))
    encoding = draw(st.sampled_from(("utf-8", "utf-8", "utf-16", "cp1251")))
    return "".join(parts).encode(encoding, "surrogatepass" if encoding.startswith("utf") else "replace")


@st.composite
def feeds(draw: st.DrawFn) -> bytes:
    """A feed document of any format."""
    if draw(st.booleans()):
        return draw(xml_feeds())
    value = draw(json_feeds)
    return json.dumps(value, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


moments = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=0)
)
"""Any moment with a day to either side of it, in UTC."""
near_moments = st.integers(-400, 400).map(lambda hours: NOW + timedelta(hours=hours))


# --- what is wrong with a result --------------------------------------------------------------------------

ENTRANCES = (FeedEntry, ParsedFeed, Article, FeedSource)
"""The models in which texts come in; what is made of them holds what they hold."""
_KINDS = {
    "title": characters.title,
    "text": characters.prose,
    "authors": characters.name,
    "tags": characters.name,
    "section": characters.name,
    "site_name": characters.name,
    "source_name": characters.name,
    "outlet": characters.name,
}
"""How each field of a model was cleaned where it entered: once more changes nothing."""


@cache
def _adapters(kind: Any) -> dict[str, TypeAdapter[Any]]:
    hints = get_type_hints(kind)
    strict = ConfigDict(strict=True, arbitrary_types_allowed=True)
    return {
        field.name: TypeAdapter(hints[field.name], config=None if is_dataclass(hints[field.name]) else strict)
        for field in fields(kind)
    }


def faults(result: Any) -> Iterator[str]:
    """What is wrong with a dataclass of `pipeline.models` and those inside it, one line each.

    A text that is longer than its kind, or holds what its kind takes out, is wrong too.
    """
    for name, adapter in _adapters(result.__class__).items():
        value = getattr(result, name)
        try:
            adapter.validate_python(value, strict=True)
        except ValidationError as error:
            yield f"{type(result).__name__}.{name}: {error.errors()[0]['msg']}: {value!r:.80}"
        yield from (f"{type(result).__name__}.{name}: {fault}" for fault in _inside(value))
        if isinstance(result, ENTRANCES) and (kind := _KINDS.get(name)) is not None:
            kind = characters.name if isinstance(result, ParsedFeed | FeedSource) else kind
            for text in (value,) if isinstance(value, str) else value or ():
                if kind(text) != text:
                    yield f"{type(result).__name__}.{name}: is not as {kind.__name__} leaves it: {text!r:.80}"


def _inside(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from _unstorable(value)
    elif isinstance(value, datetime):
        if value.utcoffset() != timedelta(0):
            yield f"a time that is not in UTC: {value!r}"
    elif is_dataclass(value):
        yield from faults(value)
    elif isinstance(value, tuple | list | frozenset | set):
        for each in value:
            yield from _inside(each)


def _unstorable(text: str) -> Iterator[str]:
    if "\0" in text:
        yield f"NUL, which Postgres refuses, in {text!r:.80}"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        yield f"{error.reason} in {text!r:.80}"
