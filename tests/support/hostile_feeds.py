"""Hostile outlets by their feeds: documents that are none or exhaust a reader, and entries that no row can hold."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial

from tests.support.hostile import Kind
from tests.support.hostile_makers import (
    inside,
    item,
    json_feed,
    linked,
    many,
    named,
    of,
    titled,
    told,
    with_values,
    xml,
)


def documents() -> Iterator[Kind]:
    for name, body, outcome in (
        ("nothing", b"", "empty-body"), ("white space", b" \n\t" * 500, "empty-body"),
        ("a byte order mark", b"\xef\xbb\xbf", "empty-body"),
        ("NULs", b"\0" * 5_000, "empty-body"), ("HTML", b"<!doctype html><title>x</title>", "html-page"),
        ("titles", b"<html>" + b"<title>" * 60_000, "html-page"), ("prose", b"No feed here.", "not-a-feed"),
        ("PNG", b"\x89PNG\r\n\x1a\n" + bytes(5_000), "not-a-feed"), ("PDF", b"%PDF-1.7\n%\xe2\xe3", "not-a-feed"),
        ("ZIP", b"PK\x03\x04" + bytes(200), "not-a-feed"), ("JSON", b'{"a": 1}', "not-a-feed"),
        ("deep JSON", b"[" * 500_000, "too-complex not-a-feed"),
        ("broken JSON", b'{"version": "https://jsonfeed.org/version/1", "items": [', "not-a-feed"),
        ("a number of 100,000 digits", b'{"items": [{"id": ' + b"9" * 100_000 + b"}]}", "not-a-feed"),
        ("NaN", b'{"version": "https://jsonfeed.org/version/1", "items": [{"id": NaN, "title": Infinity}]}', "ok"),
        ("a sitemap index", b"<sitemapindex><sitemap><loc>https://a.example/</loc></sitemap>", "sitemap-index"),
        ("OPML", b"<opml><body/></opml>", "not-a-feed"),
        ("random", random.Random(4).randbytes(50_000), "not-a-feed malformed too-complex"),
        ("document types", b"<!DOCTYPE a [" + b"[a]" * 6_000 + b"<rss>", "not-a-feed html-page empty ok malformed"),
        ("document types again", b"<!DOCTYPE a>" * 1_500 + b"x<rss version='2.0'/>", "not-a-feed ok empty malformed"),
        ("half a feed", b"<rss version='2.0'><channel><title>a</title><item><title>b", "ok"),
        ("UTF-16 without a mark", "<rss version='2.0'><item><title>a</title></item></rss>".encode("utf-16-le"), "ok"),
        ("UTF-16 of odd length", b"\xff\xfe<\0r", "not-a-feed malformed"),
        ("EBCDIC", "<?xml version='1.0'?><rss/>".encode("cp037"), "not-a-feed malformed empty"),
        ("a feed of no entries", b"<rss version='2.0'><channel><title>a</title></channel></rss>", "empty ok"),
    ):  # fmt: skip
        yield of("/feed", *outcome.split())(f"feed of {name}", xml(body))
    entity = '<!DOCTYPE rss [{}]><rss version="2.0"><channel><item><title>Talks &x;</title></item></channel></rss>'
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    for name, declared in (
        ("a bomb", f'<!ENTITY l0 "lol">{lol}<!ENTITY x "&l9;">'), ("a file", '<!ENTITY x SYSTEM "file:///etc/passwd">'),
        ("an address", '<!ENTITY x SYSTEM "http://169.254.169.254/">'), ("itself", '<!ENTITY x "&x;">'),
        ("a parameter", '<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;<!ENTITY x "y">'),
        ("900 KB", f'<!ENTITY x "{"x" * 900_000}">'),
    ):  # fmt: skip
        yield of("/feed", "ok", "too-complex", "malformed")(f"entity of {name}", xml(entity.format(declared)))
    blown = of("/feed", "too-complex", "timeout-parse", "ok", "malformed", "too-large-parse")
    for name, piece in (
        ("CDATA", "<![CDATA["), ("comments", "<!--"), ("hidden CDATA", "<!--<![CDATA[-->"), ("instructions", "<?x "),
        ("tags", "<b>"),
        ("brackets", "<"), ("ampersands", "&"), ("quotes", "<b a='x "), ("closing tags", "</b>"),
        ("authors", "<author"),
        ("keywords", "<keywords "), ("skipped hours", "<skipHours"), ("declarations", "<!ENTITY a 'b'>"),
        ("namespaces", "<a xmlns:b='c'>"),
        ("images", "&lt;img src="), ("links", " href='"), ("items", "<item>"), ("mail", "<author>a@a@"),
    ):  # fmt: skip
        yield blown(f"300 KB of {name}", inside(partial(many, piece)))
    for name, text in (
        ("attributes", lambda: "<b " + " ".join(f"a{n}='x'" for n in range(30_000)) + "/>"),
        ("bare attributes", lambda: "<b " + "a=x " * 60_000 + "/>"),
        ("nesting", lambda: "<a>" * 30_000 + "</a>" * 30_000),
        ("nested markup", lambda: f"<description>{'&lt;div&gt;' * 20_000}</description>"),
        ("categories", lambda: "".join(f"<category>{n}</category>" for n in range(30_000))),
        ("spaces", lambda: f"<title>{' ' * 900_000}x</title>"),
        ("references", lambda: f"<title>{'&#xD800;&#0;&#x110000;' * 30_000}</title>"),
    ):  # fmt: skip
        yield blown(f"a feed of {name}", inside(text))


def entries() -> Iterator[Kind]:
    """Feeds that are read, whose entries hold what no row, index, page or terminal takes."""
    read = of("/feed", "ok")
    for name, text in (
        ("half a surrogate pair", "\ud800"), ("NUL", "\0"), ("escapes", "\x1b[31m\x9b0m"),
        ("reversed text", "\u202egnp.exe"),
        ("isolates", "\u2067a\u2068"), ("a tower", "e" + "\u0301" * 5_000), ("separators", "a\u2028b\u2029c\x85"),
        ("no characters", "\ufffe\uffff\ufdd0"),
        ("1.5 MB", "long " * 300_000),
        ("a word of 2,900 letters", "".join(random.Random(5).choices("abcdefghijklmnop", k=2_900))),
        ("a script", "<script>alert(1)</script>"), ("Markdown", "[a](javascript:alert(1)) # b `c` | ![d](e)"),
        ("an address", "https://evil.example/x www.evil.example a@evil.example"),
        ("dotted letters", "a." * 100_000 + "ab"), ("digits", "1,000" * 100_000), ("quotes", "'\"" * 50_000),
        ("apostrophes", "a'" * 100_000),
    ):  # fmt: skip
        yield read(f"title of {name}", json_feed(partial(titled, text)))
        yield read(f"text of {name}", json_feed(partial(told, text)))
        yield read(f"feed named {name}", json_feed(partial(named, text), whole=True))
    for name, values in (
        ("authors", {"authors": [{"name": f"A\ud800uthor\0 {n}" + "x" * 300} for n in range(3_000)]}),
        ("tags", {"tags": ["\u202e" + "t" * 3_000] * 300}),
        ("language", {"language": "x" * 3_000}), ("language of two parts", {"language": "en-" + "y" * 3_000}),
        ("id", {"id": "".join(random.Random(6).choices("abcdefgh", k=1_000_000))}),
        ("image", {"image": "data:image/png;base64," + "A" * 900_000}), ("date", {"date_published": "9" * 100_000}),
        ("old date", {"date_published": "0000-00-00T00:00:00Z"}),
        ("late date", {"date_published": "9999-12-31T23:59:59-14:00"}),
        ("objects", {"title": {"a": ["b"]}, "content_text": [1], "authors": "x", "tags": 7}),
        ("nothing", {"id": None, "url": None, "title": None, "content_text": None}),
    ):  # fmt: skip
        yield read(f"entry with odd {name}", json_feed(partial(with_values, values)))
    for name, link, outcome in (
        ("of 1 MB", "HERE/" + "a" * 1_000_000, None), ("with NUL", "HERE/\0page", None),
        ("with half a pair", "HERE/\ud800", None),
        ("to a script", "javascript:alert(1)", None), ("to a file", "file:///etc/passwd", None),
        ("of 300 labels", f"http://{'a.' * 300}example/", None),
        ("to port 99999", "http://127.0.0.1:99999/x", "bad-port"),
        ("within", "http://169.254.169.254/latest", "private-address"),
        ("of 2,600 letters", "HERE/" + "".join(random.Random(7).choices("abcdefgh", k=2_600)), None),
    ):  # fmt: skip
        serves = json_feed(partial(linked, link))
        yield Kind(f"link {name}", {"/feed": serves}, page=frozenset({outcome}) if outcome else None)
    yield read(
        "one id three hundred times",
        item(
            lambda k: (
                "".join(f"<title>{n}</title></item><item><guid>1</guid>" for n in range(1_000))
                + f"<link>{k.url}/page</link>"
            )
        ),
    )
    yield read(
        "three hundred entries",
        item(lambda k: "</item><item>".join(f"<guid>{n}</guid><title>t {n}</title>" for n in range(300))),
    )
