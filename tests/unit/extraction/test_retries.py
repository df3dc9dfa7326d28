"""Pages that fail, and young articles looked at again."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.extraction import retries as page_retries

NOW = datetime(2024, 6, 19, 12, tzinfo=UTC)


@pytest.mark.parametrize("reason", ["http-404", "http-403", "http-410", "robots", "private-address", "too-large"])
def test_what_will_not_change_is_not_asked_again(reason: str) -> None:
    assert page_retries.next_try(reason, 1, None, NOW) is None


def test_passing_trouble_is_tried_later_and_later_and_then_no_more() -> None:
    waits = [page_retries.next_try("timeout-read", n, None, NOW) or NOW for n in (1, 2, 3)]
    assert all(first < second for first, second in itertools.pairwise(waits))
    assert page_retries.next_try("timeout-read", page_retries.MAX_ATTEMPTS, None, NOW) is None


def test_a_page_whose_worker_was_lost_is_asked_for_again() -> None:
    assert page_retries.next_try("worker-lost", 1, None, NOW) == NOW + timedelta(minutes=15)
    assert page_retries.next_try("worker-lost", page_retries.MAX_ATTEMPTS, None, NOW) is None


def test_a_host_that_says_when_is_believed_up_to_a_day() -> None:
    assert page_retries.next_try("http-429", 1, 7200.0, NOW) == NOW + timedelta(hours=2)
    assert page_retries.next_try("http-503", 1, 1e9, NOW) == NOW + timedelta(days=1)


def test_young_articles_are_looked_at_again_until_they_are_old() -> None:
    assert page_retries.next_look(NOW, NOW, 24) == NOW + timedelta(hours=1)
    assert page_retries.next_look(NOW - timedelta(hours=2), NOW, 24) == NOW + timedelta(hours=2)
    assert page_retries.next_look(NOW - timedelta(hours=30), NOW, 24) is None
    assert page_retries.next_look(NOW, NOW, 0.5) is None


def test_a_page_that_was_not_asked_for_waits_no_longer_than_one_asked_in_vain() -> None:
    assert page_retries.next_turn("not-reached", NOW - timedelta(days=9), None, NOW) == NOW
    assert page_retries.next_turn("unresponsive", NOW - timedelta(hours=5), 900.0, NOW) == NOW + timedelta(minutes=15)
    assert page_retries.next_turn("unresponsive", NOW - timedelta(hours=5, minutes=16), 900.0, NOW) is None
