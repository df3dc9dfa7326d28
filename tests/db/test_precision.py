"""Each date in the database says whether a day or an instant is known, in rows of before the column too."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline import database
from pipeline.database import schema
from pipeline.database.embedded import Server
from pipeline.settings import Settings

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
