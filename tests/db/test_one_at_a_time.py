"""What cannot hold at the same time is refused: contradicting words, two places of an article, gaps that overlap."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from pipeline import database
from pipeline.database.embedded import Server
from pipeline.models import Assignment
from pipeline.settings import Settings
from pipeline.store import articles, feeds, models, overrides
from pipeline.store import stories as story_store
from pipeline.store.feeds import Missed
from pipeline.store.overrides import Kind, Word
from pipeline.store.stories import Membership
from tests.support.earlier import brought_up, earlier

START = datetime(2024, 6, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)
# Two articles; stories 1, 2 and 3, of which 3 was merged into 2.
ROWS = """
INSERT INTO feeds (url, outlet) VALUES ('https://a.example/feed', 'A'), ('https://b.example/feed', 'B');
INSERT INTO articles (identity, canonical_url, url, outlet, first_seen_at)
VALUES ('a', 'a', 'a', 'A', now()), ('b', 'b', 'b', 'A', now());
INSERT INTO stories (opened_at, first_published, last_published) SELECT now(), now(), now() FROM generate_series(1, 3);
UPDATE stories SET merged_into = 2 WHERE id = 3;
"""
SAID = "INSERT INTO overrides (kind, article_id, story_id, actor, reason, at) VALUES (%s, %s, %s, 'vera', '', %s)"
PLACED = """INSERT INTO memberships (article_id, story_id, since, until, score, threshold, method)
            VALUES (%s, 1, %s, %s, 1, 1, 'mix')"""
MISSED = "INSERT INTO gaps (feed_id, seen_at, since, until) VALUES (%s, now(), %s, %s)"
PIN: Kind = "must-link"
APART: Kind = "cannot-link"


def at(hours: float) -> datetime:
    return START + hours * HOUR


@pytest.fixture
def desk(settings: Settings) -> Settings:
    with database.connect(settings) as connection:
        connection.execute(ROWS.encode())
    return settings


@pytest.fixture
def of_before(embedded: Server) -> Iterator[Settings]:
    """A database without the rules."""
    with earlier(embedded, 56) as settings:
        with database.connect(settings) as connection:
            connection.execute(ROWS.encode())
        yield settings


def rows(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with database.connect(settings) as connection:
        return [tuple(row.values()) for row in connection.execute(query.encode())]


def refused(connection: database.Connection, query: str, values: tuple[Any, ...] = ()) -> str | None:
    """The rule that refuses a statement."""
    with pytest.raises(psycopg.IntegrityError) as caught, connection.transaction():
        connection.execute(query.encode(), values)
    name: str | None = caught.value.diag.constraint_name
    return name


@pytest.mark.parametrize(
    ("before", "wrong", "rule"),
    [
        ((PIN, 1, 1), (PIN, 1, 1), "overrides_one_must_link"),
        ((PIN, 1, 1), (PIN, 1, 2), "overrides_one_must_link"),
        ((PIN, 1, 1), (APART, 1, 1), "overrides_one_word_of_a_story"),
        ((APART, 1, 1), (PIN, 1, 1), "overrides_one_word_of_a_story"),
        ((PIN, 1, 2), (APART, 1, 3), "overrides_do_not_contradict"),
        ((APART, 1, 2), (PIN, 1, 3), "overrides_do_not_contradict"),
    ],
)
def test_words_that_contradict_are_refused(
    desk: Settings, before: tuple[Kind, int, int], wrong: tuple[Kind, int, int], rule: str
) -> None:
    with database.connect(desk) as connection:
        connection.execute(SAID, (*before, at(0)))
        assert refused(connection, SAID, (*wrong, at(1))) == rule
        connection.execute(SAID, (wrong[0], 2, wrong[2], at(1)))  # of another article
        connection.execute("UPDATE overrides SET revoked_at = %s WHERE article_id = 1", (at(2),))
        connection.execute(SAID, (*wrong, at(2)))


def test_a_merge_that_people_contradict_is_refused(desk: Settings) -> None:
    with database.connect(desk) as connection:
        connection.execute(SAID, (PIN, 1, 1, at(0)))
        connection.execute(SAID, (APART, 1, 3, at(0)))
        assert overrides.bound(connection, []).stories == {frozenset("12")}, "so that no pass tries it"
        assert refused(connection, "UPDATE stories SET merged_into = 2 WHERE id = 1") == "overrides_do_not_contradict"
        assert (
            refused(connection, "UPDATE stories SET merged_into = 1 WHERE id IN (2, 3)")
            == "overrides_do_not_contradict"
        )


def test_a_word_ends_after_it_began(desk: Settings) -> None:
    with database.connect(desk) as connection:
        connection.execute(SAID, (PIN, 1, 1, at(5)))
        wrong = "UPDATE overrides SET revoked_at = at - interval '1 second'"
        assert refused(connection, wrong) == "overrides_end_after_they_begin"


@pytest.mark.parametrize(
    ("first", "second", "rule"),
    [
        ((SAID, (PIN, 1, 1, START)), (SAID, (PIN, 1, 2, START)), "overrides_one_must_link"),
        ((SAID, (PIN, 1, 1, START)), (SAID, (APART, 1, 1, START)), "overrides_one_word_of_a_story"),
        ((SAID, (PIN, 1, 2, START)), (SAID, (APART, 1, 3, START)), "overrides_do_not_contradict"),
        (
            (SAID, (PIN, 2, 2, START)),
            ("UPDATE stories SET merged_into = 2 WHERE id = 1", ()),
            "overrides_do_not_contradict",
        ),
        ((PLACED, (1, START, None)), (PLACED, (1, at(1), at(2))), "memberships_follow_each_other"),
        ((MISSED, (1, START, at(2))), (MISSED, (1, at(1), at(3))), "gaps_of_a_feed_stand_apart"),
    ],
)
def test_of_two_at_once_the_second_is_refused(
    desk: Settings, first: tuple[str, tuple[Any, ...]], second: tuple[str, tuple[Any, ...]], rule: str
) -> None:
    """Both are in their transactions before either ends; the second waits for the first, and is then refused."""
    url = desk.database_url or ""
    with database.connect(desk) as connection:
        connection.execute(SAID, (APART, 2, 1, START))
    said: list[str | None] = []

    def later() -> None:
        try:
            with psycopg.connect(url) as connection:
                connection.execute(second[0].encode(), second[1])
        except psycopg.IntegrityError as error:
            said.append(error.diag.constraint_name)

    with psycopg.connect(url) as one, psycopg.connect(url, autocommit=True, row_factory=dict_row) as looking:
        one.execute(first[0].encode(), first[1])
        other = threading.Thread(target=later)
        other.start()
        waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        while not looking.execute(waiting).fetchone():
            assert other.is_alive(), said
            other.join(0.02)
        one.commit()
        other.join()
    assert said == [rule]


def test_places_and_gaps_do_not_overlap(desk: Settings) -> None:
    with database.connect(desk) as connection:
        for since, until in ((0, 2), (2, 3), (2.5, 2.5)):  # what begins where the other ends, and what lasts no time
            connection.execute(PLACED, (1, at(since), at(until)))
            connection.execute(MISSED, (1, at(since), at(until)))
        connection.execute(PLACED, (2, at(0), None))
        connection.execute(MISSED, (2, at(0), at(9)))
        assert refused(connection, PLACED, (1, at(2.5), None)) == "memberships_follow_each_other"
        assert refused(connection, PLACED, (2, at(5), at(6))) == "memberships_follow_each_other"
        assert refused(connection, MISSED, (1, at(1), at(9))) == "gaps_of_a_feed_stand_apart"


def test_a_place_of_a_past_that_is_collected_now_begins_after_the_one_before(desk: Settings) -> None:
    told = Assignment("1", 1.0, 0.5, "mix", "model")
    with database.connect(desk) as connection:
        model_id = models.register(connection, "m", "1", 3, ["en"]).id
        for hour in (2, 5, 3, 4):
            story_store.join(connection, 1, Membership(1, told, model_id, at(hour)))
        found = connection.execute("SELECT since, until FROM memberships ORDER BY id").fetchall()
    assert [(row["since"], row["until"]) for row in found] == [
        (at(2), at(5)),
        (at(5), at(5)),
        (at(5), at(5)),
        (at(5), None),
    ]


def test_a_stretch_that_was_missed_before_is_missed_once(desk: Settings) -> None:
    with database.connect(desk) as connection:
        for since, until in ((2, 4), (1, 6), (3, 5), (6, 7)):
            feeds.gaps(connection, [Missed(1, at(9), at(since), at(until)), Missed(2, at(9), at(0), at(1))])
    found = rows(desk, "SELECT since, until FROM gaps WHERE feed_id = 1 ORDER BY since")
    assert found == [(at(1), at(2)), (at(2), at(4)), (at(4), at(6)), (at(6), at(7))]
    assert rows(desk, "SELECT count(*) FROM gaps WHERE feed_id = 2") == [(1,)]


def test_a_later_word_takes_the_place_of_the_one_before(desk: Settings) -> None:
    with database.connect(desk) as connection:
        overrides.override(connection, APART, Word(1, 3, "vera", "no"))
        overrides.override(connection, PIN, Word(1, 2, "adam", "yes"))
        bound = overrides.bound(connection, [1])
    assert (bound.must_link, bound.cannot_link) == ({"1": "2"}, {})


def test_two_addresses_of_one_page_have_one_word(desk: Settings) -> None:
    with database.connect(desk) as connection:
        for kind, article, story, hour in ((PIN, 1, 1, 0), (PIN, 2, 2, 1), (APART, 1, 3, 0), (APART, 2, 1, 2)):
            connection.execute(SAID, (kind, article, story, at(hour)))
        articles.fold(connection, 1, 2)
    standing = "SELECT kind, article_id, story_id FROM overrides WHERE revoked_at IS NULL ORDER BY kind"
    assert rows(desk, standing) == [(APART, 2, 1), (PIN, 2, 2)]
    assert rows(desk, "SELECT count(*) FROM overrides WHERE article_id = 2") == [(4,)]


def test_words_of_before_leave_the_newest(of_before: Settings) -> None:
    said = ((PIN, 1, 1, 0), (PIN, 1, 2, 1), (APART, 1, 3, 2), (APART, 1, 1, 3), (APART, 1, 1, 4), (PIN, 2, 1, 0))
    with database.connect(of_before) as connection:
        for kind, article, story, hour in said:
            connection.execute(SAID, (kind, article, story, at(hour)))
        connection.execute("UPDATE overrides SET revoked_at = at - interval '1 hour' WHERE article_id = 2")
    told = brought_up(of_before)
    assert told[:2] == [
        "1 row(s) put right: words of people that were taken back before they were said end as they begin",
        "3 row(s) put right: words of people that a later word about the same article overrules are taken back",
    ]
    standing = "SELECT kind, story_id, at FROM overrides WHERE revoked_at IS NULL ORDER BY at"
    assert rows(of_before, standing) == [(APART, 3, at(2)), (APART, 1, at(4))]
    assert rows(of_before, "SELECT count(*) FROM overrides") == [(6,)], "what was said is kept"


def test_places_and_gaps_of_before_are_put_right(of_before: Settings) -> None:
    with database.connect(of_before) as connection:
        for place in ((at(0), at(4)), (at(2), at(9)), (at(6), at(7)), (at(3), None)):
            connection.execute(PLACED, (1, *place))
        for gap in ((at(0), at(2)), (at(1), at(3)), (at(4), at(5)), (at(3.5), at(4.5)), (at(7), at(8))):
            connection.execute(MISSED, (1, *gap))
        connection.execute(MISSED, (2, at(0), at(9)))
    told = brought_up(of_before)
    assert told[:2] == [
        "3 row(s) put right: places of articles end where the next begins",
        "4 row(s) put right: gaps of one feed that overlapped or touched are one gap",
    ]
    assert rows(of_before, "SELECT since, until FROM memberships ORDER BY id") == [
        (at(0), at(2)),
        (at(2), at(3)),
        (at(6), at(6)),
        (at(3), None),
    ]
    assert rows(of_before, "SELECT feed_id, since, until FROM gaps ORDER BY feed_id, since") == [
        (1, at(0), at(3)),
        (1, at(3.5), at(5)),
        (1, at(7), at(8)),
        (2, at(0), at(9)),
    ]
