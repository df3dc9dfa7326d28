"""What an outlet makes of an agency's text: the five edits of syndicated copies, applied to the origin."""

from __future__ import annotations

import re
from collections.abc import Sequence

from recording.slots import RecordedError, Slot

CREDIT = {"halcyon": "Halcyon Wire", "lemanique": "Agence Lémanique"}
_MARKS = {
    "single": ("‘", "’"), "straight": ('"', '"'), "german": ("„", "“"), "guillemets-fr": ("«\u00a0", "\u00a0»"),
}
_CJK = {"zh", "ja"}


def body(slot: Slot, origin: Slot | None, style: dict[str, str] | None) -> tuple[str, ...]:
    """The paragraphs that the page of `slot` shows; of a copy, those of its origin as edited by its outlet."""
    if origin is None:
        return _with_dateline(slot.text.dateline, slot.text.paragraphs)
    whole = list(_with_dateline(origin.text.dateline, origin.text.paragraphs))
    added = list(slot.text.paragraphs)
    match slot.edit:
        case "headline changed + cut to first third":
            return tuple(added + _first_share(whole, 1 / 3, origin.lang))
        case "whole with agency line dropped":
            bare = [p for p in origin.text.paragraphs if not _is_desk_line(p)]
            return tuple(_set_in(bare, added))
        case "local lead paragraph added":
            return tuple(added + whole)
        case "cut ending + one paragraph added":
            kept = _first_share([p for p in whole if not _is_desk_line(p)], 0.7, origin.lang)
            return tuple(kept + added)
        case "punctuation/quotes style changed":
            if style is None:
                raise RecordedError(f"sites.toml: [{slot.outlet}] needs a style, for {slot.id}")
            return tuple(added + [restyled(p, style, origin.lang) for p in whole])
    raise RecordedError(f"slots.jsonl: {slot.id} has no known edit: {slot.edit!r}")


def credit(slot: Slot, origin: Slot | None) -> str:
    """The agency's name as the copy gives it; empty where the outlet dropped it, or the text is no copy."""
    if origin is None or slot.edit == "whole with agency line dropped":
        return ""
    return CREDIT.get(origin.outlet, "")


def restyled(text: str, style: dict[str, str], lang: str) -> str:
    """`text` with the quotation marks, dashes and thousands of the outlet; the words stay."""
    opening, closing = _MARKS[style["quotes"]]
    parts = re.split(r"«\s?|\s?»|[“”„\"]", text)
    if len(parts) % 2 == 0:
        raise RecordedError(f"unpaired quotation marks: {text[:60]!r}")
    text = "".join(
        part + ("" if i == len(parts) - 1 else opening if i % 2 == 0 else closing) for i, part in enumerate(parts)
    )
    if style["quotes"] == "straight":
        text = text.replace("’", "'").replace("‘", "'")
    text = re.sub(r"\s*—\s*|\s+–\s+", style["dash"], text)
    thousands = {"en": ",", "de": r"\.’'  \u00a0\u202f", "fr": r"  \u00a0\u202f", "es": r"\. "}[lang]
    return re.sub(rf"(?<=\d)[{thousands}](?=\d{{3}}\b)", style["thousands"], text)


def _with_dateline(dateline: str, paragraphs: Sequence[str]) -> tuple[str, ...]:
    if not dateline or not paragraphs or paragraphs[0].startswith(dateline[:12]):
        return tuple(paragraphs)
    return (f"{dateline} {paragraphs[0]}", *paragraphs[1:])


def _is_desk_line(paragraph: str) -> bool:
    """An agency's last line, such as the desk's initials: ``(al/mv)``."""
    return len(paragraph) <= 30 and not paragraph.endswith((".", "!", "?", "”", "»"))


def _first_share(paragraphs: Sequence[str], share: float, lang: str) -> list[str]:
    """Paragraphs from the first until at least `share` of the words (in Chinese and Japanese, characters)."""
    sizes = [len(p) if lang in _CJK else len(p.split()) for p in paragraphs]
    kept, so_far = [], 0
    for paragraph, size in zip(paragraphs, sizes, strict=True):
        if so_far >= share * sum(sizes):
            break
        kept.append(paragraph)
        so_far += size
    return kept


def _set_in(paragraphs: list[str], added: list[str]) -> list[str]:
    """Sub-headings of the copying outlet go to the middle, other additions to the end."""
    heads = [p for p in added if p.startswith("## ")]
    middle = len(paragraphs) // 2
    return paragraphs[:middle] + heads + paragraphs[middle:] + [p for p in added if p not in heads]
