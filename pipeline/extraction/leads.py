"""The lead: the sentences between headline and text, which extraction often leaves out.

Newsrooms set the lead apart from the paragraphs, under classes called teaser or intro, and extraction takes it for a
teaser of something else. The page's own description tells it apart, because editing systems fill the meta tag from the
lead.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from pipeline.extraction.facts import PageFacts, headline, words_of
from pipeline.text import agencies
from pipeline.text.folding import letters

_BLOCKS = ("p", "div", "h2", "h3", "h4", "h5", "h6", "blockquote", "section", "header", "li", "td", "figcaption")
_INLINE = ("span", "strong", "b", "em", "i")
_SHORTEST = 40  # letters of a description that is a sentence and no slogan
_SAME = 60  # letters in which description and lead agree; descriptions are cut off or carry on
_TOP = 3  # lines in which a text may begin with its headline: a section and a kicker can stand above it
_ENDING = re.compile(r"\s*(?:\.\.\.|…|\[…\]|\[\.\.\.\])\s*$")


def with_lead(text: str, tree: HtmlElement, facts: PageFacts, title: str) -> str:
    """The text under its lead, where the page shows one below its headline and extraction left it out.

    A lead that would hide an agency's dateline is left out: copies are traced by it.
    """
    held = letters(text)
    lead = _described(tree, facts, title, held)
    if lead is None:
        return text
    lines = text.split("\n")
    top = [letters(line) for line in lines[:_TOP]]
    below = top.index(letters(title)) + 1 if letters(title) in top else 0
    longer = "\n".join((*lines[:below], lead, *lines[below:]))
    return longer if agencies.credits_of(longer) == agencies.credits_of(text) else text


def _described(tree: HtmlElement, facts: PageFacts, title: str, held: str) -> str | None:
    """The lead that the page's description repeats, unless the text holds it."""
    for stated in dict.fromkeys(facts.all("og:description", "description")):
        description = _ENDING.sub("", stated)
        wanted = letters(description)
        if len(wanted) < _SHORTEST or wanted[:_SAME] in held or wanted in letters(title):
            continue
        lead = _shown(tree, description, wanted, title)
        if lead is not None:
            return lead
    return None


def _shown(tree: HtmlElement, description: str, wanted: str, title: str) -> str | None:
    """The words of the element below the headline that begins as the description does."""
    start = letters(description[:14])
    heading = headline(tree, title)
    below = heading is None
    for element in tree.iter(*_BLOCKS, *_INLINE, "h1"):
        if element is heading:
            below = True
        if not below or element.tag == "h1" or not element.text or element.text.isspace():
            continue
        begins = letters(element.text[:60])
        if len(begins) < 3 or not (begins.startswith(start) or start.startswith(begins)):
            continue
        words = words_of(element)
        squeezed = letters(words)
        if squeezed.startswith(wanted[:_SAME]) and len(squeezed) < 1.6 * len(wanted) + 200:
            return None if _of_the_site(element) else words
    return None


def _of_the_site(element: HtmlElement) -> bool:
    return any(node.tag in ("footer", "nav", "form") for node in (element, *element.iterancestors()))
