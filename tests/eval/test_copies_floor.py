"""Floors under the finding of copies; notes in docs/notes have the tables. Raise them when a change does better."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from pipeline.copies import memory_index
from pipeline.copies.memory_index import MemoryCopyIndex
from pipeline.copies.overlap import PreparedText, Provenance, from_one_template, is_copy, overlap, prepare
from pipeline.copies.settlement import Text, settle
from pipeline.models import Document
from pipeline.text.agencies import AGENCIES
from tests.support import copy_cases as cases
from tests.support import labelled

needs_wire = labelled.needs(cases.WIRE, cases.PAIRS)
# Part of the written pairs, the precision and recall that must hold; docs/notes says what was seen of which.
WRITTEN_FLOORS = [
    ("tuning", 1.0, 1.0),
    ("second", 0.93, 0.95),
    ("held-out", 0.99, 0.95),
    ("reprints-tuning", 0.99, 1.0),
    ("reprints-kept", 0.99, 0.9),  # .95 is the goal
    ("reworded-tuning", 0.99, 0.75),
    ("reworded-kept", 0.99, 0.75),  # .95 is the goal
]

ORDERS = range(2, 7)


@pytest.mark.parametrize(("part", "precision", "recall"), WRITTEN_FLOORS)
def test_written_pairs(part: str, precision: float, recall: float) -> None:
    """Templates, notices, quotations, posts, names and menus are no copies; edited, cut and updated prints are."""
    pairs = cases.written(part)
    verdicts = [is_copy(a, b, overlap(a, b)) for a, b in ((prepare(p.first), prepare(p.second)) for p in pairs)]
    wrong = [(p.id, p.kind) for p, found in zip(pairs, verdicts, strict=True) if found != p.copied]
    right = sum(found and p.copied for p, found in zip(pairs, verdicts, strict=True))
    assert right / sum(verdicts) >= precision, wrong
    assert right / sum(p.copied for p in pairs) >= recall, wrong


def test_reports_of_one_template_are_told_apart() -> None:
    """15 of 22 written pairs of the kind template, of which 3 of 5 held out; all were looked at when this was made."""
    pairs = [pair for part in cases.PARTS for pair in cases.written(part)]
    found = [
        pair
        for pair in pairs
        if from_one_template(*(texts := (prepare(pair.first), prepare(pair.second))), overlap(*texts))
    ]
    assert sum(pair.kind == "template" for pair in found) >= 14
    assert not [pair.id for pair in found if pair.copied]


@pytest.fixture(scope="module", autouse=True)
def texts_read_once() -> Iterator[None]:
    """Nothing of a prepared text depends on others: one reading of each serves every order in which they arrive."""
    known: dict[tuple[Document, Provenance], PreparedText] = {}

    def once(document: Document, provenance: Provenance | None, agencies: object) -> PreparedText:
        assert agencies is AGENCIES
        key = document, provenance or Provenance()
        if key not in known:
            known[key] = prepare(*key)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory_index, "prepare", once)
        yield


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return cases.wire()


@needs_wire
def test_pairs_held_out(documents: list[Document]) -> None:
    """The decision on a pair alone: precision .99 at recall .95 is the goal; seen 1.000 and 1.000."""
    texts = {document.id: prepare(document) for document in documents}
    verdicts = {
        pair: is_copy(texts[pair[0]], texts[pair[1]], overlap(texts[pair[0]], texts[pair[1]]))
        for pair in filter(cases.held_out, cases.pairs())
    }
    chosen = {pair: found for pair, found in verdicts.items() if pair[:2] not in cases.QUOTED}
    right = sum(found and pair[2] for pair, found in chosen.items())
    copied = sum(pair[2] for pair in chosen)
    assert copied > 150
    assert right / sum(chosen.values()) >= 0.995
    assert right / copied >= 0.99
    assert not any(found for pair, found in verdicts.items() if pair[:2] in cases.QUOTED)


@needs_wire
def test_every_copy_is_one_of_its_origin(documents: list[Document]) -> None:
    """The chain of copies asks the pair itself; and of two labelled copies at most one counts as an own text."""
    texts = {document.id: prepare(document) for document in documents}
    origins = cases.families(documents)
    assert len(origins) > 170
    named = [(texts[copy], texts[origin]) for copy, origin in origins.items()]
    own = [(a.id, b.id) for a, b in named if not is_copy(a, b, overlap(a, b))]
    assert own == []
    copied = [(a, b) for a, b, label in cases.pairs() if label and (a, b) not in cases.QUOTED]
    assert sum(a in origins or b in origins for a, b in copied) / len(copied) >= 0.99


@needs_wire
def test_the_order_of_arrival_changes_nothing_once_settled(documents: list[Document]) -> None:
    """What arrives shuffled is told once more by publication; before that, few texts have another origin."""
    published = datetime(2025, 8, 20, tzinfo=UTC)
    texts = [Text(each, each.published or published, Provenance()) for each in documents]
    ordered = cases.families(documents)
    settled = settle(texts)
    moved = 0
    for seed in ORDERS:
        shuffled = random.Random(seed).sample(texts, len(texts))
        assert settle(shuffled) == settled
        late = cases.families([text.document for text in shuffled])
        moved += sum(ordered.get(each) != late.get(each) for each in {*ordered, *late})
    assert moved <= 0.06 * len(ordered) * len(ORDERS)  # one order alone gives from .03 to .09


@needs_wire
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
