"""The same processes start where Celery runs Airflow's tasks: in a fork of a daemonic process of billiard's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.project import REPOSITORY

pytest.importorskip("billiard", reason="the extra `celery` is not installed")

# As Celery has it: the worker's child is a daemon of billiard's. As Airflow has it: the task runs in a fork of that.
WITHIN = """
import os, sys
from pathlib import Path

import billiard


def task():
    from multiprocessing import current_process

    from pipeline.workers import Workers
    from tests.support.tasks import JOB, Task

    assert current_process().daemon
    with Workers(JOB, 2, 0.5) as workers:
        tasks = [Task(name, Path(sys.argv[1])) for name in ("well", "spin", "die", "well")]
        for _, result in workers.results(tasks):
            print(getattr(result, "reason", result), flush=True)


def child():
    if pid := os.fork():
        os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    task()


if __name__ == "__main__":
    worker = billiard.Process(target=child, daemon=True)
    worker.start()
    worker.join()
    raise SystemExit(worker.exitcode)
"""


def test_in_a_task_of_a_celery_worker_documents_are_read_and_bounded(tmp_path: Path) -> None:
    program = tmp_path / "within.py"
    program.write_text(WITHIN)
    command = [sys.executable, "-W", "ignore::DeprecationWarning", str(program), str(tmp_path / "tries")]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=REPOSITORY, env={"PYTHONPATH": str(REPOSITORY)}
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["well", "timeout-test", "worker-lost", "well"]
