"""The feed list: add one address, import and export OPML, test all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline import database, urls, web
from pipeline.database.savepoints import savepoint
from pipeline.errors import ConfigurationError, Fault, ItemError
from pipeline.feeds import discovery, opml
from pipeline.feeds.reading import Document, FeedReader
from pipeline.models import FeedSource, Response
from pipeline.settings import Settings
from pipeline.steps.asking import shared_client
from pipeline.steps.barrier import guarded
from pipeline.store import feeds as store
from pipeline.store.feeds import Health
from pipeline.text import characters


def import_feeds(settings: Settings, body: bytes) -> tuple[dict[str, int], list[str]]:
    """Add the feeds of an OPML document; returns counts, and a line on each thing wrong with the document.

    An address that a feed of ours has left is passed over: it is known at its new one. A feed that our own code fails
    on is one of those lines, and counts as internal. Raises `ConfigurationError` where
    it is no OPML.
    """
    try:
        sources, problems = opml.read(body)
    except ItemError as error:
        raise ConfigurationError(f"no OPML: {error.detail or error.reason}") from error
    added, failed = 0, []
    with database.connect(settings) as connection:
        left = store.left_addresses(connection)  # a list that is older than a move brings no feed twice
        for source in sources:
            if source.url in left:
                continue
            found: list[Fault] = []
            with guarded(f"import: {source.url}", found), savepoint(connection):
                added += _add(connection, source)[1]
            failed += [f"{source.url}: internal: {fault}" for fault in found]
    problems = [*problems, *failed]
    return {"feeds": len(sources), "added": added, "problems": len(problems), "internal": len(failed)}, problems


def import_seed_list(settings: Settings) -> dict[str, int]:
    """Add the feeds of `settings.feeds_file`, once more or for the first time."""
    path = settings.seeds / settings.feeds_file
    if not path.is_file():
        raise ConfigurationError(f"the feed list {path} does not exist; set WIREWATCH_FEEDS_FILE")
    return import_feeds(settings, path.read_bytes())[0]


def export_feeds(settings: Settings) -> str:
    """Every feed that is not retired, as OPML."""
    with database.connect(settings) as connection:
        rows = [row for row in store.all_feeds(connection) if row.state != "retired"]
    return opml.write(
        FeedSource(
            url=row.url,
            title=row.title,
            outlet=row.outlet,
            home_url=row.home_url,
            country=row.country,
            language=row.language,
            ownership=row.ownership,
            kind="sitemap" if row.format == "sitemap" else "rss",
            tags=tuple(row.tags),
        )
        for row in rows
    )


def discover(settings: Settings, address: str, *, now: datetime) -> list[discovery.Found]:
    """The feeds of an outlet, best first, from any address of it."""
    with database.connect(settings) as connection:
        # A database that is not there or not ready is said before the outlet is asked.
        store.all_feeds(connection)
    with shared_client(settings) as client, FeedReader.from_settings(settings) as reader:
        return discovery.discover(client.get, lambda answer: reader.read(Document.of(answer, now)), address, now)


def add_feed(settings: Settings, source: FeedSource) -> tuple[int, bool]:
    """Add one feed; returns its id and whether it was new."""
    with database.connect(settings) as connection:
        return _add(connection, source)


def _add(connection: database.Connection, source: FeedSource) -> tuple[int, bool]:
    source = replace(source, title=characters.name(source.title), outlet=characters.name(source.outlet))
    return store.add(connection, source, source.outlet or source.title or urls.host(source.url))


@dataclass(frozen=True, slots=True)
class Checked:
    """A feed that was asked: how it is, what it answered (``ok`` or the reason), and how many entries it showed."""

    health: Health
    answer: str
    entries: int | None = None


def check_feeds(settings: Settings, *, now: datetime, on_result: Callable[[], object]) -> list[Checked]:
    """Ask every feed once, writing nothing; `on_result` is called once per feed, for a progress bar."""
    with database.connect(settings) as connection:
        rows = {row.feed_id: row for row in store.health(connection)}
    found: dict[int, Checked] = {}

    def note(request: web.Request, result: Response | ItemError) -> None:
        row = rows[request.key]
        faults: list[Fault] = []
        with guarded(f"check: {row.url}", faults):
            found[row.feed_id] = _checked(reader, row, result, now)
        if faults:
            found[row.feed_id] = Checked(row, "internal")
        on_result()

    with shared_client(settings) as client, FeedReader.from_settings(settings) as reader:
        requests = [web.Request(row.url, purpose="feed", key=feed_id) for feed_id, row in rows.items()]
        client.gather(requests, note)
    return [found[feed_id] for feed_id in rows]


def _checked(reader: FeedReader, row: Health, result: Response | ItemError, now: datetime) -> Checked:
    try:
        if isinstance(result, ItemError):
            raise result
        parsed = reader.read(Document.of(result, now))
    except ItemError as error:
        return Checked(row, error.reason)
    return Checked(row, "ok", len(parsed.entries))
