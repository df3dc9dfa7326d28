"""Changing the embedding model: everything is embedded again, stories keep their ids, vectors of two never meet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline import database, steps
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings
from pipeline.steps.model import (
    encoder,
    keep_parameters,
    left_over_file,
    register_model,
    story_parameters,
    topic_numbers,
)
from pipeline.store import models as model_store
from pipeline.store import waiting
from pipeline.stories import model as story_model
from tests.support import deskrows, light
from tests.support.deskrows import CAR, TREATY, now, placed

DIMENSION = 24
KOREAN = [
    "푸틴 대통령과 김정은 위원장이 평양에서 포괄적 전략 동반자 조약에 서명했다",
    "서울 집값이 석 달째 올라 정부가 대출 규제를 검토하고 있다",
]


@pytest.fixture(scope="module")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A multilingual sentence-transformers model of 24 dimensions that tells the desk's developments apart."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    groups = [" ".join(TREATY), " ".join(CAR), *KOREAN]
    words = sorted({word for text in groups for word in text.replace(";", "").split()})
    vocabulary = {word: number for number, word in enumerate(["[UNK]", *words])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    weights = np.random.default_rng(5).normal(0, 0.1, (len(vocabulary), DIMENSION)).astype(np.float32)
    for axis, text in enumerate(groups):
        only = set(text.split()) - {word for other in groups if other is not text for word in other.split()}
        for word in only & vocabulary.keys():
            weights[vocabulary[word], axis] += 1.0
    folder = tmp_path_factory.mktemp("models") / "small"
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=weights)], device="cpu").save(str(folder))
    return folder


@pytest.fixture
def switched(desk: Settings, small_model: Path) -> Settings:
    """Settings of the same desk, after a person changed WIREWATCH_MODEL; not calibrated yet."""
    return replace(desk, model=str(small_model), model_languages="multi")


def numbers(settings: Settings, **changes: object) -> story_model.StoryModel:
    """Thresholds as `wirewatch calibrate` would give them to the model of these settings."""
    model = encoder(settings)
    own = {"name": settings.model, "revision": model.revision, "dimension": model.dimension, "languages": None}
    return replace(light.numbers(), **(own | changes))  # type: ignore[arg-type]


def calibrated(settings: Settings) -> None:
    """Leave what `wirewatch calibrate` leaves for a model."""
    with database.connect(settings) as connection:
        keep_parameters(connection, settings, numbers(settings))


def current_id(connection: database.Connection, settings: Settings) -> int:
    model = model_store.current(connection, settings.model)
    assert model is not None
    return model.id


def arrive(settings: Settings, number: int, text: str, language: str = "en") -> int:
    """One extracted article that nothing has looked at yet."""
    with database.connect(settings) as connection:
        model = connection.execute("SELECT id FROM embedding_models ORDER BY id LIMIT 1").fetchone()
        assert model is not None
        article_id = deskrows.add(connection, model["id"], number, text, 0, language)
        connection.execute("DELETE FROM vectors WHERE article_id = %s", (article_id,))
        connection.execute("UPDATE articles SET copies_at = NULL, embedded_at = NULL WHERE id = %s", (article_id,))
        # The seed documents mean nothing to a model of a few words; that it is on topic is a person's word.
        connection.execute("UPDATE article_topics SET actor = 'ana'")
    return article_id


def rows(settings: Settings, query: str) -> list[dict[str, object]]:
    with database.connect(settings) as connection:
        return connection.execute(query).fetchall()


def test_a_model_without_thresholds_is_refused_before_anything_is_embedded(desk: Settings, switched: Settings) -> None:
    steps.cluster(desk, now=now())
    for step in (steps.embed, steps.cluster):
        with pytest.raises(ConfigurationError, match=r"run `wirewatch calibrate LABELLED\.jsonl --model"):
            step(switched, now=now())
    assert len(rows(desk, "SELECT DISTINCT model_id FROM vectors")) == 1
    assert steps.cluster(desk, now=now()).get("placed", 0) == 0, "the model before still works"


def test_a_changed_model_embeds_everything_again_and_stories_keep_their_ids(desk: Settings, switched: Settings) -> None:
    steps.cluster(desk, now=now())
    before = placed(desk)
    calibrated(switched)
    treaty = arrive(desk, 6, TREATY[1])
    car = arrive(desk, 7, CAR[0])
    steps.find_copies(switched, now=now())
    counts = steps.embed(switched, now=now())
    assert counts["embedded"] + counts["borrowed"] == 7
    assert counts["remodelled"] == len(set(before.values())) == 2
    placed_now = steps.cluster(switched, now=now())
    assert (placed_now["placed"], placed_now["opened"]) == (2, 0)
    after = placed(desk)
    assert {article: after[article] for article in before} == before
    assert (after[treaty], after[car]) == (before[1], before[4])
    again = steps.embed(switched, now=now())
    assert not any(again[name] for name in ("embedded", "borrowed", "remodelled"))
    assert steps.cluster(switched, now=now()).get("placed", 0) == 0
    assert steps.maintain(switched, now=now())["profiles_of_wrong_size"] == 0


def test_a_database_of_the_light_model_is_embedded_again_by_the_default_one(desk: Settings) -> None:
    steps.cluster(desk, now=now())
    before = placed(desk)
    default = light.instead(desk)
    late = arrive(desk, 6, TREATY[1])
    steps.find_copies(default, now=now())
    counts = steps.embed(default, now=now())
    assert (counts["embedded"] + counts["borrowed"], counts["remodelled"]) == (6, 2)
    steps.cluster(default, now=now())
    assert placed(desk) == {**before, late: before[1]}
    with database.connect(desk) as connection:
        row = model_store.current(connection, default.model)
        assert row is not None
        assert story_model.StoryModel.from_plain(row.parameters) == story_model.default()


def test_vectors_of_two_models_never_meet(desk: Settings, switched: Settings) -> None:
    steps.cluster(desk, now=now())
    calibrated(switched)
    arrive(desk, 6, TREATY[1])
    steps.find_copies(switched, now=now())
    steps.embed(switched, now=now())
    steps.cluster(switched, now=now())
    kept = rows(desk, "SELECT model_id, vector_dims(embedding) AS size, count(*) AS n FROM vectors GROUP BY 1, 2")
    assert {(row["size"], row["n"]) for row in kept} == {(384, 5), (DIMENSION, 6)}
    assert len(kept) == 2, "each model has vectors of one length"
    profiles = rows(
        desk,
        """SELECT DISTINCT vector_dims(p.dense) AS size, m.name, m.dimension, m.languages
           FROM story_profiles p JOIN embedding_models m ON m.id = p.model_id""",
    )
    assert profiles == [{"size": DIMENSION, "name": switched.model, "dimension": DIMENSION, "languages": ["multi"]}]
    newest = rows(desk, "SELECT model_id FROM memberships ORDER BY id DESC LIMIT 1")
    with database.connect(desk) as connection:
        current = model_store.current(connection, switched.model)
    assert current is not None
    assert newest == [{"model_id": current.id}]


def test_going_back_finds_the_stories_that_grew_meanwhile(desk: Settings, switched: Settings) -> None:
    steps.cluster(desk, now=now())
    before = placed(desk)
    calibrated(switched)
    grown = arrive(desk, 6, TREATY[1])
    steps.find_copies(switched, now=now())
    steps.embed(switched, now=now())
    steps.cluster(switched, now=now())
    back = arrive(desk, 7, TREATY[2])
    steps.find_copies(desk, now=now())
    counts = steps.embed(desk, now=now())
    # The desk's first vectors are of a revision of their own, which is another model.
    assert (counts["embedded"] + counts["borrowed"], counts["remodelled"]) == (7, 2)
    assert steps.cluster(desk, now=now())["opened"] == 0
    assert placed(desk) == {**before, grown: before[1], back: before[1]}
    assert steps.maintain(desk, now=now())["profiles_of_wrong_size"] == 0


def test_the_revision_used_last_is_the_current_one(desk: Settings) -> None:
    with database.connect(desk) as connection:
        first = model_store.current(connection, desk.model)
        assert first is not None
    with database.connect(desk) as connection:
        second = model_store.register(connection, desk.model, "another", deskrows.DIMENSION, ["en"])
    with database.connect(desk) as connection:
        assert current_id(connection, desk) == second.id
        model_store.register(connection, desk.model, first.revision, deskrows.DIMENSION, ["en"])
    with database.connect(desk) as connection:
        assert current_id(connection, desk) == first.id


def test_a_worker_killed_between_embedding_and_stories_opens_none_twice(
    desk: Settings, switched: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps.cluster(desk, now=now())
    before = placed(desk)
    calibrated(switched)
    late = arrive(desk, 6, TREATY[1])
    steps.find_copies(switched, now=now())

    def killed(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.steps.embedding.remodel", killed)
        with pytest.raises(KeyboardInterrupt):
            steps.embed(switched, now=now())
    assert steps.cluster(switched, now=now()).get("placed", 0) == 0, "what waits for a story has no vector yet"
    assert steps.embed(switched, now=now())["remodelled"] == 2
    steps.cluster(switched, now=now())
    assert placed(desk) == {**before, late: before[1]}


def test_a_multilingual_model_judges_by_its_vectors_what_the_english_one_leaves_to_words(
    desk: Settings, switched: Settings
) -> None:
    calibrated(switched)
    one, other = (arrive(desk, 20 + n, text, "ko") for n, text in enumerate(KOREAN))
    same = arrive(desk, 22, KOREAN[0], "ko")
    steps.find_copies(switched, now=now())
    steps.embed(switched, now=now())
    steps.cluster(switched, now=now())
    places = placed(desk)
    assert places[one] == places[same] != places[other]
    methods = rows(desk, f"SELECT method FROM memberships WHERE until IS NULL AND article_id = {same}")
    assert methods[0]["method"] in {"mix", "merge", "copy", "reassign"}


def test_a_wires_copies_cost_one_embedding_even_when_they_arrive_together(desk: Settings, switched: Settings) -> None:
    calibrated(switched)
    steps.find_copies(switched, now=now())
    steps.embed(switched, now=now())
    origin, *copies = (arrive(desk, 30 + n, TREATY[0] + ". " + " ".join(CAR) * 3) for n in range(4))
    found = steps.find_copies(switched, now=now())
    counts = steps.embed(switched, now=now())
    assert (found["copies"], counts["embedded"], counts["borrowed"]) == (3, 1, 3)
    borrowed = rows(desk, "SELECT article_id, borrowed_from FROM vectors WHERE borrowed_from IS NOT NULL ORDER BY 1")
    assert [row["article_id"] for row in borrowed][-3:] == copies
    assert {row["borrowed_from"] for row in borrowed if row["article_id"] in copies} == {origin}


# --- where the thresholds are -----------------------------------------------------------------------------


def test_a_model_starts_from_the_packaged_thresholds_and_its_row_says_so(desk: Settings) -> None:
    with database.connect(desk) as connection:
        register_model(connection, desk)
        row = model_store.current(connection, desk.model)
        assert row is not None
        assert story_model.StoryModel.from_plain(row.parameters) == light.numbers()


def test_numbers_of_before_there_were_some_for_topics_are_filled_from_the_package(desk: Settings) -> None:
    old = numbers(desk, window_days=9.0).to_plain()
    del old["topic"]
    with database.connect(desk) as connection:
        model_store.set_parameters(connection, register_model(connection, desk), old)
        assert story_parameters(connection, desk) == numbers(desk, window_days=9.0)
        assert topic_numbers(connection, desk) == light.numbers().topic


def test_a_model_without_numbers_for_topics_is_refused_in_one_line(desk: Settings, switched: Settings) -> None:
    with database.connect(desk) as connection:
        keep_parameters(connection, switched, numbers(switched, topic=None))
        connection.execute("UPDATE articles SET embedded_at = NULL")
        connection.execute("INSERT INTO feeds (url, outlet) VALUES ('https://o.example/', 'O')")
        connection.execute(
            "INSERT INTO entries (feed_id, key, title, text, published, published_rule, first_seen_at, last_seen_at)"
            " SELECT id, 'one', 'Ferry resumes', '', %(at)s, 'published', %(at)s, %(at)s FROM feeds",
            {"at": now()},
        )
    for start in (steps.match, steps.embed):
        with pytest.raises(
            ConfigurationError, match=r"has no numbers for topics yet; run `wirewatch calibrate"
        ) as told:
            start(switched, now=now())
        assert "\n" not in str(told.value)
    with pytest.raises(ConfigurationError, match="has no numbers for topics yet"):
        steps.check_thresholds(switched)
    calibrated(switched)
    steps.check_thresholds(switched)


def test_every_worker_reads_the_thresholds_of_the_database(desk: Settings, tmp_path: Path) -> None:
    """Those that one host calibrated, on another host with a home of its own; and a later calibration at once."""
    other = replace(desk, home=tmp_path / "another host")
    for days in (9.0, 10.0):
        with database.connect(desk) as connection:
            keep_parameters(connection, desk, numbers(desk, window_days=days))
        with database.connect(other) as connection:
            assert story_parameters(connection, other).window_days == days
            register_model(connection, other)
            assert story_parameters(connection, other).window_days == days, "a start changes nothing"


def test_a_new_revision_of_a_model_starts_from_the_thresholds_of_the_one_before(desk: Settings) -> None:
    with database.connect(desk) as connection:
        model = model_store.current(connection, desk.model)
        assert model is not None
        model_store.set_parameters(connection, model.id, numbers(desk, window_days=9.0).to_plain())
        assert register_model(connection, desk) != model.id
        assert story_parameters(connection, desk).window_days == 9.0


def test_a_file_that_an_older_version_left_is_taken_over_once_with_a_line(
    desk: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    path = left_over_file(desk)
    path.parent.mkdir(parents=True)
    path.write_text(numbers(desk, window_days=9.0).to_json().replace('"baseline"', '"background"'), encoding="utf-8")
    with database.connect(desk) as connection:
        assert story_parameters(connection, desk).window_days == 9.0, "before anybody took it over"
        register_model(connection, desk)
        register_model(connection, desk)
    [line] = [record.getMessage() for record in caplog.records if str(path) in record.getMessage()]
    assert "are in the database now" in line
    with database.connect(desk) as connection:
        keep_parameters(connection, desk, numbers(desk, window_days=10.0))
        register_model(connection, desk)
        assert story_parameters(connection, desk).window_days == 10.0, "the file is read no more"


def test_that_every_article_has_its_vector_is_known_until_another_model_makes_one(
    desk: Settings, switched: Settings
) -> None:
    def known() -> dict[str, bool]:
        return {
            str(row["name"]): bool(row["complete"]) for row in rows(desk, "SELECT name, complete FROM embedding_models")
        }

    def waits(settings: Settings) -> bool:
        with database.connect(settings) as connection:
            return waiting.any_unembedded(connection, settings.model, now())

    steps.cluster(desk, now=now())
    calibrated(switched)
    assert not any(known().values())
    arrive(desk, 6, TREATY[1])
    steps.find_copies(desk, now=now())
    steps.embed(desk, now=now())
    assert known() == {desk.model: True, switched.model: False}
    assert not waits(desk)
    assert waits(switched)
    arrive(desk, 7, TREATY[2])
    steps.find_copies(switched, now=now())
    steps.embed(switched, now=now())
    assert known() == {desk.model: False, switched.model: True}
    assert not waits(switched)
    assert waits(desk), "the seventh article has no vector of the model before"
    assert steps.embed(desk, now=now())["embedded"] == 1
    assert known() == {desk.model: True, switched.model: True}, "both have a vector of all, whichever is used"


def test_a_model_is_complete_only_where_no_article_lacks_its_vector(desk: Settings) -> None:
    with database.connect(desk) as connection:
        row = model_store.current(connection, desk.model)
        assert row is not None
        connection.execute("DELETE FROM vectors WHERE article_id = 3")
        assert not model_store.note_complete(connection, row.id)
        connection.execute("UPDATE articles SET embedded_at = NULL WHERE id = 3")
        assert model_store.note_complete(connection, row.id), "it waits, and is found by that"
        assert waiting.any_unembedded(connection, desk.model, now())
