"""JSON Feed 1 and 1.1 (https://www.jsonfeed.org/version/1.1/), read as leniently as its publishers write it (pure)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline import urls
from pipeline.errors import ItemError
from pipeline.feeds.entries import RawEntry, build, distinct
from pipeline.feeds.markup import one_line
from pipeline.models import ParsedFeed
from pipeline.text import tags

_VERSION = "jsonfeed.org/version"
_MAX_DEPTH = 60  # levels of nesting; JSON Feed with extensions needs about six


def parse(text: str, url: str, now: datetime) -> ParsedFeed:
    """Read a JSON Feed. Raises `ItemError` (``not-a-feed``) for other JSON and for what is no JSON."""
    document = _load(text, url)
    version = _string(document.get("version"))
    items = _items(document, version)
    if items is None:
        raise ItemError(
            "not-a-feed", "the address answers with JSON that has no list of items; look for its feed", url=url
        )
    home = urls.resolve(url, _string(document.get("home_page_url")))
    language = tags.tidy(_string(document.get("language")))
    authors = _authors(document)
    raws = [_raw(item, url, authors) for item in items if isinstance(item, Mapping)]
    entries = distinct([build(raw, i, now, language) for i, raw in enumerate(raws)])
    problems = [] if f"{_VERSION}/1" in version else ["no-version"]
    problems += ["bad-item"] if len(raws) < len(items) else []
    problems += ["repeated-entry"] if len(entries) < len(raws) else []
    hubs = [hub for hub in _list(document.get("hubs")) if isinstance(hub, Mapping)]
    return ParsedFeed(
        format="json",
        title=one_line(_string(document.get("title")), literal=True),
        home_url=home,
        language=language,
        entries=entries,
        hub_url=next((found for hub in hubs if (found := urls.resolve(url, _string(hub.get("url"))))), None),
        self_url=urls.resolve(url, _string(document.get("feed_url"))),
        problems=tuple(problems),
    )


def _items(document: Mapping[str, Any], version: str) -> list[Any] | None:
    """The list of items; that of a feed which has none may be absent, null or an object, in which numbers are names."""
    items = document.get("items")
    if isinstance(items, list):
        return items
    if _VERSION not in version.lower():
        return None
    return list(items.values()) if isinstance(items, Mapping) else []


def _load(text: str, url: str) -> Mapping[str, Any]:
    try:
        if _depth(text) > _MAX_DEPTH:
            raise ItemError("too-complex", f"JSON nested deeper than {_MAX_DEPTH} levels is refused", url=url)
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise ItemError("not-a-feed", f"JSON that does not parse: {str(error)[:120]}", url=url) from None
    if not isinstance(document, Mapping):
        raise ItemError("not-a-feed", "JSON, but not an object; a JSON Feed is one", url=url)
    return document


def _depth(text: str) -> int:
    """The deepest nesting by brackets outside strings."""
    depth = deepest = 0
    quoted = escaped = False
    if text.count("[") + text.count("{") <= _MAX_DEPTH:
        return 0
    for char in text:
        if quoted:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                quoted = False
        elif char == '"':
            quoted = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > _MAX_DEPTH:
                break
        elif char in "]}":
            depth -= 1
    return deepest


def _raw(item: Mapping[str, Any], url: str, feed_authors: tuple[str, ...]) -> RawEntry:
    markup, words = _string(item.get("content_html")), _string(item.get("content_text"))
    link = _string(item.get("url")) or _string(item.get("external_url"))
    return RawEntry(
        guid=_string(item.get("id")) or None,
        link=link or None,
        title=_string(item.get("title")),
        title_is_text=True,
        summary=_string(item.get("summary")),
        summary_is_text=True,
        content=markup or words,
        content_is_text=not markup,
        authors=_authors(item) or feed_authors,
        published=_string(item.get("date_published")) or None,
        updated=_string(item.get("date_modified")) or None,
        language=_string(item.get("language")) or None,
        tags=[_string(tag) for tag in _list(item.get("tags"))],
        image=_string(item.get("image")) or _string(item.get("banner_image")) or None,
        base=url,
    )


def _authors(holder: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of 1.1's ``authors``, else of 1.0's ``author``; some publishers give a string."""
    listed = _list(holder.get("authors")) or _list(holder.get("author"))
    names = [_string(one.get("name")) if isinstance(one, Mapping) else _string(one) for one in listed]
    return tuple(name for name in names if name)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _string(value: Any) -> str:
    """A string out of what should be one: numbers as they read, everything else empty."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
