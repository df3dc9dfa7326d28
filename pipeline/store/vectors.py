"""Vectors as pgvector writes them, in text or binary form, so that no connection needs set-up."""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray


def to_text(vector: NDArray[np.float32]) -> str:
    """A vector (dimension,) in pgvector's input form."""
    return "[" + ",".join(map(repr, vector.astype(np.float64).round(7).tolist())) + "]"


def from_text(text: str) -> NDArray[np.float32]:
    """A vector as pgvector prints it, float32 (dimension,)."""
    return np.asarray(json.loads(text), dtype=np.float32)


def from_binary(data: bytes) -> NDArray[np.float32]:
    """A vector as pgvector sends it in binary rows, float32 (dimension,): two numbers of 16 bits, then the values."""
    return np.frombuffer(data, dtype=">f4", offset=4).astype(np.float32)
