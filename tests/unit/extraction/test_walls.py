"""What stands in place of an article is known by evidence; short articles about such things stay articles."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from trafilatura.utils import load_html

from pipeline import extraction
from pipeline.errors import ItemError
from pipeline.extraction import facts as page_facts
from pipeline.extraction import walls
from pipeline.models import Article, FeedEntry
from pipeline.text.folding import letters
from tests.support import wall_cases
from tests.support.wall_cases import SHAPES, Case, document, paragraphs

URL = "https://www.courier.example/world/summit-ends"
FERRY = "https://harbour.example/news/ferry-resumes"
NOW = datetime(2024, 6, 21, tzinfo=UTC)
CASES = wall_cases.cases()
WALLS = [case for case in CASES if not case.is_article]
ARTICLES = [case for case in CASES if case.is_article]
SUMMARY = "The ferry between Aro and Belt sailed again on Wednesday after a repair of eleven weeks, the port said."


def page(title: str, text: str, *, language: str = "en", outlet: str = " - Harbour Post", head: str = "") -> bytes:
    """A page of plain markup: a headline, paragraphs, and a title with the outlet's name."""
    return document(language, title + outlet, f"<article><h1>{title}</h1>{paragraphs(text)}</article>", head)


def entry(title: str, text: str = "", language: str = "en") -> FeedEntry:
    return FeedEntry(
        key="k",
        guid="k",
        url=FERRY,
        canonical_url=FERRY,
        title=title,
        summary_html="",
        content_html="",
        text=text,
        language=language,
    )


def extract(body: bytes, url: str = FERRY, **options: object) -> Article:
    return extraction.extract(body, url, now=NOW, **options)  # type: ignore[arg-type]


# --- pages alone ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", WALLS, ids=lambda case: case.name)
def test_a_wall_is_no_article_whatever_its_language_and_template(case: Case) -> None:
    for shape in range(SHAPES):
        with pytest.raises(ItemError) as caught:
            extract(case.page(shape))
        assert caught.value.reason in {
            *("notice-page", "blocked-page", "consent-page", "closed-page", "not-found-page", "script-only"),
            *("home-page", "no-headline"),
        }
        assert caught.value.detail


@pytest.mark.parametrize("case", ARTICLES, ids=lambda case: case.name)
def test_a_short_article_about_such_things_is_an_article(case: Case) -> None:
    for shape in range(SHAPES):
        found = extract(case.page(shape))
        assert (letters(found.title), found.text_source) == (letters(case.title), "page")
        assert letters(case.text.split(" / ")[0]) in letters(found.text)


@pytest.mark.parametrize(
    ("title", "heading", "text", "reason"),
    [
        ("quay.example", "Are you human?", "Press and hold the button to prove that you are no robot.", "blocked-page"),
        ("Quay News", "Cookies", "We and our partners use cookies. You may accept or refuse.", "consent-page"),
        ("Quay News", "Read on", "Subscribe now to continue reading this story.", "closed-page"),
        ("Quay News", "Oh no", "We are sorry, the page you requested does not exist.", "not-found-page"),
        ("quay.example", "", "Please enable JavaScript to view this site.", "script-only"),
        ("Quay News", "Back soon", "Our site is down for maintenance. Please try again later.", "notice-page"),
    ],
)
def test_the_reason_says_what_the_notice_is_about(title: str, heading: str, text: str, reason: str) -> None:
    with pytest.raises(ItemError) as caught:
        extract(Case("", "wall", "en", title, heading, text).page(0))
    assert caught.value.reason == reason


def test_a_paywall_under_the_articles_own_headline_is_no_article_and_a_first_sentence_makes_it_a_teaser() -> None:
    offer = "Subscribe to continue reading. / Already a subscriber? Sign in."
    head = '<meta property="og:type" content="article">'
    with pytest.raises(ItemError, match="closed-page"):
        extract(document("en", "Ferry sails - Quay News", f"<h1>Ferry sails</h1>{paragraphs(offer)}", head))
    told = f"<h1>Ferry sails</h1>{paragraphs(SUMMARY + ' / ' + offer)}"
    assert extract(document("en", "Ferry sails - Quay News", told, head)).kind == "teaser"


def test_what_people_say_in_the_news_is_no_notice() -> None:
    said = "“Please log in to your account and accept the cookies on our site,” the clerk told Ida Norn on Monday."
    assert extract(page("Clerk and computer", said)).text_source == "page"


def test_a_title_that_names_the_outlet_alone_is_no_sign_where_the_text_takes_up_the_heading() -> None:
    body = f"<h1>Ferry sails to Belt</h1>{paragraphs(SUMMARY)}"
    assert SUMMARY in extract(document("en", "Quay News", body)).text
    # the language of this one is not known to the phrases
    body = "<h1>Maaf baé</h1><p>Jarwa ulen pita sobir kadun lemba tano, wira busol.</p>"
    with pytest.raises(ItemError, match="no-headline"):
        extract(document("xx", "Quay News", body))


@pytest.mark.parametrize("claim", ['<link rel=canonical href="/">', '<meta property="og:url" content="/">'])
def test_a_page_that_says_it_is_the_home_page_is_none_of_its_articles(claim: str) -> None:
    teasers = paragraphs(f"{SUMMARY} / The mayor of Belt resigned on Tuesday evening, her office said.")
    home = document("en", "Harbour Post", f"<h1>Harbour Post</h1><img alt=logo>{teasers}", claim)
    with pytest.raises(ItemError, match="home-page"):
        extract(home)
    assert extract(page("Ferry sails", SUMMARY)).text_source == "page"


def test_a_request_that_ended_on_the_home_page_found_no_article() -> None:
    home = document("en", "Ferry sails - Harbour Post", f"<h1>Ferry sails</h1>{paragraphs(SUMMARY * 20)}")
    assert extract(home, "https://harbour.example/").text_source == "page"
    with pytest.raises(ItemError, match="home-page"):
        extract(home, "https://harbour.example/", asked=FERRY)
    found = extract(home, "https://harbour.example/", asked=FERRY, fallback=entry("Ferry sails", SUMMARY))
    assert (found.text_source, found.problems, found.text_detail) == (
        "feed",
        ("home-page",),
        "the outlet led the request to its home page",
    )


# --- beside a feed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", WALLS, ids=lambda case: case.name)
def test_the_feeds_text_stands_where_the_page_is_a_wall(case: Case) -> None:
    for shape in range(SHAPES):
        found = extract(case.page(shape), fallback=entry("Ferry resumes service", SUMMARY))
        assert (found.title, found.text, found.text_source) == ("Ferry resumes service", SUMMARY, "feed")
        assert found.text_detail


@pytest.mark.parametrize("case", ARTICLES, ids=lambda case: case.name)
def test_a_page_that_answers_its_feed_stands(case: Case) -> None:
    for shape in range(SHAPES):
        found = extract(case.page(shape), fallback=entry(case.title, case.text.split(" / ")[0], case.language))
        assert (found.text_source, found.agreement) == ("page", 1.0)


def test_an_article_about_something_else_gives_way_to_the_feed() -> None:
    other = "The mayor of Belt resigned on Tuesday evening because the council rejected her budget for the third time."
    other_page = page("Mayor steps down", other)
    found = extract(other_page, fallback=entry("Ferry resumes service after repair", SUMMARY))
    assert (found.text_source, found.problems, found.text) == ("feed", ("off-subject",), SUMMARY)
    assert found.text_detail == "the page holds 8% of the words of its feed"
    assert extract(other_page, fallback=entry("Mayor of Belt steps down")).text_source == "page"
    # with nothing to put in its place, and with too little said to tell, the page stays
    assert extract(other_page, fallback=entry("Ferry resumes service after repair")).text_source == "page"
    assert extract(other_page, fallback=entry("Ferry back", SUMMARY[:20])).text_source == "page"


def test_a_long_text_in_another_language_than_its_feed_is_not_judged_by_words() -> None:
    line = "Der Dampfer Nummer {} fährt wieder, teilte die Reederei mit, und die Werft hat ihre Rechnung gestellt."
    told = " / ".join(line.format(number) for number in range(100, 115))
    other_page = page("Dampfer fährt", told, language="de")
    assert extract(other_page, fallback=entry("Ferry resumes service after repair", SUMMARY)).text_source == "page"
    short = page("Dampfer fährt", line.format(9), language="de")
    assert extract(short, fallback=entry("Ferry resumes service after repair", SUMMARY)).text_source == "feed"


# --- the rules, one by one --------------------------------------------------------------------------------


def words(count: int) -> str:
    return " ".join(["word"] * count)


def ld(**said: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **said})}</script>'


def obstacle(head: str, body: str, text: str, url: str = URL, source: str = "") -> tuple[str, str] | None:
    tree = load_html(f"<html><head>{head}</head><body>{body}<p>Text.</p></body></html>")
    return walls.obstacle(walls.Seen(page_facts.read(tree), tree, url, source, text))


@pytest.mark.parametrize(
    ("title", "h1", "reason"),
    [
        ("Just a moment...", "", "blocked-page"),
        ("", "Access denied", "blocked-page"),
        ("The Courier", "Access denied", "blocked-page"),
        ("404 - The Courier", "", "not-found-page"),
        ("The Courier", "Page not found", "not-found-page"),
        ("404 days at sea - The Courier", "404 days at sea", None),
        ("Forbidden love - The Courier", "Forbidden love", None),
        ("Summit ends", "", None),
        ("", "", None),
    ],
)
def test_a_title_gives_away_what_is_no_article(title: str, h1: str, reason: str | None) -> None:
    told = "Summit love sea " + words(176)
    for n, text in enumerate((told, told + " word")):
        found = obstacle(f"<title>{title}</title>", f"<h1>{h1}</h1>" if h1 else "", text)
        assert (found[0] if found else None) == (None if n else reason)


def test_people_are_told_what_stood_in_the_way() -> None:
    found = obstacle("<title>Just a moment</title>", "", "Please prove that you are a human to open this page.")
    assert found == (
        "blocked-page",
        "100% of the text speaks to the visitor about the site; it is headed 'Just a moment'",
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://consent.courier.example/",
        "https://www.courier.example/consent?back=%2Fworld",
        "https://www.courier.example/a/cookiewall/",
    ],
)
def test_a_consent_page_is_known_by_its_address(url: str) -> None:
    found = obstacle("", "", words(100), url)
    assert found == ("consent-page", "the outlet answered with its cookie consent page")


@pytest.mark.parametrize("url", ["https://www.courier.example/world/consent-law-passed", "https://[", "mailto:consent"])
def test_other_addresses_are_no_consent_pages(url: str) -> None:
    if url == "https://[":
        with pytest.raises(ValueError, match="IPv6"):
            obstacle("", "", words(100), url)
    else:
        assert obstacle("", "", words(100), url) is None


def test_notices_of_any_length_are_no_article_up_to_the_longest_consent_page() -> None:
    notice = "We and our partners use cookies on your device. " * 44
    assert obstacle("", "", notice) is not None
    assert obstacle("", "", notice + words(3)) is not None
    assert obstacle("", "", notice + words(4)) is None
    declared = ld(headline="Cookies on your device") + '<meta property="og:type" content="article">'
    assert obstacle(declared + "<title>Cookies on your device</title>", "", notice) is None
    assert obstacle(declared + "<title>Harbour festival</title>", "", notice) is not None


def test_a_page_that_scripts_fill_holds_no_article() -> None:
    source = '<div id="root"></div>'
    found = obstacle("", "", words(11), source=source)
    assert found == ("script-only", "the page is filled by scripts; its HTML holds no article")
    assert obstacle("", "", words(12), source=source) is None
    assert obstacle("", "", "", source="<div></div>") is None
