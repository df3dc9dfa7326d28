"""What every feed format shares once read: building an entry, telling entries of one document apart (pure)."""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline import urls
from pipeline.feeds import dates as feed_dates
from pipeline.feeds import links
from pipeline.feeds.markup import (
    MAX_MARKUP,
    absolute_links,
    first_image,
    is_escaped_markup,
    is_markup,
    one_line,
    plain_text,
)
from pipeline.models import FeedEntry
from pipeline.text import characters, tags
from pipeline.text.characters import storable

MAX_KEY = 500
"""Characters of an entry's key; Postgres cannot index values beyond about 2,700 bytes."""
_MAX_GUID = 1_000  # characters of an id that are kept; the key is made of the whole
_MAX_NAMES = 30  # authors or tags kept of one entry; more is a keyword dump


@dataclass(frozen=True, slots=True)
class RawEntry:
    """An entry as its format gives it, before anything is decided.

    Links are as written; `other_link` stands in where neither link nor id is an address. `base` resolves them, and the
    bases of summary and content, where they have their own, those in their markup.
    """

    guid: str | None = None
    link: str | None = None
    other_link: str | None = None
    title: str = ""
    title_is_text: bool = False
    summary: str = ""
    summary_is_text: bool = False
    content: str = ""
    content_is_text: bool = False
    authors: Sequence[str] = ()
    published: str | None = None
    updated: str | None = None
    language: str | None = None
    tags: Sequence[str] = ()
    image: str | None = None
    source_name: str | None = None
    source_url: str | None = None
    base: str | None = None
    summary_base: str | None = None
    content_base: str | None = None
    guid_is_link: bool = False
    problems: Sequence[str] = ()


def build(raw: RawEntry, position: int, now: datetime, language: str | None) -> FeedEntry:
    """Decide an entry's address, text, date and key; see `FeedEntry` for the codes in `problems`."""
    raw = _looked_at(raw)
    problems = list(raw.problems)
    guid = storable(raw.guid or "").strip() or None
    url = _address(raw, guid, problems)
    canonical = urls.canonical(url) if url else None
    if canonical and (reason := urls.needs_redirect(canonical)):
        problems.append(f"needs-redirect:{reason}")
    spoken = tags.tidy(raw.language) or language
    title = characters.title(one_line(raw.title, literal=raw.title_is_text))
    text = _text(raw)
    dates = feed_dates.decide(raw.published, raw.updated, canonical, now, spoken)
    problems.extend(dates.problems)
    problems.extend(
        code
        for code, lacking in (
            ("no-id", guid is None),
            ("no-title", not title),
            ("no-text", not text),
            ("no-link", not url),
        )
        if lacking
    )
    summary = _markup(raw.summary, raw.summary_is_text, raw.summary_base or raw.base)
    content = _markup(raw.content, raw.content_is_text, raw.content_base or raw.base)
    image = urls.resolve(raw.base, raw.image or first_image(content or summary))
    return FeedEntry(
        key=_key(guid, canonical, title, text),
        guid=guid[:_MAX_GUID] if guid else None,
        url=url,
        canonical_url=canonical,
        title=title,
        summary_html=summary,
        content_html=content,
        text=text,
        authors=names(raw.authors),
        published=dates.published,
        updated=dates.updated,
        published_rule=dates.rule,
        stated_precision=dates.precision,
        language=spoken,
        tags=names(raw.tags),
        image=image,
        source_name=characters.name(one_line(raw.source_name or "")) or None,
        source_url=urls.resolve(raw.base, raw.source_url),
        position=position,
        problems=tuple(dict.fromkeys(problems)),
    )


def _looked_at(raw: RawEntry) -> RawEntry:
    """The entry with markup taken for markup where it is declared plain text: no reader shows its tags."""
    return replace(
        raw,
        title_is_text=raw.title_is_text and not is_markup(raw.title),
        summary_is_text=raw.summary_is_text and not (is_markup(raw.summary) or is_escaped_markup(raw.summary)),
        content_is_text=raw.content_is_text and not (is_markup(raw.content) or is_escaped_markup(raw.content)),
    )


def _address(raw: RawEntry, guid: str | None, problems: list[str]) -> str | None:
    url = links.resolve(raw.base, raw.link)
    if url is None and guid and (url := _address_of_id(raw, guid)):
        problems.append("link-from-id")
    if url is None:
        url = raw.other_link
    if url is None and raw.link:
        problems.append("bad-link")
    if url and urls.too_long(urls.canonical(url)):
        problems.append("bad-link")
        return None
    return url


def _address_of_id(raw: RawEntry, guid: str) -> str | None:
    """The address that an id is. Most are names and lead nowhere, so it has to look like one of its own accord."""
    if guid.lower().startswith(("http://", "https://")):
        return urls.resolve(None, guid)
    if not raw.guid_is_link or " " in guid or "/" not in guid:
        return None
    return links.resolve(raw.base, guid) if guid.startswith("/") else links.resolve(None, guid, [raw.base or ""])


def _text(raw: RawEntry) -> str:
    """The fuller of content and summary; a photograph's caption sometimes stands where the content should."""
    content = characters.prose(plain_text(raw.content, literal=raw.content_is_text))
    if raw.content == raw.summary:
        return content
    summary = characters.prose(plain_text(raw.summary, literal=raw.summary_is_text))
    return content if len(content) >= len(summary) else summary


def _markup(markup: str, is_text: bool, base: str | None) -> str:
    markup = markup[:MAX_MARKUP]
    return storable(markup) if is_text else storable(absolute_links(markup, base))


def names(values: Iterable[str]) -> tuple[str, ...]:
    """Names of people or subjects as one line each, each once; the first of a dump of them."""
    first = itertools.islice(values, 20 * _MAX_NAMES)
    found = dict.fromkeys(name for value in first if (name := characters.name(one_line(value))))
    return tuple(found)[:_MAX_NAMES]


# --- identity ---------------------------------------------------------------------------------------------


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:20]


def _key(guid: str | None, canonical: str | None, title: str, text: str) -> str:
    """The id, else the canonical URL, else a hash of title and text. Dates never enter: feeds change them."""
    key = guid or canonical or "hash:" + _digest(title, text)
    return key if len(key) <= MAX_KEY else f"{key[: MAX_KEY - 21]}#{_digest(key)}"


def distinct(entries: Sequence[FeedEntry]) -> tuple[FeedEntry, ...]:
    """Entries with keys that tell them apart.

    Where one id stands on different links, they are different articles of a feed whose ids cannot be trusted: each
    key gains a mark of its link, not of its place, so that it stays when the list moves on. Where the link is the
    same too, the first keeps the key and the others gain a mark of their title (``duplicate-id``; without an id
    ``duplicate-link``). An entry that repeats another in every word is left out; `repeats` counts those.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for index, entry in enumerate(entries):
        groups[_spelling(entry)].append(index)
    changed: dict[int, FeedEntry | None] = {}
    for indices in groups.values():
        if len(indices) > 1:
            changed |= _marked({i: entries[i] for i in indices})
    return tuple(kept for i, entry in enumerate(entries) if (kept := changed.get(i, entry)) is not None)


def _spelling(entry: FeedEntry) -> str:
    """An entry's key without the spelling of its address, where that is its key; a fragment in an id tells apart."""
    if not (entry.title or entry.text):
        return entry.key  # nothing to be repeated
    may_be_one = entry.key.startswith(("http://", "https://")) and "#" not in entry.key
    address = urls.resolve(None, entry.key) if may_be_one else None
    return urls.identity(address) if address else entry.key


def _marked(group: Mapping[int, FeedEntry]) -> dict[int, FeedEntry | None]:
    links = {urls.identity(e.canonical_url) for e in group.values() if e.canonical_url}
    result: dict[int, FeedEntry | None] = {}
    seen: set[tuple[str, str, str]] = set()
    used: set[str] = set()
    for index, entry in group.items():
        link = urls.identity(entry.canonical_url) if entry.canonical_url else ""
        words = (link, entry.title, entry.text)
        if words in seen:
            result[index] = None
            continue
        seen.add(words)
        key = f"{entry.key[: MAX_KEY - 42]}#{_digest(link)}" if len(links) > 1 else entry.key
        if key in used:
            key = f"{key[: MAX_KEY - 21]}#{_digest(entry.title, entry.text)}"
        used.add(key)
        code = "duplicate-id" if entry.guid else "duplicate-link"
        result[index] = replace(entry, key=key, problems=(*entry.problems, code))
    if sum(1 for kept in result.values() if kept is not None) == 1:  # repeats only: nothing to tell apart
        first = next(iter(group))
        result[first] = group[first]
    return result
