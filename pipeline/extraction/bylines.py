"""The author line in a page's body, for pages whose markup names nobody; slow, so asked last.

Two ways of writing one, the least misleading first: an element named for it (class or id ``author``,
``byline``, ``autor`` ...) and a line that begins as a byline does ("Von ...", "By ...", "記者").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.etree import XPath
from lxml.html import HtmlElement

from pipeline.extraction.facts import elsewhere
from pipeline.text.folding import fold

_NAMES = ("author", "byline", "autor", "auteur", "verfasser", "contributor", "Author", "Byline", "Autor")
_NAMED = XPath(
    "//body//*[" + " or ".join(f"contains(@{key}, '{name}')" for key in ("class", "id") for name in _NAMES) + "]"
)
_SPACE = re.compile(r"\s+")
# A credit of the text, in the languages of the feeds; "Text" and "Interview" only with a colon or "von".
_BYLINE = re.compile(
    r"^(?:(?:von|by|par|por|autor(?:in|en)|text von|texte de|texto de|foto und text|(?:ein )?gastbeitrag von)\s"
    r"|(?:text|texte|texto|testo|autor(?:in|en)?|author|auteur|autore"
    r"|автор|interview|redaktion|bericht|protokoll)\s?:"
    r"|(?:文|記者|记者|作者)\s?[:：＝=/／])\s*(?P<names>.*)$",
    re.IGNORECASE,
)
_FIRST = frozenset("vVbBpPtTfFeEgGaAаАiIrR文記记作")
# Two to four capitalised words, with particles between: what a name looks like in scripts with case.
_TITLES = r"(?:(?:Dr|Prof|Mag|Dipl|Ing|med|rer|nat|phil)\.?\s+)*"
_SMALL = frozenset(
    "von van de del der den di da dos do la le zu zur vom ter al bin el y und rer nat med phil".split()  # noqa: SIM905
)
_PARTICLES = r"(?:(?:von|van|de|del|der|den|di|da|dos|do|la|le|zu|zur|vom|ter|al|bin|el|y|und)\s+)*"
_PERSON = re.compile(rf"^{_TITLES}[^\W\d_a-z][\w.'’-]*(?:\s+{_PARTICLES}[^\W\d_a-z][\w.'’-]*){{1,3}}$")
_LONGEST = 90  # characters of a byline with two names and a job
_MAX_CANDIDATES = 12


def candidates(tree: HtmlElement) -> Iterator[str]:
    """Lines that may be bylines, most trustworthy first; at most 12 of each kind."""
    found = 0
    for element in _NAMED(tree):
        line = _SPACE.sub(" ", " ".join(element.itertext())).strip()
        if 2 < len(line) < _LONGEST and not elsewhere(element):
            yield line
            found += 1
            if found == _MAX_CANDIDATES:
                break
    yield from _credits(tree)


def _credits(tree: HtmlElement) -> Iterator[str]:
    found = 0
    for element in tree.iter(
        "p", "div", "span", "em", "i", "b", "strong", "small", "li", "td", "h2", "h3", "h4", "h5", "br", "byline"
    ):
        for text in (element.tail,) if element.tag == "br" else (element.text,):
            if not text or len(text) > 400:
                continue
            line = text.strip(" \t\r\n-–|·")
            if not line or len(line) > _LONGEST or line[0] not in _FIRST:
                continue
            match = _BYLINE.match(line + " ")
            if match is None or elsewhere(element):
                continue
            names = match["names"].strip()
            if len(names) < 3:  # the name is in the next element: By <a>Name</a>
                names = _SPACE.sub(" ", " ".join(element.itertext())).strip()
            if len(names) <= _LONGEST:
                yield names
                found += 1
                if found == _MAX_CANDIDATES:
                    return


def is_person(name: str) -> bool:
    """Whether a string is written as a person's name is; scripts without case are taken at their word."""
    words = name.split()
    if any(word[0].islower() and fold(word) not in _SMALL for word in words):
        return False
    return bool(_PERSON.match(name)) or (2 <= len(name) <= 12 and all(c > "\u2e80" or c == " " for c in name))
