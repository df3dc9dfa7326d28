"""One article on which placing or reassigning fails is recorded and waits; the others get their stories."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from pipeline import database, steps
from pipeline.errors import BrokenStepError
from pipeline.models import Assignment, Document
from pipeline.settings import Settings
from pipeline.steps.barrier import FIRST_WAIT
from pipeline.store import models as model_store
from pipeline.store.story_index import PostgresIndex
from pipeline.stories import model as story_model
from pipeline.stories import orchestration
from pipeline.stories.features import terms_of
from tests.support.deskrows import now, placed

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


def astray(settings: Settings, wrong: dict[int, int], moment: datetime) -> None:
    """Put articles where they do not belong, as if they had been placed so; article -> story."""
    with database.connect(settings) as connection:
        model = model_store.current(connection, settings.model)
        assert model is not None
        for article_id, story_id in wrong.items():
            connection.execute("UPDATE memberships SET story_id = %s WHERE article_id = %s", (story_id, article_id))
        index = PostgresIndex(connection, story_model.load(), model.id, moment - timedelta(minutes=1))
        index.rebuild(map(str, wrong.values()))
