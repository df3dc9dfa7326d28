"""A page becomes an article, or gives way to the feed, or fails with a reason that says what stood in its place."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline import extraction
from pipeline.errors import ItemError
from pipeline.models import Article, FeedEntry

NOW = datetime(2024, 6, 21, 12, tzinfo=UTC)
URL = "https://www.courier.example/world/2024/06/19/summit-ends-4711"
PROSE = [
    "The two leaders signed the treaty on Wednesday in the presence of their ministers, the agency said.",
    "Officials had prepared the text for months and left one article open until the last evening of the talks.",
    "Neighbouring governments asked for the wording, which was to be published by the end of the week.",
    "A spokesman for the foreign ministry declined to say which of the earlier drafts had been signed.",
    "Analysts expect trade across the border to grow slowly, because the railway still lacks a second track.",
]


def page(
    paragraphs: list[str] | None = None,
    *,
    head: str = "",
    body: str = "",
    title: str = "Summit ends with treaty",
    lang: str = "en",
) -> bytes:
    prose = "".join(f"<p>{p}</p>" for p in (PROSE * 3 if paragraphs is None else paragraphs))
    return (
        f'<!doctype html><html lang="{lang}"><head><title>{title} | The Courier</title>{head}</head>'
        f"<body><nav><a href='/'>Home</a><a href='/world'>World</a></nav>"
        f"<article><h1>{title}</h1>{body}{prose}</article>"
        f"<footer>Imprint. All rights reserved.</footer></body></html>"
    ).encode()


def json_ld(**fields: object) -> str:
    node = {"@context": "https://schema.org", "@type": "NewsArticle", **fields}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def entry(text: str = "", **changes: object) -> FeedEntry:
    made = FeedEntry(
        key="k",
        guid="k",
        url=URL,
        canonical_url=URL,
        title="Summit ends with treaty",
        summary_html="",
        content_html="",
        text=text,
        authors=("By Ana Lima",),
        published=datetime(2024, 6, 19, 8, 30, tzinfo=UTC),
        language="en",
        source_name="The Courier",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def extract(body: bytes, **options: object) -> Article:
    return extraction.extract(body, options.pop("url", URL), now=NOW, **options)  # type: ignore[arg-type]


def test_an_ordinary_page_gives_every_field_with_its_rule() -> None:
    head = json_ld(
        headline="Summit ends with treaty",
        datePublished="2024-06-19T11:20:00+03:00",
        author=[{"@type": "Person", "name": "By Ana Lima and Jonas Weiß"}],
        publisher={"@type": "NewsMediaOrganization", "name": "The Courier"},
        articleSection="World",
    )
    head += '<meta property="og:image" content="/img/lead.jpg">'
    head += '<link rel="canonical" href="/world/2024/06/19/summit-ends-4711">'
    found = extract(page(head=head))
    assert found.title == "Summit ends with treaty"
    assert found.authors == ("Ana Lima", "Jonas Weiß")
    assert (found.author_rule, found.published_rule, found.language_rule) == ("json-ld", "json-ld", "agreed")
    assert found.published == datetime(2024, 6, 19, 8, 20, tzinfo=UTC)
    assert found.published_offset == 180
    assert (found.section, found.site_name, found.language) == ("World", "The Courier", "en")
    assert found.image == "https://www.courier.example/img/lead.jpg"
    assert (found.kind, found.text_source, found.problems) == ("article", "page", ())
    assert "Neighbouring governments" in found.text
    assert "Imprint" not in found.text


def test_the_line_of_the_command_keeps_the_newsrooms_clock_and_its_contract() -> None:
    line = extraction.to_json(extract(page(head=json_ld(datePublished="2024-06-20T00:30:00+09:00"))))
    assert line["published"] == "2024-06-20T00:30:00+09:00"
    assert {"url", "canonical_url", "title", "authors", "published", "language", "text"} <= line.keys()
    assert json.loads(json.dumps(line)) == line
    failed = extraction.to_json(ItemError("no-text", "nothing", url=URL))
    assert failed == {"url": URL, "error": "no-text", "detail": "nothing"}


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"", None, "empty-body"),
        (b" \n ", "text/html", "empty-body"),
        (b"%PDF-1.7 ...", "text/html", "not-html"),
        (b"\x89PNG\r\n\x1a\n0000", "image/png", "not-html"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title></channel></rss>', None, "not-html"),
        (b'{"error": "gone"}', "application/json", "not-html"),
        (b"plain words and no markup at all", "text/plain", "not-html"),
        (
            b"<html><body><div id='root'></div><noscript>Please enable JavaScript</noscript></body></html>",
            None,
            "script-only",
        ),
        (
            b"<html><head><title>Just a moment...</title></head><body><p>Checking your browser.</p></body></html>",
            None,
            "blocked-page",
        ),
        (
            b"<html><head><title>404 Not Found</title></head><body><h1>Sorry</h1><p>Nothing here.</p></body></html>",
            None,
            "not-found-page",
        ),
        (b"<html><head><title>The Courier</title></head><body><p>Menu</p></body></html>", None, "no-text"),
    ],
)
def test_what_is_no_article_fails_with_its_reason(body: bytes, content_type: str | None, reason: str) -> None:
    with pytest.raises(ItemError) as caught:
        extract(body, content_type=content_type)
    assert caught.value.reason == reason
    assert caught.value.url == URL


def test_a_consent_page_is_told_by_its_address_and_by_its_words() -> None:
    wall = page(["We and our 412 partners use cookies.", "Accept all or manage options to read on."], title="Courier")
    for url in (URL, "https://consent.courier.example/collect?to=1", "https://www.courier.example/privacygate/?u=1"):
        with pytest.raises(ItemError, match="consent-page"):
            extract(wall, url=url)


def test_an_article_about_cookies_is_an_article() -> None:
    prose = [*PROSE * 3, "Sites that write 'we use cookies' with a button to accept all must also offer to reject all."]
    assert extract(page(prose)).kind == "article"


def test_the_feed_stands_in_where_the_page_gives_nothing() -> None:
    script_only = b"<html><body><div id='app'></div><script>boot()</script></body></html>"
    found = extract(script_only, fallback=entry(" ".join(PROSE * 2)))
    assert (found.text_source, found.problems, found.kind) == ("feed", ("script-only",), "article")
    assert found.authors == ("Ana Lima",)
    assert (found.published_rule, found.author_rule) == ("feed", "feed")
    with pytest.raises(ItemError, match="script-only"):
        extract(script_only, fallback=entry("Read more"))


def test_a_short_summary_from_the_feed_is_marked_as_a_teaser() -> None:
    found = extraction.from_feed(
        entry("The two leaders signed the treaty on Wednesday, the agency said..."), "http-403"
    )
    assert (found.kind, found.problems) == ("teaser", ("http-403",))


def test_a_feed_with_the_whole_text_beats_a_page_with_its_first_lines() -> None:
    found = extract(page(PROSE[:1]), fallback=entry("\n".join(PROSE * 3)))
    assert (found.text_source, found.kind) == ("feed", "article")
    assert "page-shorter-than-feed" in found.problems
    assert extract(page(), fallback=entry(PROSE[0])).text_source == "page"


def test_the_feeds_title_comes_with_its_text() -> None:
    shell = (
        f"<html><head><title>Straitsview</title></head><body><p>{PROSE[0]}</p><script>boot()</script></body></html>"
    ).encode()
    told = entry("\n".join(PROSE * 3))
    found = extract(shell, fallback=told)
    assert (found.text_source, found.title) == ("feed", told.title)
    assert extract(shell, fallback=replace(told, title="")).title == "Straitsview"


@pytest.mark.parametrize(
    ("head", "body", "problem"),
    [
        (json_ld(isAccessibleForFree="False"), "", "teaser-paywall"),
        ("", "<p>Subscribe to continue reading</p>", "teaser-paywall"),
        (
            "",
            "<div class='wall'>Dieser Artikel ist exklusiv für Abonnenten. Jetzt weiterlesen.</div>",
            "teaser-paywall",
        ),
        ("", "<div class='wall'>Il vous reste 83 % de cet article à lire.</div>", "teaser-paywall"),
        ("", "<div class='wall'>この記事は有料会員限定です。残り 1,204文字</div>", "teaser-paywall"),
        ("", "<div class='wall'>Материал доступен по подписке</div>", "teaser-paywall"),
        (json_ld(wordCount=1200), "", "teaser-word-count"),
    ],
)
def test_a_paywalls_first_lines_are_a_teaser(head: str, body: str, problem: str) -> None:
    found = extract(page(PROSE[:2], head=head, body=body))
    assert found.kind == "teaser"
    assert problem in found.problems


def test_a_declared_paywall_before_a_whole_text_is_no_teaser() -> None:
    head = json_ld(isAccessibleForFree=False, wordCount=250)
    assert extract(page(head=head)).kind == "article"


def test_a_text_that_breaks_off_is_a_teaser() -> None:
    assert extract(page([PROSE[0], PROSE[1][:60] + "..."])).kind == "teaser"


def test_round_ups_have_a_kind_of_their_own() -> None:
    assert extract(page(title="Thursday Briefing")).kind == "roundup"
    assert extract(page()).kind == "article"


def test_live_blogs_are_recognised_by_schema_and_by_address() -> None:
    head = '<script type="application/ld+json">{"@context":"https://schema.org","@type":"LiveBlogPosting"}</script>'
    assert extract(page(head=head)).kind == "liveblog"
    stamps = "".join(f"<time datetime='2024-06-19T0{h}:00:00Z'>0{h}:00</time>" for h in range(4))
    url = "https://www.courier.example/news/live-updates/summit"
    assert extract(page(body=stamps), url=url).kind == "liveblog"
    assert extract(page(), url=url).kind == "article"


@pytest.mark.parametrize(
    ("claim", "canonical", "origin", "problem"),
    [
        ("/world/2024/06/19/summit-ends-4711?utm_source=x", URL, None, None),
        (
            "https://courier.example/world/summit-ends-4711",
            "https://courier.example/world/summit-ends-4711",
            None,
            None,
        ),
        ("https://www.courier.example/", URL, None, "canonical-above"),
        ("https://www.courier.example/world/", URL, None, "canonical-above"),
        ("https://agency.example/a/77", URL, "https://agency.example/a/77", "canonical-elsewhere"),
        ("https://agency.example/", URL, None, "canonical-elsewhere"),
        ("javascript:void(0)", URL, None, None),
    ],
)
def test_a_canonical_claim_is_believed_within_reason(
    claim: str, canonical: str, origin: str | None, problem: str | None
) -> None:
    found = extract(page(head=f'<link rel="canonical" href="{claim}">'))
    assert (found.canonical_url, found.origin_url) == (canonical, origin)
    assert (problem in found.problems) if problem else not found.problems


def test_malformed_metadata_costs_nothing_but_itself() -> None:
    broken = '{"@type": ["NewsArticle", 7, null], "author": {"name": {"x": [1]}},'
    odd = '{"@graph": [{"@type": "NewsArticle", "datePublished": [], "image": [[]],}]}'
    head = "".join(f'<script type="application/ld+json">{text}</script>' for text in (broken, odd))
    found = extract(page(head=head))
    assert found.title == "Summit ends with treaty"
    assert found.published_rule == "url"


def test_what_no_row_can_hold_is_left_out_of_what_json_ld_says() -> None:
    said = r'{"@type": "NewsArticle", "articleSection": "Wor\ud800ld\u0000", "author": "Ana\u0001 Lima\udfff"}'
    found = extract(page(head=f'<script type="application/ld+json">{said}</script>'))
    assert (found.section, found.authors) == ("World", ("Ana Lima",))


def test_a_word_count_without_end_says_nothing() -> None:
    said = f'{{"@type": "NewsArticle", "wordCount": {10**400}}}'
    assert extract(page(head=f'<script type="application/ld+json">{said}</script>')).kind == "article"


def test_an_address_that_no_index_can_hold_is_not_the_articles() -> None:
    found = extract(page(head=f'<link rel="canonical" href="{URL}?id={"x" * 4_000}">'))
    assert (found.canonical_url, found.problems) == (URL, ("canonical-too-long",))
    with pytest.raises(ItemError, match="bad-address"):
        extraction.extract(page(), f"{URL}?id={'x' * 9_000}", now=NOW)


def test_deep_nesting_and_control_characters_do_no_harm() -> None:
    hostile = (
        b"<html><body>" + b"<div>" * 5000 + b"<p>\x00\x0b" + " ".join(PROSE * 3).encode() + b"</p>" + b"</body></html>"
    )
    try:
        found = extract(hostile)
    except ItemError as error:
        assert error.reason in {"extract-failed", "no-text", "not-html"}
    else:
        assert "\x00" not in found.text
