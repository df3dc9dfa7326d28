"""Who wrote it: names of people (or the agency), from the page's markup, its byline and the feed.

Bylines carry "By", jobs, handles, addresses and the outlet's own name; lists of authors come as one string in many
separators. `clean` turns any of that into names.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from itertools import takewhile
from typing import Any

from pipeline.extraction.bylines import is_person
from pipeline.extraction.facts import PageFacts, objects_of, text_of, types
from pipeline.text.characters import storable
from pipeline.text.folding import fold, letters

# "By" as bylines write it, in the languages of the feeds. Longer forms come first.
_BY = re.compile(
    r"^\W*(?:(?:(?:written|posted|published|reported|words|story|text|interview|analysis|review|opinion)\s+by"
    r"|(?:veröffentlicht|verfasst|geschrieben|erstellt|eingestellt|gepostet)\s+(?:von|durch)"
    r"|(?:interview|redaktion|bericht|protokoll)(?=\s*:)"
    r"|(?:ein\s+)?(?:gastbeitrag|kommentar|bericht|artikel|interview|text|kolumne)\s*:?\s+(?:von|mit)"
    r"|(?:article\s+)?(?:publié|écrit|rédigé)\s+par|propos\s+recueillis\s+par|un\s+(?:documentaire|article)\s+de"
    r"|(?:escrito|publicado)\s+por|scritto\s+da|text|texte|texto|testo|text\s+und\s+fotos?|foto|fotos|autor(?:in|en)?"
    r"|author|authors|autore|auteur|автор|автора|авторы|by|von|par|por|da|di|door|av|af|przez|oleh)\b\s*:?\s+"
    r"|(?:文|記者|记者|作者|記者名)\s*[/／:：]?\s*|[^\w\s]+)",
    re.IGNORECASE,
)
_ALL_BY = re.compile(
    r"^(?:zeige|show|view|see|voir|alle|all|weitere|more|mehr)\b.{0,30}?\b(?:von|by|of|de|from)\s+(?=\S)|\s*[→›»]+$",
    re.IGNORECASE,
)
_LINK_TEXT = re.compile(
    r"^(?:archiv|archives?|view|show|see|read|more|weiter|weitere|mehr|zum|zur|alle|autor(?:in"
    r"|en|innen)?|authors?|auteurs?|bereitgestellt|gesponserte|sponsored"
    r"|themegraphy|about|über|follow|folgen|voir|tous|publisher|website|profile?)\b",
    re.IGNORECASE,
)
_ASIAN_TITLE = re.compile(r"\s*(?:특파원|기자|선임기자|記者|记者|编辑|編集委員|論説委員|특별취재팀)\s*$")
_SPLIT = re.compile(
    r"\s*(?:[;|•·/&\n]|,(?!\s*(?:jr|sr|phd|md|dr|ii|iii)\b)|、|，"
    r"|\s(?:and|und|et|y|e|og|och|en|i|и|та|with|mit|avec|con|im\s+gespräch\s+mit)\s)\s*",
    re.IGNORECASE,
)
_AT = re.compile(r"\(?\S{0,64}@\S+")  # a mail address or a handle
_ADDRESS = re.compile(
    r"^(?:https?:)?//|^www\."
    r"|^[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|de|at|ch|it|fr|es|eu|uk|us|ru|jp|kr|cn|cl|info|tv|news)$",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"von|by|par|por|di|name|veröffentlicht|posted|published|written|text|publié|publicado|date|datum|share|teilen",
    re.IGNORECASE,
)
# Words that only names of offices, companies and accounts hold. Agencies (AP, Reuters, dpa) are not among them: their
# name is the byline, and copies are traced by it.
_OFFICE = re.compile(
    r"\b(?:redakt\w*|redacci[oó]n|r[eé]daction|redazione|redaktion\w*"
    r"|editorial\w*|editors?|newsroom|news\s*desk|desk|webmaster"
    r"|staff|team|admin\w*|administrator|superuser|super\s+user|guest|gast(?:autor\w*|beitrag)?|gmbh|ltd|inc"
    r"|llc|e\.?\s?v|verlag"
    r"|publishing|media|medien|m[eé]dia|magazin\w*|magazine|zeitung|online|portal|presse(?:stelle|mitteilung)?"
    r"|press\s+release|correspondent|reporter|journalist\w*|columnist|writer|korrespondent\w*|corresponsal|periodista"
    r"|корреспондент|журналист|обозреватель"
    r"|ministerium|departement|bundesamt|landesanstalt|stiftung|universit\w+|institut\w*|society|association"
    r"|verband|verein|sekretariat"
    r"|wordpress\w*|drupal|theme|copyright|comments?|kommentare?|an[oó]nimo|anonymous|anonym|unknown|user|n/?a"
    r"|none|null"
    r"|редакция|编辑部|編集部|편집국|뉴스팀)\b|©",
    re.IGNORECASE,
)
_COMPANY = re.compile(r"\b(?:G?mbH|KGaA|Co\.?\s?KG|LLC|Ltd)\b")  # an owner, with seat and country behind commas
_DESK = re.compile(
    r"\b(?:redaktion|redacción|rédaction|redazione|редакция|staff writer"
    r"|editorial team|editorial staff|editorial board)\b"
    r"|[\w.]-(?:team|redaktion)\b|(?:編集部|편집국|编辑部)",
    re.IGNORECASE,
)
# Of fourteen names, the ones that gained on pages they were not collected from.
_META = ("author", "dc.creator", "cxenseparse:author")


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
    sources: tuple[tuple[str, Callable[[], list[str]]], ...] = (
        ("json-ld", lambda: _json_names(facts)),
        ("meta", lambda: facts.all(*_META)),
        ("markup", lambda: list(facts.bylines)),
        ("feed", lambda: list(feed)),
    )
    weak: tuple[tuple[str, ...], str] = ((), "missing")
    for rule, names in sources:
        found = clean(names(), outlets)
        if any(_full(name) for name in found):
            return found, rule
        if found and not weak[0]:
            weak = (found, rule)
    desk = [n for n in (_desk(line) for _, names in sources for line in names()) if n]
    for line in byline():
        found = clean([line], outlets)
        people = tuple(takewhile(is_person, found))  # what follows a name is a job, a place or an agency
        if people:
            return people, "byline"
        if found and not weak[0] and len(found) == 1 and " " not in found[0]:
            weak = (found, "byline")
    return (tuple(desk[:1]), "desk") if desk and not weak[0] else weak


def clean(raw: Iterable[str], outlets: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Names out of bylines, in order, each once; a name contained in a fuller one goes. `outlets` are `outlet_keys`."""
    names: list[str] = []
    for line in raw:
        line = storable(html.unescape(re.sub(r"<[^>]*>", " ", line)))
        if _ADDRESS.match(line.strip()) or _COMPANY.search(line):
            continue
        for part in _SPLIT.split(_BY.sub("", _ALL_BY.sub("", _AT.sub(" ", line).strip()))):
            name = _name(part)
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


def _json_name(author: Any) -> str:
    if isinstance(author, str):
        return author
    if not isinstance(author, dict):
        return ""
    parts = [text_of(author.get(key)) for key in ("givenName", "additionalName", "familyName")]
    return ", ".join(text_of(n) for n in objects_of(author.get("name"))) or " ".join(filter(None, parts))


def _name(part: str) -> str:
    part = re.sub(r"\s+", " ", part.replace("_", " ")).strip()
    if _ADDRESS.match(part):
        return ""
    for pattern in (_ALL_BY, _BY, _ASIAN_TITLE):
        part = pattern.sub("", part).strip()
    part = part.strip(" \t,;:.-–—|*\"'„“”«»") + ("." if re.search(r"\b(?:[A-Z]|Jr|Sr)\.$", part) else "")
    if (part.isupper() and len(part) > 4 and " " in part) or (part.islower() and " " in part):
        part = part.title()
    return part


def _desk(line: str) -> str:
    """A credit to the newsroom as a whole ("Redaktion"), which is all that some articles carry."""
    line = re.sub(r"\s+", " ", _BY.sub("", line)).strip(" ,;.")
    return line if len(line) < 40 and _DESK.search(line) else ""


def _rejected(name: str, outlets: frozenset[str]) -> bool:
    """Whether a part of a byline is no author: the outlet, an office, an address, a sentence."""
    key = letters(name)
    if not 1 < len(name) <= 60 or not any(c.isalpha() for c in name) or len(name.split()) > 6:
        return True
    if key in outlets or (
        " " in name and any(len(o) > 4 and key.startswith(o) and len(key) < len(o) + 7 for o in outlets)
    ):
        return True
    if _LABEL.fullmatch(name) or _LINK_TEXT.match(name) or name.startswith("http"):
        return True
    return any(c.isdigit() for c in name) or bool(_OFFICE.search(name))


def _full(name: str) -> bool:
    """A name of two words, or one in a script that writes names without spaces."""
    return " " in name or any(c > "\u2e80" for c in name)
