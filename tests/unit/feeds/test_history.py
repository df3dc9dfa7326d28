"""An entry's history is that of its sightings in order of time, in whatever order its feed's documents are read."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.history import Document, History, Past, Seen, Wording, tell, with_another

START = datetime(2024, 6, 19, tzinfo=UTC)
ENTRY = 7
# Index of the hour -> what the entry said in the document of that hour; None: the document did not hold it.
Documents = Mapping[int, Wording | None]


def at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


def dated(title: str, day: int | None = None) -> Wording:
    """A wording with a date of its own, or with none."""
    return Wording(title, "text", None if day is None else at(-24 * day), "no-date" if day is None else "rfc822")


def read(documents: Documents, order: tuple[int, ...]) -> History:
    """The history after documents were read in this order, each step with no more than what the rows keep."""
    known: History | None = None
    kept: list[Document] = []
    for hour in order:
        wording = documents[hour]
        if known is not None:
            known = with_another(known, ENTRY, kept, Seen(at(hour), wording))
        elif wording is not None:
            # The row is made at its first reading; documents without it were read before and may lie on either side.
            known = with_another(tell([Seen(at(hour), wording)]), ENTRY, kept, Seen(at(hour), wording))
        kept = sorted([*kept, Document(at(hour), [] if wording is None else [ENTRY])], key=lambda each: each.seen_at)
    assert known is not None
    return known


def in_order(documents: Documents) -> History:
    return tell(Seen(at(hour), wording) for hour, wording in documents.items())


def test_an_edit_an_absence_and_a_return_are_told_by_time() -> None:
    first, second = dated("Ferry sails", 1), dated("Ferry sails again", 1)
    told = in_order({0: first, 1: None, 2: second, 3: None, 4: None})
    assert told == History(at(0), at(2), at(3), 1, second, (Past(at(2), ("title",), first),))


def test_a_late_document_within_a_wording_makes_two_edits_of_it() -> None:
    said, other = dated("Ferry sails", 1), dated("Ferry sinks", 1)
    told = read({0: said, 1: other, 2: said, 3: said}, (0, 2, 3, 1))
    assert [(past.seen_at, past.wording.title) for past in told.revisions] == [
        (at(1), "Ferry sails"),
        (at(2), "Ferry sinks"),
    ]
    assert told.current == said


def test_an_earlier_first_sighting_dates_what_has_no_date() -> None:
    told = read({0: dated("Ferry sails"), 1: dated("Ferry sails again")}, (1, 0))
    assert (told.current.published, told.current.published_rule) == (at(0), "first-seen:no-date")
    assert told.revisions[0].wording.published == at(0)


def test_what_was_seen_before_documents_were_kept_is_not_lost() -> None:
    older = (Past(at(2), ("title",), dated("One", 1)), Past(at(4), ("title",), dated("Two", 1)))
    known = History(at(0), at(5), None, 3, dated("Three", 1), older)
    told = with_another(known, ENTRY, [], Seen(at(3), dated("Between", 1)))
    assert [past.wording.title for past in told.revisions] == ["One", "Two", "Between"]
    assert (told.current.title, told.first_seen, told.last_seen, told.returned) == ("Three", at(0), at(5), 3)


def test_every_order_of_four_documents_tells_the_same() -> None:
    one, two = dated("One", 1), dated("Two", 1)
    cases: list[Documents] = [
        {0: one, 1: None, 2: two, 3: one},
        {0: one, 1: two, 2: None, 3: two},
        {0: None, 1: one, 2: two, 3: None},
    ]
    for documents in cases:
        for order in permutations(documents):
            assert read(documents, order) == in_order(documents), (documents, order)


titles = st.sampled_from(["One", "Two", "Three"])
undated = st.builds(dated, titles)
always_dated = st.builds(dated, titles, st.integers(1, 3))


@given(
    st.one_of(
        st.lists(st.one_of(st.none(), undated), min_size=1, max_size=6),
        st.lists(st.one_of(st.none(), always_dated), min_size=1, max_size=6),
    ),
    st.randoms(use_true_random=False),
)
def test_any_order_of_reading_tells_the_same_as_the_order_of_time(
    sequence: list[Wording | None], chance: random.Random
) -> None:
    documents = dict(enumerate(sequence))
    if not any(documents.values()):
        return
    order = list(documents)
    chance.shuffle(order)
    assert read(documents, tuple(order)) == in_order(documents)
