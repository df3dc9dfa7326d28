"""Reworded copies: words moved, facts left; and what only looks like one."""

from __future__ import annotations

import pytest

from pipeline.copies import rewording
from pipeline.copies.memory_index import MemoryCopyIndex
from pipeline.copies.overlap import COPY_SHARE, PreparedText, is_copy, overlap, prepare
from pipeline.models import Document

WIRE = """The port council of Aro voted on Monday to close the northern pier for 14 weeks, blaming rust in piles.
Ferries to Belt will leave from the fish market instead, and the trip will take 25 minutes longer, said Ines Marrow.
Two divers from the Technical College had found the rust in March, when the Northwind tore a fender from the wall.
The repair will cost 3.4 million crowns, of which the Ministry of Transport pays half."""
REWORDED = """On Monday the port council of Aro voted to close the northern pier for 14 weeks. It blamed rust in piles.
Instead, ferries to Belt will leave from the fish market and the trip, said Ines Marrow, will take 25 minutes longer.
When the Northwind tore a fender from the wall in March, two divers from the Technical College had found the rust.
Of the 3.4 million crowns that the repair will cost, the Ministry of Transport pays half."""
FACTS = {"Aro": "Voss", "14": "31", "Belt": "Kelm", "25": "40", "3.4": "1.9", "Northwind": "Albatross"}
FACTS |= {"Monday": "Friday", "Ines": "Otto", "Marrow": "Finch", "March": "June"}


def text(name: str, body: str) -> PreparedText:
    return prepare(document(name, body))


def document(name: str, body: str) -> Document:
    return Document(name, f"Report of {name}", body, None, f"https://{name}.example/", name, "en")


def test_a_reworded_text_is_a_copy_although_few_of_its_runs_are_left() -> None:
    first, second = text("a", WIRE), text("b", REWORDED)
    found = overlap(first, second)
    assert found.share < COPY_SHARE
    assert is_copy(first, second, found)
    assert is_copy(second, first, overlap(second, first))


def test_it_is_found_among_what_came_before() -> None:
    index = MemoryCopyIndex()
    index.place(document("a", WIRE))
    copy = index.place(document("b", REWORDED)).copy
    assert copy is not None
    assert copy.origin_id == "a"


def test_the_words_of_a_template_with_other_facts_are_no_copy() -> None:
    other = REWORDED
    for fact, another in FACTS.items():
        other = other.replace(fact, another)
    first, second = text("a", WIRE), text("b", other)
    assert not rewording.reworded(first, second)
    assert not is_copy(first, second, overlap(first, second))


def test_one_side_may_be_longer() -> None:
    own = " ".join(f"The baker of lane {n} had sold {n + 7} rolls before noon and went home." for n in range(12))
    assert rewording.reworded(text("a", WIRE), text("b", f"{own}\n{REWORDED}"))


@pytest.mark.parametrize("marks", ["“”", "«»", '""'])
def test_a_quotation_is_not_its_own_wording(marks: str) -> None:
    quoted = "\n".join(f"{marks[0]}{line}{marks[1]}" for line in REWORDED.split("\n"))
    first = text("a", quoted + "\nThe mayor read it out twice and then left the hall.")
    second = text("b", quoted + "\nNobody clapped, wrote the paper of the other island.")
    assert not rewording.reworded(first, second)


def test_what_is_no_news_makes_no_copy() -> None:
    first, second = text("a", WIRE), text("b", REWORDED)
    assert rewording.reworded(first, second)
    assert not rewording.reworded(first, second, first.shingles)


def test_a_message_of_a_few_lines_says_too_little() -> None:
    short, moved = (body.split("\n")[0] for body in (WIRE, REWORDED))
    assert not rewording.reworded(text("a", short), text("b", moved))


@pytest.mark.parametrize("body", ["", "Rain."])
def test_empty_and_tiny_texts(body: str) -> None:
    assert not rewording.reworded(text("a", body), text("b", body))
    assert not rewording.reworded(text("a", WIRE), text("b", body))
