"""Hostile outlets by what they do on the wire: statuses, transports, codings, redirects, robots.txt."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Iterator

import brotli
import zstandard

from tests.support.hostile import Kind, answer, rss
from tests.support.hostile_makers import answers, coded, of, raw, redirect, sound, whole


def statuses() -> Iterator[Kind]:
    for status in (400, 401, 402, 403, 404, 405, 406, 410, 418, 429, 451, 500, 501, 502, 503, 504, 520):
        yield of("/feed", f"http-{status}")(f"status {status}", answers(status))
    for status in (403, 404, 410, 500, 503):
        yield of("/page", f"http-{status}")(f"page status {status}", answers(status))
    never = of("/feed", "http-300", "http-301", "http-304", "not-modified", "empty-body", "protocol")
    for line in ("300 Multiple Choices", "301 Moved", "304 Not Modified", "204 No Content"):
        yield never(f"status {line} out of place", raw(f"HTTP/1.1 {line}\r\nConnection: close\r\n\r\n".encode()))
    yield of("/feed", "ok")("status 206 unasked", lambda kind: answer(rss(kind), status="206 Partial Content"))


def transports() -> Iterator[Kind]:
    broken = of("/feed", "protocol", "disconnected")
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
    yield broken("no answer", raw())
    yield broken("no HTTP", raw(b"SSH-2.0-OpenSSH_9.6\r\n"))
    yield broken("random bytes", raw(random.Random(1).randbytes(20_000)))
    yield broken("HTTP/0.9", raw(b"<rss version='2.0'></rss>"))
    yield broken("HTTP/2 preface", raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
    yield broken("TLS on a plain port", raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"))
    yield broken("status of five digits", raw(b"HTTP/1.1 20000 OK\r\n\r\n"))
    yield broken("negative status", raw(b"HTTP/1.1 -200 OK\r\n\r\n"))
    yield broken("head cut off", raw(b"HTTP/1.1 200 OK\r\nContent-Ty"))
    yield broken("body cut off", raw(head + b"Content-Length: 5000\r\n\r\n<rss>"))
    # One header line that is none is passed over, as browsers do; what follows here is no body.
    passed = of("/feed", "empty-body")
    yield passed("negative length", raw(head + b"Content-Length: -1\r\n\r\n"))
    yield passed("length in words", raw(head + b"Content-Length: many\r\n\r\n"))
    yield broken("two lengths", raw(head + b"Content-Length: 5\r\nContent-Length: 500\r\n\r\n<rss>"))
    yield passed("NUL in a header", raw(head + b"X-A: a\0b\r\n\r\n"))
    yield broken("endless header", raw(head + b"X-A: " + b"a" * 500_000 + b"\r\n\r\n"))
    yield broken("thousands of headers", raw(head + b"X-A: a\r\n" * 50_000 + b"\r\n"))
    yield broken("chunk of no size", raw(head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n<rss>\r\n0\r\n\r\n"))
    yield broken("chunk of endless size", raw(head + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n<rss>"))
    yield broken("chunks cut off", raw(head + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n"))
    yield broken("unknown transfer", raw(head + b"Transfer-Encoding: rot13\r\n\r\n<rss>"))
    yield broken("endless informational", raw(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 2_000))
    late = of("/feed", "timeout-read", "timeout-total")
    yield late("silent", raw(9.0))
    yield late("silent after the head", raw(head + b"Content-Length: 5000\r\n\r\n", 9.0))
    slowly: list[bytes | float] = []
    for letter in head[:30]:
        slowly += [bytes([letter]), 0.3]
    yield late("head by the letter", raw(*slowly))
    yield late("body by the letter", raw(head + b"\r\n", *slowly))
    large = of("/feed", "too-large")
    yield large("announced to be large", raw(head + b"Content-Length: 99999999999\r\n\r\n<rss>", 0.1))
    yield large("endless", raw(head + b"\r\n", *[b" " * 100_000] * 100))
    yield large(
        "endless chunks",
        raw(head + b"Transfer-Encoding: chunked\r\n\r\n", *[b"186a0\r\n" + b" " * 100_000 + b"\r\n"] * 100),
    )
    odd = of("/feed", "ok")
    for name, more in (
        ("Etag of 50 KB", f'ETag: "{"e" * 50_000}"\r\n'),
        ("Etag in Latin-1", 'ETag: "\xe9\x80\xff"\r\n'),
        ("dates that are none", "Last-Modified: \xff\r\nDate: 0\r\nExpires: never\r\nAge: -9\r\n"),
        ("times without end", f"Cache-Control: max-age={'9' * 400}\r\nRetry-After: {'9' * 400}\r\nExpires: 9999\r\n"),
        ("thousands of cookies", "Set-Cookie: a=b\r\n" * 3_000),
        ("a link of 50 KB", f"Link: <{'a' * 50_000}>; rel=hub\r\n"),
        ("a location without a redirect", "Location: http://127.0.0.1:1/\r\n"),
    ):
        yield odd(name, sound("application/rss+xml", more))
    for charset in (
        "utf-8\0",
        "x" * 5_000,
        "utf-7",
        "idna",
        "undefined",
        "base64",
        "\xff",
        "../../etc/passwd",
        "utf_32",
    ):
        yield of("/feed", "ok", "protocol")(f"charset {charset[:20]!r}", sound(f"application/xml; charset={charset}"))
    nameless = sound("application/rss+xml", ": nothing\r\n")
    yield of("/feed", "protocol", "ok")("a header without a name", nameless)
    yield of("/feed", "empty-body")(
        "length of a thousand digits", raw(head + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n")
    )


def codings() -> Iterator[Kind]:
    zeros = b" " * 20_000_000
    large, bad = of("/feed", "too-large"), of("/feed", "bad-encoding", "not-a-feed")
    yield large("gzip bomb", coded(lambda: gzip.compress(zeros), "gzip"))
    yield large("deflate bomb", coded(lambda: zlib.compress(zeros), "deflate"))
    yield large("brotli bomb", coded(lambda: bytes(brotli.compress(zeros, quality=3)), "br"))
    yield large("zstandard bomb", coded(lambda: zstandard.compress(zeros), "zstd"))
    yield large("gzip of a gzip bomb", coded(lambda: gzip.compress(gzip.compress(zeros)), "gzip, gzip"))
    for coding in ("gzip", "deflate", "br", "zstd"):
        yield bad(f"{coding} that is none", coded(lambda: b"\x1f\x8b<rss version='2.0'></rss>", coding))
    yield bad("gzip cut off", coded(lambda: gzip.compress(random.Random(2).randbytes(5_000))[:900], "gzip"))
    yield bad("gzip head alone", coded(lambda: gzip.compress(b"")[:10], "gzip"))
    yield of("/feed", "bad-encoding", "not-a-feed")(
        "encoded a hundred times", coded(lambda: b"x", ", ".join(["gzip"] * 100))
    )
    yield of("/feed", "ok", "bad-encoding")(
        "unknown coding", lambda kind: answer(rss(kind), more="Content-Encoding: rot13\r\n")
    )


def redirects() -> Iterator[Kind]:
    for target, outcome in (
        ("http://127.0.0.1:99999/", "bad-port"), ("HERE-1/", "bad-port bad-url"), ("http://127.0.0.1:-1/", "bad-port"),
        ("http://127.0.0.1:0/", "bad-port"), ("http://outlet.example:22/", "bad-port"),
        ("http://127.0.0.1/", "private-address"), ("http://127.0.0.1:5432/", "bad-port private-address"),
        ("http://10.0.0.1/", "private-address"), ("http://169.254.169.254/latest/", "private-address"),
        ("http://[::1]/", "private-address"), ("http://[::ffff:10.0.0.1]/", "private-address"),
        ("http://0x7f.1/", "private-address"), ("http://2130706433/", "private-address"),
        ("http://localhost/", "private-address"),
        ("file:///etc/passwd", "bad-scheme"), ("gopher://outlet.example/", "bad-scheme"),
        ("javascript:alert(1)", "bad-scheme"),
        ("data:text/xml,<rss/>", "bad-scheme"), ("http://user:pass@outlet.example/", "bad-url"),
        ("http://", "too-many-redirects"),
        ("http://[oops/", "bad-url"), ("http://xn--a/", "bad-url"), ("//" + "a." * 200 + "example/", "bad-url"),
        ("/" + "a" * 70_000, "bad-url"), ("\x01/feed", "too-many-redirects"), ("HERE/feed", "too-many-redirects"),
        ("", "http-302 too-many-redirects"),
        ("?", "too-many-redirects"), ("feed", "too-many-redirects"),
        ("\\\\evil.example\\", "bad-url http-404 dns private-address"),
        ("/%00", "http-404 bad-url"), ("/r?" + "b" * 9_000, "http-404"), ("/\u202e", "http-404"),
    ):  # fmt: skip
        yield of("/feed", *outcome.split())(f"redirect to {target[:30]!r}", redirect(target))
    yield of("/feed", "http-404", "bad-url")("redirect in Latin-1", redirect(b"/\xe9\xff"))
    yield of("/feed", "http-404", "bad-url")("redirect that splits", redirect(b"/x\r\nSet-Cookie: a=b"))
    yield of("/feed", "http-404")("redirect with NUL", redirect(b"/x\0y"))
    around = {f"/r{n}": redirect(f"/r{n + 1}") for n in range(12)}
    yield Kind("redirects without end", {"/feed": redirect("/r0"), **around}, frozenset({"too-many-redirects"}))
    turned = {"/feed": redirect("/b"), "/b": redirect("/feed")}
    yield Kind("redirects in a circle", turned, frozenset({"too-many-redirects"}))
    yield Kind(
        "moved for good to itself", {"/feed": redirect("HERE/feed", "301 Moved")}, frozenset({"too-many-redirects"})
    )
    for target, outcome in (
        ("http://127.0.0.1:99999/", "bad-port"),
        ("http://169.254.169.254/", "private-address"),
        ("/page", "too-many-redirects"),
    ):
        yield of("/page", outcome)(f"page redirects to {target}", redirect(target))


def robots() -> Iterator[Kind]:
    served = of("/robots.txt", "ok")
    many = "".join(f"User-agent: r{n}\n" for n in range(9_000)) + "".join(f"Disallow: /{n}\n" for n in range(9_000))
    for name, text in (
        ("NUL", "User-agent: *\0\nDisallow: /x\0y\n"), ("binary", random.Random(3).randbytes(3_000).decode("latin-1")),
        ("many robots and rules", many), ("a line of 400 KB", "User-agent: *\nDisallow: /" + "a" * 400_000),
        ("wildcards", "User-agent: *\nDisallow: /" + "*a" * 2_000 + "$\n"), ("HTML", "<html>none</html>"),
        ("odd delays", "User-agent: *\nCrawl-delay: nan\nCrawl-delay: -5\nRequest-rate: 1/0\nRequest-rate: 0/9\n"),
        ("surrogates", "User-agent: *\nDisallow: /\ud800\n"),
        ("escapes", "User-agent: *\nDisallow: /%\nDisallow: /%zz\nDisallow: /%ff%fe\n"),
        ("sitemaps", "Sitemap: http://[\nSitemap: \nSitemap: " + "a" * 9_000 + "\n"),
    ):  # fmt: skip
        yield served(f"robots of {name}", whole(text, "text/plain"))
    yield of("/robots.txt", "robots")("robots forbid all", lambda _: answer("User-agent: *\nDisallow: /", "text/plain"))
    for status in (429, 500, 503):
        yield of("/robots.txt", "robots")(f"robots answer {status}", answers(status))
    yield of("/robots.txt", "robots", "ok")("robots of megabytes", whole("# no\n" * 500_000, "text/plain"))
    yield of("/robots.txt", "robots", "protocol", "disconnected")("robots of no HTTP", raw(b"\x00\x01\x02"))
    yield of("/robots.txt", "disconnected", "robots")("robots without an answer", raw())
    yield of("/robots.txt", "timeout-read", "timeout-total")("robots that say nothing", raw(9.0))
    yield of("/robots.txt", "robots", "ok")("robots as a bomb", coded(lambda: gzip.compress(b"#" * 20_000_000), "gzip"))
    yield of("/robots.txt", "ok", "too-many-redirects")("robots in a circle", redirect("/robots.txt"))
    yield of("/robots.txt", "bad-port", "ok")("robots at a port that is none", redirect("http://127.0.0.1:99999/"))
    yield of("/robots.txt", "private-address", "ok")("robots within", redirect("http://169.254.169.254/"))
