"""Time to place one article with 10,000, 100,000 and (``--million``) 1,000,000 articles stored, on embedded Postgres.

What is timed is `steps.cluster` itself, as it runs every quarter of an hour: 100 articles of 250 distinct words, three
of five in a story that is there already, reassigned together with the 300 of the last hour. The stored articles are
made up, two and a half a story, 250 distinct words each; their vectors have the cosines of real news: .75 within a
story, .45 within a topic (there are 2,000), .16 otherwise.

Without ``--within`` there are 700 articles per day, so that the 14 days around a new article hold some 10,000 at every
size and only the age of the store differs; nothing old is forgotten, as after a long backfill. With ``--within`` all
stored articles lie in the 14 days before the new ones.

    python -m bench.placing [--million] [--within]
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from pipeline import database, steps
from pipeline.database import embedded
from pipeline.settings import Settings
from pipeline.store import articles as article_store
from pipeline.store import models as model_store
from pipeline.store import stories as story_store
from pipeline.stories import model as story_model
from pipeline.stories import term_stats
from pipeline.stories.features import SECONDS_A_DAY, Reading, article

A_DAY = 700
WINDOW_DAYS = 14
A_STORY = 2.5
TOPICS = 2000
NEW = 100
ROUNDS = 4
EVERY = timedelta(minutes=15)
# The fortnight before it lies in two periods, which are searched one after the other; at half of the dates it is one.
END = datetime(2024, 6, 13, tzinfo=UTC)
FILL = Path(__file__).with_suffix(".sql")
Vectors = NDArray[np.float32]


class Made:
    """Vectors and words of the made-up stories, each the same whenever it is asked for."""

    def __init__(self, dimension: int) -> None:
        rng = np.random.default_rng(1)
        self.dimension = dimension
        self.common = _unit(rng.normal(size=dimension))
        self.topics = _unit(rng.normal(size=(TOPICS, dimension)))

    def vectors(self, stories: NDArray[np.int64]) -> Vectors:
        """The direction of each of these stories, float32[n, dimension]."""
        own = np.stack([np.random.default_rng(story).normal(size=self.dimension) for story in stories.tolist()])
        return _unit(0.4 * self.common + 0.54 * self.topics[stories % TOPICS] + 0.74 * _unit(own))

    def article(self, story: int, rng: np.random.Generator) -> Vectors:
        """The vector of an article of this story."""
        own = _unit(rng.normal(size=self.dimension))
        mixed: Vectors = _unit(0.866 * self.vectors(np.array([story]))[0] + 0.5 * own)
        return mixed

    @staticmethod
    def words(story: int) -> list[str]:
        """The sixteen telling words of a story; placing.sql makes the same of the stored ones."""
        event = [f"e{story // 4}x{k}" for k in range(1, 7)]
        names = [f"m{(story * 7919 + k * 104729) % 20000}" for k in range(1, 6)]
        return event + names + [f"t{story % TOPICS}x{k}" for k in range(1, 6)]


def _unit(rows: NDArray[Any]) -> Vectors:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Placed:
    """What one run of the step cost, for each article, in milliseconds; memory of Postgres' process alone, in MB."""

    elapsed: float
    python: float
    server: float
    memory: float


def fill(settings: Settings, made: Made, articles: int, a_day: float) -> int:
    """Make the stored articles; returns the model's id."""
    stories = int(articles / A_STORY)
    with database.connect(settings) as connection:
        connection.execute("SET LOCAL synchronous_commit = off; SET LOCAL maintenance_work_mem = '2GB'")
        model = model_store.register(connection, settings.model, "made", made.dimension, ["en"]).id
        connection.execute("CREATE TEMP TABLE made (id bigint, v vector) ON COMMIT DROP")
        with connection.cursor().copy("COPY made FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["int8", "bytea"])
            for start in range(1, stories + 1, 4096):
                ids = np.arange(start, min(start + 4096, stories + 1))
                for story, vector in zip(ids.tolist(), made.vectors(ids), strict=True):
                    copy.write_row((story, _binary(vector)))
        given = {
            "end": END,
            "per_story": A_STORY,
            "a_day": a_day,
            "articles": articles,
            "stories": stories,
            "topics": TOPICS,
            "model": model,
            "unit": term_stats.increment(END.timestamp() / SECONDS_A_DAY, story_model.default().half_life_days),
        }
        for statement in FILL.read_text(encoding="utf-8").strip().split(";\n"):
            connection.execute(statement.rstrip(";"), given)
    return model


def _binary(vector: Vectors) -> bytes:
    """A vector as pgvector's binary format has it."""
    return len(vector).to_bytes(2, "big") + bytes(2) + vector.astype(">f4").tobytes()


def index(settings: Settings) -> None:
    """Make the indexes of the vectors, and let the planner know the tables."""
    with database.connect(settings) as connection:
        connection.execute("SET LOCAL maintenance_work_mem = '2GB'")
        used = connection.execute("SELECT DISTINCT model_id, period FROM story_profiles").fetchall()
        for pair in used:
            connection.execute("SELECT index_story_profiles(%(model_id)s, %(period)s)", pair)
    with database.connect(settings) as connection:
        connection.execute("ANALYZE")


def add_new(settings: Settings, made: Made, model: int, round_: int, at: datetime, stories: range) -> list[int]:
    """Articles that wait for their story, published in the minutes up to `at`; returns the story of each.

    Three of five are of a story of `stories`, the others of new ones.
    """
    rng = np.random.default_rng(100 + round_)
    told = []
    with database.connect(settings) as connection:
        for number in range(NEW):
            old = number % 5 < 3
            story = int(rng.integers(stories.start, stories.stop)) if old else 10_000_000 + round_ * NEW + number
            words = made.words(story) * 4 + [f"c{word}" for word in rng.integers(0, 8000, 234)]
            moment = at - timedelta(seconds=900 * (NEW - number) / NEW)
            row = connection.execute(
                "INSERT INTO articles (identity, canonical_url, url, outlet, state, first_seen_at, title, text,"
                " published, language, revision, copies_at, embedded_at) VALUES (%(u)s, %(u)s, '', 'New',"
                " 'extracted', %(at)s, 'A headline', %(text)s, %(at)s, 'en', 1, %(at)s, %(at)s) RETURNING id",
                {"u": f"new{round_}-{number}", "at": moment, "text": " ".join(words)},
            ).fetchone()
            assert row is not None
            article_store.set_vector(connection, row["id"], model, made.article(story, rng), 1)
            connection.execute(
                "INSERT INTO article_topics (article_id, topic, on_topic, rule, score, threshold, decided_at)"
                " VALUES (%s, 't', true, 'query', 1, 0, %s)",
                (row["id"], moment),
            )
            told.append(story if old else 0)
    return told


def found(settings: Settings, made: Made, model: int, at: datetime, told: list[int]) -> Iterator[bool]:
    """For each article of a stored story, whether that is among its candidates, by vector alone."""
    parameters = replace(story_model.default(), dimension=made.dimension)
    rng = np.random.default_rng(7)
    with database.connect(settings) as connection:
        story_store.lock(connection)
        for story in filter(None, told):
            features = article(
                Reading("", made.article(story, rng), {}, 300, at.timestamp() / SECONDS_A_DAY, "en"), parameters
            )
            near = story_store.candidates(connection, features.profile, model, parameters)
            yield str(story_store.resolve(connection, story)) in {candidate.id for candidate in near}


def place(settings: Settings, now: datetime) -> Placed:
    """Run the step and take its times."""
    with database.connect(settings) as connection:
        row = connection.execute("SELECT pg_backend_pid() AS pid").fetchone()
        assert row is not None
    backend, this = psutil.Process(row["pid"]), psutil.Process()
    elapsed, python, server = time.perf_counter(), sum(this.cpu_times()[:2]), sum(backend.cpu_times()[:2])
    placed = steps.cluster(settings, now=now)["placed"]
    assert placed == NEW, placed
    return Placed(
        (time.perf_counter() - elapsed) / placed * 1000,
        (sum(this.cpu_times()[:2]) - python) / placed * 1000,
        (sum(backend.cpu_times()[:2]) - server) / placed * 1000,
        backend.memory_full_info().uss / 1e6,
    )


def sizes(settings: Settings, articles: int) -> str:
    """Bytes on disk for each stored article: of all tables and indexes, and of what placing alone needs."""
    tables = ("story_profiles", "story_terms", "article_terms", "vectors", "memberships", "stories", "articles")
    with database.connect(settings) as connection:
        rows = connection.execute(
            "SELECT relname, pg_table_size(oid) AS rows, pg_indexes_size(oid) AS indexes FROM pg_class"
            " WHERE relname = ANY(%s) AND relkind = 'r'",
            (list(tables),),
        ).fetchall()
        whole = connection.execute("SELECT pg_database_size(current_database()) AS bytes").fetchone()
    assert whole is not None
    parts = ", ".join(f"{row['relname']} {row['rows'] / 1e6:.0f}+{row['indexes'] / 1e6:.0f}" for row in rows)
    return (
        f"{whole['bytes'] / 1e6:.0f} MB, {whole['bytes'] / articles / 1000:.1f} KB per article (rows+indexes: {parts})"
    )


@dataclass(slots=True)
class Store:
    """A database of made-up articles, with what placing beside them has cost so far."""

    settings: Settings
    model: int
    articles: int
    a_day: float
    rows: list[Placed] = field(default_factory=list)
    found: list[bool] = field(default_factory=list)


def store_of(server: embedded.Server, home: Path, articles: int, a_day: float, made: Made) -> Store:
    """Make a database, say what it takes."""
    name = f"placing_{articles}"
    server.ensure_database(name)
    settings = replace(Settings(home=home), database_url=server.url(name))
    database.migrate(settings)
    started = time.perf_counter()
    model = fill(settings, made, articles, a_day)
    filled = time.perf_counter()
    index(settings)
    indexed = time.perf_counter()
    print(f"{articles:,} stored: filled in {filled - started:.0f} s, indexed in {indexed - filled:.0f} s", flush=True)
    print(f"    {sizes(settings, articles)}", flush=True)
    return Store(settings, model, articles, a_day)


def measure(stores: list[Store], made: Made, late: bool) -> None:
    """Place articles beside each store in turn, so that whatever else the machine does meets all of them; print rows.

    Articles come a quarter of an hour apart, dated now or, if `late`, from the middle of the store on; the first round
    warms the caches.
    """
    for store in stores:
        store.rows, store.found = [], []
    for round_ in range(ROUNDS + 1):
        for store in stores:
            stories = int(store.articles / A_STORY)
            recent = range(1, 1 + min(stories // 2, int(2 * store.a_day / A_STORY)))
            at, among, number = END, recent, round_
            if late:
                at = END - timedelta(days=store.articles / 2 / store.a_day)
                among, number = range(stories // 2, stories // 2 + len(recent)), round_ + 50
            told = add_new(store.settings, made, store.model, number, at + EVERY * round_, among)
            store.rows.append(place(store.settings, END + EVERY * number))
            store.found += found(store.settings, made, store.model, at, told)
    first = None
    print("late articles" if late else "new articles")
    print(
        "stored articles   ms   ratio   CPU ms here   CPU ms in Postgres   ratio of CPU   MB here, there   story found"
    )
    for store in stores:
        rows = store.rows[1:]
        elapsed, python, backend = (
            statistics.median(getattr(row, part) for row in rows) for part in ("elapsed", "python", "server")
        )
        first = first or (elapsed, python + backend)
        print(
            f"{store.articles:>15,} {elapsed:>6.1f} {elapsed / first[0]:>5.2f} {python:>10.1f} {backend:>15.1f}"
            f" {(python + backend) / first[1]:>20.2f} {psutil.Process().memory_info().rss / 1e6:>15.0f}"
            f" {max(row.memory for row in rows):.0f} {np.mean(store.found):>15.3f}",
            flush=True,
        )


def main() -> None:
    """Print the figures of each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--million", action="store_true", help="1,000,000 too; takes long and 15 GB of disk")
    parser.add_argument("--within", action="store_true", help="all stored articles in the window around the new ones")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000], help="articles stored")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="wirewatch-"))
    made = Made(story_model.default().dimension)
    try:
        with embedded.running(Settings(home=folder / "home")) as server:
            stores = [
                store_of(server, folder / "home", size, size / WINDOW_DAYS if asked.within else A_DAY, made)
                for size in asked.sizes + ([1_000_000] if asked.million else [])
            ]
            measure(stores, made, late=False)
            measure(stores, made, late=True)
    finally:
        database.close_idle()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
