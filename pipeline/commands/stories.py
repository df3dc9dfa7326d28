"""``wirewatch story`` and ``ledger``: see why, and overrule."""

from __future__ import annotations

from dataclasses import astuple
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from pipeline import database, steps
from pipeline import settings as configuration
from pipeline.commands import console
from pipeline.commands.arguments import DESK, ArticleId, Signed, StoryId, row_id, signature
from pipeline.errors import ConfigurationError
from pipeline.store import reports
from pipeline.store import stories as store
from pipeline.text.characters import storable

story_app = typer.Typer(help="A person's word over the pipeline's; it binds every later run.", no_args_is_help=True)
Reason = Annotated[str, typer.Option("--reason", help="Why; kept with the event and shown by `story show`.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(story_app, name="story", rich_help_panel=DESK)
    app.command("ledger", rich_help_panel=DESK)(ledger)


def ledger(
    entry: Annotated[str, typer.Argument(help="An entry's id, its address, or words of its title.", metavar="ENTRY")],
) -> None:
    """The whole way of an entry: seen, judged, fetched, extracted, in which story and digest, or where it stopped."""
    with database.connect(configuration.load()) as connection:
        rows = reports.ledger(connection, storable(entry))
    if not rows:
        raise ConfigurationError(f"no entry matches {entry!r}; try its address, or other words of its title")
    for row in rows:
        console.table(("what", "value"), ((name, value) for name, value in row.items() if value not in (None, [], "")))


@story_app.command()
def show(story_id: StoryId) -> None:
    """A story's articles, why each belongs to it, and what happened to it."""
    with database.connect(configuration.load()) as connection:
        living = store.resolve(connection, story_id)
        if living is None:
            raise ConfigurationError(f"there is no story {story_id}; the view story_overview lists them")
        members, events = reports.story(connection, living)
    if living != story_id:
        console.hint(f"story {story_id} was merged into story {living}")
    columns = ("article", "published", "outlet", "language", "title", "method", "score", "threshold", "copy of")
    shown = ("id", "published", "outlet", "language", "title", "method", "score", "threshold", "origin_id")
    console.table(columns, ([getattr(row, name) for name in shown] for row in members), title=f"story {living}")
    console.table(("at", "what", "other", "article", "by", "why"), (astuple(row) for row in events))


@story_app.command()
def merge(
    story_id: StoryId,
    other_id: Annotated[int, typer.Argument(help="The story to merge with it.", metavar="OTHER", parser=row_id)],
    reason: Reason,
    signed: Signed = "",
) -> None:
    """Merge two stories; the older id stays."""
    outcome = steps.merge(configuration.load(), story_id=story_id, other_id=other_id, **_word(reason, signed))
    console.counts("merge", outcome, False)


@story_app.command()
def split(
    story_id: StoryId,
    article_ids: Annotated[list[int], typer.Argument(help="Articles to move out.", metavar="ARTICLE", parser=row_id)],
    reason: Reason,
    signed: Signed = "",
) -> None:
    """Move articles out of a story into one of their own."""
    outcome = steps.split(configuration.load(), story_id=story_id, article_ids=article_ids, **_word(reason, signed))
    console.counts("split", outcome, False)


@story_app.command()
def pin(article_id: ArticleId, story_id: StoryId, reason: Reason, signed: Signed = "") -> None:
    """Put one article into a story for good."""
    outcome = steps.pin(configuration.load(), article_id=article_id, story_id=story_id, **_word(reason, signed))
    console.counts("pin", outcome, False)


@story_app.command("not-topic")
def not_topic(
    article_id: ArticleId,
    topic: Annotated[str, typer.Argument(help="The topic's file name without .toml.", metavar="TOPIC")],
    reason: Reason,
    signed: Signed = "",
) -> None:
    """Say that an article is not of a topic."""
    outcome = steps.not_topic(configuration.load(), article_id=article_id, topic=topic, **_word(reason, signed))
    console.counts("not-topic", outcome, False)


def _word(reason: str, signed: str) -> dict[str, Any]:
    return {"actor": signature(configuration.load(), signed), "reason": reason, "now": datetime.now(UTC)}
