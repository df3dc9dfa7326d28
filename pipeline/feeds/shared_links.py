"""Entries of one feed that name one address and are different stories all the same (pure).

The posts of a live report lead to its page, and some feeds lead everywhere to their home page. Such an address tells
no entry, so none of them is known by it; each keeps its link for readers. An edit, or one story in two sections, has
the same words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from pipeline import urls
from pipeline.models import FeedEntry
from pipeline.text.folding import fold, letters

_SHARED_WORDS = 0.5  # of the shorter title's words, from which two titles agree (`pipeline/extraction/sameness.py`)
_MAX_COMPARED = 100  # entries at one address that are compared with each other; the others follow what these say


def apart(entries: Sequence[FeedEntry]) -> tuple[FeedEntry, ...]:
    """The entries, those without a canonical address whose address other stories claim (``shared-link``).

    Evidence is an id of their own, which is not the address, and titles and texts of which no two agree; of an outlet's
    home page the id is enough.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for index, entry in enumerate(entries):
        if entry.canonical_url and entry.title and _has_own_id(entry):
            groups[urls.identity(entry.canonical_url)].append(index)
    shared = {
        index
        for indices in groups.values()
        if _is_home(entries[indices[0]]) or _differ([entries[i] for i in indices[:_MAX_COMPARED]])
        for index in indices
    }
    if not shared:
        return tuple(entries)
    return tuple(
        replace(entry, canonical_url=None, problems=(*entry.problems, "shared-link")) if index in shared else entry
        for index, entry in enumerate(entries)
    )


def _has_own_id(entry: FeedEntry) -> bool:
    if not entry.guid:
        return False
    address = urls.resolve(None, entry.guid) if "://" in entry.guid and "#" not in entry.guid else None
    return address is None or urls.identity(address) != urls.identity(entry.canonical_url or "")


def _is_home(entry: FeedEntry) -> bool:
    parts = urlsplit(entry.canonical_url or "")
    return parts.path in ("", "/") and not parts.query and not parts.fragment


def _differ(entries: Sequence[FeedEntry]) -> bool:
    """Whether several entries tell several stories: no two of them agree."""
    if len(entries) < 2 or len({entry.guid for entry in entries}) < len(entries):
        return False
    texts = [letters(entry.text) for entry in entries]
    if len({text for text in texts if text}) < sum(map(bool, texts)):
        return False
    titles = [(letters(entry.title), frozenset(re.findall(r"\w+", fold(entry.title)))) for entry in entries]
    return not any(_agree(one, other) for place, one in enumerate(titles) for other in titles[:place])


def _agree(one: tuple[str, frozenset[str]], other: tuple[str, frozenset[str]]) -> bool:
    if one[0] in other[0] or other[0] in one[0]:
        return True
    return len(one[1] & other[1]) >= _SHARED_WORDS * min(len(one[1]), len(other[1]))
