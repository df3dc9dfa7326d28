"""What a day in a line of print is the day of: the publication, a change, or what a sentence tells (pure)."""

from __future__ import annotations

import re

from pipeline.text.phrases import any_of, listed

# Lines whose date is not that of the publication: changes, deadlines, events.
_OTHER = re.compile(rf"{any_of('other_date')}|©", re.IGNORECASE)
_STAMP = re.compile(rf"\b(?:{any_of('stamp', spaced=True)})\b|{any_of('stamp', spaced=False)}", re.IGNORECASE)
_BYLINE = re.compile(rf"(?<!\w)(?:{any_of('byline_opening')}|{any_of('by')})(?!\w)", re.IGNORECASE)
_MARK = re.compile(r"\s*(?:[|·•]|[-–—/]\s)")
_GOES_ON = re.compile(r"[,\s]*(?P<word>[^\W\d_]+)[\s,]+[^\W\d_]")
# What may follow a day that stands apart: the time, the name, the place, and in some languages the word for year.
_BESIDE_A_DAY = listed("at") | listed("by") | listed("in_place") | listed("after_date")
_SENTENCE_END = re.compile(r"[.!?…。！？؟।۔][\"'”’»)]*$")
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST = 3  # lower-case words of a sentence, besides its date; "Harbour authority of Aro." has one
_FEWEST_BEFORE = 4  # words before the date in a sentence that goes without its full stop: a subtitle
_FEWEST_LETTERS = 4  # before the date in a sentence of a script without capitals


def of_another_thing(label: str) -> bool:
    """Whether the words before a day name a change, a deadline or an event."""
    return _OTHER.search(label) is not None


def of_a_change(label: str) -> bool:
    """Whether the words before a day name it as that of a change."""
    return of_another_thing(label) and _STAMP.search(label) is not None


def within_a_sentence(before: str, after: str) -> bool:
    """Whether a day is told of by a sentence, given what its line says before and after it.

    Set apart are a day after a label of publication or a byline, one that others of its kind part from the rest by
    signs, and one with few words around it.
    """
    goes_on = _GOES_ON.match(after)
    word = goes_on["word"] if goes_on else ""
    labelled = any(label.match(after.lstrip(" ,")) for label in (_OTHER, _STAMP))
    if _is_lower(word) and word not in _BESIDE_A_DAY and not labelled:
        return True
    if not _WORD.search(before) or _STAMP.search(before) or _BYLINE.search(before):
        return False
    words = _WORD.findall(before)
    if len(words) < _FEWEST_BEFORE and _MARK.match(after):
        return False
    if not any(word != word.upper() for word in words):  # a script without capitals, or a line all in them
        around = sum(map(len, (*words, *_WORD.findall(after))))
        return _SENTENCE_END.search(after) is not None and around >= _FEWEST_LETTERS
    if len(words) >= _FEWEST_BEFORE and _is_lower(words[-1]) and before.rstrip()[-1:].isalpha():
        return True
    lower = sum(_is_lower(word) for word in (*words, *_WORD.findall(after)))
    return lower >= _FEWEST and _SENTENCE_END.search(after) is not None


def _is_lower(word: str) -> bool:
    return word.islower() and word != word.upper()
