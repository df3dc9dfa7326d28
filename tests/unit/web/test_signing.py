"""Signatures that receivers of the Standard Webhooks specification take."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from pipeline.errors import ItemError
from pipeline.web import signing

SECRET = "whsec_" + base64.b64encode(b"a secret of the receiver, 32 byt").decode()
AT = datetime(2024, 6, 20, 12, 0, 0, 900_000, tzinfo=UTC)


def accepts(headers: dict[str, str], body: bytes, secret: bytes) -> bool:
    """A receiver by the text of the specification: base64 of HMAC-SHA256 over id, time and body with dots between."""
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
    given = [each.partition(",") for each in headers["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(mac, wanted) for version, _, mac in given)


def test_the_specifications_own_example() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    found = signing.headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}'
    )
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_takes_it_and_nothing_that_was_changed() -> None:
    found = signing.headers(SECRET, "key-1", AT, b"{}")
    secret = b"a secret of the receiver, 32 byt"
    assert found["webhook-timestamp"] == str(int(AT.timestamp()))
    assert accepts(found, b"{}", secret)
    assert not accepts(found, b"{ }", secret)
    assert not accepts(found | {"webhook-timestamp": "1"}, b"{}", secret)
    assert not accepts(found | {"webhook-id": "key-2"}, b"{}", secret)
    assert not accepts(found, b"{}", b"another")


def test_a_secret_without_the_prefix_stands_for_itself() -> None:
    assert accepts(signing.headers("plain words", "k", AT, b"x"), b"x", b"plain words")


def test_blanks_around_a_secret_are_none_of_it() -> None:
    assert signing.headers(f" {SECRET}\n", "k", AT, b"x") == signing.headers(SECRET, "k", AT, b"x")


@pytest.mark.parametrize("secret", ["whsec_%%%", "whsec_abc", "whsec_", "whsec_é", "whsec_…"])
def test_a_secret_that_is_none_says_so(secret: str) -> None:
    with pytest.raises(ItemError, match=r"bad-secret: .* base64"):
        signing.headers(secret, "k", AT, b"x")
