"""Addresses: their canonical form and identity, links that carry others, and what may be fetched (pure)."""

from pipeline.urls.canonical import (
    MAX_LENGTH,
    canonical,
    host,
    identity,
    needs_redirect,
    registered_domain,
    resolve,
    spellings,
    too_long,
)
from pipeline.urls.fetchable import MAX_HOST_LENGTH, is_public_address, safe_to_fetch

__all__ = [
    "MAX_HOST_LENGTH",
    "MAX_LENGTH",
    "canonical",
    "host",
    "identity",
    "is_public_address",
    "needs_redirect",
    "registered_domain",
    "resolve",
    "safe_to_fetch",
    "spellings",
    "too_long",
]
