"""The hostile outlets, all of them."""

from __future__ import annotations

from tests.support.hostile import Kind
from tests.support.hostile_feeds import documents, entries
from tests.support.hostile_pages import pages
from tests.support.hostile_web import codings, redirects, robots, statuses, transports


def kinds() -> list[Kind]:
    """All of them, each once by name."""
    groups = (statuses, transports, codings, redirects, robots, documents, entries, pages)
    return [kind for group in groups for kind in group()]
