"""How much faster a collection is with 1, 2 and 4 tasks at each step that is shared out, as ratios of one run.

Each task is a process of its own that calls the verb, as a task on a worker does; they share Postgres and the outlets.
What a step takes beyond its start is timed: tasks report when they are loaded, and then begin together.

*Waiting* bounds no processor: an outlet answers a page after `WAIT` seconds, of which a task asks for one at a time,
and the model of a task's own host takes `WAIT` seconds for each text. It says what sharing out itself costs, on as many
processors as there are tasks. *Working* is the same with pages that are answered at once: it is bound by the processors
of this machine. Placing is one task, whose share of the processor time is told.

    python -m bench.sharing [--pages 160] [--tasks 1 2 4] [--only waiting]
"""

from __future__ import annotations

import argparse
import contextlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from pipeline import database, embeddings, steps
from pipeline.database import embedded
from pipeline.models import FeedSource
from pipeline.settings import Settings
from pipeline.steps.model import Vectors

WAIT = 0.5
"""Seconds that a page, or the vector of a text, is waited for."""
HOSTS = 20
COPIES = 4
"""Every so many pages one is the copy of the page before, at another outlet."""
NOW = datetime(2024, 6, 19, 12, tzinfo=UTC)
TOPIC = "Vladimir Putin and Kim Jong Un signed a partnership treaty in Pyongyang"
SHARED = ("extract", "find_copies", "embed")


class Outlets:
    """Pages of a thousand words on loopback, each answered after `wait` seconds; feeds that list them."""

    def __init__(self, pages: int) -> None:
        self.wait = 0.0
        outlets = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body, kind = outlets.answer(str(self.connection.getsockname()[0]), self.path)
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_values: object) -> None:
                pass

        self._pages = pages
        self.port = 0
        self._servers: list[ThreadingHTTPServer] = []
        for number in range(HOSTS):
            server = ThreadingHTTPServer((f"127.0.2.{number + 1}", self.port), Handler)
            server.daemon_threads = True
            self.port = int(server.server_address[1])
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            self._servers.append(server)

    def feeds(self) -> list[str]:
        """The address of each outlet's feed."""
        return [f"http://127.0.2.{number + 1}:{self.port}/feed" for number in range(HOSTS)]

    def answer(self, host: str, path: str) -> tuple[bytes, str]:
        """What an outlet answers, and of which kind it is; nothing where it has no such page."""
        own = [page for page in range(self._pages) if page % HOSTS == int(host.rsplit(".", 1)[1]) - 1]
        if path == "/feed":
            return _feed(f"http://{host}:{self.port}", own), "application/rss+xml; charset=utf-8"
        if not path.startswith("/page/"):
            return b"", "text/plain"
        time.sleep(self.wait)
        return _page(int(path.rsplit("/", 1)[1])), "text/html; charset=utf-8"

    def close(self) -> None:
        """Stop answering."""
        for server in self._servers:
            server.shutdown()
            server.server_close()


def _words(page: int) -> random.Random:
    return random.Random(page - 1 if page % COPIES == 1 else page)


def _feed(base: str, pages: Sequence[int]) -> bytes:
    items = "".join(
        f"<item><title>{TOPIC}: report {page}</title><link>{base}/page/{page}</link><guid>{page}</guid>"
        f"<pubDate>Wed, 19 Jun 2024 09:{page % 60:02} GMT</pubDate></item>"
        for page in pages
    )
    return f"<rss version='2.0'><channel><title>Outlet</title>{items}</channel></rss>".encode()


def _page(page: int) -> bytes:
    rng = _words(page)
    vocabulary = [f"{a}{b}" for a in ("min", "tre", "sum", "del", "par", "con", "pro", "for") for b in _ENDS]
    paragraphs = [
        f"{TOPIC}. " + " ".join(rng.choice(vocabulary) for _ in range(90)).capitalize() + "." for _ in range(10)
    ]
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    aside = "".join(f"<li><a href='/page/{n}'>More of page {n} and what it says</a></li>" for n in range(60))
    return (
        f"<!doctype html><html lang='en'><head><title>{TOPIC}: report {page}</title></head><body><nav><ul>{aside}</ul>"
        f"</nav><article><h1>{TOPIC}: report {page}</h1>{body}</article><footer>All rights</footer></body></html>"
    ).encode()


_ENDS = ("ister", "aty", "mit", "egate", "tner", "ference", "posal", "eign", "ing", "ed", "ation", "ity", "er", "al")

TASK = """
import sys, time
from datetime import datetime
from pipeline import settings, steps
from importlib import import_module
verb, wait = sys.argv[1], float(sys.argv[2])
here, now = settings.load(), datetime.fromisoformat(sys.argv[3])
if wait:
    from bench.sharing import waiting_model
    waiting_model(wait)
for name in ("extracting", "copying", "embedding"):
    import_module(f"pipeline.steps.{name}")
if verb == "embed":
    from pipeline.steps.model import encoder
    encoder(here)
print("loaded", flush=True)
sys.stdin.readline()
began = time.monotonic()
counts = getattr(steps, verb)(here, now=now)
print(time.monotonic() - began, flush=True)
"""


def waiting_model(seconds: float) -> None:
    """Let vectors be waited for in this process, so many seconds each, as those of a model on another processor."""
    from pipeline.steps import embedding

    def vectors(_settings: Settings, documents: Sequence[Any], _parameters: Any) -> Vectors:
        time.sleep(seconds * len(documents))
        rng = np.random.default_rng(len(documents))
        made = rng.normal(size=(len(documents), 384)).astype(np.float32)
        return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float32)

    vars(embedding)["article_vectors"] = vectors


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of the clock from the common start to the last task's end, and processor seconds of all processes."""

    clock: float
    processor: float


def step(settings: Settings, verb: str, tasks: int, wait: float, postgres: psutil.Process) -> Spent:
    """Run a verb by so many tasks at once."""
    told = {
        "DATABASE_URL": settings.database_url,
        "HOME": str(settings.home),
        "MODEL": settings.model,
        "ALLOW_HOSTS": settings.allow_hosts,
        "HOST_INTERVAL": "0",
        "EXTRACT_PROCESSES": "1",
        "CONCURRENCY": "1" if wait else str(settings.concurrency),
        "STEP_TASKS": str(tasks),
        "MODEL_SECONDS": "600",
    }
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(settings.home)} | {f"WIREWATCH_{k}": v for k, v in told.items()}
    command = [sys.executable, "-c", TASK, verb, str(wait), NOW.isoformat()]
    running = [
        subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(tasks)
    ]
    for each in running:
        assert each.stdout is not None
        if each.stdout.readline().strip() != "loaded":
            raise SystemExit(f"a task of {verb} did not load")
    meter, began = _Meter(postgres), time.monotonic()
    for each in running:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()
    ends = [each.communicate()[0].strip() for each in running]
    if not all(ends):
        raise SystemExit(f"a task of {verb} failed")
    return Spent(time.monotonic() - began, meter.stop())


class _Meter:
    """Processor seconds of all processes below this one and of Postgres, looked at ten times a second."""

    def __init__(self, postgres: psutil.Process) -> None:
        self._roots = (psutil.Process(), postgres)
        self._found: dict[tuple[int, float], float] = {}
        self._before: dict[tuple[int, float], float] = {}
        self._ended = threading.Event()
        self._look()
        self._before = dict(self._found)
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _look(self) -> None:
        for root in self._roots:
            for process in root.children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    spent = process.cpu_times()
                    self._found[process.pid, process.create_time()] = spent.user + spent.system

    def _watch(self) -> None:
        while not self._ended.wait(0.1):
            self._look()

    def stop(self) -> float:
        """The seconds since it was made."""
        self._ended.set()
        self._thread.join()
        return sum(self._found.values()) - sum(self._before.values())


def collection(
    settings: Settings, server: embedded.Server, outlets: Outlets, tasks: int, wait: float
) -> dict[str, Spent]:
    """One collection of every page in a database of its own; what each step took."""
    name = f"sharing_{tasks}_{int(wait * 1000)}"
    server.ensure_database(name)
    settings = replace(settings, database_url=server.url(name))
    database.migrate(settings)
    for number, address in enumerate(outlets.feeds()):
        steps.add_feed(settings, FeedSource(url=address, title=f"Outlet {number}", outlet=f"Outlet {number}"))
    outlets.wait = 0.0
    for batch in steps.due_batches(settings, now=NOW):
        steps.poll(settings, feed_ids=batch, now=NOW)
    steps.match(settings, now=NOW)
    outlets.wait = wait
    postgres = psutil.Process(server.pid)
    found = {verb: step(settings, verb, tasks, wait, postgres) for verb in SHARED}
    if not wait:
        found |= {verb: step(settings, verb, 1, 0.0, postgres) for verb in ("place", "reassign")}
    with database.connect(settings) as connection:
        row = connection.execute("SELECT count(*) AS n, count(embedded_at) AS done FROM articles").fetchone()
    assert row is not None
    if row["n"] != row["done"]:
        raise SystemExit(f"{row['n'] - row['done']} of {row['n']} articles were left")
    database.close_idle()
    return found


def main() -> None:
    """Print a table of ratios for waiting and for working, and the share of placing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=160)
    parser.add_argument("--only", choices=("working", "waiting"))
    parser.add_argument("--tasks", type=int, nargs="+", default=[1, 2, 4])
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="wirewatch-bench-"))
    outlets = Outlets(options.pages)
    settings = Settings(home=home, model=embeddings.PACKAGED, allow_hosts="127.0.0.0/8", host_interval=0.0)
    try:
        with embedded.running(settings) as server:
            for name, wait in (("working", 0.0), ("waiting", WAIT)):
                if options.only not in (None, name):
                    continue
                runs = {tasks: collection(settings, server, outlets, tasks, wait) for tasks in options.tasks}
                _tell(name, runs, options.pages)
    finally:
        outlets.close()
        shutil.rmtree(home, ignore_errors=True)


def _tell(name: str, runs: dict[int, dict[str, Spent]], pages: int) -> None:
    first = next(iter(runs.values()))
    print(f"{name}: seconds for {pages} pages, processor seconds, times as fast as with one task")
    for verb in first:
        cells = [
            f"{tasks}: {run[verb].clock:6.2f} {run[verb].processor:6.2f} {first[verb].clock / run[verb].clock:5.2f}x"
            for tasks, run in runs.items()
        ]
        print(f"  {verb:12}", "   ".join(cells))
    if "place" in first:
        total = sum(spent.processor for spent in first.values())
        alone = sum(first[verb].processor for verb in ("place", "reassign"))
        print(
            f"  placing and reassigning, one task each, take {alone / total:.2f} of the processor time of these steps"
        )


if __name__ == "__main__":
    main()
