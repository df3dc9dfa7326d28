"""How long each view, function and example takes at a million articles.

``python -m bench.million DATABASE_URL [ARTICLES [ONLY]]`` loads an empty database (the schema is brought up, and
`bench/million.sql` says what with), asks one that is filled as it is, and prints the median milliseconds of five,
those of the first, and those of the server's CPU, which other work on the machine adds nothing to; the server must be
on it. With ONLY it asks what has that in its name, such as ``example``.
"""

from __future__ import annotations

import contextlib
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg

from bench import asked
from pipeline import database
from pipeline.settings import Settings

Connection = psycopg.Connection[tuple[object, ...]]

ARTICLES = 1_000_000
A_DAY = 700
TIMES = 5
BOUND = 1000.0
"""What a question may take, in milliseconds."""
PATIENCE = 10_000.0
"""What takes longer is asked once, and given up after ten times as long; in milliseconds."""
TOLD = "{median:8.1f} ms, first {first:8.1f}, CPU {cpu:7.1f}, {rows:6} rows  {name}"


@dataclass(frozen=True, slots=True)
class Shape:
    """How many articles there are, on how many days and in how many stories; how many numbers a vector has."""

    articles: int = ARTICLES
    a_day: float = A_DAY
    a_story: int = 12
    dimension: int = 384


def fill(url: str, shape: Shape, model: str) -> None:
    """Load the rows of ``bench/million.sql``, indexes last. Raises what Postgres does."""
    values = asdict(shape) | {"model": model}
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path = wirewatch, public, extensions")
        connection.execute("SET maintenance_work_mem = '3GB'")
        made_last = drop_indexes(connection)
        for statement in Path(__file__).with_suffix(".sql").read_text("utf-8").split(";\n"):
            if statement.strip():
                timed(connection, statement, values)
        for statement in made_last:
            timed(connection, statement)
        for (period,) in connection.execute("SELECT DISTINCT period FROM story_profiles").fetchall():
            timed(connection, f"SELECT index_story_profiles(1, {period})")
        timed(connection, "VACUUM ANALYZE")
        timed(connection, "SELECT index_vectors(1)")


def drop_indexes(connection: Connection) -> list[str]:
    """Drop what only slows a load down; what makes it again, where it is not made before."""
    found = connection.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " JOIN pg_class t ON t.oid = i.indrelid"
        " WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r' AND NOT i.indisunique"
        " AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)"
    ).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}".encode())
    return [str(made).replace(" INDEX ", " INDEX IF NOT EXISTS ", 1) for _, made in found]


def timed(connection: Connection, statement: str, values: dict[str, object] | None = None) -> None:
    """Run a statement and print how many seconds it took."""
    started = time.perf_counter()
    connection.execute(statement.encode(), values)
    print(f"{time.perf_counter() - started:7.1f} s  {' '.join(statement.split())[:90]}", flush=True)


def questions(connection: Connection) -> Iterator[tuple[str, str, dict[str, Any] | None]]:
    """What is asked: its name, its SQL, and the parameters of that."""
    for view, conditions in asked.views(connection):
        for condition in conditions:
            yield f"view {view}, {condition}", f"SELECT * FROM {view} WHERE {condition}", None
    for kind, found in (
        ("function", asked.functions(connection)),
        ("search", asked.searches()),
        ("example", asked.examples()),
    ):
        for name, query in found:
            yield f"{kind} {name}", query, None
    given = asked.parameters()
    for name, query in asked.queries():
        yield f"query {name}", query, given


def ask(url: str, only: str) -> int:
    """Ask every question whose name holds `only`; the number of those over the bound. What it changes is undone."""
    slow = 0
    with psycopg.connect(url, autocommit=True) as connection:
        server = psutil.Process(connection.info.backend_pid)
        connection.execute(f"SET statement_timeout = {10 * PATIENCE:.0f}".encode())
        for name, question, values in questions(connection):
            if only not in name:
                continue
            took, rows, worked = [], 0, sum(server.cpu_times()[:2])
            for _ in range(TIMES):
                started = time.perf_counter()
                with contextlib.suppress(psycopg.errors.QueryCanceled), connection.transaction(force_rollback=True):
                    cursor = connection.execute(question.encode(), values)
                    rows = len(cursor.fetchall()) if cursor.description else cursor.rowcount
                took.append(1000 * (time.perf_counter() - started))
                if took[0] > PATIENCE:
                    break
            slow += statistics.median(took) > BOUND
            cpu = 1000 * (sum(server.cpu_times()[:2]) - worked) / len(took)
            print(TOLD.format(median=statistics.median(took), first=took[0], cpu=cpu, rows=rows, name=name), flush=True)
    return slow


def main(url: str, articles: int = ARTICLES, only: str = "") -> int:
    """Fill where there is nothing, then ask what `only` names, or all."""
    database.migrate(Settings(database_url=url))
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT EXISTS (SELECT 1 FROM articles)").fetchone()
    if row is None or not row[0]:
        fill(url, Shape(articles), asked.MODEL)
    return 1 if ask(url, only) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]) if sys.argv[2:] else ARTICLES, *sys.argv[3:4]))
