"""Markdown as a reader's program renders it, by CommonMark as it stands: raw HTML and all."""

from __future__ import annotations

from markdown_it import MarkdownIt


def rendered(markdown: str) -> str:
    """Markdown as HTML. What a stranger's text may not become must be kept out by the Markdown itself."""
    return str(MarkdownIt("commonmark", {"html": True, "linkify": False}).render(markdown))
