"""Commands that need no database: parse feeds, extract pages, show the settings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline import settings as configuration
from pipeline.commands import console
from pipeline.commands.arguments import FILES, HOUSE
from pipeline.commands.lines import tried_lines
from pipeline.database import chosen
from pipeline.database.errors import where
from pipeline.errors import ConfigurationError, Fault, InternalError, ItemError, is_an_items
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.extraction.pool import Page

_PACKED = (b"\x1f\x8b", b"\x28\xb5")  # how gzip and zstd begin

Sources = Annotated[list[str], typer.Argument(help="Files or http(s) addresses.", metavar="FILE|URL...")]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("parse-feed", rich_help_panel=FILES)(parse_feed)
    app.command("extract", rich_help_panel=FILES)(extract)
    app.command("settings", rich_help_panel=HOUSE)(show_settings)


def parse_feed(sources: Sources) -> None:
    """Feeds in, one JSON object per line out: an entry each, with `feed` naming its file or address."""
    from pipeline import feeds
    from pipeline.feeds.reading import Document, FeedReader

    loaded = configuration.load()
    failed = False
    with FeedReader.from_settings(loaded) as reader:
        for source in sources:
            try:
                body, content_type, url = read(loaded, source, purpose="feed")
                feed = reader.read(Document(body, url, content_type, datetime.now(UTC)))
                lines = [feeds.to_json(entry, source) for entry in feed.entries]
            except Exception as error:
                failed = True
                console.fail(f"{source}: {_outcome(error, source)}")
                continue
            for line in lines:
                console.write_json(line)
    raise typer.Exit(1 if failed else 0)


def _outcome(error: Exception, source: str) -> ItemError:
    """The failure of one file or address; one of our own code as ``internal``. Raises what is not the item's."""
    if isinstance(error, ItemError):
        return error
    if not is_an_items(error) or isinstance(error, BrokenPipeError):
        raise error
    return InternalError(Fault.of(error), url=source)


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
    limit = loaded.max_feed_bytes if purpose == "feed" else loaded.max_page_bytes
    try:
        with path.open("rb") as file:
            body = file.read(limit + 1)
    except (OSError, ValueError) as error:  # a ValueError is a name that no file can have
        raise ItemError("unreadable", getattr(error, "strerror", "") or str(error), url=source) from error
    if len(body) > limit:
        raise ItemError("too-large", f"the file is above {limit} bytes", url=source)
    if purpose == "feed" and body[:2] in _PACKED:
        from pipeline.web.compression import unpacked

        try:
            body = unpacked(body, limit)
        except ItemError as error:
            raise ItemError(error.reason, error.detail, url=source) from None
    return body, None, path.resolve().as_uri()


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
    """Pages in, one JSON object per line out, in input order; `error` where there is no article.

    A line of the manifest that names no page is such an error too, said on stderr as well, and the exit status is 1.
    """
    from pipeline import extraction
    from pipeline.extraction.pool import ExtractionPool

    loaded = configuration.load()
    wanted = list(_pages(sources or [], url, manifest))
    if not wanted:
        raise ConfigurationError("extract needs pages: name files or addresses, or a file with --manifest")
    with ExtractionPool.from_settings(loaded) as pool, console.progress("extract", len(wanted)) as advance:
        # Pages are read as the workers take them, so that a long list needs no more memory than a short one.
        for result in pool.extract((_read_page(loaded, *page) for page in wanted), now=datetime.now(UTC)):
            try:
                line = extraction.to_json(result)
            except Exception as error:
                line = extraction.to_json(_outcome(error, result.url))
            console.write_json(line)
            advance()
    mistakes = [page[2] for page in wanted if page[2] is not None]
    for mistake in mistakes:
        console.fail(mistake.detail)
    raise typer.Exit(1 if mistakes else 0)


def _read_page(loaded: Settings, source: str, url: str, mistake: ItemError | None) -> Page | ItemError:
    """The page of a source, ready for extraction; what cannot be read takes its place as an error under its address."""
    from pipeline.extraction.pool import Page

    if mistake is not None:
        return mistake
    try:
        body, content_type, address = read(loaded, source)
    except Exception as error:
        outcome = _outcome(error, source)
        outcome.url = url or outcome.url or source
        return outcome
    return Page(body, url or address, content_type)


def _pages(sources: list[str], url: str, manifest: Path | None) -> Iterator[tuple[str, str, ItemError | None]]:
    """File or address, the page's address where it is known, and what is wrong with a manifest's line."""
    for source in sources:
        yield source, url, None
    if manifest is None:
        return
    for place, row in tried_lines(manifest):
        if isinstance(row, ConfigurationError):
            yield "", "", ItemError("bad-line", str(row), url="")
        elif isinstance(row.get("path"), str) and row["path"]:
            yield str(manifest.parent / row["path"]), str(row.get("url") or ""), None
        else:
            wrong = f"{place}: each line needs a path, and a url if it is known"
            yield "", "", ItemError("bad-line", wrong, url=str(row.get("url") or ""))


def show_settings() -> None:
    """Every setting: its variable, value and what it is for."""
    loaded = configuration.load()
    rows = []
    for variable, default, secret, why in Settings.table():
        value = str(getattr(loaded, variable.removeprefix("WIREWATCH_").lower()))
        rows.append((variable, "•••" if secret and value else value, "" if value == default else "set", why))
    console.table(("variable", "value", "", "what for"), rows)
    choice = chosen.choose(loaded)
    if choice is not None:
        console.hint(f"database {choice.name or where(choice.url)}: {choice.why}")
