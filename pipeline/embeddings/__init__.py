"""Texts to vectors: where a model's weights come from, and what computes with them."""

from pipeline.embeddings.encoder import Encoder, check, compose, load, locate, revision

__all__ = ["Encoder", "check", "compose", "load", "locate", "revision"]
