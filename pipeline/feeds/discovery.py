"""From an outlet's home page to its feeds: what the page says, what its pages link, where feeds usually are.

`pipeline.feeds.candidates` says what may be one; `discover` asks for them through the function it is given, in the
order of their promise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from pipeline import urls
from pipeline.errors import ItemError
from pipeline.feeds import candidates as named
from pipeline.feeds.candidates import Candidate
from pipeline.models import FeedEntry, ParsedFeed, Response
from pipeline.text.charset import decode

MAX_REQUESTS = 32
"""Requests of one discovery, the home page included; an outlet's feed is found within ten or has no usual place."""
MAX_ONWARD = 4
"""Pages looked at one after another because each sends its readers to the next; real ones do so once."""
RATE_WINDOW = timedelta(days=30)
"""How far back `publishing_rate` looks; older entries are archives or pinned."""


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
    answered: bool = False

    def fetch(self, url: str) -> Response | None:
        """The answer to a first asking within the bound, None where it failed or was asked already."""
        key = url.split("#")[0]
        if key in self.asked or len(self.asked) >= MAX_REQUESTS:
            return None
        self.asked.add(key)
        try:
            response = self.get(url)
        except ItemError as error:
            self.answered = self.answered or error.reason.startswith("http-")
            self.failures.append(f"{url}: {error.reason}")
            return None
        self.answered = True
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
    if first is None and not search.answered:
        raise ItemError("no-feed-found", f"the address does not answer ({'; '.join(search.failures)})", url=url)
    sites = [address]  # a page may be closed where its feeds are open
    if first is not None:
        if (reason := search.try_feed(first, "given")) is None:
            return list(search.found.values())
        if reason == "sitemap-index":
            _try_all(search, named.index_sitemaps(_text(first), first.final_url))
        else:
            sites = _from_pages(search, first)
    for site in _one_a_host(sites):
        if not search.found:
            _from_robots(search, site)
        if not search.found:
            _try_all(search, named.usual_paths(site), enough=1)
    if not search.found:
        tried = len(search.asked)
        raise ItemError("no-feed-found", f"no feed among {tried} addresses tried; give the feed's own address", url=url)
    return sorted(search.found.values(), key=_rank)


def _text(response: Response, kind: Literal["html", "xml"] = "html") -> str:
    return decode(response.body, response.headers.get("content-type"), kind).text


def _one_a_host(sites: Sequence[str]) -> list[str]:
    """The last address of each host, the last host first: where a page sends its readers is where the outlet is."""
    return list({urls.host(site): site for site in sites}.values())[::-1]


def _rank(found: Found) -> tuple[bool, bool, float]:
    return (found.entries == 0, named.is_lesser(found.title, found.url), -(found.per_day or 0.0))


def _try_all(search: _Search, these: Sequence[Candidate], enough: int = 8) -> None:
    for candidate in these:
        if len(search.found) >= enough:
            return
        response = search.fetch(candidate.url)
        if response is not None:
            search.try_feed(response, candidate.rule)


def _from_pages(search: _Search, first: Response) -> list[str]:
    """Look on a page, and where it names nothing on those that it sends its readers to; returns their addresses."""
    waiting, seen = [first], list[str]()
    while waiting and len(seen) < MAX_ONWARD:
        page = waiting.pop(0)
        seen.append(page.final_url)
        text = _text(page)
        _from_page(search, page, text)
        if search.found:
            break
        for address in named.onward(text, page.final_url):
            response = search.fetch(address)
            if response is not None and search.try_feed(response, "link") is not None:
                waiting.append(response)
    return seen


def _from_page(search: _Search, page: Response, text: str) -> None:
    found = named.candidates(text, page.final_url)
    _try_all(search, named.from_header(page.headers.get("link"), page.final_url))
    _try_all(search, [c for c in found if c.rule == "link"])
    if search.found:
        return
    for candidate in [c for c in found if c.rule == "anchor"][:8]:
        response = search.fetch(candidate.url)
        if response is None or search.try_feed(response, candidate.rule) != "html-page":
            continue
        # "RSS" in the footer often leads to a page that lists the feeds.
        _try_all(search, named.candidates(_text(response), response.final_url)[:6])


def _from_robots(search: _Search, url: str) -> None:
    parts = urlsplit(url)
    response = search.fetch(f"{parts.scheme}://{parts.netloc}/robots.txt")
    if response is None:
        return
    text = _text(response, "xml")
    for candidate in named.robots_sitemaps(text, response.final_url)[:5]:
        answer = search.fetch(candidate.url)
        if answer is not None and search.try_feed(answer, candidate.rule) == "sitemap-index":
            _try_all(search, named.index_sitemaps(_text(answer, "xml"), answer.final_url)[:4], enough=1)
        if search.found:
            return
