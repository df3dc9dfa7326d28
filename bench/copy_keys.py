"""What Postgres takes to find the candidates and the common fingerprints of one text: ``python -m bench.copy_keys``.

The stored articles are made up. Each has 60 fingerprints, as a text of 500 words has: 52 of its own, five of a wire
text that 12 articles print, and three that stand in every article of its outlet (there are 40). All lie within the
fortnight on either side that is asked about, which is the worst that a store of this size can be.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from pipeline import database
from pipeline.copies.overlap import COMMON_DAYS
from pipeline.copies.settlement import WINDOW
from pipeline.database import embedded
from pipeline.settings import Settings
from pipeline.store import copies as store
from pipeline.store.copies import Sharing

OWN, WIRE, HOUSE = 52, 5, 3
PRINTS, OUTLETS = 12, 40
ASKED = 200
CANDIDATES = 24
END = datetime(2024, 6, 13, tzinfo=UTC)
ARTICLES = """
INSERT INTO articles (identity, canonical_url, url, outlet, state, first_seen_at, title, text, published, language,
                      revision, extracted_at, copies_at)
SELECT u, u, u, 'Outlet ' || n %% %(outlets)s, 'extracted', t, 'Title', 'Text', t, 'en', 1, t, t
FROM (SELECT n, 'https://made.example/' || n AS u,
             %(end)s::timestamptz
                 - %(span)s::interval * ((n / %(prints)s * 7919 %% %(articles)s)::float / %(articles)s) AS t
      FROM generate_series(1, %(articles)s) n) made
"""
KEYS = """
INSERT INTO copy_keys (key, article_id, published)
SELECT hashtextextended(CASE WHEN k <= %(own)s THEN 'own' || a.id || '-' || k
                             WHEN k <= %(own)s + %(wire)s THEN 'wire' || a.id / %(prints)s || '-' || k
                             ELSE 'house' || a.outlet || '-' || k END, 1), a.id, a.published
FROM articles a, generate_series(1, %(own)s + %(wire)s + %(house)s) k
"""


def fill(settings: Settings, articles: int) -> None:
    given = {"articles": articles, "outlets": OUTLETS, "end": END, "span": WINDOW}
    given |= {"own": OWN, "wire": WIRE, "house": HOUSE, "prints": PRINTS}
    with database.connect(settings) as connection:
        connection.execute(ARTICLES, given)
        connection.execute(KEYS, given)
    with database.connect(settings) as connection:
        connection.execute("ANALYZE articles; ANALYZE copy_keys")


def ask(settings: Settings, articles: int) -> None:
    spent: dict[str, list[float]] = {"commonplace": [], "candidates": []}
    common = []
    with database.connect(settings) as connection:
        for number in range(ASKED):
            article_id = 1 + number * 7919 % articles
            rows = connection.execute(
                "SELECT key, published FROM copy_keys WHERE article_id = %s", (article_id,)
            ).fetchall()
            at = rows[0]["published"]
            sharing = Sharing([row["key"] for row in rows], at - WINDOW, at + WINDOW, CANDIDATES)
            started = time.perf_counter()
            common.append(len(store.commonplace(connection, article_id, sharing, COMMON_DAYS)))
            spent["commonplace"].append(1e3 * (time.perf_counter() - started))
            started = time.perf_counter()
            store.candidates(connection, article_id, sharing)
            spent["candidates"].append(1e3 * (time.perf_counter() - started))
    for name, each in spent.items():
        tail = statistics.quantiles(each, n=20)[-1]
        print(f"{articles:8d} {name:12s} median {statistics.median(each):7.2f} ms, 95% {tail:7.2f} ms")
    print(f"{articles:8d} common fingerprints of an article: {statistics.mean(common):.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, nargs="*", default=[10_000, 100_000])
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="copy-keys-"))
    try:
        with embedded.running(Settings(home=folder / "home")) as server:
            for articles in options.articles:
                server.ensure_database(f"made_{articles}")
                settings = Settings(database_url=server.url(f"made_{articles}"), home=folder / "home")
                database.migrate(settings)
                fill(settings, articles)
                ask(settings, articles)
                database.close_idle()
    finally:
        database.close_idle()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
