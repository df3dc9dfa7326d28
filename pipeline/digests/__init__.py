"""A day's stories become a digest: chosen, ranked, compared with the one before, rendered. Pure."""

from pipeline.digests.atom import to_atom
from pipeline.digests.choosing import draft, headline_article, independent
from pipeline.digests.html import to_html, to_page
from pipeline.digests.markdown import escape, to_markdown
from pipeline.digests.summaries import SUMMARY, extract, summary
from pipeline.digests.waiting import for_review, still_coming

__all__ = [
    "SUMMARY",
    "draft",
    "escape",
    "extract",
    "for_review",
    "headline_article",
    "independent",
    "still_coming",
    "summary",
    "to_atom",
    "to_html",
    "to_markdown",
    "to_page",
]
