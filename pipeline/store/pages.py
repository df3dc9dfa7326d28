"""What two addresses of one page leave in the stories, when one of them is folded into the other."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.database import Connection
from pipeline.database.rows import fetch, fetch_column


@dataclass(frozen=True, slots=True)
class Strayed:
    """An article that a person put into `story_id`, and that is in `from_id`."""

    article_id: int
    story_id: int
    from_id: int


def to_rebuild(connection: Connection) -> list[int]:
    """Stories that lost an article which was the same page as another, each told once; merges followed."""
    return fetch_column(connection, "stories.to_rebuild")


def strayed(connection: Connection) -> list[Strayed]:
    """Articles that are not in the story that a person put them into."""
    return fetch(connection, Strayed, "stories.strayed")
