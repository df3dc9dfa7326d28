"""What a link of a feed means, and which link of an entry leads to its page (pure)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline import urls

_HOST = r"(?P<host>(?:[\w-]+\.)+[^\W\d][\w-]*)(?::\d{1,5})?(?=[/?#]|$)"
_BARE = re.compile(_HOST)
_DOUBLED = re.compile(r"https?[:/]{1,3}(?=https?://)", re.IGNORECASE)
_MISSPELT = re.compile(rf"(?:(?P<scheme>https?)(?!://\w)[:/]{{1,6}}|:/{{1,2}}){_HOST}", re.IGNORECASE)
_PAGE_TYPES = ("", "text", "html", "xhtml", "text/html", "text/plain", "application/xhtml+xml", "application/html")
_NO_PAGE = re.compile(r"(?:image|audio|video|font)/|.*(?:json|atom|rss|rdf|xml|javascript)\b", re.IGNORECASE)
_HEADER = re.compile(r"<(?P<to>[^<>]*)>(?P<rest>(?:\s*;\s*[\w*-]+\s*=\s*(?:\"[^\"]*\"|[^\s;,\"]*))*)")
_PARAMETER = re.compile(r"([\w*-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]*))")
_MAX_HEADER = 20_000

Link = Mapping[str, Any]
"""A link as `pipeline.feeds.elements` keeps it."""


def resolve(base: str | None, written: str | None, own: Collection[str] = ()) -> str | None:
    """The absolute http(s) address that a feed's link means; None where it means none.

    A host without its scheme is a host, and no path: where it begins with ``www.``, or is one of the domain of `base`
    or of the addresses in `own`.
    """
    text = (written or "").strip()
    bare = _BARE.match(text)
    if bare and _is_host(bare["host"], [base or "", *own]):
        scheme = (
            "http" if (base or "").startswith("http:") and not any(o.startswith("https:") for o in own) else "https"
        )
        return urls.resolve(None, f"{scheme}://{text}")
    return urls.resolve(base, _mended(text))


def _is_host(name: str, own: Collection[str]) -> bool:
    if name.lower().startswith("www.") and name.count(".") >= 2:
        return True
    domain = urls.registered_domain(name)
    return any(domain == urls.registered_domain(address) for address in own if "//" in address)


def _mended(text: str) -> str:
    """An address whose scheme is misspelt (``http//outlet.example``, ``https:/outlet.example``, ``http://http://…``)."""
    if text[:1] not in ("h", "H", ":"):
        return text
    doubled = _DOUBLED.match(text)
    if doubled:
        return text[doubled.end() :]
    wrong = _MISSPELT.match(text)
    return f"{(wrong['scheme'] or 'https').lower()}://{text[wrong.start('host') :]}" if wrong else text


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of a feed when its links are read: `own`, addresses of its publisher; `itself`, identities of the
    feed's own addresses, which are no article's; whether it is Atom; its language."""

    own: Collection[str] = ()
    itself: Collection[str] = ()
    atom: bool = False
    language: str | None = None


def page(links: Sequence[Link], around: Around) -> str | None:
    """The address of the page that an entry's links name as its own, the first of the best; None where none does.

    RSS's own element first, then an alternate that is a page, in the entry's language; then ``canonical``.
    """
    ranked = [(rank, number) for number, link in enumerate(links) if (rank := _rank(link, around)) is not None]
    return _first([links[number] for _, number in sorted(ranked)], around)


def stand_in(links: Sequence[Link], around: Around) -> str | None:
    """The address that an entry's other links give where neither `page` nor the id is one."""
    relations = ("alternate", "self", "via", "related")  # the nearest to the article first
    return _first([link for relation in relations for link in links if link["rel"] == relation], around)


def _first(links: Sequence[Link], around: Around) -> str | None:
    for link in links:
        found = resolve(link["base"], link["href"], around.own)
        if found and (link["text"] or urls.identity(found) not in around.itself):
            return found
    return None


def _rank(link: Link, around: Around) -> float | None:
    """How surely a link names the entry's page, the smaller the surer; None where it does not."""
    language = around.language
    if link["rel"] == "canonical":
        return 3
    if link["rel"] != "alternate" or not link["href"]:
        return None
    if not around.atom and not link["text"] and not link["named"]:
        # RSS's own element with an attribute is the item's page to other readers too; Atom's inside RSS that does not
        # say what it is leads to the feed as often as to the article.
        return None if link["foreign"] else 0
    kind = str(link["type"]).split(";")[0].strip().lower()
    if kind not in _PAGE_TYPES and _NO_PAGE.match(kind):
        return None
    spoken = str(link["hreflang"]).split("-")[0].lower()
    foreign = 0.0 if not spoken else 0.25 if language is None else 0.5 * (spoken != language.split("-")[0].lower())
    written = link["text"] and not link["named"]  # RSS's own element; in Atom a mistake
    return (1 if kind in _PAGE_TYPES else 2) + foreign + (0 if not written else 0.6 if around.atom else -0.9)


def of_header(value: str | None) -> Iterator[tuple[str, dict[str, str]]]:
    """The links of a ``Link`` header (RFC 8288) as written, each with its parameters by their names."""
    for link in _HEADER.finditer((value or "")[:_MAX_HEADER]):
        yield link["to"], {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(link["rest"])}


def related(value: str | None, relation: str, url: str) -> str | None:
    """The first address that a ``Link`` header of `url` names with a relation; None where it names none."""
    for to, said in of_header(value):
        if relation in said.get("rel", "").lower().split() and (found := resolve(url, to)):
            return found
    return None
