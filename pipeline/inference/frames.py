"""What goes over the socket: lengths, UTF-8 and float32, little-endian, each within bounds; nothing is unpickled.

A frame is its size (4 bytes), a kind (1 byte), and a body of that size. A question of kind `ABOUT` has no body, one of
kind `TEXTS` a count and that many texts, each with its length. The answer is `SAID` (JSON), `VECTORS` (rows,
columns and the numbers) or `FAILED` (a line).
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

ABOUT, TEXTS, SAID, VECTORS, FAILED = range(5)
LARGEST = 64 << 20
MOST_TEXTS = 4096
_HEAD = struct.Struct("<IB")

Vectors = NDArray[np.float32]


class FrameError(ValueError):
    """What came is no frame of these."""


def send(connection: socket.socket, kind: int, body: bytes = b"") -> None:
    """Send a frame. Raises `FrameError` where it is too large, `OSError` where nobody takes it."""
    if len(body) > LARGEST:
        raise FrameError(f"{len(body):,} bytes are more than a frame holds")
    connection.sendall(_HEAD.pack(len(body), kind) + body)


def receive(connection: socket.socket) -> tuple[int, bytes] | None:
    """The kind and body of the next frame; None where the other side has closed between two frames.

    Raises `FrameError` where it is none or breaks off, `OSError` where the connection is lost.
    """
    head = _exactly(connection, _HEAD.size, may_end=True)
    if not head:
        return None
    size, kind = _HEAD.unpack(head)
    if size > LARGEST or kind > FAILED:
        raise FrameError(f"kind {kind} with {size:,} bytes")
    return kind, _exactly(connection, size)


def _exactly(connection: socket.socket, size: int, may_end: bool = False) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = connection.recv(min(size - len(parts), 1 << 20))
        if not part:
            if may_end and not parts:
                return b""
            raise FrameError(f"{size - len(parts):,} bytes are missing")
        parts += part
    return bytes(parts)


def packed(texts: Sequence[str]) -> bytes:
    """Texts as the body of a question."""
    told = [text.encode("utf-8", "replace") for text in texts]
    return struct.pack("<I", len(told)) + b"".join(struct.pack("<I", len(text)) + text for text in told)


def unpacked(body: bytes) -> list[str]:
    """The texts of such a body. Raises `FrameError` where it is none."""
    try:
        (count,) = struct.unpack_from("<I", body)
        if count > MOST_TEXTS:
            raise FrameError(f"{count:,} texts are more than one question holds")
        at, texts = 4, []
        for _ in range(count):
            (size,) = struct.unpack_from("<I", body, at)
            at += 4
            if size > len(body) - at:
                raise FrameError("a text is longer than its frame")
            texts.append(body[at : at + size].decode("utf-8"))
            at += size
    except (struct.error, UnicodeDecodeError) as error:
        raise FrameError(str(error)) from None
    if at != len(body):
        raise FrameError(f"{len(body) - at:,} bytes belong to no text")
    return texts


def packed_vectors(vectors: Vectors) -> bytes:
    """Vectors, (rows, columns), as the body of an answer."""
    return struct.pack("<II", *vectors.shape) + np.ascontiguousarray(vectors, dtype="<f4").tobytes()


def unpacked_vectors(body: bytes, rows: int) -> Vectors:
    """The vectors of such a body, (rows, columns). Raises `FrameError` where it does not hold so many."""
    if len(body) < 8:
        raise FrameError("an answer without a shape")
    given, columns = struct.unpack_from("<II", body)
    if given != rows or len(body) != 8 + 4 * given * columns:
        raise FrameError(f"{given} vectors of {columns} in {len(body):,} bytes, for {rows} texts")
    return np.frombuffer(body, "<f4", offset=8).reshape(given, columns).astype(np.float32)
