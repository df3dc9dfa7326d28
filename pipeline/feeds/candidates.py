"""Which addresses of an outlet may be its feeds: what its pages and robots.txt say, and where feeds usually are.

Everything here is pure; `pipeline.feeds.discovery` asks for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from lxml import etree

from pipeline import urls
from pipeline.feeds import links
from pipeline.feeds import sitemap as feed_sitemap
from pipeline.text.characters import storable
from pipeline.text.phrases import any_of

_TYPES = {
    "application/rss+xml": 1.0,
    "application/atom+xml": 1.0,
    "application/feed+json": 0.95,
    "application/rdf+xml": 0.9,
    "application/x.atom+xml": 0.9,
    "application/x-atom+xml": 0.9,
    "application/json": 0.5,
    "application/xml": 0.5,
    "text/xml": 0.5,
    "text/rss+xml": 0.9,
}
_USUAL_PATHS = (
    "/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed/rss", "/rss/all.xml", "/rss/news.xml",
    "/rss/index.xml", "/feeds", "/index.rdf", "/feed.json", "/?feed=rss2", "/arc/outboundfeeds/rss/?outputType=xml",
    "/feeds/posts/default", "/?format=feed&type=rss", "/index.php?format=feed&type=rss", "/rss.php",
    "/sitemap-news.xml", "/news-sitemap.xml", "/sitemap_news.xml",
)  # fmt: skip
_FEED_PATH = re.compile(
    r"(?:^|[/._=-])(?:rss2?|atom|feeds?|rdf)(?:$|[/._?&=-])|\.(?:rss|rdf|atom)$|/index\.xml$|format=(?:rss|xml)",
    re.IGNORECASE,
)
_FEED_WORDS = re.compile(r"\b(?:rss|atom|xml feed|news ?feed|json feed)\b", re.IGNORECASE)
_LESSER = re.compile(rf"{any_of('lesser_feed')}|/author/|/tag/|podcast|\.mp3", re.IGNORECASE)
_NOT_A_FEED = re.compile(r"\.(?:png|jpe?g|gif|svg|css|js|pdf|opml)(?:\?|$)|^(?:mailto|javascript):", re.IGNORECASE)
_NEWS_SITEMAP = re.compile(any_of("news_path"), re.IGNORECASE)
_SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_MAX_CANDIDATES = 40
_REFRESH = re.compile(r"\s*(?:\d[\d.]*(?:\s*[;,]|\s)|(?=url\b))\s*(?:url\s*=)?(?P<to>[^\n]*)", re.IGNORECASE)
_SCRIPTED = re.compile(
    r"\b(?:window|document|top|self|parent)?\.?location(?:\.href)?\s*(?:=|\.(?:replace|assign)\s*\()\s*[\"'](?P<to>[^\"'\s]+)"
)
_LITTLE = 3_000
"""Characters of a page that a script leads away from; a page with something on it may go elsewhere only on a click."""
_INNER = re.compile(r"https?(?::|%3a)(?:/|%2f){2}.*", re.IGNORECASE)
_ICON = re.compile(r"(?:^|[\s/._#-])(?:rss|atom|feed)(?:[\s/._-]|icon|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may be a feed, how promising (0..1) and what points there.

    `rule` is ``link``, ``header``, ``anchor``, ``usual-path``, ``robots`` or ``sitemap-index``.
    """

    url: str
    rule: str
    score: float
    title: str = ""


def candidates(page: str, url: str) -> list[Candidate]:
    """The feeds that a page names in ``<link>`` tags and anchors, the most promising first, each once.

    Comment, tag, author and podcast feeds come last, feeds of another registered domain after those of the page's.
    """
    root = _html(page)
    if root is None:
        return []
    found: dict[str, Candidate] = {}
    for candidate in [*_links(root, url), *_anchors(root, url)]:
        known = found.get(key := urls.identity(candidate.url))
        if known is None or known.score < candidate.score:
            found[key] = candidate
    return sorted(found.values(), key=lambda c: -c.score)[:_MAX_CANDIDATES]


def _html(page: str) -> etree._Element | None:
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, recover=True)
    try:
        parser.feed(storable(page).encode("utf-8") or b" ")
        return parser.close()
    except etree.LxmlError:
        return None


def _base(root: etree._Element, url: str) -> str:
    base = root.find(".//base")
    return (links.resolve(url, base.get("href")) if base is not None else None) or url


def _links(root: etree._Element, url: str) -> Iterator[Candidate]:
    base = _base(root, url)
    for link in root.iter("link", "a", "area"):
        kind = (link.get("type") or "").split(";")[0].strip().lower()
        weight = _weight((link.get("rel") or "").lower().split(), kind, link.get("hreflang"), link.tag == "link")
        target = links.resolve(base, link.get("href"))
        if target and weight and not _NOT_A_FEED.search(target):
            title = " ".join((link.get("title") or "").split())
            yield Candidate(target, "link", _score(weight, target, title, url), title)


def _weight(relations: list[str], kind: str, language: str | None, head: bool) -> float:
    """How surely a link with these relations and this type is a feed; an edition in another language is a page."""
    weight = _TYPES.get(kind, 0.0)
    if "feed" in relations or (head and {"rss", "atom"} & {*relations}):
        return max(weight, 0.9)
    if weight >= 0.9 and "stylesheet" not in relations:
        return weight
    return weight if "alternate" in relations and head and not language else 0.0


def from_header(value: str | None, url: str) -> list[Candidate]:
    """The feeds that an answer's ``Link`` header names (RFC 8288)."""
    found = []
    for to, said in links.of_header(value):
        kind = said.get("type", "").split(";")[0].strip().lower()
        weight = _weight(said.get("rel", "").lower().split(), kind, said.get("hreflang"), True)
        target = links.resolve(url, to)
        if target and weight:
            title = said.get("title", "")
            found.append(Candidate(target, "header", _score(weight, target, title, url), title))
    return found[:_MAX_CANDIDATES]


def onward(page: str, url: str) -> list[str]:
    """Where a page sends its readers of itself: a refresh, its frames, a script where there is little else on it."""
    root = _html(page)
    if root is None:
        return []
    base = _base(root, url)
    found: list[str | None] = []
    for meta in root.iter("meta"):
        if (meta.get("http-equiv") or "").strip().lower() == "refresh":
            to = _REFRESH.match(meta.get("content") or "")
            found.append(links.resolve(base, to["to"].strip("\"' \t")) if to else None)
    found += [links.resolve(base, frame.get("src")) for frame in root.iter("frame")]
    if len(page) <= _LITTLE and (scripted := _SCRIPTED.search(page)):
        found.append(links.resolve(base, scripted["to"]))
    found += [links.resolve(base, frame.get("src")) for frame in root.iter("iframe") if len(page) <= _LITTLE]
    here = urls.identity(url)
    return list(dict.fromkeys(one for one in found if one and urls.identity(one) != here))[:4]


def _anchors(root: etree._Element, url: str) -> Iterator[Candidate]:
    base = _base(root, url)
    for anchor in root.iter("a", "area"):
        href = (anchor.get("href") or "").strip()
        if not href or _NOT_A_FEED.search(href):
            continue
        title = " ".join("".join(anchor.itertext()).split())[:100]
        by_path, by_words = bool(_FEED_PATH.search(href)), bool(_FEED_WORDS.search(f"{title} {_label(anchor)}"))
        by_words = by_words or _has_icon(anchor)
        target = links.resolve(base, href)
        if not target or not (by_path or by_words):
            continue
        score = 0.4 + 0.2 * by_path + 0.1 * by_words
        inner = _INNER.search(href, 8)
        if inner and (carried := links.resolve(None, unquote(inner[0]))):  # a reader's "subscribe" carries the feed
            yield Candidate(carried, "anchor", _score(score, carried, title, url), title)
        if urls.identity(target) != urls.identity(url):
            yield Candidate(target, "anchor", _score(score, target, title, url), title)


def _label(anchor: etree._Element) -> str:
    """What an anchor is called, by itself and by the pictures in it."""
    names = ("title", "class", "aria-label", "alt", "id")
    return " ".join(element.get(name) or "" for element in anchor.iter(etree.Element) for name in names)[:1_000]


def _has_icon(anchor: etree._Element) -> bool:
    """Whether a picture in the anchor is the icon of feeds, by its file or its class."""
    for element in anchor.iter("img", "i", "use", "span", "svg"):
        names = ("src", "class", "href", "{http://www.w3.org/1999/xlink}href", "xlink:href")
        if any(_ICON.search(element.get(name) or "") for name in names):
            return True
    return False


def _score(weight: float, target: str, title: str, page: str) -> float:
    if is_lesser(title, target):
        weight *= 0.4
    if urls.registered_domain(target) != urls.registered_domain(page):
        weight *= 0.7
    return round(weight, 3)


def is_lesser(title: str, url: str) -> bool:
    """Whether a feed is one of comments, of a tag, an author or sound, by its title or path."""
    return bool(_LESSER.search(title) or _LESSER.search(urlsplit(url).path))


def usual_paths(url: str) -> list[Candidate]:
    """Where publishing systems put their feeds: below the page given, then at the root of its host."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}"
    section = parts.path.rstrip("/")
    paths = [f"{section}{tail}" for tail in ("/feed", "/rss", "/rss.xml")] if section and "." not in section else []
    return [Candidate(root + path, "usual-path", 0.3) for path in dict.fromkeys([*paths, *_USUAL_PATHS])]


def robots_sitemaps(robots: str, url: str) -> list[Candidate]:
    """The sitemaps that a robots.txt names, those called after news first."""
    targets = [found for line in _SITEMAP_LINE.findall(robots[:500_000]) if (found := urls.resolve(url, line))]
    return _sitemap_candidates(dict.fromkeys(targets), "robots")


def index_sitemaps(index: str, url: str) -> list[Candidate]:
    """The news sitemaps that a sitemap index names; the others list an archive of pages, not the news."""
    return [
        c
        for c in _sitemap_candidates((link.url for link in feed_sitemap.links(index, url)), "sitemap-index")
        if c.score > 0.3
    ]


def _sitemap_candidates(targets: Iterable[str], rule: str) -> list[Candidate]:
    found = [Candidate(t, rule, 0.35 if _NEWS_SITEMAP.search(urlsplit(t).path) else 0.2) for t in targets]
    return sorted(found, key=lambda c: -c.score)[:_MAX_CANDIDATES]
