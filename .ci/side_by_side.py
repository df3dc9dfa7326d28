"""Run the tests in two halves side by side, one a core, and say what they cover together.

``make test`` runs it. Each line is printed as it comes, behind the number of its half. What is given to this script
goes to both runs of pytest. The status is that of the half that failed.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
BUILD = REPOSITORY / "build"
FIRST = ("dags", "eval", "faults")
"""About half of the time. All other folders with tests are in the second half, so that none can be left out."""


def halves(tests: Path) -> list[list[str]]:
    """The folders with tests, in two halves."""
    found = sorted({path.relative_to(tests).parts[0] for path in tests.rglob("test_*.py")})
    return [[name for name in found if (name in FIRST) == first] for first in (True, False)]


def started(number: int, folders: list[str], options: list[str]) -> subprocess.Popen[str]:
    """A run of pytest over some folders that writes what it covers."""
    paths = [f"tests/{name}" for name in folders]
    command = [sys.executable, "-m", "slipcover", "--json", "--out", str(covered(number)), "-m", "pytest"]
    return subprocess.Popen(
        [*command, *options, *paths], cwd=REPOSITORY, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def covered(number: int) -> Path:
    """Where a half writes what it covers."""
    return BUILD / f"coverage-{number}.json"


def told(number: int, run: subprocess.Popen[str]) -> None:
    """Print the lines of a run as they come."""
    assert run.stdout is not None
    with run.stdout:
        for line in run.stdout:
            sys.stdout.write(f"{number}| {line}")
            sys.stdout.flush()


def main(options: list[str]) -> int:
    """Run both halves and merge what they cover; returns the first exit status that is not 0."""
    BUILD.mkdir(exist_ok=True)
    runs = [started(number, folders, options) for number, folders in enumerate(halves(REPOSITORY / "tests"), 1)]
    readers = [threading.Thread(target=told, args=each) for each in enumerate(runs, 1)]
    for reader in readers:
        reader.start()
    # A Ctrl-C reaches both by the terminal; what they still have to say is waited for.
    with contextlib.suppress(KeyboardInterrupt):
        for reader in readers:
            reader.join()
    failed = [status for run in runs if (status := run.wait())]
    if failed:
        return abs(failed[0])
    parts = [str(covered(number)) for number in (1, 2)]
    merged = ["--merge", *parts, "--json", "--out", str(BUILD / "coverage.json")]
    return subprocess.run([sys.executable, "-m", "slipcover", *merged], cwd=REPOSITORY, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
