"""Feeds of every format against what they should give, and every kind of bad input against its one clear line."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import feeds
from pipeline.errors import ItemError
from pipeline.models import FeedEntry, ParsedFeed

NOW = datetime(2024, 6, 20, tzinfo=UTC)
URL = "https://served.example/feed"
FEEDS = Path(__file__).parent / "data" / "feeds"


def parse(body: bytes | str, content_type: str | None = None, url: str = URL) -> ParsedFeed:
    return feeds.parse(body.encode() if isinstance(body, str) else body, url, content_type, NOW)


def rss(items: str, channel: str = "", attributes: str = "") -> str:
    return f'<rss version="2.0" {attributes}><channel><title>T</title>{channel}{items}</channel></rss>'


def item(**fields: str) -> str:
    return "<item>" + "".join(f"<{name}>{value}</{name}>" for name, value in fields.items()) + "</item>"


def reason(body: bytes | str, content_type: str | None = None) -> str:
    with pytest.raises(ItemError) as caught:
        parse(body, content_type)
    assert caught.value.detail, "a refusal says what was found"
    assert "\n" not in str(caught.value)
    assert caught.value.url == URL
    return caught.value.reason


# --- what is good -------------------------------------------------------------------------------------------


def plain(feed: ParsedFeed) -> dict[str, Any]:
    head = {name: getattr(feed, name) for name in feed.__slots__ if name != "entries"}
    lines = [feeds.to_json(entry, "x") for entry in feed.entries]
    return {
        "feed": {
            k: sorted(v) if isinstance(v, frozenset) else list(v) if isinstance(v, tuple) else v
            for k, v in head.items()
        },
        "entries": [{k: v for k, v in line.items() if k != "feed" and v not in (None, [], "")} for line in lines],
    }


@pytest.mark.parametrize("name", ["outlet.rss", "outlet.atom", "outlet.rdf", "outlet.json", "outlet.sitemap"])
def test_each_format_gives_what_stands_beside_it(name: str) -> None:
    expected = json.loads((FEEDS / f"{name}.expected.json").read_text("utf-8"))
    assert plain(parse((FEEDS / name).read_bytes())) == expected


def test_a_line_of_parse_feed_is_json_with_times_and_the_feed_first() -> None:
    entry = parse(rss(item(title="A", link="https://a.example/1", pubDate="Wed, 19 Jun 2024 15:04:05 GMT"))).entries[0]
    line = feeds.to_json(entry, "file.xml")
    assert next(iter(line)) == "feed"
    assert json.loads(json.dumps(line))["published"] == "2024-06-19T15:04:05+00:00"
    assert set(line) == {"feed", *FeedEntry.__slots__, "published_precision"} - {"stated_precision"}


def test_a_feed_behind_another_host_resolves_against_its_site() -> None:
    body = rss(item(link="/world/1"), "<link>https://www.outlet.example/</link>")
    assert parse(body, url="https://feeds.other.example/x").entries[0].url == "https://www.outlet.example/world/1"
    assert parse(body, url="file.xml").entries[0].url == "https://www.outlet.example/world/1"
    assert parse(rss(item(link="/world/1"))).entries[0].url == "https://served.example/world/1"


@pytest.mark.parametrize(
    ("channel", "attribute", "value"),
    [
        ("<ttl>60</ttl>", "ttl", 3600.0),
        ("<ttl>99999999</ttl>", "ttl", 604_800.0),
        ("<ttl>soon</ttl>", "ttl", None),
        ("<skipHours><hour>0</hour><hour>23</hour><hour>99</hour></skipHours>", "skip_hours", frozenset({0, 23})),
        ("<skipHours>" + "".join(f"<hour>{h}</hour>" for h in range(24)) + "</skipHours>", "skip_hours", frozenset()),
        ("<skipDays><day>saturday</day></skipDays>", "skip_days", frozenset({"Saturday"})),
        ("<itunes:new-feed-url>https://new.served.example/feed</itunes:new-feed-url>", "new_url", "https://new.served.example/feed"),
        ("<itunes:new-feed-url>https://elsewhere.example/feed</itunes:new-feed-url>", "new_url", "https://elsewhere.example/feed"),
        ("<itunes:new-feed-url>http://served.example/feed</itunes:new-feed-url>", "new_url", "http://served.example/feed"),
        ("<itunes:new-feed-url>https://served.example/feed</itunes:new-feed-url>", "new_url", None),
        ("<itunes:new-feed-url>http://127.0.0.1/feed</itunes:new-feed-url>", "new_url", None),
    ],
)  # fmt: skip
def test_update_hints(channel: str, attribute: str, value: object) -> None:
    namespace = 'xmlns:itunes="http://www.itunes.com/DTDs/PodCast-1.0.dtd"'
    assert getattr(parse(rss("", channel, namespace)), attribute) == value


# --- what is bad --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty-body"),
        (b" \r\n\t", "empty-body"),
        (b"\xef\xbb\xbf", "empty-body"),
        ("<!DOCTYPE html><html><head><title>Not found</title></head><body>404</body></html>", "html-page"),
        ("<html><body><rss>no</rss></body></html>", "html-page"),
        ("just words, no markup at all", "not-a-feed"),
        ("<note><to>you</to></note>", "not-a-feed"),
        ('<opml version="2.0"><body/></opml>', "not-a-feed"),
        ("{}", "not-a-feed"),
        ('{"items": "none"}', "not-a-feed"),
        ("{broken", "not-a-feed"),
        ("[1, 2]", "not-a-feed"),
        ("[" * 100_000, "too-complex"),
        (b"%PDF-1.4 \x00\x01\x02\xff\xfe", "not-a-feed"),
        (bytes(range(256)) * 20, "not-a-feed"),
        ('<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>', "sitemap-index"),
    ],
)
def test_what_is_no_feed_says_so(body: bytes | str, code: str) -> None:
    assert reason(body) == code


def test_a_page_in_place_of_a_feed_is_named_by_its_title() -> None:
    with pytest.raises(ItemError, match="Service & more"):
        parse("<html><head><title>Service &amp; more</title></head></html>")


def test_a_feed_without_entries_is_a_feed() -> None:
    assert parse(rss("")).entries == ()


@pytest.mark.parametrize(
    "before",
    [
        "\n\n  ",
        "<br />\n<b>Warning</b>: something in /var/www/x.php on line 3<br />\n",
        "\ufeff\n",
        "<!-- cached -->\n",
    ],
)
def test_what_servers_print_before_a_feed_is_read_over(before: str) -> None:
    feed = parse(before + '<?xml version="1.0"?>' + rss(item(title="A")))
    assert [entry.title for entry in feed.entries] == ["A"]


def test_a_feed_cut_off_keeps_what_came() -> None:
    body = rss(item(title="A", link="https://a.example/1") + item(title="B", link="https://a.example/2"))
    feed = parse(body[: body.index("https://a.example/2") + 10])
    assert feed.entries[0].url == "https://a.example/1"
    assert "ill-formed" in feed.problems


def test_nothing_unstorable_passes() -> None:
    body = rss("<item><title>A\x00B\x08C&#0;&#x1F;&#xD800;</title><guid>i\x01d</guid></item>")
    document = json.dumps({"items": [{"id": "a\x00", "title": "\ud800x", "content_text": "y\u0000"}]})
    for feed in (parse(body), parse(document)):
        for entry in feed.entries:
            line = json.dumps(feeds.to_json(entry, "x"), ensure_ascii=False)
            line.encode("utf-8")
            assert "\\u0000" not in line
    assert parse(body).entries[0].title == "ABC"


# --- charsets -----------------------------------------------------------------------------------------------

HEADLINES = {
    "euc-kr": "평양에서 정상회담이 열렸다고 조선중앙통신이 보도했다",
    "windows-1251": "Президент прибыл в Пхеньян с государственным визитом",
    "koi8-r": "Президент прибыл в Пхеньян с государственным визитом",
    "shift_jis": "首脳会談が平壌で開かれたと報じられた",
    "gb18030": "两国领导人在平壤举行会谈并签署条约",
    "big5": "兩國領導人在平壤舉行會談並簽署條約",
    "iso-8859-1": "Le président est arrivé à Pyongyang",
    "utf-16": "평양 정상회담",
}


@pytest.mark.parametrize("encoding", HEADLINES)
def test_a_declared_charset_is_read(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + rss(item(title=HEADLINES[encoding]))
    assert parse(text.encode(encoding)).entries[0].title == HEADLINES[encoding]


@pytest.mark.parametrize("encoding", ["euc-kr", "windows-1251", "shift_jis", "gb18030", "utf-8"])
def test_a_wrong_charset_is_mended_and_said(encoding: str) -> None:
    headline = HEADLINES.get(encoding, HEADLINES["euc-kr"])
    declared = "iso-8859-1" if encoding == "utf-8" else "utf-8"
    text = f'<?xml version="1.0" encoding="{declared}"?>' + rss(
        item(title=headline, description=" ".join([headline] * 8))
    )
    feed = parse(text.encode(encoding))
    assert feed.entries[0].title == headline
    assert "charset-mended" in feed.problems


def test_a_servers_default_charset_does_not_beat_the_document() -> None:
    text = '<?xml version="1.0" encoding="windows-1251"?>' + rss(item(title=HEADLINES["windows-1251"]))
    feed = parse(text.encode("windows-1251"), "text/xml; charset=ISO-8859-1")
    assert feed.entries[0].title == HEADLINES["windows-1251"]


def test_a_few_broken_bytes_do_not_cost_the_whole_feed_its_charset() -> None:
    body = rss(item(title=HEADLINES["euc-kr"], description=HEADLINES["euc-kr"] * 9)).encode()
    broken = body.replace("정상".encode(), "정상".encode()[:-1], 1)
    feed = parse(broken)
    assert "열렸다고" in feed.entries[0].title
    assert "charset-mended" in feed.problems


# --- identity -----------------------------------------------------------------------------------------------


def keys(*items: str) -> list[str]:
    return [entry.key for entry in parse(rss("".join(items))).entries]


def test_identity_is_the_id_then_the_address_then_a_hash() -> None:
    assert keys(item(guid="g", link="https://a.example/1?utm_source=x")) == ["g"]
    assert keys(item(link="https://a.example/1?utm_source=x", title="A")) == ["https://a.example/1"]
    hashed = keys(item(title="A", description="B"))[0]
    assert hashed.startswith("hash:")
    assert hashed != keys(item(title="A", description="C"))[0]


def test_changed_dates_and_places_keep_the_identity() -> None:
    first = item(title="A", description="B", pubDate="Wed, 19 Jun 2024 15:04:05 GMT")
    later = item(title="A", description="B", pubDate="Thu, 20 Jun 2024 15:04:05 GMT")
    assert keys(first) == keys(later) == keys(item(title="Other"), later)[1:]


def test_one_id_on_different_links_is_different_articles() -> None:
    one, two, three = (item(guid="same", link=f"https://a.example/{n}", title=f"T{n}") for n in (1, 2, 3))
    feed = parse(rss(one + two))
    assert [e.title for e in feed.entries] == ["T1", "T2"]
    assert all("duplicate-id" in e.problems for e in feed.entries)
    earlier, later = keys(one, two), keys(three, one, two)
    assert len(set(later)) == 3
    assert later[1:] == earlier, "keys stay when a new item is put on top"


def test_one_id_and_one_link_with_different_words_are_both_kept() -> None:
    feed = parse(
        rss(
            item(guid="g", link="https://a.example/1", title="A")
            + item(guid="g", link="https://a.example/1", title="B")
        )
    )
    assert [e.title for e in feed.entries] == ["A", "B"]
    assert feed.entries[0].key == "g"
    assert feed.entries[1].key != "g"
    assert "duplicate-id" in feed.entries[1].problems


def test_an_item_listed_twice_word_for_word_is_one_entry() -> None:
    feed = parse(rss(item(guid="g", link="https://a.example/1", title="A") * 2))
    assert len(feed.entries) == 1
    assert feed.entries[0].key == "g"
    assert "repeated-entry" in feed.problems
    assert "duplicate-id" not in feed.entries[0].problems


def test_a_very_long_id_still_fits_an_index_and_stays_distinct() -> None:
    one, two = keys(item(guid="x" * 9000 + "1"), item(guid="x" * 9000 + "2"))
    assert one != two
    assert max(len(one), len(two)) <= 500


# --- hostile ------------------------------------------------------------------------------------------------


def test_external_entities_are_never_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    body = f'<!DOCTYPE r [<!ENTITY x SYSTEM "file://{secret}">]>' + rss("<item><title>a&x;b</title></item>")
    assert "hunter2" not in str(parse(body))


def test_a_body_that_names_a_file_is_not_opened(tmp_path: Path) -> None:
    target = tmp_path / "feed.xml"
    target.write_text(rss(item(title="from disk")))
    assert reason(str(target)) == "not-a-feed"


def bomb() -> str:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE r [<!ENTITY l0 "lol">{levels}]>' + rss("<item><title>&l9;</title></item>")


HOSTILE = {
    "nested entities": bomb(),
    "many entities": "<!DOCTYPE r [" + '<!ENTITY a "b">' * 100_000 + "]>" + rss(item(title="A")),
    "deep nesting": "<rss version='2.0'><channel>" + "<a>" * 100_000,
    "deep markup": rss("<item><description><![CDATA[" + "<b>" * 200_000 + "x]]></description></item>"),
    "many categories": rss("<item>" + "".join(f"<category>{n}</category>" for n in range(100_000)) + "</item>"),
    "many keywords": rss("<item><tags>" + ",".join(str(n) for n in range(100_000)) + "</tags></item>"),
    "long author": rss("<item><author>" + "a." * 400_000 + "</author></item>"),
    "many namespaces": rss("<a1:x/>" * 1000, attributes=" ".join(f'xmlns:a{n}="u{n}"' for n in range(5000))),
    "open brackets": rss("<item><title>" + "<" * 500_000),
    "open entities": rss("<item><title>" + "&#" * 500_000),
    "open comments": rss("<item><title>" + "<!--" * 200_000),
    "open declarations": rss("<item><title>" + "<!" * 300_000),
    "open attributes": rss("<item><title " + 'a="' * 300_000),
    "blank lines": "\n" * 3_000_000 + "x",
    "deep JSON": '{"items":' + "[" * 200_000,
    "deep sitemap": "<urlset>" + "<url>" * 100_000,
    "long date": rss("<item><pubDate>" + "1 Jan " * 200_000 + "</pubDate></item>"),
    "dates that are none": rss("".join(item(guid=str(n), pubDate=f"foo {n} bar 2024") for n in range(3_000))),
    "quotes": rss("<item><description>" + "&lt;a href=&quot;" * 100_000 + "</description></item>"),
    "huge reference": rss("<item><title>&#99999999999999999999;A</title></item>"),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.timeout(20)
def test_a_hostile_document_ends_soon_in_a_feed_or_a_refusal(name: str) -> None:
    try:
        feed = parse(HOSTILE[name])
    except ItemError as error:
        assert error.reason in ("too-complex", "malformed", "not-a-feed")
    else:
        assert sum(len(entry.text) + len(entry.title) for entry in feed.entries) < 5_000_000


def test_scripts_and_handlers_never_reach_the_text() -> None:
    markup = "&lt;p onclick='x()'&gt;Words&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;style&gt;p{}&lt;/style&gt;"
    entry = parse(rss(item(title=markup, description=markup))).entries[0]
    assert (entry.title, entry.text) == ("Words", "Words")


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_no_bytes_raise_anything_but_an_item_error(body: bytes) -> None:
    for start in (
        b"",
        b"<rss version='2.0'><channel><item>",
        b"{",
        b"<feed xmlns='http://www.w3.org/2005/Atom'><entry>",
    ):
        try:
            feed = parse(start + body)
        except ItemError:
            continue
        assert len({entry.key for entry in feed.entries}) == len(feed.entries)


def test_every_published_date_is_within_bounds_or_absent_with_its_rule() -> None:
    dates = ("Wed, 19 Jun 2024 15:04:05 GMT", "1 Jan 1970", "2099-01-01", "rubbish", "")
    entries = parse(rss("".join(item(guid=str(n), pubDate=d) for n, d in enumerate(dates)))).entries
    assert [e.published_rule for e in entries] == ["published", "epoch", "future", "unparsable", "missing"]
    assert [e.published is not None for e in entries] == [True, False, False, False, False]


def test_entries_know_nothing_of_the_clock() -> None:
    body = rss(item(guid="g", title="A", pubDate="Wed, 19 Jun 2024 15:04:05 GMT")).encode()
    later = feeds.parse(body, URL, None, NOW + timedelta(days=400))
    assert later == replace(parse(body), entries=later.entries)
    assert later.entries == parse(body).entries


def test_a_news_sitemap_with_undeclared_prefixes_is_read() -> None:
    body = (
        "<urlset><url><loc>https://outlet.example/x</loc><news:news><news:publication><news:name>O</news:name>"
        "</news:publication><news:publication_date>2024-06-19T10:00:00Z</news:publication_date>"
        "<news:title>T</news:title></news:news></url></urlset>"
    )
    feed = parse(body)
    assert (feed.format, feed.entries[0].title, feed.entries[0].published_rule) == ("sitemap", "T", "published")


def test_an_address_that_no_index_can_hold_is_no_address() -> None:
    entry = parse(rss(item(guid="g", link="https://a.example/" + "x" * 5000))).entries[0]
    assert entry.url is None
    assert "bad-link" in entry.problems


def test_a_link_whose_host_holds_a_nul_is_no_address() -> None:
    entry = parse(rss(item(title="A", link="http://a%00b.example/x"))).entries[0]
    assert (entry.url, entry.canonical_url) == (None, None)
    assert "bad-link" in entry.problems


@pytest.mark.timeout(5)
def test_a_tag_of_very_many_attributes_is_refused_and_one_of_many_is_read() -> None:
    many, fewer = (" ".join(f'a{n}="x=1>"' for n in range(count)) for count in (20_000, 200))
    assert reason(rss(f"<item><title {many}>A</title></item>")) == "too-complex"
    assert parse(rss(f"<item><title {fewer}>A</title></item>")).entries[0].title == "A"
    assert parse(rss(item(title="A " + "=" * 1_000))).entries[0].title.startswith("A =")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("AT&T <3 news", "AT&T <3 news"),
        ("Caf&eacute;&nbsp;X &amp; Y", "Café X & Y"),
        ("&nosuch; thing", "&nosuch; thing"),
        ("<![CDATA[A & B]]>", "A & B"),
        ("Tom &amp;amp; Jerry &amp;#8217;s", "Tom & Jerry ’s"),
        ("x?page=1&copy=2", "x?page=1&copy=2"),
        ("5 < 6 & 7 > 3", "5 < 6 & 7 > 3"),
    ],
)
def test_bare_ampersands_and_names_of_html(written: str, read: str) -> None:
    assert parse(rss(f"<item><title>{written}</title><guid>g</guid></item>")).entries[0].title == read


# --- captions, doubly escaped text, wrapped sitemaps, shared links ------------------------------------------------


def described(markup: str) -> str:
    return parse(rss(f"<item><title>F</title><description><![CDATA[{markup}]]></description></item>")).entries[0].text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<figure><img src='/x.jpg'><figcaption>A ship in dock.</figcaption></figure><p>It sails.</p>", "It sails."),
        (
            "<div class='wp-caption'><img src='x'><p class='wp-caption-text'>A ship.</p></div><p>It sails.</p>",
            "It sails.",
        ),
        (
            "<p>It sails.</p><figure><picture><img src='x'></picture><figcaption>A ship.</figcaption></figure>",
            "It sails.",
        ),
        ("<figure><img src='/x.jpg'><figcaption>A ship in dock.</figcaption></figure>", "A ship in dock."),
        (
            "<figure><blockquote>It sails.</blockquote><figcaption>The captain</figcaption></figure>",
            "It sails.\nThe captain",
        ),
        ("<p class='captain'>It sails.</p><img src='x'>", "It sails."),
    ],
)
def test_the_caption_of_a_picture_is_no_text_unless_it_is_all(markup: str, text: str) -> None:
    assert described(markup) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("&lt;p&gt;It sails.&lt;/p&gt;", "It sails."),
        ("&amp;lt;p&amp;gt;It sails.&amp;lt;/p&amp;gt;", "It sails."),
        ("<p>&lt;p&gt;It sails.&lt;/p&gt;</p>", "It sails."),
        ("<p>&amp;lt;p&amp;gt;It sails.&amp;lt;/p&amp;gt;</p>", "It sails."),
        ("Write &lt;b&gt;bold&lt;/b&gt; words.", "Write <b>bold</b> words."),
        ("a &lt; b", "a < b"),
    ],
)
def test_markup_that_was_escaped_too_often_is_markup(markup: str, text: str) -> None:
    assert described(markup) == text
    atom = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>F</title><summary>{}</summary></entry></feed>"
    escaped = markup.replace("&", "&amp;").replace("<", "&lt;")
    assert parse(atom.format(escaped)).entries[0].text == text or not markup.startswith(("<", "&"))


def test_escapes_within_escapes_end() -> None:
    deep = "<p>"
    for _ in range(60):
        deep = deep.replace("&", "&amp;").replace("<", "&lt;") + "</p>"
    described(deep)


def test_a_list_of_pages_inside_another_element_is_read() -> None:
    inner = "<urlset><url><loc>https://outlet.example/a</loc></url></urlset>"
    for wrapped in (f"<sitemap>{inner}</sitemap>", f"<root>{inner}</root>", f"<sitemapindex>{inner}</sitemapindex>"):
        assert [entry.url for entry in parse(f"<?xml version='1.0'?>{wrapped}").entries] == ["https://outlet.example/a"]
    index = "<sitemapindex><sitemap><loc>https://outlet.example/s.xml</loc></sitemap></sitemapindex>"
    for wrapped in (f"<urlset>{index}</urlset>", f"<root>{index}</root>"):
        assert reason(wrapped) == "sitemap-index"


def linked(*entries: tuple[str, str, str]) -> list[str | None]:
    items = "".join(
        f"<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title><link>{link}</link></item>"
        for guid, title, link in entries
    )
    feed = parse(rss(items))
    assert [entry.url for entry in feed.entries] == [link for _, _, link in entries], "readers keep the link"
    assert all(("shared-link" in entry.problems) == (entry.canonical_url is None) for entry in feed.entries)
    return [entry.canonical_url for entry in feed.entries]


LIVE = "https://outlet.example/live/storm"


def test_different_stories_at_one_address_are_not_known_by_it() -> None:
    assert linked(("1", "Bridge closes", f"{LIVE}#post-1"), ("2", "Trains stop in Aro", f"{LIVE}#post-2")) == [None] * 2
    assert linked(("1", "Bridge closes", LIVE), ("2", "Trains stop", LIVE), ("3", "Mayor speaks", LIVE)) == [None] * 3
    assert linked(("1", "Bridge closes", "https://outlet.example/")) == [None]
    assert linked(("1", "Bridge closes", LIVE), ("2", "Trains stop", "https://outlet.example/b")) == [
        LIVE,
        "https://outlet.example/b",
    ]


def test_one_story_in_two_wordings_is_known_by_its_address() -> None:
    assert linked(("1", "Bridge closes", LIVE), ("2", "Bridge closes after storm", LIVE)) == [LIVE, LIVE]
    assert linked((LIVE, "Bridge closes", LIVE)) == [LIVE]
    assert linked(("https://outlet.example/?p=1", "Bridge closes", "https://outlet.example/a")) == [
        "https://outlet.example/a"
    ]
