"""What proves that a form was sent from a page that was made for its reader: a token that is signed, and fresh."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

from airflow.configuration import conf
from fastapi import HTTPException, Request

from pipeline.portal.review_form import Sent

HOURS = 24
"""Hours for which a page that stands open can be sent."""
_LARGEST = 4 << 20


def token(user: Any, subject: str, at: int) -> str:
    """What proves that a form was made for this reader and subject, and when: the moment, and our signature of all."""
    secret = conf.get_mandatory_value("api", "secret_key").encode()
    said = f"wirewatch-review {subject} {at} {user.get_id()}".encode()
    return f"{at}.{hmac.new(secret, said, hashlib.sha256).hexdigest()}"


def demand_ours(sent: Sent, site: str, subject: str, user: Any) -> None:
    """Refuse with 403 what was not sent from a page of ours that was made for this reader, or too long ago."""
    if site != "same-origin" or not _is_ours(sent.fields.get("token", ""), subject, user):
        raise HTTPException(403, "this was not sent from the review page, or the page stood open for too long")


def _is_ours(shown: str, subject: str, user: Any) -> bool:
    raw = shown.partition(".")[0]
    if not raw.isascii() or not raw.isdigit() or len(raw) > 12:
        return False
    made = int(raw)
    is_fresh = 0 <= time.time() - made < HOURS * 3600
    return is_fresh and hmac.compare_digest(shown.encode(), token(user, subject, made).encode())


async def received(request: Request) -> Sent:
    """The fields of a form; 413 where it is too large, 422 where it has too many."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LARGEST:
            raise HTTPException(413, "it is too large")
    try:
        return Sent.of(bytes(body))
    except ValueError:
        raise HTTPException(422, "it has too many fields") from None
