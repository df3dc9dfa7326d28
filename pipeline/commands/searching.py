"""``wirewatch search``: find articles by words and by meaning."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from pipeline import database, topics
from pipeline import settings as configuration
from pipeline.commands import console
from pipeline.commands.arguments import DESK
from pipeline.store.search import Filters
from pipeline.text.characters import storable

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day of UTC.", metavar="DAY")]


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("search", rich_help_panel=DESK)(search)


def search(
    question: Annotated[str, typer.Argument(help='Words, "a phrase", -without, begin*; blank lists the newest.')],
    by: Annotated[str, typer.Option(help="both, words or meaning.", metavar="RANK")] = "both",
    topic: Annotated[str | None, typer.Option(help="Only what is on this topic, by its slug.")] = None,
    since: Day = None,
    until: Day = None,
    outlet: Annotated[str | None, typer.Option(help="An outlet's name, as in the feed list.")] = None,
    country: Annotated[str | None, typer.Option(help="A country of outlets, as in GB.")] = None,
    story: Annotated[int | None, typer.Option(help="Only what is in this story, by its number.")] = None,
    language: Annotated[str | None, typer.Option(help="A language, as in ko.")] = None,
    ownership: Annotated[str | None, typer.Option(help="state, public, private or agency.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=130, help="How many articles.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per article, for programs.")] = False,
) -> None:
    """Articles that a question finds, by words and by meaning, best first."""
    from pipeline.steps import searching

    if by not in ("both", "words", "meaning"):
        raise typer.BadParameter("is both, words or meaning", param_hint="--by")
    rank: searching.By = by  # type: ignore[assignment]
    first = None if since is None else since.replace(tzinfo=UTC)
    end = None if until is None else until.replace(tzinfo=UTC) + timedelta(days=1)
    filters = Filters(first, end, outlet, country, language, ownership, topic, story)
    loaded, question = configuration.load(), storable(question)
    if topic is not None:
        topics.find(loaded, topic)  # a wrong one is named with those that there are
    vector = searching.vector(loaded, question, rank)
    if vector.unsaid:
        console.hint(vector.unsaid)
    with database.connect(loaded) as connection:
        hits = searching.search(connection, loaded, question, filters, asked=vector, by=rank, limit=limit)
    if as_json:
        for hit in hits:
            console.write_json(asdict(hit))
        return
    if not hits:
        console.hint("nothing was found")
    columns = ("article", "published", "outlet", "language", "title", "where", "story")
    shown = ("id", "published", "outlet", "language", "title", "snippet", "story_id")
    console.table(columns, ([getattr(hit, name) for name in shown] for hit in hits))
