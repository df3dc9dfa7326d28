"""What the background of the stream is measured by, and the languages it is measured within."""

from __future__ import annotations

from pipeline.database import Connection, run
from pipeline.store.vectors import from_text
from pipeline.stories.baseline import SAMPLE, Sampled
from pipeline.stories.features import SECONDS_A_DAY, article
from pipeline.stories.model import StoryModel


def latest(connection: Connection, model_id: int, model: StoryModel) -> list[Sampled]:
    """The latest `SAMPLE` articles that have a story, newest first, each with its topic."""
    found = []
    for row in run(connection, "background.latest", model_id=model_id, limit=SAMPLE):
        features = article(
            str(row["id"]),
            from_text(row["embedding"]),
            row["weights"],
            row["words"],
            row["published"].timestamp() / SECONDS_A_DAY,
            row["language"],
            model,
        )
        found.append(Sampled(row["topic"], features))
    return found


def set_language(connection: Connection, article_id: int, language: str | None) -> None:
    """Write the language that an article is treated as."""
    run(connection, "background.set_language", article_id=article_id, language=language)
