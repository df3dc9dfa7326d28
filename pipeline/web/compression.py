"""Undo a response's Content-Encoding piece by piece, never holding more than the limit (pure).

A few kilobytes can inflate to gigabytes, so no decoder here is handed more input than it can turn into a bounded
amount of output before the size is looked at.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli
import zstandard

from pipeline.errors import ItemError

#: What requests offer; order is preference only by habit.
ACCEPT_ENCODING = "gzip, deflate, br, zstd"
#: Stacked encodings accepted; a real server uses one, two have been seen behind misconfigured proxies.
MAX_LAYERS = 2
#: Output produced before the size is checked again.
_STEP = 262_144
#: A zstd block holds at most 128 KiB and needs 4 bytes of input, so 256 bytes yield 8 MiB at worst.
_ZSTD_SLICE = 256
#: RFC 8878, section 3.1.1.1.2: decoders should support windows up to 8 MiB and may refuse larger ones.
_ZSTD_WINDOW = 1 << 23


class Body:
    """Collects one response body: `feed` takes what came off the wire, `finish` returns the plain bytes.

    `encodings` is the value of Content-Encoding, `limit` the largest number of plain bytes accepted. Raises
    `ItemError` ``too-large`` above the limit, ``bad-encoding`` for what cannot be decoded or is cut short.
    """

    def __init__(self, encodings: str, limit: int) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        self.wire_bytes = 0
        names = [name.strip().lower() for name in encodings.split(",")]
        names = [name for name in names if name not in ("", "identity", "none")]
        if len(names) > MAX_LAYERS:
            raise ItemError("bad-encoding", f"{len(names)} stacked content encodings")
        self._layers = [_decoder(name) for name in reversed(names)]

    def feed(self, data: bytes) -> None:
        """Take the next bytes from the wire."""
        self.wire_bytes += len(data)
        self._pass(data, 0)

    def finish(self) -> bytes:
        """The whole plain body, once everything was fed."""
        if self.wire_bytes:
            for layer in self._layers:
                layer.finish()
        return b"".join(self._parts)

    def _pass(self, data: bytes, depth: int) -> None:
        if depth == len(self._layers):
            self._size += len(data)
            if self._size > self._limit:
                raise ItemError("too-large", f"body above {self._limit} bytes")
            self._parts.append(data)
            return
        for piece in self._layers[depth].decode(data):
            self._pass(piece, depth + 1)


class _Layer(Protocol):
    def decode(self, data: bytes) -> Iterator[bytes]:
        """What `data` decompresses to, in bounded pieces."""
        ...

    def finish(self) -> None:
        """Raise where the stream ended in the middle."""
        ...


class _Zlib(_Layer):
    """gzip (members may follow one another) and deflate (with or without the zlib wrapper)."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._held = b""
        self._inflater: zlib._Decompress | None = None
        self._plain = False

    def decode(self, data: bytes) -> Iterator[bytes]:
        if self._inflater is None and not self._plain:
            self._held += data
            if len(self._held) < 2:
                return
            data, self._held = self._held, b""
            self._choose(data[:2])
        if self._plain:
            yield data
            return
        while data:
            assert self._inflater is not None
            if self._inflater.eof:
                # Zero padding and trailing rubbish after the last member are common and carry nothing.
                if not data.startswith(b"\x1f\x8b"):
                    return
                self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
            try:
                yield self._inflater.decompress(data, _STEP)
            except zlib.error as error:
                raise ItemError("bad-encoding", f"{self._name}: {error}") from None
            data = self._inflater.unconsumed_tail or self._inflater.unused_data

    def _choose(self, head: bytes) -> None:
        if self._name == "gzip":
            # Servers label plain bodies gzip; what does not start like gzip is taken as it is.
            self._plain = head != b"\x1f\x8b"
            wbits = zlib.MAX_WBITS | 16
        else:
            wrapped = head[0] & 0x0F == 8 and int.from_bytes(head, "big") % 31 == 0
            wbits = zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS
        self._inflater = zlib.decompressobj(wbits)

    def finish(self) -> None:
        if not self._plain and (self._inflater is None or not self._inflater.eof):
            raise ItemError("bad-encoding", f"{self._name}: the body ends too early")


class _Brotli(_Layer):
    def __init__(self) -> None:
        self._inflater = brotli.Decompressor()

    def decode(self, data: bytes) -> Iterator[bytes]:
        try:
            yield self._inflater.process(data, output_buffer_limit=_STEP)
            while not self._inflater.can_accept_more_data():
                yield self._inflater.process(b"", output_buffer_limit=_STEP)
        except brotli.error as error:
            raise ItemError("bad-encoding", f"br: {error}") from None

    def finish(self) -> None:
        if not self._inflater.is_finished():
            raise ItemError("bad-encoding", "br: the body ends too early")


class _Zstd(_Layer):
    def __init__(self) -> None:
        self._inflater = self._fresh()

    @staticmethod
    def _fresh() -> zstandard.ZstdDecompressionObj:
        return zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()

    def decode(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _ZSTD_SLICE):
            piece = data[start : start + _ZSTD_SLICE]
            while piece:
                if self._inflater.eof:
                    self._inflater = self._fresh()
                try:
                    yield self._inflater.decompress(piece)
                except zstandard.ZstdError as error:
                    raise ItemError("bad-encoding", f"zstd: {error}") from None
                piece = self._inflater.unused_data

    def finish(self) -> None:
        if not self._inflater.eof:
            raise ItemError("bad-encoding", "zstd: the body ends too early")


def _decoder(name: str) -> _Layer:
    if name in ("gzip", "x-gzip"):
        return _Zlib("gzip")
    if name == "deflate":
        return _Zlib("deflate")
    if name == "br":
        return _Brotli()
    if name == "zstd":
        return _Zstd()
    raise ItemError("bad-encoding", f"unknown content encoding {name[:40]!r}")
