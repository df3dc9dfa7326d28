"""Search: how a question is read, what its words find in which script, and how two ranks become one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import psycopg
import pytest

from pipeline import database
from pipeline.database import Connection
from pipeline.settings import Settings
from pipeline.store import models, search
from pipeline.store import stories as story_store
from pipeline.store.models import EmbeddingModel
from pipeline.store.search import Filters, Meaning
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
        hits = search.search(connection, question, filters, limit=100)
        return [hit.id for hit in hits if hit.words_place]


@pytest.mark.parametrize(
    ("question", "articles"),
    [
        ("ete", [1]), ("PYONGYANG", [1]), ("путин", [1]), ("plane", [1]), ('"mutual assistance"', [1]),
        ("mutual assistance", [4, 1]), ("treaty -mutual", [5]),
        ("ёлка", [4]), ("елка", [4]), ("1961", []), ("1,961", [4]),
        ("金正恩", [2]), ("首脳会談", [2]), ("脳首", []), ("김정은", [3]), ("푸틴", [3]), ("treaty", [4, 5]),
        ("treaties", [4, 5]), ('"treaties"', []), ("treat*", [4, 5]), ("assist*", [1, 4]), ("signing", []),
        ("words", [5]), ("worded", [5]), ("treaty -word", [4]), ("treaty -weath*", [4]),
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
        connection.execute("UPDATE articles SET state = 'failed', reason = 'http-404' WHERE id = 1")
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
        vectors(connection, model, {1: [1, 0, 0, 0], 2: [0.9, 0.1, 0, 0], 3: [0, 1, 0, 0]})
        asked = Meaning(to_text(np.asarray([0, 1, 0, 0], dtype=np.float32)), model)
        assert near(connection, asked, Filters()) == [3, 2, 1]
        assert near(connection, asked, Filters(outlet="Outlet 1")) == [3, 1]
        assert near(connection, Meaning("[0,1,0]", other), Filters()) == []
        assert story_store.keep_model_indexes(connection) == 2
        assert near(connection, asked, Filters()) == [3, 2, 1]
        names = connection.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'vectors'").fetchall()
    assert {f"vectors_near_{each.id}" for each in (model, other)} <= {row["indexname"] for row in names}


def vectors(connection: Connection, model: EmbeddingModel, made: dict[int, list[float]]) -> None:
    for number, vector in made.items():
        connection.execute(
            "INSERT INTO vectors (article_id, model_id, embedding, revision) VALUES (%s, %s, %s, 1)",
            [number, model.id, str(vector)],
        )


def near(connection: Connection, asked: Meaning, filters: Filters) -> list[int]:
    return [hit.id for hit in search.search(connection, "", filters, meaning=asked, by_words=False)]


def test_two_ranks_are_put_together_by_their_places(shelf: Settings) -> None:
    with database.connect(shelf) as connection:
        model = models.register(connection, "made", "1", 4, ["en"])
        vectors(connection, model, {2: [0.9, 0.1, 0, 0], 5: [0, 1, 0, 0]})
        hits = search.search(connection, "treaty", Filters(), meaning=Meaning("[0,1,0,0]", model))
    # 4 and 5 hold the word, 5 and 2 are near: 5 is second and first, 4 first alone, 2 second alone.
    assert [(hit.id, hit.words_place, hit.meaning_place, hit.found) for hit in hits] == [
        (5, 2, 1, 3), (4, 1, None, 3), (2, None, 2, 3)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("question", "pieces"),
    [
        ('one "two three" -four -"five six" seven-eight',
         [("one", "word"), ("two three", "phrase"), ("four", "not"), ("five six", "not"), ("seven-eight", "word")]),
        ('an "open phrase', [("an", "word"), ("open phrase", "phrase")]),
        ("treat* *", [("treat", "begin"), ("", "word")]),
        ("a " * 200, [("a", "word")] * 32),
    ],
)  # fmt: skip
def test_a_question_is_words_and_phrases(settings: Settings, question: str, pieces: list[tuple[str, str]]) -> None:
    with database.connect(settings) as connection:
        rows = connection.execute(
            "SELECT piece, CASE WHEN unwanted THEN 'not' WHEN phrase THEN 'phrase' WHEN prefix THEN 'begin' ELSE 'word'"
            " END AS kind FROM search_pieces(%s) ORDER BY place", [question]
        )  # fmt: skip
        assert [(row["piece"], row["kind"]) for row in rows] == pieces


def test_what_was_found_is_shown_where_it_stands(shelf: Settings) -> None:
    with database.connect(shelf) as connection:
        connection.execute("UPDATE articles SET language = 'ja' WHERE id = 2")
        hits = [hit for word in ("weather", "首脳会談") for hit in search.search(connection, word, Filters())]
    shown = {hit.id: hit.snippet for hit in hits}
    assert "about the ⟦weather⟧ and the harbour" in (shown[5] or "")
    assert shown[2] == "平壌で⟦首脳会談⟧が開かれた。"


def test_a_blank_question_lists_the_newest(shelf: Settings) -> None:
    with database.connect(shelf) as connection:
        outlet = replace(Filters(), outlet="Outlet 1")
        assert [hit.id for hit in search.search(connection, " ", outlet)] == [5, 3, 1]
        assert [hit.id for hit in search.search(connection, "", outlet, limit=1, skip=1)] == [3]
        assert search.choices(connection) == ([], ["en"])


def test_articles_and_stories_near_one_count_prints_once(shelf: Settings) -> None:
    with database.connect(shelf) as connection:
        model = models.register(connection, "made", "1", 3, ["en"])
        vectors(connection, model, {1: [1, 0, 0], 2: [1, 0.01, 0], 3: [1, 0.2, 0], 4: [1, 0.21, 0], 5: [0, 1, 0]})
        connection.execute(
            "INSERT INTO copies (article_id, origin_id, containment, resemblance, rule, decided_at) VALUES"
            " (2, 1, 1, 1, 'earliest', now()), (4, 3, 1, 1, 'earliest', now())"
        )
        connection.execute(
            "INSERT INTO stories (opened_at, first_published, last_published) SELECT now(), now(), now()"
            " FROM generate_series(1, 3)"
        )
        connection.execute(
            "INSERT INTO memberships (article_id, story_id, since, score, threshold, method) SELECT id,"
            " CASE WHEN id < 3 THEN 1 WHEN id < 5 THEN 2 ELSE 3 END, now(), 1, 0, 'mix' FROM articles"
        )
        articles = connection.execute("SELECT article_id, prints FROM wirewatch.similar_articles(1)").fetchall()
        stories = connection.execute("SELECT story_id, near_texts FROM wirewatch.similar_stories(1)").fetchall()
        assert connection.execute("SELECT FROM wirewatch.similar_articles(99)").fetchall() == []
        assert connection.execute("SELECT FROM wirewatch.similar_stories(99)").fetchall() == []
    assert [tuple(row.values()) for row in articles] == [(3, 2), (5, 1)]
    assert [tuple(row.values()) for row in stories] == [(2, 1), (3, 1)]


@pytest.mark.parametrize(
    "question",
    ["'", '"', '""', "\\", "%", "$$", "$1", "&|!()<->:*", "treaty:*A", "!treaty", "(treaty", '-"', "C++", "3.5%", "*",
     "tr*ty", "x" * 100_000, "word " * 5000, "(" * 2000, "\u0301" * 500, "\u200b", "\ufeff", "\u202etreaty",
     "😀",
     "[a-z]+", "(a+)+$", "\x01", "\t\n", "⟦treaty⟧", "'; DROP TABLE articles; --", "the of and", "ＴＲＥＡＴＹ",
     "\\1 \\2"],
)  # fmt: skip
def test_anything_may_be_asked(shelf: Settings, question: str) -> None:
    with database.connect(shelf) as connection:
        hits = connection.execute("SELECT article_id FROM wirewatch.search(%s)", [question]).fetchall()
        assert {row["article_id"] for row in hits} <= (
            {4, 5} if "treaty" in question or "ＴＲ" in question else set(TEXTS)
        )
        assert connection.execute("SELECT count(*) AS n FROM articles").fetchone() == {"n": len(TEXTS)}


@pytest.mark.parametrize(
    ("language", "text", "found", "nothing"),
    [
        ("ko", "푸틴은 평양에서 조약에 서명했다. 개 한 쌍을 받았다.",
         ["개", "푸", "조약", "서명했다", "평양에서 조약"], ["약조", "게"]),
        ("ja", "平壌で首脳会談が開かれた。露と朝は条約に署名した。",
         ["露", "朝", "会談", "首脳会談", "条約"], ["談会", "首相"]),
        ("zh", "普京在平壤会见金正恩，双方签署条约。", ["普", "普京", "平壤", "金正恩", "条约"], ["京普", "习"]),
        ("th", "ปูตินเดินทางถึงเปียงยางและลงนามสนธิสัญญา", ["ปูติน", "เปียงยาง", "สนธิสัญญา"], ["ฮานอย"]),
    ],
)  # fmt: skip
def test_short_words_of_scripts_without_blanks_are_found_and_marked(
    shelf: Settings, language: str, text: str, found: list[str], nothing: list[str]
) -> None:
    with database.connect(shelf) as connection:
        connection.execute("UPDATE articles SET language = %s, title = '-', text = %s WHERE id = 1", [language, text])
        query = "SELECT snippet FROM wirewatch.search(%s, of_language => %s) WHERE article_id = 1"
        for word in found:
            (row,) = connection.execute(query, [word, language]).fetchall()
            assert any(f"⟦{piece}⟧" in row["snippet"] for piece in word.split())
        assert [word for word in nothing if connection.execute(query, [word, language]).fetchall()] == []


def test_a_search_stays_within_a_story_by_any_of_its_numbers(shelf: Settings) -> None:
    with database.connect(shelf) as connection:
        connection.execute(
            "INSERT INTO stories (id, opened_at, first_published, last_published, merged_into) OVERRIDING SYSTEM VALUE"
            " VALUES (1, now(), now(), now(), NULL), (2, now(), now(), now(), 1)"
        )
        connection.execute(
            "INSERT INTO memberships (article_id, story_id, since, score, threshold, method)"
            " VALUES (4, 1, now(), 0, 0, 'first')"
        )
        for story in (1, 2):
            query = "SELECT article_id FROM wirewatch.search('treaty', of_story => %s)"
            rows = connection.execute(query, [story]).fetchall()
            assert [row["article_id"] for row in rows] == [4]
        rows = connection.execute("SELECT article_id FROM wirewatch.search('treaty', of_language => 'EN')").fetchall()
        assert [row["article_id"] for row in rows] == [4, 5]


@pytest.mark.parametrize(
    ("condition", "says"),
    [("of_topic => 'nowhere'", "there is no topic 'nowhere'"), ("max_results => -1", "say how many")],
)
def test_what_cannot_be_asked_is_one_clear_error(shelf: Settings, condition: str, says: str) -> None:
    with database.connect(shelf) as connection, pytest.raises(psycopg.errors.RaiseException, match=says):
        connection.execute(f"SELECT * FROM wirewatch.search('treaty', {condition})".encode())
