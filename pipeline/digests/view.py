"""What every shape of a digest says, in words and in order, before any of them is written down. Pure.

Each shape escapes for itself: nothing here is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from itertools import groupby
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from pipeline import urls
from pipeline.digests import summaries
from pipeline.digests.spread import Spread, spreads
from pipeline.models import Digest, DigestItem, Precision, StoryArticle, precision
from pipeline.models.details import Changes, Cited, Correction
from pipeline.text.characters import line, storable
from pipeline.text.english import language_name
from pipeline.text.tags import primary
from pipeline.topics import Topic

EMPTY = "No story of this topic was published on this day."


@dataclass(frozen=True, slots=True)
class Link:
    """A name and where it leads; `url` is empty where that is no web address. `language` is BCP 47 or empty."""

    text: str
    url: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """Sentences of one article in a row, and the outlet that they are quoted from."""

    text: str
    source: Link
    language: str = ""


@dataclass(frozen=True, slots=True)
class ShownArticle:
    """One article in the list under a story: its headline, its outlet with what is known of it, its hour or day."""

    title: Link
    outlet: str
    marks: str
    when: str


@dataclass(frozen=True, slots=True)
class ShownItem:
    """One story. `quotes` are empty where an editor wrote the `summary`; `gloss` and `grown` where there is none."""

    story_id: int
    rank: int
    headline: str
    language: str
    language_name: str
    gloss: str
    glossed_by: str
    status: str
    grown: Quote | None
    summary: str
    quotes: tuple[Quote, ...]
    first: str
    counts: str
    spreads: tuple[Spread, ...]
    articles: tuple[ShownArticle, ...]


@dataclass(frozen=True, slots=True)
class ShownCorrection:
    """A correction of what an earlier digest showed; `old_copies` still say what was."""

    article: Link
    outlet: str
    when: str
    was: str
    now: str
    old_copies: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A digest as all shapes show it."""

    topic: str
    day: str
    iso_day: str
    zone: str
    totals: str
    corrects: str
    note: tuple[str, ...]
    changed: str
    corrections: tuple[ShownCorrection, ...]
    items: tuple[ShownItem, ...]
    ended: tuple[str, ...]
    left_out: str
    empty: str = field(default="")


def show(digest: Digest, topic: Topic, note: str = "", language: str = "en") -> Shown:
    """The digest in words; times are of the topic's zone, which is named. `language` is the desk's."""
    zone = ZoneInfo(topic.timezone)
    day = date.fromisoformat(digest.day)
    return Shown(
        topic=_line(topic.name),
        day=f"{day.day} {day:%B %Y}",
        iso_day=digest.day,
        zone=zone_name(topic.timezone, day),
        totals=_totals(digest),
        corrects="" if digest.corrects is None else f"Corrected: this replaces version {digest.corrects} of this day.",
        note=tuple(line for paragraph in note.splitlines() if (line := _line(paragraph))),
        changed=changed(digest.items, digest.changes),
        corrections=tuple(_correction(each, zone) for each in digest.changes.corrections),
        items=tuple(_item(item, zone, language) for item in digest.items),
        ended=tuple(_line(each.headline) for each in digest.changes.ended),
        left_out=_left_out(digest),
        empty="" if digest.items else nothing(digest),
    )


def _correction(each: Correction, zone: ZoneInfo) -> ShownCorrection:
    return ShownCorrection(
        article=link(each.title, each.url),
        outlet=_line(each.outlet),
        when=moment(each.at, zone),
        was=_line(each.was),
        now=_line(each.now),
        old_copies=tuple(link(copy.outlet, copy.url) for copy in each.copies),
    )


def zone_name(timezone: str, day: date) -> str:
    """A zone with its distance from UTC at the noon of a day: ``Asia/Pyongyang, UTC+09:00``."""
    offset = f"{datetime.combine(day, time(12), ZoneInfo(timezone)):%z}"
    return timezone if timezone == "UTC" else f"{timezone}, UTC{offset[:3]}:{offset[3:5]}"


def moment(at: datetime, zone: ZoneInfo, known: Precision | None = None) -> str:
    """A publication: its hour in the zone, or where only its day is known, the day and that."""
    if precision(at, stated=known) == "day":
        return f"{at:%d %b}, hour unknown"
    return at.astimezone(zone).strftime("%d %b %H:%M")


def changed(items: tuple[DigestItem, ...], changes: Changes) -> str:
    """What changed since the published digest before, in a sentence; empty where there is nothing to say."""
    if changes.since is None:
        return "No digest of an earlier day was published, so that every story is new." if items else ""
    counts = [
        _count(sum(item.status == status for item in items), one, many)
        for status, one, many in (
            ("new", "story is new", "stories are new"),
            ("grown", "has grown", "have grown"),
            ("corrected", "was corrected", "were corrected"),
            ("continuing", "goes on", "go on"),
        )
    ]
    counts.append(_count(len(changes.ended), "has ended", "have ended"))
    day = date.fromisoformat(changes.since.day)
    said = [count for count in counts if count]
    rest = ", ".join(said[:-1]) + (" and " if said[1:] else "") + said[-1] if said else "nothing changed"
    return f"Since the digest of {day.day} {day:%B %Y}: {rest}."


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}" if number else ""


def _totals(digest: Digest) -> str:
    stories = "1 story" if len(digest.items) == 1 else f"{len(digest.items)} stories"
    articles = "1 article" if digest.articles_seen == 1 else f"{digest.articles_seen} articles"
    outlets = "1 outlet" if digest.outlets_seen == 1 else f"{digest.outlets_seen} outlets"
    return f"{stories} from {articles} at {outlets}"


def _left_out(digest: Digest) -> str:
    smaller = [drop for drop in digest.dropped if drop.actor == "pipeline"]
    if not smaller:
        return ""
    stories = "1 smaller story" if len(smaller) == 1 else f"{len(smaller)} smaller stories"
    return f"Left out: {stories} ({_line(smaller[0].reason)})."


def nothing(digest: Digest) -> str:
    """Why a digest has no story, in a sentence."""
    left = sum(drop.actor != "pipeline" for drop in digest.dropped)
    if not left:
        return EMPTY
    if left == 1:
        return "The one story of this day was left out in review."
    return f"All stories of this day were left out in review: {left}."


def _item(item: DigestItem, zone: ZoneInfo, language: str) -> ShownItem:
    details = item.details
    own = item.articles[0].language if item.headline == item.articles[0].title else None
    foreign = primary(own) not in (None, language)
    gloss = details.gloss if details.gloss and details.gloss.of == item.headline else None
    unedited = item.summary == summaries.joined(sentence.text for sentence in details.sentences)
    outlets = "1 outlet" if item.outlets == 1 else f"{item.outlets} outlets"
    return ShownItem(
        story_id=item.story_id,
        rank=item.rank,
        headline=_line(item.headline),
        language=primary(own) or "",
        language_name=(language_name(own) or "") if foreign else "",
        gloss=_line(gloss.text) if gloss else "",
        glossed_by=_line(gloss.by) if gloss else "",
        status=item.status,
        grown=_quote(details.grown) if details.grown else None,
        summary=_line(item.summary),
        quotes=_quotes(details.sentences, details.grown) if unedited else (),
        first=_first(item, zone),
        counts=f"{outlets}, {item.independent} independent",
        spreads=spreads(item.articles),
        articles=tuple(_article(article, zone) for article in item.articles),
    )


def _quotes(sentences: Sequence[Cited], grown: Cited | None) -> tuple[Quote, ...]:
    """The sentences in a row, those of one article together; what is said to be new already is not said again."""
    told = [sentence for sentence in sentences if grown is None or sentence.text != grown.text] or list(sentences)
    runs = (list(run) for _, run in groupby(told, key=lambda sentence: sentence.article_id))
    return tuple(_quote(replace(run[0], text=summaries.joined(each.text for each in run))) for run in runs)


def _quote(cited: Cited) -> Quote:
    return Quote(_line(cited.text), link(cited.outlet, cited.url), primary(cited.language) or "")


def _first(item: DigestItem, zone: ZoneInfo) -> str:
    first = item.details.first
    if first is None:
        return ""
    label = "First known hour" if first.bare and first.published_precision == "instant" else "First"
    return f"{label}: {_line(first.outlet)}, {moment(first.published, zone, first.published_precision)}"


def _article(article: StoryArticle, zone: ZoneInfo) -> ShownArticle:
    marks = [mark for mark in (article.country, article.language, article.ownership) if mark]
    if article.copy_of is not None:
        marks.append("copy")
    title = link(article.title, article.url, primary(article.language) or "")
    return ShownArticle(
        title,
        _line(article.outlet),
        _line(", ".join(marks)),
        moment(article.published, zone, article.published_precision),
    )


def link(text: str, url: str, language: str = "") -> Link:
    """A link that leads to a web address or nowhere, without the marks by which outlets follow their readers."""
    address = urls.canonical(storable(url))
    try:
        is_web = urlsplit(address).scheme in ("http", "https")
    except ValueError:
        is_web = False
    return Link(_line(text), quote(address, safe="%/:=&?~#+!$,;'@()*[]") if is_web else "", language)


def _line(text: str) -> str:
    return line(text)
