"""A page to an article: its text by trafilatura, its title, date, authors and kind by rules beside it (pure)."""

from pipeline.extraction.article import extract, from_feed, to_json

__all__ = ["extract", "from_feed", "to_json"]
