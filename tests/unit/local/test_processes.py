"""What a command starts ends with it: also its children, also when they ignore the request, also after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from pipeline.errors import ConfigurationError, InfrastructureError
from pipeline.local import processes, restarts
from pipeline.local.processes import Group, Stopped, stoppable
from pipeline.local.runner import _replayed
from pipeline.settings import Settings
from tests.support.project import REPOSITORY

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


def looked_after(group: Group) -> bool:
    group.check()
    return True


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


def test_a_kept_one_that_is_killed_is_started_again_without_what_it_left(tmp_path: Path) -> None:
    """As with a scheduler: its workers are children of children, some in process groups of their own."""
    group_of_its_own = f"import subprocess; subprocess.run({SLEEP!r}, process_group=0)"
    said: list[str] = []
    with Group(tmp_path, tmp_path / "logs", said.append) as group:
        member = group.start("parent", [sys.executable, "-c", group_of_its_own], os.environ, kept=True)
        other = group.start("other", SLEEP, os.environ, kept=True)
        first = psutil.Process(member.popen.pid)
        until(first.children)
        [child] = first.children()
        group.check()
        assert said == []
        member.popen.kill()
        member.popen.wait()
        assert child.is_running(), "nobody else ends it"
        group.check()
        assert not child.is_running()
        assert len(said) == 1 and said[0].startswith(
            "parent was killed (SIGKILL), with 1 processes that it left, and is started again in 1 s; see "
        )
        group.check()
        assert member.popen.pid == first.pid, "its time has not come"
        until(lambda: looked_after(group) and member.popen.pid != first.pid)
        second = psutil.Process(member.popen.pid)
        assert second.cmdline() == [sys.executable, "-c", group_of_its_own]
        assert str(second.pid) in (tmp_path / "running.json").read_text()
        assert other.popen.poll() is None
    assert not second.is_running()


def test_a_kept_one_that_ends_again_and_again_is_given_up_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restarts, "FIRST_WAIT_SECONDS", 0.01)
    said: list[str] = []
    with Group(tmp_path, tmp_path / "logs", said.append) as group:
        group.start("weak", [sys.executable, "-S", "-c", "raise SystemExit('no disk left')"], os.environ, kept=True)
        with pytest.raises(InfrastructureError, match=r"weak ended with status 1, 7 times in a row; .*: no disk left"):
            for _ in range(600):
                group.check()
                time.sleep(0.05)
    assert len(said) == restarts.MOST_IN_A_ROW


def test_a_kept_one_is_looked_after_while_a_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restarts, "FIRST_WAIT_SECONDS", 0.01)
    with Group(tmp_path, tmp_path / "logs") as group:
        member = group.start("kept", SLEEP, os.environ, kept=True)
        member.popen.kill()
        first = member.popen.pid
        group.run("other", [sys.executable, "-c", "import time; time.sleep(1)"], os.environ)
        assert member.popen.pid != first and member.popen.poll() is None


def test_the_recorded_web_comes_back_at_its_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restarts, "FIRST_WAIT_SECONDS", 0.01)
    (tmp_path / "recorded").mkdir()
    (tmp_path / "recorded/one.warc.gz").symlink_to(REPOSITORY / "seeds/recorded/2024-06-18.warc.gz")
    with Group(tmp_path, tmp_path / "logs") as group:
        settings = _replayed(Settings(home=tmp_path, seeds=tmp_path), group)
        [member] = group.members
        first = member.popen.pid
        member.popen.kill()
        member.popen.wait()

        def answers() -> bool:
            group.check()
            try:
                return httpx.get(settings.archive_url + "https://nowhere.example/").status_code == 404
            except httpx.TransportError:
                return False

        until(answers, 60)
        assert member.popen.pid != first


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


def test_what_a_killed_command_left_is_found_where_its_own_part_was_killed_too(tmp_path: Path) -> None:
    script = (
        "import os, sys, time; from pathlib import Path; from pipeline.local.processes import Group\n"
        "folder = Path(sys.argv[1]); group = Group(folder, folder / 'logs').__enter__()\n"
        f"member = group.start('left', {PARENT!r}, os.environ)\n"
        "print(member.popen.pid, flush=True); time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=-1, text=True) as command:
        assert command.stdout is not None
        leader = psutil.Process(int(command.stdout.readline()))
        until(leader.children)
        [left] = leader.children()
        command.kill()
        leader.kill()
    until(lambda: not psutil.pid_exists(leader.pid) or leader.status() == psutil.STATUS_ZOMBIE)
    assert left.is_running()
    processes.sweep(tmp_path)
    assert not left.is_running() or left.status() == psutil.STATUS_ZOMBIE


def test_a_record_of_before_the_machine_was_started_means_nobody(tmp_path: Path) -> None:
    other = subprocess.Popen(SLEEP, start_new_session=True)
    child = subprocess.Popen(PARENT, start_new_session=True)
    until(psutil.Process(child.pid).children)
    [left] = psutil.Process(child.pid).children()
    child.kill()
    child.wait()
    (tmp_path / "running.json").write_text(f'[{{"pid": {child.pid}, "created": {psutil.boot_time() - 100}}}]')
    processes.sweep(tmp_path)
    assert left.is_running() and other.poll() is None
    left.kill()
    other.kill()
    other.wait()


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


class Finalised:
    """Something at whose end a signal arrives; what its handler raises there is lost."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)


def test_a_signal_that_falls_into_a_finaliser_is_heard_at_the_next_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)
    reached = False
    with Group(tmp_path, tmp_path / "logs") as group, pytest.raises(Stopped, match="SIGINT"), stoppable():
        Finalised()
        reached = True
        group.check()
    assert reached
    assert len(lost) == 1
    group.check()  # what was asked for is over with the block
