"""The model as other processes use it: an `Encoder` whose vectors another process of the home computes.

A process that is killed, or has ended for want of work, is started anew by the next question, which is then asked once
more. Where sockets cannot be used, a line says so and the process loads the model itself.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from pipeline import embeddings
from pipeline.errors import InfrastructureError
from pipeline.inference import frames, place
from pipeline.inference.frames import Vectors
from pipeline.inference.place import Place
from pipeline.settings import Settings

log = logging.getLogger(__name__)

_AT_ONCE = 256
"""Texts of one question: long enough for full batches, short enough that others get their turn."""
_TRIES = 4
_START_SECONDS = 180.0
_ANSWER_SECONDS = 300.0
_UNTOLD_SECONDS = 60.0
"""How long a process waits for work that was started by one which does not say."""


_started_here: list[subprocess.Popen[bytes]] = []
"""Processes that this one started, which outlive it; those that ended are waited for at the next start."""


class _NotStartedError(Exception):
    """The process ended before it listened; it says why in its log, and so does loading the model here."""


def encoder(settings: Settings) -> embeddings.Encoder:
    """The model of the settings, held by a process of the home that is started where `model_seconds` says so.

    With 0 seconds a process that is there is asked, and else the model is loaded here. Raises as `embeddings.load`
    does.
    """
    shared = _Shared(settings)
    try:
        about = shared.about(start=settings.model_seconds > 0)
    except _NotStartedError as error:
        log.warning("the process that holds the model did not start (%s); this one loads it itself", error)
        return embeddings.load(settings)
    except OSError as error:
        if settings.model_seconds > 0:
            log.warning("a shared model needs a socket, which cannot be had (%s); this process loads it itself", error)
        return embeddings.load(settings)
    weakref.finalize(shared, shared.line.close)
    return embeddings.Encoder(**about, _model=shared)


@dataclass(slots=True)
class _Line:
    """A connection, and the process that opened it: after a fork the child opens one of its own."""

    connection: socket.socket | None = None
    owner: int = 0

    @property
    def is_open(self) -> bool:
        return self.connection is not None and self.owner == os.getpid()

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


@dataclass(slots=True, eq=False, weakref_slot=True)
class _Shared:
    """Asks the process at the settings' place, one question at a time."""

    settings: Settings
    revision: str = ""
    line: _Line = field(default_factory=_Line)
    _turn: Any = field(default_factory=threading.Lock)

    def about(self, *, start: bool) -> dict[str, Any]:
        """What the process says of its model. Raises `OSError` where there is none and none can be started."""
        self._open(start=start)
        _, body = self._ask(frames.ABOUT, b"")
        told: dict[str, Any] = json.loads(body)
        told["languages"] = tuple(told["languages"])
        wanted = {spec.name for spec in fields(embeddings.Encoder)} - {"_model"}
        self.revision = str(told["revision"])
        return {name: told[name] for name in wanted}

    def encode(self, texts: Sequence[str], **_: object) -> Vectors:
        """Vectors of texts that are prepared, (texts, dimension).

        Raises `InfrastructureError` where the process was lost again and again, `RuntimeError` where the model failed.
        """
        parts = [self._vectors(texts[start : start + _AT_ONCE]) for start in range(0, len(texts), _AT_ONCE)]
        return np.concatenate(parts)

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        said = ""
        for tried in range(_TRIES):
            with self._turn:
                try:
                    if not self.line.is_open:
                        self._again()
                    kind, body = self._ask(frames.TEXTS, frames.packed(texts))
                    if kind == frames.VECTORS:
                        return frames.unpacked_vectors(body, len(texts))
                    raise RuntimeError(f"the model failed: {body.decode('utf-8', 'replace')}")
                except (OSError, frames.FrameError, _NotStartedError) as error:
                    said = str(error) or type(error).__name__
                    self.line.close()
            time.sleep(0.1 * tried)
        raise InfrastructureError(f"the process that holds the model was lost {_TRIES} times ({said}); run it again")

    def _again(self) -> None:
        known = self.revision
        self.about(start=True)
        if self.revision != known:
            self.revision = known
            self.line.close()
            raise InfrastructureError(
                "the process that holds the model now holds another revision; run it again, with this one alone"
            )

    def _ask(self, kind: int, body: bytes) -> tuple[int, bytes]:
        assert self.line.connection is not None
        frames.send(self.line.connection, kind, body)
        answer = frames.receive(self.line.connection)
        if answer is None:
            raise ConnectionError("it closed the connection")
        return answer

    def _open(self, *, start: bool) -> None:
        self.line.close()
        where = place.of(self.settings)
        try:
            connection = place.connect(where)
        except OSError:
            if not start:
                raise
            connection = _started(self.settings, where)
        connection.settimeout(_ANSWER_SECONDS)
        self.line.connection, self.line.owner = connection, os.getpid()


def _started(settings: Settings, where: Place) -> socket.socket:
    """A connection to a process that is started now, unless another one was first."""
    place.prepare(where)
    with where.lock.open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return place.connect(where)
        except OSError:
            process = _launch(settings, where)
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise _NotStartedError(_last_line(where.log) or f"status {process.returncode}")
            try:
                return place.connect(where)
            except OSError:
                time.sleep(0.05)
        process.kill()
        raise _NotStartedError(f"it did not listen within {_START_SECONDS:.0f} s")


def _launch(settings: Settings, where: Place) -> subprocess.Popen[bytes]:
    where.socket.unlink(missing_ok=True)
    seconds = settings.model_seconds or _UNTOLD_SECONDS
    command = [sys.executable, "-P", "-m", "pipeline.inference.server", "--seconds", str(seconds)]
    environment = os.environ | settings.of_the_model()
    _started_here[:] = [process for process in _started_here if process.poll() is None]
    with where.log.open("wb") as log_file:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log_file,
            stderr=log_file,
            env=environment,
            start_new_session=True,
        )
    _started_here.append(process)
    return process


def _last_line(path: Path) -> str:
    lines = path.read_text(errors="replace").strip().splitlines() if path.exists() else []
    return lines[-1].strip()[:300] if lines else ""
