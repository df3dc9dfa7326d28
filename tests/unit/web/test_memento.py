"""Wire forms of web archives, as public archives and our replay write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.text.http_dates import http_date, parse_http_date
from pipeline.web import memento

T = datetime(2024, 6, 18, 20, 15, tzinfo=UTC)

WAYBACK = """<http://outlet.example:80/>; rel="original",
<https://web.archive.org/web/timemap/link/http://outlet.example/>; rel="self"; type="application/link-format"; from="Tue, 18 Jun 2024 20:15:00 GMT",
<https://web.archive.org>; rel="timegate",
<https://web.archive.org/web/20240618201500/http://outlet.example/a,b;c>; rel="first memento"; datetime="Tue, 18 Jun 2024 20:15:00 GMT",
<https://web.archive.org/web/20240619070001/http://outlet.example/>; rel="memento"; datetime="Wed, 19 Jun 2024 07:00:01 GMT",
<https://web.archive.org/web/20240620070001/http://outlet.example/>; rel=last\tmemento; datetime="no date",
"""  # noqa: E501


def test_timemap_of_a_public_archive() -> None:
    assert memento.mementos(WAYBACK) == [T, datetime(2024, 6, 19, 7, 0, 1, tzinfo=UTC)]
    targets = [link.target for link in memento.links(WAYBACK)]
    assert targets[3].endswith("/a,b;c") and len(targets) == 6


def test_pages_of_a_timemap() -> None:
    text = (
        '<t2>;rel="timemap";from="x",<http://a.example/t1>; rel="self timemap", <t2>; rel=timemap, <t3>;rel="timemap"'
    )
    assert memento.further_pages(text, "http://a.example/t1") == ["http://a.example/t2", "http://a.example/t3"]


@pytest.mark.parametrize("text", ["", "<", "<>;", "no links", '<a>; rel="memento', "<a>; rel", ",,,;;<>;rel=memento"])
def test_broken_link_format_is_read_as_far_as_it_goes(text: str) -> None:
    assert memento.mementos(text) == []


def test_dates() -> None:
    assert http_date(T) == "Tue, 18 Jun 2024 20:15:00 GMT"
    assert parse_http_date(http_date(T)) == T
    assert parse_http_date("Tue, 18 Jun 2024 22:15:00 +0200") == T
    for text in (None, "", "soon", "Tue, 99 Jun 2024 20:15:00 GMT"):
        assert parse_http_date(text) is None
    assert memento.stamp(T) == "20240618201500" and memento.parse_stamp("20240618201500") == T
    assert memento.parse_stamp("2024") == datetime(2024, 1, 1, tzinfo=UTC)
    assert memento.parse_stamp("202406") == datetime(2024, 6, 1, tzinfo=UTC)
    assert memento.parse_stamp("20249918201500") is None


@pytest.mark.parametrize(
    ("address", "raw"),
    [
        (
            "https://web.archive.org/web/20240618201500/http://a.example/x?y=1",
            "https://web.archive.org/web/20240618201500id_/http://a.example/x?y=1",
        ),
        ("http://l/web/20240618201500if_/http://a.example/", "http://l/web/20240618201500id_/http://a.example/"),
        ("http://l/web/20240618201500id_/http://a.example/", "http://l/web/20240618201500id_/http://a.example/"),
        ("https://archive.example/20240618/x", "https://archive.example/20240618/x"),
        ("https://web.archive.org/web/http://a.example/", "https://web.archive.org/web/http://a.example/"),
    ],
)
def test_raw_address(address: str, raw: str) -> None:
    assert memento.raw_address(address) == raw


def test_original_address() -> None:
    assert memento.original_of("https://w.example/web/20240618201500id_/http://a.example/x") == "http://a.example/x"
    assert memento.original_of("https://w.example/web/20240618201500/https:/a.example/x") == "https://a.example/x"
    nested = "https://w.example/web/20240618201500/https://w.example/web/20200101000000/http://a.example/"
    assert memento.original_of(nested) == "https://w.example/web/20200101000000/http://a.example/"
    assert memento.original_of("https://a.example/x") is None


def test_addresses_of_both_layouts() -> None:
    assert memento.timemap_prefix("https://web.archive.org/web/") == "https://web.archive.org/web/timemap/link/"
    assert memento.timemap_prefix("http://127.0.0.1:80/timegate/") == "http://127.0.0.1:80/timemap/link/"
    assert (
        memento.timegate_address("http://h/timegate/", "http://a.example/x?y#z")
        == "http://h/timegate/http://a.example/x?y"
    )


def test_previous_memento_is_the_latest_that_was_known() -> None:
    header = (
        '</web/20240617000000/u>; rel="first memento"; datetime="Mon, 17 Jun 2024 00:00:00 GMT", '
        '</web/20240618000000/u>; rel="prev memento"; datetime="Tue, 18 Jun 2024 00:00:00 GMT", '
        '</web/20240620000000/u>; rel="next memento"; datetime="Thu, 20 Jun 2024 00:00:00 GMT"'
    )
    assert memento.previous_memento(header, "http://h/x", T) == "http://h/web/20240618000000/u"
    assert memento.previous_memento(header, "http://h/x", datetime(2024, 6, 1, tzinfo=UTC)) is None
    assert memento.previous_memento("", "http://h/x", T) is None


def test_original_headers_come_back_under_their_names() -> None:
    served = {
        "content-type": "text/html",
        "date": "now",
        "x-archive-orig-etag": '"1"',
        "x-archive-orig-content-length": "5",
        "x-archive-orig-content-type": "text/html; charset=euc-kr",
    }
    assert memento.original_headers(served) == {"etag": '"1"', "content-type": "text/html; charset=euc-kr"}
    assert memento.original_headers({"content-type": "text/html"}) == {"content-type": "text/html"}
