"""Each date in the database says whether a day or an instant is known, in rows of before the column too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline import database
from pipeline.database import schema
from pipeline.database.embedded import Server
from pipeline.models import precision, publication_order
from pipeline.settings import Settings
from pipeline.store import reports

DAY = datetime(2024, 6, 19, tzinfo=UTC)
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
