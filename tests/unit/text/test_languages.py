"""Languages: the script settles what it can, the detector needs words, and declarations hold where it cannot tell."""

from __future__ import annotations

import pytest

from pipeline.text import languages

TEXTS = {
    "en": "The two leaders signed the treaty on Wednesday in the presence of their ministers, the agency said.",
    "de": "Die beiden Staatschefs unterzeichneten den Vertrag am Mittwoch im Beisein ihrer Minister, hieß es.",
    "fr": "Les deux dirigeants ont signé le traité mercredi en présence de leurs ministres, selon l'agence.",
    "es": "Los dos dirigentes firmaron el tratado el miércoles en presencia de sus ministros, según la agencia.",
    "ru": "Лидеры двух стран подписали договор в среду в присутствии министров, сообщило агентство.",
    "ja": "両国の首脳は水曜日、閣僚の立ち会いのもとで条約に署名したと通信社が伝えた。",
    "ko": "두 나라 정상이 수요일 각료들이 지켜보는 가운데 조약에 서명했다고 통신이 전했다.",
    "zh": "两国领导人周三在部长们的见证下签署了条约,通讯社报道说,条约文本将于本周末公布。",
}


@pytest.mark.parametrize("language", TEXTS)
def test_each_language_is_found_without_help(language: str) -> None:
    assert languages.choose(TEXTS[language] * 2, ())[0] == language


@pytest.mark.parametrize(
    ("text", "declared", "feed", "expected"),
    [
        (TEXTS["de"], ("de-AT",), None, ("de", "agreed")),
        (TEXTS["de"] * 3, ("en",), "en", ("de", "detected")),
        (TEXTS["de"] * 3, (), "de", ("de", "agreed")),
        (TEXTS["ko"], ("en",), "en", ("ko", "script")),
        ("Kim in Moskau", ("de_DE",), "en", ("de", "declared")),
        ("Kim in Moskau", (None, ""), "de", ("de", "feed")),
        ("", (), None, (None, "missing")),
        ("42 : 17", ("und",), None, (None, "missing")),
    ],
)
def test_claims_and_detector(
    text: str, declared: tuple[str | None, ...], feed: str | None, expected: tuple[str | None, str]
) -> None:
    assert languages.choose(text, declared, feed) == expected


def opening(text: str, letters: int) -> str:
    """The beginning of a text, up to so many letters."""
    ends = [at for at, character in enumerate(text, 1) if character.isalpha()]
    return text[: ends[letters - 1]]


@pytest.mark.parametrize(
    ("letters", "declared", "expected"),
    [
        (60, (), ("de", "detected")),
        (60, ("en",), ("de", "detected")),
        (59, (), (None, "missing")),
        (59, ("en",), ("en", "declared")),
    ],
)
def test_the_detector_is_asked_from_sixty_letters_on(
    letters: int, declared: tuple[str, ...], expected: tuple[str | None, str]
) -> None:
    assert languages.choose(opening(TEXTS["de"], letters), declared) == expected


def test_a_detector_that_is_not_sure_gives_way_to_what_is_declared() -> None:
    names = "Putin, Kim Jong Un, Lawrow, Choe Son Hui, Belousow, Kang Sun Nam, Peskow, Uschakow, Kim Tok Hun"
    found, probability = languages.detect(names)
    assert found not in ("cs", "it")
    assert probability < 0.9
    assert languages.choose(names, ("cs",)) == ("cs", "declared")
    assert languages.choose(names, (), "it") == ("it", "feed")
    assert languages.choose(names, ("cs", "it"), "en") == ("cs", "declared")
    assert languages.choose(names, ()) == (found, "detected")
    assert languages.choose(names, ("cs", found)) == (found, "agreed")


def test_the_beginning_of_a_text_decides() -> None:
    assert languages.choose(TEXTS["en"] * 7 + TEXTS["ru"] * 20, ()) == ("en", "detected")
    assert languages.choose(TEXTS["en"] * 7 + TEXTS["ko"] * 40, ()) == ("en", "detected")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("정상회담", ("ko", "script")),
        ("정상회", (None, "missing")),
        ("정상회담 abcd", (None, "missing")),
        ("정상회담 abc", ("ko", "script")),
        ("123 정상회담 456 — 789", ("ko", "script")),
        ("平壤平壤平壤平壤平の", ("ja", "script")),
        ("平壤平壤平壤平壤平壤の", ("zh", "script")),
        ("平の abcd", (None, "missing")),
        ("平平の ab", ("ja", "script")),
        ("הסכם הגנה", ("he", "script")),
        ("συνθήκη", ("el", "script")),
        ("Путин", (None, "missing")),
    ],
)
def test_a_script_of_one_language_settles_it_where_most_letters_are_of_it(
    text: str, expected: tuple[str | None, str]
) -> None:
    assert languages.choose(text, ()) == expected
