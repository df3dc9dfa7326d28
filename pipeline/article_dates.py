"""When an article was published: the page's own statements, its address and its feed, weighed against each other.

Pages say when they were changed more readily than when they were published, redate old texts and print dates of
other things; feeds redate too. What each says is a candidate; `choose` keeps the earliest that the others bear out
and never a moment in the future.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from dateutil import parser as dateutil_parser
from htmldate import find_date
from lxml.html import HtmlElement

from pipeline.page_facts import PageFacts, text_of

_EARLIEST = date(1995, 1, 1)  # htmldate's own lower bound; the first newspapers went on the web in 1994 and 1995
_SKEW = timedelta(minutes=10)  # a newsroom's clock ahead of ours
_ZONES = timedelta(hours=15)  # a time without a zone is that far from UTC at most (UTC-12 .. UTC+14, and summer time)
_SAME = timedelta(hours=48)  # page and feed mean one publication: a feed lags, and a date without a time adds a day

_META_DATES = (
    "article:published_time", "og:article:published_time", "article:published", "datepublished", "article:post_date",
    "parsely-pub-date", "sailthru.date", "pubdate", "publishdate", "publish-date", "publish_date", "published_time",
    "publication_date", "cxenseparse:recs:publishtime", "dc.date.issued", "dcterms.issued", "dcterms.created",
    "dc.date.created", "dc.date", "dc:date", "dcterms.date", "article.published", "rnews:datepublished",
    "citation_publication_date", "vr:published_time", "bt:pubdate", "ptime", "date", "last-modified-original",
)  # fmt: skip
_URL_DATE = re.compile(
    r"[/_.-](?P<y>(?:19|20)\d\d)(?P<s>[/_.-]?)(?P<m>0[1-9]|1[0-2])(?P=s)(?P<d>0[1-9]|[12]\d|3[01])(?!\d)"
)
_DAY_ONLY = re.compile(r"^\D*(?:\d{4}[-./]\d\d?[-./]\d\d?|\d\d?[-./]\d\d?[-./]\d{4}|\d{8})\D*$")
_DOTTED = re.compile(r"^\s*\d{1,2}\.\s?\d{1,2}\.\s?\d{4}")
_SLASHED = re.compile(r"^\s*(\d{1,2})/(\d{1,2})/\d{4}")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date as stated: `at` in UTC, the `day` it names where it was written, and whether a time and zone were given.

    A date without a time, or at midnight of its own zone (how editing systems write one), stands at midnight UTC of
    its day, so that the day survives.
    """

    at: datetime
    day: date
    timed: bool
    zoned: bool


@dataclass(frozen=True, slots=True)
class Published:
    """The choice: `rule` is ``json-ld``, ``meta``, ``time``, ``url``, ``feed``, ``text`` or ``missing``."""

    at: datetime | None
    day: date | None
    rule: str
    problems: tuple[str, ...] = ()


def choose(facts: PageFacts, tree: HtmlElement, url: str, *, feed: datetime | None, now: datetime) -> Published:
    """The publication time of a page; `feed` is the feed's date for it, `now` bounds what can be true.

    Order: a statement in JSON-LD, meta tags, marked time elements; the address; the feed; dates in the text (htmldate).
    A statement later than the address or the feed is an update and gives way to them.
    """
    problems: list[str] = []
    stated, rule = _stated(facts, now, problems)
    in_url = url_date(url, now)
    feed = feed.astimezone(UTC) if feed is not None and feed <= now + _SKEW else None
    if stated is not None and in_url is not None and stated.day > in_url + timedelta(days=1):
        problems.append("redated")
        stated, rule = _midnight(in_url), "url"
    if stated is None and in_url is not None:
        stated, rule = _midnight(in_url), "url"
    if stated is not None:
        return _with_feed(stated, rule, feed, now, problems)
    if feed is not None:
        return Published(feed, feed.date(), "feed", tuple(problems))
    found = find_date(tree, original_date=True, extensive_search=True, max_date=_latest_day(now).isoformat(), url=url)
    if found is None:
        return Published(None, None, "missing", tuple(problems))
    day = date.fromisoformat(found)
    return Published(_midnight(day).at, day, "text", tuple(problems))


def parse(text: str) -> Stamp | None:
    """Read one machine-written date; None where it is none or leaves day and month open (03/04/2024)."""
    text = text.strip().strip('"')
    if not 6 <= len(text) <= 80 or not any(c.isdigit() for c in text):
        return None
    if re.fullmatch(r"1\d{9}(?:\d{3})?", text):
        at = datetime.fromtimestamp(int(text[:10]), UTC)
        return Stamp(at, at.date(), True, True)
    slashed = _SLASHED.match(text)
    if slashed and int(slashed[1]) <= 12 and int(slashed[2]) <= 12 and slashed[1] != slashed[2]:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", dateutil_parser.UnknownTimezoneWarning)
            try:
                found = dateutil_parser.isoparse(text)
            except ValueError:
                found = dateutil_parser.parse(text, dayfirst=bool(_DOTTED.match(text)), default=datetime(1900, 1, 1))
        if found.date() < _EARLIEST:
            return None
        midnight = found.hour == found.minute == found.second == 0
        if midnight or _DAY_ONLY.match(text):
            return _midnight(found.date())
        zoned = found.tzinfo is not None
        at = found.astimezone(UTC) if zoned else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, TypeError):
        return None
    return Stamp(at, found.date(), True, zoned)


def url_date(url: str, now: datetime) -> date | None:
    """The day written in an address such as ``/2024/06/19/`` or ``-20240619``; None where there is none."""
    path = re.sub(r"^\w+://[^/]*", "", url.split("?")[0])
    if "//" in path:  # a web archive's copy: its own time stamp comes first, the original address last
        path = re.sub(r"^.*?\w+:/{1,2}[^/]*", "", path)
    for match in _URL_DATE.finditer(path):
        if match["s"] == "" and len(match[0]) < 9:
            continue
        try:
            day = date(int(match["y"]), int(match["m"]), int(match["d"]))
        except ValueError:
            continue
        if _EARLIEST <= day <= _latest_day(now):
            return day
    return None


def _stated(facts: PageFacts, now: datetime, problems: list[str]) -> tuple[Stamp | None, str]:
    """The first believable statement of the page's markup, by trust in its kind."""
    json_ld = [text_of(node.get(key)) for key in ("datePublished", "dateCreated") for node in facts.articles[:1]]
    groups = (
        ("json-ld", json_ld),
        ("meta", facts.all(*_META_DATES)),
        ("time", [stamp for stamp, published in facts.times if published][:1]),
    )
    for rule, texts in groups:
        for text in texts:
            stamp = parse(text)
            if stamp is None:
                continue
            if stamp.at > now + (_SKEW if stamp.zoned else _ZONES):
                problems.append("future-date")
                continue
            return stamp, rule
    return None, "missing"


def _with_feed(stamp: Stamp, rule: str, feed: datetime | None, now: datetime, problems: list[str]) -> Published:
    """Weigh a statement against the feed's date, which always has a time and a zone."""
    if feed is None:
        if stamp.timed and not stamp.zoned:
            problems.append("date-no-zone")
        return Published(min(stamp.at, now), stamp.day, rule, tuple(problems))
    gap = abs(feed - stamp.at)
    if not (stamp.timed and stamp.zoned):
        if gap <= _SAME:  # one publication; only the feed knows its hour
            return Published(feed, stamp.day, "feed", tuple(problems))
    elif gap <= _SAME:
        return Published(min(stamp.at, feed), stamp.day, rule if stamp.at <= feed else "feed", tuple(problems))
    problems.append("feed-date-differs")
    if feed < stamp.at:
        return Published(feed, feed.date(), "feed", tuple(problems))
    return Published(min(stamp.at, now), stamp.day, rule, tuple(problems))


def _midnight(day: date) -> Stamp:
    return Stamp(datetime(day.year, day.month, day.day, tzinfo=UTC), day, False, False)


def _latest_day(now: datetime) -> date:
    return (now.astimezone(UTC) + timedelta(hours=14)).date()
