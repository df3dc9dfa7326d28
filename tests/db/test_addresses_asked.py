"""An address that an analyst pastes finds its entry, in the spellings that the pipeline's own rules know."""

from __future__ import annotations

import csv

import pytest

from pipeline import database, urls
from pipeline.settings import Settings
from pipeline.store import reports
from pipeline.urls.rules import RULES
from tests.support.project import REPOSITORY

CASES = REPOSITORY / "tests" / "unit" / "urls" / "data" / "url_cases.tsv"
KNOWN = 119
"""Of the 150 cases those that SQL alone brings to one key; the others are encoded links of aggregators, hosts beyond
ASCII, dot segments, and parameters that one outlet alone uses so. `wirewatch ledger` finds them all."""


def cases() -> list[list[str]]:
    rows = csv.reader(CASES.read_text("utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [row for row in rows if row and not row[0].startswith("#")]


def test_the_spellings_of_an_address_have_one_key(settings: Settings) -> None:
    with database.connect(settings) as connection:
        rows = [
            connection.execute(
                "SELECT wirewatch.address_key(%s) = wirewatch.address_key(%s) AS same", (address, canonical)
            ).fetchone()
            for address, canonical, *_ in cases()
        ]
    assert sum(row is not None and row["same"] for row in rows) >= KNOWN


def test_two_addresses_are_not_one(settings: Settings) -> None:
    known = {urls.identity(canonical): canonical for _, canonical, *_ in cases()}
    with database.connect(settings) as connection:
        rows = connection.execute(
            "SELECT wirewatch.address_key(address) AS key, count(DISTINCT address) AS n FROM unnest(%s::text[]) address"
            " GROUP BY 1 HAVING count(DISTINCT address) > 1",
            (list(known.values()),),
        ).fetchall()
    # A slash that stands escaped, and a slide or a module that an anchor or a letter names.
    assert len(rows) <= 2, rows


def test_each_rule_of_the_pipeline_is_known(settings: Settings) -> None:
    values = [f"{name}={value}" for name, found in RULES.tracking_values.items() for value in found]
    prefixed = [f"{prefix}x=1" for prefix in RULES.tracking_prefixes]
    pieces = [f"{name}=1" for name in RULES.tracking_names] + values + prefixed
    with database.connect(settings) as connection:
        rows = connection.execute(
            "SELECT p FROM unnest(%s::text[]) p WHERE NOT wirewatch.says_how_one_came(p)", (pieces,)
        ).fetchall()
        assert rows == []
        others = connection.execute(
            "SELECT p FROM unnest(%s::text[]) p WHERE wirewatch.says_how_one_came(p)",
            (["id=5", "page=2", "ref=chapter2", "from=2024-06-19", "q=utm_source"],),
        ).fetchall()
    assert others == []


@pytest.mark.parametrize(
    "asked",
    [
        "https://outlet0.example/a",
        "http://www.outlet0.example/a/?utm_source=rss#top",
        "m.outlet0.example/a",
        "https://web.archive.org/web/20240619120000/https://outlet0.example/a",
        "https://www.bing.com/ck/a?!&&p=1&u=a1aHR0cHM6Ly9vdXRsZXQwLmV4YW1wbGUvYQ&ntb=1",
    ],
)
def test_the_ledger_knows_an_address_however_it_is_spelt(desk: Settings, asked: str) -> None:
    with database.connect(desk) as connection:
        connection.execute("""INSERT INTO feeds (url, outlet) VALUES ('https://outlet0.example/feed', 'Outlet 0')""")
        connection.execute(
            """INSERT INTO entries (feed_id, key, url, canonical_url, title, text, published, published_rule,
                                    first_seen_at, last_seen_at, article_id)
               SELECT f.id, 'a', a.url, a.url, 'x', '', a.published, 'published', a.published, a.published, a.id
               FROM feeds f, articles a WHERE a.canonical_url = 'https://outlet0.example/a'"""
        )
        (row,) = reports.ledger(connection, asked)
    assert row["url"] == "https://outlet0.example/a"
