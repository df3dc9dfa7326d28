"""What the HTTP client hands on: redirects, validators, answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect: the status and the address it pointed to."""

    status: int
    url: str


@dataclass(frozen=True, slots=True)
class Validators:
    """What an answer gave to ask whether it still holds; sent only to `url`, the address that gave them."""

    url: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """What one GET ended with, after redirects; `body` is decompressed and within the size limit.

    `captured` is the Memento-Datetime when the answer came from a web archive, else None. `wire_bytes` is what
    crossed the network, `elapsed` seconds.
    """

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    hops: tuple[Hop, ...] = ()
    elapsed: float = 0.0
    wire_bytes: int = 0
    captured: datetime | None = None

    @property
    def not_modified(self) -> bool:
        return self.status == 304
