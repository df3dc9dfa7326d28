"""Run the tests in two halves side by side, one a core, and say what they cover together.

``make test`` runs it. Each line is printed as it comes, behind the number of its half; what failed, and how each half
ended, is said once more at the end. What is given to this script goes to both runs of pytest. The status is that of the
half that failed.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
BUILD = REPOSITORY / "build"
FIRST = ("dags", "eval", "faults")
"""About half of the time. All other folders with tests are in the second half, so that none can be left out."""
_SLOWEST = ("--durations=10", "--durations-min=5")


class Half:
    """A run of pytest over some folders, which writes what it covers and whose lines are printed."""

    def __init__(self, number: int, folders: list[str], options: list[str]) -> None:
        self.covered = BUILD / f"coverage-{number}.json"
        self.failed: list[str] = []
        self.last = ""
        self._number = number
        measured = [sys.executable, "-m", "slipcover", "--json", "--out", str(self.covered), "-m", "pytest"]
        # In a group of its own it hears a Ctrl-C once, from here, also where only this process was asked to end.
        self.process = subprocess.Popen(
            [*measured, *_SLOWEST, *options, *(f"tests/{name}" for name in folders)],
            cwd=REPOSITORY, text=True, process_group=0,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.say(line)
                self.last = line if line.strip() else self.last
                if line.startswith(("FAILED ", "ERROR ")):
                    self.failed.append(line)

    def say(self, line: str) -> None:
        """Print a line of this half."""
        sys.stdout.write(f"{self._number}| {line}")
        sys.stdout.flush()


def folders(tests: Path) -> list[list[str]]:
    """The folders with tests, in two halves."""
    found = sorted({path.relative_to(tests).parts[0] for path in tests.rglob("test_*.py")})
    return [[name for name in found if (name in FIRST) == first] for first in (True, False)]


@contextlib.contextmanager
def interrupting(halves: list[Half]) -> Iterator[threading.Event]:
    """Asked to end, interrupt the halves that there are as a Ctrl-C would; the event says that it was asked."""
    ended = threading.Event()

    def interrupt(*_: object) -> None:
        ended.set()
        for half in halves:
            half.process.send_signal(signal.SIGINT)

    asked = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {each: found for each in asked if (found := signal.getsignal(each)) != signal.SIG_IGN}
    for each in before:
        signal.signal(each, interrupt)
    yield ended
    for each, handler in before.items():
        signal.signal(each, handler)


def main(options: list[str]) -> int:
    """Run both halves and merge what they cover; returns the first exit status that is not 0.

    Where it is asked to end, it waits while the halves end what their tests had started.
    """
    BUILD.mkdir(exist_ok=True)
    halves: list[Half] = []
    with interrupting(halves) as ended:
        for number, names in enumerate(folders(REPOSITORY / "tests"), 1):
            if not ended.is_set():
                halves.append(Half(number, names, options))
        for half in halves:
            half.reader.join()
        failed = [status for half in halves if (status := half.process.wait())]
    for half in halves:
        for line in (*half.failed, half.last):
            half.say(line)
    if failed or ended.is_set():
        return abs(failed[0]) if failed else 1
    merged = ["--merge", *(str(half.covered) for half in halves), "--json", "--out", str(BUILD / "coverage.json")]
    merge = [sys.executable, "-m", "slipcover", *merged]
    return subprocess.run(merge, cwd=REPOSITORY, stdout=subprocess.DEVNULL, check=False).returncode  # its table is long


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
