"""Where a published digest goes: files (page, Markdown, Atom) always; a webhook and mail where they are set."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline import database, digests, topics, web
from pipeline.errors import ConfigurationError, Fault, ItemError
from pipeline.settings import Settings
from pipeline.steps.barrier import OnFault, Work, delivery_step
from pipeline.store import digests as store
from pipeline.store import faults
from pipeline.store.digests import Delivery, StoredDigest
from pipeline.web import mail

Send = Callable[[Settings, StoredDigest], None]


def deliver(settings: Settings, digest_id: int, *, now: datetime) -> dict[str, str]:
    """Send a published digest through every channel it has not reached; returns channel -> ``ok`` or the reason.

    A failed channel is recorded and tried again by maintenance; it never undoes the publication. One that our own code
    failed on waits, and is left out until then.
    """
    with database.connect(settings) as connection:
        row = store.digest(connection, digest_id)
        assert row is not None
        waiting = {name: send for name, send in _channels(settings).items() if not _is_held(connection, name, row, now)}
        reached = store.delivered(connection, digest_id)
    outcomes: dict[str, str] = {}
    for name, send in waiting.items():
        if name not in reached:
            outcomes[name] = "internal"
            work = Work(settings, now, delivery_step(name))
            with work.guard(digest_id, _noted(Delivery(digest_id, name, "internal", None, now))):
                outcomes[name], detail = _attempt(send, settings, row)
                with database.connect(settings) as connection:
                    store.log_delivery(connection, Delivery(digest_id, name, outcomes[name], detail, now))
                    work.passed(digest_id)
                    work.clear(connection)
    return outcomes


def _channels(settings: Settings) -> dict[str, Send]:
    channels: dict[str, Send] = {"files": _files}
    if settings.webhook_url:
        channels["webhook"] = _webhook
    if settings.smtp_url and settings.mail_to:
        channels["mail"] = _mail
    return channels


def _is_held(connection: database.Connection, channel: str, row: StoredDigest, now: datetime) -> bool:
    step = delivery_step(channel)
    return bool(faults.held(connection, step.name, step.kind, {row.id: now}))


def _noted(delivery: Delivery) -> OnFault:
    def note(connection: database.Connection, fault: Fault) -> None:
        store.log_delivery(connection, replace(delivery, detail=str(fault)))

    return note


def _attempt(send: Send, settings: Settings, row: StoredDigest) -> tuple[str, str | None]:
    """Outcome and detail of one channel."""
    try:
        send(settings, row)
    except ItemError as error:
        return error.reason, error.detail
    except (OSError, smtplib.SMTPException) as error:
        return type(error).__name__, str(error)
    return "ok", None


def folder(settings: Settings, topic: str) -> Path:
    """Where the published files of a topic lie."""
    return settings.home / "published" / topic


def _files(settings: Settings, row: StoredDigest) -> None:
    try:
        topic = topics.find(settings, row.topic)
    except ConfigurationError as error:  # this digest's topic file is gone; others have theirs
        raise ItemError("no-topic", str(error)) from error
    target = folder(settings, row.topic)
    target.mkdir(parents=True, exist_ok=True)
    _write(target / f"{row.day}.md", row.markdown.encode())
    _write(target / f"{row.day}.html", digests.to_page(row.title, row.html).encode())
    with database.connect(settings) as connection:
        published = store.published(connection, row.topic)
    newest = max((entry.published_at for entry in published), default=datetime.now(UTC))
    _write(target / "atom.xml", digests.to_atom(topic, published, newest, settings.public_url.rstrip("/")))


def _write(path: Path, content: bytes) -> None:
    # A reader never sees half a file: the new one takes the old one's place in one step.
    part = path.with_suffix(path.suffix + ".part")
    part.write_bytes(content)
    part.replace(path)


def _webhook(settings: Settings, row: StoredDigest) -> None:
    names = ("rank", "story_id", "headline", "summary", "status", "outlets", "independent")
    body = {
        "topic": row.topic,
        "day": str(row.day),
        "title": row.title,
        "markdown": row.markdown,
        "html": row.html,
        "reviewed_by": row.reviewed_by,
        "items": [{name: getattr(item, name) for name in names} for item in row.items],
    }
    web.post(settings, settings.webhook_url, json.dumps(body).encode(), "application/json")


def _mail(settings: Settings, row: StoredDigest) -> None:
    mail.send(settings, settings.mail_to, row.title, row.markdown, digests.to_page(row.title, row.html))
