"""Publication dates: what page, address and feed say is weighed, and nothing is ever published in the future."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from trafilatura.utils import load_html

from pipeline.extraction import dates as article_dates
from pipeline.extraction import facts as page_facts

NOW = datetime(2024, 6, 21, 12, tzinfo=UTC)
URL = "https://outlet.example/news/summit"
LONG = "<p>" + "The delegations met for hours. " * 25 + "</p>"
FEED = datetime(2024, 6, 19, 8, 30, tzinfo=UTC)


def choose(head: str = "", body: str = "", url: str = URL, feed: datetime | None = None) -> article_dates.Published:
    tree = load_html(
        f"<html><head>{head}</head><body><article><h1>Summit</h1>{body}<p>Text.</p></article></body></html>"
    )
    dated = article_dates.FeedDate(feed) if feed else None
    return article_dates.choose(page_facts.read(tree), tree, url, feed=dated, now=NOW)


def ld(stamp: str) -> str:
    return f'<script type="application/ld+json">{{"@type":"NewsArticle","datePublished":"{stamp}"}}</script>'


def meta(name: str, stamp: str) -> str:
    return f'<meta property="{name}" content="{stamp}">'


@pytest.mark.parametrize(
    ("head", "body", "url", "feed", "expected", "rule"),
    [
        (ld("2024-06-19T11:20:00+03:00"), "", URL, None, datetime(2024, 6, 19, 8, 20, tzinfo=UTC), "json-ld"),
        (
            meta("article:published_time", "2024-06-19T08:20:00Z"),
            "",
            URL,
            None,
            datetime(2024, 6, 19, 8, 20, tzinfo=UTC),
            "meta",
        ),
        # the feed knows the hour of a bare day, and the zone of a time without one
        (ld("2024-06-19"), "", URL, FEED, FEED, "feed"),
        (ld("2024-06-19T17:30:00"), "", URL, FEED, FEED, "feed"),
        # midnight of the newsroom's zone is how editing systems write a day: the day survives
        (ld("2024-06-19T00:00:00+09:00"), "", URL, None, datetime(2024, 6, 19, tzinfo=UTC), "json-ld"),
        # a page redated after the feed had it; a feed that redates an old page
        (
            ld("2024-06-21T09:00:00Z"),
            "",
            URL,
            datetime(2024, 6, 18, 9, tzinfo=UTC),
            datetime(2024, 6, 18, 9, tzinfo=UTC),
            "feed",
        ),
        (ld("2024-06-10T09:00:00Z"), "", URL, FEED, datetime(2024, 6, 10, 9, tzinfo=UTC), "json-ld"),
        # an address older than the statement; an address alone, with the hour of the day's time element
        (
            ld("2024-06-20T09:00:00Z"),
            "",
            "https://o.example/2024/06/17/a",
            None,
            datetime(2024, 6, 17, tzinfo=UTC),
            "url",
        ),
        (
            "",
            "<time datetime='2024-06-17T10:00:00Z'>",
            "https://o.example/2024/6/17/a",
            None,
            datetime(2024, 6, 17, 10, tzinfo=UTC),
            "url",
        ),
        # nothing but the feed, nothing but the prose, nothing
        ("", "", URL, FEED, FEED, "feed"),
        ("", "<p class='date'>Published on 17 June 2024</p>", URL, None, datetime(2024, 6, 17, tzinfo=UTC), "headline"),
        ("", LONG + "<p>Pyongyang, 17 June 2024</p>", URL, None, datetime(2024, 6, 17, tzinfo=UTC), "text"),
        # a meta tag called no more than "date" states nothing, one that names the publication does
        (
            meta("date", "2024-06-18"),
            "<p>17.06.2024, 12:01 Uhr</p>",
            URL,
            None,
            datetime(2024, 6, 17, tzinfo=UTC),
            "headline",
        ),
        (
            meta("article:published_time", "2024-06-18"),
            "<p>17.06.2024, 12:01 Uhr</p>",
            URL,
            None,
            datetime(2024, 6, 18, tzinfo=UTC),
            "meta",
        ),
        ("", "", URL, None, None, "missing"),
    ],
)
def test_choice(head: str, body: str, url: str, feed: datetime | None, expected: datetime | None, rule: str) -> None:
    found = choose(head, body, url, feed)
    assert (found.at, found.rule) == (expected, rule)


def test_nothing_is_published_in_the_future() -> None:
    ahead = choose(ld("2024-06-25T09:00:00Z"), feed=FEED)
    assert (ahead.at, ahead.rule, ahead.problems) == (FEED, "feed", ("future-date",))
    assert choose(ld("2099-01-01"), url="https://o.example/2099/01/01/x").at is None
    assert choose(feed=datetime(2024, 7, 1, tzinfo=UTC)).at is None
    zoneless = choose(ld("2024-06-21T20:00:00"))  # eight in the evening in Pyongyang is eleven in the morning here
    assert zoneless.at == NOW
    assert "date-no-zone" in zoneless.problems


def test_the_newsrooms_day_is_kept_beside_the_moment() -> None:
    assert choose(ld("2024-06-19T22:46:00-03:00")).offset == -180
    inferred = choose(ld("2024-06-20T01:30:00Z"), url="https://o.example/2024/06/19/a")
    assert inferred.at == datetime(2024, 6, 20, 1, 30, tzinfo=UTC)
    assert inferred.offset == -120


def test_a_first_of_the_month_that_nobody_wrote_is_no_date() -> None:
    assert choose(body="<footer>© 2023 Outlet</footer>").at is None
    assert choose(body="<p class='date'>1. Juni 2024</p>").at == datetime(2024, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-06-19T08:20:00.000+0200", date(2024, 6, 19)),
        ("Wed, 19 Jun 2024 08:20:00 GMT", date(2024, 6, 19)),
        ("19.06.2024 10:00", date(2024, 6, 19)),
        ("05.06.2024", date(2024, 6, 5)),
        ("20240619", date(2024, 6, 19)),
        ("1718785200", date(2024, 6, 19)),
        ("1718785200000", date(2024, 6, 19)),
        ("03/04/2024", None),
        ("19/06/2024", date(2024, 6, 19)),
        ("yesterday", None),
        ("0001-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("99999999999999999999", None),
        ("", None),
    ],
)
def test_parse(text: str, day: date | None) -> None:
    stamp = article_dates.parse(text)
    assert (stamp.day if stamp else None) == day


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://o.example/2024/06/19/a", date(2024, 6, 19)),
        ("https://o.example/2024/6/9/a.html", date(2024, 6, 9)),
        ("https://o.example/summit-20240619", date(2024, 6, 19)),
        ("https://o.example/2024-06-19-summit", date(2024, 6, 19)),
        ("https://archive.example/web/20230820205919/http://o.example/2016/01/02/x", date(2016, 1, 2)),
        ("https://o.example/2024/06/19", date(2024, 6, 19)),
        ("https://o.example/2024/06/19.html", date(2024, 6, 19)),
        ("https://o.example/2024/06/summit", None),
        # joined by other marks than slashes, a day stands at an end of its segment, numbers aside
        ("https://o.example/the-storm-of-1999-12-26-remembered", None),
        ("https://o.example/the_storm_of_1999_12_26_remembered.html", None),
        ("https://o.example/storm-1999-12-26-remembered/2024-06-19", date(2024, 6, 19)),
        ("https://o.example/summit-2024-06-19", date(2024, 6, 19)),
        ("https://o.example/summit-2024-06-19.html", date(2024, 6, 19)),
        ("https://o.example/summit-2024-06-19-14-05-9876.html", date(2024, 6, 19)),
        ("https://o.example/2024/06/2-0-deutschland-schlaegt-ungarn", None),
        ("https://o.example/2024/11/2-0-deutschland-schlaegt-ungarn", None),
        ("https://o.example/2024/06/19-dead-in-flood", None),
        ("https://o.example/2024/06/3-reasons-2024/06/18/a", date(2024, 6, 18)),
        ("https://o.example/20240619123/x", None),
        ("https://o.example/2024/13/45/x", None),
        ("https://o.example/2030/01/01/x", None),
        ("https://o.example/a?d=2024/06/19/", None),
    ],
)
def test_url_date(url: str, day: date | None) -> None:
    assert article_dates.url_date(url, NOW) == day


def test_a_number_that_may_open_the_headline_dates_nothing() -> None:
    for url in (
        "https://o.example/2024/06/19-dead-in-flood",
        "https://o.example/2024/06/2-0-deutschland-schlaegt-ungarn",
    ):
        assert choose(url=url).rule == "missing"
        assert choose(url=url, feed=FEED).at == FEED


def test_the_date_beside_the_headline_is_asked_only_where_neither_page_nor_feed_states_one() -> None:
    printed = "<p>17.06.2024, 12:01 Uhr</p>"
    assert choose(body=printed).rule == "headline"
    assert choose(body=printed, feed=FEED).at == FEED
    assert choose(ld("2024-06-18"), body=printed).at == datetime(2024, 6, 18, tzinfo=UTC)
    assert choose(body=printed, url="https://o.example/2024/06/18/a").at == datetime(2024, 6, 18, tzinfo=UTC)


def test_a_dated_meta_tag_gives_a_known_day_its_hour() -> None:
    url = "https://o.example/2024/06/18/a"
    head = meta("last-modified", "2024-06-18T15:00:00Z") + meta("dc.date.issued", "2024-06-18T10:30:00+09:00")
    found = choose(head, url=url)
    assert (found.at, found.rule, found.offset) == (datetime(2024, 6, 18, 1, 30, tzinfo=UTC), "url", 540)
    assert choose(meta("dc.date.issued", "2024-06-19T10:30:00Z"), url=url).at == datetime(2024, 6, 18, tzinfo=UTC)


def test_the_feeds_hour_completes_a_day_from_the_address() -> None:
    found = choose(url="https://o.example/2024/06/18/a", feed=FEED)
    assert (found.at, found.rule) == (FEED, "feed")


@pytest.mark.parametrize(
    ("url", "stated", "day", "rule"),
    [
        ("https://o.example/article/20110316", "2024-06-19T10:00:00Z", date(2024, 6, 19), "meta"),
        ("https://o.example/news/world-asia-20110316", "2024-06-19T10:00:00Z", date(2024, 6, 19), "meta"),
        ("https://o.example/n/20240301.html", "2024-06-19T10:00:00Z", date(2024, 6, 19), "meta"),
        ("https://o.example/n/20240617.html", "2024-06-19T10:00:00Z", date(2024, 6, 17), "url"),
        ("https://o.example/2011/03/16/ferry", "2024-06-19T10:00:00Z", date(2011, 3, 16), "url"),
        ("https://o.example/2011-03-16-ferry", "2024-06-19T10:00:00Z", date(2011, 3, 16), "url"),
        ("https://o.example/storm-of-1999-12-26-told", "2024-06-19T10:00:00Z", date(2024, 6, 19), "meta"),
    ],
)
def test_a_number_in_the_address_gives_way_to_a_statement_far_from_it(
    url: str, stated: str, day: date, rule: str
) -> None:
    found = choose(meta("article:published_time", stated), url=url)
    assert found.at is not None
    assert (found.at.date(), found.rule) == (day, rule)


@pytest.mark.parametrize("shown", ["<time datetime='2024-06-19'>19 June</time>", "<p>Published 19 June 2024</p>"])
def test_a_number_in_the_address_gives_way_to_what_the_page_shows(shown: str) -> None:
    found = choose(body=shown, url="https://o.example/n/20110316")
    assert found.at is not None
    assert found.at.date() == date(2024, 6, 19)


def test_a_number_in_the_address_gives_way_to_the_feed_too() -> None:
    assert choose(url="https://o.example/n/20110316", feed=FEED).at == FEED
    assert choose(url="https://o.example/n/20110316").at == datetime(2011, 3, 16, tzinfo=UTC)


TERM = "<dt><a href='/{}'>Pier</a></dt><dd>12 May 2024</dd>"
CARD = "<li><a href='/x'>Mayor steps down</a> {}</li>"
PROSE = (
    "<p>" + "The two islands have quarrelled for a decade. " * 3 + "{}" + " They may vote on it again. " * 5 + "</p>"
)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ('<script>var cfg={"expires":"2021-01-31"};</script>', ""),
        ('<script>window.state={"updatedAt":"2024-06-18","createdDate":"2024-06-17"}</script>', ""),
        ('<script type="application/json">{"validUntil": "2024-01-31T10:00:00Z"}</script>', ""),
        ("<style>/* 2024-03-12 */</style>", ""),
        ('<script type="application/ld+json">{"@type":"Event","startDate":"2021-01-31"}</script>', ""),
        ('<meta http-equiv="expires" content="Sun, 31 Jan 2021 10:00:00 GMT">', ""),
        ("", "</article><aside>17 June 2024</aside><article>"),
        ("", "</article><ul><li>17 June 2024 <a href='/x'>Mayor steps down</a></li></ul><article>"),
        ("", LONG + "<aside><ul><li>17.06.2024 Mayor steps down</li></ul></aside>"),
        ("", LONG + "<footer><p>Site as of 17 June 2024</p></footer>"),
        ("", LONG + "<nav><p>17 June 2024</p></nav>"),
        ("", LONG + "<ul>" + CARD.format("<span>17 June 2024</span>") + "</ul>"),
        ("", LONG + "<ul><li><span>17 June 2024</span> <a href='/x'>Mayor steps down</a></li></ul>"),
        ("", "<p>The ferry sank on 12 March 2015 and was raised on 3 May 2016.</p>"),
        ("", "<p>On 12 March 2015 the ferry sank off Belt.</p>"),
        ("", "<p>The council voted on March 12, 2015 to buy a vessel</p>"),
        ("", "<p>It is due back on <b>18 June 2024</b>, she said.</p>"),
        ("", "<p>The <a href='/x'>Northwind</a> sank on 12 March 2015.</p>"),
        ("", "<p>Die Fähre sank am 12. März 2015.</p>"),
        ("", "<h2>The ferry that sank on 12 March 2015 is back in service</h2>"),
        ("", "<figure><img src='a.jpg'><figcaption>The Northwind on 3 May 2022</figcaption></figure>"),
        (
            "",
            "<figure><img src='a.jpg'><figcaption><time datetime='2022-05-03'>3 May 2022</time></figcaption></figure>",
        ),
        ("", "<div class='wp-caption'><img src='a.jpg'><p class='wp-caption-text'>Northwind, 3 May 2022</p></div>"),
        ("", LONG + "<ul><li><a href='/m'>Pay</a> 12 May 2024</li><li><a href='/n'>Pier</a> 13 May 2024</li></ul>"),
        ("", "<ul><li><a href='/m'>Pay</a> 12 May 2024</li><li><a href='/n'>Pier</a> 13 May 2024</li></ul>"),
        ("", LONG + f"<dl>{TERM.format('m')}{TERM.format('n')}</dl>"),
        ("", LONG + PROSE.format("They first voted on 3 May 2019 and then went home.")),
    ],
)
def test_the_dates_of_other_things_are_not_the_articles(head: str, body: str) -> None:
    assert choose(head, body).at is None


def linked(data: str) -> str:
    return f'<script type="application/ld+json">{data}</script>'


PICTURE = '{"@type":"ImageObject","datePublished":"2019-01-01"}'
THING = "<div itemscope itemtype='https://schema.org/{}'><meta itemprop='datePublished' content='2019-01-01'></div>"


@pytest.mark.parametrize(
    ("head", "day"),
    [
        (linked(PICTURE), None),
        (linked('{"@type":["VideoObject"],"datePublished":"2019-01-01T10:00:00Z"}'), None),
        (linked('{"@graph":[{"@type":"http://schema.org/AudioObject","datePublished":"2019-01-01"}]}'), None),
        (linked('{"@type":"NewsArticle","headline":"Summit","image":' + PICTURE + "}"), None),
        (linked('{"@type":"NewsArticle","comment":[{"@type":"Comment","datePublished":"2019-01-01"}]}'), None),
        (linked('{"@type":"Product","review":{"@type":"Review","datePublished":"2019-01-01"}}'), None),
        (linked('{"@type":"WebPage","datePublished":"2024-06-19","image":' + PICTURE + "}"), date(2024, 6, 19)),
        (linked('{"datePublished":"2024-06-19"}'), date(2024, 6, 19)),
    ],
)  # fmt: skip
def test_linked_data_dates_the_page_alone(head: str, day: date | None) -> None:
    at = choose(head).at
    assert (at and at.date()) == day


@pytest.mark.parametrize(
    ("kind", "dated"),
    [("ImageObject", False), ("VideoObject", False), ("Comment", False), ("Event", False), ("NewsArticle", True)],
)
def test_microdata_dates_its_own_thing(kind: str, dated: bool) -> None:
    assert (choose(body=THING.format(kind)).at is not None) is dated


@pytest.mark.parametrize(
    "body",
    [
        "<p>Last updated: 21 June 2024</p>",
        "<p>Last updated: <span>21 June 2024</span></p>",
        "<p>Updated <time datetime='2024-06-21T10:00:00Z'>21 June 2024</time></p>",
        "<time itemprop='dateModified' datetime='2024-06-21'>21 June 2024</time>",
        "<span>Updated:</span> <span>21 June 2024</span>",
        "<p>Zuletzt aktualisiert am 21.06.2024</p>",
        LONG + "<p>This page was last edited on 21 June 2024.</p>",
    ],
)
def test_the_day_of_a_change_counts_as_one_where_the_page_names_no_other(body: str) -> None:
    found = choose(body=body)
    assert found.rule == "updated"
    assert found.at is not None
    assert found.at.date() == date(2024, 6, 21)
    assert choose(body=body, feed=FEED).at == FEED
    assert choose(body="<p>Published: 19 June 2024</p>" + body).rule == "headline"


def test_a_clock_of_the_site_is_not_the_articles() -> None:
    page = (
        "<html><body><div{}>Thursday, 20 June 2024</div><article><h1>Summit</h1>{}<p>Met.</p></article></body></html>"
    )
    marked = (
        '<time datetime="2024-06-19">19 June</time>',
        '<p>By Ada <time datetime="2024-06-19">2 days ago</time></p>',
    )
    for named in ("", " class=today", " id=clock", " class='current-date'"):
        for below in marked:
            tree = load_html(page.format(named, below))
            found = article_dates.choose(page_facts.read(tree), tree, URL, feed=None, now=NOW)
            assert found.at is not None
            assert (found.at.date(), found.rule) == (date(2024, 6, 19), "headline")
    tree = load_html(page.format(" class=today", ""))
    assert article_dates.choose(page_facts.read(tree), tree, URL, feed=None, now=NOW).at is None


@pytest.mark.parametrize(
    ("script", "at"),
    [
        ('{"publishedDate":"2024-06-17T10:00:00Z","updatedDate":"2024-06-18"}', datetime(2024, 6, 17, 10, tzinfo=UTC)),
        (r'self.__next=["{\"published_at\":\"2024-06-17T10:00:00Z\"}"]', datetime(2024, 6, 17, 10, tzinfo=UTC)),
        ('{"a":{"publicationDate":"2024-06-17"},"b":{"publishedAt":"2024-06-18"}}', None),
        ('{"publishedAt":"2031-06-18T10:00:00Z"}', None),
        ('{"unpublished":"2024-06-17"}', None),
    ],
)
def test_the_data_of_scripts_states_a_publication_where_it_names_one_day(script: str, at: datetime | None) -> None:
    found = choose(f'<script type="application/json">{script}</script>')
    assert (found.at, found.rule) == (at, "script" if at else "missing")


@pytest.mark.parametrize(
    ("head", "body", "feed", "at", "rule"),
    [
        # a feed's bare day takes no hour from the page, and gives its day where the page has none
        (ld("2024-06-19T08:20:00Z"), "", date(2024, 6, 19), datetime(2024, 6, 19, 8, 20, tzinfo=UTC), "json-ld"),
        (ld("2024-06-19T23:20:00-03:00"), "", date(2024, 6, 19), datetime(2024, 6, 20, 2, 20, tzinfo=UTC), "json-ld"),
        (ld("2024-06-20T08:20:00Z"), "", date(2024, 6, 17), datetime(2024, 6, 17, tzinfo=UTC), "feed"),
        ("", "", date(2024, 6, 17), datetime(2024, 6, 17, tzinfo=UTC), "feed"),
        ("", "<time datetime='2024-06-17T10:00Z'>", date(2024, 6, 17), datetime(2024, 6, 17, 10, tzinfo=UTC), "feed"),
    ],
)  # fmt: skip
def test_a_feed_may_know_the_day_alone(head: str, body: str, feed: date, at: datetime, rule: str) -> None:
    found = choose(head, body, feed=datetime(feed.year, feed.month, feed.day, tzinfo=UTC))
    assert (found.at, found.rule) == (at, rule)


@pytest.mark.parametrize(
    ("stamp", "known"),
    [
        ("2024-06-19T09:00:00+09:00", "instant"),  # midnight UTC, and an hour
        ("2024-06-19T00:00:00+09:00", "day"),  # midnight of its own zone is how a day is written
        ("2024-06-19T00:00:00Z", "day"),
        ("2024-06-19", "day"),
        ("2024-06-19T08:30:00Z", "instant"),
    ],
)
def test_what_a_page_states_is_a_day_or_an_instant(stamp: str, known: str) -> None:
    assert choose(ld(stamp)).precision == known


def test_an_hour_of_the_feed_is_no_day_at_midnight_in_london() -> None:
    tree = load_html("<html><body><article><h1>Summit</h1><p>Text.</p></article></body></html>")
    for known in ("day", "instant"):
        feed = article_dates.FeedDate(datetime(2024, 6, 19, tzinfo=UTC), known)
        assert article_dates.choose(page_facts.read(tree), tree, URL, feed=feed, now=NOW).precision == known
