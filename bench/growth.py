"""Whether partitions pay for the log of requests, the table that grows the most and is forgotten by age.

``python -m bench.growth DATABASE_URL [DAYS]`` fills a plain table and one of partitions of four weeks with the same
requests of DAYS days (300 feeds asked every hour, 700 articles a day fetched twice). It prints sizes and the median
milliseconds of what is asked of them. The database needs the schema; both tables are dropped afterwards.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

import psycopg

DAYS = 365
TIMES = 7
PARTITIONED, PLAIN = "requests_by_month", "requests_plain"
Connection = psycopg.Connection[tuple[object, ...]]
COLUMNS = "id, at, kind, feed_id, article_id, url, status, outcome, bytes, arrived_at"
FILL = f"""
INSERT INTO {{table}} ({COLUMNS}) OVERRIDING SYSTEM VALUE
SELECT row_number() OVER (ORDER BY at), at, kind, feed, article, 'https://outlet.example/some/path/of/an/article/' || n,
       200, 'ok', 9000, at
FROM (
    SELECT now() - hour * interval '1 hour' AS at, 'feed' AS kind, feed, NULL::bigint AS article, feed AS n
    FROM generate_series(1, 300) feed, generate_series(1, 24 * %(days)s) hour
    UNION ALL
    SELECT now() - (n * interval '1 day' / 700) + again * interval '1 day', 'page', NULL, n, n
    FROM generate_series(701, 700 * %(days)s) n, generate_series(0, 1) again) made"""
ASKED = {
    "the last request for an article": "SELECT status FROM {table} WHERE article_id = %s ORDER BY at DESC LIMIT 1",
    "the last request for a feed": "SELECT status FROM {table} WHERE feed_id = %s ORDER BY at DESC LIMIT 1",
}


def _ms(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - began)


def _make(connection: Connection, days: int) -> None:
    for table in (PLAIN, PARTITIONED):
        connection.execute(f"DROP TABLE IF EXISTS {table}".encode())
    connection.execute(f"CREATE TABLE {PLAIN} (LIKE fetches INCLUDING ALL)".encode())
    # A key of a partitioned table must hold what it is partitioned by.
    connection.execute(
        f"CREATE TABLE {PARTITIONED} (LIKE fetches INCLUDING DEFAULTS) PARTITION BY RANGE (arrived_at);"
        f"ALTER TABLE {PARTITIONED} ADD PRIMARY KEY (id, arrived_at);"
        f"CREATE INDEX ON {PARTITIONED} (feed_id, at DESC) WHERE feed_id IS NOT NULL;"
        f"CREATE INDEX ON {PARTITIONED} (article_id, at DESC) WHERE article_id IS NOT NULL".encode()
    )
    for month in range(days // 28 + 2):
        connection.execute(
            f"CREATE TABLE {PARTITIONED}_{month} PARTITION OF {PARTITIONED} FOR VALUES FROM"
            f" (date_trunc('day', now()) + interval '2 days' - interval '{28 * (month + 1)} days') TO"
            f" (date_trunc('day', now()) + interval '2 days' - interval '{28 * month} days')".encode()
        )


def _asked(connection: Connection, query: str) -> float:
    took = [_ms(partial(connection.execute, query.encode(), [number])) for number in range(100, 100 + TIMES)]
    return statistics.median(took)


def measure(url: str, days: int = DAYS) -> None:
    """Fill both tables and print what each costs. Raises what Postgres does."""
    with psycopg.connect(url, autocommit=True) as connection:
        _make(connection, days)
        for table in (PLAIN, PARTITIONED):
            filled = _ms(partial(connection.execute, FILL.format(table=table).encode(), {"days": days}))
            connection.execute(f"VACUUM ANALYZE {table}".encode())
            row = connection.execute(
                "SELECT count(*), round(sum(pg_total_relation_size(oid)) / 1e6) FROM pg_class"
                " WHERE relkind = 'r' AND relname ~ ('^' || %s || '(_[0-9]+)?$')",
                [table],
            ).fetchone()
            print(f"{table}: filled in {filled / 1000:.0f} s, parts and MB {row}")
            for what, query in ASKED.items():
                print(f"  {_asked(connection, query.format(table=table)):8.2f} ms  {what}")
        day = f"DELETE FROM {PLAIN} WHERE arrived_at < (SELECT min(arrived_at) FROM {PLAIN}) + interval '1 day'"
        print(f"  {_ms(lambda: connection.execute(day.encode())):8.2f} ms  forgetting a day by DELETE, once a day")
        print(f"  {_ms(lambda: connection.execute(f'VACUUM {PLAIN}'.encode())):8.2f} ms  the VACUUM after it")
        last = f"{PARTITIONED}_{days // 28}"
        dropped = _ms(lambda: connection.execute(f"DROP TABLE {last}".encode()))
        print(f"  {dropped:8.2f} ms  forgetting a month by DROP, once a month")
        connection.execute(f"DROP TABLE {PLAIN}, {PARTITIONED}".encode())


if __name__ == "__main__":
    measure(sys.argv[1], *map(int, sys.argv[2:]))
