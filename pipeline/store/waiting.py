"""Whether anything waits for a step: one question each, of a module that loads nothing but the door to Postgres."""

from __future__ import annotations

from datetime import datetime

from pipeline.database import Connection
from pipeline.database.rows import fetch_value


def any_feed(connection: Connection, now: datetime, *, soon: datetime, next_poll: datetime) -> bool:
    """Whether a feed is due, or was put off by a clock ahead: beyond `next_poll`, or with a past beyond `soon`."""
    return bool(fetch_value(connection, "waiting.feeds", now=now, soon=soon, next_poll=next_poll))


def any_entry(connection: Connection, now: datetime) -> bool:
    """Whether there is an entry that no topic was asked about."""
    return bool(fetch_value(connection, "waiting.entries", now=now))


def any_page(connection: Connection, now: datetime) -> bool:
    """Whether a page is to be fetched, or looked at again; also one that somebody else holds."""
    return bool(fetch_value(connection, "waiting.pages", now=now))


def any_uncopied(connection: Connection, now: datetime) -> bool:
    """Whether there is a text whose origin was not looked for."""
    return bool(fetch_value(connection, "waiting.uncopied", now=now))


def any_unembedded(connection: Connection, model: str, now: datetime) -> bool:
    """Whether any article waits for a vector of the model of this name."""
    return bool(fetch_value(connection, "articles.any_unembedded", name=model, now=now))


def backlog(connection: Connection, model: str, now: datetime, limit: int) -> int:
    """How many articles wait for the step of extracting, copying and embedding that most wait for, up to a limit."""
    return int(fetch_value(connection, "waiting.backlog", name=model, now=now, limit=limit))


def any_unplaced(connection: Connection, now: datetime) -> bool:
    """Whether an article that has a vector waits for its story."""
    return bool(fetch_value(connection, "waiting.unplaced", now=now))


def any_unreassigned(connection: Connection, now: datetime) -> bool:
    """Whether an article was placed since the last reassignment, or a story lost one to another address of its page."""
    return bool(fetch_value(connection, "waiting.unreassigned", now=now))


def any_delivery(connection: Connection, now: datetime) -> bool:
    """Whether something is to be sent, or was put off further than an hour, which may be a clock's doing."""
    return bool(fetch_value(connection, "waiting.deliveries", now=now))
