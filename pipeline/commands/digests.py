"""``wirewatch digest``: draft, list, show, decide."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer

from pipeline import database, steps, topics
from pipeline import settings as configuration
from pipeline.commands import console, reviews
from pipeline.commands.arguments import AsJson, DigestId, Signed, row_id, signature
from pipeline.errors import ConfigurationError
from pipeline.models import Review
from pipeline.store import digests as store

app = typer.Typer(help="Digests: draft one (the default), list, show, approve or reject.")
app.command("review")(reviews.review)


@app.callback(invoke_without_command=True)
def draft(
    context: typer.Context,
    topic: Annotated[str, typer.Option("--topic", help="Topic; the first one by default.")] = "",
    day: Annotated[str, typer.Option("--day", help="Calendar day in the topic's zone; yesterday by default.")] = "",
    as_of: Annotated[
        datetime | None, typer.Option(help="Show the stories as they were known at this UTC time.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draft the digest of a day, or with a subcommand look at digests and decide on them."""
    if context.invoked_subcommand is not None:
        return
    loaded = configuration.load()
    subject = topics.find(loaded, topic) if topic else topics.load_all(loaded)[0]
    now = datetime.now(UTC)
    chosen = topics.parse_day(day) if day else subject.yesterday(now)
    known = as_of.replace(tzinfo=as_of.tzinfo or UTC) if as_of else None
    outcome = steps.draft(loaded, topic=subject.slug, day=chosen, now=now, as_of=known)
    console.counts("draft", outcome, as_json)


@app.command("list")
def list_digests() -> None:
    """All digests and how they stand."""
    with database.connect(configuration.load()) as connection:
        rows = store.digests(connection)
    if not rows:
        console.hint("no digest yet; `wirewatch digest --day 2024-06-19` drafts the one of that day")
        return
    columns = ("id", "day", "topic", "state", "stories", "articles", "outlets", "reviewed by")
    names = ("id", "day", "topic", "state", "stories", "articles", "outlets", "reviewed_by")
    console.table(columns, ([getattr(row, name) for name in names] for row in rows))


@app.command()
def show(digest_id: DigestId) -> None:
    """Show one digest; plain Markdown where the output is no terminal."""
    console.markdown(steps.digest_markdown(configuration.load(), digest_id=digest_id))


@app.command()
def publish(
    digest_id: DigestId,
    reject: Annotated[bool, typer.Option("--reject", help="Reject instead of publishing.")] = False,
    note: Annotated[str, typer.Option(help="The editor's note, shown at the head.")] = "",
    drop: Annotated[
        list[int] | None,
        typer.Option(help="A story to leave out; may be given again.", metavar="STORY", parser=row_id),
    ] = None,
    signed: Signed = "",
    as_json: AsJson = False,
) -> None:
    """Approve (or reject) a digest as the person at this terminal."""
    loaded = configuration.load()
    review = Review(not reject, signature(loaded, signed), note, tuple(drop or ()))
    outcome = steps.publish(loaded, digest_id=digest_id, review=review, now=datetime.now(UTC))
    if "refused" in outcome:
        raise ConfigurationError(outcome["refused"])
    console.counts("publish", outcome, as_json)
    _demand_delivered(digest_id, outcome.get("undelivered", {}))


@app.command()
def deliver(
    digest_id: Annotated[
        int | None,
        typer.Argument(
            help="Try all of this digest now, what was given up too; without it, what is due of any.",
            metavar="[DIGEST]",
            parser=row_id,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Send what has not arrived yet: files, webhook, mail, and what the desk is to be told."""
    loaded = configuration.load()
    if digest_id is not None:
        steps.digest_markdown(loaded, digest_id=digest_id)  # says where there is none
    # Airflow's connections are not read here, so that a channel that is not set here may be set all the same
    outcome = steps.deliver(
        loaded, now=datetime.now(UTC), digest_id=digest_id, anew=digest_id is not None, of_the_house=False
    )
    console.counts("deliver", outcome, as_json)
    if digest_id is not None:
        _demand_delivered(digest_id, steps.undelivered(loaded, digest_id=digest_id))


def _demand_delivered(digest_id: int, undelivered: Mapping[str, str]) -> None:
    """One line and exit status 1 where a published digest has not reached a channel."""
    if undelivered:
        said = "; ".join(f"{channel} ({why})" for channel, why in undelivered.items())
        console.fail(
            f"digest {digest_id} is published, but has not reached {said}. It is tried again by itself; "
            f"`wirewatch digest deliver {digest_id}` tries now"
        )
        raise typer.Exit(1)
