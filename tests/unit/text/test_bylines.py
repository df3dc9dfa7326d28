"""Names out of bylines, and what is none."""

from __future__ import annotations

import pytest

from pipeline.text import bylines


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Ana Lima and Tom Ek", ["Ana Lima", "Tom Ek"]),
        ("Text und Fotos: Jonas Weiß", ["Jonas Weiß"]),
        ("Von Jonas Weiß und Mira Stahl", ["Jonas Weiß", "Mira Stahl"]),
        ("Propos recueillis par Ana Lima et Tom Ek", ["Ana Lima", "Tom Ek"]),
        ("Автор: Иван Петров", ["Иван Петров"]),
        ("記者/王小明", ["王小明"]),
        ("Show all posts by Ana Lima", ["Ana Lima"]),
    ],
)
def test_parts(line: str, names: list[str]) -> None:
    assert bylines.parts(line) == names


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Text: Ana Lima", "Ana Lima"),
        ("Autorin: Ana Lima", "Ana Lima"),
        ("By", ""),
        ("文：王小明", "王小明"),
        ("Text messages cost more", None),
    ],
)
def test_credited(line: str, names: str | None) -> None:
    assert bylines.credited(line) == names


def test_what_is_no_name() -> None:
    assert bylines.bare_name("홍길동 기자") == "홍길동"
    assert bylines.is_label("Veröffentlicht")
    assert bylines.is_label("Über die Autorin")
    assert bylines.is_office("Pressestelle der Stadt")
    assert not bylines.is_office("Ana Lima")
    assert bylines.is_company("Nordwire GmbH")
    assert bylines.is_desk("Online-Redaktion")
    assert bylines.is_person("Ursula von der Aue")
    assert not bylines.is_person("the Ferry Office")
