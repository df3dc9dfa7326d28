"""What a reader of feeds needs, loaded on import: the fork server imports this once, and all its workers share it."""

from __future__ import annotations

from datetime import UTC, datetime

from pipeline import feeds, urls

__all__ = ["feeds"]

# The patterns of dates, the rules of addresses and the list of public suffixes load on their first use.
_FEED = (
    b"<rss version='2.0'><channel><title>a</title><item><title>a</title><link>https://outlet.example/a</link>"
    b"<description>a &lt;b&gt;c&lt;/b&gt;</description><pubDate>Wed, 19 Jun 2024 12:00:00 GMT</pubDate></item>"
    b"</channel></rss>"
)
feeds.parse(_FEED, "https://outlet.example/rss", None, datetime(2024, 6, 19, tzinfo=UTC))
urls.registered_domain("https://outlet.example/")
