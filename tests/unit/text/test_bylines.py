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
        ("Text & Fotos: Jonas Weiß", ["Jonas Weiß"]),
        ("Autor/in: Mira Stahl", ["Mira Stahl"]),
        ("文在寅", ["文在寅"]),
        ("文/王小明", ["王小明"]),
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
        ("来源：港口报　作者：张伟", "张伟"),
        ("作者：李娜 来源：港口报", "李娜"),
        ("2024年6月19日 ｜ 记者：王小明｜编辑：李娜", "王小明"),
        ("来源：港口报", None),
    ],
)
def test_credited(line: str, names: str | None) -> None:
    assert bylines.credited(line) == names


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Ana Lima am 19.06.2024 um 10:00", "Ana Lima"),
        ("Ana Lima, Mittwoch, 19. Juni 2024", "Ana Lima"),
        ("By Ana Lima on June 19, 2024", "By Ana Lima"),
        ("By Ana Lima Updated", "By Ana Lima"),
        ("Ana Lima | Published June 19, 2024 | Updated June 21, 2024", "Ana Lima"),
        ("Por Ana Lima Actualizado: 19 de junio de 2024", "Por Ana Lima"),
        ("Reuters Updated June 19, 2024", "Reuters Updated June 19, 2024"),
        ("Posted by Ana Lima", "Posted by Ana Lima"),
    ],
)
def test_a_byline_ends_where_its_date_begins(line: str, name: str) -> None:
    assert bylines.without_stamp(line) == name


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("Ana Lima Staff Writer", "Ana Lima"),
        ("Ana Lima Senior Correspondent", "Ana Lima"),
        ("Ana Lima Follow", "Ana Lima"),
        ("Ana Lima (dpa)", "Ana Lima"),
        ("Par Ana Lima à Moscou", "Ana Lima"),
        ("Die Grünen Bundestagsfraktion", "Die Grünen Bundestagsfraktion"),
        ("Staff Writer", "Staff Writer"),
    ],
)
def test_a_name_ends_before_a_job_or_a_link(part: str, name: str) -> None:
    assert bylines.bare_name(part) == name


@pytest.mark.parametrize(
    ("paragraph", "names"),
    [
        ("(평양=항구뉴스) 김민수 기자 = 두 섬을 잇는 여객선이 운항을 재개했다.", "김민수"),
        ("[항구뉴스 김민수 기자] 두 섬을 잇는 여객선이 운항을 재개했다.", "김민수"),
        ("(서울=항구뉴스) 김민수 이영희 기자 = 두 섬을 잇는 여객선이 운항을 재개했다.", "김민수 이영희"),
        ("김민수·이영희 기자 kim@harbour.example", "김민수·이영희"),
        ("渡轮周三恢复运营。（记者 张伟 李娜）", "张伟 李娜"),
        ("（港口社记者张伟）渡轮周三恢复运营。", "张伟"),
        ("本报记者 张伟 报道", "张伟"),
        ("本报记者张伟、李娜", "张伟、李娜"),
        ("本報記者張偉、李娜報道", "張偉、李娜"),
        ("本报记者 张伟 报道 渡轮周三早上恢复运营，港务局表示。", "张伟"),
        ("记者协会表示", None),
        ("김민수 기자·이영희 기자", "김민수 기자·이영희"),
        ("김민수 기자, 이영희 기자", "김민수 기자, 이영희"),
        ("Reporting by Ada Byron and Bo Lind; editing by Cy Dow", "Ada Byron and Bo Lind"),
        ("(Reporting by Ada Byron in Aro; Writing by Bo Lind)", "Ada Byron in Aro"),
        ("항구뉴스 김민수 기자 kim@harbour.example", "김민수"),
        ("글·사진 김민수 기자", "김민수"),
        ("기자 김민수", "김민수"),
        ("文 | 张伟", "张伟"),
        ("记者了解到，渡轮周三恢复运营。", None),
        ("그는 기자 회견에서 운항을 재개한다고 말했다.", None),
        ("The council is reporting by June what it found.", None),
    ],
)
def test_a_reporter_signs_within_a_paragraph(paragraph: str, names: str | None) -> None:
    assert bylines.signed(paragraph) == names


@pytest.mark.parametrize(
    ("part", "may_be"),
    [
        ("Christopher Guest", True),
        ("Jenny Staff", True),
        ("Anna Maria Gast", True),
        ("Guest Author", False),
        ("News Staff", False),
        ("The Staff", False),
        ("Web Desk", False),
        ("Christopher guest", False),
        ("Guest", False),
    ],
)
def test_a_word_for_an_office_may_be_the_familys_name(part: str, may_be: bool) -> None:
    assert bylines.is_office(part)
    assert bylines.may_be_family(part) is may_be


def test_other_credits_and_bodies_are_no_names() -> None:
    assert bylines.is_picture_credit("Foto: Bo Lind")
    assert bylines.is_picture_credit("责任编辑：李娜")
    assert not bylines.is_picture_credit("Bo Lind")
    assert bylines.is_body("Departement für Verkehr, Energie und Klima")
    assert not bylines.is_body("Ana Lima, Departement für Verkehr")


def test_what_is_no_name() -> None:
    assert bylines.bare_name("홍길동 기자") == "홍길동"
    assert bylines.is_label("Veröffentlicht")
    assert bylines.is_label("Über die Autorin")
    assert bylines.is_office("Pressestelle der Stadt")
    assert not bylines.is_office("Ana Lima")
    assert bylines.is_company("Nordwire GmbH")
    assert bylines.is_desk("Online-Redaktion")


@pytest.mark.parametrize(
    ("line", "language", "expected"),
    [
        ("von Berg, Anna", "de", ["Anna von Berg"]),
        ("van Dijk, Anna", "nl", ["Anna van Dijk"]),
        ("di Rossi, Ada", "it", ["Ada di Rossi"]),
        ("von dpa, Reuters", "de", ["dpa", "Reuters"]),
        ("von Anna Berg, Bo Lind", "de", ["Anna Berg", "Bo Lind"]),
    ],
)
def test_a_particle_before_a_familys_name_is_not_the_by(line: str, language: str, expected: list[str]) -> None:
    assert bylines.parts(line, language, turned=None) == expected
