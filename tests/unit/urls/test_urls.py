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


@pytest.mark.parametrize(
    "wall",
    [
        "https://consent.yahoo.com/collectConsent?sessionId=3&done=https%3A%2F%2Fharbour.example%2Fa%2F7",
        "https://consent.harbour.example/?continue=https://www.harbour.example/a/7",
        "https://guce.harbour.example/copyConsent?originalUrl=https%253A%252F%252Fharbour.example%252Fa%252F7",
        "https://myprivacy.group.example/consent?callbackUrl=https%3a%2f%2fwww.harbour.example%2fprivacy-gate%2faccept"
        "%3fredirectUri%3d%252fa%252f7",
        "https://harbour.example/privacy-wall?redirectUri=%2Fa%2F7",
        "https://www.harbour.example/cookiewall/?return_url=https://harbour.example/a/7",
    ],
)
def test_a_consent_wall_stands_for_the_page_behind_it(wall: str) -> None:
    assert urls.identity(wall) == "harbour.example/a/7"


@pytest.mark.parametrize(
    "address",
    [
        "https://other.example/share?url=https://harbour.example/a/7",
        "https://harbour.example/consent?return=https://other.example/x",
        "https://harbour.example/news/consent-law?return=/home",
        "https://harbour.example/news/consent?from=/home",
        "https://informed-consent.example/a?url=https://harbour.example/a/7",
        "https://harbour.example/a/7?return_url=/home",
    ],
)
def test_what_is_no_consent_wall_stands_for_itself(address: str) -> None:
    assert urls.host(urls.canonical(address)) == urls.host(address)
    assert urls.identity(address).partition("?")[0] == address.partition("://")[2].partition("?")[0]


@pytest.mark.parametrize(
    "printed",
    [
        "https://harbour.example/https://harbour.example/a/7",
        "https://harbour.example/http://www.harbour.example/a/7",
        "https://harbour.example/https:/harbour.example/a/7",
        "https://harbour.example/https%3A%2F%2Fharbour.example/a/7",
        "https://www.harbour.example/harbour.example/a/7",
        "https://harbour.example//www.harbour.example/a/7?utm_source=rss",
    ],
)
def test_an_address_printed_twice_is_the_one_inside(printed: str) -> None:
    assert urls.identity(printed) == "harbour.example/a/7"


def test_an_address_of_another_host_inside_stays() -> None:
    mirror = "https://mirror.example/https://harbour.example/a/7"
    assert urls.canonical(mirror) == mirror


def test_what_a_second_question_mark_adds_behind_a_tracking_parameter_is_kept() -> None:
    assert urls.canonical("https://h.example/a?utm_source=rss?id=3") == "https://h.example/a?id=3"
    assert urls.canonical("https://h.example/a?utm_source=rss?utm_medium=x?id=3&b=1") == "https://h.example/a?id=3&b=1"
    assert urls.canonical("https://h.example/a?utm_source=https://x.example/?id=3") == "https://h.example/a"
    assert urls.canonical("https://h.example/a?q=what?id=3") == "https://h.example/a?q=what?id=3"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://h.example/cafe%CC%81", "https://h.example/caf%C3%A9"),
        ("https://h.example/cafe\u0301?q=e%CC%81", "https://h.example/café?q=é"),
        ("https://h.example/%E1%84%92%E1%85%A1%E1%86%AB", "https://h.example/한"),
        ("https://h.example/%E3%81%8B%E3%82%99", "https://h.example/が"),
        ("https://h.example/tie%CC%82%CC%81ng-Vie%CC%A3%CC%82t", "https://h.example/tiếng-Việt"),
    ],
)
def test_an_accent_on_its_letter_or_behind_it_is_one_identity(one: str, other: str) -> None:
    assert urls.identity(one) == urls.identity(other)
    assert set(urls.spellings(one)) == set(urls.spellings(other))
    assert urls.canonical(one) != urls.canonical(other), "what is fetched keeps its bytes"


def test_letters_that_differ_stay_apart() -> None:
    assert urls.identity("https://h.example/cafe") != urls.identity("https://h.example/café")
    assert urls.identity("https://h.example/caf%E9") == "h.example/caf%E9"
    assert urls.identity("https://h.example/%2Fa") != urls.identity("https://h.example/a")


@given(st.one_of(st.text(max_size=80), st.from_regex(r"(https?:)?//[\[\]:.%@?#/&=a-z0-9é]{0,40}", fullmatch=True)))
def test_every_text_has_an_identity(text: str) -> None:
    assert urls.identity(text) == urls.identity(text.strip())
    assert urls.canonical(urls.canonical(text)) == urls.canonical(text)
    urls.spellings(text)
