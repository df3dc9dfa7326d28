"""A feed's bytes to its entries: RSS 0.9x/1.0/2.0, Atom 0.3/1.0 by feedparser, JSON Feed and sitemaps beside it (pure).

decode -> what is it? -> refuse what is built to exhaust -> read -> decide each entry -> tell entries apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from pipeline import urls
from pipeline.errors import ItemError
from pipeline.feeds import elements, links, shared_links
from pipeline.feeds import hints as feed_hints
from pipeline.feeds import json_feed as feed_json
from pipeline.feeds import sitemap as feed_sitemap
from pipeline.feeds.entries import RawEntry, build, distinct, names
from pipeline.feeds.guard import refuse_hostile, with_sound_entities, without_bad_references
from pipeline.feeds.markup import one_line, plain_text
from pipeline.models import FeedEntry, ParsedFeed
from pipeline.text import characters, tags
from pipeline.text.characters import storable
from pipeline.text.charset import decode

MAX_ENTRIES = 20_000
"""Entries read of one document; the largest real feed seen holds about 2,000."""

_FORMATS = {"rss20": "rss2", "rss10": "rss1", "rss090": "rss1", "json1": "json", "json11": "json", "cdf": "rss0"}
_SPACE = re.compile(r"\s*")
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*(?:\[[^\]]*\][^\[>]*)?>", re.IGNORECASE)
_ROOT = re.compile(r"<(?:(?P<prefix>[A-Za-z_][\w.-]*):)?(?P<name>[A-Za-z_][\w.-]*)")
_WRAPPED_SITEMAP = re.compile(r"<(?:\w+:)?(?:urlset|sitemapindex)[\s>]", re.IGNORECASE)
_WRAPPED_WITHIN = 2_000  # characters in which a sitemap's list begins that another element stands around
_LATE_START = re.compile(r"<\?xml\b|<rss\b|<feed\b|<rdf:RDF\b", re.IGNORECASE)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*?\?>", re.IGNORECASE)
_MARKUP_BEFORE = re.compile(r"<(?:html|body|head|rss|feed|channel|item|entry|\?xml)\b", re.IGNORECASE)
_CHANNEL_LINK = re.compile(r"<link>\s*(?:<!\[CDATA\[)?([^<\]]+)", re.IGNORECASE)
_TITLE = re.compile(r"<title[^<>]*>([^<]{0,500})", re.IGNORECASE)
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg)(?:[?#]|$)", re.IGNORECASE)
_TEXT_TYPES = frozenset({"text/plain"})


def parse(body: bytes, url: str, content_type: str | None, now: datetime) -> ParsedFeed:
    """Read one feed document.

    `url` is where it came from, after redirects: relative links are resolved against it where the document names no
    base of its own. `content_type` is the header as served. `now` (aware) judges dates. Raises `ItemError` with
    reason ``empty-body``, ``html-page``, ``not-a-feed``, ``sitemap-index``, ``too-complex`` or ``malformed`` and a
    line that says what was found; nothing else.
    """
    if not body.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise ItemError("empty-body", "the server answered with nothing in it", url=url)
    decoded = decode(body, content_type, "xml")
    text = decoded.text.lstrip("\ufeff")
    problems = ["charset-mended"] if not decoded.sound else []
    if storable(text) != text:
        text = storable(text)
        problems.append("control-characters")
    if text.lstrip()[:1] in ("{", "["):
        return _with(feed_json.parse(text, url, now), problems)
    text, kind = _recognised(text, url, problems)
    refuse_hostile(text, url)
    if kind == "sitemap":
        return _with(feed_sitemap.parse(text, url, now), problems)
    return _with(_xml(text, url, now, kind), problems)


def _with(feed: ParsedFeed, problems: list[str]) -> ParsedFeed:
    entries = shared_links.apart(feed.entries)
    return replace(feed, title=characters.name(feed.title), entries=entries, problems=(*problems, *feed.problems))


def _recognised(text: str, url: str, problems: list[str]) -> tuple[str, str]:
    """The document without what servers print before it, and its kind; raises for what is no feed."""
    start = _LATE_START.search(text[:20_000])
    before = text[: start.start()].strip() if start else ""
    if start and before and _after_prologue(before) < len(before) and not _MARKUP_BEFORE.search(before):
        text = text[start.start() :]
        problems.append("junk-before-feed")
    text = text.lstrip()
    head = text[:200_000]
    root = _ROOT.match(head, _after_prologue(head))
    name = root["name"].lower() if root else ""
    known = name in ("rss", "feed", "rdf", "channel", "item", "entry", "html", "head", "body", "opml")
    if name in ("urlset", "sitemapindex") or (not known and _WRAPPED_SITEMAP.search(head[:_WRAPPED_WITHIN])):
        return text, "sitemap"
    if name in ("rss", "feed", "rdf", "channel", "item", "entry"):
        return text, "feed"
    if name in ("html", "head", "body") or re.match(r"\s*<!doctype\s+html", head, re.IGNORECASE):
        title = _TITLE.search(head)
        called = f" titled {one_line(title[1])[:80]!r}" if title else ""
        raise ItemError("html-page", f"the address answers with an HTML page{called}; look for its feed", url=url)
    if name == "opml":
        raise ItemError("not-a-feed", "this is an OPML list of feeds; import it with `wirewatch feeds import`", url=url)
    return text, "unknown"


def _after_prologue(text: str) -> int:
    """Where the first thing stands that is no white space, instruction, comment or document type."""
    position = 0
    while True:
        position = _SPACE.match(text, position).end()  # type: ignore[union-attr]  # it matches the empty string
        if text.startswith("<!--", position):
            end = text.find("-->", position) + 3
        elif text.startswith("<?", position):
            end = text.find("?>", position) + 2
        else:
            doctype = _DOCTYPE.match(text, position)
            end = doctype.end() if doctype else 0
        if end <= position:
            return position
        position = end


# --- feedparser ---------------------------------------------------------------------------------------------


def _xml(text: str, url: str, now: datetime, root: str) -> ParsedFeed:
    problems = []
    base = _base(text, url)
    mended = with_sound_entities(text)
    if mended != text:
        problems.append("ill-formed")
    document = _read(mended, base, url)
    head, found = document.head, document.entries
    if not document.version and not found and (root == "unknown" or not head):
        raise ItemError("not-a-feed", f"no feed in it; it begins {storable(text[:60])!r}", url=url)
    if document.broken and "ill-formed" not in problems:
        problems.append("ill-formed")
    if len(found) > MAX_ENTRIES:
        found = found[:MAX_ENTRIES]
        problems.append("too-many-entries")
    kind = _kind(document.version)
    language = tags.tidy(head.get("language"))
    hints = feed_hints.hints(text, head, url)
    home = _home(head, base, kind == "atom")
    itself = {urls.identity(one) for one in (url, hints.self_url) if one}
    around = links.Around([one for one in (home,) if one], itself, kind == "atom", language)
    raws = [_raw(entry, base, kind, around) for entry in found]
    feed_author = names(_people(head))
    entries = distinct([build(raw, i, now, language) for i, raw in enumerate(raws)])
    if len(entries) < len(raws):
        problems.append("repeated-entry")
    title_detail = head.get("title_detail") or {}
    return ParsedFeed(
        format=kind,
        title=one_line(str(head.get("title") or ""), literal=_is_text(title_detail, kind)),
        home_url=home,
        language=language,
        entries=_with_feed_author(entries, feed_author, kind),
        ttl=hints.ttl,
        update_period=hints.update_period,
        skip_hours=hints.skip_hours,
        skip_days=hints.skip_days,
        hub_url=hints.hub_url,
        self_url=hints.self_url,
        new_url=hints.new_url,
        problems=tuple(problems),
    )


def _base(text: str, url: str) -> str:
    """What relative links of a document without ``xml:base`` mean: its address, but of RSS that a host serves for
    another site (or that came from a file), the channel's own link, which is where its publisher's links lead."""
    channel = _CHANNEL_LINK.search(text[:20_000].partition("<item")[0])
    home = links.resolve(None, plain_text(channel[1])) if channel else None
    return home if home and urls.host(home) != urls.host(url) else url


def _kind(version: str) -> str:
    """The format by feedparser's name of it."""
    return _FORMATS.get(version) or ("atom" if version.startswith("atom") else "rss0" if version[3:] else "rss2")


def _read(text: str, base: str, url: str) -> elements.Document:
    """The document's elements; read once more without its bad references where that fails."""
    for attempt in (text, without_bad_references(text)):
        try:
            return elements.read(_DECLARATION.sub("", attempt, count=1), base)
        except Exception as error:  # hostile input finds some in feedparser; the second reading is milder
            failure = error
    raise ItemError("malformed", f"feedparser cannot read it: {type(failure).__name__}", url=url) from failure


def _value(entry: Mapping[str, Any], key: str) -> Any:
    """A key feedparser stored itself, without its deprecated aliases (`updated` answering with `published`)."""
    return dict.get(entry, key) if isinstance(entry, dict) else None


def _raw(entry: Mapping[str, Any], base: str, kind: str, around: links.Around) -> RawEntry:
    contents = [c for c in _value(entry, "content") or [] if str(_value(c, "value") or "").strip()]
    best: Mapping[str, Any] = max(contents, key=lambda c: len(c["value"]), default={})
    content = str(_value(best, "value") or "")
    summary = str(_value(entry, "summary") or "") or ("" if content else _spoken(entry))
    detail = _value(entry, "summary_detail") or {}
    title_detail = _value(entry, "title_detail") or {}
    published, updated = _dates(entry, kind)
    source = _value(entry, "source") or {}
    language = next((_value(d, "language") for d in (best, detail, title_detail) if _value(d, "language")), None)
    around = replace(around, language=tags.tidy(language) or around.language)
    entry_base = str(_value(entry, "base") or base)
    link = _link(entry, around)
    return RawEntry(
        guid=str(_value(entry, "id") or "") or None,
        link=link,
        other_link=None if link else links.stand_in(_links(entry), around),
        title=str(_value(entry, "title") or ""),
        title_is_text=_is_text(title_detail, kind),
        summary=summary,
        summary_is_text=_is_text(detail, kind),
        content=content,
        content_is_text=_is_text(best, kind),
        authors=_people(entry),
        published=published,
        updated=updated,
        language=language,
        tags=[str(tag.get("label") or tag.get("term") or "") for tag in _value(entry, "tags") or []],
        image=_picture(entry),
        source_name=str(source.get("title") or "") or None,
        source_url=str(source.get("href") or "") or links.page(_links(source), replace(around, itself=())),
        base=entry_base,
        summary_base=str(_value(detail, "base") or entry_base),
        content_base=str(_value(best, "base") or entry_base),
        guid_is_link=bool(_value(entry, "guidislink")),
    )


def _is_text(detail: Mapping[str, Any], kind: str) -> bool:
    """Whether a value is literal text. Only Atom says so reliably; RSS that calls itself text holds markup anyway."""
    return kind == "atom" and _value(detail, "type") in _TEXT_TYPES


def _dates(entry: Mapping[str, Any], kind: str) -> tuple[str | None, str | None]:
    """The strings of publication and update; RSS's ``dc:date`` is publication, which feedparser files as update."""
    published = _value(entry, "published") or _value(entry, "created")
    updated = _value(entry, "updated")
    if kind != "atom" and not published:
        return (str(updated), None) if updated else (None, None)
    return (str(published) if published else None, str(updated) if updated else None)


def _link(entry: Mapping[str, Any], around: links.Around) -> str | None:
    """FeedBurner's original link, else the page that the entry's links name; as written where that is no address."""
    original = _value(entry, "feedburner_origlink")
    if original and (found := urls.resolve(None, str(original))):
        return found
    named = _links(entry)
    return links.page(named, around) or next((link["href"] for link in named if link.get("text")), None)


def _links(holder: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The link elements; feedparser files enclosures and licences with them."""
    return [link for link in _value(holder, "links") or [] if "foreign" in link]


def _spoken(entry: Mapping[str, Any]) -> str:
    """What a film or recording says of itself, where the entry says nothing else; of a picture it is the caption."""
    media = _value(entry, "media_content") or []
    return "" if any(_is_picture(medium) for medium in media) else str(_value(entry, "media_text") or "")


def _is_picture(medium: Mapping[str, Any]) -> bool:
    kind = str(medium.get("type") or medium.get("medium") or "")
    return kind.startswith("image") if kind else bool(_PICTURE_FILE.search(str(medium.get("url") or "")))


def _people(holder: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of authors; an address stands in only where there is no name."""
    people = _value(holder, "authors") or []
    names = [str(person.get("name") or "") for person in people if isinstance(person, Mapping)]
    names = [name for name in names if name.strip()]
    if not names and (author := _value(holder, "author")):
        names = [str(author)]
    return tuple(names)


def _with_feed_author(entries: tuple[FeedEntry, ...], authors: tuple[str, ...], kind: str) -> tuple[FeedEntry, ...]:
    """Atom (RFC 4287, 4.2.1): an entry without an author has the feed's. An RSS managing editor wrote nothing."""
    if kind != "atom" or not authors:
        return entries
    return tuple(entry if entry.authors else replace(entry, authors=authors) for entry in entries)


def _picture(entry: Mapping[str, Any]) -> str | None:
    for key in ("media_content", "media_thumbnail"):
        for medium in _value(entry, key) or []:
            kind = str(medium.get("type") or medium.get("medium") or "image")
            if medium.get("url") and kind.startswith("image"):
                return str(medium["url"])
    for link in _value(entry, "links") or []:
        if link.get("rel") == "enclosure" and str(link.get("type") or "").startswith("image") and link.get("href"):
            return str(link["href"])
    image = _value(entry, "image") or {}
    return str(image["href"]) if isinstance(image, Mapping) and image.get("href") else None


def _home(head: Mapping[str, Any], base: str, atom: bool) -> str | None:
    named = _links(head)
    odd = [link for link in named if not (link["text"] or link["named"] or link["foreign"])]
    written = [*([] if atom else odd), *(link for link in named if link["text"])]
    alternates = [link for link in named if link.get("rel") == "alternate" and not link.get("text")]
    for link in [*written, *alternates]:
        # feedparser's loose parser leaves "&amp" of an escaped ampersand in a channel's link
        if found := links.resolve(link["base"] or base, link["href"].replace("&amp", "&")):
            return found
    return None


# --- out ------------------------------------------------------------------------------------------------------


def to_json(entry: FeedEntry, feed: str) -> dict[str, Any]:
    """One output line of ``wirewatch parse-feed``: the entry's fields, times in ISO 8601, and `feed` first."""
    fields = asdict(entry)
    del fields["stated_precision"]
    values: dict[str, Any] = {"feed": feed, **fields, "published_precision": entry.published_precision}
    for key, value in values.items():
        if isinstance(value, datetime):
            values[key] = value.isoformat()
        elif isinstance(value, tuple):
            values[key] = list(value)
    return values
