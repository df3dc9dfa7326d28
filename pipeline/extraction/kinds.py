"""What kind of article a page holds: a whole one, a paywall's teaser, a live blog, a round-up; or that it is no page.

The phrases are how publishers' own pages put it, in the languages of the feeds; each is long enough to be told from
prose about the same thing, and none decides alone (see `teaser`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from lxml.etree import XPath
from lxml.html import HtmlElement

from pipeline.extraction.facts import PageFacts, text_of
from pipeline.text.phrases import any_of

_NO_HTML_TYPES = re.compile(
    r"^\s*(?:image|audio|video|font)/|^\s*application/(?:pdf|json|zip|msword|rss\+xml|atom\+xml|x-gzip)", re.IGNORECASE
)
_NO_HTML_STARTS = (
    b"%PDF",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"PK\x03\x04",
    b"RIFF",
    b"ID3",
    b"\0\0\0",
)
_GZIP = b"\x1f\x8b"
_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF|urlset|sitemapindex|opml)\b", re.IGNORECASE)
_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|article|div|p|meta|title|h1|main|section|table|span|a)\b", re.IGNORECASE
)

_VISIBLE = XPath(
    "//body/descendant::text()[not(parent::script or parent::style or parent::template)]", smart_strings=False
)

_PAYWALL = re.compile(any_of("paywall"), re.IGNORECASE)
_CUT_OFF = re.compile(rf"(?:\.\.\.|…|\[(?:\.\.\.|…)\]|{any_of('read_on')})\s*[»›>→]*\s*$", re.IGNORECASE)
_LIVE_PATH = re.compile(rf"[/_-](?:{any_of('live_path')})(?:[/_.-]|$)", re.IGNORECASE)
# The name of a series stands alone, or before the mark that the subjects of the day follow.
_ROUND_UP = re.compile(
    rf"^\W*(?:[\w'’.]+\s+){{0,3}}?(?:{any_of('roundup_title')})\s*(?:$|[:|–—]|\s-\s|\()", re.IGNORECASE
)
_SUBJECTS = re.compile(r";\s|；")
_ROUND_UP_SUBJECTS = 3

# Words below which a text beside a paywall's signs is a teaser. Newspapers show one to three paragraphs, 40 to 150
# words. Of 400 labelled pages three count as teasers: two paywalls, and one post that ends in an ellipsis.
_TEASER_WORDS = 180
_CUT_WORDS = 120
# Share of the words the page announces (schema.org wordCount) below which the text is a part of it.
_WHOLE_SHARE = 0.6
# The feed's text must be this much longer than the page's before the page counts as cut.
_FEED_LONGER = 1.3
_FEED_MORE_WORDS = 40


def not_html(body: bytes, content_type: str | None) -> str | None:
    """Why a body cannot be a page, in words for people; None where it looks like HTML."""
    start = body[:2048].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        return "the body is empty"
    if start.startswith(_GZIP):
        return "the body is gzip data; unpack it first"
    if start.startswith(_NO_HTML_STARTS) and not start.startswith(b"\0\0\0<"):
        return "the body is a binary file"
    if _FEED.search(start[:1024]) and not _HTML.match(start):
        return "the body is a feed or sitemap, not a page"
    utf16 = body[:2] in (b"\xff\xfe", b"\xfe\xff") or body[:200].count(b"\0") > 20
    if utf16 or _HTML.search(body[:16384]):
        return None
    if content_type and _NO_HTML_TYPES.match(content_type):
        return f"the server calls it {content_type.split(';')[0].strip()}"
    return "the body has no HTML tags"


def live_blog(facts: PageFacts, url: str) -> bool:
    """Whether a page is a live blog: schema.org says so, or its address does and it holds several time stamps."""
    return facts.live or (bool(_LIVE_PATH.search(urlsplit(url).path)) and len(facts.times) >= 3)


def round_up(title: str) -> bool:
    """Whether a text tells several unrelated developments: a briefing, a newsletter, a review of the papers.

    By its title: the name of such a series, or three subjects set apart by semicolons. That names recur less within a
    text does not tell them: they recur as little in a feature about one subject. What is live, in pictures, or says
    what is known of one event is none (docs/notes).
    """
    return bool(_ROUND_UP.search(title)) or len(list(filter(str.strip, _SUBJECTS.split(title)))) >= _ROUND_UP_SUBJECTS


def teaser(facts: PageFacts, tree: HtmlElement, text: str) -> str | None:
    """Why a page's text is only the beginning of an article: ``word-count``, ``paywall`` or ``cut-off``; else None.

    A declaration alone is not enough, because many outlets declare a paywall and send the whole text.
    """
    words = count_words(text)
    announced = max((_number(node.get("wordCount")) for node in facts.articles[:1]), default=0)
    if announced >= 100 and words < _WHOLE_SHARE * announced and words < 2 * _TEASER_WORDS:
        return "word-count"
    if words < _TEASER_WORDS and (declared_closed(facts) or _PAYWALL.search(visible(tree))):
        return "paywall"
    if words < _CUT_WORDS and _CUT_OFF.search(text):
        return "cut-off"
    return None


def visible(tree: HtmlElement) -> str:
    """The words of a page outside its scripts and styles, in one line."""
    return " ".join(" ".join(_VISIBLE(tree)).split())


def feed_has_more(page_text: str, feed_text: str) -> bool:
    """Whether the feed carries so much more text than the page that the page must be cut."""
    page, feed = count_words(page_text), count_words(feed_text)
    return feed > _FEED_LONGER * page and feed - page > _FEED_MORE_WORDS


def cut_off(text: str) -> bool:
    """Whether a text ends as a teaser does: in an ellipsis or an invitation to read on."""
    return bool(_CUT_OFF.search(text))


@lru_cache(maxsize=16)  # one page's few texts, which several rules count
def count_words(text: str) -> int:
    """Words of a text; two characters of a script without spaces count as one word."""
    unspaced = len(re.findall(r"[\u3040-\u30ff\u4e00-\u9fff\u0e00-\u0e7f]", text))
    return len(text.split()) + unspaced // 2


def declared_closed(facts: PageFacts) -> bool:
    """Whether a page says that its article is not open to everybody."""
    values: list[Any] = [node.get("isAccessibleForFree") for node in facts.articles[:1]]
    tier = (facts.first("article:content_tier") or "").lower()
    return tier in ("locked", "metered") or any(str(value).strip().lower() in ("false", "no") for value in values)


def _number(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 < value < 10**6 else 0  # JSON's integers have no end, and no page a million words
    digits = re.sub(r"\D", "", text_of(value)) if isinstance(value, str) else ""
    return int(digits) if 0 < len(digits) < 7 else 0
