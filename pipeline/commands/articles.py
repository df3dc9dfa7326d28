"""Commands that need no database: parse feeds, extract pages, show the settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline import settings as configuration
from pipeline.commands import console
from pipeline.commands.arguments import FILES, HOUSE
from pipeline.commands.lines import json_lines
from pipeline.errors import ConfigurationError, ItemError
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.extraction_pool import ExtractionPool
    from pipeline.models import Article

Sources = Annotated[list[str], typer.Argument(help="Files or http(s) addresses.", metavar="FILE|URL...")]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("parse-feed", rich_help_panel=FILES)(parse_feed)
    app.command("extract", rich_help_panel=FILES)(extract)
    app.command("settings", rich_help_panel=HOUSE)(show_settings)


def parse_feed(sources: Sources) -> None:
    """Feeds in, one JSON object a line out: an entry each, with `feed` naming its file or address."""
    from pipeline import feeds

    loaded = configuration.load()
    failed = False
    for source in sources:
        try:
            body, content_type, url = read(loaded, source, purpose="feed")
            parsed = feeds.parse(body, url, content_type, datetime.now(UTC))
        except ItemError as error:
            failed = True
            console.fail(f"{source}: {error}")
            continue
        for entry in parsed.entries:
            console.write_json(feeds.to_json(entry, source))
    raise typer.Exit(1 if failed else 0)


def read(loaded: Settings, source: str, *, purpose: str = "page") -> tuple[bytes, str | None, str]:
    """The bytes, content type and address of a file or URL. Raises `ItemError`."""
    if source.startswith(("http://", "https://")):
        from pipeline import web

        try:
            with web.Client(loaded) as client:
                response = client.get(source, purpose=purpose)
        except ItemError as error:
            if error.reason not in ("private-address", "bad-port"):
                raise
            advice = "only public addresses are asked; name an intranet's host in WIREWATCH_ALLOW_HOSTS"
            raise ItemError(error.reason, advice, url=source) from error
        return response.body, response.headers.get("content-type"), response.final_url
    path = Path(source)
    try:
        return path.read_bytes(), None, path.resolve().as_uri()
    except (OSError, ValueError) as error:  # a ValueError is a name that no file can have
        raise ItemError("unreadable", getattr(error, "strerror", "") or str(error), url=source) from error


def extract(
    sources: Annotated[
        list[str] | None, typer.Argument(help="Pages: files or addresses.", metavar="FILE|URL...")
    ] = None,
    url: Annotated[str, typer.Option(help="The address that a file's page was at; for all files named.")] = "",
    manifest: Annotated[
        Path | None,
        typer.Option(help="JSON lines with path (from the manifest's folder) and url; - is stdin.", metavar="IN.jsonl"),
    ] = None,
) -> None:
    """Pages in, one JSON object a line out, in input order; `error` where there is no article."""
    from pipeline import articles
    from pipeline.extraction_pool import ExtractionPool

    loaded = configuration.load()
    wanted = list(_pages(sources or [], url, manifest))
    if not wanted:
        raise ConfigurationError("extract needs pages: name files or addresses, or a file with --manifest")
    with ExtractionPool.from_settings(loaded) as pool, console.progress("extract", len(wanted)) as advance:
        for start in range(0, len(wanted), 64):
            for result in _extracted(loaded, pool, wanted[start : start + 64]):
                console.write_json(articles.to_json(result))
                advance()


def _extracted(
    loaded: Settings, pool: ExtractionPool, wanted: Sequence[tuple[str, str]]
) -> Iterator[Article | ItemError]:
    """Results in input order; what cannot be read takes its place as an error."""
    from pipeline.extraction_pool import Page

    read_in: list[Page | ItemError] = []
    for source, url in wanted:
        try:
            body, content_type, address = read(loaded, source)
            read_in.append(Page(body, url or address, content_type))
        except ItemError as error:
            read_in.append(error)
    done = pool.extract((page for page in read_in if isinstance(page, Page)), now=datetime.now(UTC))
    for page in read_in:
        yield page if isinstance(page, ItemError) else next(done)


def _pages(sources: list[str], url: str, manifest: Path | None) -> Iterator[tuple[str, str]]:
    for source in sources:
        yield source, url
    if manifest is None:
        return
    for place, row in json_lines(manifest):
        if not isinstance(row.get("path"), str):
            raise ConfigurationError(f"{place}: each line needs a path, and a url if it is known")
        yield str(manifest.parent / row["path"]), str(row.get("url") or "")


def show_settings() -> None:
    """Every setting: its variable, value and what it is for."""
    loaded = configuration.load()
    rows = []
    for variable, default, secret, why in Settings.table():
        value = str(getattr(loaded, variable.removeprefix("WIREWATCH_").lower()))
        rows.append((variable, "•••" if secret and value else value, "" if value == default else "set", why))
    console.table(("variable", "value", "", "what for"), rows)
