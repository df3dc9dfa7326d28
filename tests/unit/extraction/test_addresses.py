"""Which claims of a page to an address are believed."""

from __future__ import annotations

import pytest
from lxml.html import document_fromstring

from pipeline.extraction import addresses
from pipeline.extraction import facts as page_facts
from pipeline.models import FeedEntry

TITLE = "Ferry resumes service after eleven weeks"
SITE = "https://harbour.example"


def entry(url: str, title: str = TITLE) -> FeedEntry:
    return FeedEntry(key=url, guid=None, url=url, canonical_url=url, title=title, summary_html="", content_html="",
                     text="", authors=(), published=None, published_rule="missing", language=None)  # fmt: skip


def chosen(
    url: str, canonical: str = "", *, og: str = "", base: str = "", title: str = TITLE, feed: FeedEntry | None = None
) -> addresses.Address:
    head = f'<base href="{base}">' if base else ""
    head += f'<link rel="canonical" href="{canonical}">' if canonical else ""
    head += f'<meta property="og:url" content="{og}">' if og else ""
    tree = document_fromstring(f"<html><head>{head}<title>x</title></head><body><p>x</p></body></html>")
    return addresses.choose(page_facts.read(tree), url, title, feed)


@pytest.mark.parametrize(
    ("url", "claim"),
    [
        # the script that shows every article
        (f"{SITE}/news/articleView.html?idxno=5", f"{SITE}/news/articleView.html"),
        (f"{SITE}/read.php?id=77", f"{SITE}/read.php"),
        (f"{SITE}/read.php?id=77", f"{SITE}/read.php?id="),
        (f"{SITE}/read.php?id=77", f"{SITE}/read.php?id=78"),
        (f"{SITE}/read.php?1423", f"{SITE}/read.php"),
        (f"{SITE}/view.do?bbs=news&seq=9", f"{SITE}/view.do?bbs=news"),
        (f"{SITE}/?p=123", f"{SITE}/"),
        (f"{SITE}/index.php?option=com_content&id=12", f"{SITE}/index.php?option=com_content"),
        (f"{SITE}/index.php?r=ferry", f"{SITE}/index.php"),
        (f"{SITE}/news/story?newsID=c3aa546f-24d3", f"{SITE}/news/story"),
        # another page of the outlet
        (f"{SITE}/news/ferry-resumes", f"{SITE}/"),
        (f"{SITE}/news/ferry-resumes", f"{SITE}/news/"),
        (f"{SITE}/news/ferry-resumes", f"{SITE}/en/home"),
        (f"{SITE}/news/ferry-resumes", f"{SITE}/news/latest"),
        (f"{SITE}/news/ferry-resumes", f"{SITE}/ferry/"),
        (f"{SITE}/news/ferry-resumes", f"{SITE}/world/mayor-of-belt-steps-down"),
        (f"{SITE}/news/123456", f"{SITE}/news/654321"),
        (f"{SITE}/20240619/77", f"{SITE}/20240619/"),
        (f"{SITE}/a/20240619-1", f"{SITE}/b/20240619"),
        (f"{SITE}/world/ferry-1", f"{SITE}/world/ferry"),
        # a host printed before an address
        (f"{SITE}/world/ferry-1", f"{SITE}/{SITE}/world/ferry-1"),
        (f"{SITE}/world/ferry-1", f"{SITE}{SITE}/world/ferry-1"),
        (f"{SITE}/world/ferry-1", f"{SITE}/harbour.example/world/ferry-1"),
        (f"{SITE}/world/ferry-1", f"{SITE}/https%3A%2F%2Fharbour.example/world/ferry-1"),
        (f"{SITE}/world/ferry-1", f"{SITE}/https://other.example/world/ferry-1"),
        (f"{SITE}/world/ferry-1", f"//{SITE}/world/ferry-1"),
        (f"{SITE}/world/ferry-1", f"{SITE}/{SITE}/"),
        (f"{SITE}/world/ferry-1", "https://[::1/world/ferry-1"),
    ],
)
def test_an_address_that_other_pages_share_is_not_the_articles(url: str, claim: str) -> None:
    assert chosen(url, claim).canonical == chosen(url, og=claim).canonical == url


@pytest.mark.parametrize(
    "claim",
    [
        *("null", "undefined", "/null", "None", "/world/none", "https://null", "undefined/world/ferry-1"),
        *("https://undefined/world/ferry-1", f"{SITE}/null", f"{SITE}/world/undefined", f"{SITE}/world/NaN"),
        *(f"{SITE}/world/null/", f"{SITE}/world/null.html", f"{SITE}/undefined/ferry-1", f"{SITE}/world/?id=null"),
        *(f"{SITE}/world/[object%20Object]", f"{SITE}/[object Object]", "[url]", "__URL__", "*|URL|*", "%URL%"),
        *("{{ url }}", "{{url}}/world/ferry-1", f"{SITE}/%7B%7B%20slug%20%7D%7D", "{% url %}", "${canonical}"),
        *("&lt;%= url %&gt;", "&lt;?php the_permalink(); ?&gt;", "$(url)", f"{SITE}/world/{{slug}}"),
        *(f"{SITE}/world/:slug", f"{SITE}/world/$slug", f"{SITE}/world/%s", "about:blank", "javascript:void(0)"),
        *("http://localhost:3000/world/ferry-1", "http://127.0.0.1/world/ferry-1", "http://10.0.0.7/world/ferry-1"),
        *("#", "?", "/"),
    ],
)
def test_a_claim_that_was_never_filled_is_none(claim: str) -> None:
    url = f"{SITE}/world/ferry-1"
    assert chosen(url, claim)[:2] == (url, None)
    assert chosen(url, claim, og=url).canonical == url
    assert chosen(f"{SITE}/a/77", claim, og=f"{SITE}/news/ferry-resumes").canonical == f"{SITE}/news/ferry-resumes"


@pytest.mark.parametrize(
    ("url", "claim"),
    [
        (f"{SITE}/news/ferry?utm_source=x&page=1", f"{SITE}/news/ferry"),
        (f"{SITE}/news/ferry?hp=1", f"{SITE}/news/ferry"),
        (f"{SITE}/news/ferry-resumes-service?id=77", f"{SITE}/news/ferry-resumes-service"),
        (f"{SITE}/news/ferry-resumes?ref=4711", f"{SITE}/news/ferry-resumes"),
        (f"{SITE}/read.php?id=77&section=world", f"{SITE}/read.php?id=77"),
        (f"{SITE}/read.php?id=77", f"{SITE}/articles/77"),
        (f"{SITE}/read.php?id=77", f"{SITE}/news/ferry-resumes-77.html"),
        (f"{SITE}/?p=123", f"{SITE}/2024/06/ferry-resumes/"),
        (f"{SITE}/m/123456", f"{SITE}/news/123456/ferry"),
        (f"{SITE}/node/8996", f"{SITE}/news/ferry-resumes-service"),
        (f"{SITE}/news/old-headline-4723862", f"{SITE}/news/new-headline-4723862"),
        (f"{SITE}/collections/shop/ferry-resumes", f"{SITE}/ferry-resumes"),
        (f"{SITE}/ferry/slide/3", f"{SITE}/gallery/ferry-resumes"),
        (f"{SITE}/ferry-resumes-service-today/2", f"{SITE}/ferry-resumes-service-today"),
        ("https://amp-pages.harbour.example/x/77815", f"{SITE}/news/77815"),
        (f"{SITE}/news", f"{SITE}/news?id=77"),
        (f"{SITE}/a/8q2", f"{SITE}/world/ferry-resumes-service/7pjMbf"),
    ],
)
def test_a_claim_that_agrees_with_the_page_is_believed(url: str, claim: str) -> None:
    assert chosen(url, claim).canonical == claim


def test_a_headline_in_another_script_agrees_in_its_own_letters_and_in_latin_ones() -> None:
    korean = f"{SITE}/news/%EC%97%AC%EA%B0%9D%EC%84%A0-%EC%9A%B4%ED%95%AD"
    assert chosen(f"{SITE}/a/77", korean, title="여객선 운항 재개").canonical == korean
    latin = f"{SITE}/news/parom-vozobnovil-rabotu"
    assert chosen(f"{SITE}/?p=77", latin, title="Паром возобновил работу").canonical == latin
    assert chosen(f"{SITE}/news/mer-belta-ushel", latin, title="Мэр Белта ушёл").canonical != latin


def test_what_the_feed_says_of_the_address_is_believed() -> None:
    url, claim = f"{SITE}/read.php?id=77", f"{SITE}/x/a"
    assert chosen(url, claim).canonical == url
    assert chosen(url, claim, feed=entry("http://www.harbour.example/x/a/")).canonical == claim
    moved = "https://harbour-post.example/a/77"
    assert chosen(moved, claim, feed=entry(claim)).canonical == claim
    assert chosen(url, f"{SITE}/news/mayor-of-belt", feed=entry(url, "The mayor of Belt")).canonical.endswith("belt")


def test_a_relative_claim_is_read_against_the_base() -> None:
    url = f"{SITE}/mobile/77/ferry-resumes"
    assert chosen(url, "ferry-resumes", base=f"{SITE}/news/").canonical == f"{SITE}/news/ferry-resumes"
    assert chosen(url, "news/ferry-resumes", base="/").canonical == f"{SITE}/news/ferry-resumes"
    assert chosen(url, "ferry-resumes").canonical == url
    assert chosen(url, "ferry-resumes", base="javascript:x").canonical == url
    assert chosen(url, "null", base=f"{SITE}/news/").canonical == url


def test_an_address_without_its_scheme_is_no_path() -> None:
    assert chosen(f"{SITE}/m/7/ferry-resumes", "harbour.example/news/ferry-resumes").canonical == (
        f"{SITE}/news/ferry-resumes"
    )


def test_a_route_is_the_articles_though_no_request_carries_it() -> None:
    routed = f"{SITE}/#/page1"
    assert chosen(f"{SITE}/", f"{SITE}/", feed=entry(routed)).canonical == routed
    assert chosen(routed, f"{SITE}/").canonical == routed
    assert chosen(routed, f"{SITE}/#/page2").canonical == routed
    assert chosen(f"{SITE}/other", f"{SITE}/other", feed=entry(routed)).canonical == f"{SITE}/other"


def test_another_outlets_address_is_the_original_and_not_the_articles() -> None:
    found = chosen(f"{SITE}/a/77", "https://wire.example/ferry-resumes")
    assert found == (f"{SITE}/a/77", "https://wire.example/ferry-resumes", ("canonical-elsewhere",), None)
    assert chosen(f"{SITE}/a/77", "https://wire.example/").origin is None
    assert chosen(f"{SITE}/a/77", "https://wire.example/undefined").origin is None


@pytest.mark.parametrize(
    ("claim", "problem"),
    [("null", "canonical-void"), (f"{SITE}/", "canonical-above"), (f"{SITE}/news/latest", "canonical-unlike"),
     (f"{SITE}/" + "x" * 2_100, "canonical-too-long")],
)  # fmt: skip
def test_a_refused_claim_is_named(claim: str, problem: str) -> None:
    found = chosen(f"{SITE}/news/ferry-resumes", claim)
    assert found.problems == (problem,)
    assert found.claimed == (claim if problem == "canonical-unlike" else None)
