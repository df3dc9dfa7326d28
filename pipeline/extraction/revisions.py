"""Whether a page fetched again is a new revision of its article, what changed, and whether it says so (pure).

A page changes at every fetch: stamps of "updated", counts of comments, teasers of other articles, white space. A
revision is a change of what the article tells; the rest is noise and makes no row.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.text import words as texts
from pipeline.text.folding import fold, normalise
from pipeline.text.phrases import any_of

Kind = Literal["correction", "update", "minor"]

# Lines that pages rewrite without telling anything, in the languages of the feeds. A stamp holds a number and is no
# sentence; words of scripts with spaces end at a word boundary, the others need none.
_STAMP = re.compile(
    rf"^\W*(?:(?:(?:{any_of('last')}) )?(?:{any_of('stamp', spaced=True)})\b|{any_of('stamp', spaced=False)})"
    r"[^!?。]{0,60}\d[^!?。]{0,40}(?<![.])$"
    r"|^\W*\d{1,4}[-./]\d{1,2}[-./]\d{1,4}[\s,T]*(?:\d{1,2}:\d{2}.{0,12})?$"
    r"|^\W*\d{1,2}:\d{2}(?::\d{2})?(?:\s*(?:uhr|h|am|pm|gmt|utc|msk|kst|jst|cest|cet|edt|est))?\W*$",
    re.IGNORECASE,
)
_RELATED = re.compile(
    rf"^(?:(?:{any_of('related', spaced=True)})\b(?:\s*$|\s*[:：>»–—-]|\s+\w)"
    rf"|{any_of('related', spaced=False)}|\d+ (?:{any_of('comments')})$)",
    re.IGNORECASE,
)
# A note in which the newsroom owns to an error. "Correction" is also what markets and borders undergo, so the word
# counts only as a label at the start of a paragraph; otherwise the note names the article or its earlier version.
_CORRECTION = re.compile(
    rf"^\W*(?:{any_of('correction_label', spaced=True)})"
    rf"\s*(?:\([^)]{{0,60}}\)|\d[\d./-]*|,? (?:{any_of('correction_of')}) [^:：]{{0,40}})?\s*(?:[:：—–-]|$)"
    rf"|^\W*(?:{any_of('correction_label', spaced=False)})|{any_of('correction')}",
    re.IGNORECASE,
)
_UPDATE = re.compile(
    rf"^\W*(?:(?:{any_of('update_label', spaced=True)})\b|{any_of('update_label', spaced=False)})"
    rf"\s*(?:[:：(\[—–-]|\d|(?:{any_of('at')})\b|$)",
    re.IGNORECASE,
)
# Share of the words that must stay for a change to count as minor (spelling, a comma, one figure's format).
_MINOR_SHARE = 0.99
_CONTEXT = 1  # paragraphs shown around a change
# What one comparison may cost, in pairs of equal items weighed: difflib weighs all of them once for each block that it
# finds. A paragraph of 2,000 words of English against its edited self costs at most 60 million; 100 million took 3 s.
_MOST = 100_000_000


@dataclass(frozen=True, slots=True)
class Revision:
    """A change worth a row: the new text's `kind`, a unified `diff` by paragraphs, the newsroom's `note` if it gave
    one, and the share of words kept, 0..1."""

    kind: Kind
    diff: str
    note: str | None
    kept: float


def compare(old_title: str, old_text: str, new_title: str, new_text: str) -> Revision | None:
    """The revision that leads from the old article to the new one; None where only noise differs.

    ``correction``: the new text carries a correction note that the old did not. ``update``: it tells more or other
    things. ``minor``: nearly every word stayed and no number or name among the changed ones did not.
    """
    before, after = paragraphs(old_text), paragraphs(new_text)
    same_title = normalise(old_title) == normalise(new_title)
    if same_title and [normalise(p) for p in before] == [normalise(p) for p in after]:
        return None
    known = {normalise(p) for p in before}
    added = [p for p in after if normalise(p) not in known]
    note = correction_note("\n".join(added))
    kept = _kept(before, after)
    diff = unified_diff(old_title, before, new_title, after)
    if note is not None:
        return Revision("correction", diff, note, kept)
    said = next((p for p in added if _UPDATE.search(p)), None)
    minor = said is None and kept >= _MINOR_SHARE and not _facts_changed(before, after) and _close(old_title, new_title)
    return Revision("minor" if minor else "update", diff, said, kept)


def paragraphs(text: str) -> list[str]:
    """The paragraphs that tell something: without stamps, related links and empty lines, white space made one."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in lines if line and not (_STAMP.match(line) or (_RELATED.match(line) and len(line) < 200))]


def correction_note(text: str) -> str | None:
    """The paragraph in which a newsroom says that it corrected itself; None where there is none."""
    return next((line for line in paragraphs(text) if _CORRECTION.search(line) and len(line) < 1000), None)


def unified_diff(old_title: str, before: list[str], new_title: str, after: list[str]) -> str:
    """A unified diff of title and paragraphs, one paragraph per line, with one line of context.

    Where lines repeat too often to be matched, all of the old goes and all of the new comes.
    """
    if _cost(before, after) > _MOST:
        gone, come = [old_title, *before], [new_title, *after]
        head = ["--- before", "+++ after", f"@@ -1,{len(gone)} +1,{len(come)} @@"]
        return "\n".join([*head, *(f"-{line}" for line in gone), *(f"+{line}" for line in come)])
    lines = difflib.unified_diff([old_title, *before], [new_title, *after], "before", "after", lineterm="", n=_CONTEXT)
    return "\n".join(lines)


def _kept(before: list[str], after: list[str]) -> float:
    """Share of words that both texts have in the same order, of the longer one."""
    old, new = texts.units(" ".join(before)), texts.units(" ".join(after))
    if not old or not new:
        return 0.0
    # Words are matched paragraph by paragraph first, because difflib is quadratic on long texts.
    if _cost(before, after) > _MOST:
        return _shared(old, new) / max(len(old), len(new))
    common, left = 0, _MOST
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        ours, theirs = texts.units(" ".join(before[i1:i2])), texts.units(" ".join(after[j1:j2]))
        if tag == "equal":
            common += len(ours)
        elif tag == "replace":
            left -= _cost(ours[:2000], theirs[:2000])
            if left < 0:
                common += _shared(ours, theirs)
                continue
            blocks = difflib.SequenceMatcher(None, ours[:2000], theirs[:2000], autojunk=False).get_matching_blocks()
            common += sum(block.size for block in blocks)
    return min(1.0, common / max(len(old), len(new)))


def _cost(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """The most that matching two sequences may cost: their pairs of equal items, as often as there may be blocks."""
    counts = Counter(theirs)
    return min(len(ours), len(theirs)) * sum(times * counts[item] for item, times in Counter(ours).items())


def _shared(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """How many items two sequences share, in whatever order."""
    return (Counter(ours) & Counter(theirs)).total()


def _facts_changed(before: list[str], after: list[str]) -> bool:
    """Whether a number, or a word with a capital inside a sentence, came or went: what corrections correct."""
    old, new = set(_facts(before)), set(_facts(after))
    return old != new


def _facts(lines: list[str]) -> list[str]:
    joined = normalise(" ".join(lines))
    return re.findall(r"\d[\d.,:]*\d|\d|(?<=[a-zà-ÿа-я,] )[A-ZÀ-ÞА-Я][\w'-]+", joined)


def _close(old: str, new: str) -> bool:
    return difflib.SequenceMatcher(None, fold(old), fold(new)).ratio() >= 0.9
