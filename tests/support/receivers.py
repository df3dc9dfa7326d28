"""Receivers on loopback: a webhook that answers as it is told, and a mail server that keeps what arrives."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

from pipeline.database.ports import free_port

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Hook:
    """What a webhook got, and what it answers: each of `answers` once, then 200. `before` runs before an answer.

    `requests` are headers, their names in small letters, and bodies as they came.
    """

    address: str = ""
    answers: list[int | Answer] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    before: Callable[[], object] = lambda: None

    def answer(self) -> Answer:
        found = self.answers.pop(0) if self.answers else 200
        return (found, {}, b"") if isinstance(found, int) else found


@contextmanager
def hook() -> Iterator[Hook]:
    """A webhook, for as long as the block lasts."""
    kept = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            kept.requests.append(({name.lower(): value for name, value in self.headers.items()}, raw))
            kept.bodies.append(json.loads(raw))
            kept.keys.append(self.headers["Idempotency-Key"])
            kept.before()
            status, headers, text = kept.answer()
            try:
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(text))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)
            except OSError:
                pass  # who asked is gone

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    kept.address = f"http://127.0.0.1:{server.server_address[1]}/hook"
    try:
        yield kept
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Box:
    """What a mail server got, and what it says to recipients: `refusals` by address, each once."""

    address: str = ""
    messages: list[Message] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    goodbye: str = ""

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address in self.refusals:
            return self.refusals.pop(address)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.messages.append(message_from_bytes(envelope.content, policy=default))
        self.recipients.append(envelope.rcpt_tos)
        return "250 OK"

    async def handle_QUIT(self, _server: Any, _session: Any, _envelope: Any) -> str:
        return self.goodbye or "221 Bye"


@contextmanager
def box() -> Iterator[Box]:
    """A mail server, for as long as the block lasts."""
    kept, port = Box(), free_port()
    server = Controller(kept, hostname="127.0.0.1", port=port)
    server.start()
    kept.address = f"smtp://127.0.0.1:{port}"
    try:
        yield kept
    finally:
        server.stop()
