"""What goes over the socket: it comes back as it was, and what is no frame is refused within bounds."""

from __future__ import annotations

import socket
import struct
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.inference import frames
from pipeline.inference.frames import FrameError


@given(st.lists(st.text(max_size=40), max_size=20))
def test_texts_come_back_as_they_were(texts: list[str]) -> None:
    told = [text.encode("utf-8", "replace").decode() for text in texts]
    assert frames.unpacked(frames.packed(texts)) == told


def test_vectors_come_back_as_they_were() -> None:
    vectors = np.random.default_rng(1).normal(size=(3, 5)).astype(np.float32)
    found = frames.unpacked_vectors(frames.packed_vectors(vectors), 3)
    assert found.dtype == np.float32
    assert found.tolist() == vectors.tolist()
    with pytest.raises(FrameError, match="for 4 texts"):
        frames.unpacked_vectors(frames.packed_vectors(vectors), 4)


@given(st.binary(max_size=200))
def test_any_bytes_are_texts_or_refused(body: bytes) -> None:
    try:
        texts = frames.unpacked(body)
    except FrameError:
        return
    assert frames.packed(texts) == body


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (struct.pack("<I", 1 << 31), "more than one question holds"),
        (struct.pack("<II", 1, 1 << 31), "longer than its frame"),
        (struct.pack("<I", 0) + b"more", "belong to no text"),
        (struct.pack("<II", 1, 1) + b"\xff", "utf-8"),
        (b"", "unpack"),
    ],
)
def test_what_is_no_list_of_texts_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(FrameError, match=said):
        frames.unpacked(body)


def test_a_frame_arrives_in_pieces_and_an_end_is_told_from_a_break() -> None:
    here, there = socket.socketpair()
    with here, there:
        whole = struct.pack("<IB", 5, frames.TEXTS) + b"hello"

        def trickle() -> None:
            for at in range(len(whole)):
                here.sendall(whole[at : at + 1])

        sender = threading.Thread(target=trickle)
        sender.start()
        assert frames.receive(there) == (frames.TEXTS, b"hello")
        sender.join()
        here.sendall(whole[:7])
        here.shutdown(socket.SHUT_WR)
        with pytest.raises(FrameError, match="3 bytes are missing"):
            frames.receive(there)
    here, there = socket.socketpair()
    with there:
        here.close()
        assert frames.receive(there) is None


@pytest.mark.parametrize("head", [struct.pack("<IB", 1 << 31, 1), struct.pack("<IB", 0, 200)])
def test_a_head_that_cannot_be_is_refused_before_its_body_is_read(head: bytes) -> None:
    here, there = socket.socketpair()
    with here, there:
        here.sendall(head)
        with pytest.raises(FrameError, match="kind"):
            frames.receive(there)


def test_what_is_too_large_is_not_sent() -> None:
    here, there = socket.socketpair()
    with here, there, pytest.raises(FrameError, match="more than a frame holds"):
        frames.send(here, frames.TEXTS, bytes(frames.LARGEST + 1))
