"""https: the certificate is checked against the name although the socket goes to a checked address."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipeline import web
from pipeline.errors import ItemError
from pipeline.settings import Settings
from tests.support.certificates import certificate

BODY = b"over a sealed line " * 60_000


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        status, body = (404, b"") if self.path == "/robots.txt" else (200, BODY)
        self.send_response(status)
        if self.path == "/unmeasured":
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, Path, list[str | None]]]:
    """(port, certificate, names asked for) of a server that is `outlet.example`, at an address taken for public."""
    pem = certificate(tmp_path, "outlet.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    port = server.server_address[1]
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr("pipeline.web.connections.socket.getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr("pipeline.web.connections.urls.is_public_address", lambda address: address == "127.0.0.1")
    monkeypatch.setattr("pipeline.web.fetching.urls.safe_to_fetch", lambda url: None)
    yield port, pem, names
    server.shutdown()
    server.server_close()
    thread.join()


def test_name_is_kept_for_sni_and_certificate(sealed: tuple[int, Path, list[str | None]]) -> None:
    port, pem, names = sealed
    trusting = ssl.create_default_context(cafile=pem)
    with web.Client(Settings(host_interval=0.0), ssl_context=trusting) as client:
        assert client.get(f"https://outlet.example:{port}/page").body == BODY
        with pytest.raises(ItemError) as caught:
            client.get(f"https://other.example:{port}/page")
        assert caught.value.reason == "tls"
    assert set(names) == {"outlet.example", "other.example"}


def test_a_body_may_end_with_a_connection_that_is_closed_without_a_word(
    sealed: tuple[int, Path, list[str | None]],
) -> None:
    with web.Client(Settings(host_interval=0.0), ssl_context=ssl.create_default_context(cafile=sealed[1])) as client:
        assert client.get(f"https://outlet.example:{sealed[0]}/unmeasured").body == BODY


def test_unknown_authority_is_refused(sealed: tuple[int, Path, list[str | None]]) -> None:
    with web.Client(Settings(host_interval=0.0)) as client, pytest.raises(ItemError) as caught:
        client.get(f"https://outlet.example:{sealed[0]}/page")
    assert caught.value.reason == "tls"
