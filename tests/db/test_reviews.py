"""What a reviewer said binds what comes after, and an answer that cannot be taken changes nothing and says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline import database, steps, topics
from pipeline.edits import Word
from pipeline.errors import ConfigurationError
from pipeline.models import Review
from pipeline.settings import Settings
from pipeline.steps import channels
from pipeline.store import digests as store
from pipeline.store import models as model_store
from pipeline.store import reviews
from pipeline.store.digests import StoredDigest
from tests.support import deskrows
from tests.support.deskrows import TOPIC, now, placed

DAY = "2024-06-19"
NEXT = "2024-06-20"


@pytest.fixture
def drafted(desk: Settings) -> tuple[Settings, int]:
    """Two stories in a draft that waits."""
    steps.cluster(desk, now=now())
    return desk, int(steps.draft(desk, topic=TOPIC, day=DAY, now=now())["digest_id"])


def row(settings: Settings, digest_id: int) -> StoredDigest:
    with database.connect(settings) as connection:
        found = store.digest(connection, digest_id)
    assert found is not None
    return found


def ranks(digest: StoredDigest) -> list[tuple[int, int]]:
    return [(item.rank, item.story_id) for item in digest.items]


def said(settings: Settings, digest_id: int) -> list[tuple[str, str, str, str]]:
    with database.connect(settings) as connection:
        found = reviews.answers(connection, digest_id)
    return [(answer.actor, answer.via, answer.wanted, answer.outcome) for answer in found]


def again(settings: Settings, day: str = DAY) -> StoredDigest:
    """The day drafted once more, half a day later, with the articles on topic that are so by hand."""
    moment = now() + timedelta(hours=13)
    return row(settings, int(steps.draft(settings, topic=TOPIC, day=day, now=moment, as_of=moment)["digest_id"]))


def next_day(settings: Settings, text: str, direction: int) -> None:
    """One more article of a development on the next day, placed."""
    with database.connect(settings) as connection:
        model = model_store.register(connection, settings.model, "test", deskrows.DIMENSION, ["en"])
        deskrows.add(connection, model.id, 30, text, direction)
    steps.cluster(settings, now=now() + timedelta(hours=12))


def test_a_dropped_story_leaves_no_gap_and_is_not_counted(drafted: tuple[Settings, int]) -> None:
    settings, digest_id = drafted
    treaty, car = placed(settings)[1], placed(settings)[4]
    steps.publish(settings, digest_id=digest_id, review=Review(True, "ana", drop=(treaty,)), now=now())
    published = row(settings, digest_id)
    assert ranks(published) == [(1, car)]
    assert (published.articles, published.outlets) == (2, 2)
    assert "1 story from 2 articles at 2 outlets" in published.markdown
    assert published.drops[0].headline.startswith("A mutual assistance clause") or published.drops[0].headline


def test_a_redraft_keeps_what_was_left_out(drafted: tuple[Settings, int]) -> None:
    settings, digest_id = drafted
    car = placed(settings)[4]
    steps.publish(settings, digest_id=digest_id, review=Review(False, "ana", "thin", (car,)), now=now())
    second = again(settings)
    assert car not in dict(ranks(second)).values()
    assert [(drop.story_id, drop.actor) for drop in second.drops] == [(car, "ana")]
    assert second.corrects is None, "what was rejected was never out"


def test_a_dropped_slot_goes_to_the_next_story(drafted: tuple[Settings, int], monkeypatch: pytest.MonkeyPatch) -> None:
    settings, _ = drafted
    treaty, car = placed(settings)[1], placed(settings)[4]
    short = topics.find(settings, TOPIC)
    monkeypatch.setattr(topics, "find", lambda *_: replace(short, max_stories=1))
    first = again(settings)
    assert ranks(first) == [(1, treaty)]
    steps.publish(settings, digest_id=first.id, review=Review(False, "ana", drop=(treaty,)), now=now())
    assert ranks(again(settings)) == [(1, car)]


def test_a_version_after_a_published_one_corrects_it(drafted: tuple[Settings, int]) -> None:
    settings, digest_id = drafted
    steps.publish(settings, digest_id=digest_id, review=Review(True, "ana"), now=now())
    second = again(settings)
    assert (second.version, second.corrects) == (2, 1)
    assert "Corrected: this replaces version 1" in second.markdown
    steps.publish(settings, digest_id=second.id, review=Review(True, "ana"), now=now())
    assert "Corrected: this replaces version 1" in row(settings, second.id).markdown


def test_a_digest_of_which_all_was_dropped_says_so(drafted: tuple[Settings, int]) -> None:
    settings, digest_id = drafted
    every = tuple(item.story_id for item in row(settings, digest_id).items)
    steps.publish(settings, digest_id=digest_id, review=Review(True, "ana", drop=every), now=now())
    text = row(settings, digest_id).markdown
    assert "All stories of this day were left out in review: 2." in text
    assert "0 stories from 0 articles at 0 outlets" in text


def test_what_was_left_out_does_not_come_back_next_day(drafted: tuple[Settings, int]) -> None:
    settings, digest_id = drafted
    car = placed(settings)[4]
    steps.publish(settings, digest_id=digest_id, review=Review(True, "ana", "", (car,)), now=now())
    next_day(settings, deskrows.CAR[0] + " again", 1)
    assert placed(settings)[6] == car, "the same story goes on"
    tomorrow = again(settings, NEXT)
    assert ranks(tomorrow) == []
    assert "The one story of this day was left out in review." in tomorrow.markdown
    [drop] = tomorrow.drops
    assert (drop.story_id, drop.actor) == (car, "ana")
    assert drop.reason == "left out in review (digest of 2024-06-19; 1 article since)"


def test_pulled_in_it_is_back(drafted: tuple[Settings, int]) -> None:
    settings, digest_id = drafted
    car = placed(settings)[4]
    steps.publish(settings, digest_id=digest_id, review=Review(True, "ana", "", (car,)), now=now())
    next_day(settings, deskrows.CAR[0] + " again", 1)
    tomorrow = again(settings, NEXT)
    later = now() + timedelta(hours=14)
    word = Word(car, tomorrow.day, "bo", later, pulled_in=True)
    refused = steps.edit(settings, digest_id=tomorrow.id, words=[word], revision=1, editor="bo", now=later)
    assert refused == ""
    edited = row(settings, tomorrow.id)
    assert ranks(edited) == [(1, car)]
    assert (edited.revision, edited.edited_by) == (2, "bo")


def test_edits_bind_the_next_version_of_the_day(drafted: tuple[Settings, int]) -> None:
    settings, digest_id = drafted
    treaty, car = placed(settings)[1], placed(settings)[4]
    day = row(settings, digest_id).day
    words = [
        Word(car, day, "ana", now(), pinned=True, headline="A car <b>", summary="He got one."),
        Word(treaty, day, "ana", now(), place=2),
    ]
    assert steps.edit(settings, digest_id=digest_id, words=words, revision=1, editor="ana", now=now()) == ""
    for digest in (row(settings, digest_id), again(settings)):
        assert ranks(digest) == [(1, car), (2, treaty)]
        assert (digest.items[0].headline, digest.items[0].summary) == ("A car <b>", "He got one.")
        assert "A car \\<b\\>" in digest.markdown


def test_an_edit_of_a_text_that_another_changed_is_refused(drafted: tuple[Settings, int]) -> None:
    settings, digest_id = drafted
    day, car = row(settings, digest_id).day, placed(settings)[4]
    words = [Word(car, day, "ana", now(), dropped=True)]
    assert steps.edit(settings, digest_id=digest_id, words=words, revision=1, editor="ana", now=now()) == ""
    late = steps.edit(settings, digest_id=digest_id, words=[], revision=1, editor="bo", now=now())
    assert late.startswith("ana changed the draft at ")
    assert row(settings, digest_id).revision == 2


def test_an_answer_to_a_text_that_was_changed_since_is_refused(drafted: tuple[Settings, int]) -> None:
    settings, digest_id = drafted
    shown = steps.sheet(settings, digest_id=digest_id).revision
    words = [Word(placed(settings)[4], row(settings, digest_id).day, "ana", now(), dropped=True)]
    steps.edit(settings, digest_id=digest_id, words=words, revision=shown, editor="ana", now=now())
    review = Review(True, "bo", via="airflow", revision=shown)
    outcome = steps.publish(settings, digest_id=digest_id, review=review, now=now())
    assert "ana changed the draft" in outcome["refused"]
    assert row(settings, digest_id).state == "draft"
    assert said(settings, digest_id) == [("bo", "airflow", "publish", "refused")]


def test_an_unknown_story_and_one_of_another_day_are_refused(drafted: tuple[Settings, int]) -> None:
    settings, digest_id = drafted
    next_day(settings, "A flood closed the border bridge for two days", 2)
    other = again(settings, NEXT)
    [stranger] = [item.story_id for item in other.items]
    for story_id, why in (
        (999, f"story 999 is not in digest {digest_id}"),
        (stranger, f"story {stranger} is not in digest {digest_id} but in digest {other.id} of {NEXT}"),
    ):
        outcome = steps.publish(settings, digest_id=digest_id, review=Review(True, "ana", drop=(story_id,)), now=now())
        assert outcome == {"digest_id": digest_id, "state": "draft", "stories": 2, "refused": why}
    assert not channels.folder(settings, TOPIC).exists()


def test_a_decision_on_a_replaced_version_is_void_and_kept(drafted: tuple[Settings, int]) -> None:
    settings, digest_id = drafted
    second = again(settings)
    outcome = steps.publish(settings, digest_id=digest_id, review=Review(True, "ana"), now=now())
    assert outcome["refused"] == (
        f"digest {digest_id} is version 1 of {DAY}; version 2 (digest {second.id}) replaced it and waits for review"
    )
    assert row(settings, second.id).state == "draft"
    with database.connect(settings) as connection:
        [answer] = reviews.answers(connection, digest_id)
    assert (answer.outcome, answer.reason) == ("refused", outcome["refused"])


def test_the_same_answer_again_is_no_refusal_and_another_is(drafted: tuple[Settings, int]) -> None:
    settings, digest_id = drafted
    for _ in range(2):
        outcome = steps.publish(settings, digest_id=digest_id, review=Review(True, "ana"), now=now())
        assert "refused" not in outcome
    late = steps.publish(settings, digest_id=digest_id, review=Review(False, "bo"), now=now())
    assert "was published by ana" in late["refused"]
    assert "cannot be rejected" in late["refused"]
    assert said(settings, digest_id) == [
        ("ana", "terminal", "publish", "taken"),
        ("bo", "terminal", "reject", "refused"),
    ]


def test_holding_keeps_the_note_and_the_wait(drafted: tuple[Settings, int]) -> None:
    settings, digest_id = drafted
    assert steps.hold(settings, digest_id=digest_id, reviewer="ana", note="Call Seoul\nfirst", now=now()) == ""
    held = row(settings, digest_id)
    assert (held.state, held.note) == ("draft", "Call Seoul\nfirst")
    assert said(settings, digest_id) == [("ana", "page", "hold", "taken")]
    steps.publish(settings, digest_id=digest_id, review=Review(True, "ana"), now=now())
    assert "cannot be held" in steps.hold(settings, digest_id=digest_id, reviewer="bo", note="", now=now())


def test_words_follow_a_story_into_the_one_it_is_merged_with(drafted: tuple[Settings, int]) -> None:
    settings, digest_id = drafted
    treaty, car = placed(settings)[1], placed(settings)[4]
    steps.publish(settings, digest_id=digest_id, review=Review(False, "ana", "", (car,)), now=now())
    steps.merge(settings, story_id=treaty, other_id=car, actor="ana", reason="one", now=now())
    second = again(settings)
    assert ranks(second) == []
    assert [drop.story_id for drop in second.drops] == [min(treaty, car)]


def test_what_is_no_draft_is_not_edited(drafted: tuple[Settings, int]) -> None:
    settings, digest_id = drafted
    steps.publish(settings, digest_id=digest_id, review=Review(True, "ana"), now=now())
    assert "was published by ana" in steps.edit(
        settings, digest_id=digest_id, words=[], revision=1, editor="bo", now=now()
    )
    with pytest.raises(ConfigurationError, match="does not wait for review"):
        steps.refresh(settings, digest_id=digest_id, editor="bo", now=now())
