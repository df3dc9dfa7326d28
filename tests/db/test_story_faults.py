"""One article on which placing or reassigning fails is recorded and waits; the others get their stories."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from pipeline import database, steps
from pipeline.database.locks import Lock
from pipeline.errors import BrokenStepError
from pipeline.models import Assignment, Document
from pipeline.settings import Settings
from pipeline.steps import backfilling
from pipeline.steps.barrier import FIRST_WAIT, GROWTH, PLACE, demand_sound
from pipeline.steps.extracting import Tools
from pipeline.store import models as model_store
from pipeline.store.story_index import PostgresIndex
from pipeline.stories import decide, orchestration
from pipeline.stories.features import terms_of
from tests.support import light
from tests.support.deskrows import CAR, add, now, placed

Row = dict[str, Any]


def rows(settings: Settings, query: str) -> list[Row]:
    with database.connect(settings) as connection:
        return connection.execute(query).fetchall()


def broken(document: Document) -> list[str]:
    """As `terms_of`, but that the middle article is more than it can bear."""
    if document.id == "3":
        raise AttributeError("no such thing")
    return terms_of(document)


def test_an_article_that_cannot_be_placed_waits_and_the_others_are_placed(
    desk: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(orchestration, "terms_of", broken)
        counts = steps.place(desk, now=now())
        assert (counts["placed"], counts["internal"]) == (4, 1)
        assert placed(desk).keys() == {1, 2, 4, 5}
        assert rows(desk, "SELECT clustered_at FROM articles WHERE id = 3") == [{"clustered_at": None}]
        assert steps.place(desk, now=now())["internal"] == 0, "it waits"
    [fault] = rows(desk, "SELECT step, kind, item_id, tries, class, message, next_try_at FROM item_faults")
    assert fault == {
        "step": "place",
        "kind": "article",
        "item_id": 3,
        "tries": 1,
        "class": "AttributeError",
        "message": "no such thing",
        "next_try_at": now() + FIRST_WAIT,
    }
    assert steps.place(desk, now=now() + FIRST_WAIT)["placed"] == 1
    assert placed(desk)[3] == placed(desk)[1]
    assert rows(desk, "SELECT * FROM item_faults") == []
    assert steps.maintain(desk, now=now())["profiles_of_wrong_size"] == 0


def test_what_postgres_refuses_of_one_article_leaves_nothing_of_it(
    desk: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    weigh = PostgresIndex.weigh

    def with_nul(self: PostgresIndex, article_id: str, language: str | None, terms: Sequence[str]) -> Any:
        return weigh(self, article_id, language, ["\0"] if article_id == "3" else terms)

    with monkeypatch.context() as patch:
        patch.setattr(PostgresIndex, "weigh", with_nul)
        counts = steps.place(desk, now=now())
    assert (counts["placed"], counts["internal"]) == (4, 1)
    assert counts["opened"] == len(set(placed(desk).values())) + counts["merged"]
    assert rows(desk, "SELECT * FROM article_terms WHERE article_id = 3") == []


def test_a_step_that_fails_on_most_articles_turns_red_after_placing_the_others(
    desk: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mostly(document: Document) -> list[str]:
        if document.id != "3":
            raise AttributeError("no such thing")
        return terms_of(document)

    monkeypatch.setattr(orchestration, "terms_of", mostly)
    with pytest.raises(BrokenStepError, match="4 of 5 items"):
        steps.place(desk, now=now())
    assert placed(desk).keys() == {3}


def test_an_article_that_cannot_be_moved_waits_and_the_others_are_moved(
    desk: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps.place(desk, now=now())
    treaty, car = placed(desk)[1], placed(desk)[4]
    astray(desk, {2: car, 5: treaty}, now())
    move = PostgresIndex.move

    def refuses(
        self: PostgresIndex, article_ids: Sequence[str], story_id: str | None, assignment: Assignment, reason: str
    ) -> str:
        goal = move(self, article_ids, story_id, assignment, reason)
        if "2" in article_ids:
            raise AttributeError("no such thing")
        return goal

    with monkeypatch.context() as patch:
        patch.setattr(PostgresIndex, "move", refuses)
        counts = steps.reassign(desk, now=now())
    assert (counts["moved"], counts["internal"]) == (1, 1)
    after = placed(desk)
    assert after[2] == car
    assert after[5] == after[4] != car, "moved, and taken apart from the one that was not"
    [fault] = rows(desk, "SELECT step, item_id FROM item_faults")
    assert fault == {"step": "reassign", "item_id": 2}
    assert not any(steps.reassign(desk, now=now()).values()), "it waits"
    assert steps.reassign(desk, now=now() + FIRST_WAIT)["internal"] == 0
    assert placed(desk)[2] == placed(desk)[1]
    assert rows(desk, "SELECT * FROM item_faults") == []
    assert steps.maintain(desk, now=now())["profiles_of_wrong_size"] == 0


def fails(*_: object, **__: object) -> Any:
    raise AttributeError("no such thing")


def test_a_merge_pass_that_fails_leaves_the_articles_where_they_were_placed_and_is_tried_again(
    desk: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(orchestration, "merge_pass", fails)
        counts = steps.place(desk, now=now())
    assert (counts["placed"], counts["merged"], counts["internal"]) == (5, 0, 1)
    assert placed(desk).keys() == {1, 2, 3, 4, 5}
    [fault] = rows(desk, "SELECT step, kind, item_id, tries, class, next_try_at FROM item_faults")
    assert fault["item_id"] in placed(desk).values()
    del fault["item_id"]
    assert fault == {
        "step": "merge",
        "kind": "story",
        "tries": 1,
        "class": "AttributeError",
        "next_try_at": now() + FIRST_WAIT,
    }
    with database.connect(desk) as connection:
        add(connection, 1, 5, CAR[0], 1)
    assert steps.place(desk, now=now() + FIRST_WAIT)["internal"] == 0
    assert rows(desk, "SELECT * FROM item_faults") == []
    assert steps.maintain(desk, now=now())["profiles_of_wrong_size"] == 0


@pytest.mark.parametrize("part", ["reassign", "_free"])
def test_a_reassignment_that_fails_as_a_whole_changes_nothing_and_waits(
    desk: Settings, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    steps.place(desk, now=now())
    before = placed(desk)
    astray(desk, {2: before[4]}, now())
    with monkeypatch.context() as patch:
        patch.setattr(orchestration, part, fails)
        assert steps.reassign(desk, now=now()) == {"merged": 0, "moved": 0, "split": 0, "internal": 1}
        assert not any(steps.reassign(desk, now=now()).values()), "it waits"
        assert steps.reassign(desk, now=now() + FIRST_WAIT)["internal"] == 1
    [fault] = rows(desk, "SELECT step, kind, item_id, tries, next_try_at FROM item_faults")
    assert fault == {
        "step": "reassign",
        "kind": "article",
        "item_id": 1,
        "tries": 2,
        "next_try_at": now() + FIRST_WAIT + GROWTH * FIRST_WAIT,
    }
    assert placed(desk) == {**before, 2: before[4]}
    assert steps.reassign(desk, now=fault["next_try_at"])["internal"] == 0
    assert rows(desk, "SELECT * FROM item_faults") == []
    assert rows(desk, "SELECT id FROM articles WHERE reassigned_at IS NULL") == []


def test_a_pass_that_fails_after_it_moved_articles_takes_that_back(
    desk: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps.place(desk, now=now())
    wrong = {2: placed(desk)[4]}
    astray(desk, wrong, now())
    before = placed(desk)
    with monkeypatch.context() as patch:
        patch.setattr(orchestration.Orchestration, "_split", fails)
        assert steps.reassign(desk, now=now()) == {"merged": 0, "moved": 0, "split": 0, "internal": 1}
    assert placed(desk) == before
    assert [row["item_id"] for row in rows(desk, "SELECT item_id FROM item_faults")] == [1]
    assert steps.reassign(desk, now=now() + FIRST_WAIT)["moved"] == 1
    assert placed(desk)[2] == before[1]


def test_a_story_that_cannot_be_looked_at_for_a_split_does_not_keep_articles_from_moving(
    desk: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps.place(desk, now=now())
    treaty, car = placed(desk)[1], placed(desk)[4]
    astray(desk, {2: car}, now())
    real = decide.split_pass

    def refuses(stories: Any, *args: Any, **options: Any) -> Any:
        return fails() if str(car) in stories else real(stories, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(orchestration, "split_pass", refuses)
        counts = steps.reassign(desk, now=now())
    assert (counts["moved"], counts["internal"]) == (1, 1)
    assert placed(desk)[2] == treaty
    [fault] = rows(desk, "SELECT step, item_id FROM item_faults")
    assert fault == {"step": "reassign", "item_id": 5}
    assert steps.reassign(desk, now=now() + FIRST_WAIT)["internal"] == 0
    assert rows(desk, "SELECT * FROM item_faults") == []


def test_a_backfill_places_in_every_tick_before_it_says_that_most_articles_fail(
    desk: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mostly(document: Document) -> list[str]:
        return terms_of(document) if document.id in "36" else fails()

    monkeypatch.setattr(orchestration, "terms_of", mostly)
    past = backfilling._Past(desk, now(), now() + timedelta(hours=1), now(), cast(Lock, None))
    kit = cast(Tools, None)
    monkeypatch.setattr(backfilling, "extract_with", lambda work, kit, as_of: None)
    monkeypatch.setattr(backfilling, "embed_with", lambda work: None)
    past.work_off(kit, now())
    with database.connect(desk) as connection:
        add(connection, 1, 5, CAR[0], 1)
    past.work_off(kit, now())
    assert placed(desk).keys() == {3, 6}
    assert (past.tallies[PLACE].tried, past.tallies[PLACE].internal) == (6, 4)
    assert past.counts["placed"] == 2
    with pytest.raises(BrokenStepError, match="4 of 6 items"):
        demand_sound(PLACE, past.tallies[PLACE])


def astray(settings: Settings, wrong: dict[int, int], moment: datetime) -> None:
    """Put articles where they do not belong, as if they had been placed so; article -> story."""
    with database.connect(settings) as connection:
        model = model_store.current(connection, settings.model)
        assert model is not None
        for article_id, story_id in wrong.items():
            connection.execute("UPDATE memberships SET story_id = %s WHERE article_id = %s", (story_id, article_id))
        index = PostgresIndex(connection, light.numbers(), model.id, moment - timedelta(minutes=1))
        index.rebuild(map(str, wrong.values()))
