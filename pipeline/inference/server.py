"""The process that holds a model: ``python -m pipeline.inference.server``, started by whoever needs it first.

It loads the model, then listens; it ends when nobody has asked for `--seconds`, or when its socket is gone.
The settings come by the environment, as for every process. One question is computed at a time, with all cores; each
connection has a thread, which waits for its turn.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipeline import embeddings
from pipeline import settings as configuration
from pipeline.errors import WirewatchError
from pipeline.inference import frames, place
from pipeline.inference.place import Place

_MOST_CONNECTIONS = 64
_SLOW_SECONDS = 60.0
"""How long a question may take to arrive once it has begun, and an answer to be taken."""
_LOOK_SECONDS = 0.5


@dataclass(slots=True)
class _State:
    encoder: embeddings.Encoder
    turn: threading.Lock = field(default_factory=threading.Lock)
    seats: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_MOST_CONNECTIONS))
    asked: float = field(default_factory=time.monotonic)
    busy: int = 0
    counting: threading.Lock = field(default_factory=threading.Lock)

    def idle(self, now: float) -> float:
        """Seconds since the last question was answered; 0 while one is."""
        with self.counting:
            return 0.0 if self.busy else now - self.asked

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        with self.counting:
            self.busy += 1
        try:
            yield
        finally:
            with self.counting:
                self.busy -= 1
                self.asked = time.monotonic()


def main() -> int:
    """Load, listen, answer, end; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, required=True)
    seconds = parser.parse_args().seconds
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # nothing is kept, and a thread may be deep in the model
    settings = configuration.load()
    where = place.of(settings)
    place.prepare(where)
    place.note(where)
    try:
        encoder = embeddings.load(settings)
    except WirewatchError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    serve(where, encoder, seconds)
    return 0


def serve(where: Place, encoder: embeddings.Encoder, seconds: float) -> None:
    """Answer at a place until nobody has asked for so many seconds, or the socket there is another's."""
    state = _State(encoder)
    with _listening(where) as listener:
        own = where.socket.stat().st_ino
        listener.settimeout(_LOOK_SECONDS)
        while state.idle(time.monotonic()) < seconds and _inode(where.socket) == own:
            with contextlib.suppress(TimeoutError):
                connection, _ = listener.accept()
                if _is_ours(connection) and state.seats.acquire(blocking=False):
                    threading.Thread(target=_converse, args=(state, connection), daemon=True).start()
                else:
                    connection.close()
        if _inode(where.socket) == own:
            where.socket.unlink(missing_ok=True)
            where.record.unlink(missing_ok=True)


def _listening(where: Place) -> socket.socket:
    """A socket that only its owner may open; renamed into its place, so that what is found there is listened at."""
    fresh = where.socket.with_suffix(f".{os.getpid()}")
    fresh.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        with place.address(fresh) as named:
            listener.bind(named)
    finally:
        os.umask(before)
    listener.listen(_MOST_CONNECTIONS)
    fresh.replace(where.socket)
    return listener


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


def _is_ours(connection: socket.socket) -> bool:
    """Whether the other side is of the same user, as far as this system says; the folder's mode holds anywhere."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", raw)[1]) == os.getuid()


def _converse(state: _State, connection: socket.socket) -> None:
    """Answer the questions of one connection until it ends or says what is no question."""
    try:
        with connection:
            while _answer(state, connection):
                pass
    except (OSError, frames.FrameError) as error:
        sys.stderr.write(f"a connection was closed: {error}\n")
    finally:
        state.seats.release()


def _answer(state: _State, connection: socket.socket) -> bool:
    connection.settimeout(None)
    connection.recv(1, socket.MSG_PEEK)  # between two questions a client may wait as long as it likes
    connection.settimeout(_SLOW_SECONDS)
    question = frames.receive(connection)
    if question is None:
        return False
    kind, body = question
    if kind == frames.ABOUT:
        frames.send(connection, frames.SAID, about(state.encoder))
    elif kind == frames.TEXTS:
        texts = frames.unpacked(body)
        with state.working(), state.turn:
            try:
                answer = (frames.VECTORS, frames.packed_vectors(state.encoder.compute(texts)))
            except Exception as error:  # whatever it is, it is told to whoever asked
                answer = (frames.FAILED, f"{type(error).__name__}: {error}"[:2000].encode("utf-8", "replace"))
        frames.send(connection, *answer)
    else:
        raise frames.FrameError(f"kind {kind} is no question")
    return True


def about(encoder: embeddings.Encoder) -> bytes:
    """What a client has to know of the model, as JSON."""
    told = {name: getattr(encoder, name) for name in ("name", "revision", "dimension", "languages", "max_tokens")}
    return json.dumps(told | {"batch_size": encoder.batch_size, "prompt": encoder.prompt}).encode()


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)  # a thread may be deep in the model, whose library aborts where the interpreter ends around it
