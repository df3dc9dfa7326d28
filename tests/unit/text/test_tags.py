"""Language tags as feeds and pages declare them."""

from __future__ import annotations

import pytest

from pipeline.text import tags


@pytest.mark.parametrize(
    ("tag", "expected"), [("zh-Hant-TW", "zh"), ("EN_us", "en"), ("und", None), ("", None), (None, None), ("*", None)]
)
def test_primary(tag: str | None, expected: str | None) -> None:
    assert tags.primary(tag) == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("EN_us", "en-US"), ("zh-hant-tw", "zh-Hant-TW"), (" ru ", "ru"), ("english", None), ("", None), (None, None)],
)
def test_tidy(tag: str | None, expected: str | None) -> None:
    assert tags.tidy(tag) == expected
