"""Time to place one article with 10,000, 100,000 and (``--million``) 1,000,000 articles stored, on embedded Postgres.

The stored articles are made up: vectors around 2,000 centres, 10,000 articles a day, two and a half a story, sixteen
telling words each, so that only the size differs from run to run. What is timed is `steps.cluster` itself.

    python bench/placing.py [--million]
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import psutil

from pipeline import db, postgres, steps
from pipeline.settings import Settings
from pipeline.store import articles as article_store
from pipeline.store import stories as story_store
from pipeline.store.vectors import to_text

DIMENSION = 384
A_DAY = 10_000
A_STORY = 2.5
NEW = 100
ROUNDS = 3
END = datetime(2024, 6, 20, tzinfo=UTC)

FILL = """
INSERT INTO stories (opened_at, first_published, last_published)
SELECT moment, moment, moment FROM (
    SELECT %(end)s::timestamptz - make_interval(secs => n * 86400.0 * %(per_story)s / %(a_day)s) AS moment
    FROM generate_series(1, %(stories)s) n) made;
INSERT INTO articles (identity, canonical_url, url, outlet, state, first_seen_at, title, text, published, language,
                      revision, copies_at, embedded_at, clustered_at)
SELECT 'made' || n, 'made' || n, '', 'Outlet ' || n %% 300, 'extracted', moment, 'A headline', 'Some text', moment,
       'en', 1, moment, moment, moment
FROM (SELECT n, %(end)s::timestamptz - make_interval(secs => n * 86400.0 / %(a_day)s) AS moment
      FROM generate_series(1, %(articles)s) n) made;
INSERT INTO memberships (article_id, story_id, since, score, threshold, method)
SELECT id, 1 + (id / %(per_story)s)::bigint %% %(stories)s, published, 1, 0, 'mix' FROM articles;
INSERT INTO story_profiles (story_id, model_id, size, dense, scaled, terms, lengths, dated, times, first_day, last_day,
                            languages)
SELECT s.id, %(model)s, 2, c.v + n.v, c.v + n.v,
       (SELECT jsonb_object_agg('t' || (s.id * 7 + k * k * 31) %% 60000, '[0.2, 1.0]'::jsonb)
        FROM generate_series(1, 60) k),
       10.0, 2, 2 * extract(epoch FROM s.first_published) / 86400, extract(epoch FROM s.first_published) / 86400,
       extract(epoch FROM s.last_published) / 86400, '{"en": 2}'
FROM stories s JOIN centres c ON c.id = s.id %% 2000 JOIN noises n ON n.id = s.id %% 4999;
INSERT INTO story_terms (term, story_id, count)
SELECT DISTINCT ON (term, id) 't' || (id * 7 + k * k * 31) %% 60000 AS term, id, 1
FROM stories, generate_series(1, 16) k;
"""


def fill(settings: Settings, articles: int) -> int:
    """Make the stored articles; returns the model's id."""
    rng = np.random.default_rng(1)
    with db.connect(settings) as connection:
        connection.execute("SET LOCAL synchronous_commit = off")
        connection.execute("SET LOCAL maintenance_work_mem = '1GB'")
        connection.execute("INSERT INTO topics (slug, name, definition, digest_zone) VALUES ('t', 't', '{}', 'UTC')")
        connection.execute(
            "CREATE TEMP TABLE centres (id bigint, v vector); CREATE TEMP TABLE noises (id bigint, v vector)"
        )
        for table, count, scale in (("centres", 2000, 1.0), ("noises", 4999, 0.5)):
            with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                for number in range(count):
                    vector = rng.normal(0, scale / DIMENSION**0.5, DIMENSION).astype(np.float32)
                    copy.write_row((number, to_text(vector)))
        model = article_store.model(connection, settings.model, "made", DIMENSION, ["en"])["id"]
        given = {
            "end": END,
            "per_story": A_STORY,
            "a_day": A_DAY,
            "articles": articles,
            "stories": int(articles / A_STORY),
            "model": model,
        }
        for statement in FILL.strip().split(";\n"):
            if statement.strip():
                connection.execute(statement.rstrip(";"), given)
        story_store.index_model(connection, model, DIMENSION)
    with db.connect(settings) as connection:
        connection.execute("ANALYZE")
    return int(model)


def add_new(settings: Settings, model: int, round_: int) -> None:
    """Articles that wait for their story, published in the last minutes."""
    rng = np.random.default_rng(100 + round_)
    with db.connect(settings) as connection:
        for number in range(NEW):
            moment = END + timedelta(seconds=round_ * 1000 + number)
            words = " ".join(f"t{word}" for word in rng.integers(0, 60_000, 200))
            row = connection.execute(
                "INSERT INTO articles (identity, canonical_url, url, outlet, state, first_seen_at, title, text,"
                " published, language, revision, copies_at, embedded_at) VALUES (%(u)s, %(u)s, '', 'New',"
                " 'extracted', %(at)s, 'A headline', %(text)s, %(at)s, 'en', 1, %(at)s, %(at)s) RETURNING id",
                {"u": f"new{round_}-{number}", "at": moment, "text": words},
            ).fetchone()
            assert row is not None
            vector = rng.normal(0, 1, DIMENSION).astype(np.float32)
            article_store.set_vector(connection, row["id"], model, vector / np.linalg.norm(vector), 1)
            connection.execute(
                "INSERT INTO article_topics (article_id, topic, on_topic, rule, score, threshold, decided_at)"
                " VALUES (%s, 't', true, 'query', 1, 0, %s)",
                (row["id"], moment),
            )


def measure(server: postgres.Server, home: Path, articles: int) -> tuple[float, float]:
    """Milliseconds to place one article, and seconds to make the stored ones."""
    name = f"placing_{articles}"
    server.ensure_database(name)
    settings = replace(Settings(home=home), database_url=server.url(name))
    db.migrate(settings)
    started = time.perf_counter()
    model = fill(settings, articles)
    made = time.perf_counter() - started
    times = []
    for round_ in range(ROUNDS + 1):
        add_new(settings, model, round_)
        started = time.perf_counter()
        placed = steps.cluster(settings, now=END + timedelta(days=round_))["placed"]
        times.append((time.perf_counter() - started) / placed * 1000)
    return statistics.median(times[1:]), made  # the first round warms the caches


def main() -> None:
    """Print a row a size and the ratio of the last to the first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--million", action="store_true", help="1,000,000 too; takes minutes and 6 GB of disk")
    sizes = [10_000, 100_000] + ([1_000_000] if parser.parse_args().million else [])
    folder = Path(tempfile.mkdtemp(prefix="wirewatch-"))
    try:
        with postgres.running(Settings(home=folder / "home")) as server:
            first = None
            print("stored articles   ms an article   ratio   made in s   memory of this process, MB")
            for size in sizes:
                milliseconds, made = measure(server, folder / "home", size)
                first = first or milliseconds
                memory = psutil.Process().memory_info().rss / 1e6
                ratio = milliseconds / first
                print(f"{size:>15,} {milliseconds:>15.1f} {ratio:>7.2f} {made:>11.0f} {memory:>12.0f}", flush=True)
    finally:
        db.close_idle()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
