"""From an outlet's home page to its feeds: what the page says, what its pages link, where feeds usually are.

The candidates are pure; `discover` asks for them through the function it is given, in the order of their promise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from lxml import etree

from pipeline import urls
from pipeline.errors import ItemError
from pipeline.feeds import sitemap as feed_sitemap
from pipeline.models import FeedEntry, ParsedFeed, Response
from pipeline.text.characters import storable
from pipeline.text.charset import decode
from pipeline.text.phrases import any_of

MAX_REQUESTS = 24
"""Requests of one discovery, the home page included; an outlet's feed is found within ten or has no usual place."""
RATE_WINDOW = timedelta(days=30)
"""How far back `publishing_rate` looks; older entries are archives or pinned."""

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
    "/feeds/posts/default", "/sitemap-news.xml", "/news-sitemap.xml", "/sitemap_news.xml",
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


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may be a feed, how promising (0..1) and what points there.

    `rule` is ``link``, ``anchor``, ``usual-path``, ``robots`` or ``sitemap-index``.
    """

    url: str
    rule: str
    score: float
    title: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that answered: where, what it calls itself, how much it publishes per day (None: its dates do not say)."""

    url: str
    title: str
    format: str
    rule: str
    home_url: str | None
    language: str | None
    entries: int
    per_day: float | None
    newest: datetime | None


# --- candidates -------------------------------------------------------------------------------------------


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
    return (urls.resolve(url, base.get("href")) if base is not None else None) or url


def _links(root: etree._Element, url: str) -> Iterator[Candidate]:
    base = _base(root, url)
    for link in root.iter("link"):
        relations = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").split(";")[0].strip().lower()
        weight = _TYPES.get(kind, 0.0)
        if "feed" in relations:
            weight = max(weight, 0.9)
        elif "alternate" not in relations or link.get("hreflang"):
            continue
        target = urls.resolve(base, link.get("href"))
        if target and weight and not _NOT_A_FEED.search(target):
            title = " ".join((link.get("title") or "").split())
            yield Candidate(target, "link", _score(weight, target, title, url), title)


def _anchors(root: etree._Element, url: str) -> Iterator[Candidate]:
    base = _base(root, url)
    for anchor in root.iter("a"):
        href = (anchor.get("href") or "").strip()
        if not href or _NOT_A_FEED.search(href):
            continue
        title = " ".join("".join(anchor.itertext()).split())[:100]
        label = " ".join((title, anchor.get("title") or "", anchor.get("class") or "", anchor.get("aria-label") or ""))
        by_path, by_words = bool(_FEED_PATH.search(href)), bool(_FEED_WORDS.search(label))
        target = urls.resolve(base, href)
        if target and (by_path or by_words) and urls.identity(target) != urls.identity(url):
            yield Candidate(target, "anchor", _score(0.4 + 0.2 * by_path + 0.1 * by_words, target, title, url), title)


def _score(weight: float, target: str, title: str, page: str) -> float:
    if _LESSER.search(title) or _LESSER.search(urlsplit(target).path):
        weight *= 0.4
    if urls.registered_domain(target) != urls.registered_domain(page):
        weight *= 0.7
    return round(weight, 3)


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


def _sitemap_candidates(targets: Iterator[str] | dict[str, None], rule: str) -> list[Candidate]:
    found = [Candidate(t, rule, 0.35 if _NEWS_SITEMAP.search(urlsplit(t).path) else 0.2) for t in targets]
    return sorted(found, key=lambda c: -c.score)[:_MAX_CANDIDATES]


def publishing_rate(entries: Sequence[FeedEntry], now: datetime) -> float | None:
    """Entries per day over the last 30 days, or over the time the feed reaches back where that is less.

    The oldest tenth is left out, because feeds pin items. None where no entry has a date; 0 where none is recent.
    """
    dates = sorted((e.published for e in entries if e.published and e.published <= now), reverse=True)
    if not dates:
        return None
    kept = dates[: max(1, len(dates) - len(dates) // 10)]
    recent = [moment for moment in kept if moment >= now - RATE_WINDOW]
    if not recent:
        return 0.0
    reach = now - recent[-1] if len(recent) == len(kept) else RATE_WINDOW
    return len(recent) / (max(reach, timedelta(hours=1)) / timedelta(days=1))


# --- asking -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Search:
    """One discovery under way: how it asks, what it has asked, what it found."""

    get: Callable[[str], Response]
    read: Callable[[Response], ParsedFeed]
    now: datetime
    asked: set[str] = field(default_factory=set)
    found: dict[str, Found] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def fetch(self, url: str) -> Response | None:
        """The answer to a first asking within the bound, None where it failed or was asked already."""
        key = url.split("#")[0]
        if key in self.asked or len(self.asked) >= MAX_REQUESTS:
            return None
        self.asked.add(key)
        try:
            response = self.get(url)
        except ItemError as error:
            self.failures.append(f"{url}: {error.reason}")
            return None
        if response.status != 200:
            self.failures.append(f"{url}: HTTP {response.status}")
            return None
        return response

    def try_feed(self, response: Response, rule: str) -> str | None:
        """Add the feed that an answer is; otherwise the reason why it is none."""
        address = response.final_url
        try:
            feed = self.read(response)
        except ItemError as error:
            return error.reason
        if feed.format == "sitemap" and "not-news" in feed.problems:
            return "not-news"
        self.found.setdefault(urls.identity(address), _found(feed, address, rule, self.now))
        return None


def _found(feed: ParsedFeed, url: str, rule: str, now: datetime) -> Found:
    dates = [entry.published for entry in feed.entries if entry.published]
    rate = publishing_rate(feed.entries, now)
    return Found(
        url,
        feed.title,
        feed.format,
        rule,
        feed.home_url,
        feed.language,
        len(feed.entries),
        rate,
        max(dates, default=None),
    )


def discover(
    get: Callable[[str], Response], read: Callable[[Response], ParsedFeed], url: str, now: datetime | None = None
) -> list[Found]:
    """The feeds of an outlet, the best first: the address itself, what its page names, robots.txt, the usual paths.

    `get` fetches one address and `read` reads an answer as a feed; both raise `ItemError` where that fails. Guessing
    goes on only until something is found. Raises `ItemError` (``no-feed-found``) with what was tried.
    """
    search = _Search(get, read, now or datetime.now(UTC))
    address = urls.resolve(None, url) or urls.resolve(None, f"https://{url}") or url
    first = search.fetch(address)
    if first is None:
        raise ItemError("no-feed-found", f"the address does not answer ({'; '.join(search.failures)})", url=url)
    if (reason := search.try_feed(first, "given")) is None:
        return list(search.found.values())
    page = decode(first.body, first.headers.get("content-type"), "html").text
    if reason == "sitemap-index":
        _try_all(search, index_sitemaps(page, first.final_url))
    else:
        _from_page(search, page, first.final_url)
    if not search.found:
        _from_robots(search, first.final_url)
    if not search.found:
        _try_all(search, usual_paths(first.final_url), enough=1)
    if not search.found:
        tried = len(search.asked)
        raise ItemError("no-feed-found", f"no feed among {tried} addresses tried; give the feed's own address", url=url)
    return sorted(search.found.values(), key=_rank)


def _rank(found: Found) -> tuple[bool, bool, float]:
    lesser = bool(_LESSER.search(found.title) or _LESSER.search(urlsplit(found.url).path))
    return (found.entries == 0, lesser, -(found.per_day or 0.0))


def _try_all(search: _Search, these: Sequence[Candidate], enough: int = 8) -> None:
    for candidate in these:
        if len(search.found) >= enough:
            return
        response = search.fetch(candidate.url)
        if response is not None:
            search.try_feed(response, candidate.rule)


def _from_page(search: _Search, page: str, url: str) -> None:
    named = candidates(page, url)
    _try_all(search, [c for c in named if c.rule == "link"])
    if search.found:
        return
    for candidate in [c for c in named if c.rule == "anchor"][:8]:
        response = search.fetch(candidate.url)
        if response is None or search.try_feed(response, candidate.rule) != "html-page":
            continue
        # "RSS" in the footer often leads to a page that lists the feeds.
        listing = decode(response.body, response.headers.get("content-type"), "html").text
        _try_all(search, candidates(listing, response.final_url)[:6])


def _from_robots(search: _Search, url: str) -> None:
    parts = urlsplit(url)
    response = search.fetch(f"{parts.scheme}://{parts.netloc}/robots.txt")
    if response is None:
        return
    text = decode(response.body, response.headers.get("content-type"), "xml").text
    for candidate in robots_sitemaps(text, response.final_url)[:5]:
        answer = search.fetch(candidate.url)
        if answer is not None and search.try_feed(answer, candidate.rule) == "sitemap-index":
            inner = decode(answer.body, answer.headers.get("content-type"), "xml").text
            _try_all(search, index_sitemaps(inner, answer.final_url)[:4], enough=1)
        if search.found:
            return
