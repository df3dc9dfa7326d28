"""What a reviewer's form says of the stories."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from pipeline.edits import Word
from pipeline.portal.review_form import Sent, words

NOW = datetime(2024, 6, 19, 12, tzinfo=UTC)
DAY = date(2024, 6, 19)


@dataclass
class Item:
    story_id: int
    rank: int
    headline: str
    summary: str


@dataclass
class Drop:
    story_id: int


@dataclass
class Shown:
    day: date
    items: list[Item]
    drops: list[Drop]


SHOWN = Shown(DAY, [Item(7, 1, "A treaty", "It was signed."), Item(9, 2, "A car", "It was given.")], [Drop(11)])
AS_SHOWN = {
    "keep-7": "on", "place-7": "1", "headline-7": "A treaty", "summary-7": "It was signed.",
    "keep-9": "on", "place-9": "2", "headline-9": "A car", "summary-9": "It was\r\ngiven.",
}  # fmt: skip


def said(changes: dict[str, str | None], before: dict[int, Word] | None = None) -> list[Word]:
    fields: dict[str, Any] = {name: value for name, value in (AS_SHOWN | changes).items() if value is not None}
    return words(Sent.of(urlencode(fields).encode()), SHOWN, before or {}, "ana", NOW)


def word(story_id: int, **what: Any) -> Word:
    return Word(story_id, DAY, "ana", NOW, **what)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"keep-9": None}, [word(9, dropped=True)]),
        ({"top-9": "on"}, [word(9, pinned=True)]),
        ({"place-7": "3"}, [word(7, place=3), word(9, place=2)]),
        ({"place-7": "first"}, []),
        ({"place-7": "-1"}, []),
        ({"headline-9": "A limousine"}, [word(9, headline="A limousine")]),
        ({"headline-9": "  "}, []),
        ({"summary-7": "Both\x00 signed."}, [word(7, summary="Both signed.")]),
        ({"pull-11": "on"}, [word(11, pulled_in=True)]),
        ({"pull-99": "on", "keep-99": "on"}, []),
    ],
)
def test_what_a_form_says(changes: dict[str, str | None], expected: list[Word]) -> None:
    assert said(changes) == expected


def test_what_was_said_before_stays() -> None:
    before = word(9, headline="A car", pinned=True, reason="news")
    [after] = said({"keep-9": None, "top-9": "on"}, {9: before})
    assert (after.headline, after.pinned, after.dropped, after.reason) == ("A car", True, True, "news")


def test_leaving_out_takes_back_a_pulling_in() -> None:
    [after] = said({"keep-9": None}, {9: word(9, pulled_in=True)})
    assert (after.dropped, after.pulled_in) == (True, False)


@pytest.mark.parametrize(("button", "on"), [("off-12", 12), ("off-x", 0), ("save", 0), ("move-" + "9" * 40, 0)])
def test_the_article_of_a_button(button: str, on: int) -> None:
    assert Sent.of(urlencode({"do": button}).encode()).on == on


def test_a_form_of_ten_thousand_fields_is_none_of_ours() -> None:
    with pytest.raises(ValueError, match="fields"):
        Sent.of(b"&".join(b"a%d=1" % number for number in range(10_000)))
