"""What stands in place of an article, and what is only the beginning of one."""

from __future__ import annotations

import json

import pytest
from lxml.html import HtmlElement
from trafilatura.utils import load_html

from pipeline.extraction import facts as page_facts
from pipeline.extraction import kinds

URL = "https://www.courier.example/world/summit-ends"


def words(count: int) -> str:
    return " ".join(["word"] * count)


def page(head: str = "", body: str = "", url: str = URL) -> tuple[page_facts.PageFacts, HtmlElement]:
    tree = load_html(f"<html><head>{head}</head><body>{body}<p>Text.</p></body></html>")
    return page_facts.read(tree), tree


def ld(**said: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **said})}</script>'


# --- is it HTML -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "content_type", "why"),
    [
        (b"", None, "the body is empty"),
        (b"\xef\xbb\xbf \t\r\n", None, "the body is empty"),
        (b"\x1f\x8b\x08\0<html>", None, "the body is gzip data; unpack it first"),
        (b"%PDF-1.7 <html>", "text/html", "the body is a binary file"),
        (b"\r\n %PDF-1.7", None, "the body is a binary file"),
        (b"\0\0\0\x18ftypmp42 <p>", None, "the body is a binary file"),
        (b"<?xml version='1.0'?><rss version='2.0'>", None, "the body is a feed or sitemap, not a page"),
        (b" " * 1020 + b"<urlset>", None, "the body is a feed or sitemap, not a page"),
        (b"<feed><entry><content><div><p>x</p>", "text/html", "the body is a feed or sitemap, not a page"),
        (b"plain words", None, "the body has no HTML tags"),
        (b"plain words", "text/html", "the body has no HTML tags"),
        (b"plain words", "application/json; charset=utf-8", "the server calls it application/json"),
        (b"plain words", " image/png", "the server calls it image/png"),
        (b"x" * 16_400 + b"<p>", None, "the body has no HTML tags"),
    ],
)
def test_what_is_no_page_is_named(body: bytes, content_type: str | None, why: str) -> None:
    assert kinds.not_html(body, content_type) == why


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<!doctype html><p>x", None),
        (b"\xef\xbb\xbf\n<html>", "application/json"),
        (b"x" * 16_000 + b"<p>", "application/pdf"),
        (b"<html><body>a feed looks so: <rss version='2.0'>", None),
        ("<html><p>x</p>".encode("utf-16"), None),
        ("\ufeff<html><p>x</p>".encode("utf-16-be"), None),
        ("<html><p>many letters of UTF-16 and no mark</p>".encode("utf-16-le"), "image/png"),
        ("<html><p>many letters of UTF-16 and no mark</p>".encode("utf-16-be"), None),
        (b"\0\0\0<\0\0\0h" + b"\0" * 30 + b"<html>", None),
    ],
)
def test_what_holds_tags_is_a_page_whatever_it_is_called(body: bytes, content_type: str | None) -> None:
    assert kinds.not_html(body, content_type) is None


def test_a_few_zero_bytes_do_not_make_utf_16() -> None:
    assert kinds.not_html(b"a\0" * 20 + b"words", None) == "the body has no HTML tags"
    assert kinds.not_html(b"a\0" * 21 + b"words", None) is None
    assert kinds.not_html(b"words " * 34 + b"\0" * 90, None) == "the body has no HTML tags"


# --- live blogs -------------------------------------------------------------------------------------------

STAMPS = "".join(f"<time datetime='2024-06-19T0{n}:00:00Z'></time>" for n in range(3))


@pytest.mark.parametrize(
    ("head", "body", "url", "live"),
    [
        (ld(), STAMPS, "https://www.courier.example/world/summit-live-blog", True),
        (ld(), STAMPS, "https://www.courier.example/world/live-updates/summit", True),
        (ld(), STAMPS[: len(STAMPS) // 3 * 2], "https://www.courier.example/world/live-updates/summit", False),
        (ld(), STAMPS, "https://www.courier.example/world/summit", False),
        ('<script type="application/ld+json">{"@type": "LiveBlogPosting"}</script>', "", URL, True),
    ],
)
def test_a_live_blog_says_so_or_is_addressed_so_and_holds_stamps(head: str, body: str, url: str, live: bool) -> None:
    assert kinds.live_blog(page(head, body, url)[0], url) is live


# --- teasers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "count", "reason"),
    [
        (1_000, 359, "word-count"),
        (1_000, 360, None),
        ("1,000", 200, "word-count"),
        ("about 1000 words", 200, "word-count"),
        (500, 299, "word-count"),
        (500, 300, None),
        (100, 59, "word-count"),
        (99, 50, None),
        ("1000000", 200, None),
        (999_999, 200, "word-count"),
        (1_000_000, 200, None),
        (1_500_000, 200, None),
        (10**400, 200, None),
        ("999999", 200, "word-count"),
        (True, 0, None),
        (None, 10, None),
        (-500, 10, None),
    ],
)
def test_a_text_far_shorter_than_the_page_announces_is_its_beginning(
    said: object, count: int, reason: str | None
) -> None:
    facts, tree = page(ld(wordCount=said))
    assert kinds.teaser(facts, tree, words(count)) == reason


def test_only_the_pages_own_article_announces_its_length() -> None:
    facts, tree = page(ld() + ld(wordCount=1_000))
    assert kinds.teaser(facts, tree, words(200)) is None
    facts, tree = page()
    assert kinds.teaser(facts, tree, words(200)) is None


@pytest.mark.parametrize(
    "head",
    [
        ld(isAccessibleForFree=False),
        ld(isAccessibleForFree=" False "),
        ld(isAccessibleForFree="NO"),
        '<meta property="article:content_tier" content="locked">',
        '<meta property="article:content_tier" content="Metered">',
    ],
)
def test_a_short_text_of_a_page_that_calls_itself_closed_is_a_teaser(head: str) -> None:
    facts, tree = page(head)
    assert kinds.teaser(facts, tree, words(179)) == "paywall"
    assert kinds.teaser(facts, tree, words(180)) is None


@pytest.mark.parametrize(
    "head",
    [
        "",
        ld(),
        ld(isAccessibleForFree=True),
        ld() + ld(isAccessibleForFree=False),
        '<meta property="article:content_tier" content="free">',
    ],
)
def test_a_short_text_of_an_open_page_is_whole(head: str) -> None:
    facts, tree = page(head, "<script>subscribe to continue reading</script>")
    assert kinds.teaser(facts, tree, words(50)) is None


def test_a_paywalls_words_are_looked_for_where_readers_see_them() -> None:
    facts, tree = page(body="<div>Subscribe\n <b>to  continue</b> reading</div>")
    assert kinds.visible(tree) == "Subscribe to continue reading Text."
    assert kinds.teaser(facts, tree, words(179)) == "paywall"
    assert kinds.teaser(facts, tree, words(180)) is None


@pytest.mark.parametrize("ending", [" ...", "…", " [...]", " Read more »", " Weiterlesen", "続きを読む"])
def test_a_short_text_that_breaks_off_is_a_teaser(ending: str) -> None:
    facts, tree = page()
    text = words(100) + ending
    assert kinds.cut_off(text)
    assert kinds.teaser(facts, tree, text) == "cut-off"
    assert kinds.teaser(facts, tree, words(120) + "…") is None
    assert kinds.teaser(facts, tree, text + " The end.") is None
    assert not kinds.cut_off(text + " The end.")


# --- the feed's text against the page's -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page_words", "feed_words", "more"),
    [(100, 141, True), (100, 140, False), (200, 260, False), (200, 261, True), (10, 50, False), (10, 51, True)],
)
def test_the_feed_has_more_where_its_text_is_longer_by_share_and_by_number(
    page_words: int, feed_words: int, more: bool
) -> None:
    assert kinds.feed_has_more(words(page_words), words(feed_words)) is more


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("one two  three\nfour", 4),
        ("普京抵达平壤", 4),
        ("普京 抵达平", 4),
        ("プーチン", 3),
        ("ปูติน", 3),
        ("정상 회담", 2),
    ],
)
def test_words_are_counted_where_no_blanks_part_them(text: str, count: int) -> None:
    assert kinds.count_words(text) == count


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("Thursday Briefing", True),
        ("Friday Briefing: New Trouble at the Port", True),
        ("Coastal Morning Digest: the harbour and the vote", True),
        ("Up and About briefing: harbour strike; new ferries; a recipe for herring", True),
        ("The Papers: 'Bridge of sighs' and a royal visit", True),
        ("Harbour strike; ferry prices; a herring record", True),
        ("Presseschau: Stimmen zur Wahl", True),
        ("Przegląd prasy: port i wybory", True),
        ("Обзор прессы", True),
        ("Minister cuts short a morning briefing after questions", False),
        ("Earthquake: what we know", False),
        ("Earthquake live briefing: more than 2,000 dead", False),
        ("Photos: the harbour after the storm", False),
        ("The ferry sank; nobody was hurt", False),
        ("Editor of the papers resigns", False),
        ("", False),
    ],
)
def test_round_ups_are_known_by_their_titles(title: str, told: bool) -> None:
    assert kinds.round_up(title) == told
