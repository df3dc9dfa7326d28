"""Told once more in an order of their own, the same articles end in the same stories, wherever they were before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from pipeline.models import Document
from pipeline.stories.orchestration import Arrival
from pipeline.stories.settlement import Member, Said, Settlement, settle, told
from tests.support import light
from tests.support.tellings import made

MODEL = light.numbers()
NEWS = [told for told in made() if told.development < 7]


def members(stories: Sequence[str] | None = None) -> list[Member]:
    """Made news, six tellings of each development, each in a story of its own unless others are given."""
    found = []
    for number, each in enumerate(NEWS, 1):
        document = Document(str(number), each.title, each.text, each.published, language="en")
        arrival = Arrival(document, each.vector, topic="summit")
        story = str(number) if stories is None else stories[number - 1]
        found.append(Member(arrival, f"outlet{each.number}.example/{each.development}", story))
    return found


def groups(given: Sequence[Member], found: Settlement) -> set[frozenset[str]]:
    """The identities of each story when all is carried out."""
    stories = {member.id: member.story_id for member in given}
    for move in found.moves:
        stories |= dict.fromkeys(move.article_ids, move.to_id or f"new {move.opens}")
    merged = dict(found.merges)
    ended: dict[str, set[str]] = defaultdict(set)
    for member in given:
        story = stories[member.id]
        ended[merged.get(story, story)].add(member.identity)
    return {frozenset(each) for each in ended.values()}


def test_what_comes_out_depends_on_the_articles_alone() -> None:
    """Their order, their ids and the stories that they were in before decide nothing."""
    rng = Random(5)
    first = members()
    expected = groups(first, settle(first, MODEL))
    assert len(expected) == 7
    for _ in range(2):
        others = members([str(rng.randint(1, 12)) for _ in first])
        numbers = rng.sample(range(1000, 9999), len(others))
        others = [
            replace(each, arrival=replace(each.arrival, document=replace(each.arrival.document, id=str(number))))
            for each, number in zip(others, numbers, strict=True)
        ]
        rng.shuffle(others)
        assert groups(others, settle(others, MODEL)) == expected


def settled() -> list[Member]:
    """The same articles, each in the story that it belongs to."""
    given = members()
    found = settle(given, MODEL)
    stories = {member.id: member.story_id for member in given}
    for move in found.moves:
        stories |= dict.fromkeys(move.article_ids, move.to_id or move.opens)
    merged = dict(found.merges)
    return [replace(each, story_id=merged.get(stories[each.id], stories[each.id])) for each in given]


def test_what_is_settled_stays() -> None:
    assert settle(settled(), MODEL) == Settlement((), ())


def test_a_story_keeps_its_id_with_most_of_its_articles() -> None:
    given = settled()
    stories = sorted({each.story_id for each in given}, key=int)
    strayed = next(each for each in given if each.story_id == stories[0])
    astray = [replace(each, story_id=stories[1]) if each is strayed else each for each in given]
    found = settle(astray, MODEL)
    assert found.merges == ()
    assert [(move.article_ids, move.from_id, move.to_id) for move in found.moves] == [
        ((strayed.id,), stories[1], stories[0])
    ]


def test_a_story_that_loses_all_its_articles_redirects_to_the_one_that_takes_most() -> None:
    given = settled()
    story = given[0].story_id
    strayed = next(each for each in given if each.story_id == story)
    alone = [replace(each, story_id="9000") if each is strayed else each for each in given]
    assert settle(alone, MODEL) == Settlement((("9000", story),), ())
    # ... unless it has other articles, which are not among those told.
    (move,) = settle(alone, MODEL, kept={"9000"}).moves
    assert (move.article_ids, move.to_id) == ((strayed.id,), story)


def test_what_is_fixed_stays_and_others_come_to_it() -> None:
    given = settled()
    story, other = sorted({each.story_id for each in given}, key=int)[:2]
    fixed = [replace(each, story_id="1", fixed=True) if each.story_id == story else each for each in given]
    mixed = next(each for each in fixed if each.story_id == other)
    fixed[fixed.index(mixed)] = replace(mixed, story_id="1", fixed=True)
    found = settle(fixed, MODEL)
    assert not any(mixed.id in move.article_ids for move in found.moves)
    assert "1" not in dict(found.merges)


@pytest.mark.parametrize("apart", [False, True])
def test_two_fixed_stories_are_merged_unless_a_person_keeps_them_apart(apart: bool) -> None:
    given = settled()
    story = given[0].story_id
    halves = [each for each in given if each.story_id == story]
    fixed = {each.id: replace(each, story_id="7" if n % 2 else "8", fixed=True) for n, each in enumerate(halves)}
    said = Said(apart={frozenset(("7", "8"))}) if apart else None
    found = settle([fixed.get(each.id, each) for each in given], MODEL, said=said)
    assert found.merges == (() if apart else (("8", "7"),))


def test_copies_are_told_after_their_origin() -> None:
    given = members()[:6]
    first, last = given[0], given[-1]
    given[0] = replace(first, arrival=replace(first.arrival, copy_of=last.id))
    order = [each.id for each in told(given)]
    assert order.index(last.id) < order.index(first.id)
    assert sorted(order, key=int) == [each.id for each in given]
    round_about = [
        replace(each, arrival=replace(each.arrival, copy_of=given[n - 1].id)) for n, each in enumerate(given)
    ]
    assert len(list(told(round_about))) == len(given)
