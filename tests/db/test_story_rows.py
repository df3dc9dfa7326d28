"""Stories over Postgres: placing, people's words that bind, merges that redirect, what was known then."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline import database, steps
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings
from pipeline.store import models as model_store
from pipeline.store import stories as store
from tests.support.deskrows import TOPIC, TREATY, add, now, placed


def test_each_development_becomes_one_story_and_a_second_run_changes_nothing(desk: Settings) -> None:
    first = steps.cluster(desk, now=now())
    assert first["placed"] == 5
    places = placed(desk)
    assert len({places[n] for n in (1, 2, 3)}) == 1
    assert len({places[n] for n in (4, 5)}) == 1
    assert len(set(places.values())) == 2
    assert steps.cluster(desk, now=now()).get("placed", 0) == 0
    assert placed(desk) == places
    assert not any(
        steps.maintain(desk, now=now())[name] for name in ("profiles_of_wrong_size", "members_of_merged_stories")
    )


def test_placing_and_reassigning_are_steps_of_their_own_and_run_twice_change_nothing(desk: Settings) -> None:
    assert steps.place(desk, now=now())["placed"] == 5
    with database.connect(desk) as connection:
        waiting = "SELECT count(*) AS n FROM articles WHERE clustered_at IS NOT NULL AND reassigned_at IS NULL"
        assert connection.execute(waiting).fetchone() == {"n": 5}
    # A worker that placed and died is made up for, however much later.
    steps.reassign(desk, now=now() + timedelta(hours=5))
    state = "SELECT id, article_id, story_id, since, until FROM memberships ORDER BY id"
    with database.connect(desk) as connection:
        assert connection.execute(waiting).fetchone() == {"n": 0}
        before = connection.execute(state).fetchall()
    assert steps.reassign(desk, now=now() + timedelta(hours=5)) == {"merged": 0, "moved": 0, "split": 0, "internal": 0}
    assert steps.place(desk, now=now() + timedelta(hours=5))["placed"] == 0
    with database.connect(desk) as connection:
        assert connection.execute(state).fetchall() == before


def test_a_round_up_is_in_no_story_and_the_ledger_says_so(desk: Settings) -> None:
    with database.connect(desk) as connection:
        connection.execute("UPDATE articles SET kind = 'roundup' WHERE id = 2")
    counts = steps.cluster(desk, now=now())
    assert (counts["placed"], counts["round_ups"], counts["off_topic"]) == (4, 1, 0)
    assert sorted(placed(desk)) == [1, 3, 4, 5]
    with database.connect(desk) as connection:
        stages = connection.execute("SELECT DISTINCT stage FROM ledger WHERE article_id = 2").fetchall()
        assert all(row["stage"] == "stopped: round-up of several subjects" for row in stages)
    assert steps.cluster(desk, now=now())["round_ups"] == 0


def test_every_membership_says_why(desk: Settings) -> None:
    steps.cluster(desk, now=now())
    with database.connect(desk) as connection:
        rows = connection.execute("SELECT * FROM memberships").fetchall()
    assert {row["method"] for row in rows} <= {"first", "mix", "merge"}
    assert all(row["model_id"] and row["threshold"] >= 0 for row in rows)
    assert any(row["method"] == "mix" and row["score"] >= row["threshold"] for row in rows)


def test_a_merge_by_hand_redirects_binds_and_is_remembered(desk: Settings) -> None:
    steps.cluster(desk, now=now())
    before = placed(desk)
    treaty, car = before[1], before[4]
    outcome = steps.merge(
        desk, story_id=car, other_id=treaty, actor="ana", reason="one visit", now=now() + timedelta(hours=1)
    )
    assert outcome["story_id"] == min(treaty, car), "the older id stays"
    assert set(placed(desk).values()) == {min(treaty, car)}
    with database.connect(desk) as connection:
        assert store.resolve(connection, max(treaty, car)) == min(treaty, car)
        event = connection.execute("SELECT * FROM story_events WHERE kind = 'merge'").fetchone()
        assert event is not None
        assert (event["actor"], event["reason"]) == ("ana", "one visit")
        then = connection.execute("SELECT DISTINCT story_id FROM stories_as_of(%s)", (now(),)).fetchall()
    assert {row["story_id"] for row in then} == {treaty, car}, "what was known before the merge is still known"
    steps.cluster(desk, now=now() + timedelta(hours=2))
    assert set(placed(desk).values()) == {min(treaty, car)}
    with pytest.raises(ConfigurationError, match="are one already"):
        steps.merge(desk, story_id=treaty, other_id=car, actor="ana", reason="again", now=now())


def test_a_split_by_hand_keeps_the_parts_apart(desk: Settings) -> None:
    steps.cluster(desk, now=now())
    story = placed(desk)[1]
    outcome = steps.split(desk, story_id=story, article_ids=[2], actor="ana", reason="another pact", now=now())
    after = placed(desk)
    assert after[2] == outcome["new_story_id"] != story
    # A new telling wakes the passes; the person's word stands.
    with database.connect(desk) as connection:
        model = model_store.current(connection, desk.model)
        assert model is not None
        add(connection, model.id, 9, TREATY[0], 0)
    steps.cluster(desk, now=now() + timedelta(hours=1))
    later = placed(desk)
    assert later[2] == outcome["new_story_id"]
    assert later[1] == story
    with pytest.raises(ConfigurationError, match="is not in story"):
        steps.split(desk, story_id=story, article_ids=[2], actor="ana", reason="x", now=now())


def test_a_pin_moves_one_article_and_is_an_event(desk: Settings) -> None:
    steps.cluster(desk, now=now())
    car = placed(desk)[4]
    steps.pin(desk, article_id=1, story_id=car, actor="ana", reason="about the car", now=now())
    assert placed(desk)[1] == car
    with database.connect(desk) as connection:
        kinds = [row["kind"] for row in connection.execute("SELECT kind FROM story_events ORDER BY id")]
    assert "must-link" in kinds
    assert steps.maintain(desk, now=now())["profiles_of_wrong_size"] == 0
    with pytest.raises(ConfigurationError, match="there is no story 999"):
        steps.pin(desk, article_id=1, story_id=999, actor="ana", reason="x", now=now())


def test_not_this_topic_takes_an_article_out_of_the_digest_for_good(desk: Settings) -> None:
    steps.cluster(desk, now=now())
    steps.not_topic(desk, article_id=1, topic=TOPIC, actor="ana", reason="an advert", now=now())
    drafted = steps.draft(desk, topic=TOPIC, day="2024-06-19", now=now() + timedelta(days=2))
    with database.connect(desk) as connection:
        shown = connection.execute(
            "SELECT a ->> 'article_id' AS id FROM digest_items, jsonb_array_elements(articles) a WHERE digest_id = %s",
            (drafted["digest_id"],),
        ).fetchall()
    assert {row["id"] for row in shown} == {"2", "3", "4", "5"}


def test_texts_in_a_language_the_model_cannot_read_meet_by_words_alone(desk: Settings) -> None:
    with database.connect(desk) as connection:
        model = model_store.current(connection, desk.model)
        assert model is not None
        # To an English model unrelated Korean texts lie close together: the same direction for both.
        one = add(connection, model.id, 20, "푸틴 대통령과 김정은 위원장이 포괄적 전략 동반자 조약에 서명했다", 7, "ko")
        two = add(connection, model.id, 21, "서울 집값이 석 달째 올라 정부가 대출 규제를 검토하고 있다", 7, "ko")
    steps.cluster(desk, now=now())
    places = placed(desk)
    assert places[one] != places[two]
