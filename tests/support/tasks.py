"""Tasks for the worker processes of `pipeline.workers`, by name: what documents of strangers may do to a reader."""

from __future__ import annotations

import errno
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from pipeline.workers import Job


@dataclass(frozen=True, slots=True)
class Task:
    """What to do, and the file in which each try leaves a line."""

    what: str
    log: Path

    def tries(self) -> list[str]:
        """The lines that the tries left, ``begin`` and ``end`` of each with the name of the task."""
        return self.log.read_text().splitlines()


def _work(task: Task) -> str:
    with task.log.open("a") as log:
        log.write(f"begin {task.what}\n")
    tries = task.tries().count(f"begin {task.what}")
    match task.what:
        case "spin":
            while True:
                pass
        case "sleep":
            time.sleep(60)
        case "swell":
            bytearray(3 << 30)
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "die once" if tries == 1:
            time.sleep(0.5)  # until the other worker has begun
            os.kill(os.getpid(), signal.SIGKILL)
        case "stumble":
            raise AttributeError("stumbled")
        case "full disk":
            raise OSError(errno.ENOSPC, "No space left on device", "/somewhere")
        case "slowly":
            time.sleep(1.5)
    with task.log.open("a") as log:
        log.write(f"end {task.what}\n")
    return task.what


def _address(task: Task) -> str:
    return f"https://outlet.example/{task.what}"


JOB: Job[Task, str] = Job(
    "test", _work, _address, timeout="timeout-test", too_large="too-large-test", preload="tests.support.tasks"
)
