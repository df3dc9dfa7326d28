"""What two texts share, and what changed in one, for a page to mark."""

from __future__ import annotations

from pipeline.portal.marking import Line, Piece, changes, marked

RUN = "The ministers met in the harbour on Monday"


def text_of(paragraphs: list[list[Piece]], *, shared: bool) -> list[str]:
    return [piece.text for parts in paragraphs for piece in parts if piece.shared is shared]


def test_a_run_of_five_words_is_shared_wherever_it_stands() -> None:
    found = marked(f"An own start.\n{RUN}, and left.", f"{RUN.upper()}! Something else follows here.")
    assert text_of(found, shared=True) == [RUN]
    assert text_of(found, shared=False) == ["An own start.", ", and left."]


def test_four_words_are_not() -> None:
    assert text_of(marked("The ministers met in Oslo", "The ministers met in Rome"), shared=True) == []


def test_scripts_without_blanks_are_compared_by_characters() -> None:
    found = marked("記者。金正恩が空港で大統領を歓迎した", "昨日、金正恩が空港で大統領を見送った")
    assert text_of(found, shared=True) == ["金正恩が空港で大統領を"]


def test_what_is_marked_and_not_makes_the_whole_text_again() -> None:
    text = f"{RUN} — “said” <b>they</b>.\n\n  Второй абзац о {RUN} ещё раз.\n"
    found = marked(text, f"x {RUN} y")
    assert ["".join(piece.text for piece in parts) for parts in found] == [
        line.strip() for line in text.splitlines() if line.strip()
    ]


def test_an_empty_text_shares_nothing() -> None:
    assert marked("", RUN) == []
    assert text_of(marked(RUN, ""), shared=True) == []


def test_a_difference_is_its_places_with_their_lines() -> None:
    diff = "--- before\n+++ after\n@@ -1,2 +1,2 @@\n One.\n-Three died.\n+Four died.\n@@ -9 +9 @@\n+More.\n"
    assert changes(diff) == [
        [Line("kept", "One."), Line("gone", "Three died."), Line("added", "Four died.")],
        [Line("added", "More.")],
    ]
    assert changes(None) == []
