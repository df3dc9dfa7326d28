"""Ask the hubs of feeds to push what is new (WebSub) or to stop, and read what they pushed.

Nothing of it without `push_url`: a hub asks back there before it believes either.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pipeline import database, web
from pipeline.errors import Fault, InternalError, ItemError
from pipeline.feeds import hubs, sightings
from pipeline.feeds.reading import Document, FeedReader
from pipeline.models import ParsedFeed, Response
from pipeline.settings import Settings
from pipeline.steps.asking import shared_client
from pipeline.steps.barrier import PUSH, Work
from pipeline.store import entries as entry_store
from pipeline.store import subscriptions as store

_SECONDS = 60.0  # for reading pushes, and as long again for asking hubs: a run has feeds to poll; the next goes on
_READ_AT_ONCE = 1_000  # pushes looked for in one run
_WAIT, _DOUBLINGS = timedelta(hours=1), 7
"""When a hub that did not ask back is asked again: after an hour, twice as long each time, at last every five days."""


def note_hub(
    settings: Settings, connection: database.Connection, feed_id: int, feed: ParsedFeed, answer: Response, now: datetime
) -> None:
    """Keep which hub a document of a feed names, in the transaction of its poll."""
    if not settings.push_url:
        return
    own = [name.strip() for name in settings.allow_hosts.split(",") if name.strip()]
    named = hubs.named(feed, answer.headers, answer.final_url, own)
    store.note(connection, feed_id, named.hub, named.topic, now)


def keep_pushed(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Read what hubs pushed, ask those whose lease ends or who never agreed, and end what is left; returns counts."""
    work = Work(settings, now, PUSH)
    if settings.push_url:
        _read_pushes(work)
        _ask_hubs(work)
        _leave_hubs(work)
    return work.finish()


def _ask_hubs(work: Work) -> None:
    until = time.monotonic() + _SECONDS
    with shared_client(work.settings) as client:
        while time.monotonic() < until and (each := _claimed(work)) is not None:
            with work.guard(each.feed_id):
                _ask(work, client, each)
                work.passed(each.feed_id)


def _leave_hubs(work: Work) -> None:
    """Ask hubs to end the subscriptions of feeds that name them no more, moved, or are gone."""
    with database.connect(work.settings) as connection:
        store.end_retired(connection)
    until = time.monotonic() + _SECONDS
    with shared_client(work.settings) as client:
        while time.monotonic() < until and (each := _claimed_left(work)) is not None:
            with work.guard(each.feed_id):
                _leave(work, client, each)
                work.passed(each.feed_id)


def _claimed_left(work: Work) -> store.Left | None:
    with database.connect(work.settings) as connection:
        due = store.claim_left(connection, work.now, limit=1, wait=_WAIT, doublings=_DOUBLINGS)
    return due[0] if due else None


def _leave(work: Work, client: web.Client, each: store.Left) -> None:
    """Ask one hub; one that says it holds no such subscription (404, 410) has ended it."""
    try:
        client.post_form(each.hub_url, hubs.farewell(each.topic_url, _callback(work, each.token)))
    except InternalError:
        raise
    except ItemError as error:
        work.counts["not_left"] += 1
        with database.connect(work.settings) as connection:
            if error.reason in ("http-404", "http-410"):
                store.forget_left(connection, each.token)
            else:
                store.not_left(connection, each.token, f"{error.reason}: {error.detail}")
    else:
        work.counts["left"] += 1


def _callback(work: Work, token: str) -> str:
    return work.settings.push_url.rstrip("/") + hubs.PATH + token


def _claimed(work: Work) -> store.Subscription | None:
    # Written before the hub is asked: it may ask back before its answer comes.
    with database.connect(work.settings) as connection:
        due = store.claim(connection, work.now, limit=1, wait=_WAIT, doublings=_DOUBLINGS)
    return due[0] if due else None


def _ask(work: Work, client: web.Client, each: store.Subscription) -> None:
    try:
        client.post_form(each.hub_url, hubs.question(each.topic_url, _callback(work, each.token), each.secret))
    except InternalError:
        raise
    except ItemError as error:
        work.counts["not_asked"] += 1
        with database.connect(work.settings) as connection:
            store.failed(connection, each, f"{error.reason}: {error.detail}")
    else:
        work.counts["asked"] += 1


def _read_pushes(work: Work) -> None:
    with database.connect(work.settings) as connection:
        found = store.waiting(connection, _READ_AT_ONCE)
    if not found:
        return
    until = time.monotonic() + _SECONDS
    with FeedReader.from_settings(work.settings) as reader:
        for each in found:
            if time.monotonic() < until:
                _take(work, reader, each)


def _take(work: Work, reader: FeedReader, each: store.Waiting) -> None:
    """Read one push before any transaction, then write what it says; one that cannot be read is let go."""

    def drop(connection: database.Connection, fault: Fault) -> None:
        store.take(connection, each.id)
        store.taken(connection, each.feed_id, work.now, reason=f"internal: {fault}")

    read: list[ParsedFeed | ItemError] = []
    with work.guard(each.feed_id, drop):
        with database.connect(work.settings) as connection:
            push = store.read(connection, each.id)
        if push is None:
            return
        try:
            read.append(reader.read(Document(push.body, push.topic_url, push.content_type, work.now)))
        except InternalError:
            raise
        except ItemError as error:
            read.append(error)
    for result in read:
        with work.alone(each.feed_id, drop) as attempt:
            if store.take(attempt.connection, each.id):
                _write(work, attempt.connection, each.feed_id, result)


def _write(work: Work, connection: database.Connection, feed_id: int, read: ParsedFeed | ItemError) -> None:
    if isinstance(read, ItemError):
        work.counts["unreadable"] += 1
        store.taken(connection, feed_id, work.now, reason=f"{read.reason}: {read.detail}")
        return
    known = entry_store.known(connection, {feed_id: read.entries})[feed_id]
    sighting = replace(sightings.reconcile(known, read.entries), gone=())
    entry_store.apply_part(connection, [entry_store.Sighted(feed_id, sighting, work.now)])
    store.taken(connection, feed_id, work.now, new=len(sighting.new))
    work.counts["pushed"] += 1
    work.counts["entries"] += len(sighting.new)
    work.counts["edited"] += len(sighting.edited)
