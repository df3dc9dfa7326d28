"""``wirewatch feeds``: add, list, import, export, check."""

from __future__ import annotations

import os
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline import database, shipped, steps
from pipeline import settings as configuration
from pipeline.commands import console
from pipeline.commands.arguments import AsJson
from pipeline.errors import ConfigurationError
from pipeline.models import FeedSource
from pipeline.settings import Settings
from pipeline.store import feeds as store

if TYPE_CHECKING:
    from pipeline.steps.listing import Checked

app = typer.Typer(help="The feed list: add, list, import, export, check.", no_args_is_help=True)
# from whichever folder it is read, the line can be run as it stands
NO_FEEDS = (
    "no feeds yet; `wirewatch feeds add URL` adds one, "
    f"`wirewatch feeds import {shlex.quote(os.path.relpath(shipped.SEEDS / 'feeds.opml'))}` the project's list"
)
Ownership = Annotated[str, typer.Option("--ownership", help="Who owns it: state, public, private or agency.")]


@app.command()
def add(
    address: Annotated[str, typer.Argument(help="A feed, or any page of an outlet.", metavar="URL")],
    country: Annotated[str, typer.Option("--country", help="Country of the outlet, two letters such as KR.")] = "",
    language: Annotated[
        str, typer.Option("--language", help="Its language, two letters; as the feed says by default.")
    ] = "",
    ownership: Ownership = "private",
) -> None:
    """Find the feed of an outlet, say what was found and how often it publishes, and add it."""
    if ownership not in ("state", "public", "private", "agency"):
        raise ConfigurationError(f"--ownership {ownership!r} must be state, public, private or agency")
    loaded = configuration.load()
    now = datetime.now(UTC)
    found = steps.discover(loaded, address, now=now)
    if not found:
        raise ConfigurationError(f"no feed found at {address}; name the feed's own address")
    columns = ("feed", "title", "format", "entries", "a day", "found by")
    rows = ((f.url, f.title, f.format, f.entries, _rate(f.per_day), f.rule) for f in found)
    console.table(columns, rows)
    best = found[0]
    source = FeedSource(
        url=best.url,
        title=best.title,
        outlet=best.title,
        home_url=best.home_url,
        country=country or None,
        language=language or best.language,
        ownership=ownership,
        kind="sitemap" if best.format == "sitemap" else "rss",
    )
    feed_id, new = steps.add_feed(loaded, source)
    console.write(f"{'added' if new else 'known already'}: feed {feed_id}, {best.url}")
    _mention_gaps(loaded)


def _mention_gaps(loaded: Settings) -> None:
    """A line for each topic that lacks terms in a language of the feeds; a mistake in what judges them is one too."""
    try:
        for gap in steps.language_gaps(loaded):
            console.hint(str(gap))
    except ConfigurationError as error:
        console.hint(str(error))


def _rate(per_day: float | None) -> str:
    return "" if per_day is None else f"{per_day:.1f}"


@app.command("list")
def list_feeds() -> None:
    """Every feed and how it stands."""
    with database.connect(configuration.load()) as connection:
        rows = store.all_feeds(connection)
    if not rows:
        console.hint(NO_FEEDS)
        return
    names = ("id", "outlet", "country", "language", "ownership", "state", "state_reason", "last_new_at", "url")
    console.table(names, ([getattr(row, name) for name in names] for row in rows))


@app.command("import")
def import_opml(
    path: Annotated[Path, typer.Argument(help="An OPML file, as feed readers export them.", metavar="FILE")],
    as_json: AsJson = False,
) -> None:
    """Add the feeds of an OPML file; those already known stay as they are."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}; name an OPML file") from error
    loaded = configuration.load()
    counts, problems = steps.import_feeds(loaded, body)
    for problem in problems:
        console.fail(f"{path}: {problem}")
    console.counts("import", counts, as_json)
    _mention_gaps(loaded)


@app.command()
def export(path: Annotated[Path | None, typer.Argument(help="Stdout by default.", metavar="FILE")] = None) -> None:
    """Write the feed list as OPML."""
    text = steps.export_feeds(configuration.load())
    if path is None:
        console.write(text)
    else:
        path.write_text(text, encoding="utf-8")


@app.command()
def check() -> None:
    """Ask every feed now and print how each is: state, newest entry, share of repeats, gaps, error, next try."""
    loaded = configuration.load()
    with database.connect(loaded) as connection:
        total = len(store.all_feeds(connection))
    if not total:
        console.hint(NO_FEEDS)
        return
    with console.progress("check", total) as advance:
        rows = steps.check_feeds(loaded, now=datetime.now(UTC), on_result=advance)
    columns = (
        "outlet",
        "state",
        "answers",
        "entries",
        "last new entry",
        "repeats",
        "gaps",
        "last error",
        "next try",
        "feed",
    )
    console.table((*columns, "feed"), (_checked(row) for row in rows))


def _checked(row: Checked) -> list[object]:
    health = row.health
    return [
        health.outlet,
        health.state,
        row.answer,
        row.entries,
        health.newest_published,
        health.duplicate_share,
        health.gaps,
        health.last_error,
        health.next_poll_at,
        health.url,
    ]
