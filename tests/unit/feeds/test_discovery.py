"""Finding an outlet's feeds on recorded answers: what is asked, in which order, what is said when nothing is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from pipeline import feeds
from pipeline.errors import ItemError
from pipeline.feeds import candidates, discovery
from pipeline.models import FeedEntry, ParsedFeed, Response

NOW = datetime(2024, 6, 20, tzinfo=UTC)
HOME = "https://outlet.example/"
RSS = (
    '<rss version="2.0"><channel><title>{title}</title><link>https://outlet.example/</link>'
    "<item><title>A</title><link>https://outlet.example/{n}/a</link><pubDate>19 Jun 2024 12:00:00 GMT</pubDate></item>"
    "<item><title>B</title><link>https://outlet.example/{n}/b</link><pubDate>19 Jun 2024 00:00:00 GMT</pubDate></item>"
    "</channel></rss>"
)
NEWS_SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
    "<url><loc>https://outlet.example/x</loc><news:news><news:publication><news:name>O</news:name></news:publication>"
    "<news:publication_date>2024-06-19</news:publication_date><news:title>T</news:title></news:news></url></urlset>"
)


class Site:
    """Answers by address; everything else is 404. It notes what was asked."""

    def __init__(self, **pages: str) -> None:
        self.headers: dict[str, dict[str, str]] = {}
        self.pages = {HOME if path == "home" else path: body for path, body in pages.items()}
        self.asked: list[str] = []

    def get(self, url: str) -> Response:
        self.asked.append(url)
        if url == "https://down.example/":
            raise ItemError("timeout", "no answer", url=url)
        body = self.pages.get(url)
        if body is None:
            return Response(url, url, 404, {}, b"<html>no</html>")
        headers = {"content-type": "text/html", **self.headers.get(url, {})}
        return Response(url, url, 200, headers, body.encode())


def read(answer: Response) -> ParsedFeed:
    return feeds.parse(answer.body, answer.final_url, answer.headers.get("content-type"), NOW)


def site(pages: dict[str, str]) -> Site:
    made = Site()
    made.pages = {(HOME.rstrip("/") + path): body for path, body in pages.items()}
    return made


def found(pages: dict[str, str], url: str = HOME) -> list[tuple[str, str]]:
    return [
        (f.url.removeprefix("https://outlet.example"), f.rule)
        for f in discovery.discover(site(pages).get, read, url, NOW)
    ]


def feed(n: int = 1, title: str = "Outlet") -> str:
    return RSS.format(title=title, n=n)


def test_the_address_itself_may_be_the_feed() -> None:
    one = discovery.discover(site({"/rss": feed()}).get, read, "https://outlet.example/rss", NOW)
    assert [(f.url, f.title, f.format, f.rule, f.entries) for f in one] == [
        ("https://outlet.example/rss", "Outlet", "rss2", "given", 2)
    ]
    assert one[0].newest == datetime(2024, 6, 19, 12, tzinfo=UTC)
    assert one[0].per_day == pytest.approx(2.0)


def test_link_tags_lead_with_comments_last() -> None:
    home = (
        '<html><head><base href="https://outlet.example/base/">'
        '<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed">'
        '<link rel="alternate" type="application/rss+xml; charset=utf-8" title="News" href="news.xml">'
        '<link rel="alternate" hreflang="fr" type="text/html" href="/fr">'
        '<link rel="stylesheet" type="text/css" href="/rss.css"></head></html>'
    )
    pages = {"/": home, "/base/news.xml": feed(1), "/comments/feed": feed(2, "Comments on Outlet")}
    assert found(pages) == [("/base/news.xml", "link"), ("/comments/feed", "link")]


def test_json_feeds_count() -> None:
    home = '<link rel="alternate" type="application/feed+json" href="/feed.json">'
    body = '{"version": "https://jsonfeed.org/version/1.1", "title": "O", "items": [{"id": "1", "title": "A"}]}'
    assert found({"/": home, "/feed.json": body}) == [("/feed.json", "link")]


def test_anchors_and_a_page_that_lists_the_feeds() -> None:
    pages = {
        "/": '<html><body><a href="/about/rss">RSS</a></body></html>',
        "/about/rss": '<html><a href="/feeds/world.xml" class="rss">World</a><a href="/logo.png">RSS</a></html>',
        "/feeds/world.xml": feed(),
    }
    assert found(pages) == [("/feeds/world.xml", "anchor")]


def test_robots_then_the_index_then_the_news_sitemap() -> None:
    pages = {
        "/": "<html><body>nothing</body></html>",
        "/robots.txt": "User-agent: *\nDisallow:\nSitemap: https://outlet.example/sitemap.xml",
        "/sitemap.xml": "<sitemapindex><sitemap><loc>https://outlet.example/archive-2019.xml</loc></sitemap>"
        "<sitemap><loc>https://outlet.example/news.xml</loc></sitemap></sitemapindex>",
        "/news.xml": NEWS_SITEMAP,
    }
    made = site(pages)
    assert [(f.url, f.rule, f.format) for f in discovery.discover(made.get, read, HOME, NOW)] == [
        ("https://outlet.example/news.xml", "sitemap-index", "sitemap")
    ]
    assert "https://outlet.example/archive-2019.xml" not in made.asked


def test_a_sitemap_of_plain_pages_is_no_feed() -> None:
    pages = {
        "/": "<html></html>",
        "/robots.txt": "sitemap: /sitemap.xml",
        "/sitemap.xml": "<urlset><url><loc>https://outlet.example/contact</loc></url></urlset>",
    }
    with pytest.raises(ItemError) as caught:
        discovery.discover(site(pages).get, read, HOME, NOW)
    assert caught.value.reason == "no-feed-found"


def test_usual_paths_below_the_section_first() -> None:
    assert found(
        {"/world": "<html></html>", "/world/feed": feed(1), "/feed": feed(2)}, "https://outlet.example/world"
    ) == [("/world/feed", "usual-path")]
    assert found({"/": "<html></html>", "/rss.xml": feed(2)}) == [("/rss.xml", "usual-path")]


def test_a_bare_name_is_tried_over_https() -> None:
    made = Site()
    made.pages = {"https://outlet.example": feed()}
    assert discovery.discover(made.get, read, "outlet.example", NOW)[0].rule == "given"


@pytest.mark.parametrize("url", ["https://down.example/", "https://outlet.example/gone", "not an address"])
def test_nothing_found_is_one_line(url: str) -> None:
    with pytest.raises(ItemError) as caught:
        discovery.discover(site({"/": "<html></html>"}).get, read, url, NOW)
    assert caught.value.reason == "no-feed-found"
    assert "\n" not in caught.value.detail


def test_requests_are_bounded_whatever_the_page_says() -> None:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="/f{n}">' for n in range(500))
    anchors = "".join(f'<a href="/rss/{n}">RSS</a>' for n in range(500))
    made = site({"/": f"<html>{links}{anchors}</html>"})
    with pytest.raises(ItemError):
        discovery.discover(made.get, read, HOME, NOW)
    assert len(made.asked) <= discovery.MAX_REQUESTS
    assert len(made.asked) == len(set(made.asked))


@pytest.mark.parametrize(
    "content",
    [
        "0;url=/news/",
        "0; URL='/news/'",
        '5;url="/news/"',
        "0;/news/",
        "0, url=/news/",
        "0 url = /news/",
        "url=/news/",
        "0.5; news/",
    ],
)
def test_a_page_that_sends_its_readers_on_is_followed(content: str) -> None:
    home = f"<html><head><META HTTP-EQUIV='Refresh' CONTENT=\"{content.replace(chr(34), '&quot;')}\"></head></html>"
    pages = {"/": home, "/news/": '<link rel="alternate" type="application/rss+xml" href="/x6">', "/x6": feed()}
    assert found(pages) == [("/x6", "link")]


@pytest.mark.parametrize("content", ["300", "300;", "300; url=", "", "0;url=javascript:x", "0;url=/"])
def test_a_page_that_reloads_itself_leads_nowhere(content: str) -> None:
    assert candidates.onward(f'<meta http-equiv="refresh" content="{content}">', HOME) == []


@pytest.mark.parametrize(
    "home",
    [
        "<html><script>window.location.href = '/news/';</script></html>",
        '<html><script>location.replace("/news/")</script></html>',
        "<html><script>document.location='https://outlet.example/news/'</script></html>",
        '<html><frameset><frame src="/news/"></frameset></html>',
        '<html><body><iframe src="news/"></iframe></body></html>',
    ],
)
def test_scripts_and_frames_of_an_empty_page_are_followed(home: str) -> None:
    pages = {"/": home, "/news/": '<link rel="alternate" type="application/atom+xml" href="/x">', "/x": feed()}
    assert found(pages) == [("/x", "link")]


def test_pages_that_lead_to_each_other_end() -> None:
    pages = {f"/{n}": f'<meta http-equiv="refresh" content="0;url=/{n + 1}">' for n in range(1, 60)}
    made = site({"/": '<meta http-equiv="refresh" content="0;url=/1">', **pages})
    with pytest.raises(ItemError):
        discovery.discover(made.get, read, HOME, NOW)
    assert len(made.asked) <= discovery.MAX_REQUESTS
    assert "https://outlet.example/9" not in made.asked


@pytest.mark.parametrize(
    ("home", "rule"),
    [
        ('<a rel="alternate" type="application/atom+xml" href="/x">Subscribe</a>', "link"),
        ('<a type="application/rss+xml; charset=utf-8" href="/x">Subscribe</a>', "link"),
        ('<link type="application/rss+xml" href="/x">', "link"),
        ('<link rel="alternate" hreflang="en" type="application/rss+xml" href="/x">', "link"),
        ('<link REL="Alternate FEED" href="outlet.example/x">', "link"),
        ('<link rel="alternate" type="application/rss&#43;xml" href="feed:https://outlet.example/x">', "link"),
        ('<body><link rel="rss" href="/x"></body>', "link"),
        ('<a href="/x"><img src="/i/1.png" alt="RSS"></a>', "anchor"),
        ('<a href="/x"><img src="/i/rss-icon.png"></a>', "anchor"),
        ('<a href="/x"><i class="fa fa-rss"></i></a>', "anchor"),
        ('<a href="/x"><svg><use xlink:href="#icon-rss"></use></svg></a>', "anchor"),
        ('<a href="/x" aria-label="RSS feed"></a>', "anchor"),
        ('<map><area href="/x" alt="Atom"></map>', "anchor"),
        ('<a href="https://reader.example/add?url=https%3A%2F%2Foutlet.example%2Fx">RSS in a reader</a>', "anchor"),
    ],
)  # fmt: skip
def test_every_way_a_page_names_its_feed(home: str, rule: str) -> None:
    assert found({"/": f"<!DOCTYPE html><html><body>{home}</body></html>", "/x": feed()}) == [("/x", rule)]


@pytest.mark.parametrize(
    "value",
    [
        '</x>; rel="alternate"; type="application/rss+xml"',
        "</a.css>; rel=preload, <https://outlet.example/x>; rel=alternate; type=application/atom+xml; title=News",
        '<x>; title="a, b; c"; type="application/feed+json"; rel="alternate"',
        '</wp-json/>; rel="https://api.w.org/", </x>; rel="alternate feed"',
    ],
)
def test_a_link_header_names_the_feed(value: str) -> None:
    made = site({"/": "<html></html>", "/x": feed()})
    made.headers[HOME] = {"link": value}
    assert [(one.url, one.rule) for one in discovery.discover(made.get, read, HOME, NOW)] == [
        ("https://outlet.example/x", "header")
    ]


@pytest.mark.timeout(5)
@pytest.mark.parametrize("piece", ["<", "<a>;", '<a>;a="', "<a>; a=b", " ; ", '"'])
def test_a_long_header_takes_no_time(piece: str) -> None:
    assert candidates.from_header(piece * 100_000, HOME) == []


def test_feeds_of_a_page_that_is_closed_are_found() -> None:
    assert found({"/feed": feed()}) == [("/feed", "usual-path")]
    assert found({"/?format=feed&type=rss": feed(), "/": "<html></html>"}) == [("/?format=feed&type=rss", "usual-path")]


def entry(hours_ago: float | None) -> FeedEntry:
    published = None if hours_ago is None else NOW - timedelta(hours=hours_ago)
    return FeedEntry("k", None, None, None, "", "", "", "", published=published)


@pytest.mark.parametrize(
    ("hours_ago", "per_day"),
    [
        ([], None),
        ([None, None], None),
        ([24 * 60], 0.0),
        ([12, 24, 36, 48], 2.0),
        ([h + 0.5 for h in range(24)], 24 / (21.5 / 24) * 22 / 24),  # the oldest tenth, two of 24, is left out
        ([*[h / 2 for h in range(1, 11)], 24 * 20], 10 / (5 / 24)),  # one pinned item does not slow the rest
        ([-5, 24], 1.0),  # what claims to be ahead of the clock says nothing of the pace
    ],
)
def test_publishing_rate(hours_ago: list[float | None], per_day: float | None) -> None:
    rate = discovery.publishing_rate([entry(h) for h in hours_ago], NOW)
    assert rate == (None if per_day is None else pytest.approx(per_day))


def test_the_fetch_function_is_all_it_asks() -> None:
    get: Callable[[str], Response] = site({"/": feed()}).get
    assert discovery.discover(get, read, HOME, NOW)[0].url == HOME
