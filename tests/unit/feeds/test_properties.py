"""Whatever a feed's address answers with, it becomes a feed whose entries can be written, or an `ItemError`."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from pipeline import urls
from pipeline.errors import ItemError
from pipeline.feeds import parse, to_json
from pipeline.feeds.entries import MAX_KEY
from tests.support.strategies import NOW, faults, feeds, moments

FEED = "https://www.courier.example/feed"
types = st.sampled_from(
    (None, "application/xml", "application/feed+json; charset=utf-8", "text/html; charset=utf-7", "\0")
)


@given(feeds(), types, st.one_of(st.just(NOW), moments))
def test_a_document_becomes_a_feed_or_an_item_error(body: bytes, content_type: str | None, now: datetime) -> None:
    try:
        feed = parse(body, FEED, content_type, now)
    except ItemError as error:
        assert error.reason
        return
    assert list(faults(feed)) == []
    keys = [entry.key for entry in feed.entries]
    assert len(set(keys)) == len(keys)
    for entry in feed.entries:
        to_json(entry, FEED)
        assert 0 < len(entry.key) <= MAX_KEY
        assert len(entry.canonical_url or "") <= urls.MAX_LENGTH
