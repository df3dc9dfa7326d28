"""What the questions answer of rows that are odd and may stand there (tests/support/odd_rows.sql)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg import sql

from pipeline import database
from pipeline.database.embedded import Server
from pipeline.settings import Settings
from pipeline.store import digests
from tests.support.project import REPOSITORY

ROWS = Path(__file__).parents[1] / "support" / "odd_rows.sql"
DAYS = (date(2024, 6, 17), date(2024, 6, 21))
Rows = list[tuple[Any, ...]]


def made(embedded: Server, template: str, name: str) -> str:
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(*map(sql.Identifier, (name, template)))
        )
    return embedded.url(name)


@pytest.fixture(scope="module")
def odd(embedded: Server, template: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(made(embedded, template, "odd"), autocommit=True) as connection:
        connection.execute(ROWS.read_bytes())
        yield connection


@pytest.fixture(scope="module")
def empty(embedded: Server, template: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(made(embedded, template, "nothing"), autocommit=True) as connection:
        yield connection


def ask(connection: psycopg.Connection, query: str, *values: object) -> Rows:
    return connection.execute(query.encode(), values).fetchall()


def days(connection: psycopg.Connection, topic: str) -> dict[int, int]:
    """Article -> the day of June that it belongs to."""
    query = "SELECT article_id, day FROM wirewatch.articles_of_days(%s, %s, %s)"
    return {article: day.day for article, day in ask(connection, query, topic, *DAYS)}


def test_a_day_without_an_hour_is_that_day_in_every_zone(odd: psycopg.Connection) -> None:
    # 1 says the 19th; 5 as well, and was seen when it was the 18th in the west. 2 and 3 stand at the two borders.
    assert days(odd, "west") == {1: 19, 2: 18, 3: 19, 4: 19, 5: 18, 6: 19, 7: 19, 8: 19}
    assert days(odd, "east") == {1: 19, 2: 19, 3: 20, 4: 20, 5: 19, 6: 20, 7: 20}


def test_a_seen_day_has_an_hour_and_a_stated_one_none(odd: psycopg.Connection) -> None:
    query = "SELECT article_id FROM wirewatch.articles_of_days('west', %s, %s) WHERE NOT hour_known"
    assert ask(odd, query, *DAYS) == [(1,)]
    (row,) = ask(odd, "SELECT articles, new_stories FROM wirewatch.timeline('west', '2024-06-19') WHERE hour IS NULL")
    assert row == (1, 0)


@pytest.mark.parametrize("topic", ["west", "east"])
def test_every_count_of_articles_and_new_stories_is_the_same_one(odd: psycopg.Connection, topic: str) -> None:
    counts = ask(
        odd, "SELECT day, new_stories, articles, copies FROM wirewatch.new_stories_per_day(%s, %s, %s)", topic, *DAYS
    )
    for day, new, articles, copies in counts:
        told = ask(odd, "SELECT coalesce(sum(articles), 0), coalesce(sum(copies), 0), count(*) FILTER (WHERE is_new)"
                        " FROM wirewatch.stories_of_day(%s, %s)", topic, day)  # fmt: skip
        hours = ask(
            odd, "SELECT sum(articles), sum(copies), sum(new_stories) FROM wirewatch.timeline(%s, %s)", topic, day
        )
        assert told == hours == [(articles, copies, new)]
    total = sum(row[2] for row in counts)
    for view in ("coverage_by_language", "coverage_by_country", "coverage_by_ownership", "wire_share"):
        assert ask(odd, f"SELECT sum(articles) FROM wirewatch.{view}(%s, %s, %s)", topic, *DAYS) == [(total,)]
    waits = "SELECT sum(articles + articles_of_unknown_hour) FROM wirewatch.delays(%s, %s, %s)"
    assert ask(odd, waits, topic, *DAYS) == [(total,)]


def test_a_story_has_one_headline_and_one_count(odd: psycopg.Connection) -> None:
    overview = ask(
        odd, "SELECT story_id, headline, articles, copies, outlets, independent_outlets FROM wirewatch.story_overview"
    )
    assert [row[0] for row in sorted(overview)] == [1, 4, 6]
    for story, headline, *counts in overview:
        members = ask(odd, "SELECT count(*), count(copy_of), count(DISTINCT outlet), count(DISTINCT outlet)"
                           " FILTER (WHERE copy_of IS NULL) FROM wirewatch.articles_of_story(%s)", story)  # fmt: skip
        assert ask(odd, "SELECT wirewatch.headline(%s)", story) == [(headline,)]
        assert members == [tuple(counts)]
        assert ask(odd, "SELECT sum(articles) FROM wirewatch.outlets_by_country(%s)", story) == [(counts[0],)]


def test_an_article_of_no_language_counts_as_one_that_is_not_english(odd: psycopg.Connection) -> None:
    with odd.transaction(force_rollback=True):
        odd.execute("UPDATE public.articles SET language = 'fr' WHERE id IN (1, 2, 3) ")
        odd.execute("UPDATE public.articles SET published = '2024-06-19 03:00Z', language = NULL WHERE id = 4")
        odd.execute("DELETE FROM public.memberships WHERE article_id IN (6, 7)")
        told = ask(
            odd, "SELECT headline, wirewatch.headline(1), languages FROM wirewatch.story_overview WHERE story_id = 1"
        )
    assert told == [("Gamma four", "Gamma four", ["fr"])]


def test_who_was_first_is_certain_only_where_nobody_can_have_been_earlier(odd: psycopg.Connection) -> None:
    found = {row[0]: row[1:] for row in ask(
        odd, "SELECT story_id, first_outlet, second_outlet, lead, articles_of_unknown_hour, certain"
             " FROM wirewatch.who_was_first('west', %s, %s)", *DAYS)}  # fmt: skip
    assert found[1] == ("Beta", "Gamma", timedelta(hours=8, minutes=1), 1, False)
    assert found[4] == ("Delta", None, None, 0, True)
    assert found[6] == ("Gamma", None, None, 0, True)


@pytest.mark.parametrize(
    ("published", "rule", "seen", "certain"),
    [
        ("2024-06-20 00:00Z", "meta", "2024-06-21 00:00Z", False),  # begins at 10:00Z of the 19th in the far east
        ("2024-06-21 00:00Z", "meta", "2024-06-21 12:00Z", True),  # nowhere before 10:00Z of the 20th
        ("2024-06-20 09:00Z", "first-seen", "2024-06-20 09:00Z", False),  # nobody knows how long it had been there
        ("2024-06-20 09:00Z", "feed", "2024-06-20 09:10Z", True),
        ("2024-06-19 12:30Z", "feed", "2024-06-20 09:10Z", False),  # at the same moment
    ],
)
def test_a_second_teller_makes_the_first_uncertain_or_not(
    odd: psycopg.Connection, published: str, rule: str, seen: str, certain: bool
) -> None:
    with odd.transaction(force_rollback=True):
        odd.execute(
            "UPDATE public.articles SET published = %s, published_rule = %s, published_precision = %s,"
            " first_seen_at = %s WHERE id = 4",
            (published, rule, "day" if rule == "meta" else "instant", seen),
        )
        odd.execute("UPDATE public.memberships SET story_id = 4 WHERE article_id = 4 AND until IS NULL")
        (row,) = ask(
            odd, "SELECT first_outlet, certain FROM wirewatch.who_was_first('west', %s, %s) WHERE story_id = 4", *DAYS
        )
    assert row == ("Delta", certain)


def test_a_story_merged_twice_answers_by_any_of_its_numbers(odd: psycopg.Connection) -> None:
    assert (
        len({tuple(ask(odd, "SELECT article_id FROM wirewatch.articles_of_story(%s)", story)) for story in (1, 2, 3)})
        == 1
    )
    assert ask(odd, "SELECT * FROM wirewatch.articles_of_story(5)") == []


def test_every_merge_and_split_is_told_also_of_a_story_left_empty(odd: psycopg.Connection) -> None:
    query = (
        "SELECT what, from_story, to_story, headline FROM wirewatch.merges_and_splits(%s, '2024-06-19', '2024-06-20')"
    )
    told = [
        ("merge", 2, 3, "Alpha one"),
        ("merge", 3, 1, "Alpha one"),
        ("split", 1, 4, "Delta corrected"),
        ("split", 1, 5, "Alpha one"),
    ]
    assert ask(odd, query, "west") == told
    history = ask(odd, "SELECT what, from_story, to_story FROM wirewatch.history_of_story(1)")
    assert history == [("merge", 3, 1), ("split", 1, 4), ("split", 1, 5), ("move", 5, 1)]


def test_what_was_known_then_stands_under_the_titles_of_then(odd: psycopg.Connection) -> None:
    moment = datetime(2024, 6, 19, 20, 15, tzinfo=UTC)
    articles = ask(
        odd, "SELECT story_id, article_id, title_then, story_now FROM wirewatch.articles_as_of('west', %s)", moment
    )
    assert sorted(articles) == [
        (1, 1, "Alpha one", 1), (1, 2, "Beta two", 1), (1, 6, "Alpha six", 1), (1, 7, "Beta seven", 1),
        (1, 8, "Delta wrong", 4), (3, 3, "Beta three", 1), (3, 4, "Gamma four", 1), (6, 5, "Gamma five", 6),
    ]  # fmt: skip
    stories = ask(odd, "SELECT story_id, articles, copies, story_now FROM wirewatch.stories_as_of('west', %s)", moment)
    assert stories == [(1, 5, 2, 1), (3, 2, 0, 1), (6, 1, 0, 6)]
    everything = ask(odd, "SELECT story_id, article_id, title FROM wirewatch.stories_as_of(%s)", moment)
    assert sorted(everything) == [row[:3] for row in sorted(articles)]


def test_every_place_in_a_story_says_why_and_from_where(odd: psycopg.Connection) -> None:
    why = {article: row for article in range(1, 9)
           for row in ask(odd, "SELECT says, score, threshold FROM wirewatch.why_in_story(%s)", article)}  # fmt: skip
    assert {article: row[0] for article, row in why.items()} == {
        1: "moved here from story 5 when all around it was known",
        2: "opened the story: nothing to compare with",
        3: "its story, 3, was merged into this one",
        4: "its story, 3, was merged into this one",
        5: "opened the story: nothing to compare with",
        6: "with the text that it copies, article 1",
        7: "with the text that it copies, article 1",
        8: "its story, 1, was split",
    }
    assert [article for article, row in why.items() if row[1] is not None] == [3, 4, 8]


def test_what_was_left_out_says_where_the_digest_shows_it_since_a_merge(odd: psycopg.Connection) -> None:
    columns = "story_id, reason, by, articles, digest_version, shown_at_place"
    query = f"SELECT {columns} FROM wirewatch.left_out('west', '2024-06-19')"
    assert ask(odd, query) == [(6, "few outlets", "Vera", 0, 2, None), (1, "few outlets", "pipeline", 5, 2, 1)]


def test_no_entry_is_lost_between_judged_and_not(odd: psycopg.Connection) -> None:
    expected = {
        "merged": "in digest",
        "odd": "stopped: left out (few outlets)",
        "nowhere": "stopped: off topic (query)",
        "unjudged": "waiting: topic",
    }
    assert dict(ask(odd, "SELECT title, stage FROM wirewatch.entries_of_days('west', '2024-06-19')")) == expected
    assert ask(odd, "SELECT sum(entries) FROM wirewatch.where_entries_stopped('west', '2024-06-19')") == [(4,)]
    fresh = ask(odd, "SELECT DISTINCT stage FROM wirewatch.entries_of_days('bare', '2024-06-19') ORDER BY 1")
    assert fresh == [("stopped: not judged for this topic",), ("waiting: topic",)]


def test_what_was_dropped_of_one_day_stops_no_article_of_another(odd: psycopg.Connection) -> None:
    with odd.transaction(force_rollback=True):
        odd.execute("UPDATE public.digests SET day = '2024-06-18'")
        (stage,) = (
            row[0]
            for row in ask(odd, "SELECT stage FROM wirewatch.entries_of_days('west', '2024-06-19') WHERE title = 'odd'")
        )
        odd.execute("DELETE FROM public.stage_news")
        odd.execute("UPDATE public.digests SET state = 'superseded' WHERE id = 2")
        noted = ask(
            odd, "SELECT DISTINCT e.key FROM public.stage_news n JOIN public.entries e ON e.id = n.entry_id ORDER BY 1"
        )
    assert stage == "in story"
    assert noted == [("merged",), ("odd",)], "the stories of a digest are followed through merges"


@pytest.mark.parametrize(
    "address",
    [
        "http://www.gamma.example/a'b?y=%C3%BC&x={1}&utm_source=x#/part", "gamma.example/a%27b?x=%7B1%7D&y=ü#/part",
        "https://web.archive.org/web/2024/https://gamma.example/a%27b?x=%7B1%7D&y=ü#/part",
    ],
)  # fmt: skip
def test_an_odd_address_is_found(odd: psycopg.Connection, address: str) -> None:
    assert {row[0] for row in ask(odd, "SELECT article_id FROM wirewatch.way_of(%s)", address)} == {4}


@pytest.mark.parametrize(
    "address", ["", " ", "%", "%zz", "'; DROP TABLE entries; --", "http://", "\\", "x" * 100_000, "(((", None]
)
def test_what_is_no_address_finds_nothing(odd: psycopg.Connection, address: str | None) -> None:
    assert ask(odd, "SELECT FROM wirewatch.way_of(%s)", address) == []
    assert ask(odd, "SELECT FROM wirewatch.find_article(%s)", address) == []


def test_an_outlet_that_prints_itself_again_copies_nobody(odd: psycopg.Connection) -> None:
    shares = ask(odd, "SELECT outlet, articles, copies, copies_mostly FROM wirewatch.wire_share('west', %s, %s)", *DAYS)
    assert ("Alpha", 2, 0, None) in shares
    assert ("Beta", 3, 1, "Alpha") in shares
    assert ask(odd, "SELECT origin, copied_by FROM wirewatch.who_copies_whom('west', %s, %s)", *DAYS) == [
        ("Alpha", "Beta")
    ]


def test_nobody_is_no_author_and_no_sighting_a_delay(odd: psycopg.Connection) -> None:
    assert ask(odd, "SELECT author, articles FROM wirewatch.authors('west', %s, %s)", *DAYS) == [
        ("Kim Ha-na", 2),
        ('O\'Neil, "Bo"', 1),
    ]
    assert ask(odd, "SELECT article_id FROM wirewatch.articles_of_author('bo o''neil', 'west')") == [(6,)]
    columns = "articles, median_delay, articles_of_unknown_hour"
    query = f"SELECT {columns} FROM wirewatch.delays('west', %s, %s) WHERE outlet = 'Gamma'"
    assert ask(odd, query, *DAYS) == [(0, None, 2)]


def test_a_correction_is_told_with_the_digest_that_had_it_wrong(odd: psycopg.Connection) -> None:
    query = "SELECT article_id, version, told_in_digest_of FROM wirewatch.corrections_after_digest('west', %s, %s)"
    assert ask(odd, query, *DAYS) == [(8, 2, None)]
    with odd.transaction(force_rollback=True):
        odd.execute("UPDATE public.digests SET state = 'superseded' WHERE id = 2")
        odd.execute(
            "UPDATE public.digests SET state = 'published', reviewed_by = 'Vera', published_at = as_of WHERE id = 3"
        )
        assert ask(odd, query, *DAYS) == [(8, 2, date(2024, 6, 19))]


# --- what is not there -----------------------------------------------------------------------------------------------

QUESTIONS = """
    SELECT p.proname, ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) t), p.proargnames[1:p.pronargs]
    FROM pg_proc p
    WHERE p.pronamespace = 'wirewatch'::regnamespace AND p.proretset AND 'topic' = ANY (p.proargnames[1:p.pronargs])
    ORDER BY 1"""
KNOWN = {
    "date": "2024-06-19",
    "bigint": "1",
    "integer": "1",
    "text": "x",
    "timestamp with time zone": "2024-06-19T20:00Z",
}
FREE = {"articles_of_story", "articles_of_author", "outlets_by_country", "outlets_by_ownership", "timeline_of_story"}
"""A topic may be left out there."""


def questions(
    connection: psycopg.Connection, topic: str | None, **other: str | None
) -> Iterator[tuple[str, str, list[str | None]]]:
    for name, types, names in ask(connection, QUESTIONS):
        values = [
            topic if each == "topic" else other.get(each, KNOWN[kind]) for each, kind in zip(names, types, strict=True)
        ]
        yield name, f"SELECT * FROM wirewatch.{name}({', '.join(f'%s::{kind}' for kind in types)})", values


def test_the_files_functions_are_all_asked(odd: psycopg.Connection) -> None:
    page = (REPOSITORY / "docs" / "querying.md").read_text("utf-8")
    asked = {name for name, *_ in questions(odd, "west")}
    assert len(asked) >= 34
    assert all(f"`{name}" in page for name in asked)


@pytest.mark.parametrize("database", ["odd", "empty"])
@pytest.mark.parametrize("topic", ["nowhere", "", "'; DROP TABLE topics; --", None])
def test_a_topic_that_is_not_there_is_one_clear_error(
    request: pytest.FixtureRequest, database: str, topic: str | None
) -> None:
    connection = request.getfixturevalue(database)
    for name, query, values in questions(connection, topic):
        if topic is None and name in FREE:
            continue
        with pytest.raises(psycopg.errors.RaiseException, match="there is no topic") as caught:
            pytest.fail(f"{name} found {ask(connection, query, *values)}")
        assert caught.value.diag.message_hint == "The topics are: " + (
            "none" if database == "empty" else "bare, east, west"
        )


def test_days_that_are_turned_round_or_missing_are_one_clear_error(odd: psycopg.Connection) -> None:
    for name, types, names in ask(odd, QUESTIONS):
        if "date" not in types:
            continue
        first, last = ("earlier", "later") if "earlier" in names else ("first_day", "last_day")
        turned = {first: "2024-06-20", last: "2024-06-18"}
        ways: list[tuple[dict[str, str | None], str]] = [(dict(turned), "turned round")] if last in names else []
        ways += [({each: None}, "which day") for each in (first, "day") if each in names]
        for given, says in ways:
            (query, values) = next((q, v) for n, q, v in questions(odd, "west", **given) if n == name)
            with pytest.raises(psycopg.errors.RaiseException, match=says):
                pytest.fail(f"{name} found {ask(odd, query, *values)}")


def test_a_topic_without_a_row_has_empty_answers(odd: psycopg.Connection) -> None:
    counted = {"new_stories_per_day", "timeline", "entries_of_days", "where_entries_stopped"}
    for name, query, values in questions(odd, "bare"):
        if name not in counted:
            assert ask(odd, query, *values) == [], name
    assert ask(odd, "SELECT * FROM wirewatch.new_stories_per_day('bare', '2024-06-19')") == [
        (date(2024, 6, 19), 0, 0, 0, 0)
    ]


def test_a_digest_is_of_the_days_that_the_questions_are_of(odd: psycopg.Connection, embedded: Server) -> None:
    settings = Settings(database_url=embedded.url("odd"))
    for topic, zone in (("west", "America/New_York"), ("east", "Pacific/Kiritimati")):
        for day, told in Counter(days(odd, topic).values()).items():
            start = datetime(2024, 6, day, tzinfo=ZoneInfo(zone))
            with database.connect(settings) as connection:
                end, as_of = start + timedelta(days=1), datetime(2024, 7, 1, tzinfo=UTC)
                stories = digests.day_stories(connection, topic=topic, start=start, end=end, as_of=as_of)
            assert sum(len(story.articles) for story in stories) == told, (topic, day)
    database.close_idle()
