"""Bytes to feed entries: RSS, Atom, JSON Feed, sitemaps; discovery, feed lists, and what is new in a feed (pure)."""

from pipeline.feeds.parse import parse, to_json

__all__ = ["parse", "to_json"]
