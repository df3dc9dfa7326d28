"""Bylines: where the names stand in one, what is no name, and what a person's name looks like (pure)."""

from __future__ import annotations

import re

from pipeline.text.folding import fold
from pipeline.text.phrases import any_of, listed

# "By" as bylines write it, in the languages of the feeds.
_BY = re.compile(
    rf"^\W*(?:(?:{any_of('by', spaced=True)})\b\s*:?\s+|(?:{any_of('by', spaced=False)})\s*[/／:：]?\s*|[^\w\s]+)",
    re.IGNORECASE,
)
_ALL_BY = re.compile(
    rf"^(?:{any_of('all_by_opening')})\b.{{0,30}}?\b(?:{any_of('all_by')})\s+(?=\S)|\s*[→›»]+$", re.IGNORECASE
)
_REPORTER = re.compile(rf"\s*(?:{any_of('reporter_title')})\s*$")
_SPLIT = re.compile(
    rf"\s*(?:[;|•·/&\n]|,(?!\s*(?:jr|sr|phd|md|dr|ii|iii)\b)|、|，|\s(?:{any_of('and')})\s)\s*", re.IGNORECASE
)
# A credit of the text; "Text" and "Interview" only with a colon or "von".
_CREDIT = re.compile(
    rf"^(?:(?:{any_of('credit_opening')})\s|(?:{any_of('credit_label', spaced=True)})\s?:"
    rf"|(?:{any_of('credit_label', spaced=False)})\s?[:：＝=/／])\s*(?P<names>.*)$",
    re.IGNORECASE,
)
_LABEL = re.compile(any_of("byline_label"), re.IGNORECASE)
_LINK = re.compile(rf"^(?:{any_of('link_label')}|themegraphy)\b", re.IGNORECASE)
# Agencies (AP, Reuters, dpa) are not among them: their name is the byline, and copies are traced by it.
_OFFICE = re.compile(rf"\b(?:{any_of('office')}|gmbh|ltd|inc|llc|e\.?\s?v|n/?a|wordpress\w*|drupal)\b|©", re.IGNORECASE)
_COMPANY = re.compile(r"\b(?:G?mbH|KGaA|Co\.?\s?KG|LLC|Ltd)\b")  # an owner, with seat and country behind commas
_DESK = re.compile(
    rf"\b(?:{any_of('desk', spaced=True)})\b|[\w.]-(?:team|redaktion)\b|(?:{any_of('desk', spaced=False)})",
    re.IGNORECASE,
)
# Two to four capitalised words, with particles between: what a name looks like in scripts with case.
_SMALL = listed("name_particle") | {"rer", "nat", "med", "phil"}
_TITLES = r"(?:(?:Dr|Prof|Mag|Dipl|Ing|med|rer|nat|phil)\.?\s+)*"
_PARTICLES = rf"(?:(?:{any_of('name_particle')})\s+)*"
_PERSON = re.compile(rf"^{_TITLES}[^\W\d_a-z][\w.'’-]*(?:\s+{_PARTICLES}[^\W\d_a-z][\w.'’-]*){{1,3}}$")


def parts(line: str) -> list[str]:
    """The names that a byline lists, without what stands before them."""
    return _SPLIT.split(without_by(_ALL_BY.sub("", line)))


def without_by(line: str) -> str:
    """A byline without its "By"."""
    return _BY.sub("", line)


def bare_name(part: str) -> str:
    """A part of a byline without "By" before it and a reporter's title after it."""
    for pattern in (_ALL_BY, _BY, _REPORTER):
        part = pattern.sub("", part).strip()
    return part


def credited(line: str) -> str | None:
    """What a line credits the text to, if it begins as such lines do; empty where the name is in the next element."""
    match = _CREDIT.match(line + " ")
    return match["names"].strip() if match else None


def is_label(part: str) -> bool:
    """Whether a part of a byline is a word of its form or of a link beside it, and no name."""
    return bool(_LABEL.fullmatch(part) or _LINK.match(part))


def is_office(part: str) -> bool:
    """Whether a part of a byline names an office, a company or an account."""
    return _OFFICE.search(part) is not None


def is_company(line: str) -> bool:
    """Whether a line names a company by its form of law."""
    return _COMPANY.search(line) is not None


def is_desk(line: str) -> bool:
    """Whether a line credits the newsroom as a whole ("Redaktion")."""
    return _DESK.search(line) is not None


def is_person(name: str) -> bool:
    """Whether a string is written as a person's name is; scripts without case are taken at their word."""
    words = name.split()
    if any(word[0].islower() and fold(word) not in _SMALL for word in words):
        return False
    return bool(_PERSON.match(name)) or (2 <= len(name) <= 12 and all(c > "\u2e80" or c == " " for c in name))
