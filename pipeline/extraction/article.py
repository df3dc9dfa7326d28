"""A fetched page -> `models.Article`: text by trafilatura, everything else weighed between page, address and feed.

The page is decoded and parsed once; text, titles, dates and names read the same tree. A page that holds no article,
or only its beginning, gives way to the feed's own text, and the article says so (`text_source`, `kind`, `problems`).
Each decision lives in its own module and names the rule it went by.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from lxml.html import HtmlElement

from pipeline import urls
from pipeline.errors import ItemError
from pipeline.extraction import addresses, authors, bylines, parsing, texts, titles, walls
from pipeline.extraction import dates as article_dates
from pipeline.extraction import facts as page_facts
from pipeline.extraction import kinds as page_kinds
from pipeline.extraction import leads as page_leads
from pipeline.extraction.facts import PageFacts, text_of
from pipeline.models import Article, FeedEntry
from pipeline.text import characters, charset, languages

# What these libraries complain about ends on the article's row as its reason; on stderr it would be noise.
for _name in ("trafilatura", "htmldate", "courlan", "charset_normalizer"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

_MIN_WORDS = 5  # the shortest flash of an agency; anything below is a caption or a button
_FEED_ARTICLE_WORDS = 80  # a feed's text from this length on is more than the usual summary of two or three sentences


def extract(
    body: bytes,
    url: str,
    *,
    content_type: str | None = None,
    fallback: FeedEntry | None = None,
    asked: str | None = None,
    now: datetime,
) -> Article:
    """The article on a page.

    `body` is the page as received and decompressed, `url` its final address, `asked` the one before redirects,
    `content_type` the response header, `fallback` the feed's entry for it, `now` the moment after which nothing can
    have been published. Where the page yields no article, or one about something else than the feed said, and the feed
    has text, that text stands in (`from_feed`).

    Raises `ItemError` where neither yields one: ``empty-body``, ``bad-address``, ``not-html``, ``consent-page``,
    ``blocked-page``, ``not-found-page``, ``closed-page``, ``notice-page``, ``home-page``, ``no-headline``,
    ``off-subject``, ``script-only``, ``no-text``, ``extract-failed``.
    """
    try:
        article = _from_page(Source(body, url, content_type, asked), fallback, now)
    except ItemError as error:
        if fallback is None or page_kinds.count_words(fallback.text) < _MIN_WORDS:
            raise
        return from_feed(fallback, error.reason, url=url, detail=error.detail)
    if fallback is not None and page_kinds.feed_has_more(article.text, fallback.text):
        return _clean(_with_feed_text(article, fallback))
    return _clean(article)


def _clean(article: Article) -> Article:
    """The article with what its rows can hold: every text of its kind, within its bounds."""
    return replace(
        article,
        title=characters.title(article.title),
        text=characters.prose(article.text),
        authors=tuple(filter(None, map(characters.name, article.authors))),
        section=characters.name(article.section or "") or None,
        site_name=characters.name(article.site_name or "") or None,
    )


def from_feed(entry: FeedEntry, reason: str, *, url: str | None = None, detail: str = "") -> Article:
    """The article as the feed gives it, for pages that could not be fetched or read.

    `reason` is the code of what kept the page away (``http-403``, ``script-only``) and leads `problems`; `detail` says
    it for people, `url` is the page's address where it is known better than the feed's. Raises `ItemError` with that
    reason where the feed has no text either.
    """
    address = url or entry.url or ""
    if page_kinds.count_words(entry.text) < _MIN_WORDS:
        raise ItemError(reason, "the page gave no article and the feed has no text", url=address)
    language, language_rule = languages.choose(entry.text, (), entry.language)
    names = authors.clean(entry.authors, authors.outlet_keys(filter(None, (entry.source_name, urls.host(address)))))
    whole = page_kinds.count_words(entry.text) >= _FEED_ARTICLE_WORDS and not page_kinds.cut_off(entry.text)
    made = Article(
        url=address,
        canonical_url=entry.canonical_url or urls.canonical(address),
        title=entry.title,
        text=entry.text,
        authors=names,
        author_rule="feed" if names else "missing",
        published=entry.published,
        published_rule="feed" if entry.published else "missing",
        stated_precision=entry.published_precision,
        language=language,
        language_rule=language_rule,
        section=entry.tags[0] if entry.tags else None,
        image=entry.image,
        site_name=entry.source_name,
        text_source="feed",
        kind=_kind(entry.title, whole=whole),
        problems=(reason,),
        text_detail=detail or None,
    )
    return _clean(made)


def _kind(title: str, *, whole: bool) -> str:
    return "roundup" if page_kinds.round_up(title) else "article" if whole else "teaser"


def to_json(result: Article | ItemError) -> dict[str, Any]:
    """One line of ``wirewatch extract``: the article, or ``url`` and ``error`` (its reason code) with a ``detail``."""
    if isinstance(result, ItemError):
        return {"url": result.url, "error": result.reason, "detail": result.detail}
    return {
        "url": result.url,
        "canonical_url": result.canonical_url,
        "title": result.title,
        "authors": list(result.authors),
        "published": _local(result),
        "language": result.language,
        "text": result.text,
        "section": result.section,
        "image": result.image,
        "site_name": result.site_name,
        "kind": result.kind,
        "text_source": result.text_source,
        "published_rule": result.published_rule,
        "published_precision": result.published_precision,
        "author_rule": result.author_rule,
        "language_rule": result.language_rule,
        "origin_url": result.origin_url,
        "problems": list(result.problems),
    }


def _local(article: Article) -> str | None:
    """The publication time in ISO 8601, on the newsroom's own clock where the page told it, else in UTC."""
    if article.published is None:
        return None
    zone = timezone(timedelta(minutes=article.published_offset)) if article.published_offset else UTC
    return article.published.astimezone(zone).isoformat()


@dataclass(frozen=True, slots=True)
class Source:
    """What the server sent: the arguments of `extract` that are about the answer."""

    body: bytes
    url: str
    content_type: str | None
    asked: str | None


def _from_page(source: Source, fallback: FeedEntry | None, now: datetime) -> Article:
    body, url, content_type = source.body, source.url, source.content_type
    if not body.strip():
        raise ItemError("empty-body", "the server sent no content", url=url)
    if urls.too_long(urls.canonical(url)):
        raise ItemError("bad-address", f"the address has more than {urls.MAX_LENGTH} bytes", url=url)
    wrong = page_kinds.not_html(body, content_type)
    if wrong is not None:
        raise ItemError("not-html", wrong, url=url)
    decoded = charset.decode(body, content_type, "html", fallback.language if fallback else None)
    tree = texts.guarded(parsing.page, decoded.text, page=url)
    if tree is None:
        raise ItemError("not-html", "the HTML parser found no document", url=url)
    facts = page_facts.read(tree)
    title = titles.choose(facts, urls.host(url).removeprefix("www."), fallback.title if fallback else "")
    found = texts.find(tree, facts, title, url)
    seen = walls.Seen(facts, tree, url, decoded.text, found.text, fallback, source.asked)
    obstacle = walls.obstacle(seen)
    if obstacle is not None:
        raise ItemError(obstacle[0], obstacle[1], url=url)
    if page_kinds.count_words(found.text) < _MIN_WORDS:
        raise ItemError("no-text", "no article text was found on the page", url=url)
    return replace(_assemble(tree, facts, title, found, url, decoded, fallback, now), agreement=seen.agreement)


def _assemble(
    tree: HtmlElement,
    facts: PageFacts,
    title: str,
    found: texts.Found,
    url: str,
    decoded: charset.Decoded,
    fallback: FeedEntry | None,
    now: datetime,
) -> Article:
    """Weigh what page, address and feed say, field by field."""
    host = urls.host(url).removeprefix("www.")
    address = addresses.choose(facts, url, title, fallback)
    at = fallback.published if fallback else None
    known = article_dates.FeedDate(at, fallback.published_precision) if fallback and at else None
    published = article_dates.choose(facts, tree, url, title=title, feed=known, now=now)
    cut = page_kinds.teaser(facts, tree, found.text)
    live = page_kinds.live_blog(facts, url)
    text = page_leads.with_lead(found.text, tree, facts, title)
    credited = fallback.authors if fallback else ()
    names, author_rule = authors.choose(facts, host=host, feed=credited, byline=lambda: bylines.candidates(tree))
    declared = (text_of(facts.articles[0].get("inLanguage")) if facts.articles else None, facts.html_lang,
                facts.first("og:locale", "content-language", "dc.language", "language"))  # fmt: skip
    language, language_rule = languages.choose(text, declared, fallback.language if fallback else None)
    problems = [*_charset_problems(decoded), *found.problems, *address.problems, *published.problems]
    if cut is not None and not live:
        problems.append(f"teaser-{cut}")
    return Article(
        url=url,
        canonical_url=address.canonical,
        title=title,
        text=text,
        authors=names,
        author_rule=author_rule,
        published=published.at,
        published_rule=published.rule,
        stated_precision=published.precision,
        published_offset=published.offset,
        language=language,
        language_rule=language_rule,
        section=_section(facts, fallback),
        image=_image(facts, url, fallback),
        site_name=facts.site_names[0] if facts.site_names else (fallback.source_name if fallback else None) or host,
        kind="liveblog" if live else _kind(title, whole=cut is None),
        origin_url=address.origin,
        claimed_url=address.claimed,
        problems=tuple(dict.fromkeys(problems)),
    )


def _charset_problems(decoded: charset.Decoded) -> list[str]:
    stated = (("charset-mismatch", decoded.mislabelled), ("charset-broken", decoded.broken))
    return [code for code, holds in stated if holds]


def _section(facts: PageFacts, fallback: FeedEntry | None) -> str | None:
    stated = text_of(facts.articles[0].get("articleSection")) if facts.articles else ""
    named = stated or facts.first("article:section", "og:article:section", "section", "parsely-section")
    return named or (fallback.tags[0] if fallback and fallback.tags else None)


def _image(facts: PageFacts, url: str, fallback: FeedEntry | None) -> str | None:
    stated = facts.first("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
    image = facts.articles[0].get("image") if facts.articles and not stated else None
    image = image[0] if isinstance(image, list) and image else image
    named = stated or (text_of(image.get("url") or image.get("@id")) if isinstance(image, dict) else text_of(image))
    return urls.resolve(url, named) or (fallback.image if fallback else None)


def _with_feed_text(article: Article, entry: FeedEntry) -> Article:
    """The page's facts with the feed's title and longer text: a page without its text often names only the outlet."""
    whole = not page_kinds.cut_off(entry.text)
    problems = ("page-shorter-than-feed", *(p for p in article.problems if not p.startswith("teaser-")))
    title = entry.title or article.title
    kind = "liveblog" if article.kind == "liveblog" else _kind(title, whole=whole)
    return replace(article, title=title, text=entry.text, text_source="feed", kind=kind, problems=problems)
