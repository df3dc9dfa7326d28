"""The list of digests comes in pages of whole days, newest first, and none is missed or shown twice."""

from __future__ import annotations

from datetime import date

from pipeline import database
from pipeline.settings import Settings
from pipeline.store import digests

MADE = """
INSERT INTO digests (topic, day, version, state, title, markdown, html, articles, outlets, as_of, drafted_at)
SELECT 'summit', '2024-06-01'::date + d, v,
       CASE WHEN v = 1 AND d % 2 = 0 THEN 'superseded' ELSE 'draft' END, '', '', '',
       0, 0, now(), now()
FROM generate_series(0, 9) d, generate_series(1, 3) v WHERE d <> 4 AND (d <> 6 OR v = 1)"""


def test_every_digest_stands_on_one_page(settings: Settings) -> None:
    with database.connect(settings) as connection:
        connection.execute(
            "INSERT INTO topics (slug, name, definition, digest_zone) VALUES ('summit', 'S', '{}', 'UTC')"
        )
        assert digests.page(connection, None, 3) == ([], None)
        connection.execute(MADE.encode())
        every = digests.digests(connection)
        assert len({each.day for each in every}) == 8
        pages, before, ends = [], None, []
        while True:
            found, before = digests.page(connection, before, 3)
            pages.append(found)
            ends.append(before)
            if before is None:
                break
        assert [each for page in pages for each in page] == every
        assert [len({each.day for each in page}) for page in pages] == [3, 3, 2]
        assert ends == [date(2024, 6, 8), date(2024, 6, 3), None]
        assert digests.page(connection, None, 8) == (every, None), "a page that is full need not have one after it"
        assert digests.page(connection, date(2024, 6, 1), 3) == ([], None)
