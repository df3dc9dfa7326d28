"""How long each page of the portal takes beside 100,000 articles.

``python -m bench.portal DATABASE_URL`` fills an empty database (the schema is brought up) and asks each page a few
times, within one process and without Airflow around it; a database that is filled is asked as it is. It prints the
median and the longest of the milliseconds of each page, and those of CPU, which other work on the machine adds nothing
to. The search by meaning includes the model's own time.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import psycopg

from pipeline import database, embeddings
from pipeline.settings import Settings
from pipeline.store.vectors import to_text

ARTICLES = 100_000
TIMES = 9
BOUND = 150.0
"""What a page may take, in milliseconds."""
PAGES = (
    "/", "/?before=2026-01-30", "/digests/30", "/stories/600", "/articles/50000", "/articles/50000/copy", "/topics",
    "/topics/topic-1", "/topics/topic-1?until=2026-01-30", "/feeds", "/quarantine", "/search",
    "/search?outlet=Outlet+7&by=words", "/search?q=w300+w1200&by=words", "/search?q=w1&by=words",
    "/search?q=w2+w3&by=words&language=ko", "/search?q=mutual+assistance&by=meaning", "/search?q=w40+w900",
    "/search?q=w40&outlet=Outlet+9", "/search?q=w40&since=2026-02-01&until=2026-02-01",
    "/search?q=w40&country=KR&ownership=state",
)  # fmt: skip


def fill(settings: Settings) -> None:
    """Load the articles of ``bench/portal.sql``, and a vector for each."""
    with psycopg.connect(database.database_url(settings)) as connection:
        parameters = {"articles": ARTICLES, "model": embeddings.name_of(settings)}
        for statement in Path(__file__).with_suffix(".sql").read_text().split(";\n"):
            if statement.strip():
                started = time.perf_counter()
                connection.execute(statement, parameters)
                print(f"{time.perf_counter() - started:7.1f} s  {' '.join(statement.split())[:60]}", flush=True)
        started = time.perf_counter()
        made = np.random.default_rng(11)
        centres = made.normal(0, 1, (ARTICLES // 12 + 1, 384))
        with connection.cursor().copy("COPY vectors (article_id, model_id, embedding, revision) FROM STDIN") as copy:
            for article_id in range(1, ARTICLES + 1):
                vector = centres[(article_id - 1) // 12] + made.normal(0, 0.5, 384)
                copy.write_row((article_id, 1, to_text((vector / np.linalg.norm(vector)).astype(np.float32)), 1))
        print(f"{time.perf_counter() - started:7.1f} s  vectors with their index", flush=True)
    with psycopg.connect(database.database_url(settings), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def work(settings: Settings) -> float:
    """Milliseconds of CPU that this process and its connections' server processes have had; the server is on this
    machine."""
    with psycopg.connect(database.database_url(settings)) as connection:
        asked = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        servers = [psutil.Process(pid) for (pid,) in connection.execute(asked).fetchall()]
    return 1000 * (time.process_time() + sum(sum(server.cpu_times()[:2]) for server in servers))


def ask(settings: Settings) -> int:
    """Ask every page; the number of those over the bound."""
    from airflow.api_fastapi.core_api.security import get_user
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from pipeline.portal.app import PREFIX, create_app

    app, pages = FastAPI(), create_app()
    pages.dependency_overrides[get_user] = lambda: None
    app.mount(PREFIX, pages)
    slow = 0
    with TestClient(app) as client:
        for path in PAGES:
            took, worked = [], 0.0
            for turn in range(TIMES + 1):
                worked = worked if turn > 1 else work(settings)
                started = time.perf_counter()
                answer = client.get(PREFIX + path)
                took.append(1000 * (time.perf_counter() - started))
                assert answer.status_code == 200, f"{path}: {answer.status_code}"
            median, longest, cpu = statistics.median(took[1:]), max(took[1:]), (work(settings) - worked) / TIMES
            slow += median > BOUND
            print(f"{median:7.1f} ms, longest {longest:7.1f}, first {took[0]:7.1f}, CPU {cpu:6.1f}  {path}", flush=True)
    return slow


def main(url: str) -> int:
    """Fill where there is nothing, then ask."""
    os.environ["WIREWATCH_DATABASE_URL"] = url
    settings = Settings(database_url=url, model=os.environ.get("WIREWATCH_MODEL") or Settings().model)
    database.migrate(settings)
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT EXISTS (SELECT 1 FROM articles)").fetchone()
    if row is None or not row[0]:
        fill(settings)
    return 1 if ask(settings) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
