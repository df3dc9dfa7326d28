"""Candidates are found as well and as cheaply in an old store as in a young one, and are never out of date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import psycopg
import pytest
from psycopg import sql

from pipeline import database, steps
from pipeline.database import schema
from pipeline.database.embedded import Server
from pipeline.settings import Settings
from pipeline.store import models as model_store
from pipeline.store import stories as store
from pipeline.stories.features import ArticleFeatures, Reading, article
from tests.support import light
from tests.support.deskrows import DIMENSION, now, placed

STORIES = 1500
DAYS = 60.0
TODAY = 19_900.0
RECALL = 0.99
MODEL = light.numbers()


def unit(rows: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), dtype=np.float32)


def told(story: int, vector: np.ndarray[Any, Any], day: float, words: Sequence[str]) -> ArticleFeatures:
    return article(Reading(str(story), unit(vector), dict.fromkeys(words, 0.25), 300, day, "en"), MODEL)


@pytest.fixture
def archive(settings: Settings) -> tuple[Settings, int, list[ArticleFeatures], list[int]]:
    """Stories of one article each over sixty days, on 30 topics whose articles are alike; their articles and ids."""
    numbers = np.random.default_rng(3)
    topics = numbers.normal(size=(30, DIMENSION))
    made, ids = [], []
    with database.connect(settings) as connection:
        model = model_store.register(connection, settings.model, "test", DIMENSION, ["en"]).id
        for number in range(STORIES):
            vector = topics[number % 30] + numbers.normal(size=DIMENSION)
            words = [f"rare{number}", f"topic{number % 30}"]
            features = told(number, vector, TODAY - DAYS * number / STORIES, words)
            row = connection.execute(
                "INSERT INTO stories (opened_at, first_published, last_published) VALUES (%(at)s, %(at)s, %(at)s)"
                " RETURNING id",
                {"at": now()},
            ).fetchone()
            assert row is not None
            story = row["id"]
            store.save_profile(connection, story, model, features.profile)
            store.add_terms(connection, story, features.profile)
            made.append(features)
            ids.append(story)
    with database.connect(settings) as connection:
        assert store.keep_period_indexes(connection) > 1
        assert store.keep_period_indexes(connection) == 0
        connection.execute("ANALYZE story_profiles")
    return settings, model, made, ids


def test_the_story_told_is_among_the_candidates_at_any_age_of_the_article(
    archive: tuple[Settings, int, list[ArticleFeatures], list[int]],
) -> None:
    settings, model, made, ids = archive
    numbers = np.random.default_rng(4)
    hits = []
    with database.connect(settings) as connection:
        store.lock(connection)
        for number in numbers.choice(STORIES, 300, replace=False).tolist():
            profile = made[number].profile
            assert profile.last is not None
            vector = unit(profile.dense[0] + 0.6 * unit(numbers.normal(size=DIMENSION)))
            again = told(number, vector, profile.last + numbers.uniform(-10, 10), ["nothing", "shared"])
            found = store.candidates(connection, again.profile, model, MODEL)
            hits.append(str(ids[number]) in {candidate.id for candidate in found})
            days = [candidate.profile.last for candidate in found]
            assert all(abs(day - again.profile.times) <= MODEL.window_days for day in days if day is not None)
    assert np.mean(hits) >= RECALL


def test_the_vectors_of_a_period_are_searched_by_its_index(
    archive: tuple[Settings, int, list[ArticleFeatures], list[int]],
) -> None:
    settings, model, made, _ = archive
    period = int(TODAY // store.PERIOD_DAYS) - 1
    text = database.queries("stories")["near"]
    for name, value in (("model_id", model), ("dimension", DIMENSION), ("period", period)):
        text = text.replace(f"{{{name}}}", str(value))
    given = {"vector": "[" + ",".join(map(str, made[0].profile.dense[0])) + "]", "limit": 16}
    given |= {"from_day": period * store.PERIOD_DAYS, "to_day": (period + 1) * store.PERIOD_DAYS}
    with database.connect(settings) as connection:
        plan = connection.execute(f"EXPLAIN {text}", given).fetchall()
        assert connection.execute("SELECT story_period(%s) AS p", (TODAY,)).fetchone() == {
            "p": int(TODAY // store.PERIOD_DAYS)
        }
    assert any(f"story_profiles_near_{model}_{period}" in row["QUERY PLAN"] for row in plan), plan


def test_a_word_that_many_stories_of_other_weeks_share_still_points_to_those_of_its_own(
    archive: tuple[Settings, int, list[ArticleFeatures], list[int]],
) -> None:
    settings, model, made, ids = archive

    def again(old: ArticleFeatures) -> ArticleFeatures:
        return told(0, old.profile.dense[0], old.profile.times, ["missile"])

    with database.connect(settings) as connection:
        store.lock(connection)
        for number in range(600, 1000):  # weeks ago
            store.add_terms(connection, ids[number], told(number, made[number].profile.dense[0],
                                                          made[number].profile.times, ["missile"]).profile)  # fmt: skip
        store.add_terms(
            connection, ids[7], told(7, made[7].profile.dense[0], made[7].profile.times, ["missile"]).profile
        )
        far = told(0, -made[7].profile.dense[0], TODAY, ["missile"])
        assert str(ids[7]) in {candidate.id for candidate in store.candidates(connection, far.profile, model, MODEL)}


def test_periods_without_stories_lose_their_index(
    archive: tuple[Settings, int, list[ArticleFeatures], list[int]],
) -> None:
    settings, _, _, _ = archive
    count = "SELECT count(*) AS n FROM pg_class WHERE relname LIKE 'story\\_profiles\\_near\\_%'"
    wanted = """SELECT count(*) AS n FROM (
        SELECT period FROM story_profiles
        UNION SELECT story_period(extract(epoch FROM clock_timestamp()) / 86400 + ahead)
              FROM unnest(ARRAY[0, 7]) ahead) p"""
    with database.connect(settings) as connection:
        before = connection.execute(count).fetchone()
        assert before == connection.execute(wanted).fetchone(), "and that of the next week"
        connection.execute("UPDATE story_profiles SET changed = clock_timestamp() - interval '31 days'")
    assert before and before["n"] > int(TODAY // 28) - int((TODAY - DAYS) // 28)
    assert steps.maintain(settings, now=now())["profiles_forgotten"] > STORIES / 4
    with database.connect(settings) as connection:
        after = connection.execute(count).fetchone()
        assert after == connection.execute(wanted).fetchone()
    assert after and after["n"] < before["n"]


def test_what_another_process_wrote_is_seen_and_what_a_caller_added_to_its_copy_is_not(desk: Settings) -> None:
    steps.cluster(desk, now=now())
    story = placed(desk)[1]
    with database.connect(desk) as connection:
        model = model_store.current(connection, desk.model)
        assert model is not None
        [first] = store.profiles(connection, [story], model.id)
        size = first.profile.size
        grown = first.profile.copy()
        grown.add(first.profile)
        grown.terms.clear()
        [second] = store.profiles(connection, [story], model.id)
        assert second.profile.size == size
        assert second.profile.terms
        connection.execute(
            "UPDATE story_profiles SET size = size + 5, changed = clock_timestamp() WHERE story_id = %s", (story,)
        )
        [third] = store.profiles(connection, [story], model.id)
        assert third.profile.size == size + 5


def test_a_database_of_before_keeps_its_stories(embedded: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded.ensure_database("migrate_profiles")
    settings = Settings(database_url=embedded.url("migrate_profiles"))
    known = database.migrations()
    monkeypatch.setattr(schema, "migrations", lambda: known[:3])
    database.migrate(settings)
    moment = now() - timedelta(days=400)
    with database.connect(settings) as connection:
        model = model_store.register(connection, settings.model, "test", 3, ["en"]).id
        connection.execute(
            """INSERT INTO stories (opened_at, first_published, last_published) VALUES (%(at)s, %(at)s, %(at)s);
               INSERT INTO articles (identity, canonical_url, url, outlet, first_seen_at, published)
               VALUES ('a', 'a', 'a', 'Outlet', %(at)s, %(at)s);
               INSERT INTO memberships (article_id, story_id, since, score, threshold, method)
               VALUES (1, 1, %(at)s, 1, 0, 'mix');
               INSERT INTO article_terms (article_id, weights, words) VALUES (1, %(weights)s, 20);
               INSERT INTO story_profiles (story_id, model_id, size, dense, scaled, terms, lengths, dated, times,
                                           first_day, last_day, languages)
               VALUES (1, %(model)s, 1, '[1,0,0]', '[2,0,0]', '{"treaty": [0.5, 1.25], "kim": [0.25, 0.75]}', 3, 1,
                       %(day)s, %(day)s, %(day)s, '{"en": 1}')""".replace("%(at)s", f"'{moment.isoformat()}'")
            .replace("%(weights)s", "'{" + ", ".join(f'"w{n:02}": {1 / n:.5f}' for n in range(1, 21)) + "}'")
            .replace("%(model)s", str(model))
            .replace("%(day)s", str(moment.timestamp() / 86_400))
        )
    monkeypatch.setattr(schema, "migrations", lambda: known)
    assert database.migrate(settings)[0] == "0004_placing"
    with database.connect(settings) as connection:
        [story] = store.profiles(connection, [1], model)
        assert story.profile.terms == {"treaty": (0.5, 1.25), "kim": (0.25, 0.75)}
        assert story.profile.dense.tolist() == [[1, 0, 0], [2, 0, 0]]
        terms = connection.execute("SELECT term, week, count FROM story_terms ORDER BY term").fetchall()
        week = int(moment.timestamp() // (7 * 86_400))
        assert terms == [{"term": f"w{n:02}", "week": week, "count": 1} for n in range(1, 17)], "the heaviest sixteen"
        period = int(moment.timestamp() / 86_400 // store.PERIOD_DAYS)
        assert connection.execute(
            "SELECT to_regclass(%s) AS i", (f"story_profiles_near_{model}_{period}",)
        ).fetchone() != {"i": None}
    database.close_idle()
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier("migrate_profiles")))
