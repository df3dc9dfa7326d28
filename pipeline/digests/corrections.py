"""What a corrected article said and says now, and which of its copies still say the old. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.models.details import Correction, OldCopy, Revised
from pipeline.text import words
from pipeline.text.folding import letters

_SAME = 0.5
"""Share of words from which two sentences are one that was changed, or a copy's print of it."""


def correction(revised: Revised) -> Correction:
    """The sentence that was corrected, as it was and as it is; and the copies that still have it as it was."""
    was, now = _changed(words.sentences(revised.was), words.sentences(revised.now))
    copies = tuple(
        OldCopy(each.outlet, each.url, each.title) for each in revised.prints if _still_says(each.text, was, now)
    )
    return Correction(revised.article_id, revised.outlet, revised.url, revised.title, revised.at, was, now, copies)


def _changed(old: Sequence[str], new: Sequence[str]) -> tuple[str, str]:
    """The pair of sentences that differs least of those that differ; where none was changed, what went and came."""
    before, after = {letters(sentence) for sentence in old}, {letters(sentence) for sentence in new}
    gone = [sentence for sentence in old if letters(sentence) not in after]
    come = [sentence for sentence in new if letters(sentence) not in before]
    pairs = [(_shared(was, now), was, now) for was in gone for now in come]
    best = max(pairs, key=lambda pair: pair[0], default=(0.0, "", ""))
    if best[0] >= _SAME:
        return best[1], best[2]
    return (gone[0] if gone else ""), (come[0] if come else "")


def _still_says(text: str, was: str, now: str) -> bool:
    """Whether a text has the sentence as it was: much of its words, and all those that the correction took out."""
    taken = set(words.units(was)) - set(words.units(now))
    return bool(taken) and any(
        taken <= set(words.units(sentence)) and _shared(was, sentence) >= _SAME for sentence in words.sentences(text)
    )


def _shared(one: str, other: str) -> float:
    ours, theirs = set(words.units(one)), set(words.units(other))
    return len(ours & theirs) / max(len(ours), len(theirs), 1)
