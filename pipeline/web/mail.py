"""One message to the mail server that the settings name."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from pipeline.settings import Settings


def send(settings: Settings, to: str, subject: str, text: str, html: str | None = None) -> None:
    """Mail `text`, with `html` beside it where given, to the comma-separated addresses in `to`.

    ``smtps://`` is TLS from the first byte; ``smtp://`` turns to TLS where the server offers STARTTLS. Its certificate
    is checked either way, and a password never travels in the clear. Raises `OSError` or `smtplib.SMTPException`.
    """
    address = urlsplit(settings.smtp_url)
    message = EmailMessage()
    message["Subject"] = " ".join(subject.split())
    message["From"] = settings.mail_from or f"wirewatch@{address.hostname}"
    message["To"] = to
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    with _server(settings) as server:
        if address.username:
            server.login(unquote(address.username), unquote(address.password or ""))
        server.send_message(message)


def _server(settings: Settings) -> smtplib.SMTP:
    address = urlsplit(settings.smtp_url)
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
