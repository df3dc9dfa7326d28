"""The head of an answer made such that one bad line does not cost the whole (pure).

h11 refuses an answer for one header that is none. Browsers and curl leave such a line out, and outlets never notice.
"""

from __future__ import annotations

import re

#: RFC 9110, section 5.6.2: what a header's name is made of.
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_END = re.compile(rb"\r?\n\r?\n")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_STATUS = re.compile(rb"HTTP/\d\.\d[ \t]+(\d{3})")
_BEGINS = b"HTTP/"
_NUMBER = re.compile(rb"\d{1,18}(?:[ \t]*,[ \t]*\d{1,18})*")


class Heads:
    """Passes the bytes of one answer on, its heads without the lines that are no headers.

    A head is held until it is whole, or above `limit` bytes, or until it is none: then everything passes as it came,
    and whoever reads it says what is wrong.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: bytes | None = b""

    def passed(self, data: bytes) -> bytes:
        """What is known to be right of the bytes so far."""
        if self._held is None:
            return data
        seen = max(len(self._held) - 3, 0)  # an end may have begun in the last three
        self._held += data
        done = b""
        while self._held is not None:
            start = self._held.lstrip(b"\r\n")[: len(_BEGINS)]
            if not _BEGINS.startswith(start.upper()) or len(self._held) > self._limit:
                return done + self._everything()
            end = _END.search(self._held, seen)
            if end is None or len(start) < len(_BEGINS):
                return done
            head, rest = self._held[: end.start()], self._held[end.end() :]
            done += _mended(head)
            status = _STATUS.match(head.lstrip(b"\r\n"))
            # 1xx comes before the answer, but for 101, behind which comes no HTTP.
            between = status is not None and status[1].startswith(b"1") and status[1] != b"101"
            self._held, seen = rest if between else None, 0
            if not between:
                return done + rest
        return done

    def _everything(self) -> bytes:
        held, self._held = self._held or b"", None
        return held


def _mended(head: bytes) -> bytes:
    first, *lines = re.split(rb"\r?\n", head.lstrip(b"\r\n"))
    kept = [first]
    left_out = False
    for line in lines:
        if line[:1] in (b" ", b"\t"):  # it continues the line before
            if not left_out and len(kept) > 1 and line.strip():
                kept[-1] += b" " + _CONTROL.sub(b" ", line.strip())
            continue
        header = _header(line)
        left_out = header is None
        if header is not None:
            kept.append(header)
    return b"\r\n".join(kept) + b"\r\n\r\n"


def _header(line: bytes) -> bytes | None:
    """One header line as it should have been; None where it is none, or says a length that is no number."""
    name, colon, value = line.partition(b":")
    name = name.rstrip(b" \t")
    value = _CONTROL.sub(b" ", value).strip(b" \t")
    if not colon or not _NAME.fullmatch(name):
        return None
    if name.lower() == b"content-length" and not _NUMBER.fullmatch(value):
        return None
    if name.lower() == b"transfer-encoding" and value.lower() == b"identity":  # RFC 2616 had it; it means none
        return None
    return name + b": " + value
