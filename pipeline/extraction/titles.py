"""Which of a page's titles is the headline: the heading readers see, else the metadata without the outlet's name."""

from __future__ import annotations

import re

from pipeline.extraction.facts import PageFacts
from pipeline.text.folding import fold, letters

_SEPARATOR = re.compile(r"\s+[|•·—–:»›«~⋆*-]\s+|\s*[|｜│_]\s*|\s+::\s+")
_WORD = re.compile(r"\w+")
# A heading shares this much of its words with the metadata title before it is believed to be the headline. From .3
# to .6 the titles of 209 pages of the tuning half change on two (docs/extraction.md).
_SHARED = 0.5


def choose(facts: PageFacts, host: str, fallback: str = "") -> str:
    """The headline of a page, or `fallback` (the feed's title) where the page names none.

    Metadata titles are often search-engine titles or carry the outlet's name; the one `h1` that says the same is
    what the newsroom set. `host` (without ``www.``) helps to recognise the outlet's name at the end of a title.
    """
    names = {letters(name) for name in (*facts.site_names, host, host.split(".")[0]) if name}
    named = (strip_site(title, names) for title in facts.all("og:title"))
    stated = [title for title in named if title and letters(title) not in names]
    tagged = strip_site(facts.title_tag, names)
    headings = [h for h in facts.h1 if 2 < len(h) < 300 and letters(h) not in names]
    for heading in headings:
        if any(_same(heading, title) for title in (*stated, tagged)):
            return heading
    if stated:
        return stated[0]
    if len(headings) == 1 and not (fallback and _same(fallback, tagged)):
        return headings[0]
    return tagged or fallback or (headings[0] if headings else "")


def strip_site(title: str, names: set[str]) -> str:
    """Cut the outlet's name off either end of a title; `names` are keys of the names it goes by.

    A part goes only where it is such a name or holds the host; other parts may belong to the headline.
    """
    title = title.strip()
    for _ in range(2):
        breaks = list(_SEPARATOR.finditer(title))
        if not breaks:
            break
        if _is_site(title[breaks[-1].end() :], names):
            title = title[: breaks[-1].start()].strip()
        elif _is_site(title[: breaks[0].start()], names):
            title = title[breaks[0].end() :].strip()
        else:
            break
    return title


def _is_site(part: str, names: set[str]) -> bool:
    key = letters(part)
    return not key or key in names or any(len(n) > 3 and (n in key and len(key) < 3 * len(n)) for n in names)


def _same(heading: str, title: str) -> bool:
    if not title:
        return False
    a, b = letters(heading), letters(title)
    if not a or not b:
        return False
    if a in b or b in a:
        return min(len(a), len(b)) >= 4
    ours, theirs = set(_WORD.findall(fold(heading))), set(_WORD.findall(fold(title)))
    return bool(ours and theirs) and len(ours & theirs) >= _SHARED * min(len(ours), len(theirs))
