"""One message to the mail server that the settings name."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

from pipeline.settings import Settings
from pipeline.text.characters import line


@dataclass(frozen=True, slots=True)
class Message:
    """What is mailed: `text`, with `html` beside it where given. The same `key` makes the same Message-ID."""

    subject: str
    text: str
    html: str | None = None
    key: str = ""


def send(settings: Settings, to: str, message: Message) -> Mapping[str, tuple[int, bytes]]:
    """Mail a message to the comma-separated addresses in `to`; returns those that were refused, with the answer.

    ``smtps://`` is TLS from the first byte; ``smtp://`` turns to TLS where the server offers STARTTLS. Its certificate
    is checked either way, and a password never travels in the clear. Raises `OSError` or `smtplib.SMTPException`, also
    where everybody was refused.
    """
    address = _address(settings)
    sender = settings.mail_from or f"wirewatch@{address.hostname}"
    domain = parseaddr(sender)[1].rpartition("@")[2] or "wirewatch.invalid"
    mailed = EmailMessage()
    mailed["Subject"] = line(message.subject)
    mailed["From"] = sender
    mailed["To"] = to
    mailed["Date"] = format_datetime(datetime.now(UTC))
    mailed["Message-ID"] = f"<{message.key}@{domain}>" if message.key else make_msgid(domain=domain)
    mailed["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday note is an answer to it
    mailed.set_content(message.text)
    if message.html is not None:
        mailed.add_alternative(message.html, subtype="html")
    server = _server(settings)
    try:
        if address.username:
            server.login(unquote(address.username), unquote(address.password or ""))
        refused = server.send_message(mailed)
        with contextlib.suppress(OSError, smtplib.SMTPException):  # it is sent, however the goodbye goes
            server.quit()
        return refused
    finally:
        server.close()


def _address(settings: Settings) -> SplitResult:
    """Where mail is sent. Raises an error of SMTP's where that is no address; no part of a password stands in it."""
    try:
        address = urlsplit(settings.smtp_url)
        _ = address.port
    except ValueError:
        raise smtplib.SMTPNotSupportedError(
            "WIREWATCH_SMTP_URL is no address; signs of a password other than letters and digits are percent-encoded "
            "there (%40 is @)"
        ) from None
    return address


def _server(settings: Settings) -> smtplib.SMTP:
    address = _address(settings)
    host, port, timeout = address.hostname or "localhost", address.port or 0, settings.total_timeout
    if address.scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=timeout, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port, timeout=timeout)
    try:
        server.ehlo()  # before it, no extension is known
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
        elif address.username:
            raise smtplib.SMTPNotSupportedError("no STARTTLS is offered, and a password is not sent in the clear")
    except BaseException:
        server.close()
        raise
    return server
