"""The wire forms of web archives: RFC 7089 dates, link-format TimeMaps, memento addresses, original headers (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

from pipeline.text.http_dates import parse_http_date

#: ``/web/20240618120000id_/http://…`` and its forms without a modifier; the digits may be shortened by the archive.
_MEMENTO_PATH = re.compile(
    r"^(?P<before>.*?/)(?P<stamp>\d{4,14})(?P<modifier>[a-z]{2}_)?/(?P<original>[a-z]+:.*)$", re.I
)
_LINK = re.compile(r"\s*<(?P<target>[^>]*)>\s*(?P<parameters>(?:;\s*[^=;,\s]+\s*(?:=\s*(?:\"[^\"]*\"|[^\s;,]*))?\s*)*)")
_PARAMETER = re.compile(r";\s*(?P<name>[^=;,\s]+)\s*(?:=\s*(?:\"(?P<quoted>[^\"]*)\"|(?P<bare>[^\s;,]*)))?")
_ORIGINAL = "x-archive-orig-"


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a Link header or of a TimeMap; `relations` are lower case, `moment` is its ``datetime``."""

    target: str
    relations: frozenset[str]
    moment: datetime | None = None


def stamp(moment: datetime) -> str:
    """The 14 digits of a memento's address, ``20240618201500``."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def parse_stamp(digits: str) -> datetime | None:
    """14 digits, or fewer from the left, as the earliest moment they stand for; None where they are no time."""
    padded = digits + "00000101000000"[len(digits) :]
    try:
        return datetime.strptime(padded, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def links(text: str) -> Iterator[Link]:
    """Links in the syntax of RFC 8288 and RFC 6690, as in Link headers and link-format TimeMaps.

    What does not read as a link is skipped: archives differ in line ends, commas and quoting.
    """
    position = 0
    while (start := text.find("<", position)) >= 0:
        found = _LINK.match(text, start)
        if found is None:
            position = start + 1
            continue
        position = found.end()
        relations: frozenset[str] = frozenset()
        moment = None
        for parameter in _PARAMETER.finditer(found["parameters"]):
            value = parameter["quoted"] if parameter["quoted"] is not None else parameter["bare"] or ""
            if parameter["name"].lower() == "rel":
                relations = frozenset(value.lower().split())
            elif parameter["name"].lower() == "datetime":
                moment = parse_http_date(value)
        yield Link(found["target"].strip(), relations, moment)


def mementos(timemap: str) -> list[datetime]:
    """The capture times in one page of a link-format TimeMap, in order of time, each once."""
    return sorted({link.moment for link in links(timemap) if "memento" in link.relations and link.moment})


def further_pages(timemap: str, address: str) -> list[str]:
    """Addresses of other pages of a paged TimeMap fetched from `address`, in the order given, each once."""
    pages = [urljoin(address, link.target) for link in links(timemap) if "timemap" in link.relations]
    return [page for page in dict.fromkeys(pages) if page != address]


def previous_memento(link_header: str, address: str, as_of: datetime) -> str | None:
    """The latest memento at or before `as_of` that the headers of the memento at `address` name."""
    known = [
        (link.moment, link.target)
        for link in links(link_header)
        if "memento" in link.relations and link.moment is not None and link.moment <= as_of
    ]
    return urljoin(address, max(known)[1]) if known else None


def timegate_address(archive: str, url: str) -> str:
    """Where to ask for `url` as of a time; `archive` is the TimeGate's prefix (``https://web.archive.org/web/``)."""
    return archive + url.split("#", 1)[0]


def timemap_prefix(archive: str) -> str:
    """The TimeMap prefix that belongs to a TimeGate prefix, by the two layouts in use.

    ``…/timegate/`` (RFC 7089's own examples, this project's replay) and ``…/web/`` (Wayback and pywb).
    """
    if archive.endswith("/timegate/"):
        return archive[: -len("timegate/")] + "timemap/link/"
    return archive + "timemap/link/"


def raw_address(memento: str) -> str:
    """The address that serves a memento as it was captured, without the archive's banner and rewritten links.

    Wayback-type archives serve it under the modifier ``id_``; other addresses come back unchanged.
    """
    parts = urlsplit(memento)
    found = _MEMENTO_PATH.match(memento[len(f"{parts.scheme}://{parts.netloc}") :])
    if found is None or len(found["stamp"]) != 14:
        return memento
    return f"{parts.scheme}://{parts.netloc}{found['before']}{found['stamp']}id_/{found['original']}"


def original_of(memento: str) -> str | None:
    """The original address inside a memento's address, None where there is none."""
    parts = urlsplit(memento)
    found = _MEMENTO_PATH.match(memento[len(f"{parts.scheme}://{parts.netloc}") :])
    if found is None:
        return None
    # Proxies and some archives fold the double slash.
    return re.sub(r"^([a-z]+):/+", r"\1://", found["original"], count=1, flags=re.I)


def original_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The captured headers out of a memento's, names lower case: ``x-archive-orig-etag`` becomes ``etag``.

    Content-Type is taken from the memento where the archive kept no original one. What belongs to the transfer
    (encoding, length) describes neither body and is left out.
    """
    found = {name[len(_ORIGINAL) :]: value for name, value in headers.items() if name.startswith(_ORIGINAL)}
    if "content-type" in headers:
        found.setdefault("content-type", headers["content-type"])
    return without_transfer(found)


def without_transfer(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers that still describe a body once it is decoded."""
    gone = ("content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive")
    return {name: value for name, value in headers.items() if name not in gone}
