"""When an article was published: the page's own statements, its address and its feed, weighed against each other.

Pages say when they were changed more readily than when they were published, redate old texts and print dates of
other things; feeds redate too. What each says is a candidate; `choose` keeps the earliest that the others bear out
and never a moment in the future.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from htmldate import find_date
from lxml.html import HtmlElement

from pipeline.extraction import printed_dates as page_dates
from pipeline.extraction.facts import PageFacts, text_of
from pipeline.extraction.own import own_part, published_in_scripts, without_dated_rows
from pipeline.models import Precision, precision
from pipeline.text import dates
from pipeline.text.address_days import day_in_address

_EARLIEST = date(1995, 1, 1)  # htmldate's own lower bound; the first newspapers went on the web in 1994 and 1995
_SKEW = timedelta(minutes=10)  # a newsroom's clock ahead of ours
_ZONES = timedelta(hours=15)  # a time without a zone is that far from UTC at most (UTC-12 .. UTC+14, and summer time)
_A_DAY = timedelta(days=1)
_SAME = timedelta(hours=48)  # page and feed mean one publication: a feed lags, and a date without a time adds a day
# Eight digits of an address this far from what page or feed state are the number of an article. Of eight-digit numbers
# that name a day, one in two hundred lies so near a given day by chance; a page that is redated later than a month
# after has its new day.
_NUMBER = timedelta(days=31)

# The two names of a publication time that pages agree on. htmldate knows many more and is asked for the day after
# the feed: read here, the others gained nothing on pages they were not collected from.
_META_DATES = ("article:published_time", "datepublished")
# Meta tags whose clock completes a day that is known otherwise; those of changes have another clock.
_DATED = re.compile(r"^(?!.*(?:modif|updat|changed)).*(?:date|time)")


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
    """The choice: `at` in UTC, the newsroom's `offset` from UTC in minutes where it said, the rule and the precision.

    Rules are ``json-ld``, ``meta``, ``url``, ``feed``, ``headline`` (printed beside it), ``script`` (data of the
    page's scripts), ``text`` (found in the text by htmldate), ``updated`` (the same, where the page names no
    other day than that of its change) and ``missing``.
    """

    at: datetime | None
    rule: str
    offset: int | None = None
    problems: tuple[str, ...] = ()
    precision: Precision | None = None


@dataclass(frozen=True, slots=True)
class FeedDate:
    """The feed's date for a page, and whether it is a day or an instant; None: a midnight is a day."""

    at: datetime
    precision: Precision | None = None

    @property
    def is_day(self) -> bool:
        """Whether only the day is known."""
        return precision(self.at, stated=self.precision) == "day"


def choose(
    facts: PageFacts, tree: HtmlElement, url: str, *, title: str = "", feed: FeedDate | None, now: datetime
) -> Published:
    """The publication time of a page; `feed` is the feed's date for it, `now` bounds what can be true.

    Order: a statement in meta tags or JSON-LD; the address; the feed; the date beside the headline `title`; data
    in scripts; what htmldate finds. A statement later than the address or the feed is an update and gives way to them.
    """
    problems: list[str] = []
    stated, rule = _stated(facts, now, problems)
    feed = replace(feed, at=feed.at.astimezone(UTC)) if feed is not None and feed.at <= now + _SKEW else None
    in_url = url_date(url, now)
    known = stated.day if stated is not None else feed.at.date() if feed is not None else None
    if in_url and in_url != (written := url_date(url, now, numbers=False)):
        shown = None if known else _beside_headline(tree, facts, title, now) or next(_read(facts.times, facts), None)
        known = shown.day if shown is not None else known
        in_url = written if known and abs(known - in_url) > _NUMBER else in_url
    if in_url is not None and stated is not None and stated.day <= in_url + timedelta(days=1):
        stated = _on_day(stated, in_url)
    elif in_url is not None:
        if stated is not None:
            problems.append("redated")
        stated, rule = _timed(_midnight(in_url), facts), "url"
    if stated is not None:
        return _with_feed(stated, rule, feed, now, problems)
    if feed is not None:
        if not feed.is_day:
            return Published(feed.at, "feed", None, tuple(problems), "instant")
        return _published(_timed(_midnight(feed.at.date()), facts), "feed", None, problems)
    rule, found = "headline", _beside_headline(tree, facts, title, now)
    if found is None:
        rule, found = "script", _in_scripts(tree, facts, now)
    if found is None:
        rule, found = _in_text(tree, facts, now)
    if found is None:
        return Published(None, "missing", None, tuple(problems))
    return _published(found, rule, now, problems)


def _published(stamp: Stamp, rule: str, now: datetime | None, problems: list[str]) -> Published:
    """A stamp as the choice, no later than `now`; what the feed said of a page has no clock of the newsroom."""
    at = stamp.at if now is None else min(stamp.at, now)
    offset = None if now is None else stamp.offset
    return Published(at, rule, offset, tuple(problems), "instant" if stamp.timed else "day")


def parse(text: str, language: str | None = None) -> Stamp | None:
    """Read one machine-written date; None where it is none or leaves day and month open (03/04/2024).

    `language` is the page's (BCP 47).
    """
    text = text.strip().strip('"')
    if not 6 <= len(text) <= 80:
        return None
    found = dates.read(text, language)
    if found is None or found.ambiguous or found.day < _EARLIEST:
        return None
    local = found.local
    if found.precision == "day" or local.hour == local.minute == local.second == 0:
        return _midnight(found.day)
    return Stamp(found.moment, found.day, True, found.zoned, found.offset)


def _read(texts: Iterable[str], facts: PageFacts) -> Iterator[Stamp]:
    return (stamp for text in texts if (stamp := parse(text, facts.html_lang)) is not None)


def url_date(url: str, now: datetime, *, numbers: bool = True) -> date | None:
    """The day in a page's address (`day_in_address`), no later than it is anywhere at `now`."""
    return day_in_address(url, _EARLIEST, _latest_day(now), numbers=numbers)


def _stated(facts: PageFacts, now: datetime, problems: list[str]) -> tuple[Stamp | None, str]:
    """The first believable statement of the page's markup, by trust in its kind."""
    json_ld = [text_of(node.get(key)) for key in ("datePublished", "dateCreated") for node in facts.articles[:1]]
    for rule, texts in (("meta", facts.all(*_META_DATES)), ("json-ld", json_ld)):
        for text in texts:
            stamp = parse(text, facts.html_lang)
            if stamp is None:
                continue
            if stamp.at > now + (_SKEW if stamp.zoned else _ZONES):
                problems.append("future-date")
                continue
            return stamp, rule
    return None, "missing"


def _beside_headline(tree: HtmlElement, facts: PageFacts, title: str, now: datetime) -> Stamp | None:
    day = page_dates.beside_headline(tree, title, facts.html_lang)
    return _timed(_midnight(day), facts) if day is not None and _EARLIEST <= day <= _latest_day(now) else None


def _in_scripts(tree: HtmlElement, facts: PageFacts, now: datetime) -> Stamp | None:
    """The publication that the data in the page's scripts state, where all of it names one day: lists name several."""
    stamps = list(_read(islice(published_in_scripts(tree), 50), facts))
    if len({stamp.day for stamp in stamps}) != 1 or stamps[0].at > now + _SKEW:
        return None
    return next((stamp for stamp in stamps if stamp.timed), stamps[0])


def _in_text(tree: HtmlElement, facts: PageFacts, now: datetime) -> tuple[str, Stamp | None]:
    """The day htmldate finds in the page's elements and prose, with the hour of a time element of that day.

    A page that names none but the day of its change was published then or before: it counts, as ``updated``. A day that
    only lists of other articles name is looked for once more without them.
    """
    part = own_part(tree)
    day, said = _found(part, facts, now)
    if said == "listed":
        day, said = _found(without_dated_rows(part), facts, now)
    # htmldate completes "May 2015" or a bare year of copyright to a first of the month.
    if day is None or said in ("listed", "told") or (day.day == 1 and not _written_out(day, tree, facts.html_lang)):
        return "text", None
    return ("updated" if said == "changed" else "text"), _timed(_midnight(day), facts)


def _found(part: HtmlElement, facts: PageFacts, now: datetime) -> tuple[date | None, page_dates.Said | None]:
    """The day htmldate finds in a part of a page, and what that part names it as."""
    try:
        # No address: `url_date` read it, and htmldate takes the score in /2024/06/2-0-germany-wins for a day.
        latest = _latest_day(now).isoformat()
        found = find_date(part, original_date=True, extensive_search=True, max_date=latest, url="")
    except (ValueError, TypeError, AttributeError, RecursionError):  # a stranger's markup; no date is no failure
        return None, None
    if found is None:
        return None, None
    day = date.fromisoformat(found)
    return day, page_dates.said_of(day, part, facts.html_lang)


def _written_out(first: date, tree: HtmlElement, language: str | None) -> bool:
    lines = (" ".join(tree.itertext()), *(element.get("datetime", "") for element in tree.iter("time")))
    return any(found.day == first for line in lines for found in dates.days_in(line, language))


def _timed(stamp: Stamp, facts: PageFacts) -> Stamp:
    """A bare day with the clock of the first time element or dated meta tag of that day, if there is one."""
    stated = (text for name, texts in facts.meta.items() if _DATED.search(name) for text in texts)
    marked = _read((*facts.times, *stated), facts)
    return next((each for each in marked if each.timed and each.day == stamp.day), stamp)


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


def _with_feed(stamp: Stamp, rule: str, feed: FeedDate | None, now: datetime, problems: list[str]) -> Published:
    """Weigh a statement against the feed's date; its bare day says nothing against a statement of about that day."""
    if feed is not None and feed.is_day and stamp.timed and abs(stamp.day - feed.at.date()) <= _A_DAY:
        feed = None
    if feed is None:
        if stamp.timed and not stamp.zoned:
            problems.append("date-no-zone")
        return _published(stamp, rule, now, problems)
    of_feed: Precision = "day" if feed.is_day else "instant"
    gap = abs(feed.at - stamp.at)
    if gap > _SAME:
        problems.append("feed-date-differs")
    elif not (stamp.timed and stamp.zoned):  # one publication; only the feed knows its hour
        return Published(feed.at, "feed", None, tuple(problems), of_feed)
    if feed.at < stamp.at:
        return Published(feed.at, "feed", stamp.offset if gap <= _SAME else None, tuple(problems), of_feed)
    return _published(stamp, rule, now, problems)


def _midnight(day: date) -> Stamp:
    return Stamp(datetime(day.year, day.month, day.day, tzinfo=UTC), day, False, False)


def _latest_day(now: datetime) -> date:
    return (now.astimezone(UTC) + timedelta(hours=14)).date()
