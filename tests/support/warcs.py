"""Writes small WARC files for the tests, byte by byte, so that reader and writer are not the same library."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

Record = tuple[str, datetime, int, Mapping[str, str], bytes]


def at(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """A moment of June 2024."""
    return datetime(2024, 6, day, hour, minute, second, tzinfo=UTC)


def record(kind: str, url: str, captured: datetime, block: bytes, **more: str) -> bytes:
    """One WARC record; `more` are further header fields with ``_`` for ``-``."""
    fields = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{hashlib.md5(block + url.encode()).hexdigest()}>",
        "WARC-Target-URI": url,
        "WARC-Date": captured.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(block)),
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return b"WARC/1.1\r\n" + head.encode() + b"\r\n" + block + b"\r\n\r\n"


def http(status: int, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """An HTTP response as it crossed the wire."""
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} Status\r\n{head}\r\n".encode() + body


def payload_digest(body: bytes) -> str:
    """The digest that a revisit names."""
    return "sha1:" + base64.b32encode(hashlib.sha1(body).digest()).decode()


def write(path: Path, records: Iterable[Record | bytes], *, compressed: bool = True) -> Path:
    """Write (url, captured, status, headers, body) as response records, and ready records as they are."""
    blocks = []
    for one in records:
        if not isinstance(one, bytes):
            url, captured, status, headers, body = one
            digest = {"WARC_Payload_Digest": payload_digest(body)}
            one = record("response", url, captured, http(status, headers, body), **digest)
        blocks.append(gzip.compress(one) if compressed else one)
    path.write_bytes(b"".join(blocks))
    return path
