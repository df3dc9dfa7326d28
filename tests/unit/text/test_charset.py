"""A page's bytes become its text whatever it declares: rightly, wrongly or not at all."""

from __future__ import annotations

import pytest

from pipeline.text.charset import decode

PROSE = {
    "ko": "두 나라 정상이 수요일 각료들이 지켜보는 가운데 조약에 서명했다고 통신이 전했다. ",
    "ja": "両国の首脳は水曜日、閣僚の立ち会いのもとで条約に署名したと通信社が伝えた。",
    "ru": "Лидеры двух стран подписали договор в среду в присутствии министров, сообщило агентство. ",
    "zh": "两国领导人周三在部长们的见证下签署了条约，通讯社报道说，条约文本将于本周末公布。",
    "de": "Die Staatschefs unterzeichneten über Nacht den Vertrag, hieß es gestern aus Gründen der Höflichkeit. ",
    "fr": "Les dirigeants ont signé le traité mercredi, a déclaré l'agence où l'on préparait déjà la fête à côté. ",
}


def page(language: str, encoding: str, declared: str = "") -> bytes:
    meta = f'<meta charset="{declared}">' if declared else ""
    return f"<html><head>{meta}<title>x</title></head><body><p>{PROSE[language] * 5}</p></body></html>".encode(encoding)


@pytest.mark.parametrize(
    ("language", "encoding", "declared", "header", "mismatch"),
    [
        ("ko", "euc_kr", "euc-kr", None, False),
        ("ko", "euc_kr", "", "text/html; charset=EUC-KR", False),
        ("ko", "euc_kr", "utf-8", None, True),
        ("ko", "euc_kr", "iso-8859-1", None, True),
        ("ja", "shift_jis", "Shift_JIS", None, False),
        ("ja", "shift_jis", "utf-8", "text/html; charset=utf-8", True),
        ("ja", "euc_jp", "euc-jp", None, False),
        ("ja", "iso2022_jp", "iso-2022-jp", None, False),
        ("ru", "windows-1251", "windows-1251", None, False),
        ("ru", "windows-1251", "iso-8859-1", None, True),
        ("ru", "windows-1251", "", None, False),
        ("ru", "koi8_r", "koi8-r", None, False),
        ("zh", "gb2312", "gb2312", None, False),
        ("zh", "gb18030", "gbk", None, False),
        ("de", "iso-8859-1", "iso-8859-1", None, False),
        ("de", "windows-1252", "", None, False),
        ("fr", "windows-1252", "utf-8", None, True),
        ("fr", "utf-8", "iso-8859-1", "text/html; charset=iso-8859-1", True),
        ("de", "utf-8-sig", "iso-8859-1", None, False),
        ("ru", "utf-16", "", None, False),
        ("de", "utf-16-le", "", None, False),
    ],
)
def test_the_text_comes_out(language: str, encoding: str, declared: str, header: str | None, mismatch: bool) -> None:
    found = decode(page(language, encoding, declared), header, "html")
    assert PROSE[language].strip() in found.text
    assert found.mislabelled is mismatch
    assert not found.broken


@pytest.mark.parametrize(("language", "encoding"), [("zh", "big5hkscs"), ("ru", "koi8_r"), ("ko", "cp949")])
def test_the_language_settles_an_undeclared_encoding(language: str, encoding: str) -> None:
    traditional = PROSE[language] if language != "zh" else "兩國領導人週三在部長們的見證下簽署了條約，通訊社報導說。"
    body = f"<html><body><p>{traditional * 5}</p></body></html>".encode(encoding)
    wanted = "zh" if language == "zh" else language
    assert traditional in decode(body, None, "html", wanted).text


def test_a_few_broken_bytes_do_not_change_the_encoding() -> None:
    body = page("de", "utf-8", "utf-8").replace("Höflichkeit".encode(), b"H\xc3flichkeit", 1)
    found = decode(body, None, "html")
    assert found.encoding == "utf-8"
    assert found.broken
    assert not found.mislabelled
    assert found.text.count("Höflichkeit") == 4


def test_any_bytes_give_some_text() -> None:
    assert isinstance(decode(bytes(range(256)) * 40, None, "html").text, str)
    assert decode(b"", None, "html").text == ""


@pytest.mark.parametrize(
    ("language", "encoding", "declared", "served", "sound"),
    [
        ("ko", "euc_kr", "ks_c_5601-1987", None, True),
        ("zh", "gb18030", "gb2312", None, True),
        ("ru", "koi8_r", "koi8-r", "text/xml; charset=ISO-8859-1", True),  # a server's default says nothing
        ("ru", "windows-1251", "", "text/xml; charset=windows-1251", True),
        ("de", "utf-8", "iso-8859-1", None, False),
        ("ja", "euc_jp", "utf-8", None, False),
        ("de", "cp037", "", None, True),  # EBCDIC
        ("ru", "utf-16-le", "", None, True),
        ("ru", "utf-32-be", "", None, True),
        ("de", "windows-1252", "utf-7", None, False),  # UTF-7 hides markup: such a label is none
    ],
)
def test_a_feed_declares_its_charset_before_the_root(
    language: str, encoding: str, declared: str, served: str | None, sound: bool
) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else '<?xml version="1.0"?>'
    body = f"{head}<rss><title>{PROSE[language] * 5}</title></rss>".encode(encoding)
    found = decode(body, served, "xml")
    assert PROSE[language].strip() in found.text
    assert found.sound is sound


def test_a_meta_tag_declares_nothing_in_a_feed() -> None:
    body = page("ru", "windows-1251", "utf-16")
    assert PROSE["ru"].strip() in decode(body, "text/xml; charset=windows-1251", "xml").text
