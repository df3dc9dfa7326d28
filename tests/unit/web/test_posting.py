"""One POST against real sockets: its key, its answer, and its end in time."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from pipeline import web
from pipeline.errors import ItemError
from pipeline.settings import Settings
from tests.support.receivers import Hook, hook


@pytest.fixture
def receiver() -> Iterator[Hook]:
    with hook() as kept:
        yield kept


def post(address: str, key: str = "", **options: float) -> str:
    return web.post(Settings(**options), address, b"{}", "application/json", key)  # type: ignore[arg-type]


def test_the_key_travels_as_a_quoted_string_and_the_answer_comes_back(receiver: Hook) -> None:
    receiver.answers = [(201, {}, b"kept\x00 as\n 7")]
    assert post(receiver.address, "8e03978e-40d5-43dd-bc93-6894a57f9324") == "201 kept as 7"
    assert post(receiver.address) == "200 OK"
    assert receiver.keys == ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', None]


def test_a_refusal_has_its_status_its_words_and_its_wait(receiver: Hook) -> None:
    receiver.answers = [(503, {"Retry-After": "120"}, b"x" * 9_000), (302, {"Location": receiver.address}, b"")]
    with pytest.raises(ItemError) as refused:
        post(receiver.address)
    assert (refused.value.reason, refused.value.retry_after) == ("http-503", 120.0)
    assert refused.value.detail == "x" * 200
    with pytest.raises(ItemError, match="http-302"):
        post(receiver.address)
    assert len(receiver.bodies) == 2, "a redirect is not followed"


@contextlib.contextmanager
def talker(talk: Callable[[socket.socket], object]) -> Iterator[str]:
    """A server that does with a connection what `talk` does."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, contextlib.suppress(OSError):
                talk(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread.join(10)


def drip(connection: socket.socket) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000:
        connection.send(bytes([byte]))
        time.sleep(0.05)


def stay_silent(connection: socket.socket) -> None:
    while connection.recv(65_536):
        pass


@pytest.mark.parametrize("talk", [drip, stay_silent])
def test_whoever_hangs_or_drips_is_left_in_time(talk: Callable[[socket.socket], object]) -> None:
    with talker(talk) as address:
        began = time.monotonic()
        with pytest.raises(ItemError, match="timeout-total"):
            post(address, total_timeout=0.5)
        assert time.monotonic() - began < 3


def test_an_answer_whose_text_does_not_come_is_an_answer() -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.send(b"HTTP/1.1 202 Accepted\r\nContent-Length: 10\r\n\r\n")
        connection.recv(65_536)

    with talker(talk) as address:
        assert post(address, read_timeout=0.3) == "202 Accepted"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://127.0.0.1:9/", "connect"),
        ("ftp://a.example/", "bad-url"),
        ("hook", "bad-url"),
        ("http://u:sesame/x@a.example/", "bad-url"),
    ],
)
def test_an_address_that_will_not_do_is_named_so(address: str, reason: str) -> None:
    with pytest.raises(ItemError) as found:
        post(address)
    assert found.value.reason == reason
    assert "sesame" not in str(found.value)
