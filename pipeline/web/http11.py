"""One HTTP/1.1 connection: a request at a time, closed at once by whoever has to, in any state.

Closing is a plain call, never awaited: a second cancellation in the middle of an awaited close would leave the socket
open. h11 says what the bytes mean.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import h11

from pipeline.errors import ItemError
from pipeline.web.heads import Heads

#: Largest head (status line and headers, bytes) of an answer.
_MAX_HEAD = 102_400
#: How h11 words an answer that ended too early, which it classes with wrong answers.
_CUT_SHORT = "closed connection"

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Head:
    """The start of an answer; header names are lower case."""

    status: int
    headers: Headers


class Connection(asyncio.Protocol):
    """A connection that `connect` opens; `ended` is called when it is over, by whichever side, perhaps twice."""

    def __init__(self, ended: Callable[[Connection], object]) -> None:
        self._ended = ended
        self._wire = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD)
        self._heads = Heads(_MAX_HEAD)
        self._raw: asyncio.Transport | None = None
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._failure: Exception | None = None
        self._asking = False
        self.lost = False
        #: When the last answer was complete, monotonic seconds.
        self.idle_since = 0.0
        #: Whether a byte of an answer to the present request has come.
        self.answered = False

    async def connect(self, address: str, port: int, context: ssl.SSLContext | None, name: str, seconds: float) -> None:
        """Connect to an IP address, over TLS as `name` where there is a `context`, within `seconds`.

        Raises TimeoutError, `ssl.SSLError`, or another OSError.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(seconds):
                raw, _ = await loop.create_connection(lambda: self, sock=await _connected(address, port))
                self._transport = raw
                if context is not None:
                    # In two steps, because asyncio loses the socket of a handshake that is cancelled before it began.
                    self._transport = await loop.start_tls(raw, self, context, server_hostname=name)
                    if self._transport is None:
                        raise ConnectionResetError("the connection was closed during the handshake")
        except BaseException:
            self.close()
            raise

    async def ask(self, request: h11.Request, seconds: float, body: bytes = b"") -> Head:
        """Send a request and wait for the start of its answer, `seconds` at most for each piece.

        Raises `ItemError` ``disconnected``, ``protocol`` or ``timeout-read``; then, and when cancelled, the
        connection is closed.
        """
        self._asking, self.answered = True, False
        self._heads = Heads(_MAX_HEAD)
        try:
            # An invalid header of ours is refused here, before a byte is sent.
            head = self._wire.send(request)
            self._send(head, self._wire.send(h11.Data(body)) if body else None, self._wire.send(h11.EndOfMessage()))
            while not isinstance(event := await self._event(seconds), h11.Response):
                pass
            return Head(event.status_code, tuple(event.headers))
        except BaseException as error:
            self.close()
            if isinstance(error, h11.ProtocolError):
                raise _refused(error) from None
            raise

    async def piece(self, seconds: float) -> bytes | None:
        """The next bytes of the body as they came, None at its end. Raises as `ask` does."""
        try:
            event = await self._event(seconds)
        except BaseException as error:
            self.close()
            if isinstance(error, h11.ProtocolError):
                raise _refused(error) from None
            raise
        return bytes(event.data) if isinstance(event, h11.Data) else None

    def free(self) -> bool:
        """Whether the answer was read to its end and the next request may be sent; it may from then on."""
        if self.lost or self._wire.our_state is not h11.DONE or self._wire.their_state is not h11.DONE:
            return False
        self._wire.start_next_cycle()
        self._asking = False
        self.idle_since = time.monotonic()
        # What came beyond the answer would be taken for the next one's.
        return not self._wire.trailing_data[0]

    def close(self) -> None:
        """Close the socket, now and for all; may be called at any time."""
        self.lost = True
        if self._raw is not None:
            self._raw.abort()
        self._ended(self)

    async def _event(self, seconds: float) -> h11.Event | type[h11.PAUSED] | type[h11.NEED_DATA]:
        while True:
            event = self._wire.next_event()
            if event is not h11.NEED_DATA:
                if isinstance(event, h11.ConnectionClosed):
                    raise ItemError("disconnected", "the host closed the connection without an answer")
                return event
            if self.lost:
                raise ItemError("disconnected", f"the connection broke: {self._failure or 'closed'}")
            await self._arrival(seconds)

    async def _arrival(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        late = loop.call_later(seconds, self._late, self._waiter, seconds)
        try:
            await self._waiter
        finally:
            late.cancel()
            self._waiter = None

    @staticmethod
    def _late(waiter: asyncio.Future[None], seconds: float) -> None:
        if not waiter.done():
            waiter.set_exception(ItemError("timeout-read", f"no data within {seconds:g} s"))

    def _send(self, *parts: bytes | None) -> None:
        if self.lost or self._transport is None:
            raise ItemError("disconnected", "the connection is closed")
        self._transport.write(b"".join(part for part in parts if part))

    # --- what the loop calls ------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The loop has a socket for it."""
        assert isinstance(transport, asyncio.Transport)
        self._raw = transport
        if self.lost:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Bytes have come; on a connection that asked nothing they are nobody's, and it ends."""
        if not self._asking:
            self.close()
        elif not self.lost:
            self.answered = True
            # An empty piece would mean the end of the connection to it.
            if passed := self._heads.passed(data):
                self._wire.receive_data(passed)
            self._wake()

    def eof_received(self) -> None:
        """The host will send nothing more; the transport closes itself."""
        # Some bodies end with the connection; an answer that has not begun does not.
        if not self.lost and self._wire.their_state is h11.SEND_BODY:
            self._wire.receive_data(b"")
        self.lost = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed."""
        if exc is None:
            # Over TLS many hosts end without saying so first.
            self.eof_received()
        self.lost, self._failure = True, exc
        self._wake()
        self._ended(self)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


async def _connected(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    plain = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        plain.setblocking(False)
        await asyncio.get_running_loop().sock_connect(plain, (address, port))
    except BaseException:
        plain.close()
        raise
    return plain


def _refused(error: h11.ProtocolError) -> ItemError:
    text = " ".join(str(error).split())[:300]
    return ItemError("disconnected" if _CUT_SHORT in text else "protocol", text)
