"""A command that is asked to end while it ends by itself says nothing of it."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.support.programs import plain_environment
from tests.support.project import REPOSITORY

LETTING_GO = """
import atexit, os, signal, sys, threading, time
from pipeline import cli

def letting_go():
    threading.main_thread().join()  # the command is over, and the process lets go of what is left, this thread first
    os.kill(os.getpid(), signal.{name})
    time.sleep(0.2)

threading.Thread(target=letting_go).start()
atexit.register(print, "let go")
sys.argv = ["wirewatch", {argument!r}]
cli.main()
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize(("argument", "status"), [("--help", 0), ("nothing-of-ours", 2)])
def test_a_signal_while_it_lets_go_of_things_changes_nothing(name: str, argument: str, status: int) -> None:
    script = LETTING_GO.format(name=name, argument=argument)
    ended = subprocess.run(
        [sys.executable, "-c", script], env=plain_environment(), cwd=REPOSITORY, text=True, capture_output=True,
        check=False, timeout=120,
    )  # fmt: skip
    assert "Traceback" not in ended.stderr
    assert ended.returncode == status
    assert ended.stdout.endswith("let go\n")


def test_the_signals_are_heard_while_it_works() -> None:
    script = LETTING_GO.format(name="SIGTERM", argument="feeds").replace(
        "cli.main()", "cli.app = lambda **_: (working.set(), time.sleep(60))\ncli.main()"
    )
    script = script.replace("threading.main_thread().join()", "working.wait()")
    script = script.replace("\ndef ", "\nworking = threading.Event()\n\ndef ", 1)
    ended = subprocess.run(
        [sys.executable, "-c", script], env=plain_environment(), cwd=REPOSITORY, text=True, capture_output=True,
        check=False, timeout=120,
    )  # fmt: skip
    assert ended.returncode == 128 + signal.SIGTERM
    assert ended.stderr == "wirewatch: stopped; what was done stays, and the next run goes on from there\n"


def test_whoever_runs_a_command_in_its_own_process_still_hears_signals() -> None:
    script = LETTING_GO.replace("os.kill(os.getpid(), signal.{name})", "pass").replace(
        "cli.main()",
        "try:\n    cli.main()\nexcept SystemExit:\n    print(signal.getsignal(signal.SIGTERM) == signal.SIG_IGN)",
    )
    ended = subprocess.run(
        [sys.executable, "-c", script.format(argument="--help")], env=plain_environment(), cwd=REPOSITORY, text=True,
        capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert ended.stdout.endswith("False\nlet go\n")
