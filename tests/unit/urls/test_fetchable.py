"""What may be fetched: before DNS by the address, after it by the number."""

from __future__ import annotations

import pytest

from pipeline.urls.fetchable import is_public_address, safe_to_fetch


@pytest.mark.parametrize(
    "ip",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "168.63.129.16",
        "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1",
        "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::1", "2002:a00:1::", "2001:0:7f00:1::1", "fc00::1",
        "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001:db8::1", "3fff::1", "100::1", "5f00::1",
        "not an address", "", "127.1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(ip: str) -> None:
    assert not is_public_address(ip)


@pytest.mark.parametrize(
    "ip",
    ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::1", "64:ff9b::808:808"],
)
def test_addresses_that_are_public(ip: str) -> None:
    assert is_public_address(ip)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://outlet.example/x", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://outlet.example/", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("https://user@outlet.example/", "userinfo"),
        ("https://user:pass@outlet.example/", "userinfo"),
        ("https://outlet.example@evil.example/", "userinfo"),
        ("https:///x", "no-host"),
        ("https://outlet.example:22/", "port"),
        ("https://outlet.example:6379/", "port"),
        ("https://outlet.example:99999/", "malformed"),
        ("https://outlet.example:x/", "malformed"),
        ("https://outlet.example/a b", "malformed"),
        ("https://outlet.example/a\r\nHost: x", "malformed"),
        ("https://outlet.example\\@evil.example/", "malformed"),
        ("https://out%6cet.example/", "malformed"),
        ("https://localhost/", "local-name"),
        ("https://LOCALHOST./", "local-name"),
        ("https://x.localhost/", "local-name"),
        ("https://printer.local/", "local-name"),
        ("https://metadata.google.internal/", "local-name"),
        ("https://intranet/", "local-name"),
        ("http://127.0.0.1/", "private-address"),
        ("http://2130706433/", "private-address"),
        ("http://0x7f.1/", "private-address"),
        ("http://0177.0.0.1/", "private-address"),
        ("http://127.1/", "private-address"),
        ("http://169.254.169.254/latest/meta-data/", "private-address"),
        ("http://[::1]/", "private-address"),
        ("http://[::ffff:169.254.169.254]/", "private-address"),
        ("http://[fe80::1%25eth0]/", "private-address"),
        ("http://①②⑦.⓪.⓪.①/", "malformed"),
        ("http://127。0。0。1/", "malformed"),
        ("http://999.1.1.1/", "malformed"),
        ("https://outlet.example/" + "a" * 9000, "too-long"),
        ("https://" + "a." * 200 + "example/", "malformed"),
        ("https://outlet.example/", None),
        ("https://outlet.example:8443/x?y#z", None),
        ("http://8.8.8.8/feed", None),
        ("https://bücher.example/", None),
        ("https://a_b.outlet.example/", None),
    ],
)
def test_safe_to_fetch(url: str, reason: str | None) -> None:
    assert safe_to_fetch(url) == reason


def test_allowed_hosts_are_exempt_by_name_only() -> None:
    allowed = frozenset({"127.0.0.1", "intranet"})
    assert safe_to_fetch("http://127.0.0.1:43211/feed", allow_hosts=allowed) is None
    assert safe_to_fetch("http://intranet/feed", allow_hosts=allowed) is None
    assert safe_to_fetch("http://127.0.0.2/feed", allow_hosts=allowed) == "private-address"
    assert safe_to_fetch("ftp://intranet/feed", allow_hosts=allowed) == "scheme"
    assert safe_to_fetch("http://user@intranet/feed", allow_hosts=allowed) == "userinfo"
