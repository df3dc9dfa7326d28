"""Whose text stands for an article: the page's, the feed's, or the one that is there already.

What the database knows beside one page decides here: what the outlet's other addresses gave, and what the article held
before. What the page itself says decides in `pipeline/extraction/walls.py`.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from pipeline import extraction
from pipeline.database import Connection
from pipeline.extraction import agreement
from pipeline.models import Article, FeedEntry
from pipeline.store import articles as store
from pipeline.store.articles import ArticleToFetch
from pipeline.text.folding import letters

_AGREED = 0.5
"""Agreement with its feed from which a text that stands at several addresses of an outlet is an article at each: a text
of another subject holds half of a headline's words on 4% of pairs (docs/notes/2026-11-28-walls.md)."""
# Reasons for which the feed's text replaces one that the page gave before.
_REPLACES = frozenset({"page-shorter-than-feed", "repeated-text"})


def page_text(article: Article) -> bytes | None:
    """The hash of the letters that the page gave as its text; None where the text is the feed's."""
    if article.text_source != "page":
        return None
    return hashlib.blake2b(letters(article.text).encode(), digest_size=16).digest()


def unrepeated(
    connection: Connection, row: ArticleToFetch, article: Article, fallback: FeedEntry | None, now: datetime
) -> Article:
    """The article, or the feed's text in its place where its text stands at another address of the outlet.

    Feeds of different headlines lead to different articles. So a text that both pages gave is a notice, unless it holds
    what the feed said. The other articles that took it are read once more. Raises `ItemError` with ``repeated-text``
    where the feed has no text.
    """
    key = page_text(article)
    others = store.same_text(connection, row, key) if key and fallback else []
    others = [other for other in others if fallback and letters(other.feed_title or "") != letters(fallback.title)]
    if not others or fallback is None:
        return article
    store.read_again(connection, [other.id for other in others], _AGREED, now)
    if (article.agreement or 0.0) >= _AGREED:
        return article
    detail = f"the text of article {others[0].id}, word for word"
    return extraction.from_feed(fallback, "repeated-text", url=article.url, detail=detail)


def keeps(row: ArticleToFetch, article: Article, fallback: FeedEntry | None) -> bool:
    """Whether an article keeps the text that its page once gave, where the page gives none now.

    Not where the kept text is itself about something else than the feed said.
    """
    if row.text_source != "page" or article.text_source != "feed" or _REPLACES.intersection(article.problems[:1]):
        return False
    held = agreement.score(fallback, row.title or "", row.text or "") if fallback else None
    return held is None or held >= agreement.AGREED
