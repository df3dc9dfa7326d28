"""No connection is lost unclosed, however a request ends: cancelled at any moment, out of time, or cut off by close."""

from __future__ import annotations

import asyncio
import gc
import random
import ssl
import threading
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import web
from pipeline.errors import ItemError
from pipeline.settings import Settings
from pipeline.web.background_loop import BackgroundLoop
from pipeline.web.connections import AllowedHosts, Connections, GuardedConnector
from pipeline.web.exchange import Exchanger, parse_url
from tests.support.certificates import certificate

HOSTS = [f"127.0.0.{n}" for n in range(2, 10)]
SETTINGS = Settings(allow_hosts="127.0.0.0/8", host_interval=0.0, concurrency=64, connect_timeout=2.0, read_timeout=0.2)


@contextmanager
def no_resource_left_open() -> Iterator[None]:
    """Fail where something that should have been closed is found by the collector."""
    gc.collect()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
        for _ in range(3):
            gc.collect()
    assert [str(one.message) for one in caught if issubclass(one.category, ResourceWarning)] == []


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Slow and moody: pauses anywhere, ends anywhere, keeps or closes the connection, says too much."""
    chance = random.Random(id(writer))
    try:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(chance.uniform(0, 0.02))
            mood = chance.random()
            if mood < 0.1:
                break
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n")
            await asyncio.sleep(chance.choice((0, 0.001, 0.01)))
            if mood < 0.2:
                break
            writer.write(b"Connection: close\r\n\r\n" if mood < 0.3 else b"\r\n")
            writer.write(bytes(2_000))
            await asyncio.sleep(chance.choice((0, 0.005, 0.02)) if mood < 0.95 else 0.5)
            writer.write(bytes(2_000))
            if mood < 0.3:
                break
            if mood < 0.35:
                writer.write(b"HTTP/1.1 200 OK\r\n")
    except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
        pass
    finally:
        writer.close()


@asynccontextmanager
async def moody(context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """The port of a server on every address of `HOSTS`."""
    first = await asyncio.start_server(_answer, HOSTS[0], 0, ssl=context)
    port = first.sockets[0].getsockname()[1]
    rest = await asyncio.start_server(_answer, HOSTS[1:], port, ssl=context)
    try:
        yield port
    finally:
        for server in (first, rest):
            server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.05)


async def _cancel_at_random(context: tuple[ssl.SSLContext, ssl.SSLContext] | None) -> tuple[int, int]:
    """Requests answered and requests cancelled; the server's side is closed before the client's is judged."""
    chance = random.Random(7)
    counts = [0, 0]
    connections = Connections(
        GuardedConnector(AllowedHosts(["127.0.0.0/8"]), context[1] if context else ssl.create_default_context(), 2.0),
        wide=HOSTS,
        width=64,
        idle=6,
    )
    sender = Exchanger(SETTINGS, connections)

    async def ask(url: str, seconds: float) -> None:
        try:
            async with sender.turn(HOSTS[0]):
                await sender.send(parse_url(url), {}, 10_000, seconds)
            counts[0] += 1
        except ItemError:
            pass
        except asyncio.CancelledError:
            counts[1] += 1
            raise

    async with moody(context[0] if context else None) as port:
        scheme = "https" if context else "http"
        for _ in range(12):
            tasks = [
                asyncio.ensure_future(
                    ask(f"{scheme}://{chance.choice(HOSTS)}:{port}/", chance.choice((0.005, 0.1, 2.0)))
                )
                for _ in range(60)
            ]
            while not all(task.done() for task in tasks):
                await asyncio.sleep(chance.choice((0, 0.001, 0.004)))
                for task in chance.sample(tasks[::2], 2):
                    # Twice in a row is what a batch that is given up and a client that is closed come to.
                    for _ in range(chance.choice((1, 1, 2, 3))):
                        task.cancel()
                        await asyncio.sleep(0)
            await asyncio.gather(*tasks, return_exceptions=True)
        assert not connections._open - set(connections._idle)
        connections.close()
        await asyncio.sleep(0)
    return counts[0], counts[1]


@pytest.mark.parametrize("sealed", [False, True], ids=["http", "https"])
def test_requests_cancelled_at_any_moment_leave_no_connection_open(sealed: bool, tmp_path: Path) -> None:
    context = None
    if sealed:
        pem = certificate(tmp_path, "outlet.example")
        server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        server.load_cert_chain(pem)
        client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
        context = (server, client)
    with no_resource_left_open():
        answered, cancelled = asyncio.run(_cancel_at_random(context))
    # Both happened often enough that the moments are of every kind.
    assert answered > 30 and cancelled > 30


@contextmanager
def moody_server() -> Iterator[int]:
    """`moody` for clients with a loop of their own."""
    started, ports, ends = threading.Event(), list[int](), list[Callable[[], object]]()

    async def run() -> None:
        end = asyncio.Event()
        loop = asyncio.get_running_loop()
        ends.append(lambda: loop.call_soon_threadsafe(end.set))
        async with moody() as port:
            ports.append(port)
            started.set()
            await end.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert started.wait(10)
    yield ports[0]
    ends[0]()
    thread.join(10)


class Enough(Exception):
    pass


def test_a_batch_given_up_and_a_client_closed_leave_no_connection_open() -> None:
    chance = random.Random(11)
    with no_resource_left_open(), moody_server() as port:
        for _ in range(25):
            left = chance.randrange(1, 40)

            def stop(*_: object) -> None:
                nonlocal left
                left -= 1
                if not left:
                    raise Enough

            requests = [web.Request(f"http://{host}:{port}/{n}") for n in range(12) for host in HOSTS]
            settings = replace(SETTINGS, total_timeout=chance.choice((0.02, 0.1, 1.0)))
            with pytest.raises(Enough), web.Client(settings) as client:
                client.gather(requests, stop)


def test_a_client_closed_while_others_wait_leaves_no_connection_open() -> None:
    chance = random.Random(13)
    with no_resource_left_open(), moody_server() as port:
        for _ in range(15):
            client = web.Client(SETTINGS)
            waiting = [client._start(web.Request(f"http://{host}:{port}/")) for host in HOSTS]
            pause = threading.Event()
            pause.wait(chance.uniform(0, 0.05))
            client.close()
            for future in waiting:
                with suppress(ItemError, CancelledError):
                    future.result(timeout=10)


def test_a_loop_runs_out_its_callbacks_before_it_is_closed() -> None:
    done: list[str] = []

    async def last() -> None:
        loop = asyncio.get_running_loop()
        # As a transport does: what is asked for now happens in a later round.
        loop.call_soon(lambda: loop.call_soon(lambda: loop.call_soon(done.append, "closed")))

    loop = BackgroundLoop("test")
    loop.start()
    loop.stop(last())
    assert done == ["closed"]
