"""The classes of blocks by their neighbours are justext's, and take time that grows with the blocks."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trafilatura import external

from pipeline.extraction import neighbours
from pipeline.extraction.neighbours import by_walks

CLASSES = ("short", "good", "bad", "neargood")


class Block(SimpleNamespace):
    """A block as justext has it, which counts how often its class is looked at."""

    looks = 0

    @property
    def class_type(self) -> str:
        Block.looks += 1
        return str(self.told)

    @class_type.setter
    def class_type(self, told: str) -> None:
        self.told = told


def blocks(classes: list[str], headings: frozenset[int] = frozenset()) -> list[Block]:
    return [
        Block(cf_class=told, heading=number in headings, text="some words", told=None)
        for number, told in enumerate(classes)
    ]


def looks(revise: object, classes: list[str]) -> int:
    Block.looks = 0
    revise(blocks(classes), 150)  # type: ignore[operator]
    return Block.looks


@given(st.lists(st.sampled_from(CLASSES), max_size=12), st.frozensets(st.integers(0, 11), max_size=2))
def test_the_classes_are_those_of_justext(classes: list[str], headings: frozenset[int]) -> None:
    ours, theirs = blocks(classes, headings), blocks(classes, headings)
    neighbours.revise(ours, 150)
    by_walks(theirs, 150)
    assert [block.told for block in ours] == [block.told for block in theirs]


@pytest.mark.parametrize("told", ["short", "neargood"])
def test_a_row_of_blocks_is_looked_at_once(told: str) -> None:
    assert looks(by_walks, [told] * 200) > 200 * 100
    assert looks(neighbours.revise, [told] * 200) <= 200


def test_trafilatura_asks_it() -> None:
    """The name is trafilatura's own; where a later one drops it, importing `neighbours` fails."""
    assert import_module("pipeline.extraction.texts")
    assert vars(external)["revise_paragraph_classification"] is neighbours.revise
    assert by_walks.__module__ == "justext.core"
