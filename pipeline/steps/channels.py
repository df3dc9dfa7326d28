"""How each channel of the outbox is reached: of a digest files, webhook, Slack and mail, of the desk the last three.

A channel is named in `deliveries`: ``files``, ``webhook``, ``slack`` and ``mail`` carry the digest itself. What the
desk is told goes by mail, webhook or Slack, which end its name: ``review-…`` that a draft waits, ``failed-<channel>-…``
that a channel was given up, ``raised-…``, ``again-<times>-…`` and ``cleared-…`` how an alert stands.
"""

from __future__ import annotations

import json
import smtplib
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from pipeline import alerts, database, digests, topics, web
from pipeline.errors import ConfigurationError, ItemError
from pipeline.settings import Settings
from pipeline.steps import filing
from pipeline.store import digests as store
from pipeline.store import outbox
from pipeline.store.digests import StoredDigest
from pipeline.store.outbox import Ending, Parcel
from pipeline.web import mail

Send = Callable[[Settings, StoredDigest | None, Parcel], Ending]

#: Answers of the 3xx and 4xx after which another try may fare better: the host was slow, busy, or at this very key
#: (409, as draft-ietf-httpapi-idempotency-key-header has it).
_LATER = frozenset({408, 409, 425, 429})
FILES = "files"
REVIEW = "review-"
FAILED = "failed-"
RAISED = "raised-"
AGAIN = "again-"
CLEARED = "cleared-"
_TO_THE_DESK = (REVIEW, FAILED, RAISED, AGAIN, CLEARED)


def again(times: int) -> str:
    """What begins the names of the channels by which an alert is told for the `times`-th time."""
    return f"{AGAIN}{times}-"


def of_a_digest(settings: Settings) -> list[str]:
    """The channels that a digest published now goes through."""
    found = [FILES]
    if settings.webhook_url:
        found.append("webhook")
    if settings.slack_url:
        found.append("slack")
    if settings.smtp_url and settings.mail_to:
        found.append("mail")
    return found


def of_the_desk(settings: Settings) -> list[str]:
    """The channels by which the desk is told; empty where no setting names anybody."""
    found = []
    if settings.smtp_url and settings.desk_mail_to:
        found.append("mail")
    if settings.desk_webhook_url:
        found.append("webhook")
    if settings.desk_slack_url:
        found.append("slack")
    return found


def sender(settings: Settings, channel: str) -> Send | None:
    """What sends through a channel; None where no setting says any more where to."""
    if channel.startswith(_TO_THE_DESK):
        via = channel.rpartition("-")[2]
        return _DESK[via] if via in of_the_desk(settings) else None
    return _DIGEST[channel] if channel in of_a_digest(settings) else None


def unset(settings: Settings, channel: str) -> str:
    """The variable without which a digest's channel reaches nobody from here; empty where all are set."""
    needed = {"webhook": ("webhook_url",), "slack": ("slack_url",), "mail": ("smtp_url", "mail_to")}.get(channel, ())
    return next((f"WIREWATCH_{name.upper()}" for name in needed if not getattr(settings, name)), "")


def is_wanted(channel: str, state: str) -> bool:
    """Whether a digest in this state still needs the channel: a draft its reviewer, a published one its readers."""
    if channel.startswith(FAILED):
        return True
    return state == ("draft" if channel.startswith(REVIEW) else "published")


def is_wanted_of_alert(channel: str, kind: str, stands: bool) -> bool:
    """Whether the desk still needs this of an alert: that it holds while it does, that it is over once it is.

    An occurrence has happened, whatever holds by now.
    """
    return kind in alerts.OCCURRENCES or stands is not channel.startswith(CLEARED)


def attempt(send: Send, settings: Settings, row: StoredDigest | None, parcel: Parcel) -> Ending:
    """Send, and say how it ended; raises only what is a fault of our own code, or of the whole house."""
    try:
        return send(settings, row, parcel)
    except ItemError as error:
        return Ending(error.reason, error.detail or None, is_refusal(error.reason), error.retry_after)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        return Ending("SMTPRecipientsRefused", _refusals(error.recipients), all(code >= 500 for code in codes))
    except smtplib.SMTPResponseException as error:
        said = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return Ending(type(error).__name__, f"{error.smtp_code} {said}", error.smtp_code >= 500)
    except smtplib.SMTPNotSupportedError as error:
        return Ending(type(error).__name__, str(error), refused=True)
    except (OSError, smtplib.SMTPException) as error:
        return Ending(type(error).__name__, str(error))


def is_refusal(reason: str) -> bool:
    """Whether a reason of `web.post` says that the receiver, address or secret will not do: another try is no use."""
    if reason.startswith("http-"):
        status = int(reason.removeprefix("http-"))
        return 300 <= status < 500 and status not in _LATER
    return reason in ("bad-url", "bad-secret")


def folder(settings: Settings, topic: str) -> Path:
    """Where the published files of a topic lie."""
    return filing.folder(settings, topic)


def _topic(settings: Settings, row: StoredDigest) -> topics.Topic:
    try:
        return topics.find(settings, row.topic)
    except ConfigurationError as error:  # this digest's topic file is gone; others have theirs
        raise ItemError("no-topic", str(error)) from error


def _files(settings: Settings, row: StoredDigest | None, parcel: Parcel) -> Ending:
    assert row is not None
    topic = _topic(settings, row)
    with database.connect(settings) as connection:
        # One process writes at a time, and reads what stands published under the lock: the last to write is right.
        outbox.lock_files(connection, row.topic)
        current = store.digest(connection, row.id)
        if current is None or current.state != "published":
            return Ending("superseded")
        filing.write(connection, settings, topic, current)
    return Ending("ok")


def _webhook(settings: Settings, row: StoredDigest | None, parcel: Parcel) -> Ending:
    assert row is not None
    names = ("rank", "story_id", "headline", "summary", "status", "outlets", "independent")
    body = {
        "digest_id": row.id,
        "version": row.version,
        "topic": row.topic,
        "day": str(row.day),
        "title": row.title,
        "markdown": row.markdown,
        "html": row.html,
        "reviewed_by": row.reviewed_by,
        "items": [{name: getattr(item, name) for name in names} for item in row.items],
    }
    return _posted(settings, settings.webhook_url, body, parcel, settings.webhook_secret)


def _slack(settings: Settings, row: StoredDigest | None, parcel: Parcel) -> Ending:
    assert row is not None
    link = filing.address(settings, row.topic, f"{row.day}.html")
    message = digests.to_slack(row.digest(), _topic(settings, row), row.note or "", settings.desk_language, link)
    return _posted(settings, settings.slack_url, message, parcel)


def _posted(settings: Settings, url: str, body: dict[str, Any], parcel: Parcel, secret: str = "") -> Ending:
    sent = json.dumps(body).encode()
    return Ending("ok", web.post(settings, url, sent, "application/json", str(parcel.key), secret))


def _mail(settings: Settings, row: StoredDigest | None, parcel: Parcel) -> Ending:
    assert row is not None
    link = filing.address(settings, row.topic, f"{row.day}.html")
    return _mailed(
        settings, settings.mail_to, digest_mail(settings, row, parcel, row.title, link, "On the web"), parcel
    )


def digest_mail(
    settings: Settings, row: StoredDigest, parcel: Parcel, subject: str, link: str, label: str, said: str = ""
) -> mail.Message:
    """A mail with a digest as text and as HTML, above it what is `said` and a link, where there is one."""
    topic, digest, note = _topic(settings, row), row.digest(), row.note or ""
    head = "\n\n".join(part for part in (f"{label}: {link}" if link else "", said) if part)
    text = digests.to_text(digest, topic, note, settings.desk_language)
    shown = digests.to_mail_body(digest, topic, note, settings.desk_language)
    above = f'<p><a href="{escape(link)}">{escape(label)}</a></p>' if link.startswith(("http://", "https://")) else ""
    above += f"<blockquote><p>{escape(said)}</p></blockquote>" if said else ""
    html = digests.to_page(subject, f"{above}\n{shown}")
    return mail.Message(subject, f"{head}\n\n{text}".lstrip(), html, str(parcel.key))


def _mailed(settings: Settings, to: str, message: mail.Message, parcel: Parcel) -> Ending:
    refused = mail.send(settings, (parcel.notice or {}).get("to", to), message)
    if not refused:
        return Ending("ok")
    # Those who have it do not get it again.
    return Ending(
        "partly-refused",
        _refusals(refused),
        refused=all(code >= 500 for code, _ in refused.values()),
        rest=", ".join(refused),
    )


def _refusals(refused: Any) -> str:
    return "; ".join(f"{who}: {code} {said.decode('utf-8', 'replace')}" for who, (code, said) in refused.items())


def _desk_mail(settings: Settings, row: StoredDigest | None, parcel: Parcel) -> Ending:
    notice = parcel.notice or {}
    text, link = notice.get("text", ""), notice.get("link", "")
    if text or row is None:
        message = mail.Message(notice["subject"], f"{link}\n\n{text}".strip(), key=str(parcel.key))
    else:
        coming = digests.still_coming(row.waiting)
        message = digest_mail(settings, row, parcel, notice["subject"], link, "Review it", coming)
    return _mailed(settings, settings.desk_mail_to, message, parcel)


def _desk_webhook(settings: Settings, row: StoredDigest | None, parcel: Parcel) -> Ending:
    notice = parcel.notice or {}
    body = desk_body(notice["subject"], notice.get("text", ""), notice.get("link", ""))
    return _posted(settings, settings.desk_webhook_url, body, parcel, settings.desk_webhook_secret)


def _desk_slack(settings: Settings, row: StoredDigest | None, parcel: Parcel) -> Ending:
    notice = parcel.notice or {}
    message = digests.slack_notice(notice["subject"], notice.get("text", ""), notice.get("link", ""))
    return _posted(settings, settings.desk_slack_url, message, parcel)


def desk_body(subject: str, text: str, link: str) -> dict[str, Any]:
    """What a desk's webhook gets: Slack, Mattermost and Rocket.Chat show `text`, the rest is for programs."""
    return {"text": digests.chat_text(subject, text, link), "subject": subject, "link": link}


_DIGEST: dict[str, Send] = {FILES: _files, "webhook": _webhook, "slack": _slack, "mail": _mail}
_DESK: dict[str, Send] = {"mail": _desk_mail, "webhook": _desk_webhook, "slack": _desk_slack}
