"""Tell the desk what waits for a person: a draft to review, or a run that failed."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from pipeline import database, web
from pipeline.errors import Fault, ItemError
from pipeline.settings import Settings
from pipeline.steps.barrier import guarded
from pipeline.store import digests as store
from pipeline.store.digests import Delivery
from pipeline.web import mail


def tell_of_review(settings: Settings, *, digest_id: int, subject: str, link: str, now: datetime) -> dict[str, str]:
    """Tell the desk once that a digest waits for review, with its text; returns channel -> ``ok`` or the reason.

    Each outcome is a row of `deliveries` under ``review-mail`` or ``review-webhook``. A channel that fails holds
    nothing up: the draft waits in Airflow all the same.
    """
    with database.connect(settings) as connection:
        row = store.digest(connection, digest_id)
        reached = {name for name in store.delivered(connection, digest_id) if name.startswith("review-")}
    text = f"{link}\n\n{row.markdown if row else ''}"
    outcomes: dict[str, str] = {}
    for name, send in _channels(settings).items():
        if f"review-{name}" in reached:
            continue
        outcomes[name], detail = _attempt(send, f"To review: {subject}", text, link)
        with database.connect(settings) as connection:
            store.log_delivery(connection, Delivery(digest_id, f"review-{name}", outcomes[name], detail, now))
    return outcomes


def tell_of_failure(settings: Settings, *, subject: str, text: str, link: str) -> dict[str, str]:
    """Tell the desk that a run failed; returns channel -> ``ok`` or the reason. It needs no database."""
    return {
        name: _attempt(send, f"Failed: {subject}", f"{text}\n\n{link}", link)[0]
        for name, send in _channels(settings).items()
    }


_Send = Callable[[str, str, str], None]


def _channels(settings: Settings) -> dict[str, _Send]:
    """How the desk can be told; empty where no setting says."""
    found: dict[str, _Send] = {}
    if settings.smtp_url and settings.desk_mail_to:
        found["mail"] = lambda subject, text, _link: mail.send(settings, settings.desk_mail_to, subject, text)
    if settings.desk_webhook_url:
        found["webhook"] = lambda subject, _text, link: _post(settings, subject, link)
    return found


def _post(settings: Settings, subject: str, link: str) -> None:
    # Slack, Mattermost and Rocket.Chat show `text`; the rest is for programs.
    body: dict[str, Any] = {"text": f"{subject}\n{link}", "subject": subject, "link": link}
    web.post(settings, settings.desk_webhook_url, json.dumps(body).encode(), "application/json")


def _attempt(send: _Send, subject: str, text: str, link: str) -> tuple[str, str | None]:
    """Outcome and detail of one channel; where our own code fails on it, the other one is used all the same."""
    faults: list[Fault] = []
    with guarded(f"tell the desk: {subject}", faults):
        try:
            send(subject, text, link)
        except ItemError as error:
            return error.reason, error.detail
        except (OSError, smtplib.SMTPException) as error:
            return type(error).__name__, str(error)
    return ("internal", str(faults[0])) if faults else ("ok", None)
