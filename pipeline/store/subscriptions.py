"""Subscriptions to hubs (WebSub), and what they pushed until it is read."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.database import Connection, run
from pipeline.database.rows import fetch, fetch_one, fetch_value

MAX_WAITING = 20
"""Pushes of one feed that wait to be read; a feed that has more is read by its next poll."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A feed's subscription as far as asking, and judging what comes of it, needs it."""

    feed_id: int
    hub_url: str
    topic_url: str
    token: str
    secret: str
    state: str
    asked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Left:
    """A subscription that was given up here and that its hub may still hold; its feed may be gone."""

    token: str
    feed_id: int
    hub_url: str
    topic_url: str
    asked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Push:
    """A document that a hub pushed."""

    id: int
    feed_id: int
    content_type: str | None
    body: bytes
    topic_url: str
    feed_url: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A push that was not read yet, by its number and its feed's."""

    id: int
    feed_id: int


def note(connection: Connection, feed_id: int, hub_url: str | None, topic_url: str, now: datetime) -> None:
    """Keep which hub tells of a feed; None where no hub does, which ends what there was."""
    if hub_url is None:
        run(connection, "subscriptions.forget", feed_id=feed_id)
        return
    run(
        connection,
        "subscriptions.note",
        feed_id=feed_id,
        hub_url=hub_url,
        topic_url=topic_url,
        token=secrets.token_urlsafe(32),
        secret=secrets.token_hex(32),
        now=now,
    )


def claim(connection: Connection, now: datetime, *, limit: int, wait: timedelta, doublings: int) -> list[Subscription]:
    """The subscriptions to ask for now; each is asked for again after `wait`, doubled with each try."""
    return fetch(connection, Subscription, "subscriptions.claim", now=now, limit=limit, wait=wait, doublings=doublings)


def end_retired(connection: Connection) -> None:
    """End the subscriptions of feeds that are asked no more."""
    run(connection, "subscriptions.end_retired")


def claim_left(connection: Connection, now: datetime, *, limit: int, wait: timedelta, doublings: int) -> list[Left]:
    """The ended subscriptions that hubs are to be asked to end now, each again after `wait`, doubled with each try.

    Those whose lease is over are forgotten.
    """
    return fetch(connection, Left, "subscriptions.claim_left", now=now, limit=limit, wait=wait, doublings=doublings)


def left_by_token(connection: Connection, token: str) -> Left | None:
    """The ended subscription whose hub still calls the address with this end."""
    return fetch_one(connection, Left, "subscriptions.left_by_token", token=token)


def not_left(connection: Connection, token: str, reason: str) -> None:
    """Note why a hub could not be asked to end one."""
    run(connection, "subscriptions.not_left", token=token, reason=reason[:300])


def forget_left(connection: Connection, token: str) -> None:
    """The hub ends it, or knows of none."""
    run(connection, "subscriptions.forget_left", token=token)


def failed(connection: Connection, subscription: Subscription, reason: str) -> None:
    """Note why a hub could not be asked."""
    run(connection, "subscriptions.failed", feed_id=subscription.feed_id, token=subscription.token, reason=reason[:300])


def by_token(connection: Connection, token: str) -> Subscription | None:
    """The subscription whose hub calls the address with this end."""
    return fetch_one(connection, Subscription, "subscriptions.by_token", token=token)


def confirm(connection: Connection, token: str, until: datetime, next_at: datetime) -> None:
    """The hub agreed until a moment; it is asked again before."""
    run(connection, "subscriptions.confirm", token=token, until=until, next_at=next_at)


def deny(connection: Connection, token: str, reason: str, next_at: datetime) -> None:
    """The hub refused."""
    run(connection, "subscriptions.deny", token=token, reason=reason[:300], next_at=next_at)


def keep(connection: Connection, feed_id: int, body: bytes, content_type: str | None, now: datetime) -> None:
    """Keep a signed push until it is read; of very many the rest is left to the next poll."""
    run(
        connection,
        "subscriptions.keep",
        feed_id=feed_id,
        body=body,
        content_type=content_type,
        now=now,
        most=MAX_WAITING,
    )


def waiting(connection: Connection, limit: int) -> list[Waiting]:
    """The pushes that wait, the oldest first."""
    return fetch(connection, Waiting, "subscriptions.waiting", limit=limit)


def read(connection: Connection, push_id: int) -> Push | None:
    """A push with its document; None where another worker took it."""
    return fetch_one(connection, Push, "subscriptions.read", id=push_id)


def take(connection: Connection, push_id: int) -> bool:
    """Take a push out of the queue and hold its feed; False where another worker did."""
    return fetch_value(connection, "subscriptions.take", id=push_id) is not None


def taken(connection: Connection, feed_id: int, now: datetime, *, new: int = 0, reason: str | None = None) -> None:
    """Note that a push was read, what was wrong with it, and that it brought something new."""
    run(connection, "subscriptions.taken", feed_id=feed_id, now=now, reason=reason)
    if new:
        run(connection, "subscriptions.seen_new", feed_id=feed_id, now=now)
