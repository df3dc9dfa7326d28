"""The case table of canonical addresses, and what holds for every address."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import urls
from pipeline.urls.rules import RULES

CASES = [
    line.split("\t")
    for line in (Path(__file__).parent / "data" / "url_cases.tsv").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize(("address", "expected"), [case[:2] for case in CASES], ids=[case[2] for case in CASES])
def test_canonical_follows_the_case_table(address: str, expected: str) -> None:
    assert urls.canonical(address) == expected


@pytest.mark.parametrize("address", [case[0] for case in CASES])
def test_canonical_is_idempotent_on_the_case_table(address: str) -> None:
    once = urls.canonical(address)
    assert urls.canonical(once) == once


@given(st.text(alphabet="htps:/.?&=#%@[]amp~-_ \tüж19", max_size=60).map(lambda tail: "https://a.example/" + tail))
@settings(max_examples=300, deadline=None)
def test_canonical_is_idempotent_and_keeps_the_host_for_any_path(address: str) -> None:
    once = urls.canonical(address)
    assert urls.canonical(once) == once
    assert urls.host(once) == "a.example"


@given(st.text(max_size=80))
@settings(max_examples=300, deadline=None)
def test_nothing_raises_on_any_string(text: str) -> None:
    urls.identity(text)
    urls.host(text)
    urls.registered_domain(text)
    urls.needs_redirect(text)
    urls.resolve("https://a.example/", text)
    assert urls.safe_to_fetch(text) is not None or text.startswith(("http", "HTTP"))


@pytest.mark.parametrize("name", sorted(RULES.tracking_names))
def test_every_tracking_name_goes_and_its_neighbours_stay(name: str) -> None:
    assert urls.canonical(f"https://a.example/x?id=1&{name}=v&z=2") == "https://a.example/x?id=1&z=2"


def test_identity_unites_spellings_that_canonical_keeps_apart() -> None:
    same = {
        "https://www.outlet.example/a/?b=2&a=1",
        "http://outlet.example/a?a=1&b=2",
        "https://outlet.example/a/?a=1&b=2&utm_source=x#top",
    }
    assert len({urls.canonical(url) for url in same}) == 3
    assert {urls.identity(url) for url in same} == {"outlet.example/a?a=1&b=2"}


def test_identity_keeps_different_articles_apart() -> None:
    assert urls.identity("https://outlet.example/a?id=1") != urls.identity("https://outlet.example/a?id=2")
    assert urls.identity("https://one.example/a") != urls.identity("https://two.example/a")
    assert urls.identity("https://outlet.example/A") != urls.identity("https://outlet.example/a")


def test_identity_follows_routes_and_no_places() -> None:
    assert urls.identity("https://harbour.example/#/page1") != urls.identity("https://harbour.example/#/page2")
    assert urls.identity("https://harbour.example/#/page1/") == urls.identity("http://www.harbour.example/#/page1")
    assert urls.identity("https://harbour.example/#!/a/1/") == urls.identity("https://harbour.example/#!/a/1")
    assert urls.identity("https://harbour.example/#news/1") != urls.identity("https://harbour.example/#news/2")
    assert urls.identity("https://harbour.example/a#top") == urls.identity("https://harbour.example/a")


def test_an_article_of_google_news_is_one_in_every_form() -> None:
    forms = ("rss/articles/{}?oc=5", "articles/{}?hl=de&gl=DE", "read/{}?hl=en-US&gl=US&ceid=US%3Aen", "read/{}")
    for opaque in ("CBMi0gFBVV95cUxNbm9wYXF1ZQ", "CBMiWkFVX3lxTE1vdGhlcg"):
        same = {urls.identity("https://news.google.com/" + form.format(opaque)) for form in forms}
        assert same == {f"news.google.com/articles/{opaque}"}
        assert urls.needs_redirect("https://news.google.com/" + forms[0].format(opaque)) == "google-news"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("https://news.google.com/rss/articles/CBMi0gFBVV95cUxNbm9wYXF1ZQ?oc=5", "google-news"),
        ("https://news.google.com/rss/articles/CBMiJ2h0dHBzOi8vd3d3LmV4YW1wbGUuY29tL3dvcmxkL2FiYy1kZWY_3QEA", None),
        ("http://feedproxy.google.com/~r/outlet/~3/abc/", "feedburner"),
        ("https://feeds.feedburner.com/~r/outlet/~3/abc/", "feedburner"),
        ("https://feeds.feedburner.com/outlet", None),
        ("https://bit.ly/3abcde", "shortener"),
        ("https://t.co/abc", "shortener"),
        ("https://apple.news/Abc", "aggregator"),
        ("https://notbit.ly.example/3abcde", None),
        ("https://outlet.example/a", None),
    ],
)
def test_addresses_that_only_a_request_resolves_are_named(address: str, reason: str | None) -> None:
    assert urls.needs_redirect(address) == reason


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://feeds.bbci.co.uk/news/rss.xml", "bbci.co.uk"),
        ("https://en.yna.co.kr/x", "yna.co.kr"),
        ("news.outlet.com", "outlet.com"),
        ("https://www.outlet.example/x", "outlet.example"),
        ("https://8.8.8.8/x", "8.8.8.8"),
        ("https://xn--d1abbgf6aiiy.xn--p1ai/", "xn--d1abbgf6aiiy.xn--p1ai"),
        ("mailto:a@b", ""),
    ],
)
def test_registered_domain(address: str, domain: str) -> None:
    assert urls.registered_domain(address) == domain


def test_registered_domain_never_asks_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the public suffix list was fetched")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert urls.registered_domain("https://never-seen-before.outlet.co.jp/") == "outlet.co.jp"


@pytest.mark.parametrize(
    ("base", "href", "expected"),
    [
        ("https://outlet.example/a/b", "../c", "https://outlet.example/c"),
        ("https://outlet.example/a", "//cdn.example/x", "https://cdn.example/x"),
        ("https://outlet.example/a", " \n/x\ty ", "https://outlet.example/xy"),
        ("https://outlet.example/a", "/x\0\ud800\ufffey", "https://outlet.example/xy"),
        ("https://outlet.example/a", "javascript:alert(1)", None),
        ("https://outlet.example/a", "data:text/html,x", None),
        ("https://outlet.example/a", "http://[broken", None),
        ("https://outlet.example/a", "", None),
        (None, "/x", None),
    ],
)
def test_resolve(base: str | None, href: str, expected: str | None) -> None:
    assert urls.resolve(base, href) == expected


@pytest.mark.parametrize("address", ["http://a%00b.example/x", "https://a%0Ab.example/", "http://a%C2%85b.example/"])
def test_a_host_with_control_characters_is_no_host(address: str) -> None:
    assert urls.host(address) == ""
    assert urls.resolve(None, address) is None
    assert urls.canonical(address) == address
