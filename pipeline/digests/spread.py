"""Where the outlets of a story stand: how many of each country, language and ownership, where these differ. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.models import StoryArticle
from pipeline.text.english import country_name, language_name

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Spread:
    """Outlets by one quality, the most first, ties by name."""

    label: str
    counts: tuple[tuple[str, int], ...]


def spreads(articles: Sequence[StoryArticle]) -> tuple[Spread, ...]:
    """The spreads in which the outlets of a story differ, each outlet counted once a quality; none where they agree."""
    found = []
    for label, names in (
        ("Countries", [(country_name(article.country) or UNKNOWN, article.outlet) for article in articles]),
        ("Languages", [(language_name(article.language) or UNKNOWN, article.outlet) for article in articles]),
        ("Ownership", [(article.ownership or UNKNOWN, article.outlet) for article in articles]),
    ):
        counts: dict[str, set[str]] = {}
        for name, outlet in names:
            counts.setdefault(name, set()).add(outlet)
        if len(counts) > 1:
            ordered = sorted(((name, len(outlets)) for name, outlets in counts.items()), key=lambda c: (-c[1], c[0]))
            found.append(Spread(label, tuple(ordered)))
    return tuple(found)
