"""When an article was published: the page's own statements, its address and its feed, weighed against each other.

Pages say when they were changed more readily than when they were published, redate old texts and print dates of
other things; feeds redate too. What each says is a candidate; `choose` keeps the earliest that the others bear out
and never a moment in the future.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from dateutil import parser as dateutil_parser
from htmldate import find_date
from lxml.html import HtmlElement

from pipeline.extraction import printed_dates as page_dates
from pipeline.extraction.facts import PageFacts, text_of

_EARLIEST = date(1995, 1, 1)  # htmldate's own lower bound; the first newspapers went on the web in 1994 and 1995
_SKEW = timedelta(minutes=10)  # a newsroom's clock ahead of ours
_ZONES = timedelta(hours=15)  # a time without a zone is that far from UTC at most (UTC-12 .. UTC+14, and summer time)
_SAME = timedelta(hours=48)  # page and feed mean one publication: a feed lags, and a date without a time adds a day

_META_DATES = (
    "article:published_time", "og:article:published_time", "article:published", "datepublished", "article:post_date",
    "parsely-pub-date", "sailthru.date", "pubdate", "publishdate", "publish-date", "publish_date", "published_time",
    "publication_date", "cxenseparse:recs:publishtime", "dc.date.issued", "dcterms.issued", "article.published",
    "rnews:datepublished", "citation_publication_date", "vr:published_time", "vr:published-time", "bt:pubdate", "ptime",
)  # fmt: skip
# A date of the page, not said to be that of its publication: editing systems put the last export or print day here.
_META_VAGUE = ("dcterms.created", "dc.date.created", "dc.date", "dc:date", "dcterms.date", "date")
_META_CHANGED = (
    "og:updated_time",
    "article:modified_time",
    "og:article:modified_time",
    "datemodified",
    "last-modified",
)
_URL_DATE = re.compile(
    r"[/_.-](?P<y>(?:19|20)\d\d)(?:(?P<s>[/_.-])(?P<m>0?[1-9]|1[0-2])(?P=s)(?P<d>0?[1-9]|[12]\d|3[01])"
    r"|(?P<mm>0[1-9]|1[0-2])(?P<dd>0[1-9]|[12]\d|3[01]))(?!\d)"
)
_SEGMENT_END = re.compile(r"(?:[/.]|$)")
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
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """The choice: `at` in UTC, the newsroom's `offset` from UTC in minutes where it said, and the rule.

    Rules are ``json-ld``, ``meta``, ``url``, ``feed``, ``headline`` (printed beside it), ``text`` (found in the text by
    htmldate) and ``missing``.
    """

    at: datetime | None
    rule: str
    offset: int | None = None
    problems: tuple[str, ...] = ()


def choose(
    facts: PageFacts, tree: HtmlElement, url: str, *, title: str = "", feed: datetime | None, now: datetime
) -> Published:
    """The publication time of a page; `feed` is the feed's date for it, `now` bounds what can be true.

    Order: a statement in JSON-LD or meta tags; the address; the feed; the date beside the headline `title`; dates in
    the text (htmldate). A statement later than the address or the feed is an update and gives way to them, and a vague
    one (a meta tag called no more than ``date``) to the date beside the headline.
    """
    problems: list[str] = []
    stated, rule = _stated(facts, now, problems)
    if rule == "vague" and stated is not None:
        shown = _beside_headline(tree, facts, title, now)
        stated, rule = (stated, "meta") if shown is None or shown.day == stated.day else (shown, "headline")
    in_url = url_date(url, now, doubtful=stated is None and feed is None)
    feed = feed.astimezone(UTC) if feed is not None and feed <= now + _SKEW else None
    if in_url is not None and (stated is None or stated.day > in_url + timedelta(days=1)):
        if stated is not None:
            problems.append("redated")
        stated, rule = _timed(_midnight(in_url), facts), "url"
    elif stated is not None and in_url is not None:
        stated = _on_day(stated, in_url)
    if stated is not None and rule == "meta":
        earlier = _republished(stated, facts)
        if earlier is not None:
            problems.append("redated")
            stated, rule = earlier, "text"
    if stated is not None:
        return _with_feed(stated, rule, feed, now, problems)
    if feed is not None:
        return Published(feed, "feed", None, tuple(problems))
    rule, found = "headline", _beside_headline(tree, facts, title, now)
    if found is None:
        rule, found = "text", _in_text(tree, facts, now)
    if found is None:
        return Published(None, "missing", None, tuple(problems))
    return Published(min(found.at, now), rule, found.offset, tuple(problems))


def parse(text: str) -> Stamp | None:
    """Read one machine-written date; None where it is none or leaves day and month open (03/04/2024)."""
    text = text.strip().strip('"')
    if not 6 <= len(text) <= 80 or not any(c.isdigit() for c in text):
        return None
    if re.fullmatch(r"1\d{9}(?:\d{3})?", text):
        at = datetime.fromtimestamp(int(text[:10]), UTC)
        return Stamp(at, at.date(), True, True, 0)
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
        shift = found.utcoffset()
    except (ValueError, OverflowError, TypeError):
        return None
    return Stamp(at, found.date(), True, zoned, None if shift is None else int(shift.total_seconds() // 60))


def url_date(url: str, now: datetime, *, doubtful: bool = False) -> date | None:
    """The day written in an address such as ``/2024/06/19/`` or ``-20240619``; None where there is none.

    In ``/2024/06/19-dead-in-flood`` the number may open the headline; such a day counts only with `doubtful`. A single
    digit there (``/2024/06/2-0-germany-wins``) is never a day.
    """
    path = re.sub(r"^\w+://[^/]*", "", url.split("?")[0])
    if "//" in path:  # a web archive's copy: its own time stamp comes first, the original address last
        path = re.sub(r"^.*?\w+:/{1,2}[^/]*", "", path)
    for match in _URL_DATE.finditer(path):
        whole = match["s"] != "/" or _SEGMENT_END.match(path, match.end()) is not None
        if not whole and (not doubtful or len(match["d"]) < 2):
            continue
        try:
            day = date(int(match["y"]), int(match["m"] or match["mm"]), int(match["d"] or match["dd"]))
        except ValueError:
            continue
        if _EARLIEST <= day <= _latest_day(now):
            return day
    return None


def _stated(facts: PageFacts, now: datetime, problems: list[str]) -> tuple[Stamp | None, str]:
    """The first believable statement of the page's markup, by trust in its kind."""
    json_ld = [text_of(node.get(key)) for key in ("datePublished", "dateCreated") for node in facts.articles[:1]]
    vague = facts.all(*_META_VAGUE)
    kinds = (("meta", facts.all(*_META_DATES)), ("meta", facts.published), ("vague", vague), ("json-ld", json_ld))
    for rule, texts in kinds:
        for text in texts:
            stamp = parse(text)
            if stamp is None:
                continue
            if stamp.at > now + (_SKEW if stamp.zoned else _ZONES):
                problems.append("future-date")
                continue
            return stamp, rule
    return None, "missing"


def _beside_headline(tree: HtmlElement, facts: PageFacts, title: str, now: datetime) -> Stamp | None:
    day = page_dates.beside_headline(tree, title)
    return _timed(_midnight(day), facts) if day is not None and _EARLIEST <= day <= _latest_day(now) else None


def _in_text(tree: HtmlElement, facts: PageFacts, now: datetime) -> Stamp | None:
    """The day htmldate finds in the page's elements and prose, with the hour of a time element of that day.

    htmldate completes "May 2015" or a bare year of copyright to a first of the month; such a day counts only where
    the page writes it out.
    """
    latest = _latest_day(now).isoformat()
    try:
        # No address: `url_date` read it, and htmldate takes the score in /2024/06/2-0-germany-wins for a day.
        found = find_date(tree, original_date=True, extensive_search=True, max_date=latest, url="")
    except (ValueError, TypeError, AttributeError, RecursionError):  # a stranger's markup; no date is no failure
        return None
    if found is None:
        return None
    day = date.fromisoformat(found)
    changed = {stamp.day for stamp in map(parse, facts.all(*_META_CHANGED)) if stamp}
    shown = [stamp for stamp in map(parse, facts.times) if stamp and stamp.at <= now]
    if shown and (
        day in changed or shown[0].day > day
    ):  # htmldate took the change for the publication, or an older date of elsewhere
        return shown[0]
    if day.day == 1 and not _written_out(day, tree):
        return None
    return _timed(_midnight(day), facts)


def _written_out(first: date, tree: HtmlElement) -> bool:
    year, month = first.year, first.month
    forms = (
        rf"{year}\s?[-./年]\s?0?{month}\s?[-./月]\s?0?1(?!\d)|\b0?1[./-]\s?0?{month}[./-]\s?{year}"
        rf"|\b0?1(?:st|er|º|°|\.)?\s+(?:de\s+)?[^\W\d]{{3,12}}\.?,?\s+(?:de\s+)?{year}|[^\W\d]{{3,12}}\s+0?1(?:st)?,?\s+{year}"
    )
    return re.search(forms, " ".join(tree.itertext())) is not None or any(
        re.search(forms, element.get("datetime", "")) for element in tree.iter("time")
    )


def _timed(stamp: Stamp, facts: PageFacts) -> Stamp:
    """A bare day with the clock of the first time element of that day, if there is one."""
    for text in facts.times:
        marked = parse(text)
        if marked is not None and marked.timed and marked.day == stamp.day:
            return marked
    return stamp


def _republished(stated: Stamp, facts: PageFacts) -> Stamp | None:
    """The date an article shows its readers, where the meta tags only know when it was last written out.

    Some editing systems stamp the moment of export as publication: then "published" is not before "modified", and
    the first date that readers see is older.
    """
    changed = [stamp for stamp in map(parse, facts.all(*_META_CHANGED)) if stamp and stamp.timed]
    exported = any(stated.timed and stamp.at <= stated.at for stamp in changed)
    shown = next((stamp for stamp in map(parse, facts.times[:1]) if stamp), None)
    return shown if exported and shown is not None and shown.day < stated.day - timedelta(days=1) else None


def _on_day(stamp: Stamp, day: date) -> Stamp:
    """A stamp in UTC whose newsroom calls the moment by the day before or after, as its address shows.

    Editing systems print UTC; the address has the newsroom's day. The moment stays, and the offset becomes the
    smallest whole hour that agrees with the address: a lower bound, good enough to name the day.
    """
    if not (stamp.timed and stamp.offset == 0 and abs((stamp.day - day).days) == 1):
        return stamp
    hour = stamp.at.hour + 1 if day < stamp.day else 24 - stamp.at.hour
    offset = -60 * hour if day < stamp.day else 60 * hour
    return replace(stamp, day=day, offset=offset) if abs(offset) <= 14 * 60 else stamp


def _with_feed(stamp: Stamp, rule: str, feed: datetime | None, now: datetime, problems: list[str]) -> Published:
    """Weigh a statement against the feed's date, which always has a time and a zone."""
    if feed is None:
        if stamp.timed and not stamp.zoned:
            problems.append("date-no-zone")
        return Published(min(stamp.at, now), rule, stamp.offset, tuple(problems))
    gap = abs(feed - stamp.at)
    if gap > _SAME:
        problems.append("feed-date-differs")
    elif not (stamp.timed and stamp.zoned):  # one publication; only the feed knows its hour
        return Published(feed, "feed", None, tuple(problems))
    if feed < stamp.at:
        return Published(feed, "feed", stamp.offset if gap <= _SAME else None, tuple(problems))
    return Published(min(stamp.at, now), rule, stamp.offset, tuple(problems))


def _midnight(day: date) -> Stamp:
    return Stamp(datetime(day.year, day.month, day.day, tzinfo=UTC), day, False, False)


def _latest_day(now: datetime) -> date:
    return (now.astimezone(UTC) + timedelta(hours=14)).date()
