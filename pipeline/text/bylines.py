"""Bylines: where the names stand in one, what is no name, and what a person's name looks like (pure)."""

from __future__ import annotations

import re

from pipeline.text import dates, names
from pipeline.text.phrases import any_of

# "By" as bylines write it, in the languages of the feeds. A single character (文) may also begin a name.
_UNSPACED_BY = "|".join(
    rf"{phrase}(?=[\s/／:：・＝=])" if len(phrase) == 1 else phrase for phrase in any_of("by", spaced=False).split("|")
)
_BY = re.compile(
    rf"^\W*(?:(?:{any_of('by', spaced=True)})\b\s*:?\s+|(?:{_UNSPACED_BY})\s*[/／:：・＝=]?\s*|[^\w\s]+)",
    re.IGNORECASE,
)
_ALL_BY = re.compile(
    rf"^(?:{any_of('all_by_opening')})\b.{{0,30}}?\b(?:{any_of('all_by')})\s+(?=\S)|\s*[→›»]+$", re.IGNORECASE
)
_REPORTER = re.compile(rf"\s*(?:{any_of('reporter_title')})\s*$")
# A credit of the text; "Text" and "Interview" only with a colon or "von".
_CREDIT = re.compile(
    rf"^(?:(?:{any_of('credit_opening')})\s|(?:{any_of('credit_label', spaced=True)})\s?:"
    rf"|(?:{any_of('credit_label', spaced=False)})\s?[:：＝=/／])\s*(?P<names>.*)$",
    re.IGNORECASE,
)
# A day before the name: "Published 19 June 2024 by Ada Byron", "19.06.2024 von Anna Berg".
_DATED_BY = re.compile(
    rf"^\W*(?i:(?:(?:{any_of('last')})\s+)?(?:{any_of('stamp')})\b\D{{0,20}})?\d.{{0,50}}?"
    rf"\s(?i:{any_of('by', spaced=True)})\s*:?\s+(?=[^\W\d_a-z])"
)
# What leads from a name to its date: small words, a weekday. In scripts without case a short word may be a name.
_BEFORE_DAY = re.compile(
    r"(?:[\s,(|·–—-]+(?:[a-zß-öø-ÿа-џ][^\W\d_]{0,3}|[^\W\d_]+[dt]a[gy]|Mittwoch|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun"
    r"|Mo|Di|Mi|Do|Fr|Sa|So)\.?))+[\s,.]*$"
)
# A credit further on in a line of several: 来源：港口报 作者：张伟
_CREDIT_WITHIN = re.compile(
    rf"(?:^|[\s|｜/／(（【])(?:{any_of('credit_label', spaced=False)})\s?[:：＝=]\s*"
    r"(?P<names>[^\s|｜)）】:：][^|｜)）】:：]*?)"
    r"(?=\s+\S{1,6}[:：]|[|｜)）】]|\s*$)"
)
_TOLD = rf"(?:{any_of('reporter_title', spaced=False)})"
_WRITTEN = rf"(?:[^\s\d]{{1,10}}(?:{any_of('outlet_ending', spaced=False)}|방송)\s+)?(?:(?:글|사진|취재|영상)[·/=\s]+)*"
_HANGUL = rf"[가-힣]{{2,4}}(?:(?:\s*{_TOLD})?[·,\s]+[가-힣]{{2,4}}){{0,4}}?"
_HAN = r"[\u4e00-\u9fff]{2,4}?(?:[\s、，·]+[\u4e00-\u9fff]{2,4}?){0,4}?"
# Where reporters sign within a paragraph: "(서울=연합뉴스) 김민수 기자 =", "[항구뉴스 김민수 기자]",
# "（记者 张伟）", "本报记者 张伟 报道", "Reporting by Ada Byron; editing by Bo Lind".
_SIGNED = (
    re.compile(
        rf"^\s*(?:[(\[（［【][^)\]）］】\n]{{2,30}}[)\]）］】]\s*)?{_WRITTEN}(?P<names>{_HANGUL})\s*{_TOLD}\s*(?:[=＝(\[/]|\S+@|$)"
    ),
    re.compile(rf"[(\[（［【](?:[^)\]）］】\s=]{{2,14}}[\s=/]+)?(?P<names>{_HANGUL})\s*{_TOLD}\s*[)\]）］】]"),
    re.compile(
        rf"[(\[（［【][^()（）【】]{{0,14}}?(?:记者|記者|作者|文)\s*[:：/]?\s*(?P<names>{_HAN})"
        rf"\s*(?:{any_of('filed', spaced=False)})?\s*[)\]）］】]"
    ),
    re.compile(
        rf"^\s*[\u4e00-\u9fff]{{0,6}}(?:记者|記者)[\s:：]+(?P<names>{_HAN})\s*(?:{any_of('filed', spaced=False)})?\s*$"
    ),
    # Without a blank before the name, only behind "our": 记者协会 is the association of reporters.
    re.compile(
        rf"^\s*(?:本[报報社台网網]|特[派约約])(?:记者|記者)\s*(?P<names>{_HAN})"
        rf"\s*(?:$|(?:{any_of('filed', spaced=False)})(?=[\s，,：:]|$))"
    ),
    re.compile(rf"^\s*(?:文|撰文|作者)\s*[|｜]\s*(?P<names>{_HAN})\s*$"),
    re.compile(rf"^\s*기자\s*[:：=]?\s*(?P<names>{_HANGUL})\s*(?:\S+@\S+)?$"),
    re.compile(
        rf"^\W*(?:{any_of('filed', spaced=True)})\s+by\s+(?P<names>[^;.\n)]{{3,120}}?)"
        rf"(?=[;.)]|\s+(?:editing|writing)\b|\s*$)",
        re.IGNORECASE,
    ),
)
_SIGNED_WITHIN = 160  # characters of either end of a paragraph in which a reporter signs
_LABEL = re.compile(any_of("byline_label"), re.IGNORECASE)
_STAMP = re.compile(rf"[\s,(|·–—-]+(?:{any_of('stamp')}|{any_of('last')})\b(?P<rest>.*)$", re.IGNORECASE)
# What follows a name without a sign: a job ("Ada Byron Staff Writer"), a link ("Ada Byron Follow"), a bracket.
_JOB_AFTER = re.compile(
    rf"(?:\s+(?:{any_of('office_before')}))*\s+(?:{any_of('job')})\b.*$|\s+(?:{any_of('link_after')})\b.*$"
    r"|\s*[(\[（][^)\]）]*[)\]）]?$",
    re.IGNORECASE,
)
# An outlet after a name, by its initials: Ada Byron BBC News.
_OUTLET_AFTER = re.compile(r"\s+[A-Z]{3,5}\s(?:News|Sport|World|Radio|TV)\b.*$")  # three letters: JD News may be a name
_LINK = re.compile(rf"^(?:{any_of('link_label')}|themegraphy)\b", re.IGNORECASE)
# Agencies (AP, Reuters, dpa) are not among them: their name is the byline, and copies are traced by it.
_OFFICE = re.compile(rf"\b(?:{any_of('office')}|gmbh|ltd|inc|llc|e\.?\s?v|n/?a|wordpress\w*|drupal)\b|©", re.IGNORECASE)
_PICTURE = re.compile(
    rf"^\W*(?:(?:{any_of('picture_credit', spaced=True)})\.?\s?[:：/]"
    rf"|(?:{any_of('picture_credit', spaced=False)})\s?[:：＝=/／])",
    re.IGNORECASE,
)
_NAMED_SO = re.compile(
    rf"^(?!(?:{any_of('office_before')})\s)[^\W\d_][\w.'’-]+(?:\s[^\W\d_][\w.'’-]*)?\s(?:{any_of('office_or_name')})$",
    re.IGNORECASE,
)
_COMPANY = re.compile(
    r"\b(?:G?mbH|KGaA|Co\.?\s?KG|AG|LLC|Ltd|Inc|PLC)\b"
)  # an owner, with seat and country behind commas
_DESK = re.compile(
    rf"\b(?:{any_of('desk', spaced=True)})\b|[\w.]-(?:team|redaktion)\b|(?:{any_of('desk', spaced=False)})",
    re.IGNORECASE,
)


def parts(line: str, language: str | None = None, *, turned: bool | None = False) -> list[str]:
    """The names that a byline lists, without what stands before them and behind them.

    `language` is the page's, a primary subtag; for `turned` see `names.split`.
    """
    line = _ALL_BY.sub("", line)
    if turned is False or not names.is_led_family(line):  # von Berg, Anna
        line = without_by(line)
    return names.split(without_stamp(line, language), language, turned=turned)


_LONGEST_STAMPED = 400  # characters of a byline with a time; a stranger's name may be of any length


def without_stamp(line: str, language: str | None = None) -> str:
    """A byline without the time of publication or of a change that follows a person's name."""
    if len(line) > _LONGEST_STAMPED:
        return line
    day = next(dates.days_in(line, language), None)
    for end in (day.start, len(line)) if day is not None else (len(line),):
        before = _STAMP.sub("", line[:end])
        if day is not None or before != line:
            before = _BEFORE_DAY.sub("", before).rstrip(" ,;:(|·–—-")
        if before != line and any(names.is_person(name) for name in names.split(before, language)):
            return before
    return line


def without_by(line: str) -> str:
    """A byline without its "By", and without a day before that."""
    dated = _DATED_BY.match(line[:_LONGEST_STAMPED])
    return line[dated.end() :] if dated else _BY.sub("", line)


def bare_name(part: str, language: str | None = None) -> str:
    """A part of a byline without "By" before it and a reporter's title or place after it."""
    part = _ALL_BY.sub("", part).strip()
    if not names.is_led(part):  # a second "Von" is of the name: By Von Miller
        part = _BY.sub("", part).strip()
    part = _REPORTER.sub("", part).strip()
    found = _JOB_AFTER.search(part) or _OUTLET_AFTER.search(part)
    if found and names.is_person(part[: found.start()]):
        part = part[: found.start()]
    return names.without_tail(part, language)


def credited(line: str) -> str | None:
    """What a line credits the text to, if it begins as such lines do; empty where the name is in the next element."""
    match = (None if line.isascii() else _CREDIT_WITHIN.search(line)) or _CREDIT.match(line + " ")
    if match:
        return match["names"].strip()
    dated = _DATED_BY.match(line)
    return line[dated.end() :].strip() if dated and not line[0].isdigit() else None


def signed(paragraph: str) -> str | None:
    """The reporters who sign at the beginning or the end of a paragraph; None where none does."""
    text = " ".join(paragraph.split())
    ends = (text,) if len(text) <= 2 * _SIGNED_WITHIN else (text[:_SIGNED_WITHIN], text[-_SIGNED_WITHIN:])
    for end in ends:
        for pattern in _SIGNED:
            if found := pattern.search(end):
                return found["names"].strip()
    return None


def is_uncased(text: str) -> bool:
    """Whether a text is in a script of East Asia, whose names may have two characters."""
    return bool(text) and all(char > "\u2e80" for char in text)


def is_label(part: str) -> bool:
    """Whether a part of a byline is a word of its form or of a link beside it, and no name."""
    return bool(_LABEL.fullmatch(part) or _LINK.match(part))


def is_office(part: str) -> bool:
    """Whether a part of a byline names an office, a company or an account."""
    return _OFFICE.search(part) is not None or _OUTLET_AFTER.fullmatch(f" {part}") is not None


def may_be_family(part: str) -> bool:
    """Whether the word for an office in a part may be a family's name: Christopher Guest, but not Guest Author."""
    first, _, last = part.rpartition(" ")
    return bool(_NAMED_SO.match(part)) and last[:1].isupper() and not _OFFICE.search(first)


def is_picture_credit(part: str) -> bool:
    """Whether a part of a byline names who took the picture: Foto: Bo Lind."""
    return _PICTURE.match(part) is not None


def is_body(line: str) -> bool:
    """Whether a line is an office's name with the list of its fields: Ministry of Transport, Energy and Climate."""
    first = line.partition(",")[0]
    if not is_office(first) or not any(word[0].islower() and word.isalpha() for word in first.split()[1:]):
        return False
    several = names.split(without_by(first))
    return len(several) == 1 or any(is_office(each) and not may_be_family(each) for each in several)


def is_company(line: str) -> bool:
    """Whether a line names a company by its form of law."""
    return _COMPANY.search(line) is not None


def is_desk(line: str) -> bool:
    """Whether a line credits the newsroom as a whole ("Redaktion")."""
    return _DESK.search(line) is not None
