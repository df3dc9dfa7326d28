"""One connection against a host whose bytes are written out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import ItemError
from pipeline.settings import Settings
from pipeline.web.client import _authorities
from pipeline.web.connections import AllowedHosts, Connections, GuardedConnector, Origin
from pipeline.web.exchange import Exchange, Exchanger, parse_url
from pipeline.web.http11 import Connection

SETTINGS = Settings(read_timeout=0.3)
REQUEST = h11.Request(method=b"GET", target=b"/", headers=[(b"Host", b"outlet.example")])
Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def says(*parts: bytes | float, close: bool = False) -> Script:
    """A host that answers each request with these bytes, pausing where a number stands."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                for part in parts:
                    if isinstance(part, bytes):
                        writer.write(part)
                    else:
                        await asyncio.sleep(part)
                if close:
                    break
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        writer.close()

    return script


def ask(script: Script, times: int = 1, headers: dict[str, str] | None = None) -> tuple[list[Exchange | str], int]:
    """What `times` requests end with (an answer or a reason), and how many connections the host saw."""
    seen = 0

    async def run() -> list[Exchange | str]:
        nonlocal seen

        async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal seen
            seen += 1
            await script(reader, writer)

        server = await asyncio.start_server(count, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        connector = GuardedConnector(AllowedHosts(["127.0.0.1"]), _authorities(), 2.0)
        connections = Connections(connector, wide=(), width=1, idle=4)
        sender = Exchanger(SETTINGS, connections)
        found: list[Exchange | str] = []
        for _ in range(times):
            try:
                found.append(await sender.send(parse_url(f"http://127.0.0.1:{port}/"), headers or {}, 10_000, 3.0))
            except ItemError as error:
                found.append(error.reason)
            # Many short rounds: however slow the machine, what the host says late has come before the next request.
            for _ in range(10):
                await asyncio.sleep(0.004)
        connections.close()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.05)
        assert not connections._open
        return found

    return asyncio.run(run()), seen


PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"


def test_a_connection_serves_one_request_after_another() -> None:
    found, seen = ask(says(PLAIN), times=3)
    assert [one.body for one in found if isinstance(one, Exchange)] == [b"body"] * 3 and seen == 1


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", PLAIN), b"body"),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n", 0.05, b"2\r\ndy\r\n0\r\n\r\n"), b"body"),
        ((PLAIN[:30], 0.05, PLAIN[30:-2], 0.05, PLAIN[-2:]), b"body"),
        ((b"HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno",), b""),
    ],
)
def test_answers_in_pieces(parts: tuple[bytes | float, ...], expected: bytes) -> None:
    (one,), _ = ask(says(*parts))
    assert isinstance(one, Exchange) and one.body == expected


def test_a_body_may_end_with_the_connection() -> None:
    (one, two), seen = ask(says(b"HTTP/1.1 200 OK\r\n\r\nbo", 0.05, b"dy", close=True), times=2)
    assert isinstance(one, Exchange) and isinstance(two, Exchange)
    assert (one.body, two.body, seen) == (b"body", b"body", 2)


def test_a_body_and_its_end_may_come_at_once() -> None:
    (one,), _ = ask(says(b"HTTP/1.0 200 OK\r\n\r\nbody", close=True))
    assert isinstance(one, Exchange) and one.body == b"body"


BAD_LINES = [
    b"X-Cache Hit: yes",
    b"ban/cache.php: not support",
    b"no colon at all",
    b": no name",
    b"X-\xc3\xa9: name of no letters",
    b"X-Value: \x00\x01control\x7f",
    b"Content-Type : application/rss+xml",
    b"Warning: <br />\r\n\tcontinued: here",
    b"Bad Name: x\r\n and its second line",
    b"<b>Notice</b>: something in /var/www/x.php",
    b"Content-Length: none",
    b"Transfer-Encoding: identity",
    b"X-Lone: a\rb",
]


@pytest.mark.parametrize("line", BAD_LINES)
@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_one_bad_header_line_does_not_cost_the_answer(line: bytes, end: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nX-Before: 1\r\n" + line + b"\r\nContent-Length: 4\r\nX-After: 2\r\n\r\n"
    answer = head.replace(b"\r\n", end) + b"body"
    for parts in ((answer,), tuple(answer[n : n + 1] for n in range(len(answer)))):
        (one, two), seen = ask(says(*parts), times=2)
        assert isinstance(one, Exchange) and isinstance(two, Exchange)
        assert (one.body, two.body, seen) == (b"body", b"body", 1)
        assert (one.headers["x-before"], one.headers["x-after"]) == ("1", "2")


def test_a_name_with_a_blank_behind_it_is_that_name() -> None:
    (one,), _ = ask(says(b"HTTP/1.1 200 OK\r\nContent-Type : text/xml\r\nContent-Length : 4\r\n\r\nbody"))
    assert isinstance(one, Exchange) and (one.headers["content-type"], one.body) == ("text/xml", b"body")


def test_early_hints_with_a_bad_line_come_before_the_answer() -> None:
    (one,), _ = ask(says(b"HTTP/1.1 103 Early\r\nBad Line\r\n\r\n" + PLAIN[:20], 0.02, PLAIN[20:]))
    assert isinstance(one, Exchange) and one.body == b"body"


def test_cookies_are_kept_one_by_one() -> None:
    lines = b"Set-Cookie: a=1; Expires=Wed, 19 Jun 2030 12:00:00 GMT\r\nSet-Cookie: b=2\r\n"
    (one,), _ = ask(says(b"HTTP/1.1 302 Found\r\n" + lines + b"Content-Length: 0\r\n\r\n"))
    assert isinstance(one, Exchange)
    assert one.cookies == ("a=1; Expires=Wed, 19 Jun 2030 12:00:00 GMT", "b=2")


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ((), "disconnected"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody",), "protocol"),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\nbody",), "protocol"),
        ((b"\r\n" * 60_000,), "protocol"),
        ((b"HTTP/1.1 200 OK\r\nContent-Le",), "disconnected"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody",), "disconnected"),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nbody",), "disconnected"),
        ((b"SSH-2.0-OpenSSH_9.6\r\n\r\n",), "protocol"),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nbody",), "protocol"),
        ((b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 200_000,), "protocol"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody", 0.6), "timeout-read"),
        ((0.6,), "timeout-read"),
    ],
)
def test_answers_that_end_badly(parts: tuple[bytes | float, ...], reason: str) -> None:
    assert ask(says(*parts, close=True))[0] == [reason]


@pytest.mark.parametrize("extra", [(PLAIN,), (0.01, b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")])
def test_bytes_that_nobody_asked_for_are_no_answer_to_the_next_request(extra: tuple[bytes | float, ...]) -> None:
    found, seen = ask(says(PLAIN, *extra), times=3)
    assert [one.body for one in found if isinstance(one, Exchange)] == [b"body"] * 3 and seen == 3


def test_headers_go_back_as_they_came_and_cannot_end_the_request_early() -> None:
    heads: list[bytes] = []

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(PLAIN)
        writer.close()

    (one,), _ = ask(keep, headers={"If-None-Match": '"été"'})
    assert isinstance(one, Exchange) and 'if-none-match: "été"'.encode() in heads[0].lower()
    assert ask(keep, headers={"If-None-Match": '"a"\r\nX-Evil: yes'})[0] == ["protocol"]
    assert len(heads) == 1


def test_an_old_connection_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.web.connections.KEEPALIVE", 0.0)
    assert ask(says(PLAIN), times=3)[1] == 3


async def _kept_after(hosts: int, idle: int) -> tuple[int, int]:
    addresses = [f"127.0.0.{number}" for number in range(2, 2 + hosts)]
    first = await asyncio.start_server(says(PLAIN), addresses[0], 0)
    port = first.sockets[0].getsockname()[1]
    rest = await asyncio.start_server(says(PLAIN), addresses[1:], port)
    connector = GuardedConnector(AllowedHosts(["127.0.0.0/8"]), _authorities(), 2.0)
    connections = Connections(connector, wide=(), width=1, idle=idle)
    sender = Exchanger(SETTINGS, connections)
    answers = [await sender.send(parse_url(f"http://{host}:{port}/"), {}, 10_000, 3.0) for host in addresses]
    kept = len(connections._open)
    connections.close()
    first.close()
    rest.close()
    await asyncio.sleep(0.05)
    return sum(answer.body == b"body" for answer in answers), kept


def test_no_more_connections_are_kept_than_may_be() -> None:
    """Or a batch of thousands of hosts runs out of descriptors."""
    assert asyncio.run(_kept_after(hosts=12, idle=5)) == (12, 5)


async def _closed_before_connected() -> bool:
    server = await asyncio.start_server(says(PLAIN), "127.0.0.1", 0)
    connection = Connection(lambda _: None)
    connection.close()
    origin = Origin("http", "127.0.0.1", server.sockets[0].getsockname()[1])
    connector = GuardedConnector(AllowedHosts(["127.0.0.1"]), _authorities(), 2.0)
    assert await connector.connect(origin, lambda: connection) is connection
    with pytest.raises(ItemError, match="closed"):
        await connection.ask(REQUEST, 1.0)
    await asyncio.sleep(0)
    server.close()
    connector.close()
    return connection.lost


def test_a_connection_closed_before_it_has_a_socket_stays_closed() -> None:
    assert asyncio.run(_closed_before_connected())


class Wire(asyncio.Transport):
    """A transport that leads nowhere."""

    ended = False

    def write(self, data: object) -> None:
        assert data

    def abort(self) -> None:
        self.ended = True


LINES = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.0 200\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        b"HTTP/9.9 999 \xff\r\n",
        b"Content-Length: 4\r\n",
        b"Content-Length: 4, 4\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 99999999999999999999999\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Connection: close\r\n",
        b" folded\r\n",
        b"No colon\r\n",
        b": no name\r\n",
        b"X: \x00\r\n",
        b"\r\n",
        b"\n",
        b"4\r\nbody\r\n",
        b"0\r\n\r\n",
        b"ffffffffffffffff\r\n",
        b"body",
    ]
)
CHUNKS = st.lists(st.one_of(LINES, LINES, LINES, st.binary(min_size=1, max_size=20)), max_size=12)


async def _end_of(chunks: list[bytes], cleanly: bool) -> tuple[str, Connection, Wire]:
    wire, connection = Wire(), Connection(lambda _: None)
    connection.connection_made(wire)
    connection._transport = wire

    async def run() -> str:
        try:
            await connection.ask(REQUEST, 5.0)
            while await connection.piece(5.0) is not None:
                pass
        except ItemError as error:
            return error.reason
        return "answered"

    answer = asyncio.ensure_future(run())
    for chunk in chunks:
        await asyncio.sleep(0)
        connection.data_received(chunk)
    await asyncio.sleep(0)
    if cleanly:
        connection.eof_received()
    connection.connection_lost(None if cleanly else ConnectionResetError("by peer"))
    return await answer, connection, wire


@settings(max_examples=300, deadline=None)
@given(CHUNKS, st.booleans())
def test_whatever_comes_ends_in_an_answer_or_a_reason(chunks: list[bytes], cleanly: bool) -> None:
    how, connection, wire = asyncio.run(_end_of(chunks, cleanly))
    assert how in ("answered", "disconnected", "protocol")
    assert connection.lost and not connection.free()
    assert how == "answered" or wire.ended
