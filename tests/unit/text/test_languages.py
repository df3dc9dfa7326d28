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
