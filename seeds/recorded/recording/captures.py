"""Everything that the recording saw, and its WARC files."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

from jinja2 import Environment
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from recording import feeds, pages
from recording.slots import Outlet
from recording.timeline import START, Page, chance, feed_captures, fixed_captures, local, page_captures

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://wirewatch.example/recorded")
REASONS = {200: "OK", 301: "Moved Permanently", 403: "Forbidden", 404: "Not Found"}
ABOUT = (
    "The recorded web of Wirewatch's demonstration. Every outlet is invented, every page was written for this project;"
    " the facts come from the project's seed document and the public record of 17-20 June 2024."
)


@dataclass(frozen=True, slots=True)
class Capture:
    """One answer of one address at one moment."""

    url: str
    time: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def record(outlets: dict[str, Outlet], made: Sequence[Page]) -> list[Capture]:
    """Every capture of the recorded web, in order of time and address."""
    env = pages.environment()
    captures: list[Capture] = []
    for outlet in outlets.values():
        own = [page for page in made if page.outlet is outlet]
        captures += _feed(env, outlet, own)
        captures += _site(env, outlet, own)
        for page in own:
            captures += _page(env, page, own)
    return sorted(captures, key=lambda capture: (capture.time, capture.url))


def write(captures: Sequence[Capture], folder: Path) -> list[Path]:
    """A WARC file per day of June 2024, the evening of the 17th with the 18th; the same bytes every time."""
    paths = []
    for day in (18, 19, 20):
        path = folder / f"2024-06-{day}.warc.gz"
        chosen = [c for c in captures if c.time.day == day or (day == 18 and c.time.day < 18)]
        with path.open("wb") as out:
            writer = WARCWriter(out, gzip=True, warc_version="1.1")
            _write_info(writer, path.name)
            for capture in chosen:
                _write_capture(writer, capture)
        paths.append(path)
    return paths


def _feed(env: Environment, outlet: Outlet, own: Sequence[Page]) -> Iterator[Capture]:
    charset = f"; charset={outlet.feed_charset}"
    last, modified = b"", START
    for time in feed_captures(outlet):
        body = feeds.render(env, outlet, own, time)
        if body != last:
            seen = [version.seen for page in own for version in page.versions if version.seen <= time]
            newest = max(seen, default=START)
            modified = newest if newest > modified or not last else time - timedelta(minutes=2)
            last = body
        yield Capture(
            outlet.feed_url, time, 200,
            (*_head(time, outlet.feed_type + charset, body), *_validators(outlet, body, modified, time)),
            body,
        )


def _validators(outlet: Outlet, body: bytes, modified: datetime, time: datetime) -> list[tuple[str, str]]:
    etag, date = f'"{sha256(body).hexdigest()[:20]}"', _http_date(modified)
    match outlet.validators:
        case "none":
            return []
        case "weak":
            etag = f"W/{etag}"
        case "new-etag":
            etag = f'"{chance(etag, time):x}"'
        case "new-date":
            date = _http_date(time)
        case "stuck-date":
            date = _http_date(START)
    return [("ETag", etag), ("Last-Modified", date), ("Cache-Control", f"max-age={60 * (outlet.hint or 5)}")]


def _page(env: Environment, page: Page, own: Sequence[Page]) -> Iterator[Capture]:
    outlet = page.outlet
    status = {"missing404": 404, "forbidden403": 403}.get(page.slot.kind, 200)
    declared = "utf-8" if "bad_charset" in outlet.quirks else outlet.charset
    kind = "text/html" if outlet.id in {"jinghe", "pampero"} else f"text/html; charset={declared}"
    for time in page_captures(page):
        version = page.as_of(time)
        assert version is not None
        body = pages.article(env, page, version, own, time) if status == 200 else pages.refusal(env, outlet, status)
        yield Capture(page.url, time, status, _head(time, kind, body), body)
        address = feeds.tracked(outlet, page)
        if address and outlet.tracked_page == "redirect":
            yield Capture(address, time, 301, (*_head(time, kind, b""), ("Location", page.url)), b"")
        elif address:
            yield Capture(address, time, status, _head(time, kind, body), body)


def _site(env: Environment, outlet: Outlet, own: Sequence[Page]) -> Iterator[Capture]:
    declared = "utf-8" if "bad_charset" in outlet.quirks else outlet.charset
    for time in fixed_captures(outlet.home, (0, 9, 22)):
        body = pages.home(env, outlet, own, time)
        yield Capture(outlet.home + "/", time, 200, _head(time, f"text/html; charset={declared}", body), body)
    for time in fixed_captures(outlet.domain, (21,)):
        sitemap = f"\nSitemap: {outlet.home}{outlet.news_sitemap}\n" if outlet.news_sitemap else ""
        body = f"User-agent: *\nDisallow: /search\nDisallow: /account/\n{sitemap}".encode()
        yield Capture(f"{outlet.home}/robots.txt", time, 200, _head(time, "text/plain; charset=utf-8", body), body)
    if outlet.news_sitemap:
        for time in fixed_captures(outlet.news_sitemap + outlet.id, range(1, 24, 4)):
            body = _sitemap(outlet, own, time)
            yield Capture(
                outlet.home + outlet.news_sitemap, time, 200, _head(time, "application/xml; charset=utf-8", body), body
            )


def _sitemap(outlet: Outlet, own: Sequence[Page], now: datetime) -> bytes:
    """The news sitemap: what came out in the two days before `now`, as search engines ask for it."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">',
    ]
    for page in own:
        version = page.as_of(now)
        if version is None or now - page.published > timedelta(days=2):
            continue
        lines.append(
            f"<url><loc>{escape(page.url)}</loc><lastmod>{version.modified.isoformat()}</lastmod><news:news>"
            f"<news:publication><news:name>{escape(outlet.name)}</news:name>"
            f"<news:language>{version.slot.lang}</news:language></news:publication>"
            f"<news:publication_date>{local(outlet, page.published).isoformat()}</news:publication_date>"
            f"<news:title>{escape(version.slot.text.title)}</news:title></news:news></url>"
        )
    return "\n".join([*lines, "</urlset>", ""]).encode()


def _head(time: datetime, content_type: str, body: bytes) -> tuple[tuple[str, str], ...]:
    return (
        ("Date", _http_date(time)), ("Content-Type", content_type), ("Content-Length", str(len(body))),
        ("Server", "recorded-demonstration"),
    )


def _http_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


def _write_info(writer: WARCWriter, name: str) -> None:
    software = "seeds/recorded/build.py of Wirewatch"
    fields = {"software": software, "format": "WARC File Format 1.1", "description": ABOUT}
    payload = "".join(f"{key}: {value}\r\n" for key, value in fields.items()).encode()
    headers = {"WARC-Record-ID": _record_id(name), "WARC-Filename": name, "WARC-Date": _stamp(START)}
    record = writer.create_warc_record(
        "", "warcinfo", payload=BytesIO(payload), length=len(payload), warc_headers_dict=headers
    )
    writer.write_record(record)


def _write_capture(writer: WARCWriter, capture: Capture) -> None:
    stamp = _stamp(capture.time)
    headers = {"WARC-Record-ID": _record_id(f"{stamp} {capture.url}"), "WARC-Date": stamp}
    http = StatusAndHeaders(f"{capture.status} {REASONS[capture.status]}", list(capture.headers), protocol="HTTP/1.1")
    writer.write_record(
        writer.create_warc_record(
            capture.url, "response", payload=BytesIO(capture.body), length=len(capture.body), http_headers=http,
            warc_headers_dict=headers,
        )
    )


def _record_id(name: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(NAMESPACE, name)}>"
