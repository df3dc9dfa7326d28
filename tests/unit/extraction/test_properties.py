"""Whatever a page holds, it becomes an article whose row can be written, or an `ItemError`; nothing else."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from pipeline import urls
from pipeline.errors import ItemError
from pipeline.extraction import extract, from_feed, to_json
from pipeline.models import Article, FeedEntry
from pipeline.text.characters import storable
from tests.support.strategies import NOW, PROSE, addresses, faults, near_moments, odd_or, pages

PAGE = "https://www.courier.example/news/summit-ends-with-treaty-2024"

# The address that the client ended at, which it has read and written itself.
received = addresses.map(lambda address: storable(urls.resolve(PAGE, address) or PAGE))
entries = st.builds(
    FeedEntry,
    key=st.just("k"),
    guid=st.none(),
    url=st.just(PAGE),
    canonical_url=st.just(PAGE),
    title=st.sampled_from(("", "Summit ends with treaty")),
    summary_html=st.just(""),
    content_html=st.just(""),
    text=st.sampled_from(("", "Two words", PROSE, PROSE * 12, PROSE + "…")),
    authors=st.sampled_from(((), ("Ana Lima",), ("The Courier",))),
    published=st.one_of(st.none(), near_moments),
    published_rule=st.just("published"),
    language=st.sampled_from((None, "en", "de-AT")),
    tags=st.sampled_from(((), ("World",))),
    source_name=st.sampled_from((None, "The Courier")),
)


def wrong_with(article: Article) -> list[str]:
    json.dumps(to_json(article))
    assert len(article.canonical_url) <= urls.MAX_LENGTH
    assert len(article.origin_url or "") <= urls.MAX_LENGTH
    return list(faults(article))


@given(pages(), st.one_of(st.none(), entries), odd_or(st.just(PAGE), received))
def test_a_page_becomes_an_article_or_an_item_error(page: bytes, fallback: FeedEntry | None, url: str) -> None:
    try:
        article = extract(page, url, fallback=fallback, now=NOW)
    except ItemError as error:
        assert error.reason
        return
    assert wrong_with(article) == []


@given(entries, st.one_of(st.none(), st.just(PAGE)))
def test_a_feeds_own_text_becomes_an_article_or_an_item_error(entry: FeedEntry, url: str | None) -> None:
    try:
        article = from_feed(entry, "http-403", url=url)
    except ItemError as error:
        assert error.reason == "http-403"
        return
    assert wrong_with(article) == []
