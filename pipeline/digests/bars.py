"""Small bars: of blocks where there is only text, drawn where there is a page. Pure."""

from __future__ import annotations

from collections.abc import Sequence

_MOST = 12
"""Blocks of a bar of text at most; it stands in a line of a mail."""
COLOURS = ("#3b7dd8", "#c2622d", "#2f8f5b", "#a85aa0", "#8a7a2e", "#7a7f87")
"""Fills that stand out from white and from the dark ground alike (WCAG 1.4.11, 3:1; held by a test)."""
_WIDTH, _HEIGHT = 160, 8


def bar(count: int) -> str:
    """A bar of blocks, one for each, up to a dozen."""
    return "█" * min(count, _MOST)


def colour(place: int) -> str:
    """The fill of the n-th part of a bar; from the sixth on all are one."""
    return COLOURS[min(place, len(COLOURS) - 1)]


def drawn(counts: Sequence[int]) -> str:
    """One bar of a page as inline SVG, parted by the counts; what it shows stands beside it as text."""
    total, left, parts = sum(counts) or 1, 0.0, []
    for place, count in enumerate(counts):
        width = _WIDTH * count / total
        shown = max(width - 1, 0.5)
        parts.append(f'<rect x="{left:.1f}" width="{shown:.1f}" height="{_HEIGHT}" fill="{colour(place)}"/>')
        left += width
    return (
        f'<svg class="d-bar" aria-hidden="true" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}">{"".join(parts)}</svg>'
    )
