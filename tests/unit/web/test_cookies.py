"""The cookies of one fetch: what is kept, for whom, and that nothing outlives it."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from pipeline.web import cookies
from pipeline.web.cookies import Cookies

NOW = datetime(2024, 6, 19, tzinfo=UTC)
HOST = "https://www.outlet.example/news/feed.xml"


def sent(set_by: str, to: str, *lines: str) -> str:
    """The Cookie header of a request to one address after another set these."""
    jar = Cookies()
    jar.take(httpx.URL(set_by), lines, NOW)
    return jar.header(httpx.URL(to))


@pytest.mark.parametrize(
    ("line", "to", "header"),
    [
        ("a=1", HOST, "a=1"),
        ("a=1", "https://www.outlet.example/news/other", "a=1"),
        ("a=1", "https://www.outlet.example/", ""),
        ("a=1; Path=/", "https://www.outlet.example/", "a=1"),
        ("a=1; path=/new", HOST, ""),
        ("a=1; Path=relative", HOST, "a=1"),
        ("a=1; Path=/", "https://outlet.example/", ""),
        ("a=1; Path=/; Domain=outlet.example", "https://outlet.example/", "a=1"),
        ("a=1; Path=/; Domain=.Outlet.example", "https://login.outlet.example/", "a=1"),
        ("a=1; Path=/; Domain=outlet.example", "https://otheroutlet.example/", ""),
        ("a=1; Path=/; Domain=other.example", "https://other.example/", ""),
        ("a=1; Path=/; Domain=other.example", HOST, ""),
        ("a=1; Path=/; Domain=example", "https://other.example/", ""),
        ("a=1; Path=/; Domain=login.outlet.example", "https://login.outlet.example/", ""),
        ("a=1; Secure", HOST, "a=1"),
        ("a=1; Secure", HOST.replace("https", "http"), ""),
        ("a=1; Max-Age=60", HOST, "a=1"),
        ("a=1; Max-Age=0", HOST, ""),
        ("a=1; Max-Age=-1", HOST, ""),
        ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", HOST, ""),
        ("a=1; Expires=Wed, 19 Jun 2024 12:00:00 GMT", HOST, "a=1"),
        ("a=1; Expires=rubbish", HOST, "a=1"),
        ("a = b=c ", HOST, "a=b=c"),
        ('a="x y"; HttpOnly; SameSite=Lax', HOST, 'a="x y"'),
        ("a", HOST, ""),
        ("=1", HOST, ""),
        ("a=" + "x" * 5_000, HOST, ""),
        ("a=1\x01", HOST, ""),
    ],
)
def test_what_is_kept_and_for_whom(line: str, to: str, header: str) -> None:
    assert sent(HOST, to, line) == header


def test_no_domain_is_wide_enough_for_strangers() -> None:
    assert sent("https://a.co.uk/", "https://b.co.uk/", "a=1; Domain=co.uk; Path=/") == ""
    assert sent("http://127.0.0.1/", "http://127.0.0.2/", "a=1; Domain=0.0.1; Path=/") == ""
    assert sent("http://127.0.0.1/", "http://127.0.0.1/", "a=1; Domain=127.0.0.1; Path=/") == "a=1"


def test_the_longest_path_comes_first_and_the_last_value_counts() -> None:
    assert sent(HOST, HOST, "a=1; Path=/", "b=2; Path=/news", "a=3; Path=/") == "b=2; a=3"
    assert sent(HOST, HOST, "a=1; Path=/", "a=; Path=/; Max-Age=0") == ""


def test_there_is_an_end_to_them() -> None:
    many = [f"a{number}={'x' * 1_000}" for number in range(500)]
    header = sent(HOST, HOST, *many)
    assert header.startswith("a0=") and len(header) <= cookies.MAX_HEADER
    assert sent(HOST, HOST, *(f"a{number}=1" for number in range(500))).count("=") == cookies.MAX_COOKIES
