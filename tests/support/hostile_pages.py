"""Hostile outlets by their pages: what JSON-LD, markup, heads and bodies may hold."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from functools import partial

from tests.support.hostile import Kind, answer, page
from tests.support.hostile_makers import html, ld, of, raw, whole, with_body, with_head


def pages() -> Iterator[Kind]:
    sound = of("/page", "ok")
    for name, text in (
        ("half a surrogate pair", "\ud800"),
        ("NUL", "\0"),
        ("reversed text", "\u202ea"),
        ("a tower", "e" + "\u0301" * 5_000),
        ("1 MB", "n" * 1_000_000),
    ):
        for key, value in (
            ("articleSection", f"World {text}"), ("author", [{"@type": "Person", "name": f"Ana {text} Lima"}]),
            ("publisher", {"name": f"Courier {text}"}),
            ("image", f"http://a.example/{text}.jpg"), ("headline", f"Putin and Kim sign {text}"),
            ("inLanguage", f"en{text}"), ("datePublished", f"2024-06-19T08:00:00Z{text}"),
        ):  # fmt: skip
            yield sound(f"{key} of {name}", ld(**{key: value}))
    yield sound(
        "JSON-LD of odd types",
        ld(author=[[[{"name": {"@value": ["x"]}}]]], image=[{"url": [None]}], publisher=7, headline=[[]]),
    )
    yield sound(
        "JSON-LD that is deep", html(lambda k: page(k, f'<script type="application/ld+json">{"[" * 100_000}</script>'))
    )
    yield sound(
        "JSON-LD of digits",
        html(lambda k: page(k, f'<script type="application/ld+json">{{"a": {"9" * 100_000}}}</script>')),
    )
    yield sound("authors by the thousand", ld(author=[{"name": f"Ana{n} Lima"} for n in range(9_000)]))
    any_ = of(
        "/page", "ok", "no-text", "extract-failed", "timeout-extract", "too-large-extract", "not-html", "script-only"
    )
    for name, body in (
        ("divisions", "<div>" * 20_000), ("attributes", "<p " + " ".join(f"a{n}=b" for n in range(12_000)) + ">"),
        ("tables", "<table><tr><td>" * 4_000),
        ("lists", "<ul><li>" * 6_000), ("one paragraph", f"<p>{'talks ' * 30_000}</p>"),
        ("times", "<time datetime='2024-06-19'>x</time>" * 4_000),
        ("headings", "<h1>Talks</h1>" * 6_000), ("links", "<a href='http://a.example/'>x</a>" * 5_000),
        ("anchors", "<a>" * 20_000), ("bold", "<b>" * 20_000),
        ("comments", "<!--" * 20_000), ("CDATA", "<![CDATA[" * 12_000),
        ("references", "&#0;&#xD800;&#x110000;" * 6_000), ("ampersands", "&" * 100_000),
        ("brackets", "<" * 100_000), ("bylines", "<p class='byline'>By Ana Lima</p>" * 4_000),
        ("marked authors", "<span itemprop='author'>Ana</span>" * 4_000),
        ("a word", f"<p>{''.join(random.Random(8).choices('abcdefgh', k=2_900))}</p>"),
        ("dotted letters", f"<p>{'a.' * 20_000}ab</p>"), ("breaks", "<br>" * 40_000),
        ("dates", "<p>19 June 2024</p>" * 6_000), ("forms", "<form>" * 16_000), ("scripts", "<script>" * 16_000),
        ("pictures", "<img src='a' alt='b'>" * 8_000),
    ):  # fmt: skip
        yield any_(f"page of {name}", html(partial(with_body, body)))
    for name, head in (
        ("meta tags", "<meta property='og:title' content='Talks'>" * 4_000),
        ("canonical of 1 MB", f"<link rel=canonical href='/{'a' * 1_000_000}'>"),
        ("canonical with NUL", "<link rel=canonical href='/a&#0;b'>"),
        ("canonical at a port", "<link rel=canonical href='http://a.example:99999/'>"),
        ("canonical within", "<link rel=canonical href='http://127.0.0.1/'>"),
        ("odd base", "<base href='http://[::1'>"),
        ("refresh", "<meta http-equiv=refresh content='0;url=http://127.0.0.1/'>"),
        ("charset that is none", "<meta charset='\u202e'>"),
    ):  # fmt: skip
        yield any_(f"page with {name}", html(partial(with_head, head)))
    yield sound("heading of 1 MB", html(lambda k: page(k, heading=f"Putin and Kim Jong Un {'talk ' * 100_000}")))
    yield sound(
        "heading of a tower", html(lambda k: page(k, heading=f"Putin and Kim Jong Un sign e{chr(0x301) * 9_000}"))
    )
    for name, sent, outcome in (
        ("nothing", b"", "empty-body"), ("PDF", b"%PDF-1.7", "not-html"),
        ("PNG", b"\x89PNG\r\n\x1a\n" + bytes(900), "not-html"), ("NULs", b"\0" * 9_000, "not-html empty-body no-text"),
        ("random bytes", random.Random(9).randbytes(90_000), "not-html no-text extract-failed"),
        ("a frame", b"<html><frameset><frame src=a></frameset></html>", "no-text script-only not-html"),
        ("a script alone", b"<body><div id=root></div><script src=a.js></script></body>", "script-only no-text"),
        ("XML bomb", b"<!DOCTYPE a [<!ENTITY a 'x'><!ENTITY b '&a;&a;'>]><a>&b;</a>", "no-text not-html"),
        ("JSON", b'{"a": 1}', "not-html no-text"),
    ):  # fmt: skip
        yield of("/page", *outcome.split())(f"page of only {name}", whole(sent))
    yield of("/page", "too-large")(
        "page as a bomb", lambda _: answer(gzip.compress(b" " * 20_000_000), more="Content-Encoding: gzip\r\n")
    )
    yield of("/page", "timeout-read", "timeout-total")("page that says nothing", raw(9.0))
    yield of("/page", "disconnected", "protocol")("page without an answer", raw())
