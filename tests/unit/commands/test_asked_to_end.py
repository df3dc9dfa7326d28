"""A command that is asked to end does, also where the signal falls into a finaliser, whose exceptions Python drops."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.support.programs import plain_environment
from tests.support.project import REPOSITORY

COMMAND = """
import os, signal, time
from pipeline import cli

class Finalised:
    def __del__(self):
        os.kill(os.getpid(), {number})
        time.sleep(0.01)

def app(prog_name):
    Finalised()
    print("went on", flush=True)
    time.sleep(60)

# Ignored where the tests were started in the background, or to outlive their terminal.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
cli.app = app
cli.main()
"""


@pytest.mark.parametrize(
    ("asked", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=lambda each: str(each)
)
def test_a_signal_that_falls_into_a_finaliser_ends_the_command(asked: signal.Signals, status: int) -> None:
    command = [sys.executable, "-c", COMMAND.format(number=int(asked))]
    ended = subprocess.run(
        command, env=plain_environment(), cwd=REPOSITORY, capture_output=True, text=True, timeout=50, check=False
    )
    assert ended.stdout == "went on\n"
    assert ended.stderr == "wirewatch: stopped; what was done stays, and the next run goes on from there\n"
    assert ended.returncode == status


def test_what_else_a_finaliser_raises_is_said_as_python_does() -> None:
    command = [sys.executable, "-c", COMMAND.format(number=0).replace("time.sleep(60)", "pass").replace("0.01", "-1")]
    ended = subprocess.run(
        command, env=plain_environment(), cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0
    assert "Exception ignored in" in ended.stderr
    assert "ValueError" in ended.stderr
