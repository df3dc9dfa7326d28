"""The feed list: add one address, import and export OPML, test all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pipeline import database, feeds, urls, web
from pipeline.errors import ConfigurationError, ItemError
from pipeline.feeds import discovery, opml
from pipeline.models import FeedSource
from pipeline.settings import Settings
from pipeline.steps.asking import shared_client
from pipeline.store import feeds as store


def import_feeds(settings: Settings, body: bytes) -> tuple[dict[str, int], list[str]]:
    """Add the feeds of an OPML document; returns counts, and a line on each thing wrong with the document.

    Raises `ConfigurationError` where it is no OPML.
    """
    try:
        sources, problems = opml.read(body)
    except ItemError as error:
        raise ConfigurationError(f"no OPML: {error.detail or error.reason}") from error
    added = 0
    with database.connect(settings) as connection:
        for source in sources:
            added += _add(connection, source)[1]
    return {"feeds": len(sources), "added": added, "problems": len(problems)}, problems


def import_seed_list(settings: Settings) -> dict[str, int]:
    """Add the feeds of `settings.feeds_file`, once more or for the first time."""
    path = settings.seeds / settings.feeds_file
    if not path.is_file():
        raise ConfigurationError(f"the feed list {path} does not exist; set WIREWATCH_FEEDS_FILE")
    return import_feeds(settings, path.read_bytes())[0]


def export_feeds(settings: Settings) -> str:
    """Every feed that is not retired, as OPML."""
    with database.connect(settings) as connection:
        rows = [row for row in store.all_feeds(connection) if row["state"] != "retired"]
    names = ("url", "title", "outlet", "home_url", "country", "language", "ownership")
    return opml.write(
        FeedSource(
            **{name: row[name] for name in names},
            kind="sitemap" if row["format"] == "sitemap" else "rss",
            tags=tuple(row["tags"]),
        )
        for row in rows
    )


def discover(settings: Settings, address: str, *, now: datetime) -> list[discovery.Found]:
    """The feeds of an outlet, best first, from any address of it."""
    with database.connect(settings) as connection:
        # A database that is not there or not ready is said before the outlet is asked.
        store.all_feeds(connection)
    with shared_client(settings) as client:
        return discovery.discover(client.get, address, now)


def add_feed(settings: Settings, source: FeedSource) -> tuple[int, bool]:
    """Add one feed; returns its id and whether it was new."""
    with database.connect(settings) as connection:
        return _add(connection, source)


def _add(connection: database.Connection, source: FeedSource) -> tuple[int, bool]:
    return store.add(
        connection,
        url=source.url,
        title=source.title,
        outlet=source.outlet or source.title or urls.host(source.url),
        home_url=source.home_url,
        format="sitemap" if source.kind == "sitemap" else None,
        country=source.country,
        language=source.language,
        ownership=source.ownership,
        tags=list(source.tags),
    )


def check_feeds(settings: Settings, *, now: datetime, on_result: Any) -> list[dict[str, Any]]:
    """Ask every feed once, writing nothing; rows of the view feed_health with `answer` and `entries_now`.

    `on_result` is called once a feed, for a progress bar.
    """
    with database.connect(settings) as connection:
        rows = {row["feed_id"]: row for row in store.health(connection)}

    def note(request: web.Request, result: Any) -> None:
        row = rows[request.key]
        row["entries_now"] = None
        try:
            if isinstance(result, ItemError):
                raise result
            parsed = feeds.parse(result.body, result.final_url, result.headers.get("content-type"), now)
            row["answer"], row["entries_now"] = "ok", len(parsed.entries)
        except ItemError as error:
            row["answer"] = error.reason
        on_result()

    with shared_client(settings) as client:
        requests = [web.Request(row["url"], purpose="feed", key=feed_id) for feed_id, row in rows.items()]
        client.gather(requests, note)
    return list(rows.values())
