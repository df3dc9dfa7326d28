"""Undo a response's compression piece by piece, never holding more than the limit (pure).

Content-Encoding is what a server says of it, and often wrong. A value that names no encoding is passed over, as
browsers do. A body that is plain under the name of an encoding is taken as it is. One that is compressed without a
word, or once or twice more than it says, is known by its first bytes.

A few kilobytes can inflate to gigabytes, so no decoder here is handed more input than it can turn into a bounded
amount of output before the size is looked at.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Protocol

import brotli
import zstandard

from pipeline.errors import ItemError

#: What requests offer; order is preference only by habit.
ACCEPT_ENCODING = "gzip, deflate, br, zstd"
#: Stacked encodings accepted; a real server uses one, two have been seen behind misconfigured proxies.
MAX_LAYERS = 2
#: Encodings undone that the server does not name: a file that is packed, sent by a script that packs what it sends.
MAX_UNSAID = 2
#: Encodings with a registered name that nothing here undoes; any other name is a mistake for none.
_UNREADABLE = frozenset(
    {"compress", "x-compress", "exi", "pack200-gzip", "aes128gcm", "dcb", "dcz", "bzip2", "lzma", "xz"}
)
#: How documents begin that are compressed by nothing, whatever their headers say.
_PLAIN = (
    b"<?xml", b"<!doctype", b"<!--", b"<html", b"<rss", b"<feed", b"<rdf:rdf", b"<urlset", b"<sitemapindex",
    b'{"version"', b'{"items"', b'{"title"',
)  # fmt: skip
_BLANK = b"\xef\xbb\xbf \t\r\n"
#: Bytes by which a body is known; enough for a byte order mark and some white space before its first tag.
_HEAD = 64
#: Output produced before the size is checked again.
_STEP = 262_144
#: A zstd block holds at most 128 KiB and needs 4 bytes of input, so 256 bytes yield 8 MiB at worst.
_ZSTD_SLICE = 256
#: RFC 8878, section 3.1.1.1.2: decoders should support windows up to 8 MiB and may refuse larger ones.
_ZSTD_WINDOW = 1 << 23


class Body:
    """Collects one response body: `feed` takes what came off the wire, `finish` returns the plain bytes.

    `encodings` is the value of Content-Encoding, `limit` the largest number of plain bytes accepted; `look` says that
    compression of which it says nothing is undone too. Raises
    `ItemError` ``too-large`` above the limit, ``bad-encoding`` for what cannot be decoded or is cut short.
    """

    def __init__(self, encodings: str, limit: int, *, look: bool = True) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        self.wire_bytes = 0
        named = [layer for name in reversed(encodings.split(",")) if (layer := _decoder(name)) is not None]
        if len(named) > MAX_LAYERS:
            raise ItemError("bad-encoding", f"{len(named)} stacked content encodings")
        said = [_Beginning(partial(_unless_plain, layer)) for layer in named]
        unsaid = [_Beginning(_unsaid) for _ in range(MAX_UNSAID if look else 0)]
        self._layers: list[_Layer] = [*said, *unsaid]

    def feed(self, data: bytes) -> None:
        """Take the next bytes from the wire."""
        self.wire_bytes += len(data)
        self._pass(data, 0)

    def finish(self) -> bytes:
        """The whole plain body, once everything was fed."""
        if self.wire_bytes:
            for depth, layer in enumerate(self._layers, 1):
                for piece in layer.finish():
                    self._pass(piece, depth)
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

    def finish(self) -> Iterable[bytes]:
        """What was still held; raises where the stream ended in the middle."""
        ...


class _Beginning(_Layer):
    """Holds the first bytes until `choose` can say by them which layer decodes them, or none."""

    def __init__(self, choose: Callable[[bytes], _Layer | None]) -> None:
        self._choose = choose
        self._held: bytes | None = b""
        self._layer: _Layer | None = None

    def decode(self, data: bytes) -> Iterator[bytes]:
        if self._held is not None:
            self._held += data
            if len(self._held) < _HEAD:
                return
            data = self._begin()
        yield from (data,) if self._layer is None else self._layer.decode(data)

    def _begin(self) -> bytes:
        held, self._held = self._held or b"", None
        self._layer = self._choose(held)
        return held

    def finish(self) -> Iterator[bytes]:
        # Piece by piece: a few bytes may be a bomb, and who takes them counts.
        if self._held is not None:
            yield from self.decode(self._begin())
        if self._layer is not None:
            yield from self._layer.finish()


def _unless_plain(layer: _Layer, head: bytes) -> _Layer | None:
    """The layer that the server names, but for a document that begins as no compressed one does."""
    return None if head.lstrip(_BLANK).lower().startswith(_PLAIN) else layer


def _unsaid(head: bytes) -> _Layer | None:
    """The layer that the first bytes name themselves: gzip (RFC 1952), zlib (RFC 1950) or zstd (RFC 8878)."""
    if head.startswith(b"\x1f\x8b\x08"):
        return _Zlib("gzip")
    if head.startswith((b"\x78\x01", b"\x78\x9c", b"\x78\xda")):
        return _Zlib("deflate")
    return _Zstd() if head.startswith(b"\x28\xb5\x2f\xfd") else None


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
        if self._name == "gzip" or head == b"\x1f\x8b":
            # Servers label plain bodies gzip, and gzip deflate; what does not start like gzip is taken as it is.
            self._plain = head != b"\x1f\x8b"
            wbits = zlib.MAX_WBITS | 16
        else:
            wrapped = head[0] & 0x0F == 8 and int.from_bytes(head, "big") % 31 == 0
            wbits = zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS
        self._inflater = zlib.decompressobj(wbits)

    def finish(self) -> Sequence[bytes]:
        if not self._plain and (self._inflater is None or not self._inflater.eof):
            raise ItemError("bad-encoding", f"{self._name}: the body ends too early")
        return ()


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

    def finish(self) -> Sequence[bytes]:
        if not self._inflater.is_finished():
            raise ItemError("bad-encoding", "br: the body ends too early")
        return ()


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

    def finish(self) -> Sequence[bytes]:
        if not self._inflater.eof:
            raise ItemError("bad-encoding", "zstd: the body ends too early")
        return ()


def _decoder(written: str) -> _Layer | None:
    """The layer of an encoding by its name; None for what names none (``identity``, ``utf-8``, ``binary``)."""
    name = written.split(";")[0].strip(" \t\"'").lower()
    if name in ("gzip", "x-gzip"):
        return _Zlib("gzip")
    if name in ("deflate", "x-deflate"):
        return _Zlib("deflate")
    if name == "br":
        return _Brotli()
    if name == "zstd":
        return _Zstd()
    if name in _UNREADABLE:
        raise ItemError("bad-encoding", f"the content encoding {name!r} was not asked for")
    return None


def unpacked(data: bytes, limit: int) -> bytes:
    """The plain bytes of a file that may be compressed, such as a ``.xml.gz``. Raises `ItemError` as `Body` does."""
    body = Body("", limit)
    body.feed(data)
    return body.finish()
