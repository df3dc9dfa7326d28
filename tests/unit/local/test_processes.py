"""What a command starts ends with it: also its children, also when they ignore the request, also after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from pipeline.errors import ConfigurationError, InfrastructureError
from pipeline.local import processes
from pipeline.local.processes import Group, Stopped, stoppable

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
PARENT = [sys.executable, "-c", f"import subprocess; subprocess.run({SLEEP!r})"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
]


def until(done: object, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not done():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_leaving_ends_children_of_children(tmp_path: Path) -> None:
    with Group(tmp_path, tmp_path / "logs") as group:
        member = group.start("parent", PARENT, os.environ)
        until(lambda: psutil.Process(member.popen.pid).children())
        [child] = psutil.Process(member.popen.pid).children()
    assert not child.is_running()
    assert member.popen.returncode is not None
    assert not (tmp_path / "running.json").exists()


def test_who_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "GRACE_SECONDS", 0.3)
    with Group(tmp_path, tmp_path / "logs") as group:
        member = group.start("stubborn", STUBBORN, os.environ)
        until(lambda: processes.last_line(member.log) == "deaf")
    assert not psutil.pid_exists(member.popen.pid)


def test_one_that_ends_by_itself_is_named_with_its_last_words(tmp_path: Path) -> None:
    with Group(tmp_path, tmp_path / "logs") as group:
        member = group.start("weak", [sys.executable, "-c", "raise SystemExit('no disk left')"], os.environ)
        member.popen.wait()
        with pytest.raises(InfrastructureError, match=r"weak ended with status 1; .*: no disk left"):
            group.check()


def test_a_command_that_has_to_succeed(tmp_path: Path) -> None:
    with Group(tmp_path, tmp_path / "logs") as group:
        group.run("fine", [sys.executable, "-c", ""], os.environ)
        group.check()
        with pytest.raises(InfrastructureError, match="bad ended with status 3"):
            group.run("bad", [sys.executable, "-c", "raise SystemExit(3)"], os.environ)


def test_a_folder_has_one_holder(tmp_path: Path) -> None:
    with (
        Group(tmp_path, tmp_path / "logs"),
        pytest.raises(ConfigurationError, match="WIREWATCH_HOME"),
        Group(tmp_path, tmp_path / "logs"),
    ):
        pass


def test_what_a_killed_command_left_is_ended_and_nothing_else(tmp_path: Path) -> None:
    script = (
        "import os, sys, time; from pathlib import Path; from pipeline.local.processes import Group\n"
        "folder = Path(sys.argv[1]); group = Group(folder, folder / 'logs').__enter__()\n"
        f"member = group.start('left', {SLEEP!r}, os.environ)\n"
        "print(member.popen.pid, flush=True); time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=-1, text=True) as command:
        assert command.stdout is not None
        left = psutil.Process(int(command.stdout.readline()))
        processes.sweep(tmp_path)
        assert left.is_running(), "its command lives"
        command.kill()
    processes.sweep(tmp_path)
    assert not left.is_running() or left.status() == psutil.STATUS_ZOMBIE
    processes.sweep(tmp_path)


def test_a_recorded_pid_that_names_another_process_is_left_alone(tmp_path: Path) -> None:
    other = subprocess.Popen(SLEEP)
    (tmp_path / "running.json").write_text(f'[{{"pid": {other.pid}, "created": 1.0}}]')
    processes.sweep(tmp_path)
    assert other.poll() is None
    other.kill()
    other.wait()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_each_way_to_stop_is_the_same_one(name: str) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Stopped, match=name), stoppable():
        assert signal.getsignal(signal.SIGTERM) is not before
        os.kill(os.getpid(), getattr(signal, name))
        time.sleep(5)
    assert signal.getsignal(signal.SIGTERM) is before
