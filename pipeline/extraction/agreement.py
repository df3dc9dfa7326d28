"""Whether a page speaks of what its feed said: the words that headline, summary and page share (pure).

Feed and page come from one newsroom and name one event, so names, numbers and the nouns of the headline recur, in
whatever form the grammar gives them. Words are compared by their beginnings; runs of scripts without blanks, and Korean
words, by pairs of characters. Short words say nothing and are left out.
"""

from __future__ import annotations

from pipeline.models import FeedEntry
from pipeline.text.words import is_word, words

_STEM = 5  # letters by which two forms of a word are one
_SHORTEST = 4  # letters below which a word of a spaced script is grammar more often than content
_FEWEST = 3  # terms of a headline or a text below which chance decides
_LONG = 180  # words from which a text holds a few terms of any headline by chance
# The share of terms below which page and feed are about different things, for a short and for a long text: with a
# page's own headline left out, 2 to 9% of 119 short and 1% of 871 long pages fall below it, and 93 to 100% and 68 to
# 70% of those of another article (docs/notes/2026-11-28-walls.md).
_FLOOR, _FLOOR_LONG = 0.25, 0.2
_FEED_LONGER = 1.3  # how much longer than the page the feed's text must be before the page can be a part of it
AGREED = 0.34
"""Agreement from which a page is about what its feed said."""


def terms(text: str, language: str | None = None) -> frozenset[str]:
    """What a text can share with another one about the same thing."""
    return frozenset(
        unit[:_STEM]
        for unit in words(text, language)
        if not is_word(unit) or len(unit) >= _SHORTEST or any(c.isdigit() for c in unit)
    )


def shared(said: str, others: frozenset[str], language: str | None = None) -> float | None:
    """The share of a text's terms that are among others; None where it has too few to tell."""
    wanted = terms(said, language)
    return len(wanted & others) / len(wanted) if len(wanted) >= _FEWEST else None


def score(entry: FeedEntry, headline: str, text: str) -> float | None:
    """How well a page answers its feed, 0..1: the highest share of terms that one side finds on the other.

    Asked are the feed's headline, the feed's text, and the page's text where it may be a part of the feed's. None
    where none of them has terms enough.
    """
    page = terms(f"{headline}\n{text}")
    found = [shared(entry.title, page), shared(entry.text, page)]
    if len(entry.text) > _FEED_LONGER * len(text):
        found.append(shared(text, terms(f"{entry.title}\n{entry.text}")))
    return max((share for share in found if share is not None), default=None)


def differs(agreement: float | None, words: int) -> bool:
    """Whether a page of so many words speaks of something else than its feed; never where too little was said."""
    return agreement is not None and agreement < (_FLOOR_LONG if words >= _LONG else _FLOOR)
