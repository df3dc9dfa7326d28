"""The classes of a page's blocks by their neighbours, as justext tells them, in time that grows with the blocks.

trafilatura asks justext where it finds little text. justext walks from every short block to the next one that is good
or bad, which takes the square of their number: 16,000 terms of a list below an article took 44 seconds. `install` puts
this in its place; what it says is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from trafilatura import external

_NAME = "revise_paragraph_classification"  # by which trafilatura has justext's, of which `external` is the only user
by_walks: Callable[[Sequence[Any], int], None] = getattr(external, _NAME)


def install() -> None:
    """Have trafilatura ask `revise`."""
    setattr(external, _NAME, revise)


def revise(paragraphs: Sequence[Any], max_heading_distance: int) -> None:
    """Set the `class_type` of justext's blocks, ``good`` or ``bad``, from the `cf_class` that a block's own words give.

    Short blocks are what stands around them. Blocks that are nearly good are good but between bad ones. Blocks that
    justext takes for headings, as trafilatura never asks, are left to justext.
    """
    if any(paragraph.heading for paragraph in paragraphs):
        by_walks(paragraphs, max_heading_distance)
        return
    classes = [paragraph.cf_class for paragraph in paragraphs]
    before, behind = _nearest(classes), _nearest(reversed(classes))[::-1]
    for at, own in enumerate(classes):
        if own == "short":
            classes[at] = "good" if _both_good(before[at], behind[at]) else "bad"
    behind = _nearest(reversed(classes))[::-1]
    previous = "bad"
    for at, own in enumerate(classes):
        if own == "neargood":
            classes[at] = "bad" if previous == behind[at][0] == "bad" else "good"
        previous = classes[at]
    for paragraph, told in zip(paragraphs, classes, strict=True):
        paragraph.class_type = told


def _nearest(classes: Iterable[str]) -> list[tuple[str, str]]:
    """For each block the nearest before it that is good or bad, and the nearest that is no short one; else bad."""
    sure, near = "bad", "bad"
    found = []
    for own in classes:
        found.append((sure, near))
        if own != "short":
            near = own
            sure = own if own != "neargood" else sure
    return found


def _both_good(before: tuple[str, str], behind: tuple[str, str]) -> bool:
    """Whether a short block is good: between two good ones, or where the bad one stands behind one nearly good."""
    if before[0] == behind[0]:
        return before[0] == "good"
    return any(sure == "bad" and near == "neargood" for sure, near in (before, behind))
