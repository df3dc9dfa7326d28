"""The feed list agrees with itself and with the page that says where it comes from."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from pipeline import urls
from pipeline.feeds import opml
from pipeline.models import FeedSource
from tests.support.project import REPOSITORY

PAGE = (REPOSITORY / "docs" / "feed-list.md").read_text("utf-8")
GONE = (  # what the page says was taken out or moved
    "https://feeds.a.dj.com/", "https://www.rfa.org/english/rss2.xml", "https://www.rfa.org/korean/rss2.xml",
    "https://www.koreatimes.co.kr/www/rss/", "https://www.iswresearch.org/", "https://time.com/",
    "https://www.dailynk.com/english/", "https://koreajoongangdaily.joins.com/", "https://www.voanews.com/",
    "https://www.nkeconwatch.com/", "https://www3.nhk.or.jp/", "https://ria.ru/export/rss2/archive/",
    "https://tass.ru/rss/v2.xml",
)  # fmt: skip


@pytest.fixture(scope="module")
def sources() -> list[FeedSource]:
    found, problems = opml.read((REPOSITORY / "seeds" / "feeds.opml").read_bytes())
    assert problems == []
    return found


def test_no_feed_stands_twice(sources: list[FeedSource]) -> None:
    known: dict[str, str] = {}
    for source in sources:
        key = urls.identity(urls.canonical(source.url))
        assert key not in known, (source.url, known[key])
        known[key] = source.url
    assert len({source.title for source in sources}) == len(sources), "a title tells which feed it is"


def test_what_is_known_dead_or_moved_stays_out(sources: list[FeedSource]) -> None:
    back = [source.url for source in sources if source.url.startswith(GONE)]
    assert back == []


def test_only_the_named_outlets_are_asked_without_tls(sources: list[FeedSource]) -> None:
    plain = sorted(str(source.outlet) for source in sources if urlsplit(source.url).scheme != "https")
    assert plain == ["People's Daily", "People's Daily", "President of Russia", "President of Russia", "Xinhua"]
    assert "Five feeds are asked without TLS" in PAGE


def test_an_outlet_has_one_country_and_codes_are_codes(sources: list[FeedSource]) -> None:
    countries: dict[str, set[str]] = {}
    for source in sources:
        countries.setdefault(str(source.outlet), set()).add(str(source.country))
        assert re.fullmatch("[A-Z]{2}", str(source.country)), source.title
        assert re.fullmatch("[a-z]{2}", str(source.language)), source.title
    assert {outlet: found for outlet, found in countries.items() if len(found) > 1} == {}


def test_the_page_has_the_basis_of_every_outlet_that_is_not_private(sources: list[FeedSource]) -> None:
    told = dict(re.findall(r"^\| ([^|]+?) \| (state|public|agency) \| [^|]+ \|$", PAGE, re.MULTILINE))
    stated = {str(source.outlet): source.ownership for source in sources if source.ownership != "private"}
    assert told == stated


def test_the_page_counts_what_the_file_has(sources: list[FeedSource]) -> None:
    languages = {source.language for source in sources}
    assert f"{len(sources)} feeds in nine languages" in PAGE
    assert len(languages) == 9
    counts = re.search(
        r"- (\d+) feeds answered.*\n- (\d+) stand.*\n- (\d+) were known.*\n- (\d+) are new.*\n- One", PAGE
    )
    assert counts is not None
    assert sum(map(int, counts.groups())) + 1 == len(sources)
