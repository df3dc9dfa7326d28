"""A page that hangs or kills its process costs itself; the rest comes out in order, and no process stays."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from pipeline import workers as workers_module
from pipeline.errors import Fault, InfrastructureError, InternalError, ItemError
from pipeline.extraction import pool as pool_module
from pipeline.extraction.pool import ExtractionPool, Page
from pipeline.models import Article, FeedEntry

NOW = datetime(2024, 6, 21, 12, tzinfo=UTC)
PROSE = "The minister said on Tuesday that the talks had ended without result and would go on in autumn."
SLOW = b"<html><body><article>" + b"".join(
    b"<div><p>%s <b>%d</b></p></div>" % (PROSE.encode(), i) for i in range(60_000)
)
LONG = SLOW[: len(SLOW) // 5]


def page(number: int) -> Page:
    body = f"<html><body><article><h1>Talks {number}</h1>{f'<p>{PROSE}</p>' * 8}</article></body></html>"
    return Page(body.encode(), f"https://outlet.example/{number}")


def workers() -> set[int]:
    found = set()
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):  # one that ended meanwhile, or that another test left as a zombie
            if "forkserver" in " ".join(process.cmdline()):
                found.add(process.pid)
    return found


def test_results_come_in_order_and_errors_are_values() -> None:
    before = workers()
    unread = ItemError("http-403", url="https://outlet.example/403")
    pages: list[Page | ItemError] = [page(1), Page(b"%PDF-1.4", "https://outlet.example/pdf"), unread, page(2)]
    with ExtractionPool(2, 20.0) as pool:
        results = list(pool.extract(pages, now=NOW))
    assert [r.title if isinstance(r, Article) else r.reason for r in results] == [
        "Talks 1",
        "not-html",
        "http-403",
        "Talks 2",
    ]
    assert len(workers() - before) <= 1  # the fork server itself, which lives as long as its caller


def test_a_page_over_its_time_fails_alone_and_the_feed_stands_in() -> None:
    entry = FeedEntry(
        key="k", guid=None, url=None, canonical_url=None, title="Talks", summary_html="", content_html="", text=PROSE
    )
    pages = [page(1), Page(SLOW, "https://outlet.example/slow"), page(2), page(3),
             Page(SLOW, "https://outlet.example/slow-2", fallback=entry)]  # fmt: skip
    with ExtractionPool(2, 1.5) as pool:
        list(pool.extract([page(0), page(0)], now=NOW))  # libraries load on first use
        results = list(pool.extract(pages, now=NOW))
    slow, stood_in = results[1], results[4]
    assert isinstance(slow, ItemError)
    assert slow.reason == "timeout-extract"
    assert isinstance(stood_in, Article)
    assert (stood_in.text_source, stood_in.problems[0]) == ("feed", "timeout-extract")
    assert [isinstance(results[i], Article) for i in (0, 2, 3)] == [True] * 3


def test_a_worker_that_is_killed_costs_no_page() -> None:
    before = workers()
    with ExtractionPool(1, 60.0) as pool:
        list(pool.extract([page(0)], now=NOW))

        def kill() -> None:
            time.sleep(1.0)
            for pid in sorted(workers() - before)[1:] or sorted(workers() - before):
                if psutil.Process(pid).children() == []:
                    os.kill(pid, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        results = list(pool.extract([Page(LONG, "https://outlet.example/long"), page(1)], now=NOW))
        killer.join()
    assert [getattr(result, "reason", None) for result in results] == [None, None], "the page was tried once more"


def test_a_pool_lost_to_a_kill_of_its_idle_workers_is_the_worlds_fault_and_closes() -> None:
    before = workers()
    with ExtractionPool(2, 5.0) as pool:
        list(pool.extract([page(0), page(0)], now=NOW))
        idle = [p for p in map(psutil.Process, workers() - before) if p.ppid() != os.getpid()]
        for process in idle:
            process.kill()
        with pytest.raises(InfrastructureError, match="extraction processes were lost") as lost:
            for _ in range(20):
                list(pool.extract([page(1)], now=NOW))
                time.sleep(0.2)
        assert "\n" not in str(lost.value)
    assert len(workers() - before) <= 1


def test_nothing_survives_a_caller_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "caller.py"
    script.write_text(
        textwrap.dedent(
            """
            import sys, time
            from datetime import UTC, datetime
            from pipeline.extraction.pool import ExtractionPool, Page

            if __name__ == "__main__":
                body = b"<html><body><article>" + b"<p>The talks went on for a long time today.</p>" * 9
                pool = ExtractionPool(2, 60.0)
                list(pool.extract([Page(body, "https://o.example/a")] * 4, now=datetime.now(UTC)))
                print("ready", flush=True)
                time.sleep(60)
            """
        )
    )
    root = Path(__file__).resolve().parents[3]
    caller = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(root)}, text=True
    )
    assert caller.stdout is not None
    try:
        assert caller.stdout.readline().strip() == "ready"
        children = psutil.Process(caller.pid).children(recursive=True)
        assert children
    finally:
        caller.kill()
        caller.wait()
        caller.stdout.close()
    _, alive = psutil.wait_procs(children, timeout=15)
    for process in alive:
        process.kill()
    assert alive == []


def test_an_interrupted_caller_leaves_no_worker() -> None:
    before = workers()
    with pytest.raises(KeyboardInterrupt), ExtractionPool(2, 20.0) as pool:
        for _ in pool.extract([page(i) for i in range(20)], now=NOW):
            raise KeyboardInterrupt
    assert len(workers() - before) <= 1


def test_our_own_fault_on_a_page_is_that_pages_outcome_and_travels_with_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stumble(*_: object, **__: object) -> Article:
        raise AttributeError("'list' object has no attribute 'get'")

    monkeypatch.setattr("pipeline.extraction.extract", stumble)
    result = pickle.loads(pickle.dumps(workers_module._attempt(pool_module.JOB, (page(1), NOW), 20.0)))
    assert isinstance(result, InternalError)
    assert (result.reason, result.url) == ("internal", "https://outlet.example/1")
    assert (result.fault.name, result.fault.place.split(":")[0]) == ("AttributeError", "extraction/pool.py")
    assert "Traceback" in result.fault.trace
    assert result.detail == str(result.fault)
    assert Fault.of(result) == result.fault
