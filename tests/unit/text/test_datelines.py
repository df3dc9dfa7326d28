"""What stands before the prose: datelines in the ways of many agencies, and credits."""

from __future__ import annotations

import pytest

from pipeline.text import datelines


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("SEOUL, June 19 (Nordwire) — The leaders met.", "The leaders met."),
        ("SEOUL, 19. Juni (Nordwire) — Die Chefs trafen sich.", "Die Chefs trafen sich."),
        ("Moskau, 19. Juni /Nordwire/ - Die Chefs trafen sich.", "Die Chefs trafen sich."),
        ("МОСКВА, 19 июня. /Нордвайр/. Лидеры встретились.", "Лидеры встретились."),
        ("BEIJING, June 19 The leaders met.", "The leaders met."),
        ("PYONGYANG — The leaders met.", "The leaders met."),
        ("(서울=연합뉴스) 홍길동 기자 = 두 정상이 만났다.", "두 정상이 만났다."),
        ("【新华社平壤6月19日电】两国领导人会晤。", "两国领导人会晤。"),
        ("新华社平壤6月19日电 两国领导人会晤。", "两国领导人会晤。"),
        ("The leaders met in Seoul on June 19.", "The leaders met in Seoul on June 19."),
    ],
)
def test_length(line: str, rest: str) -> None:
    assert line[datelines.length(line) :] == rest


@pytest.mark.parametrize("line", ["By Ana Lima", "Von Max Muster", "19 June 2024, 14:05", "홍길동 기자"])
def test_credits(line: str) -> None:
    assert datelines.is_credit(line)


@pytest.mark.parametrize("line", ["The leaders met on Wednesday.", "Bystanders cheered. They waved."])
def test_prose_is_no_credit(line: str) -> None:
    assert not datelines.is_credit(line)
