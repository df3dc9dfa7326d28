"""Lines of the site go out of a text; the article's own lines, however alike, stay."""

from __future__ import annotations

import pytest

from pipeline.extraction import boilerplate as page_lines

STORY = ["The leaders met in Pyongyang and signed a treaty on Wednesday, state media said." for _ in range(6)]


def cleaned(*lines: str) -> list[str]:
    text = "\n".join([*STORY[:3], *lines, *STORY[3:]])
    return page_lines.without_site_lines(text).split("\n")


@pytest.mark.parametrize(
    "line",
    [
        "Read more: What the treaty says",
        "Lea también: Lo que dice el tratado",
        "MIRA | Lo que dice el tratado",
        "Mehr zum Thema",
        "Lesen Sie auch: Was im Vertrag steht",
        "À lire aussi : Ce que dit le traité",
        "Czytaj też: Co mówi traktat",
        "Читайте также: Что говорит договор",
        "関連記事",
        "Sign up for our newsletter",
        "Follow us on Twitter and Instagram",
        "© 2024 The Courier. All rights reserved.",
        "Foto: Ana Lima / The Courier",
        "Advertisement",
        "REKLAMA",
        "Inhaltsverzeichnis",
    ],
)
def test_lines_of_the_site_go(line: str) -> None:
    assert cleaned(line) == STORY


@pytest.mark.parametrize(
    "line",
    [
        "Weitere Informationen erteilt die Behörde am Donnerstag.",
        "He read more than most and said so in his speech to the assembly.",
        "On his Telegram channel the governor said that the attack was over.",
        "The newsletter of the ministry said that the treaty would be published.",
        "Users can download the app of the railway from Thursday, the company said.",
        "Das könnte Sie teuer zu stehen kommen, sagte der Minister.",
        "The minister said that all rights reserved to the states would be kept.",
        "© dpa-infocom, dpa:240619-99-835563/5",
        "(Reuters)",
        "Zum Thema Vertrag sagte der Sprecher nichts, auch nicht auf Nachfrage.",
        "Printed copies of the treaty were handed out.",
    ],
)
def test_lines_of_the_article_stay(line: str) -> None:
    assert line in cleaned(line)


def test_a_bare_cue_takes_the_headlines_after_it_along() -> None:
    assert cleaned("Related articles", "What the treaty says", "Who was in the room") == STORY
    assert "They left at noon." in cleaned("Related articles", "They left at noon.")


def test_a_text_of_such_lines_is_left_alone() -> None:
    text = "Read more: One\nRead more: Two\nThe leaders met."
    assert page_lines.without_site_lines(text) == text
