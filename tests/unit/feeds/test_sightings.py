"""One sighting of a feed sorted into what it means."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from pipeline.feeds.sightings import KnownEntry, entry_published, reconcile
from pipeline.models import FeedEntry

PUBLISHED = datetime(2024, 6, 19, 3, tzinfo=UTC)
ENTRY = FeedEntry(
    key="a",
    guid="a",
    url="https://outlet.example/a",
    canonical_url="https://outlet.example/a",
    title="Title",
    summary_html="",
    content_html="",
    text="Text",
    published=PUBLISHED,
    published_rule="published",
)
KNOWN = KnownEntry(1, "a", "https://outlet.example/a", "Title", "Text", PUBLISHED, "published", None)


def test_the_same_entry_is_seen_and_nothing_else() -> None:
    sighting = reconcile([KNOWN], [ENTRY])
    assert sighting.seen == (1,)
    assert not (sighting.new or sighting.edited or sighting.returned or sighting.gone)


def test_an_edited_title_text_or_date_is_a_revision_not_a_new_entry() -> None:
    edited = replace(ENTRY, title="Other", text="Longer", published=PUBLISHED.replace(hour=4))
    sighting = reconcile([KNOWN], [edited])
    assert not sighting.new
    assert sighting.edited[0].changed == ("title", "text", "published")


def test_a_date_the_feed_never_gave_is_not_an_edit() -> None:
    undated = replace(ENTRY, published=None, published_rule="missing")
    assert not reconcile([KNOWN], [undated]).edited
    assert entry_published(undated, PUBLISHED) == (PUBLISHED, "first-seen:missing")


def test_leaving_and_coming_back_is_not_new() -> None:
    assert reconcile([KNOWN], []).gone == (1,)
    away = replace(KNOWN, absent_since=PUBLISHED)
    back = reconcile([away], [ENTRY])
    assert back.returned == (1,)
    assert not back.new
    assert not reconcile([away], []).gone, "an absence is noted once"


def test_a_renumbered_feed_keeps_its_entries_by_address() -> None:
    renumbered = replace(ENTRY, key="b", guid="b")
    sighting = reconcile([KNOWN], [renumbered])
    assert sighting.seen == (1,)
    assert not sighting.new


def test_two_entries_of_one_address_stay_two_while_both_are_in_the_document() -> None:
    second = replace(ENTRY, key="b", guid="b")
    sighting = reconcile([KNOWN], [ENTRY, second])
    assert sighting.seen == (1,)
    assert [entry.key for entry in sighting.new] == ["b"]
