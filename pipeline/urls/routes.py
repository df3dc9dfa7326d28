"""Fragments that are routes: on a page that scripts fill, what stands behind the ``#`` chooses the article.

Most fragments name a place in a page or say how a reader came, and go. A route is told by its form: a path behind the
mark (``#/details/14742``, ``#!/a/1``), a path without its slash on a site's or a folder's own page (``#news/77``), or
the number of an article (``#id=77``).
"""

from __future__ import annotations

import re

from pipeline.urls.parameters import escapes, kept

_TEXT_DIRECTIVE = ":~:"  # https://wicg.github.io/scroll-to-text-fragment/
# Places in a page that are written like a route.
_PLACE = re.compile(
    r"[/!]*(?:slide|photo|foto|image|img|bild|picture|gallery|media|video|comment|kommentar|reply|section|heading|top)s?"
    r"(?:[-_/.=]|$)",
    re.IGNORECASE,
)
_BARE = re.compile(r"[\w%~.-]+(?:/[\w%~.-]+)+/?(?:\?.*)?")
_NUMBERED = re.compile(
    r"\??(?:id|idx|idxno|nid|aid|no|article(?:_?id|no)?|news(?:_?id|no)?|story(?:_?id)?|post(?:_?id)?)=\w*\d\w*(?:&.*)?",
    re.IGNORECASE,
)


def route(fragment: str, path: str, domain: str) -> str:
    """The part of a fragment that chooses what the reader sees, in one spelling; "" where it is no route.

    `path` is the address's path; on a page that is none of a folder, only a path behind the mark is a route.
    """
    plain = fragment.partition(_TEXT_DIRECTIVE)[0]
    if not plain.strip("!/?"):
        return ""
    folder, home = path.endswith("/"), path in ("", "/")
    if plain.startswith("!"):
        pass
    elif plain.startswith("/"):
        if not home and _PLACE.match(plain):
            return ""
    elif not (_NUMBERED.fullmatch(plain) or (folder and _BARE.fullmatch(plain) and not _PLACE.match(plain))):
        return ""
    way, mark, query = plain.partition("?")
    query = kept(query, domain)
    return escapes(way, "/:@!$&'()*+,;=") + (mark + query if query else "")
