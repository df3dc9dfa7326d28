"""A feed as it stood at a moment, in the outlet's format and with its quirks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from typing import Any

from jinja2 import Environment

from recording import copies
from recording.pages import CHARSET_ERRORS, blocks_html
from recording.slots import Outlet
from recording.timeline import Page, Version, chance, feed_captures, local

_SOURCE_FEEDS = {"halcyon": "https://www.halcyonwire.example/feeds/world.atom",
                 "lemanique": "https://www.agence-lemanique.example/flux/monde.xml"}


@dataclass(frozen=True, slots=True)
class Entry:
    """What a template needs of one entry; dates are ready to print, None where the feed gives none."""

    id: str | None
    link: str
    title: str
    summary: str
    html: str
    author: str
    section: str
    lang: str
    published: datetime | None
    updated: datetime | None
    source_name: str
    source_feed: str

    @property
    def rfc822(self) -> str | None:
        return format_datetime(self.published) if self.published else None


def render(env: Environment, outlet: Outlet, pages: Sequence[Page], now: datetime) -> bytes:
    """The bytes of the feed of `outlet` at `now`: newest first, limited to its usual length."""
    entries = [_entry(page, version, now) for page, version in _listed(outlet, pages, now)]
    changed = max((e.updated or e.published for e in entries if e.updated or e.published), default=None)
    if outlet.feed_format == "json":
        return json.dumps(_json_feed(outlet, entries), ensure_ascii=False, indent=1).encode()
    text = env.get_template(f"feed_{outlet.feed_format}.xml").render(
        outlet=outlet, entries=entries, changed=changed, charset=outlet.feed_charset,
        changed_rfc822=format_datetime(changed) if changed else None,
    )
    charset = "windows-1251" if "bad_charset" in outlet.quirks else outlet.feed_charset
    return text.encode(charset, CHARSET_ERRORS)


def tracked(outlet: Outlet, page: Page) -> str | None:
    """The page's address as the feed gives it, where the outlet hangs its campaign on it."""
    if "tracking_urls" not in outlet.quirks:
        return None
    joint = "&" if "?" in page.url else "?"
    medium = "rss" if chance(page.url) % 2 else "feed"
    return f"{page.url}{joint}utm_source={outlet.id}&utm_medium={medium}&utm_campaign=world"


def _listed(outlet: Outlet, pages: Sequence[Page], now: datetime) -> list[tuple[Page, Version]]:
    listed = [(page, version) for page in pages if (version := page.as_of(now)) and not _dropped(outlet, page, now)]
    newest_first = sorted(listed, key=lambda pair: (pair[0].published, pair[0].url), reverse=True)
    return newest_first[: outlet.limit]


def _dropped(outlet: Outlet, page: Page, now: datetime) -> bool:
    """Every other entry of a feed that drops items is away from its third capture on, for two captures."""
    if "drop_and_return" not in outlet.quirks or chance(page.url, "drop") % 2:
        return False
    since = [time for time in feed_captures(outlet) if time >= page.versions[0].seen]
    return now in since[2:4]


def _entry(page: Page, version: Version, now: datetime) -> Entry:
    outlet, text = page.outlet, version.slot.text
    live = version.slot.kind == "liveblog"
    published, updated = page.published, version.modified if version.modified > page.published else None
    if live and outlet.id == "thameside":
        published = version.modified
    if "changing_dates" in outlet.quirks:
        published += timedelta(minutes=45) * ((now - page.published) // timedelta(hours=4))
    full = outlet.full_text or version.slot.kind == "script_only"
    undated = "missing_dates" in outlet.quirks and (outlet.id != "maple" or page.number % 2 == 0)
    link = tracked(outlet, page) or (page.path if "relative_links" in outlet.quirks else page.url)
    summary = text.summary
    if live:
        latest = next(p for p in version.paragraphs if p.startswith("@ "))
        summary = f"{summary} Latest: {latest.split('Z ', 1)[1]}"
    by_agency = page.credit and chance(page.url, "source") % 2 == 0
    return Entry(
        id=None if "no_ids" in outlet.quirks else _id(page), link=link, title=text.title, summary=summary,
        html=blocks_html(version.paragraphs, version.slot.lang) if full else "",
        author=text.byline or page.credit, section=text.section, lang=version.slot.lang,
        published=None if undated else published, updated=None if undated else updated,
        source_name=copies.CREDIT[page.origin_outlet] if by_agency and page.origin_outlet else "",
        source_feed=_SOURCE_FEEDS[page.origin_outlet] if by_agency and page.origin_outlet else "",
    )


def _id(page: Page) -> str:
    outlet = page.outlet
    match chance(outlet.id, "id") % 3:
        case 0:
            return page.url
        case 1:
            return f"tag:{outlet.domain},2024:{page.slot.id.rsplit('-', 2)[1]}.{page.number}"
    return f"urn:{outlet.id}:{page.number}:{page.published:%d%H%M}"


def _json_feed(outlet: Outlet, entries: Sequence[Entry]) -> dict[str, Any]:
    items = []
    for entry in entries:
        item: dict[str, Any] = {"id": entry.id, "url": entry.link, "title": entry.title, "summary": entry.summary}
        item["content_html"] = entry.html or f"<p>{escape(entry.summary, quote=False)}</p>"
        if entry.published:
            item["date_published"] = local(outlet, entry.published).isoformat()
        if entry.updated:
            item["date_modified"] = local(outlet, entry.updated).isoformat()
        if entry.author:
            item["authors"] = [{"name": entry.author}]
        if entry.section:
            item["tags"] = [entry.section]
        items.append(item)
    return {
        "version": "https://jsonfeed.org/version/1.1", "title": outlet.name, "home_page_url": outlet.home + "/",
        "feed_url": outlet.feed_url, "language": outlet.language, "items": items,
    }
