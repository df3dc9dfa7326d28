"""WARC files as captures: what an address answered, and when (reading by warcio).

Only HTTP responses are captures; a revisit stands for the response that it repeats. Nothing is unpacked: the index
keeps where each record lies, and `CaptureIndex.body` reads it there.
"""

from __future__ import annotations

import bisect
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.timeutils import iso_date_to_datetime

from pipeline.errors import ConfigurationError, ItemError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Capture:
    """One answer of one address; `headers` as captured, in order; `offset` is its record's place in the file `path`."""

    url: str
    captured: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    path: Path
    offset: int

    def header(self, name: str) -> str | None:
        """The first value of a header, by its name in lower case."""
        return next((value for key, value in self.headers if key.lower() == name), None)


class CaptureIndex:
    """All captures of a set of WARC files, found by address and time.

    An address is looked up exactly; where only its other scheme (http, https) was captured, that stands in, as it
    does in public archives.
    """

    def __init__(self, captures: Iterable[Capture]) -> None:
        by_key: dict[str, dict[datetime, Capture]] = {}
        for capture in captures:
            # Addresses of mementos have whole seconds: of two captures in one second the later stands.
            by_key.setdefault(_key(capture.url), {})[capture.captured.replace(microsecond=0)] = capture
        self._by_key = {key: [found[at] for at in sorted(found)] for key, found in by_key.items()}

    @classmethod
    def read(cls, places: Iterable[Path]) -> CaptureIndex:
        """Index WARC files, or all ``*.warc`` and ``*.warc.gz`` in a folder.

        Raises `ConfigurationError` where a place does not exist or holds no WARC file.
        """
        paths = [path for place in places for path in warc_files(place)]
        return cls(capture for path in paths for capture in captures(path))

    def __len__(self) -> int:
        return sum(len(found) for found in self._by_key.values())

    def addresses(self) -> list[str]:
        """Every captured address, sorted."""
        return sorted(found[0].url for found in self._by_key.values())

    def of(self, url: str) -> Sequence[Capture]:
        """The captures of an address in order of time; empty where it was never captured."""
        key = _key(url)
        other = key.replace("http:", "https:", 1) if key.startswith("http:") else key.replace("https:", "http:", 1)
        return self._by_key.get(key) or self._by_key.get(other) or ()

    def as_of(self, url: str, moment: datetime) -> Capture | None:
        """The last capture at or before `moment`."""
        found = self.of(url)
        place = bisect.bisect_right(found, moment, key=lambda capture: capture.captured.replace(microsecond=0))
        return found[place - 1] if place else None

    @staticmethod
    def body(capture: Capture) -> bytes:
        """The body of a capture, transfer and content encoding undone.

        Raises `ItemError` ``bad-capture`` where the record cannot be read.
        """
        try:
            with capture.path.open("rb") as file:
                file.seek(capture.offset)
                record = next(iter(ArchiveIterator(file)))
                return bytes(record.content_stream().read())
        except (OSError, EOFError, StopIteration, ArchiveLoadFailed, ValueError) as error:
            where = f"{capture.path.name} at {capture.offset}"
            raise ItemError("bad-capture", f"{where}: {error}", url=capture.url) from error


def warc_files(place: Path) -> list[Path]:
    """The WARC files at a place: itself, or those in the folder, sorted. Raises `ConfigurationError` for none."""
    if place.is_file():
        return [place]
    found = sorted([*place.glob("**/*.warc"), *place.glob("**/*.warc.gz")]) if place.is_dir() else []
    if not found:
        raise ConfigurationError(f"{place} is no WARC file and no folder with *.warc.gz files in it")
    return found


def captures(path: Path) -> Iterator[Capture]:
    """The captures of one WARC file in file order, revisits resolved within the file.

    A damaged end is left out with a warning; what was read before it stands.
    """
    originals: dict[str, Capture] = {}
    try:
        with path.open("rb") as file:
            records = ArchiveIterator(file)
            for record in records:
                if record.rec_type == "response" and record.http_headers is not None:
                    found = _capture(record, path, records.get_record_offset())
                    if found is not None:
                        digest = record.rec_headers.get_header("WARC-Payload-Digest")
                        originals.setdefault(digest or "", found)
                        originals[found.url] = found
                        yield found
                elif record.rec_type == "revisit":
                    found = _revisit(record, path, originals)
                    if found is not None:
                        yield found
    except (ArchiveLoadFailed, EOFError, OSError, ValueError) as error:
        log.warning("%s is damaged; what stands before the damage is used (%s)", path, error)


def _capture(record: Any, path: Path, offset: int) -> Capture | None:
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    captured = _date(record)
    status = record.http_headers.get_statuscode()
    if not url.startswith(("http:", "https:")) or captured is None or not status.isdigit():
        log.warning("%s: the record at %d has no usable address, date or status and is left out", path.name, offset)
        return None
    return Capture(url, captured, int(status), _headers(record), path, offset)


def _revisit(record: Any, path: Path, originals: dict[str, Capture]) -> Capture | None:
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    captured = _date(record)
    digest = record.rec_headers.get_header("WARC-Payload-Digest")
    refers_to = record.rec_headers.get_header("WARC-Refers-To-Target-URI")
    original = originals.get(digest or " ") or originals.get(refers_to or url)
    if original is None or captured is None:
        log.warning("%s: a revisit of %s repeats a response that is not in the file; left out", path.name, url)
        return None
    repeated = replace(original, url=url, captured=captured)
    if record.http_headers is None:
        return repeated
    # A revisit made by a 304 repeats the response, not the status that said "unchanged".
    return replace(repeated, headers=_merged(original.headers, _headers(record)))


def _merged(old: tuple[tuple[str, str], ...], new: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    named = {name.lower() for name, _ in new}
    return tuple(pair for pair in old if pair[0].lower() not in named) + new


def _headers(record: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in record.http_headers.headers)


def _date(record: Any) -> datetime | None:
    try:
        moment: datetime = iso_date_to_datetime(record.rec_headers.get_header("WARC-Date"))
    except (TypeError, ValueError, AttributeError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _key(url: str) -> str:
    """One spelling of an address: host in lower case and IDNA form, path percent-encoded, no fragment."""
    try:
        return str(httpx.URL(url).copy_with(fragment=None))
    except (httpx.InvalidURL, ValueError):
        return url
