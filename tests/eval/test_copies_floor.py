"""Floors under the finding of copies; two notes in docs/notes have the tables. Raise them when a change does better."""

from __future__ import annotations

import random

import pytest

from pipeline.copies.memory_index import MemoryCopyIndex
from pipeline.copies.overlap import is_copy, overlap, prepare
from pipeline.models import Document
from tests.support import copy_cases as cases
from tests.support import labelled

pytestmark = labelled.needs(cases.WIRE, cases.PAIRS)


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return cases.wire()


def test_pairs_held_out(documents: list[Document]) -> None:
    """The decision on a pair alone: precision .99 at recall .95 is the goal; seen 1.000 and .985 and better."""
    texts = {document.id: prepare(document) for document in documents}
    right = wrong = missed = 0
    for a, b, copied in filter(cases.held_out, cases.pairs()):
        found = is_copy(texts[a], texts[b], overlap(texts[a], texts[b]))
        right, wrong, missed = (
            right + (found and copied),
            wrong + (found and not copied),
            missed + (copied and not found),
        )
    assert right + missed > 150
    assert right / (right + wrong) >= 0.995
    assert right / (right + missed) >= 0.975


def test_stream_held_out_in_order_and_shuffled(documents: list[Document]) -> None:
    """Copies joined to one origin by the index; the order of arrival changes no origin."""
    origins = cases.families(documents)
    precision, recall = cases.score(origins, filter(cases.held_out, cases.pairs()))
    assert precision >= 0.99
    assert recall >= 0.99
    assert cases.families(random.Random(2).sample(documents, len(documents))) == origins


def test_edited_copies_are_found(documents: list[Document]) -> None:
    """Copies made from every third wire text: cut, excerpted, led locally, padded, and spelled otherwise."""
    rng = random.Random(3)
    index = MemoryCopyIndex()
    for document in documents:
        index.place(document)
    originals = [document for document in documents[::3] if len(document.text) > 800]
    assert len(originals) > 150
    for how in cases.EDITS:
        made = [cases.edited(document, how, documents, rng) for document in originals]
        found = sum(index.place(one).copy is not None for one in made)
        assert found / len(made) >= 0.99, how


def test_recorded_web() -> None:
    """Every copy of the recorded web is found, with its true origin, and nothing else is called a copy."""
    documents, origins = cases.recorded()
    found = cases.families(documents)
    assert sum(origin is not None for origin in origins.values()) >= 30
    assert {url: found.get(url) for url in origins} == origins
