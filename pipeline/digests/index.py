"""The pages that lead to what was published: of one topic, and of all topics. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date
from html import escape

from pipeline.digests.atom import FEED
from pipeline.digests.html import to_page
from pipeline.models import PublishedDigest
from pipeline.topics import Topic


@dataclass(frozen=True, slots=True)
class Listed:
    """A topic with published digests: the name of its folder, its name, and its newest day, ISO."""

    slug: str
    name: str
    newest: str


def to_index(topic: Topic, published: Sequence[PublishedDigest]) -> str:
    """The page that lists the published digests of a topic, newest first, each with its other shapes."""
    rows = "\n".join(map(_row, published))
    listed = f"<ul>\n{rows}\n</ul>" if published else "<p>No digest was published yet.</p>"
    others = f'<a href="{FEED}">Feed of this topic (Atom)</a> · <a href="../index.html">All topics</a>'
    body = (
        f'<h1>{escape(topic.name)}</h1>\n<p class="d-beside">{escape(topic.description)}</p>\n'
        f'<section class="d-index">{listed}</section>\n'
        f'<p class="d-beside">{others}</p>\n'
    )
    return to_page(f"{topic.name}: digests", body)


def _row(each: PublishedDigest) -> str:
    day = date.fromisoformat(each.day)
    shapes = ", ".join(f'<a href="{each.day}.{end}">{name}</a>' for end, name in _SHAPES)
    return (
        f'<li><a href="{each.day}.html">{day.day} {day:%B %Y}</a> '
        f'<span class="d-beside">published {each.published_at.astimezone(UTC):%d %b %Y %H:%M} UTC; {shapes}</span></li>'
    )


_SHAPES = (("md", "Markdown"), ("txt", "text"), ("json", "JSON"))


def to_contents(topics: Sequence[Listed]) -> str:
    """The page that lists all topics with published digests."""
    rows = "\n".join(
        f'<li><a href="{escape(each.slug)}/index.html">{escape(each.name)}</a> '
        f'<span class="d-beside">newest: <a href="{escape(each.slug)}/{each.newest}.html">{each.newest}</a></span></li>'
        for each in topics
    )
    return to_page("Digests", f'<h1>Digests</h1>\n<section class="d-index"><ul>\n{rows}\n</ul></section>\n')
