"""Reading WARC files into captures."""

from __future__ import annotations

import gzip
import logging
from pathlib import Path

import pytest

from pipeline.archive.warc import CaptureIndex
from pipeline.errors import ConfigurationError, ItemError
from tests.support.warcs import Record, at, http, payload_digest, record, write

URL = "http://outlet.example/story"


@pytest.mark.parametrize("compressed", [True, False])
def test_captures_are_found_by_address_and_time(tmp_path: Path, compressed: bool) -> None:
    name = "a.warc.gz" if compressed else "a.warc"
    records = [
        (URL, at(19), 200, {"ETag": '"2"'}, b"second"),
        ("http://other.example/", at(18), 404, {}, b"gone"),
        (URL, at(18, 6), 200, {"ETag": '"1"', "Content-Type": "text/html"}, b"first" * 50_000),
    ]
    write(tmp_path / name, records, compressed=compressed)
    index = CaptureIndex.read([tmp_path])
    assert len(index) == 3 and index.addresses() == ["http://other.example/", URL]
    assert [capture.captured for capture in index.of(URL)] == [at(18, 6), at(19)]
    assert index.as_of(URL, at(18)) is None
    first = index.as_of(URL, at(18, 23))
    assert first is not None and first.header("etag") == '"1"' and index.body(first) == b"first" * 50_000
    last = index.as_of(URL, at(25))
    assert last is not None and index.body(last) == b"second"
    assert index.of("http://other.example/")[0].status == 404


def test_address_is_exact_but_for_scheme_and_spelling(tmp_path: Path) -> None:
    write(tmp_path / "a.warc.gz", [("http://Outlet.example/기사?a=1", at(18), 200, {}, b"x")])
    index = CaptureIndex.read([tmp_path])
    assert len(index.of("https://outlet.example/%EA%B8%B0%EC%82%AC?a=1#top")) == 1
    assert not index.of("http://outlet.example/%EA%B8%B0%EC%82%AC?a=2")
    assert not index.of("http://www.outlet.example/%EA%B8%B0%EC%82%AC?a=1")


def test_stored_encodings_are_undone(tmp_path: Path) -> None:
    chunked = b"5\r\nhello\r\n0\r\n\r\n"
    records: list[Record | bytes] = [
        ("http://a.example/", at(18), 200, {"Content-Encoding": "gzip"}, gzip.compress(b"plain")),
        ("http://b.example/", at(18), 200, {"Transfer-Encoding": "chunked"}, chunked),
    ]
    index = CaptureIndex.read([write(tmp_path / "a.warc.gz", records)])
    assert [index.body(index.of(f"http://{host}.example/")[0]) for host in "ab"] == [b"plain", b"hello"]


def test_revisit_stands_for_the_response_it_repeats(tmp_path: Path) -> None:
    digest = payload_digest(b"body")
    records: list[Record | bytes] = [
        (URL, at(18), 200, {"ETag": '"18"', "X-Same": "s"}, b"body"),
        record("revisit", URL, at(19), http(304, {"ETag": '"19"'}), WARC_Payload_Digest=digest),
        record("revisit", URL, at(20), b"", WARC_Refers_To_Target_URI=URL),
        record("revisit", "http://never.example/", at(20), b"", WARC_Payload_Digest="sha1:AAAA"),
        record("request", URL, at(20), b"GET /story HTTP/1.1\r\nHost: outlet.example\r\n\r\n"),
    ]
    index = CaptureIndex.read([write(tmp_path / "a.warc.gz", records)])
    assert [(capture.captured, capture.status) for capture in index.of(URL)] == [
        (at(18), 200),
        (at(19), 200),
        (at(20), 200),
    ]
    second = index.of(URL)[1]
    assert index.body(second) == b"body" and second.header("etag") == '"19"' and second.header("x-same") == "s"
    assert not index.of("http://never.example/")


def test_damaged_end_keeps_what_came_before(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write(tmp_path / "a.warc.gz", [(URL, at(18), 200, {}, b"x" * 9_000), (URL, at(19), 200, {}, b"y" * 9_000)])
    path.write_bytes(path.read_bytes()[:-40] + b"\x1f\x8b\x08rubbish")
    with caplog.at_level(logging.WARNING):
        index = CaptureIndex.read([path])
    assert index.of(URL)[0].captured == at(18)
    assert index.body(index.of(URL)[0]) == b"x" * 9_000


def test_record_that_vanished_is_an_item_error(tmp_path: Path) -> None:
    path = write(tmp_path / "a.warc.gz", [(URL, at(18), 200, {}, b"x")])
    index = CaptureIndex.read([path])
    path.write_bytes(b"")
    with pytest.raises(ItemError, match="bad-capture"):
        index.body(index.of(URL)[0])


@pytest.mark.parametrize("place", ["nowhere", "."])
def test_place_without_warc_says_so(tmp_path: Path, place: str) -> None:
    with pytest.raises(ConfigurationError, match=r"\.warc\.gz"):
        CaptureIndex.read([tmp_path / place])
