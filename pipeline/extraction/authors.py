"""Who wrote it: names of people (or the agency), from the page's markup, its byline and the feed.

Bylines carry "By", jobs, handles, addresses and the outlet's own name; lists of authors come as one string in many
separators. `clean` turns any of that into names.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from itertools import islice, takewhile
from typing import Any

from pipeline.extraction.facts import PageFacts, objects_of, text_of, types
from pipeline.text import bylines
from pipeline.text.characters import storable
from pipeline.text.folding import fold, letters
from pipeline.text.names import is_agency, is_person, words_of_name
from pipeline.text.tags import primary

_AT = re.compile(r"\(?\S{0,64}@\S+")  # a mail address or a handle
_ADDRESS = re.compile(
    r"^(?:https?:)?//|^www\."
    r"|^[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|de|at|ch|it|fr|es|eu|uk|us|ru|jp|kr|cn|cl|info|tv|news)$",
    re.IGNORECASE,
)
# Each name is compared with all before it, so there is an end to them.
_MAX_LINES, _MAX_LINE = 50, 2_000
# Of fourteen names, the ones that gained on pages they were not collected from.
_META = ("author", "cxenseparse:author")
# Highwire's tags, as Google Scholar reads them, and Dublin Core write "Byron, Ada".
_TURNED_META = ("dc.creator", "citation_author", "citation_authors")


def choose(
    facts: PageFacts, *, host: str, feed: tuple[str, ...] = (), byline: Callable[[], Iterable[str]]
) -> tuple[tuple[str, ...], str]:
    """Authors of a page and the rule that gave them.

    Rules are ``json-ld``, ``meta``, ``markup``, ``feed``, ``byline``, ``desk`` (nobody but the
    newsroom is credited) and ``missing``. `byline` yields lines of the body
    that may be one; it is slow, so it is asked only where markup and feed give no full name. A full name beats a
    first name or a login of an earlier rule.
    """
    outlets = outlet_keys((*facts.site_names, host))
    language = primary(facts.html_lang)
    sources: tuple[tuple[str, Callable[[], list[str]], bool | None], ...] = (
        ("json-ld", lambda: _json_names(facts), None),
        ("meta", lambda: facts.all(*_META), None),
        ("meta", lambda: facts.all(*_TURNED_META), True),
        ("markup", lambda: list(facts.bylines), None),
        ("feed", lambda: list(feed), None),
    )
    weak: tuple[tuple[str, ...], str] = ((), "missing")
    for rule, names, turned in sources:
        found = clean(names(), outlets, language, turned=turned)
        if any(_full(name) for name in found):
            return found, rule
        if found and not weak[0]:
            weak = (found, rule)
    desk = [n for n in (_desk(line) for _, names, _ in sources for line in names()) if n]
    for line in byline():
        found = clean([line], outlets, language)
        people = tuple(takewhile(is_person, found))  # what follows a name is a job, a place or an agency
        if people:
            return people, "byline"
        if found and not weak[0] and len(found) == 1 and " " not in found[0]:
            weak = (found, "byline")
    return (tuple(desk[:1]), "desk") if desk and not weak[0] else weak


def clean(
    raw: Iterable[str],
    outlets: frozenset[str] = frozenset(),
    language: str | None = None,
    *,
    turned: bool | None = False,
) -> tuple[str, ...]:
    """Names out of bylines, in order, each once; a name contained in a fuller one goes.

    `outlets` are `outlet_keys`, `language` is the page's (a primary subtag); for `turned` see `names.split`.
    """
    names: list[str] = []
    for line in islice(raw, _MAX_LINES):
        line = storable(html.unescape(re.sub(r"<[^>]*>", " ", line[:_MAX_LINE])))
        if _ADDRESS.match(line.strip()) or bylines.is_company(line) or bylines.is_body(line):
            continue
        for part in bylines.parts(_AT.sub(" ", line).strip(), language, turned=turned):
            name = "" if bylines.is_picture_credit(part) else _name(part, language)
            if name and not _rejected(name, outlets) and fold(name) not in {fold(n) for n in names}:
                names.append(name)
    fuller = [n for n in names if not any(n != m and f" {fold(n)} " in f" {fold(m)} " for m in names)]
    return tuple(fuller[:12])


def outlet_keys(names: Iterable[str]) -> frozenset[str]:
    """What the outlet may be called in a byline: its names and its host, without spaces, case and ending."""
    keys: set[str] = set()
    for name in names:
        keys.add(letters(name))
        if "." in name and " " not in name:
            labels = name.lower().removeprefix("www.").split(".")
            keys.add(letters("".join(labels[:-1])))
            keys.update(letters(label) for label in labels[:-1] if len(label) > 3)
    return frozenset(k for k in keys if len(k) > 1)


def _json_names(facts: PageFacts) -> list[str]:
    """Author names of the page's own article; people before organisations, which stand only where no person does."""
    people: list[str] = []
    others: list[str] = []
    for node in facts.articles[:1]:
        for author in objects_of(node.get("author")) or objects_of(node.get("creator")):
            name = _json_name(author)
            organisation = not isinstance(author, str) and any("organization" in kind for kind in types(author))
            if name:
                (others if organisation else people).append(name)
    return people or others


def _json_name(author: Any, depth: int = 0) -> str:
    if isinstance(author, str):
        return author
    if not isinstance(author, dict):
        return ""
    if depth == 0 and not author.get("name") and author.get("author"):  # schema.org's Role stands around its person
        return ", ".join(filter(None, (_json_name(each, 1) for each in objects_of(author["author"]))))
    parts = [text_of(author.get(key)) for key in ("givenName", "additionalName", "familyName")]
    return ", ".join(text_of(n) for n in objects_of(author.get("name"))) or " ".join(filter(None, parts))


def _name(part: str, language: str | None) -> str:
    part = re.sub(r"\s+", " ", part.replace("_", " ")).strip()
    if _ADDRESS.match(part):
        return ""
    part = bylines.bare_name(part, language)
    part = part.strip(" \t,;:.-–—|*\"'„“”«»") + ("." if re.search(r"\b(?:[A-Z]|Jr|Sr)\.$", part) else "")
    if (part.isupper() and len(part) > 4 and " " in part) or (part.islower() and " " in part):
        part = part.title()
    return part


def _desk(line: str) -> str:
    """A credit to the newsroom as a whole ("Redaktion"), which is all that some articles carry."""
    line = re.sub(r"\s+", " ", bylines.without_by(line)).strip(" ,;.")
    return line if len(line) < 40 and bylines.is_desk(line) else ""


def _rejected(name: str, outlets: frozenset[str]) -> bool:
    """Whether a part of a byline is no author: the outlet, an office, an address, a sentence."""
    key = letters(name)
    if not 1 < len(name) <= 60 or not any(c.isalpha() for c in name) or len(words_of_name(name)) > 6:
        return True
    if key in outlets or (
        " " in name and any(len(o) > 4 and key.startswith(o) and len(key) < len(o) + 7 for o in outlets)
    ):
        return True
    if bylines.is_label(name) or name.startswith("http"):
        return True
    return any(c.isdigit() for c in name) or (bylines.is_office(name) and not _is_family(name, outlets))


def _is_family(name: str, outlets: frozenset[str]) -> bool:
    """Whether a name ends in a word for an office that is the family's: Christopher Guest, not Courier Staff."""
    first = name.split()[0]
    theirs = any(len(letters(first)) > 2 and letters(first) in outlet for outlet in outlets)
    return bylines.may_be_family(name) and not theirs and not is_agency(first)


def _full(name: str) -> bool:
    """A name of two words, or one in a script that writes names without spaces."""
    return " " in name or any(c > "\u2e80" for c in name)
