"""WebSub: which hub is asked for what, what of its questions is meant, and which documents are its own."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from pipeline import feeds
from pipeline.feeds import hubs
from pipeline.models import ParsedFeed

NOW = datetime(2024, 6, 20, tzinfo=UTC)
URL = "https://outlet.example/feed"
TOPIC = "https://outlet.example/topic"


def feed(*links: tuple[str, str]) -> ParsedFeed:
    inside = "".join(f'<link rel="{relation}" href="{href}"/>' for relation, href in links)
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{inside}</feed>'
    return feeds.parse(body.encode(), URL, None, NOW)


@pytest.mark.parametrize(
    ("hub", "asked"),
    [
        ("https://hub.example/", "https://hub.example/"),
        ("http://hub.example/", "https://hub.example/"),
        ("/hub", "https://outlet.example/hub"),
        ("http://127.0.0.1/", None),
        ("https://169.254.169.254/", None),
        ("https://localhost/", None),
        ("http://10.0.0.7/hub", "http://10.0.0.7/hub"),
        ("https://hub.example:22/", None),
        ("ftp://hub.example/", None),
        ("https://hub.example/" + "x" * 3_000, None),
    ],
)
def test_which_hub_is_asked(hub: str, asked: str | None) -> None:
    assert hubs.named(feed(("hub", hub)), {}, URL, ["10.0.0.7"]).hub == asked


def test_the_header_goes_before_the_document_and_the_feeds_own_address_is_the_topic() -> None:
    document = feed(("hub", "https://hub.example/"), ("self", TOPIC))
    assert hubs.named(document, {}, URL) == hubs.Named("https://hub.example/", TOPIC)
    header = {"link": '<https://other.example/>; rel="hub", <https://outlet.example/x>; rel="self"'}
    assert hubs.named(document, header, URL) == hubs.Named("https://other.example/", "https://outlet.example/x")
    assert hubs.named(feed(), {}, URL) == hubs.Named(None, URL)


QUESTION = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "abc", "hub.lease_seconds": "864000"}


def test_a_question_that_was_meant_is_echoed() -> None:
    verdict = hubs.verdict(NOW, TOPIC, QUESTION, NOW)
    assert verdict.echo == "abc"
    assert (verdict.until, verdict.next_at) == (NOW + timedelta(days=10), NOW + timedelta(days=8))


@pytest.mark.parametrize(
    ("changed", "asked_at"),
    [
        ({"hub.topic": URL}, NOW),
        ({"hub.mode": "unsubscribe"}, NOW),
        ({"hub.mode": ""}, NOW),
        ({"hub.challenge": ""}, NOW),
        ({"hub.challenge": "x" * 3_000}, NOW),
        ({"hub.challenge": "a\nb"}, NOW),
        ({}, None),
        ({}, NOW - timedelta(days=2)),
        ({"hub.mode": "denied"}, NOW - timedelta(days=2)),
    ],
)
def test_a_question_that_nobody_waits_for_is_none(changed: dict[str, str], asked_at: datetime | None) -> None:
    assert hubs.verdict(asked_at, TOPIC, QUESTION | changed, NOW) == hubs.Verdict()


@pytest.mark.parametrize(
    ("given", "days"), [("0", 1 / 24), ("-5", 10), ("", 10), ("9" * 30, 30), ("soon", 10), ("86400", 1), ("²", 10)]
)
def test_leases_have_bounds(given: str, days: float) -> None:
    verdict = hubs.verdict(NOW, TOPIC, QUESTION | {"hub.lease_seconds": given}, NOW)
    assert verdict.until == NOW + timedelta(days=days)


def test_a_hub_may_refuse() -> None:
    query = {"hub.mode": "denied", "hub.topic": TOPIC, "hub.reason": "too\nmany"}
    assert hubs.verdict(NOW, TOPIC, query, NOW).refused == "too many"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512", "SHA256"])
def test_a_signature_of_ours_counts(method: str) -> None:
    digest = hmac.new(b"secret", b"body", getattr(hashlib, method.lower())).hexdigest()
    assert hubs.is_signed("secret", f"{method}={digest}", b"body")
    assert hubs.is_signed("secret", f" {method}={digest.upper()} ", b"body")
    assert not hubs.is_signed("secret", f"{method}={digest}", b"body ")
    assert not hubs.is_signed("other", f"{method}={digest}", b"body")


@pytest.mark.parametrize("header", [None, "", "sha256", "sha256=", "md5=x", "sha256=é", "new=x", "=" * 100_000])
def test_what_is_no_signature_does_not(header: str | None) -> None:
    assert not hubs.is_signed("secret", header, b"body")
