"""Tell the desk what waits for a person: a draft to review, a run that failed, a clock that stood ahead."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from pipeline import database, digests, web
from pipeline.errors import Fault, ItemError
from pipeline.settings import Settings
from pipeline.steps import channels
from pipeline.steps.barrier import guarded
from pipeline.steps.delivering import send_due
from pipeline.store import outbox
from pipeline.web import mail


def tell_of_review(settings: Settings, *, digest_id: int, subject: str, link: str, now: datetime) -> dict[str, str]:
    """Tell the desk once that a digest waits for review, with its text; returns channel -> ``ok`` or the reason.

    Each is a row of `deliveries` under ``review-mail``, ``review-webhook`` or ``review-slack``. A channel that fails
    holds nothing up: the draft waits in Airflow all the same, and the channel is tried again for as long as it does.
    """
    wanted = [channels.REVIEW + name for name in channels.of_the_desk(settings)]
    with database.connect(settings) as connection:
        outbox.add(connection, digest_id, wanted, now, {"subject": f"To review: {subject}", "link": link})
        outbox.reopen(connection, digest_id, wanted, now)
    sent = send_due(settings, now=now, digest_id=digest_id)
    return {one.channel.removeprefix(channels.REVIEW): one.outcome for one in sent if one.channel in wanted}


def tell(settings: Settings, *, subject: str, text: str, link: str) -> dict[str, str]:
    """Tell the desk, as of a run that failed; returns channel -> ``ok`` or the reason. It needs no database."""
    notice = _Notice(subject, text, link, str(uuid4()))
    return {name: _attempt(_BY[name], settings, notice) for name in channels.of_the_desk(settings)}


def tell_of_clock(settings: Settings, *, pulled_back: int) -> dict[str, str]:
    """Tell the desk that so many rows bore times of a clock ahead; returns channel -> ``ok`` or the reason.

    Told when they are pulled back, and so once.
    """
    subject = f"A clock stood ahead: {pulled_back} {'row' if pulled_back == 1 else 'rows'} put right"
    text = (
        "Set the clock of each host right that runs Wirewatch; `wirewatch doctor` checks this one and the database's."
    )
    return tell(settings, subject=subject, text=text, link="")


@dataclass(frozen=True, slots=True)
class _Notice:
    subject: str
    text: str
    link: str
    key: str


_Send = Callable[[Settings, _Notice], object]


def _mail(settings: Settings, told: _Notice) -> object:
    text = "\n\n".join(part for part in (told.text, told.link) if part)
    return mail.send(settings, settings.desk_mail_to, mail.Message(told.subject, text, key=told.key))


def _post(settings: Settings, told: _Notice) -> object:
    body = json.dumps(channels.desk_body(told.subject, told.text, told.link)).encode()
    secret = settings.desk_webhook_secret
    return web.post(settings, settings.desk_webhook_url, body, "application/json", told.key, secret)


def _slack(settings: Settings, told: _Notice) -> object:
    message = json.dumps(digests.slack_notice(told.subject, told.text, told.link)).encode()
    return web.post(settings, settings.desk_slack_url, message, "application/json", told.key)


_BY: dict[str, _Send] = {"mail": _mail, "webhook": _post, "slack": _slack}


def _attempt(send: _Send, settings: Settings, told: _Notice) -> str:
    """The outcome of one channel; where our own code fails on it, the other one is used all the same."""
    faults: list[Fault] = []
    with guarded(f"tell the desk: {told.subject}", faults):
        try:
            send(settings, told)
        except ItemError as error:
            return error.reason
        except (OSError, smtplib.SMTPException) as error:
            return type(error).__name__
    return "internal" if faults else "ok"
