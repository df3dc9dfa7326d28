"""Signatures of webhooks, as the Standard Webhooks specification has them (standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from pipeline.errors import ItemError

_PREFIX = "whsec_"


def headers(secret: str, key: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers by which a receiver knows who sent a body, when, and whether it had it before.

    `key` is the same in every try of a message, `at` the moment of this one. Raises `ItemError` (``bad-secret``) where
    the secret is none.
    """
    moment = str(int(at.timestamp()))
    signed = b".".join((key.encode(), moment.encode(), body))
    digest = hmac.new(_bytes(secret), signed, hashlib.sha256).digest()
    return {
        "webhook-id": key,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _bytes(secret: str) -> bytes:
    """A secret's bytes: base64 behind ``whsec_``; any other text stands for itself."""
    secret = secret.strip()  # as a file or a form gave it
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        found = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:  # no base64, or no ASCII
        found = b""
    if not found:  # everybody can sign with nothing
        raise ItemError("bad-secret", "a webhook's secret that begins with whsec_ goes on in base64")
    return found
