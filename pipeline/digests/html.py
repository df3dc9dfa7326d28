"""The digest as HTML: made from its Markdown, with raw HTML off; and the page that stands alone. Pure."""

from __future__ import annotations

from html import escape as escape_html
from importlib import resources

from markdown_it import MarkdownIt


def to_html(markdown: str) -> str:
    """The Markdown as HTML; raw HTML is shown as text and only http, https and mailto links are made."""
    return str(MarkdownIt("commonmark", {"html": False, "linkify": False}).render(markdown))


def to_page(title: str, html: str) -> str:
    """A page that stands alone, for the published digest."""
    template = (resources.files("pipeline") / "data" / "digest.html").read_text(encoding="utf-8")
    return template.replace("{{ title }}", escape_html(title)).replace("{{ body }}", html)
