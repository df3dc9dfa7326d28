"""Which of an entry's links is its page, what a link means, and what of an entry is its text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline import feeds
from pipeline.errors import ItemError
from pipeline.feeds import links
from pipeline.models import FeedEntry, ParsedFeed

NOW = datetime(2024, 6, 20, tzinfo=UTC)
URL = "https://served.example/feed"
PAGE = "https://outlet.example/1"
SPACES = (
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
)
BROKEN = "<open>&&"
"""What makes a document no XML, so that the loose parser reads it."""


def parse(body: str) -> ParsedFeed:
    return feeds.parse(body.encode(), URL, None, NOW)


def atom(inside: str, *, feed: str = "", entry: str = "", rest: str = "") -> FeedEntry:
    body = (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" {feed}><title>T</title>'
        f"<entry {entry}><title>A</title><updated>2024-06-19T10:00:00Z</updated>{inside}</entry>{rest}</feed>"
    )
    return parse(body).entries[0]


def rss(inside: str, *, channel: str = "<link>https://outlet.example/</link>", rest: str = "") -> FeedEntry:
    body = f'<rss version="2.0" {SPACES}><channel><title>T</title>{channel}<item><title>A</title>{inside}</item>{rest}'
    return parse(f"{body}</channel></rss>").entries[0]


@pytest.fixture(params=["", BROKEN], ids=["sound", "broken"])
def rest(request: pytest.FixtureRequest) -> str:
    return str(request.param)


# --- which link ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "inside",
    [
        f'<id>tag:o,1</id><link rel="alternate" type="text" href="{PAGE}"/>',
        f'<id>tag:o,1</id><link rel="alternate" type="text/html; charset=utf-8" href="{PAGE}"/>',
        f'<id>tag:o,1</id><link rel="ALTERNATE" type="TEXT/HTML" href=" {PAGE} "/>',
        f'<id>tag:o,1</id><link rel="http://www.iana.org/assignments/relation/alternate" href="{PAGE}"/>',
        f'<link rel="alternate" type="application/xhtml+xml" href="{PAGE}"/><id>tag:o,1</id>',
        f'<id>tag:o,1</id><link rel="alternate" type="application/pdf" href="{PAGE}"/>',
        f'<id>tag:o,1</id><link rel="canonical" href="{PAGE}"/>',
        f'<id>urn:uuid:0b1c</id><link rel="self" href="{PAGE}"/>',
        f'<id>urn:uuid:0b1c</id><link rel="self" href="{URL}"/><link rel="related" href="{PAGE}"/>',
        f'<id>urn:uuid:0b1c</id><link rel="alternate" type="application/json" href="{PAGE}"/>',
        f"<id>tag:o,1</id><link>{PAGE}</link>",
        f'<id>{PAGE}</id><link rel="alternate" type="text/html" href=""/>',
        f'<id>{PAGE}</id><link rel="self" href="https://outlet.example/1.atom"/>',
        f'<id>{PAGE}</id><link rel="alternate" type="application/atom+xml" href="https://outlet.example/1/comments"/>',
    ],
)  # fmt: skip
def test_the_page_of_an_atom_entry(inside: str, rest: str) -> None:
    assert atom(inside, rest=rest).url == PAGE


@pytest.mark.parametrize(
    "more",
    [
        '<link rel="enclosure" type="image/jpeg">https://img.example/x.jpg</link>',
        '<link rel="enclosure" type="image/jpeg" href="https://img.example/x.jpg"/>',
        '<link rel="alternate" type="text/html" href="https://m.outlet.example/2"/>',
        '<link rel="alternate" type="text/html" hreflang="ko" href="https://outlet.example/ko/1"/>',
        '<link rel="alternate" type="application/pdf" href="https://outlet.example/1.pdf"/>',
        '<link rel="replies" type="text/html" href="https://outlet.example/1/comments"/>',
        '<link rel="edit" href="https://outlet.example/edit/1"/>',
        '<link>https://outlet.example/other</link>',
    ],
)  # fmt: skip
def test_a_further_link_does_not_win(more: str, rest: str) -> None:
    own = f'<link rel="alternate" type="text/html" href="{PAGE}"/>'
    assert atom(f"<id>tag:o,1</id>{own}{more}", rest=rest).url == PAGE


def test_of_several_languages_the_entrys_own_wins(rest: str) -> None:
    def alternate(language: str) -> str:
        return f'<link rel="alternate" hreflang="{language}" href="https://outlet.example/{language}"/>'

    inside = "<id>tag:o,1</id>" + alternate("en") + alternate("ko")
    assert atom(inside, feed='xml:lang="ko-KR"', rest=rest).url == "https://outlet.example/ko"
    assert atom(inside, feed='xml:lang="en"', rest=rest).url == "https://outlet.example/en"
    assert atom(inside, rest=rest).url == "https://outlet.example/en"
    assert atom(inside + f'<link href="{PAGE}"/>', rest=rest).url == PAGE


@pytest.mark.parametrize(
    "inside",
    [
        f'<link>{PAGE}</link><atom:link href="https://outlet.example/feed/"/>',
        f'<atom:link rel="alternate" href="https://outlet.example/x"/><link>{PAGE}</link>',
        f"<link>{PAGE}</link><link>https://outlet.example/2</link>",
        f"<link/><link>{PAGE}</link>",
        f'<guid>{PAGE}</guid><atom:link href="https://outlet.example/feed/"/>',
        f'<atom:link href="{URL}"/><guid isPermaLink="false">{PAGE}</guid>',
        f'<guid isPermaLink="false">9</guid><atom:link href="{PAGE}"/>',
        f"<image><link>https://outlet.example/</link></image><link>{PAGE}</link>",
        f"<link>{PAGE}</link><image><link>https://outlet.example/</link></image>",
        f"<link>{PAGE}</link><media:content><link>https://img.example/</link></media:content>",
    ],
)
def test_the_page_of_an_rss_item(inside: str, rest: str) -> None:
    assert rss(inside, rest=rest).url == PAGE


# --- ids ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "guid",
    ["22e86428-9533-4017-a4db-c468754b0000", "item 54 of outlet", "12345", "a/1.html", "tag:outlet.example,2024:1",
     "outlet.example:12345", "urn:uuid:0b1c", "mailto:a@outlet.example", "?p=12 or so", "post-77"],
)  # fmt: skip
def test_an_id_that_is_no_address_makes_none(guid: str, rest: str) -> None:
    entry = rss(f"<guid>{guid}</guid><description>Words.</description>", rest=rest)
    assert (entry.url, entry.key) == (None, guid)
    assert atom(f"<id>{guid}</id>", rest=rest).url is None


@pytest.mark.parametrize(
    ("guid", "url"),
    [
        (f"<guid>{PAGE}</guid>", PAGE),
        (f'<guid isPermaLink="false">{PAGE}</guid>', PAGE),
        ('<guid isPermaLink="TRUE">/1</guid>', PAGE),
        ('<guid isPermaLink="False">/1</guid>', None),
        ("<guid>www.outlet.example/1</guid>", "https://www.outlet.example/1"),
    ],
)
def test_an_id_that_is_an_address_is_one(guid: str, url: str | None, rest: str) -> None:
    assert rss(guid, rest=rest).url == url


@pytest.mark.parametrize("guid", ["http://[oops/1", "https://", "http://a%00b.example/1", "https://[::1", "http://:1/"])
def test_an_id_that_only_begins_like_an_address_is_a_key(guid: str, rest: str) -> None:
    assert (rss(f"<guid>{guid}</guid>", rest=rest).url, rss(f"<guid>{guid}</guid>").key) == (None, guid)


# --- bases --------------------------------------------------------------------------------------------------


def test_bases_of_elements_are_applied_once_and_to_links_alone(rest: str) -> None:
    inside = '<link href="A"/><id>u1</id><content type="html">&lt;img src="i.png"&gt;x</content>'
    entry = atom(inside, entry='xml:base="2024/"', rest=rest)
    assert (entry.url, entry.key) == ("https://served.example/2024/A", "u1")
    assert entry.image == "https://served.example/2024/i.png"
    nested = atom(inside, feed='xml:base="https://outlet.example/n/"', entry='xml:base="2024/"', rest=rest)
    assert (nested.url, nested.image) == ("https://outlet.example/n/2024/A", "https://outlet.example/n/2024/i.png")


def test_each_element_has_its_own_base(rest: str) -> None:
    content = '<content type="html" xml:base="c/">&lt;img src="i.png"&gt;x</content>'
    entry = atom(f'<id>/u</id><link xml:base="l/" href="A"/>{content}', feed='xml:base="/n/"', rest=rest)
    assert (entry.url, entry.image, entry.key) == (
        "https://served.example/n/l/A", "https://served.example/n/c/i.png", "/u"
    )  # fmt: skip
    assert 'src="https://served.example/n/c/i.png"' in entry.content_html


def test_a_base_that_is_no_web_address_is_left_out(rest: str) -> None:
    entry = atom('<id>u</id><link href="A"/>', feed='xml:base="javascript:alert(1)"', rest=rest)
    assert entry.url == "https://served.example/A"


# --- hosts without a scheme ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("www.outlet.example/a/1", "https://www.outlet.example/a/1"),
        ("WWW.Other.example/a/1", "https://WWW.Other.example/a/1"),
        ("outlet.example/a/1.html", "https://outlet.example/a/1.html"),
        ("news.outlet.example/a?b=1", "https://news.outlet.example/a?b=1"),
        ("outlet.example:8080/a", "https://outlet.example:8080/a"),
        ("outlet.example", "https://outlet.example"),
        ("//www.outlet.example/a", "https://www.outlet.example/a"),
        ("http//outlet.example/a", "http://outlet.example/a"),
        ("https:/outlet.example/a", "https://outlet.example/a"),
        ("https:outlet.example/a", "https://outlet.example/a"),
        ("http:////outlet.example/a", "http://outlet.example/a"),
        ("://outlet.example/a", "https://outlet.example/a"),
        ("http://https://outlet.example/a", "https://outlet.example/a"),
        ("https://outlet.example/a", "https://outlet.example/a"),
        # what is a path stays one
        ("a/1.html", "https://outlet.example/n/a/1.html"),
        ("1.html", "https://outlet.example/n/1.html"),
        ("www.html", "https://outlet.example/n/www.html"),
        ("other.example/1", "https://outlet.example/n/other.example/1"),
        ("/outlet.example/1", "https://outlet.example/outlet.example/1"),
        ("?id=www.outlet.example/", "https://outlet.example/n/?id=www.outlet.example/"),
        ("", None),
        ("mailto:a@outlet.example", None),
        ("javascript:void(0)", None),
    ],
)
def test_what_a_link_means(written: str, meant: str | None) -> None:
    assert links.resolve("https://outlet.example/n/", written) == meant


def test_the_scheme_is_that_of_the_site() -> None:
    assert links.resolve("http://outlet.example/", "www.outlet.example/a") == "http://www.outlet.example/a"
    assert links.resolve("http://a.example/", "b.example/a", ["https://b.example/"]) == "https://b.example/a"
    assert rss("<link>/a</link>", channel="<link>www.outlet.example</link>").url == "https://www.outlet.example/a"


@pytest.mark.timeout(5)
@pytest.mark.parametrize("piece", ["a.", "http:", "a-", "www.", ":/", "://", "http://"])
def test_long_links_take_no_time(piece: str) -> None:
    assert links.resolve("https://outlet.example/", piece * 200_000) is None


# --- text ---------------------------------------------------------------------------------------------------

CAPTION = "The ship in its dock, photographed on Friday by a member of the crew who has served since the launch."


PICTURE = '<media:content url="https://img.example/1" medium="image"/>'


def media(attributes: str, inside: str = "") -> str:
    return f'<media:content url="https://img.example/1" {attributes}>{inside}</media:content>'


@pytest.mark.parametrize(
    "picture",
    [
        media('type="image/jpeg"', f"<media:description>{CAPTION}</media:description>"),
        media('type="image/png"', f'<media:description type="html"><![CDATA[<p>{CAPTION}</p>]]></media:description>'),
        media("", f"<media:description>{CAPTION}</media:description>"),
        f"<media:group>{PICTURE}<media:description>{CAPTION}</media:description></media:group>",
        f"{PICTURE}<media:description>{CAPTION}</media:description>",
        f'<media:description>{CAPTION}</media:description><media:thumbnail url="https://img.example/1.jpg"/>',
        f"<image><url>https://img.example/1.jpg</url><title>Ship</title><description>{CAPTION}</description></image>",
        media("", f"<media:text>{CAPTION}</media:text>"),
    ],
)
def test_the_caption_of_a_picture_is_not_the_text(picture: str, rest: str) -> None:
    text = "<description>The ferry sails again.</description>"
    for inside in (picture + text, text + picture):
        entry = rss(f"<link>{PAGE}</link>{inside}", rest=rest)
        assert (entry.title, entry.text) == ("A", "The ferry sails again.")


def test_a_film_that_says_something_only_of_itself_has_that_as_its_text(rest: str) -> None:
    film = '<media:group><media:content url="https://v.example/1" type="video/mp4"/><media:thumbnail url="https://i.example/1.jpg"/>'
    entry = atom(f"<id>v</id>{film}<media:description>The ferry sails.</media:description></media:group>", rest=rest)
    assert entry.text == "The ferry sails."
    picture = (
        f'<media:content url="https://i.example/1.jpg"><media:description>{CAPTION}</media:description></media:content>'
    )
    assert rss(picture, rest=rest).text == ""


@pytest.mark.parametrize("kind", ["", 'type="text"', 'type="text/plain"'])
@pytest.mark.parametrize("name", ["content", "summary"])
def test_markup_declared_plain_is_markup(kind: str, name: str) -> None:
    markup = "&lt;p&gt;The ferry sails.&lt;/p&gt;&lt;p&gt;It was &lt;b&gt;late&lt;/b&gt; &amp;amp; full.&lt;br/&gt;"
    assert atom(f"<id>a</id><{name} {kind}>{markup}</{name}>").text == "The ferry sails.\nIt was late & full."


@pytest.mark.parametrize(
    "words",
    ["The sign says a < b and 3 > 2, the teacher wrote.", "List<String> is a type", "x <y> z </y>", "<3 the ferry",
     "Use the <p> element", "if (a<b && c>d)", "<unknown>no</unknown>"],
)  # fmt: skip
def test_plain_text_with_brackets_stays_as_it_is(words: str) -> None:
    written = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert atom(f'<id>a</id><content type="text">{written}</content>').text == words


def test_markup_in_a_plain_title_and_in_json_is_markup_too() -> None:
    entry = parse(
        '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "The <b>ferry</b>",'
        ' "content_text": "<p>It sails.</p>"}, {"id": "2", "content_text": "a < b"}]}'
    ).entries
    assert [(each.title, each.text) for each in entry] == [("The ferry", "It sails."), ("", "a < b")]


def test_markup_escaped_twice_is_markup() -> None:
    twice = "&amp;lt;p&amp;gt;The ferry sails.&amp;lt;/p&amp;gt;"
    assert rss(f"<description>{twice}</description>").text == "The ferry sails."
    shown = "Write &amp;lt;b&amp;gt; for bold."
    assert rss(f"<description>{shown}</description>").text == "Write <b> for bold."


# --- lists --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "<urlset><urlset><url><loc>https://o.example/1</loc></url><url><loc>https://o.example/2</loc></url></urlset></urlset>",
        "<urlset><url><loc>https://o.example/1</loc></url><urlset><url><loc>https://o.example/2</loc></url></urlset></urlset>",
        "<urlset><loc>https://o.example/1</loc><loc>https://o.example/2</loc></urlset>",
        "<sitemapindex><url><loc>https://o.example/1</loc></url><url><loc>https://o.example/2</loc></url></sitemapindex>",
        "<urlset><group><url><loc>https://o.example/1</loc></url><url><loc>https://o.example/2</loc></url></group></urlset>",
    ],
)  # fmt: skip
def test_a_list_inside_a_list_is_read(body: str) -> None:
    assert [entry.url for entry in parse(body).entries] == ["https://o.example/1", "https://o.example/2"]


@pytest.mark.parametrize("root", ["urlset", "sitemapindex"])
def test_a_list_of_sitemaps_says_so_under_either_name(root: str) -> None:
    with pytest.raises(ItemError, match="list of sitemaps"):
        parse(f"<{root}><sitemap><loc>https://o.example/s.xml</loc></sitemap></{root}>")


@pytest.mark.parametrize("items", ["", ', "items": null', ', "items": []', ', "items": {}'])
def test_a_json_feed_without_items_is_a_feed(items: str) -> None:
    feed = parse('{"version": "https://jsonfeed.org/version/1.1", "title": "T"' + items + "}")
    assert (feed.title, feed.entries) == ("T", ())


def test_items_under_numbers_are_items() -> None:
    feed = parse('{"version": "https://jsonfeed.org/version/1", "items": {"0": {"id": "a"}, "1": {"id": "b"}}}')
    assert [entry.key for entry in feed.entries] == ["a", "b"]
