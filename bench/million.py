"""How long each view, function and example takes at a million articles.

``python -m bench.million DATABASE_URL [ARTICLES]`` loads an empty database (the schema is brought up, and
`bench/million.sql` says what with), asks one that is filled as it is, and prints the median milliseconds of five. The
vectors have 64 numbers, as the index of a million of 384 takes long to build.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import psycopg

from pipeline import database
from pipeline.settings import Settings

ARTICLES = 1_000_000
DIMENSION = 64
TIMES = 5
BOUND = 1000.0
"""What a question may take, in milliseconds."""
DAY = "BETWEEN now() - interval '3 days' AND now() - interval '2 days'"
QUESTIONS = {
    "feed_health": "SELECT * FROM feed_health",
    "source_health": "SELECT * FROM source_health",
    "topic_recall": "SELECT * FROM topic_recall",
    "where_entries_stopped": "SELECT * FROM wirewatch.stage_counts WHERE topic = 'topic-1'",
    "a day of ledger": f"SELECT * FROM ledger WHERE published {DAY}",
    "a day of story_overview": f"SELECT * FROM story_overview WHERE first_published {DAY}",
    "a day of page_verdicts": f"SELECT * FROM page_verdicts WHERE fetched_at {DAY}",
    "a week of articles_as_of": "SELECT * FROM wirewatch.articles_as_of('topic-1', now(), 7)",
    "search: a rare word": "SELECT * FROM wirewatch.search('w15000')",
    "search: two words": "SELECT * FROM wirewatch.search('w300 w1200')",
    "search: a word of nearly all": "SELECT * FROM wirewatch.search('w1')",
    "search: a phrase": "SELECT * FROM wirewatch.search('\"w2 w3\"')",
    "search: a beginning": "SELECT * FROM wirewatch.search('w1500*')",
    "search: a topic, a language": "SELECT * FROM wirewatch.search('w40', of_topic => 'topic-2', of_language => 'ko')",
    "similar_articles": "SELECT * FROM wirewatch.similar_articles(5000)",
    "similar_stories": "SELECT * FROM wirewatch.similar_stories(500)",
}


def fill(url: str, articles: int, dimension: int, model: str) -> None:
    """Load the rows of ``bench/million.sql``. Raises what Postgres does."""
    values = {"articles": articles, "dimension": dimension, "model": model}
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in Path(__file__).with_suffix(".sql").read_text("utf-8").split(";\n"):
            if statement.strip():
                started = time.perf_counter()
                connection.execute(statement.encode(), values)
                print(f"{time.perf_counter() - started:7.1f} s  {' '.join(statement.split())[:60]}", flush=True)
        connection.execute("VACUUM ANALYZE")


def ask(url: str) -> int:
    """Ask every question; the number of those over the bound."""
    slow = 0
    with psycopg.connect(url, autocommit=True) as connection:
        for name, question in QUESTIONS.items():
            took = []
            for _ in range(TIMES):
                started = time.perf_counter()
                found = len(connection.execute(question.encode()).fetchall())
                took.append(1000 * (time.perf_counter() - started))
            slow += statistics.median(took) > BOUND
            print(f"{statistics.median(took):8.1f} ms, first {took[0]:8.1f}, {found:6} rows  {name}", flush=True)
    return slow


def main(url: str, articles: int = ARTICLES) -> int:
    """Fill where there is nothing, then ask."""
    settings = Settings(database_url=url)
    database.migrate(settings)
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT EXISTS (SELECT 1 FROM articles)").fetchone()
    if row is None or not row[0]:
        fill(url, articles, DIMENSION, settings.model)
    return 1 if ask(url) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
