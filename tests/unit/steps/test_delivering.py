"""When an undelivered digest is tried again, and when it is given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.steps.channels import is_refusal
from pipeline.steps.delivering import REFUSALS, TRIES, WAITS, next_try
from pipeline.store.outbox import Ending

NOW = datetime(2024, 6, 20, tzinfo=UTC)
AWAY = Ending("connect")
NO = Ending("http-404", refused=True)


def test_waits_grow_and_end_within_two_days() -> None:
    assert list(WAITS) == sorted(set(WAITS))
    moments = [next_try(AWAY, tries, NOW) for tries in range(1, TRIES)]
    assert moments == [NOW + wait for wait in WAITS]
    assert next_try(AWAY, TRIES, NOW) is None
    assert sum(WAITS, timedelta()) < timedelta(days=2)


def test_a_refusal_is_given_up_while_people_are_at_their_desks() -> None:
    assert next_try(NO, REFUSALS - 1, NOW) is not None
    assert next_try(NO, REFUSALS, NOW) is None
    assert sum(WAITS[: REFUSALS - 1], timedelta()) < timedelta(minutes=15)


@pytest.mark.parametrize(
    ("asked", "waited"),
    [(None, WAITS[0]), (5.0, WAITS[0]), (600.0, timedelta(minutes=10)), (1e9, WAITS[-1]), (0.0, WAITS[0])],
)
def test_retry_after_counts_where_it_is_longer_and_has_an_end(asked: float | None, waited: timedelta) -> None:
    assert next_try(Ending("http-503", retry_after=asked), 1, NOW) == NOW + waited


@pytest.mark.parametrize(
    ("reason", "refusal"),
    [
        ("http-301", True),
        ("http-400", True),
        ("http-404", True),
        ("http-410", True),
        ("http-422", True),
        ("http-408", False),
        ("http-409", False),
        ("http-425", False),
        ("http-429", False),
        ("http-500", False),
        ("http-599", False),
        ("bad-url", True),
        ("connect", False),
        ("timeout-total", False),
    ],
)
def test_what_is_a_refusal(reason: str, refusal: bool) -> None:
    assert is_refusal(reason) is refusal
