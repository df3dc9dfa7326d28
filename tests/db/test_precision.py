"""Each date in the database says whether a day or an instant is known, in rows of before the column too."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from pipeline import database
from pipeline.database import schema
from pipeline.database.embedded import Server
from pipeline.feeds.entries import RawEntry, build
from pipeline.models import precision, publication_order
from pipeline.settings import Settings
from pipeline.store import entries as entry_store
from pipeline.store import reports
from pipeline.store.entries import New

DAY = datetime(2024, 6, 19, tzinfo=UTC)
NOW = DAY + timedelta(days=1)
ROWS = ((DAY, "published", "day"), (DAY, "first-seen:missing", "instant"), (DAY.replace(hour=8), "url", "instant"))


def fill(connection: database.Connection) -> None:
    connection.execute("INSERT INTO feeds (url, outlet) VALUES ('https://o.example/', 'O')")
    for number, (at, rule, _) in enumerate(ROWS):
        connection.execute(
            "INSERT INTO entries (feed_id, key, title, text, published, published_rule, first_seen_at, last_seen_at)"
            " SELECT id, %s, 'Ferry', '', %s, %s, %s, %s FROM feeds",
            (str(number), at, rule, at, at),
        )


def said(connection: database.Connection) -> list[str]:
    rows = connection.execute("SELECT published_precision FROM ledger ORDER BY entry_id").fetchall()
    return [row["published_precision"] for row in rows]


def test_the_ledger_says_it(settings: Settings) -> None:
    with database.connect(settings) as connection:
        fill(connection)
        assert said(connection) == [expected for *_, expected in ROWS]
        connection.execute("UPDATE entries SET published = published + interval '8 hours 1 minute'")
        assert set(said(connection)) == {"instant"}


def test_rows_of_before_say_it_too(embedded: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded.ensure_database("before_precision")
    settings = Settings(database_url=embedded.url("before_precision"))
    known: list[tuple[int, str, Path]] = schema.migrations()
    monkeypatch.setattr(schema, "migrations", lambda: [each for each in known if each[0] < 21])
    database.migrate(settings)
    with database.connect(settings) as connection:
        fill(connection)
    monkeypatch.setattr(schema, "migrations", lambda: known)
    database.migrate(settings)
    with database.connect(settings) as connection:
        assert said(connection) == [expected for *_, expected in ROWS]


def test_the_database_orders_as_the_program_does(settings: Settings) -> None:
    moments = [DAY, DAY.replace(second=1), DAY.replace(hour=23, minute=59), DAY + timedelta(days=1)]
    with database.connect(settings) as connection:
        for at in moments:
            row = connection.execute("SELECT publication_order(%s, %s) AS at", (at, precision(at))).fetchone()
            assert row is not None
            assert row["at"] == publication_order(at)


def test_a_story_is_told_by_those_whose_hour_is_known_first(settings: Settings) -> None:
    told = [("Bare", DAY), ("Late", DAY.replace(hour=20)), ("Early", DAY.replace(hour=8))]
    with database.connect(settings) as connection:
        for number, (title, at) in enumerate(told, 1):
            connection.execute(
                "INSERT INTO articles (id, identity, url, canonical_url, outlet, title, text, language, published,"
                " published_rule, first_seen_at, state) OVERRIDING SYSTEM VALUE"
                " VALUES (%s, %s, %s, %s, %s, %s, 'Text.', 'en', %s, 'meta', %s, 'extracted')",
                (number, title, f"https://o.example/{number}", f"https://o.example/{number}", title, title, at, at),
            )
        connection.execute(
            "INSERT INTO stories (id, opened_at, first_published, last_published) OVERRIDING SYSTEM VALUE"
            " VALUES (1, %(at)s, %(at)s, %(at)s)",
            {"at": DAY},
        )
        connection.execute(
            "INSERT INTO memberships (article_id, story_id, since, score, threshold, method)"
            " SELECT id, 1, %s, 1, 0, 'first' FROM articles",
            (DAY,),
        )
        rows = connection.execute("SELECT title FROM stories_as_of(now())").fetchall()
        assert [row["title"] for row in rows] == ["Early", "Late", "Bare"]
        assert [each.title for each in reports.story(connection, 1)[0]] == ["Early", "Late", "Bare"]
        overview = connection.execute("SELECT headline, first_precision, first_instant FROM story_overview").fetchone()
        assert overview == {"headline": "Early", "first_precision": "day", "first_instant": DAY.replace(hour=8)}


NINE_IN_SEOUL = "Wed, 19 Jun 2024 09:00:00 +0900"


def test_nine_in_seoul_is_no_day(settings: Settings) -> None:
    """From a feed's string to the row, its revision and back: midnight UTC, and an instant."""
    stated = {"2024-06-19": "day", "Wed, 19 Jun 2024 00:00:00 GMT": "day", NINE_IN_SEOUL: "instant"}
    with database.connect(settings) as connection:
        connection.execute("INSERT INTO feeds (url, outlet) VALUES ('https://o.example/', 'O')")
        for date, expected in stated.items():
            entry = build(RawEntry(base="https://o.example/", guid=date, published=date), 0, NOW, "en")
            assert (entry.published, entry.published_precision) == (DAY, expected)
            [number] = entry_store.insert(connection, [New(1, entry, NOW)])
            [stored] = (each for each in entry_store.histories(connection, 1, [number], NOW) if each.id == number)
            assert stored.history.current.published_precision == expected
            entry_store.retell(connection, stored, replace(stored.history, returned=1))
        found = connection.execute("SELECT key, published_precision FROM entries ORDER BY id").fetchall()
    assert [row["published_precision"] for row in found] == list(stated.values())


def test_what_is_written_without_it_has_one(settings: Settings) -> None:
    with database.connect(settings) as connection:
        fill(connection)
        connection.execute("UPDATE entries SET published_precision = 'instant'")
        assert set(said(connection)) == {"instant"}
        connection.execute("UPDATE entries SET published = %s, published_rule = 'updated'", (DAY + timedelta(days=1),))
        assert set(said(connection)) == {"instant"}, "who knew the hour of the former date is not doubted"
        connection.execute("UPDATE entries SET published_precision = NULL, published_rule = 'url'")
        assert set(said(connection)) == {"day"}


@pytest.mark.parametrize("table", ["entries", "entry_revisions", "articles"])
def test_a_day_that_is_none_is_refused(settings: Settings, table: str) -> None:
    with database.connect(settings) as connection:
        fill(connection)
        connection.execute(
            "INSERT INTO articles (identity, canonical_url, url, outlet, first_seen_at, published)"
            " VALUES ('a', '', '', 'O', now(), %s)",
            (DAY.replace(hour=8),),
        )
        connection.execute(
            "INSERT INTO entry_revisions (entry_id, revision, seen_at, changed, title, text, published, published_rule)"
            " SELECT id, 0, now(), '{}', '', '', published, published_rule FROM entries WHERE published_rule = 'url'"
        )
        for wrong in ("published_precision = 'day'", "published_precision = 'hour'"):
            with pytest.raises(psycopg.errors.CheckViolation) as caught, connection.transaction():
                connection.execute(f"UPDATE {table} SET {wrong} WHERE published_precision = 'instant'")
            assert caught.value.diag.constraint_name == f"{table}_precision_is_true"
