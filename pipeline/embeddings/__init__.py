"""Texts to vectors: where a model's weights come from, and what computes with them."""

from pipeline.embeddings.encoder import Encoder, backend_of, check, compose, load, locate, revision
from pipeline.embeddings.making import MULTILINGUAL, is_made, source
from pipeline.embeddings.standing_in import PACKAGED, fetch, name_of, state

__all__ = [
    "MULTILINGUAL",
    "PACKAGED",
    "Encoder",
    "backend_of",
    "check",
    "compose",
    "fetch",
    "is_made",
    "load",
    "locate",
    "name_of",
    "revision",
    "source",
    "state",
]
