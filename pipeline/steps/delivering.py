"""Where a published digest goes: files (page, Markdown, Atom) always; a webhook and mail where they are set."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline import database, digests, topics, web
from pipeline.errors import ItemError
from pipeline.settings import Settings
from pipeline.store import digests as store
from pipeline.web import mail

Row = dict[str, Any]


def deliver(settings: Settings, digest_id: int, *, now: datetime) -> dict[str, str]:
    """Send a published digest through every channel it has not reached; returns channel -> ``ok`` or the reason.

    A failed channel is recorded and tried again by maintenance; it never undoes the publication.
    """
    channels: dict[str, Callable[[Settings, Row], None]] = {"files": _files}
    if settings.webhook_url:
        channels["webhook"] = _webhook
    if settings.smtp_url and settings.mail_to:
        channels["mail"] = _mail
    with database.connect(settings) as connection:
        row = store.digest(connection, digest_id)
        assert row is not None
        reached = store.delivered(connection, digest_id)
    outcomes: dict[str, str] = {}
    for name, send in channels.items():
        if name in reached:
            continue
        detail: str | None = None
        try:
            send(settings, row)
            outcomes[name] = "ok"
        except ItemError as error:
            outcomes[name], detail = error.reason, error.detail
        except (OSError, smtplib.SMTPException) as error:
            outcomes[name], detail = type(error).__name__, str(error)
        with database.connect(settings) as connection:
            store.log_delivery(connection, digest_id, name, outcomes[name], detail, now)
    return outcomes


def folder(settings: Settings, topic: str) -> Path:
    """Where the published files of a topic lie."""
    return settings.home / "published" / topic


def _files(settings: Settings, row: Row) -> None:
    target = folder(settings, row["topic"])
    target.mkdir(parents=True, exist_ok=True)
    _write(target / f"{row['day']}.md", row["markdown"].encode())
    _write(target / f"{row['day']}.html", digests.to_page(row["title"], row["html"]).encode())
    with database.connect(settings) as connection:
        published = store.published(connection, row["topic"])
    newest = max((entry["published_at"] for entry in published), default=datetime.now(UTC))
    atom = digests.to_atom(topics.find(settings, row["topic"]), published, newest, settings.public_url.rstrip("/"))
    _write(target / "atom.xml", atom)


def _write(path: Path, content: bytes) -> None:
    # A reader never sees half a file: the new one takes the old one's place in one step.
    part = path.with_suffix(path.suffix + ".part")
    part.write_bytes(content)
    part.replace(path)


def _webhook(settings: Settings, row: Row) -> None:
    body = {
        "topic": row["topic"],
        "day": str(row["day"]),
        "title": row["title"],
        "markdown": row["markdown"],
        "html": row["html"],
        "reviewed_by": row["reviewed_by"],
        "items": [
            {
                name: item[name]
                for name in ("rank", "story_id", "headline", "summary", "status", "outlets", "independent")
            }
            for item in row["items"]
        ],
    }
    web.post(settings, settings.webhook_url, json.dumps(body).encode(), "application/json")


def _mail(settings: Settings, row: Row) -> None:
    page = digests.to_page(row["title"], row["html"])
    mail.send(settings, settings.mail_to, row["title"], row["markdown"], page)
