"""What the counts that are kept as rows come cost those rows, beside what `bench/million.py` loaded.

``python -m bench.counting DATABASE_URL`` brings in 500 articles with their entries, as ``bench/counting.sql`` says,
with the triggers that count and without them, in turn, and takes each back. It prints rows a second of the server's
own CPU, so that other work on the machine says nothing, their ratio, and what folding the news of one such round
costs. The server must be on the same machine.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

import psutil
import psycopg

Connection = psycopg.Connection[tuple[object, ...]]

TIMES = 7
COUNTERS = ("note_copy", "note_entry", "note_polls", "note_source", "note_stage", "note_stage_of_fault")
"""The functions of triggers that keep counts."""


def bring(connection: Connection, count: bool) -> tuple[int, float, float]:
    """Bring the rows in and take them back: how many, the CPU seconds of that, and of folding their news."""
    server = psutil.Process(connection.info.backend_pid)
    with connection.transaction(force_rollback=True):
        if not count:
            for table, trigger in counting(connection):
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}".encode())
        rows, started = 0, sum(server.cpu_times()[:2])
        for statement in Path(__file__).with_suffix(".sql").read_text("utf-8").split(";\n"):
            if statement.strip():
                rows += connection.execute(statement.replace("%%", "%").encode()).rowcount
        brought = sum(server.cpu_times()[:2])
        connection.execute("SELECT fold_feed_news(), fold_source_news(), fold_stage_news(100000)")
        return rows, brought - started, sum(server.cpu_times()[:2]) - brought


def counting(connection: Connection) -> list[tuple[str, str]]:
    """The triggers that count, with their tables."""
    return [
        (str(table), str(name))
        for table, name in connection.execute(
            "SELECT t.tgrelid::regclass, t.tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE NOT t.tgisinternal AND p.proname = ANY (%s)",
            [list(COUNTERS)],
        ).fetchall()
    ]


def main(url: str) -> None:
    """Time both ways in turn."""
    took: dict[bool, list[float]] = {True: [], False: []}
    folds, rows = [], 0
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path = wirewatch, public, extensions")
        connection.execute("SELECT fold_feed_news(), fold_source_news(), fold_stage_news(100000)")
        for turn in range(2 * TIMES + 2):
            rows, seconds, folding = bring(connection, turn % 2 == 0)
            if turn > 1:
                took[turn % 2 == 0].append(seconds)
                folds += [folding] if turn % 2 == 0 else []
    folded = 1000 * statistics.median(folds)
    counted, plain = statistics.median(took[True]), statistics.median(took[False])
    print(f"{rows} rows: {rows / counted:.0f} a second counted, {rows / plain:.0f} not; ratio {counted / plain:.2f}")
    print(f"folding their news {folded:.0f} ms, {folded / rows:.3f} ms a row")


if __name__ == "__main__":
    main(sys.argv[1])
