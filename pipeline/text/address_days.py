"""The day that an address names: ``/2024/06/19/``, ``-20240619`` (pure)."""

from __future__ import annotations

import re
from datetime import date

_IN_ADDRESS = re.compile(
    r"[/_.-](?P<y>(?:19|20)\d\d)(?:(?P<s>[/_.-])(?P<m>0?[1-9]|1[0-2])(?P=s)(?P<d>0?[1-9]|[12]\d|3[01])"
    r"|(?P<mm>0[1-9]|1[0-2])(?P<dd>0[1-9]|[12]\d|3[01]))(?!\d)"
)
_SEGMENT_END = re.compile(r"(?:[/.]|$)")
_NUMBERS_AT_END = re.compile(r"(?:[_.,-]\d+)*(?:\.[a-z]\w*)?(?:[/;#]|$)", re.IGNORECASE)


def day_in_address(url: str, first: date, last: date, *, doubtful: bool = False, numbers: bool = True) -> date | None:
    """The day from `first` to `last` written in an address such as ``/2024/06/19/`` or ``-20240619``; else None.

    Eight digits may also be an article's number: without `numbers` only a day in three parts counts. In
    ``/2024/06/19-dead-in-flood`` the number may open the headline; such a day counts only where it is `doubtful`
    whether anything else has a date. A single digit there (``/2024/06/2-0-germany-wins``) is never a day. Nor is one
    among the words of a headline (``/the-storm-of-1999-12-26-remembered``): a day in three parts that are joined by
    other marks than slashes opens a segment, or ends it but for numbers.
    """
    path = re.sub(r"^\w+://[^/]*", "", url.split("?")[0])
    if "//" in path:  # a web archive's copy: its own time stamp comes first, the original address last
        path = re.sub(r"^.*?\w+:/{1,2}[^/]*", "", path)
    for match in _IN_ADDRESS.finditer(path):
        whole = match["s"] != "/" or _SEGMENT_END.match(path, match.end()) is not None
        if match["mm"] and not numbers:
            continue
        if (
            match["s"]
            and match["s"] != "/"
            and path[match.start()] != "/"
            and not _NUMBERS_AT_END.match(path, match.end())
        ):
            continue
        if not whole and (not doubtful or len(match["d"]) < 2):
            continue
        try:
            day = date(int(match["y"]), int(match["m"] or match["mm"]), int(match["d"] or match["dd"]))
        except ValueError:
            continue
        if first <= day <= last:
            return day
    return None
