"""Search: how a question is read, what its words find in which script, and how two ranks become one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from pipeline import database
from pipeline.settings import Settings
from pipeline.store import models, search
from pipeline.store.search import Filters
from pipeline.store.vectors import to_text

TEXTS = {
    1: ("Été à Pyongyang", "Путин подписал договор. The plane's crew said: “mutual assistance”."),
    2: ("金正恩が歓迎", "平壌で首脳会談が開かれた。"),
    3: ("김정은은 환영했다", "푸틴을 만났다."),
    4: ("Treaty", "Assistance is not mutual, the treaty of 1,961 says. Ёлка."),
    5: ("Other", "The word treaty stands here once among many other words about the weather and the harbour."),
}


@pytest.fixture
def shelf(settings: Settings) -> Settings:
    """Five articles, and a vector for each of the first three."""
    with database.connect(settings) as connection:
        for number, (title, text) in TEXTS.items():
            connection.execute(
                "INSERT INTO articles (id, identity, canonical_url, url, outlet, language, state, first_seen_at, title,"
                " text, published) OVERRIDING SYSTEM VALUE VALUES (%s, %s, '', '', %s, 'en', 'extracted', now(), %s,"
                " %s, %s)",
                [number, str(number), f"Outlet {number % 2}", title, text, datetime(2024, 6, number, tzinfo=UTC)],
            )
    return settings


def found(settings: Settings, question: str, filters: Filters = Filters()) -> list[int]:  # noqa: B008 - frozen
    with database.connect(settings) as connection:
        return search.by_words(connection, question, filters)


@pytest.mark.parametrize(
    ("question", "articles"),
    [
        ("ete", [1]), ("PYONGYANG", [1]), ("путин", [1]), ("plane", [1]), ('"mutual assistance"', [1]),
        ("mutual assistance", [4, 1]), ("treaty -mutual", [5]),
        ("ёлка", [4]), ("елка", [4]), ("1961", []), ("1,961", [4]),
        ("金正恩", [2]), ("首脳会談", [2]), ("脳首", []), ("김정은", [3]), ("푸틴", [3]), ("treaty", [4, 5]),
        ("", []), ("   ", []), ('"', []), ("-treaty", []), ("<script>", []), ("' OR 1=1 --", []), ("&!|():*", []),
    ],
)  # fmt: skip
def test_words_are_found_in_any_script(shelf: Settings, question: str, articles: list[int]) -> None:
    assert sorted(found(shelf, question)) == sorted(articles)


def test_a_title_weighs_more_than_a_text(shelf: Settings) -> None:
    assert found(shelf, "treaty") == [4, 5]


def test_filters_narrow(shelf: Settings) -> None:
    first = datetime(2024, 6, 5, tzinfo=UTC)
    assert found(shelf, "treaty", Filters(since=first)) == [5]
    assert found(shelf, "treaty", Filters(until=first)) == [4]
    assert found(shelf, "treaty", Filters(outlet="Outlet 1")) == [5]
    assert found(shelf, "treaty", Filters(language="fr")) == []


def test_a_changed_text_is_found_by_its_new_words_alone(shelf: Settings) -> None:
    with database.connect(shelf) as connection:
        connection.execute("UPDATE articles SET text = 'Something new' WHERE id = 1")
        connection.execute("UPDATE articles SET state = 'failed' WHERE id = 1")
    assert found(shelf, "assistance") == [4]
    assert found(shelf, "something") == [1]
    with database.connect(shelf) as connection:
        connection.execute("DELETE FROM articles WHERE id = 1")
    assert found(shelf, "something") == []


@pytest.mark.parametrize("text", ["x" * 3_000_000, "word" + " ".join(map(str, range(400_000))), "\u0301" * 200_000])
def test_no_text_is_too_much_for_its_row(shelf: Settings, text: str) -> None:
    with database.connect(shelf) as connection:
        connection.execute("UPDATE articles SET text = %s WHERE id = 5", [text])
    assert found(shelf, "other") == [5]


def test_the_nearest_vectors_come_first_and_each_model_has_an_index(shelf: Settings) -> None:
    with database.connect(shelf) as connection:
        model = models.register(connection, "made", "1", 4, ["en"])
        other = models.register(connection, "made", "2", 3, ["en"])
        for number, vector in {1: [1, 0, 0, 0], 2: [0.9, 0.1, 0, 0], 3: [0, 1, 0, 0]}.items():
            connection.execute(
                "INSERT INTO vectors (article_id, model_id, embedding, revision) VALUES (%s, %s, %s, 1)",
                [number, model.id, str(vector)],
            )
        asked = to_text(np.asarray([0, 1, 0, 0], dtype=np.float32))
        assert search.by_meaning(connection, model, asked, Filters()) == [3, 2, 1]
        assert search.by_meaning(connection, model, asked, Filters(outlet="Outlet 1")) == [3, 1]
        assert search.by_meaning(connection, other, "[0,1,0]", Filters()) == []
        names = connection.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'vectors'").fetchall()
    assert {f"vectors_near_{each.id}" for each in (model, other)} <= {row["indexname"] for row in names}


def test_two_ranks_are_put_together_by_their_places() -> None:
    assert search.fused([[1, 2, 3], [3, 4]]) == [3, 1, 2, 4]
    assert search.fused([[], []]) == []
    assert search.fused([[7, 5]]) == [7, 5]


def test_a_question_is_words_and_phrases() -> None:
    assert search.pieces('one "two three" -four -"five six" seven-eight') == (
        ["one", "two three", "seven-eight"],
        ["four", "five six"],
    )
    assert search.pieces('an "open phrase') == (["an", "open phrase"], [])
    assert len(search.pieces("a " * 200)[0]) == 32


def test_hits_stand_in_the_order_asked_for(shelf: Settings) -> None:
    with database.connect(shelf) as connection:
        assert [hit.id for hit in search.hits(connection, [4, 99, 2])] == [4, 2]
        assert search.choices(connection) == ([], ["en"])
        assert search.newest(connection, replace(Filters(), outlet="Outlet 1")) == [5, 3, 1]
