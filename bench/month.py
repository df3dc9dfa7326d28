"""A month of six feeds through the live steps, in simulated time: what grows, what stays, what a process keeps.

    python -m bench.month [--days 30] [--every 240] [--trace]

The outlets of `tests/support/month.py` publish some 25 articles a day, with rhythms, edits, withdrawals, errors and
a move.
One process collects them as a worker does that never ends: every `--every` minutes whatever is due is polled, judged,
extracted, compared, embedded and placed; once a day come upkeep and a digest. The server is another process, so that
memory is the collector's own. A line per day says what the tables hold, the size of the database, and of the collector
its memory (RSS, and USS: what no other process shares), descriptors, threads and children. `--trace` adds which caches
hold how much, and where Python's own memory grew most.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil

from pipeline import database, steps
from pipeline.database import embedded
from pipeline.models import FeedSource
from pipeline.settings import Settings
from tests.support import month
from tests.support.project import REPOSITORY

TABLES = ("entries", "entry_revisions", "articles", "article_revisions", "stories", "fetches", "term_stats", "digests")
WINDOW = "start = 2024-05-25T00:00:00Z\nend = 2024-12-31T00:00:00Z\n"
MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class Sample:
    """What stands at the end of a simulated day: rows by table, and sizes in megabytes."""

    day: int
    rows: dict[str, int]
    database: float
    rss: float
    uss: float
    descriptors: int
    threads: int
    children: int


def days(count: int, *, every: timedelta = timedelta(hours=4), trace: bool = False) -> Iterator[Sample]:
    """Collect so many simulated days in a process of its own; what it had at the end of each."""
    folder = Path(tempfile.mkdtemp(prefix="wirewatch-month-"))
    folder.chmod(0o755)
    clock = month.Clock()
    command = [sys.executable, "-m", "bench.month", "--collector", str(folder), "--days", str(count)]
    command += ["--every", str(every.total_seconds() / 60)] + ["--trace"] * trace
    try:
        with month.outlets(count, clock) as feeds:
            with subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY,
                env=os.environ | {"OMP_NUM_THREADS": "1"},
            ) as collector:  # fmt: skip
                assert collector.stdin is not None and collector.stdout is not None
                collector.stdin.write(json.dumps(feeds) + "\n")
                collector.stdin.flush()
                for line in collector.stdout:
                    said = json.loads(line)
                    if "clock" in said:
                        clock.now = said["clock"]
                        collector.stdin.write("\n")
                        collector.stdin.flush()
                    elif "note" in said:
                        print(said["note"], flush=True)
                    else:
                        yield Sample(**said)
            if collector.returncode:
                raise RuntimeError(f"the collecting process ended with {collector.returncode}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# --- the collecting process -------------------------------------------------------------------------------


def collect(folder: Path, count: int, every: timedelta, trace: bool) -> None:
    """Be the collecting process: tells its clock and its measures as lines on stdout."""
    feeds: list[str] = json.loads(sys.stdin.readline())
    base = Settings(home=folder / "home", seeds=_seeds(folder), host_interval=0.0, allow_hosts="127.0.0.1")
    with embedded.running(base) as server:
        server.ensure_database("month")
        settings = replace(base, database_url=server.url("month"))
        database.migrate(settings)
        for url in feeds:
            steps.add_feed(settings, FeedSource(url=url, title=url.split("/")[-2], language="en"))
        if trace:
            tracemalloc.start()
        for day in range(1, count + 1):
            _day(settings, day, every)
            _say(_sample(settings, day))
            if trace:
                _say({"note": _traced()})
        _say({"note": _explained()})
        database.close_idle()


def _day(settings: Settings, day: int, every: timedelta) -> None:
    seconds = (day - 1) * month.DAY
    while seconds < day * month.DAY:
        seconds += every.total_seconds()
        _say({"clock": seconds})
        sys.stdin.readline()
        now = month.START + timedelta(seconds=seconds)
        for batch in steps.due_batches(settings, now=now):
            steps.poll(settings, feed_ids=batch, now=now)
        for verb in (steps.match, steps.extract, steps.find_copies, steps.embed, steps.place, steps.reassign):
            verb(settings, now=now)
    now = month.START + timedelta(days=day)
    steps.maintain(settings, now=now)
    date = (now - timedelta(days=1)).date()
    drafted = steps.draft(settings, topic="month", day=date, now=now)
    steps.digest_markdown(settings, digest_id=drafted["digest_id"])


def _seeds(folder: Path) -> Path:
    """The first topic under another name, with a window that holds the whole time."""
    target = folder / "seeds"
    shutil.copytree(REPOSITORY / "seeds" / "documents", target / "documents")
    (target / "topics").mkdir()
    text = (REPOSITORY / "seeds" / "topics" / "putin-kim-summit.toml").read_text("utf-8")
    head, _, rest = text.partition("[window]\n")
    _, _, rest = rest.partition("\n\n")
    (target / "topics" / "month.toml").write_text(f"{head}[window]\n{WINDOW}\n{rest}", "utf-8")
    return target


def _say(line: Any) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _sample(settings: Settings, day: int) -> dict[str, Any]:
    gc.collect()
    with database.connect(settings) as connection:
        rows = {
            name: int(connection.execute(f"SELECT count(*) AS n FROM {name}").fetchall()[0]["n"]) for name in TABLES
        }
        size = connection.execute("SELECT pg_database_size(current_database()) AS n").fetchall()[0]["n"]
    process = psutil.Process()
    memory = process.memory_full_info()
    return {
        "day": day,
        "rows": rows,
        "database": size / MEGABYTE,
        "rss": memory.rss / MEGABYTE,
        "uss": memory.uss / MEGABYTE,
        "descriptors": process.num_fds(),
        "threads": process.num_threads(),
        "children": len(process.children(recursive=True)),
    }


def _traced() -> str:
    """What Python itself holds: the whole, and the files whose objects hold most."""
    held, _ = tracemalloc.get_traced_memory()
    places = tracemalloc.take_snapshot().statistics("filename")[:8]
    shown = [f"{place.traceback[0].filename[-44:]} {place.size / MEGABYTE:.1f}" for place in places]
    return f"  python holds {held / MEGABYTE:.1f} MB: {'; '.join(shown)}"


def _explained() -> str:
    """The fullest caches of ours, and what the allocator holds that nobody uses: what a trim gives back."""
    before = psutil.Process().memory_info().rss
    ctypes.CDLL(None).malloc_trim(0)
    slack = (before - psutil.Process().memory_info().rss) / MEGABYTE
    caches = [found for found in gc.get_objects() if type(found).__name__ == "_lru_cache_wrapper"]
    sizes = sorted(((c.cache_info().currsize, f"{c.__module__}.{c.__name__}") for c in caches), reverse=True)
    ours = [f"{name} {size}" for size, name in sizes if name.startswith("pipeline.")][:5]
    return f"  free within the allocator: {slack:.0f} MB; caches: {', '.join(ours)}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--every", type=float, default=240.0, help="simulated minutes between two rounds")
    parser.add_argument("--trace", action="store_true")
    parser.add_argument("--collector", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    every = timedelta(minutes=options.every)
    if options.collector:
        collect(options.collector, options.days, every, options.trace)
        return
    print(f"{'day':>4}" + "".join(f"{name[:9]:>10}" for name in TABLES), "   DB  RSS  USS MB  fds threads children")
    for sample in days(options.days, every=every, trace=options.trace):
        rows = "".join(f"{sample.rows[name]:>10}" for name in TABLES)
        sizes = f"{sample.database:>5.0f}{sample.rss:>5.0f}{sample.uss:>5.0f}"
        print(
            f"{sample.day:>4}{rows} {sizes} {sample.descriptors:>7}{sample.threads:>8}{sample.children:>9}", flush=True
        )


if __name__ == "__main__":
    main()
