"""One spelling for what outlets write differently, and nothing more than that."""

from __future__ import annotations

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text import folding


def test_normalise_keeps_what_readers_see() -> None:
    assert folding.normalise("«Да»\u00a0— сказал\u200b  он…") == '"Да" - сказал он...'
    assert folding.normalise("Ärger im März") == "Ärger im März"


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("ПУТИН ещё", "Путин еще", None),
        ("ΠΟΎΤΙΝ", "Πούτιν", None),
        ("ＫＣＮＡ", "kcna", None),
        ("İSTANBUL IŞIK", "istanbul ışık", "tr"),
        ("الرئيسُ إلى", "الرئيس الى", "ar"),
        ("Straße", "STRASSE", "de"),
    ],
)
def test_fold(one: str, other: str, language: str | None) -> None:
    assert folding.fold(one, language) == folding.fold(other, language)


def test_fold_keeps_what_tells_words_apart() -> None:
    assert folding.fold("schön") != folding.fold("schon")
    assert folding.fold("IŞIK") != folding.fold("IŞIK", "tr")


def test_letters_and_bare() -> None:
    assert folding.letters("Kim & Putin: “Ärger_2024”!") == "kimputinärger2024"
    assert folding.bare("Télam S.A.") == "telamsa"
    assert folding.spelling("ＤＥＺ") == "dez"


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert folding.normalise(folding.normalise(text)) == folding.normalise(text)
    assert folding.letters(folding.letters(text)) == folding.letters(text)


def test_case_is_one_as_regular_expressions_ignore_it() -> None:
    letters = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    assert all(len(folding.uncased(letter)) == 1 for letter in letters)
    cased = [letter for letter in letters if len({letter, letter.lower(), letter.upper(), letter.casefold()}) > 1]
    same: dict[str, set[str]] = {}
    for letter in cased:
        same.setdefault(folding.uncased(letter), set()).add(letter)
    assert all(folding.uncased(letter) == letter for letter in set(letters) - set(cased))
    everything = "".join(cased)
    for letter in cased:
        found = set(re.findall(re.escape(letter), everything, re.IGNORECASE))
        assert found == same[folding.uncased(letter)], f"U+{ord(letter):04X}"


def test_every_greek_letter_is_in_the_blocks_that_are_searched_for_them() -> None:
    greek = [chr(code) for code in range(sys.maxunicode + 1) if folding._GREEK.match(chr(code))]
    assert len(greek) > 500
    assert all(folding._GREEK_BLOCKS.match(letter) for letter in greek)


@given(st.text(st.characters(max_codepoint=127)))
def test_letters_of_ascii_are_those_of_the_folded_text(text: str) -> None:
    assert folding.letters(text) == "".join(filter(str.isalnum, folding.fold(text)))
