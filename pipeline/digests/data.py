"""The digest as JSON, for programs: what the other shapes say, with ids, times and addresses as data. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from pipeline.digests.spread import Spread, spreads
from pipeline.digests.view import link, show
from pipeline.models import Digest, DigestItem, Precision, StoryArticle, precision
from pipeline.models.details import Cited
from pipeline.topics import Topic

VERSION = 1
"""Of this shape; a key that goes or changes its meaning raises it, one that comes does not."""


def to_json(digest: Digest, topic: Topic, note: str = "", language: str = "en") -> str:
    """The digest as a JSON object; times are ISO 8601 in UTC, and a publication of which only the day is known is that
    day. Escaped to ASCII, so that it stands anywhere."""
    shown = show(digest, topic, note, language)
    changes = digest.changes
    body = {
        "version": VERSION,
        "topic": topic.slug,
        "name": shown.topic,
        "day": digest.day,
        "zone": topic.timezone,
        "articles": digest.articles_seen,
        "outlets": digest.outlets_seen,
        "corrects": digest.corrects,
        "note": "\n".join(shown.note),
        "changed": shown.changed,
        "since": changes.since.day if changes.since else None,
        "corrections": [
            {
                "article_id": each.article_id,
                "outlet": each.outlet,
                "url": link("", each.url).url,
                "title": each.title,
                "at": _time(each.at),
                "was": each.was,
                "now": each.now,
                "old_copies": [asdict(copy) | {"url": link("", copy.url).url} for copy in each.copies],
            }
            for each in changes.corrections
        ],
        "stories": [
            _item(item) | {"language": seen.language, "edited": bool(item.summary) and not seen.quotes}
            for item, seen in zip(digest.items, shown.items, strict=True)
        ],
        "ended": [asdict(each) for each in changes.ended],
    }
    return json.dumps(body, indent=1) + "\n"


def _item(item: DigestItem) -> dict[str, Any]:
    details = item.details
    first = details.first
    return {
        "story_id": item.story_id,
        "rank": item.rank,
        "headline": item.headline,
        "gloss": asdict(details.gloss) if details.gloss and details.gloss.of == item.headline else None,
        "status": item.status,
        "grown": _cited(details.grown) if details.grown else None,
        "summary": item.summary,
        "sentences": [_cited(sentence) for sentence in details.sentences],
        "first": {
            "outlet": first.outlet,
            "url": link("", first.url).url,
            "at": _time(first.published, first.published_precision),
            "bare": first.bare,
        }
        if first
        else None,
        "outlets": item.outlets,
        "independent": item.independent,
        "spread": {spread.label.lower(): _counts(spread) for spread in spreads(item.articles)},
        "articles": [_article(article) for article in item.articles],
    }


def _counts(spread: Spread) -> dict[str, int]:
    return dict(spread.counts)


def _cited(cited: Cited) -> dict[str, Any]:
    return asdict(cited) | {"url": link("", cited.url).url}


def _article(article: StoryArticle) -> dict[str, Any]:
    names = ("article_id", "title", "outlet", "country", "ownership", "language", "copy_of")
    known = {name: getattr(article, name) for name in names}
    return known | {
        "url": link("", article.url).url,
        "published": _time(article.published, article.published_precision),
    }


def _time(at: datetime, known: Precision | None = None) -> str:
    is_day = precision(at, stated=known) == "day"
    return at.astimezone(UTC).date().isoformat() if is_day else at.astimezone(UTC).isoformat()
