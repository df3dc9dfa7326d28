"""Which address is the article's own: what the page claims, where that agrees with where it was found.

A claim (rel=canonical, then og:url) makes two pages one article, so a wrong one hides an article. Templates get it
wrong in a few ways: every page claims its section, the home page or the script that shows it; the variable is empty and
the claim ends in ``null``; the template was never filled. A claim is believed where it agrees with the page's own
address, with the feed's, or with the headline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from pipeline import urls
from pipeline.extraction.facts import PageFacts
from pipeline.models import FeedEntry
from pipeline.text.folding import fold, letters


class Address(NamedTuple):
    """The canonical address, the one at another outlet that the page names as its original, and what was wrong.

    `claimed` is an address of the outlet that the page claims and that does not agree with it: one to believe only
    where the article that is found there turns out to be this one.
    """

    canonical: str
    origin: str | None
    problems: tuple[str, ...]
    claimed: str | None = None


# Marks of templates that were not filled; no address holds them unescaped.
_OPEN_TEMPLATE = re.compile(
    r"[{}<>]|\$\(|%[sd]\b|\*\||\[(?!\])|(?<=/)(?::|\$|__)\w+(?:__)?(?=/|$)|%\w+%(?![0-9a-f])", re.IGNORECASE
)
# A host and nothing more, printed before an address that has its own.
_GLUED = re.compile(r"^(?:https?:)?//[^/?#]*?(?=https?://)", re.IGNORECASE)
# A path that is another's address: a template put a host before what had one.
_AN_ADDRESS = re.compile(r"/+https?(?::|%3a)/", re.IGNORECASE)
# What languages print for a value that is not there: anywhere in an address, and as its end.
_NOTHING = frozenset({"null", "undefined", "nan", "(null)", "(undefined)", "object object", "nil", "not set"})
_NOTHING_AT_THE_END = _NOTHING | {"none", "false", "true", "unknown", "n/a", "na", "void", "empty", "string", "url"}
_WORD = re.compile(r"[^\W\d_]{2,}")
_ENDING = re.compile(r"\.[a-z]{2,5}\d?$", re.IGNORECASE)
_DATE = re.compile(r"(?:19|20)\d\d(?:[01]\d(?:[0-3]\d)?)?")
_TOKEN = re.compile(r"[^\W_]+")
# Parameters that choose the article, by their names.
_CHOOSING = re.compile(
    r"(?:.*[_-])?(?:p|n|a|i|s|q|t|no|num|nr|seq|sn|key|code|guid|uuid|idx\w*|art\w*|story\w*|news\w*|item|doc\w*|post\w*|"
    r"slug|title|name|url|file|path|contents?|view|show|read|entry)|\w*(?:id|no|idx|seq|num|key)",
    re.IGNORECASE,
)
_NOT_CHOOSING = frozenset({"page", "pg", "seite", "lang", "locale", "print", "sid", "cid"})
_SLUG_WORDS = 3  # words from which the end of a path is a headline's, and no name of a section or script


def choose(facts: PageFacts, url: str, title: str = "", feed: FeedEntry | None = None) -> Address:
    """The address of the article on a page.

    `url` is where the page was found, `title` its headline, `feed` the entry that led there. A claim that leads to
    another registered domain is no canonical address, but may be the original of a syndicated text.
    """
    own = _own(url, feed)
    known = {urls.identity(own)} | ({urls.identity(feed.canonical_url)} if feed and feed.canonical_url else set())
    origin = claimed = None
    problems: list[str] = []
    for claim in (facts.canonical, facts.first("og:url")):
        absolute = _absolute(facts, url, claim or "")
        if claim is None or absolute is None or not claim.strip("#? "):
            continue
        named = urls.canonical(absolute)
        if urls.too_long(named):
            problems.append("canonical-too-long")
        elif urls.identity(named) in known:
            return Address(named, origin, tuple(problems))
        elif _void(claim, named, own):
            problems.append("canonical-void")
        elif urls.registered_domain(named) != urls.registered_domain(own):
            origin = origin or (named if len(urlsplit(named).path) > 1 else None)
            problems.append("canonical-elsewhere")
        elif _above(named, own):
            problems.append("canonical-above")
        elif not _agrees(named, own, " ".join((title, feed.title if feed else ""))):
            problems.append("canonical-unlike")
            claimed = claimed or named
        else:
            return Address(named, origin, tuple(problems))
    return Address(own, origin, tuple(problems), claimed)


def _own(url: str, feed: FeedEntry | None) -> str:
    """Where the page was found, with the route that the feed's address has and no request carries."""
    own = urls.canonical(url)
    if feed is not None and feed.canonical_url and "#" in feed.canonical_url and "#" not in own:
        page = feed.canonical_url.partition("#")[0]
        if urls.identity(page) == urls.identity(own):
            return feed.canonical_url
    return own


def _absolute(facts: PageFacts, url: str, claim: str) -> str | None:
    """The address that a claim means; one that begins with the site's own host lacks only its scheme."""
    claim = _GLUED.sub("", claim.strip())
    head = claim.strip().partition("/")[0].lower().removeprefix("www.")
    if head and head == urls.host(url).removeprefix("www."):
        claim = f"//{claim.strip()}"
    return urls.resolve(urls.resolve(url, facts.base) or url, claim)


def _void(claim: str, named: str, own: str) -> bool:
    """Whether a claim is a template that was not filled, or was filled with nothing."""
    stated, ours = unquote(claim), unquote(own)
    if _AN_ADDRESS.match(urlsplit(named).path) and not _AN_ADDRESS.match(urlsplit(own).path):
        return True
    opened = _OPEN_TEMPLATE.search(stated.partition("?")[0]) or re.search(r"[{}<>]|%[sd]\b", stated)
    if opened and opened[0] not in ours:
        return True
    parts = urlsplit(named)
    if urls.registered_domain(named) != urls.registered_domain(own) and urls.safe_to_fetch(named) is not None:
        return True
    if "." not in (parts.hostname or "") and parts.hostname != urlsplit(own).hostname:
        return True
    segments = [_plain(segment) for segment in parts.path.split("/") if segment]
    values = [_plain(value) for _, value in parse_qsl(parts.query)]
    held = {_plain(piece) for piece in re.split(r"[/?&=]", own)}
    if any(piece in _NOTHING and piece not in held for piece in (*segments, *values)):
        return True
    last = _ENDING.sub("", segments[-1]) if segments else ""
    return (last in _NOTHING_AT_THE_END or last in _NOTHING) and last not in held and f"{last}.html" not in held


def _plain(piece: str) -> str:
    return unquote(piece).strip().strip("[]").strip().lower()


def _above(named: str, own: str) -> bool:
    """Whether a claimed address is the home page or a section that the page's own address lies under."""
    claimed, path = urlsplit(named).path.rstrip("/"), urlsplit(own).path.rstrip("/")
    if claimed == path:
        return False
    if not claimed:
        return not urlsplit(named).query and not urlsplit(named).fragment
    last = claimed.rsplit("/", 1)[-1]
    slug = last.count("-") >= 3 or sum(c.isdigit() for c in last) >= 4
    return path.startswith(claimed + "/") and not slug


def _agrees(named: str, own: str, titles: str) -> bool:
    """Whether a claimed address tells of the same article as the page's own address, or as its headline."""
    claimed, found = urlsplit(named), urlsplit(own)
    if found.fragment and claimed.fragment != found.fragment:
        return False
    ours, theirs = _parameters(found.query), _parameters(claimed.query)
    if any(theirs[name] != ours[name] for name in theirs.keys() & ours.keys() - _NOT_CHOOSING):
        return False
    dropped = {name: value for name, value in ours.items() if name not in theirs and name not in _NOT_CHOOSING}
    path, claimed_path = found.path.rstrip("/").lower(), claimed.path.rstrip("/").lower()
    end = _end(claimed.path)
    if path == claimed_path:
        return not dropped or not _chosen_by(dropped, end) or _told(end, titles, 2)
    if _shared_numbers(claimed.path, claimed.query, found.path, found.query):
        return True
    if (
        _told(end, titles, 2)
        or _told(_end(claimed.path.rstrip("/").rpartition("/")[0]), titles, 3)
        or _told(end, " ".join(_words(_end(found.path))), 2)
    ):
        return True
    if end and end == _end(found.path):
        return not dropped or not _chosen_by(dropped, end)
    # A headline in Latin letters over an article in others: written in the newsroom's own way, and in no template's.
    return len(_words(end)) >= _SLUG_WORDS and not _words(_end(found.path)) and not re.search("[a-z]", fold(titles))


def _parameters(query: str) -> dict[str, str]:
    """The parameters of a query by name; a bare number is one whose name is its value."""
    found = {}
    for piece in query.split("&"):
        name, _, value = piece.partition("=")
        if name:
            found[unquote(name).lower()] = unquote(value)
    return found


def _chosen_by(dropped: dict[str, str], end: str) -> bool:
    """Whether one of the parameters that a claim drops chose the article; `end` is the last part of its path."""
    if any(_CHOOSING.fullmatch(name) or not value for name, value in dropped.items()):
        return True
    telling = len(_words(end)) >= _SLUG_WORDS or sum(c.isdigit() for c in end) >= 4
    return not telling and any(sum(c.isdigit() for c in value) >= 3 for value in dropped.values())


def _end(path: str) -> str:
    """The last part of a path, without its ending, as readers read it."""
    return _ENDING.sub("", unquote(path).rstrip("/").rsplit("/", 1)[-1]).lower()


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(text))


def _told(end: str, text: str, least: int) -> bool:
    """Whether the end of a path is made of words of a text: half of its own, and at least so many."""
    wanted = _words(end)
    held = set(_words(text))
    shared = sum(word in held for word in wanted)
    if wanted and shared >= least and 2 * shared >= len(wanted):
        return True
    squeezed = letters(end)
    unspaced = len(squeezed) >= 4 and not re.search(r"[a-z]", squeezed)
    return unspaced and squeezed in letters(text)


def _shared_numbers(path: str, query: str, own_path: str, own_query: str) -> bool:
    """Whether two addresses share the number of an article: the whole of a part, or one that is no date."""
    return not set(_numbers(path, query)).isdisjoint(_numbers(own_path, own_query))


def _numbers(path: str, query: str) -> Iterator[str]:
    """What may be an article's number: at the end of a path, in it where long, and in the parameters."""
    segments = [segment for segment in unquote(path).lower().split("/") if segment]
    for place, segment in enumerate(segments):
        last = place == len(segments) - 1
        for token in _TOKEN.findall(_ENDING.sub("", segment)):
            digits = sum(c.isdigit() for c in token)
            if digits and not _DATE.fullmatch(token) and (digits >= 4 or (last and token == _ENDING.sub("", segment))):
                yield token
    for name, value in _parameters(query).items():
        token = (value or name).lower()
        if any(c.isdigit() for c in token) and name not in _NOT_CHOOSING and not _DATE.fullmatch(token):
            yield token
