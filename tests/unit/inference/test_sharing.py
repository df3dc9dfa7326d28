"""One process holds the model: who asks it, what it refuses, and what follows when it is killed."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import socket
import stat
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from pipeline import embeddings, inference
from pipeline.embeddings import e5_folder, q4_file
from pipeline.embeddings.encoder import Encoder
from pipeline.errors import ConfigurationError, InfrastructureError
from pipeline.inference import client, frames, place, server
from pipeline.settings import Settings
from tests.support import light, q4_files
from tests.support.processes import of_home
from tests.support.programs import plain_environment
from tests.support.project import MODELS

TEXTS = ["Putin visits Pyongyang", "goal decides cup", ""]


class Stub:
    """A model of two dimensions: how long a text is, and 1."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.at_once = 0

    def encode(self, texts: Sequence[str], **_: object) -> np.ndarray:
        self.at_once += 1
        assert self.at_once == 1, "two questions are computed at once"
        time.sleep(0.01)
        self.asked.append(len(texts))
        self.at_once -= 1
        if any("break" in text for text in texts):
            raise ValueError("broken")
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)


@pytest.fixture
def settings(short_folder: Path) -> Settings:
    return Settings(home=short_folder / "home", model_seconds=60)


@contextlib.contextmanager
def serving(settings: Settings, seconds: float = 60.0, revision: str = "r1") -> Iterator[Stub]:
    """A server of a stub in a thread of this process."""
    where, stub = place.of(settings), Stub()
    encoder = Encoder("stub", revision, 2, ("en", "de"), 128, 32, "query: ", stub)
    place.prepare(where)
    thread = threading.Thread(target=server.serve, args=(where, encoder, seconds))
    thread.start()
    deadline = time.monotonic() + 10
    while not where.socket.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    try:
        yield stub
    finally:
        where.socket.unlink(missing_ok=True)
        thread.join(10)
        assert not thread.is_alive()


def test_a_client_knows_what_the_model_is_and_gets_its_vectors(settings: Settings) -> None:
    with serving(settings) as stub:
        encoder = inference.encoder(settings)
        told = (encoder.name, encoder.revision, encoder.dimension, encoder.languages, encoder.prompt)
        assert told == ("stub", "r1", 2, ("en", "de"), "query: ")
        found = encoder.encode_texts(["abc", " ", "abcdef"])
        wanted = np.array([[10.0, 1.0], [0.0, 0.0], [13.0, 1.0]])
        lengths = np.maximum(np.linalg.norm(wanted, axis=1, keepdims=True), 1e-9)
        assert found == pytest.approx(wanted / lengths)
        assert stub.asked == [2]


def test_many_texts_are_several_questions_so_that_others_get_their_turn(settings: Settings) -> None:
    with serving(settings) as stub, ThreadPoolExecutor(2) as pool:
        first, second = inference.encoder(settings), inference.encoder(settings)
        texts = [f"{'x' * (n % 50)}." for n in range(1000)]
        found = [each.result() for each in [pool.submit(one.encode_texts, texts) for one in (first, second)]]
        assert sum(stub.asked) == 2000
        assert max(stub.asked) <= 256
        assert found[0].tolist() == found[1].tolist()


def test_what_fails_in_the_model_is_told_and_the_next_question_is_answered(settings: Settings) -> None:
    with serving(settings):
        encoder = inference.encoder(settings)
        with pytest.raises(RuntimeError, match="the model failed: ValueError: broken"):
            encoder.encode_texts(["break"])
        assert encoder.encode_texts(["a"]).shape == (1, 2)


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack("<IB", 1 << 31, frames.TEXTS),
        struct.pack("<IB", 4, frames.TEXTS) + struct.pack("<I", 1 << 20),
        struct.pack("<IB", 0, frames.VECTORS),
        struct.pack("<IB", 1000, frames.TEXTS) + b"and no more",
        b"\x80\x04\x95",
    ],
)
def test_a_stranger_is_cut_off_and_nobody_else(settings: Settings, sent: bytes) -> None:
    with serving(settings):
        encoder = inference.encoder(settings)
        with place.connect(place.of(settings)) as connection:
            connection.settimeout(10)
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionResetError):  # so it ends where the server left something unread
                assert connection.recv(100) == b""
        assert encoder.encode_texts(["a"]).shape == (1, 2)


def test_only_its_owner_may_enter(settings: Settings) -> None:
    with serving(settings):
        where = place.of(settings)
        assert stat.S_IMODE(where.folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(where.socket.stat().st_mode) == 0o600
    where.folder.chmod(0o755)
    place.prepare(where)
    assert stat.S_IMODE(where.folder.stat().st_mode) == 0o700


def test_a_home_with_a_long_name_has_a_socket_too(settings: Settings) -> None:
    deep = replace(settings, home=settings.home / ("long" * 30) / "home")
    with serving(deep):
        assert inference.encoder(deep).encode_texts(["a"]).shape == (1, 2)


def test_it_ends_when_nobody_asks(settings: Settings) -> None:
    where = place.of(settings)
    with serving(settings, seconds=0.7):
        encoder = inference.encoder(settings)
        for _ in range(4):  # each question puts the end off
            time.sleep(0.4)
            encoder.encode_texts(["a"])
        assert where.socket.exists()
        deadline = time.monotonic() + 10
        while where.socket.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_another_setting_is_another_process(settings: Settings) -> None:
    places = [
        place.of(settings),
        place.of(replace(settings, model="x")),
        place.of(replace(settings, models="/elsewhere")),
    ]
    assert len({each.key for each in places}) == 3
    assert place.of(replace(settings, port=1, model_seconds=0)) == place.of(settings)


def test_another_revision_at_the_place_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_TRIES", 2)
    with serving(settings):
        encoder = inference.encoder(settings)
        encoder._model.line.close()  # as the end of the process does
    with serving(settings, revision="r2"), pytest.raises(InfrastructureError, match="holds another revision"):
        encoder.encode_texts(["a"])


def test_where_sockets_cannot_be_used_the_process_loads_the_model_and_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no sockets here")

    monkeypatch.setattr(place, "connect", refuse)
    monkeypatch.setattr(place, "prepare", refuse)
    own = Encoder("own", "r", 2, (), 128, 32, "", Stub())
    monkeypatch.setattr(embeddings, "load", lambda given: own)
    assert inference.encoder(settings) is own
    assert caplog.messages == [
        "a shared model needs a socket, which cannot be had (no sockets here); this process loads it itself"
    ]


def test_with_0_seconds_no_process_is_started_and_one_that_is_there_is_asked(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    alone = replace(settings, model_seconds=0)
    own = Encoder("own", "r", 2, (), 128, 32, "", Stub())
    monkeypatch.setattr(embeddings, "load", lambda given: own)
    assert inference.encoder(alone) is own
    assert caplog.messages == []
    with serving(settings):
        assert inference.encoder(alone).name == "stub"


# --- a process of its own -----------------------------------------------------------------------------------


@pytest.fixture
def real(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a small model in a folder; whoever holds it is ended."""
    folder = tmp_path / "m"
    folder.mkdir()
    e5_folder.write(q4_file.read(q4_files.write(tmp_path / "m.bin")), folder, "a test")
    chosen = replace(settings, model=str(folder))
    yield chosen
    inference.end_all(chosen.home)
    assert of_home(chosen.home) == []


def holders(settings: Settings) -> list[psutil.Process]:
    return [process for process in of_home(settings.home) if "pipeline.inference.server" in process.cmdline()]


def test_two_clients_start_one_process_which_is_killed_and_loses_nothing(real: Settings) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(inference.encoder, [real, real])
    (holder,) = holders(real)
    wanted = embeddings.load(real)
    assert first.revision == second.revision == wanted.revision
    assert first.encode_texts(TEXTS) == pytest.approx(wanted.encode_texts(TEXTS), abs=1e-6)

    os.kill(holder.pid, signal.SIGKILL)
    assert second.encode_texts(TEXTS) == pytest.approx(wanted.encode_texts(TEXTS), abs=1e-6)
    assert first.encode_texts(TEXTS) == pytest.approx(wanted.encode_texts(TEXTS), abs=1e-6)
    (another,) = holders(real)
    assert another.pid != holder.pid
    assert json.loads(place.of(real).record.read_text())["pid"] == another.pid
    assert inference.end_all(real.home) == 1
    assert holders(real) == []


def test_a_process_whose_place_another_took_ends_in_the_midst_of_an_answer_and_is_not_aborted(
    settings: Settings,
) -> None:
    light_one = replace(settings, model=light.MODEL, models=str(MODELS))
    told = plain_environment(WIREWATCH_HOME=str(settings.home))
    command = [sys.executable, "-m", "pipeline.inference.server", "--seconds", "600"]
    with subprocess.Popen(command, env=told, stderr=subprocess.PIPE, text=True) as process:
        where, deadline = place.of(light_one), time.monotonic() + 120
        while not where.socket.exists():
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        with place.connect(where) as connection:
            frames.send(connection, frames.TEXTS, frames.packed(["word " * 300] * 2000))
            before = sum(psutil.Process(process.pid).cpu_times()[:2])
            while sum(psutil.Process(process.pid).cpu_times()[:2]) < before + 0.5:  # it computes
                assert time.monotonic() < deadline
                time.sleep(0.02)
            where.socket.unlink()
            _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "")


def test_a_process_that_cannot_load_the_model_is_said_and_the_reason_is_raised(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with pytest.raises(ConfigurationError, match="there is no folder /no/such"):
        inference.encoder(replace(settings, model="/no/such"))
    assert "did not start (WIREWATCH_MODEL: there is no folder /no/such" in caplog.text
    assert of_home(settings.home) == []
