"""What the labels do not show: days without an hour, feeds that recovered, names in other spellings."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from pipeline import database
from pipeline.models import Assignment
from pipeline.settings import Settings
from pipeline.store import stories as store
from pipeline.store.stories import Membership
from tests.support.deskrows import START, TOPIC
from tests.support.project import REPOSITORY

DAY = date(2024, 6, 19)


@pytest.fixture
def placed(desk: Settings) -> Settings:
    """The three articles of the treaty in story 1, the two of the car in story 2, all of one day."""
    with database.connect(desk) as connection:
        connection.execute(
            "INSERT INTO stories (opened_at, first_published, last_published)"
            " SELECT %(at)s, %(at)s, %(at)s FROM generate_series(1, 2)",
            {"at": START},
        )
        connection.execute(
            "INSERT INTO memberships (article_id, story_id, since, score, threshold, method)"
            " SELECT id, CASE WHEN id <= 3 THEN 1 ELSE 2 END, first_seen_at, 0.9, 0.5, 'mix' FROM articles"
        )
    return desk


def rows(settings: Settings, query: str, *values: object) -> list[dict[str, Any]]:
    with database.connect(settings) as connection:
        return list(connection.execute(query.encode(), values).fetchall())


def change(settings: Settings, query: str, *values: object) -> None:
    with database.connect(settings) as connection:
        connection.execute(query.encode(), values)


def test_a_day_without_an_hour_is_first_of_nothing(placed: Settings) -> None:
    change(
        placed,
        "UPDATE articles SET published = %s, published_rule = 'meta', published_precision = 'day' WHERE id = 3",
        START,
    )
    change(placed, "UPDATE articles SET published = published + interval '1 minute' WHERE id = 1")
    (first, _) = rows(placed, "SELECT * FROM wirewatch.who_was_first(%s, %s)", TOPIC, DAY)
    assert (first["first_outlet"], first["articles_of_unknown_hour"], first["certain"]) == ("Outlet 0", 1, False)
    hours = rows(placed, "SELECT * FROM wirewatch.timeline(%s, %s) WHERE articles > 0", TOPIC, DAY)
    assert [(row["hour"], row["articles"]) for row in hours] == [(0, 1), (1, 1), (3, 1), (4, 1), (None, 1)]
    assert sum(row["new_stories"] for row in hours) == 2


def test_a_copy_is_never_first_and_never_independent(placed: Settings) -> None:
    change(placed, "INSERT INTO copies VALUES (1, 2, 1, 1, 'earliest', %s)", START)
    (first, _) = rows(placed, "SELECT * FROM wirewatch.who_was_first(%s, %s)", TOPIC, DAY)
    assert (first["first_outlet"], first["second_outlet"], first["lead"]) == (
        "Outlet 1",
        "Outlet 2",
        timedelta(hours=1),
    )
    (story, _) = rows(placed, "SELECT * FROM wirewatch.stories_of_day(%s, %s)", TOPIC, DAY)
    assert (story["outlets"], story["independent_outlets"], story["copies"]) == (3, 2, 1)


def test_a_merged_story_answers_for_the_one_that_took_it_in(placed: Settings) -> None:
    change(placed, "UPDATE stories SET merged_into = 1 WHERE id = 2")
    change(placed, "UPDATE memberships SET story_id = 1")
    assert len(rows(placed, "SELECT * FROM wirewatch.articles_of_story(2)")) == 5


@pytest.mark.parametrize("asked", ["Jörg Müller-Lüdenscheidt", "muller-ludenscheidt jorg", "JÖRG"])
def test_an_author_is_found_whatever_case_accents_and_order(placed: Settings, asked: str) -> None:
    change(placed, "UPDATE articles SET authors = '{Jörg Müller-Lüdenscheidt,Kim Park}' WHERE id = 4")
    change(placed, "UPDATE articles SET authors = '{Jörn Müller,Anna Lüdenscheidt}' WHERE id = 5")
    (row,) = rows(placed, "SELECT * FROM wirewatch.articles_of_author(%s)", asked)
    assert (row["article_id"], row["author"], row["story_id"]) == (4, "Jörg Müller-Lüdenscheidt", 2)


def test_nobody_is_asked_for_by_no_name(placed: Settings) -> None:
    assert rows(placed, "SELECT * FROM wirewatch.articles_of_author(' ')") == []


def test_a_feed_ails_by_what_holds_now(newsroom: Settings) -> None:
    change(
        newsroom,
        """INSERT INTO feeds (url, outlet, state, state_reason, poll_state, next_poll_at, last_new_at, added_at)
           SELECT 'https://' || outlet || '.example/', outlet, state, reason, poll_state::jsonb,
                  '2024-06-19'::timestamptz + due, '2024-06-19'::timestamptz - news, '2024-06-01'
           FROM (VALUES
               ('well', 'active', NULL, '{"answered_full": "2024-06-19T00:00Z"}', interval '1 hour', interval '1 hour'),
               ('failing', 'active', NULL, '{"failing_since": "2024-06-18T00:00Z", "reason": "dns"}', '1 hour',
                '1 hour'),
               ('dead', 'paused', 'http-500', '{"paused_since": "2024-06-17T00:00Z"}', '1 day', '9 days'),
               ('gone', 'retired', 'http-410', '{}', '0', '9 days'),
               ('given up', 'retired', 'by the desk', '{}', '0', '9 days'),
               ('late', 'active', NULL, '{"interval": 600}', '-2 hours', '1 hour'),
               ('slow', 'active', NULL, '{"interval": 21600}', '-2 hours', '1 hour'),
               ('silent', 'active', NULL, '{"longest_empty": 3600}', '1 hour', '3 days'),
               ('rare', 'active', NULL, '{"longest_empty": 259200}', '1 hour', '4 days')
           ) AS f (outlet, state, reason, poll_state, due, news)""",
    )
    found = rows(newsroom, "SELECT outlet, trouble, reason FROM wirewatch.ailing_feeds('2024-06-19')")
    assert [(row["outlet"], row["trouble"]) for row in found] == [
        ("dead", "dead"), ("gone", "dead"), ("failing", "failing"), ("late", "late"), ("silent", "silent"),
    ]  # fmt: skip
    assert [row["reason"] for row in found[:3]] == ["http-500", "http-410", "dns"]


def test_places_are_named_in_each_language_whatever_their_ending(placed: Settings) -> None:
    for number, language, text in (
        (1, "en", "Georgia's envoy flew from South Korea to the U.S. on Monday"),
        (2, "ru", "Президент Северной Кореи принял гостей из Китая и Белоруссии"),
        (3, "de", "Japans Regierung und Russlands Botschafter in den Vereinigte Staaten"),
        (4, "ja", "米国と北朝鮮の協議をめぐり、中国は沈黙した"),
        (5, "ko", "북한과 러시아가 조약에 서명했다는 것인가 나중에"),
    ):
        change(placed, "UPDATE articles SET language = %s, title = '', text = %s WHERE id = %s", language, text, number)
    found = {
        number: [row["country"] for row in rows(placed, "SELECT * FROM wirewatch.places_of_article(%s)", number)]
        for number in range(1, 6)
    }
    assert found == {
        1: ["GE", "KR", "US"], 2: ["BY", "CN", "KP"], 3: ["JP", "RU", "US"], 4: ["CN", "KP", "US"], 5: ["KP", "RU"],
    }  # fmt: skip


def test_everything_that_an_analyst_sees_says_what_it_is(settings: Settings) -> None:
    silent = rows(
        settings,
        """SELECT p.proname AS name FROM pg_proc p WHERE p.pronamespace = 'wirewatch'::regnamespace
             AND obj_description(p.oid, 'pg_proc') IS NULL
           UNION ALL SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'wirewatch'::regnamespace
             AND c.relkind = 'v' AND obj_description(c.oid, 'pg_class') IS NULL
           UNION ALL SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
             WHERE a.attnum > 0 AND col_description(c.oid, a.attnum) IS NULL
               AND (c.relnamespace = 'wirewatch'::regnamespace AND c.relkind = 'v'
                    OR c.oid IN ('public.labels'::regclass, 'public.place_names'::regclass))""",
    )
    assert [row["name"] for row in silent] == []


def test_every_function_of_the_schema_stands_in_the_docs(settings: Settings) -> None:
    page = (REPOSITORY / "docs" / "querying.md").read_text("utf-8")
    made = rows(settings, "SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'wirewatch'::regnamespace")
    helpers = {"author_words", "day_start", "digest_of_day", "first_told", "headline", "living_story", "name_words",
               "known_topic", "last_of", "name_forms", "person_query", "place_query",
               "says_how_one_came", "title_as_of", "without_escapes"}  # fmt: skip
    assert {row["proname"] for row in made} - helpers <= {
        word
        for word in page.replace("wirewatch.", "").replace("(", "`").replace(",", "`").split("`")
        if word.isidentifier()
    }


def test_a_membership_keeps_what_it_was_decided_by(placed: Settings) -> None:
    def join(connection: database.Connection, method: str, story: int, hour: int) -> None:
        assignment = Assignment(str(story), 1.0, 0.0, method, "made")
        store.join(connection, 1, Membership(story, assignment, 1, START + timedelta(days=1, hours=hour)))

    change(placed, "INSERT INTO copies VALUES (1, 2, 0.91234, 0.5, 'earliest', %s)", START)
    with database.connect(placed) as connection:
        join(connection, "copy", 1, 1)
        join(connection, "settle", 2, 2)
        join(connection, "merge", 1, 3)
    kept = rows(placed, "SELECT method, features FROM memberships WHERE article_id = 1 ORDER BY id")
    assert [(row["method"], row["features"]) for row in kept[1:]] == [
        ("copy", {"copy_of": 2, "containment": 0.912, "resemblance": 0.5, "rule": "earliest"}),
        ("settle", {"from_story": 1}),
        ("merge", {"from_story": 2}),
    ]
    (why,) = rows(placed, "SELECT says, recorded FROM wirewatch.why_in_story(1)")
    assert (why["says"], why["recorded"]) == ("its story, 2, was merged into this one", {"from_story": 2})
    change(placed, "UPDATE memberships SET features = '{}'")  # as before features were kept
    assert rows(placed, "SELECT recorded FROM wirewatch.why_in_story(1)") == [{"recorded": {"from_story": 2}}]


@pytest.mark.parametrize(
    ("language", "text", "people"),
    [
        ("ru", "Путиным и Лаврову сказал Сергей Шойгу о Ким Чен Ыне, Зеленского не звали",
         ["kim-jong-un", "lavrov", "putin", "shoigu", "zelensky"]),
        ("ru", "Александра Валентиновича Новака встретили на площади Ким Ир Сена", ["novak"]),
        ("uk", "Лист Зеленському від Путіна, з Лукашенком говорив Макрон",
         ["lukashenko", "macron", "putin", "zelensky"]),
        ("pl", "Putina i Zełenskiego łączy rozmowa z Andrzejem Dudą i Ławrowem",
         ["duda", "lavrov", "putin", "zelensky"]),
        ("ko", "푸틴은 김정은에게, 시진핑과 바이든이", ["biden", "kim-jong-un", "putin", "xi"]),
        ("ko", "김일성광장에서 열린 행사", []),
        ("ja", "プーチン氏は金正恩総書記と会った。岸田首相は", ["kim-jong-un", "kishida", "putin"]),
        ("zh", "普京在金日成广场会见金正恩，习近平未到场", ["kim-jong-un", "putin", "xi"]),
        ("de", "Putins Brief an Wolodymyr Selenskyj, Scholz' Haus, Kim-Il-Sung-Platz", ["putin", "zelensky"]),
        ("fr", "La place Kim Il-sung, et Vladimir Poutine reçoit M. Lavrov", ["lavrov", "putin"]),
        ("en", "Kim Il Sung Square was full; Kim Il-sung's grandson Kim Jong-un met Putin's aides",
         ["kim-il-sung", "kim-jong-un", "putin"]),
        ("it", "Putin e Meloni", ["meloni", "putin"]), ("pt", "Putin e Lula da Silva", ["lula", "putin"]),
        ("en-GB", "Mr Biden spoke", ["biden"]), ("sv", "Putin", []), (None, "Putin", []),
    ],
)  # fmt: skip
def test_people_are_named_in_each_language_in_any_case(
    placed: Settings, language: str | None, text: str, people: list[str]
) -> None:
    change(placed, "UPDATE articles SET language = %s, title = '', text = %s WHERE id = 1", language, text)
    found = rows(placed, "SELECT person FROM wirewatch.people_of_article(1)")
    assert sorted(row["person"] for row in found) == people


def test_a_person_more_is_a_row_more(placed: Settings) -> None:
    change(placed, "INSERT INTO people (person, called) VALUES ('roe', 'Jane Roe')")
    change(placed, "INSERT INTO person_names (person, language, name) VALUES ('roe', 'ru', 'Джейн Роуз')")
    change(placed, "UPDATE articles SET language = 'ru', title = '', text = 'с Джейном Роузом' WHERE id = 1")
    assert [row["called"] for row in rows(placed, "SELECT * FROM wirewatch.people_of_article(1)")] == ["Jane Roe"]
