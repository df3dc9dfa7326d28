"""Which of a page's titles is the headline: the heading readers see, else the metadata without the outlet's name."""

from __future__ import annotations

import re

from pipeline.extraction.facts import PageFacts
from pipeline.text.folding import fold, letters
from pipeline.text.phrases import any_of

_SEPARATOR = re.compile(r"\s+[|•·—–:»›«‹~⋆*-]\s+|\s*[|｜│_]\s*|\s+::\s+")
# Signs that part a title from an outlet that the page names: "渡轮恢复运营-港口新闻网", "Harbour Post: Ferry resumes".
# A hyphen without blanks does so only in scripts that write none within words.
_MARK = re.compile(
    r"\s*[–—_|｜│:：·•~/]+\s*|\s+[-,]+\s+|(?<=[\u3040-\u9fff\uac00-\ud7af])\s*[-,，]\s*"
    r"|\s*[-,，]\s*(?=[\u3040-\u9fff\uac00-\ud7af])"
)
_OUTLET = re.compile(
    r"(?<=[\u3040-\u9fff\uac00-\ud7af]{4})(?:\s*[_|｜│]\s*[\u3040-\u9fff\uac00-\ud7af]{1,6})?"  # and its section
    rf"\s*[-–—_|｜│]+\s*[\u3040-\u9fff\uac00-\ud7af]{{0,10}}"
    rf"(?:{any_of('outlet_ending', spaced=False)})$"
)
_BRACKETS = re.compile(r"^\s*[\[(（【［][^\])）】］]+[\])）】］]|[\[(（【［][^\])）】］]+[\])）】］]\s*$")
_TAG = re.compile(r"</?[a-z][^<>]{0,200}>", re.IGNORECASE)
_CUT_OFF = re.compile(r"\s*(?:\.{3}|…|\[…\])$")
_WORD = re.compile(r"\w+")
# A heading shares this much of its words with the metadata title before it is believed to be the headline. From .3
# to .6 the titles of 209 pages of the tuning half change on two (docs/extraction.md).
_SHARED = 0.5
# Signs that titles repeat before each level of the site; a colon or a hyphen may be the headline's own.
_SECTION_SIGNS = "|｜│_‹«›»"
_SECTION_WORDS = 3
_LONGEST = 1000  # characters of a title: each sign in it may end a name, and a stranger may write any number of them


def choose(facts: PageFacts, host: str, fallback: str = "") -> str:
    """The headline of a page, or `fallback` (the feed's title) where the page names none.

    Metadata titles are often search-engine titles or carry the outlet's name; the one `h1` that says the same is
    what the newsroom set. `host` (without ``www.``) helps to recognise the outlet's name at the end of a title.
    """
    told = {letters(name) for name in (*facts.site_names, host) if name}
    names = {*told, letters(host.split(".")[0])} - {""}
    banners = {letters(heading) for heading in facts.h1 if _is_banner(heading, facts, names)}
    told, names = told | banners, names | banners
    tagged = strip_site(facts.title_tag, names, told)
    named = (_whole(strip_site(title, names, told), tagged) for title in facts.all("og:title"))
    stated = [title for title in named if title and letters(title) not in names]
    headings = [h for h in facts.h1 if 2 < len(h) < 300 and letters(h) not in names]
    for heading in headings:
        if any(_same(heading, title) for title in (*stated, tagged)):
            bare = _without(heading[:_LONGEST], told)  # only a stated name: others may be the headline's own
            return bare if letters(bare) in {letters(title) for title in (*stated, tagged)} else heading
    if stated:
        return stated[0]
    if len(headings) == 1 and not (fallback and _same(fallback, tagged)):
        return headings[0]
    return tagged or fallback or (headings[0] if headings else "")


def _is_banner(heading: str, facts: PageFacts, names: set[str]) -> bool:
    """Whether a first-level heading is the outlet's name: it ends the `title` element, and leads home or holds the
    host's name."""
    parts = _SEPARATOR.split(_plain(facts.title_tag[:_LONGEST]))
    ends = [letters(part) for part in (parts[0], parts[-1])]
    if len(parts) < 2 or letters(heading) not in ends or min(map(len, ends)) < 3:
        return False
    if heading in facts.banners:
        return True
    return letters(heading) == letters(parts[-1]) and _is_site(heading, names) and not _is_site(parts[0], names)


def _whole(title: str, tagged: str) -> str:
    """A metadata title, or the `title` element where that goes on after the title was cut off."""
    start = _CUT_OFF.sub("", title)
    cut = start != title and len(letters(start)) > 7 and letters(tagged).startswith(letters(start))
    return tagged if cut and not _CUT_OFF.search(tagged) else title


def _plain(title: str) -> str:
    return " ".join(_TAG.sub(" ", title).split()) if "<" in title else title.strip()


def strip_site(title: str, names: set[str], told: set[str] | frozenset[str] = frozenset()) -> str:
    """Cut the outlet's name off either end of a title; `names` are keys of the names it goes by.

    A part goes only where it is such a name or holds the host; other parts may belong to the headline. `told` are the
    names that the page states, which any sign may part from the headline.
    """
    whole = _plain(title[:_LONGEST])
    title = _without(whole, told)
    if whole != title and whole.startswith(title):
        title = _without_sections(title, whole[len(title) :])
    if title.endswith(" ‹"):  # the outlet's name is missing behind it
        title = _without_sections(title[:-2].rstrip(), "‹")
    for _ in range(2):
        breaks = list(_SEPARATOR.finditer(title))
        if not breaks:
            break
        if _is_site(title[breaks[-1].end() :], names):
            title = _without_sections(title[: breaks[-1].start()].strip(), breaks[-1][0])
        elif _is_site(title[: breaks[0].start()], names):
            title = title[breaks[0].end() :].strip()
        else:
            break
    return _OUTLET.sub("", title)


def _without_sections(title: str, behind: str) -> str:
    """A title without the sections between it and the outlet's name, which the same sign parts: Ferry | Local | Post.

    `behind` is what was cut off the title, and begins with the sign. A section is shorter than half the headline.
    """
    sign = behind.strip()[:1]
    between = f" {sign} " if sign in "‹«›»" else sign  # a quotation mark has a blank on one side only
    while sign and sign in _SECTION_SIGNS:
        head, found, section = title.rpartition(between)
        if not found or len(section.split()) > _SECTION_WORDS or 2 * len(letters(section)) >= len(letters(head)):
            break
        title = head.strip()
    return title


def _without(title: str, told: set[str] | frozenset[str]) -> str:
    """A title without a stated name at its end and its beginning, whatever sign is between."""
    bracket = _BRACKETS.search(title)
    if bracket and letters(bracket[0]) in told:
        title = f"{title[: bracket.start()]}{title[bracket.end() :]}".strip()
    head, hyphen, tail = title.rpartition("-")
    if hyphen and len(letters(tail)) > 5 and letters(tail) in told:
        title = head.strip()
    for found in reversed(list(_MARK.finditer(title))):
        if found.start() and letters(title[found.end() :]) in told:
            title = title[: found.start()]
            break
    for found in _MARK.finditer(title):
        if found.end() < len(title) and found.start() and letters(title[: found.start()]) in told:
            return title[found.end() :]
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
