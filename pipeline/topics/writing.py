"""A topic file as somebody would write it, from what a few questions ask (pure)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pipeline.text.folding import decomposed, fold

Groups = Sequence[Sequence[str]]
"""Terms, by group: a text has to name one of each group."""
_LETTERS = {"ł": "l", "ß": "ss", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"}
_MOST = 40  # letters of a file's name


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a topic is to be: its name, a text on what it is, its terms by language, its days, and its digest's hour.

    Every language has the same groups in the same order. `first` and `last` are days of `zone`; a `last` of None is an
    ongoing topic.
    """

    name: str
    about: str
    words: Mapping[str, Groups]
    first: date
    last: date | None
    zone: str
    hour: int


def slug_of(name: str) -> str:
    """The name of the file of a topic, without its ending: lower-case letters, digits and hyphens; "" of no such."""
    folded = "".join(_LETTERS.get(letter, letter) for letter in fold(name))
    plain = decomposed(folded).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:_MOST].strip("-")


def groups_of(text: str) -> list[list[str]]:
    """Groups of terms out of one line: groups apart by `;`, the terms of a group by `,`."""
    groups = [[term.strip() for term in group.split(",") if term.strip()] for group in text.split(";")]
    return [group for group in groups if group]


def to_toml(wanted: Wanted, document: str) -> str:
    """The topic file, whose seed document is the file `document`."""
    zone = ZoneInfo(wanted.zone)
    lines = [
        "# Made by `wirewatch topic new`. `wirewatch topic try FILE` says what it would catch; see docs/topics.md.",
        "",
        f"name = {_text(wanted.name)}",
        f"description = {_text(_sentence(wanted.about))}",
        "",
        "# Entries published outside the window are not of this topic. Without `end` it goes on.",
        "[window]",
        f"start = {_moment(wanted.first, zone)}",
    ]
    if wanted.last is not None:
        lines.append(f"end = {_moment(wanted.last + timedelta(days=1), zone)}")
    lines += [
        "",
        "# A digest covers one calendar day of this zone and is drafted at `hour` on the day after.",
        "[digest]",
        f"timezone = {_text(wanted.zone)}",
        f"hour = {wanted.hour}",
        "",
        "[seeds]",
        f"documents = [{_text(document)}]",
        "",
        "# A text is on topic that names a term of each group. A trailing * matches any ending. In Chinese, Japanese",
        "# and Korean a term matches inside longer words too.",
    ]
    names = _names(next(iter(wanted.words.values())))
    for at, name in enumerate(names):
        lines += [f"[groups.{name}]", *(_line(language, groups[at]) for language, groups in wanted.words.items()), ""]
    lines += [
        '# Terms that speak against a text where they stand without the others, as in en = ["World Cup"].',
        "[not]",
    ]
    return "\n".join(lines) + "\n"


def _line(language: str, terms: Sequence[str]) -> str:
    return f"{language} = [{', '.join(map(_text, terms))}]"


def _names(groups: Groups) -> list[str]:
    """A name for each group: that of its first term, with a number where it has no Latin letters or is taken."""
    found: list[str] = []
    for number, group in enumerate(groups, start=1):
        name = slug_of(group[0]).replace("-", "_")
        found.append(name if name and not name[0].isdigit() and name not in found else f"group_{number}")
    return found


def _text(value: str) -> str:
    """A TOML string: JSON's escapes are among TOML's."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _moment(day: date, zone: ZoneInfo) -> str:
    at = datetime.combine(day, time(), zone).astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _sentence(about: str) -> str:
    """The first sentence of a text."""
    found = re.match(r".+?[.!?。！？](?=\s|$)", " ".join(about.split()))
    return found[0] if found else " ".join(about.split())
