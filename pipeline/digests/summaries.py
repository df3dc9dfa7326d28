"""The first sentences of an article's own prose. Pure."""

from __future__ import annotations

import re

from pipeline.text import datelines
from pipeline.text.folding import letters

SUMMARY = 420
"""Length of the extract under a headline, characters: two to three sentences of agency copy."""
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”»』」)]?\s+|(?<=[。！？])")
_SENTENCE = re.compile(r"[.!?…؟।][\"”»』」)]*(?:\s|$)|[。！？]")
# What an agency puts before a text that it corrects or updates: "(Corrects name in paragraph 3)".
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|（[^（）]*）")


def summary(title: str, text: str, limit: int) -> str:
    """The first sentences of an article's own prose, up to `limit` characters.

    `text` has one paragraph per line. What stands before the prose is passed over: the headline, a section's name, the
    byline, a line with the date, a note in brackets; so is the dateline that opens the first sentence. A text that is
    nothing else is taken as it stands.
    """
    paragraphs = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    first = next((n for n, paragraph in enumerate(paragraphs) if _is_prose(paragraph, title)), None)
    if first is None:
        return extract(text, limit)
    # A standfirst before the dateline says what the first sentence says again.
    opened = next((n for n in range(first, min(first + 3, len(paragraphs))) if datelines.length(paragraphs[n])), first)
    prose = paragraphs[opened][datelines.length(paragraphs[opened]) :]
    rest = (p for p in paragraphs[opened + 1 :] if _SENTENCE.search(p) and letters(p) != letters(title))
    return extract(" ".join((prose, *rest)), limit)


def _is_prose(paragraph: str, title: str) -> bool:
    """Whether a paragraph is a sentence of the article, not a label, a byline or the headline again."""
    if letters(paragraph) == letters(title) or datelines.is_credit(paragraph) or _ASIDE.fullmatch(paragraph):
        return False
    return _SENTENCE.search(paragraph) is not None and (len(paragraph.split()) > 4 or len(letters(paragraph)) > 24)


def extract(text: str, limit: int) -> str:
    """The first whole sentences of `text` within `limit` characters; a too long first one is cut with an ellipsis."""
    text = " ".join(text.split())
    taken = ""
    for sentence in _SENTENCE_END.split(text):
        candidate = f"{taken} {sentence.strip()}".strip()
        if len(candidate) > limit:
            break
        taken = candidate
    if taken or not text:
        return taken
    return text[:limit].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
