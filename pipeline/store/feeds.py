"""Feeds, their polls, and the requests made for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from pipeline.database import Connection, run
from pipeline.database.recordset import recordset
from pipeline.database.rows import fetch, fetch_column, fetch_one, fetch_value
from pipeline.models import FeedSource


@dataclass(frozen=True, slots=True)
class Added:
    """A feed's id, and whether it was new."""

    id: int
    added: bool


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as its list shows it."""

    id: int
    url: str
    title: str
    outlet: str
    home_url: str | None
    format: str | None
    country: str | None
    language: str | None
    ownership: str
    tags: list[str]
    state: str
    state_reason: str | None
    last_polled_at: datetime | None
    last_new_at: datetime | None
    next_poll_at: datetime


@dataclass(frozen=True, slots=True)
class FeedToPoll:
    """A feed under a lease of `leased_by`; `poll_state` is JSON, as `PollState.from_json` reads it."""

    id: int
    url: str
    poll_state: dict[str, Any]
    last_polled_at: datetime | None
    leased_by: int


@dataclass(frozen=True, slots=True)
class Polled:
    """How polling of a feed stands after a poll. `new` counts new entries; format, title and home_url may be None."""

    id: int
    url: str
    poll_state: dict[str, Any]
    state: str
    state_reason: str | None
    next_poll_at: datetime
    new: int
    now: datetime
    format: str | None
    title: str | None
    home_url: str | None


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request for a feed or a page and how it ended; `bytes` as received, `elapsed` in seconds."""

    at: datetime
    kind: str
    url: str
    outcome: str
    as_of: datetime | None = None
    captured: datetime | None = None
    feed_id: int | None = None
    article_id: int | None = None
    status: int | None = None
    detail: str | None = None
    bytes: int = 0
    elapsed: float = 0.0
    entries: int | None = None
    new_entries: int | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """What `wirewatch feeds check` prints of a row of the view `feed_health`."""

    feed_id: int
    outlet: str
    url: str
    state: str
    newest_published: datetime | None
    duplicate_share: Decimal | None
    gaps: int
    last_error: str | None
    next_poll_at: datetime


@dataclass(frozen=True, slots=True)
class FullHealth:
    """A row of the view `feed_health`."""

    feed_id: int
    outlet: str
    url: str
    state: str
    state_reason: str | None
    last_polled_at: datetime | None
    last_new_at: datetime | None
    next_poll_at: datetime | None
    interval_seconds: float | None
    entries: int
    newest_published: datetime | None
    duplicate_share: Decimal | None
    polls: int
    unmodified_share: Decimal | None
    failed_polls: int
    bytes: int
    last_error: str | None
    last_error_detail: str | None
    last_error_at: datetime | None
    gaps: int
    missed: timedelta | None


def add(connection: Connection, source: FeedSource, outlet: str) -> tuple[int, bool]:
    """Add a feed by its URL; returns its id and whether it was new."""
    row = fetch_one(
        connection,
        Added,
        "feeds.add",
        url=source.url,
        title=source.title,
        outlet=outlet,
        home_url=source.home_url,
        format="sitemap" if source.kind == "sitemap" else None,
        country=source.country,
        language=source.language,
        ownership=source.ownership,
        tags=list(source.tags),
    )
    assert row is not None
    return row.id, row.added


def all_feeds(connection: Connection) -> list[Feed]:
    """Every feed, by outlet."""
    return fetch(connection, Feed, "feeds.all")


def due(connection: Connection, now: datetime) -> list[int]:
    """Ids of the feeds to ask now, longest overdue first; those held by a fault are not among them."""
    return fetch_column(connection, "feeds.due", now=now)


def claim(connection: Connection, ids: Sequence[int], *, owner: int, lease: float) -> list[FeedToPoll]:
    """Take a lease of `lease` seconds on those of `ids` that nobody holds who lives; `owner` is a `locks.Owner`'s."""
    return fetch(connection, FeedToPoll, "feeds.claim", ids=list(ids), owner=owner, lease=lease)


def hold(connection: Connection, feeds: Sequence[FeedToPoll]) -> set[int]:
    """The ids of those whose lease still is their claimer's; it then stays so until the transaction ends."""
    ids, owners = [feed.id for feed in feeds], [feed.leased_by for feed in feeds]
    return set(fetch_column(connection, "feeds.hold", ids=ids, owners=owners))


def give_back(connection: Connection, feed: FeedToPoll) -> None:
    """End the lease of a feed where it is its claimer's, its polling as it was."""
    run(connection, "feeds.give_back", id=feed.id, owner=feed.leased_by)


def read_late(connection: Connection, feed: FeedToPoll) -> None:
    """End the lease of a feed of which a document of the past was read."""
    run(connection, "feeds.read_late", id=feed.id)


def postpone(connection: Connection, feed: FeedToPoll, until: datetime) -> None:
    """Let a feed that was given back be due no earlier than `until`."""
    run(connection, "feeds.postpone", id=feed.id, until=until)


def polled(connection: Connection, outcomes: Sequence[Polled]) -> None:
    """Write how polling of feeds stands after their polls and give their leases back."""
    if outcomes:
        run(connection, "feeds.polled", rows=recordset(map(asdict, outcomes)))


def url_taken(connection: Connection, feed_id: int, url: str) -> int | None:
    """The other feed that already stands at `url`, if any."""
    found: int | None = fetch_value(connection, "feeds.url_taken", id=feed_id, url=url)
    return found


@dataclass(frozen=True, slots=True)
class Moved:
    """A feed that moved or tried to, as `feed_moves` has it; `reason` says why an address was refused.

    `twin` is our feed that has the new address already.
    """

    feed_id: int
    at: datetime
    from_url: str
    to_url: str
    way: str
    ended: str
    reason: str | None = None
    twin: int | None = None


def moved(connection: Connection, moves: Sequence[Moved]) -> None:
    """Write where feeds have moved; an address that was refused before is no news."""
    if moves:
        run(connection, "feeds.moved", rows=recordset(map(asdict, moves)))


def left_addresses(connection: Connection) -> set[str]:
    """The addresses that feeds have left for others, where no feed is now."""
    return set(fetch_column(connection, "feeds.left_addresses"))


@dataclass(frozen=True, slots=True)
class Missed:
    """A stretch in which a feed published what we never saw, and when that was noticed."""

    feed_id: int
    seen_at: datetime
    since: datetime
    until: datetime


def gaps(connection: Connection, missed: Sequence[Missed]) -> None:
    """Record stretches in which feeds published what we never saw."""
    if missed:
        run(connection, "feeds.gaps", rows=recordset(map(asdict, missed)))


@dataclass(frozen=True, slots=True)
class Capture:
    """An archived answer of a feed."""

    feed_id: int
    as_of: datetime


def captures_read(connection: Connection, start: datetime, end: datetime) -> set[Capture]:
    """The archived captures within [start, end) that were read already."""
    return set(fetch(connection, Capture, "feeds.captures_read", start=start, end=end))


def log_fetch(connection: Connection, fetched: Fetch) -> None:
    """Write one request and how it ended."""
    log_fetches(connection, [fetched])


def log_fetches(connection: Connection, fetched: Sequence[Fetch]) -> None:
    """Write requests and how each ended."""
    if fetched:
        run(connection, "feeds.log_fetches", rows=recordset(map(asdict, fetched)))


def health(connection: Connection) -> list[Health]:
    """How each feed is, by state and outlet."""
    return fetch(connection, Health, "feeds.health")


def full_health(connection: Connection) -> list[FullHealth]:
    """The view `feed_health`, what ails first."""
    return fetch(connection, FullHealth, "feeds.full_health")
