"""How fast the step `match` judges entries, beside the look for terms alone, in one run on embedded Postgres.

``python -m bench.matching [--entries N]`` stores the entries of the recorded web over and over, published the day
before the topics' windows so that no vector is asked for and no article made, and judges them for 1 and for 10 topics
(the summit, and those that `bench.terms` makes). It prints entries a CPU second of this process, of it and the database
together, and the ratio to the terms alone.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import psutil
import psycopg

from bench.terms import Letters, Texts, rate
from pipeline import database, steps, topics
from pipeline.archive.warc import CaptureIndex
from pipeline.database import embedded
from pipeline.embeddings import PACKAGED
from pipeline.models import FeedSource
from pipeline.settings import Settings
from pipeline.topics import Topic, Wordings
from tests.support.project import REPOSITORY
from tests.support.recorded import RECORDED, read_entries, read_labels

_INSERT = (
    "INSERT INTO entries (feed_id, key, url, canonical_url, title, text, published, published_rule, first_seen_at,"
    " last_seen_at, language) VALUES (1, %s, 'u', 'u', %s, %s, %s, 'published', %s, %s, 'en')"
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=8_000, help="entries judged in each row")
    count = parser.parse_args().entries
    seeds = REPOSITORY / "seeds"
    summit = topics.load(seeds / "topics" / "putin-kim-summit.toml", seeds / "documents")
    index = CaptureIndex.read([RECORDED])
    texts = [(seen.entry.title, seen.entry.text) for seen in read_entries(index, read_labels())]
    letters = Letters(texts, random.Random(10))
    others = [letters.topic(summit, f"other-{number}") for number in range(9)]
    folder = Path(tempfile.mkdtemp(prefix="wirewatch-"))
    sys.stdout.write(
        "| topics | terms alone, entries/s | match, entries/s | with the database's time | of terms alone |\n"
    )
    sys.stdout.write("| --- | ---: | ---: | ---: | ---: |\n")
    try:
        with embedded.running(Settings(home=folder / "home")) as server:
            for subjects in ([summit], [summit, *others]):
                bare = rate(Wordings(subjects).of, texts)
                ours, both = _judged(server, folder, subjects, texts, count)
                sys.stdout.write(f"| {len(subjects)} | {bare:,.0f} | {ours:,.0f} | {both:,.0f} | {ours / bare:.2f} |\n")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _judged(
    server: embedded.Server, folder: Path, subjects: Sequence[Topic], texts: Texts, count: int
) -> tuple[float, float]:
    """Entries a CPU second that the step judges: of this process, and of it and the database's together."""
    name = f"bench_{len(subjects)}"
    server.ensure_database(name)
    settings = Settings(database_url=server.url(name), home=folder / "home", model=PACKAGED)
    database.migrate(settings)
    steps.add_feed(settings, FeedSource(url="https://outlet.example/rss", title="Outlet", outlet="Outlet"))
    before = subjects[0].start - timedelta(days=1)
    given = [texts[number % len(texts)] for number in range(count)]
    rows = [(str(at), title, text, before, before, before) for at, (title, text) in enumerate(given)]
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        connection.cursor().executemany(_INSERT, rows)
    with patch.object(topics, "load_all", lambda _: subjects):
        steps.match(settings, now=before)  # once before, so that what follows is warm
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        connection.execute("UPDATE entries SET matched_at = NULL")
        connection.execute("DELETE FROM entry_topics")
    with patch.object(topics, "load_all", lambda _: subjects):
        began, served = time.process_time(), _served(server)
        counts = steps.match(settings, now=before)
        spent, serving = time.process_time() - began, _served(server) - served
    database.close_idle()
    assert counts["judged"] == count
    return count / spent, count / (spent + serving)


def _served(server: embedded.Server) -> float:
    """CPU seconds that the processes of the database have taken which are there: it keeps one for each connection."""
    return sum(sum(each.cpu_times()[:2]) for each in psutil.Process(server.pid).children())


if __name__ == "__main__":
    main()
