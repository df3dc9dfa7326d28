"""Mail against a real SMTP server on loopback."""

from __future__ import annotations

import smtplib
import ssl
import traceback
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from pipeline.database.ports import free_port
from pipeline.settings import Settings
from pipeline.web import mail
from tests.support.certificates import certificate


class Box:
    """Keeps what arrives; `sealed` says whether each came over TLS, `logins` who logged in."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.recipients: list[list[str]] = []
        self.sealed: list[bool] = []
        self.logins: list[bytes] = []

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:
        self.messages.append(message_from_bytes(envelope.content, policy=default))
        self.recipients.append(envelope.rcpt_tos)
        self.sealed.append(session.ssl is not None)
        return "250 OK"

    def login(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        self.logins.append(data.login)
        return AuthResult(success=data.password == b"p@ss")


Started = Callable[..., tuple[Box, int]]


@pytest.fixture
def started() -> Iterator[Started]:
    """Starts a server on a free port of 127.0.0.1: (its box, the port)."""
    running: list[Controller] = []

    def start(**options: Any) -> tuple[Box, int]:
        box, port = Box(), free_port()
        server = Controller(box, hostname="127.0.0.1", port=port, authenticator=box.login, **options)
        server.start()
        running.append(server)
        return box, port

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The server's side of TLS; its certificate for `localhost` is trusted."""
    pem = certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def test_a_server_without_tls_gets_a_message_with_both_forms(started: Started) -> None:
    box, port = started()
    settings = Settings(smtp_url=f"smtp://127.0.0.1:{port}", mail_from="desk@news.example")
    mail.send(
        settings,
        "ana@news.example, bo@news.example",
        mail.Message("조선 summit\nday 2", "plain", "<p>rich</p>", key="k-1"),
    )
    assert box.recipients == [["ana@news.example", "bo@news.example"]]
    [message] = box.messages
    assert message["subject"] == "조선 summit day 2", "a line break in a headline starts no header"
    assert message["from"] == "desk@news.example"
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]


def test_starttls_is_used_before_the_password(started: Started, sealed: ssl.SSLContext) -> None:
    box, port = started(tls_context=sealed, require_starttls=True, auth_required=True)
    settings = Settings(smtp_url=f"smtp://desk:p%40ss@localhost:{port}")
    mail.send(settings, "ana@news.example", mail.Message("Digest", "text"))
    assert (box.sealed, box.logins) == ([True], [b"desk"])
    assert box.messages[0]["from"] == "wirewatch@localhost"


def test_a_password_never_travels_in_the_clear(started: Started) -> None:
    box, port = started(auth_require_tls=False)
    settings = Settings(smtp_url=f"smtp://desk:p%40ss@localhost:{port}")
    with pytest.raises(smtplib.SMTPNotSupportedError, match="STARTTLS"):
        mail.send(settings, "ana@news.example", mail.Message("Digest", "text"))
    assert (box.logins, box.messages) == ([], [])


def test_a_mistake_in_the_address_shows_no_password() -> None:
    settings = Settings(smtp_url="smtp://desk:sesame/open@mail.example:25")
    with pytest.raises(smtplib.SMTPNotSupportedError, match="WIREWATCH_SMTP_URL is no address") as raised:
        mail.send(settings, "ana@news.example", mail.Message("Digest", "text"))
    assert "sesame" not in "".join(traceback.format_exception(raised.value))


def test_a_certificate_of_somebody_else_is_refused(started: Started, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path, "localhost"))
    box, port = started(tls_context=context)
    with pytest.raises(ssl.SSLCertVerificationError):
        mail.send(Settings(smtp_url=f"smtp://localhost:{port}"), "ana@news.example", mail.Message("Digest", "text"))
    assert box.messages == []
