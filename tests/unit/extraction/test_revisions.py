"""A text fetched again is a revision where it tells something else, and a correction where the newsroom says so."""

from __future__ import annotations

import pytest

from pipeline.extraction import revisions

TEXT = """The two leaders signed the treaty on Wednesday, the agency said.
Officials had prepared the 12 pages for months, a spokesman added.
Neighbouring governments asked for the wording.
The text is to be published by Friday in Moscow."""


def compare(new: str, title: str = "Summit ends", old: str = TEXT) -> revisions.Revision | None:
    return revisions.compare("Summit ends", old, title, new)


@pytest.mark.parametrize(
    "noise",
    [
        TEXT.replace(" ", "  ").replace("\n", "\n\n"),
        "Updated 19 June 2024, 14:05 GMT\n" + TEXT,
        "Zuletzt aktualisiert: 19.06.2024, 14:05 Uhr\n" + TEXT,
        "Mis à jour le 19 juin 2024 à 14h05\n" + TEXT,
        "Обновлено 19 июня 2024, 14:05\n" + TEXT,
        "更新 2024年6月19日 14:05\n" + TEXT,
        "수정 2024.06.19. 오후 2:05\n" + TEXT,
        "2024-06-19 14:05\n" + TEXT,
        TEXT + "\nRead more: The railway that nobody wanted",
        TEXT + "\nLesen Sie auch: Die Bahn, die niemand wollte\n17 Kommentare",
        TEXT + "\n関連記事 鉄道の行方",
        TEXT.replace("Wednesday, the", "Wednesday,\u00a0the"),
    ],
)
def test_noise_is_no_revision(noise: str) -> None:
    assert compare(noise) is None
    assert compare(TEXT, old=noise) is None


@pytest.mark.parametrize(
    "note",
    [
        "Correction: An earlier version of this article misstated the number of pages.",
        "Editor's note: This article was amended on 20 June to correct the length of the treaty.",
        "Anmerkung der Redaktion: In einer früheren Version hieß es, der Vertrag habe zwölf Seiten.",
        "Korrektur: Der Vertrag hat zehn Seiten.",
        "Rectificatif : une première version de cet article indiquait douze pages.",
        "Fe de erratas: una versión anterior de este artículo hablaba de doce páginas.",
        "Исправление: в предыдущей версии текста говорилось о двенадцати страницах.",
        "訂正:条約のページ数を12としていましたが、10の誤りでした。",
        "바로잡습니다: 조약 분량을 12쪽에서 10쪽으로 바로잡습니다.",
        "更正:此前版本有误,条约共十页。",
    ],
)
def test_a_note_makes_a_correction(note: str) -> None:
    found = compare(TEXT.replace("12 pages", "10 pages") + "\n" + note)
    assert found is not None
    assert found.kind == "correction"
    assert found.note == note


@pytest.mark.parametrize(
    "prose",
    [
        "Shares fell in what brokers called a market correction on Thursday.",
        "The correction of the border line had been agreed in spring.",
        "Die Korrektur der Grenze war im Frühjahr vereinbart worden.",
        "La corrección del presupuesto se aprobó en marzo.",
        "В исправлении нуждается и сам закон, говорят юристы.",
    ],
)
def test_prose_about_corrections_is_no_note(prose: str) -> None:
    assert revisions.correction_note(prose) is None
    found = compare(TEXT + "\n" + prose)
    assert found is not None
    assert found.kind == "update"


def test_an_old_note_does_not_make_the_next_change_a_correction() -> None:
    old = TEXT + "\nCorrection: The treaty has 12 pages."
    found = compare(old.replace("by Friday", "by Sunday"), old=old)
    assert found is not None
    assert found.kind == "update"


@pytest.mark.parametrize(
    ("new", "kind"),
    [
        (TEXT + "\nA second meeting is planned for autumn in the border town, both sides said.", "update"),
        (TEXT.replace("12 pages", "21 pages"), "update"),
        (TEXT.replace("in Moscow", "in Pyongyang"), "update"),
        ("Another story altogether stands at this address today.", "update"),
        (TEXT.replace("the wording", "the precise wording"), "minor"),
        ("Update: The text is out.\n" + TEXT, "update"),
    ],
)
def test_kinds(new: str, kind: str) -> None:
    found = revisions.compare(
        "Summit ends", "\n".join([TEXT] * 6), "Summit ends", new if kind == "update" else "\n".join([TEXT] * 5 + [new])
    )
    assert found is not None
    assert found.kind == kind


def test_a_new_headline_alone_is_a_revision() -> None:
    found = compare(TEXT, title="Treaty signed after long night")
    assert found is not None
    assert (found.kind, found.kept) == ("update", 1.0)


def test_the_diff_reads_by_paragraphs() -> None:
    found = compare(TEXT.replace("12 pages", "10 pages"))
    assert found is not None
    lines = found.diff.splitlines()
    assert "-Officials had prepared the 12 pages for months, a spokesman added." in lines
    assert "+Officials had prepared the 10 pages for months, a spokesman added." in lines
    assert sum(line.startswith(("+", "-")) for line in lines) == 4  # two of them name the sides
    assert 0.9 < found.kept < 1


def test_long_texts_are_compared_in_time() -> None:
    long = "\n".join(f"Paragraph {i} says that the talks went on in room {i % 7}." for i in range(3000))
    found = compare(long.replace("Paragraph 1500 ", "Paragraph fifteen hundred "), old=long)
    assert found is not None
    assert found.kept > 0.99
