"""Processes that a command starts and ends with: each with a log file, all of them gone when the command is."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from pipeline.errors import ConfigurationError, InfrastructureError

# Our steps lose nothing when they are killed, so a task that is busy does not hold up the end for long.
GRACE_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Running:
    """One started process and where it writes."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path

    def check(self) -> None:
        """Raise `InfrastructureError` with the last line of the log where the process has ended."""
        status = self.popen.poll()
        if status is not None:
            raise InfrastructureError(f"{self.name} ended with status {status}; see {self.log}: {last_line(self.log)}")


def last_line(log: Path) -> str:
    """The last line of a log that says anything; empty where there is none."""
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1].strip() if lines else ""


class Group:
    """The processes of one command. Enter it to hold `folder` alone; leaving it ends everything it started.

    `sweep` the folder first. Raises `ConfigurationError` where another command holds it.
    """

    def __init__(self, folder: Path, logs: Path) -> None:
        self.folder = folder
        self.logs = logs
        self.members: list[Running] = []
        self._record = folder / "running.json"

    def __enter__(self) -> Group:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.logs.mkdir(parents=True, exist_ok=True)
        self._lock = (self.folder / "running.lock").open("a+")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise ConfigurationError(
                f"Wirewatch already runs in {self.folder}; stop it there, or set WIREWATCH_HOME to another folder"
            ) from None
        return self

    def __exit__(self, *_exception: object) -> None:
        with _uninterrupted():
            _end([process for member in self.members for process in _tree(member.popen.pid)])
            for member in self.members:
                member.popen.wait()
            self.members.clear()
            self._record.unlink(missing_ok=True)
            self._lock.close()

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Running:
        """Start a process in a session of its own, so that Ctrl-C reaches only the one that ends it in order.

        It starts in the caller's folder, so that a relative path in a setting means what the user meant.
        """
        log = self.logs / f"{name}.log"
        with log.open("ab") as out:
            popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=dict(environment),
                start_new_session=True,
            )
        member = Running(name, popen, log)
        self.members.append(member)
        entries = [{"pid": m.popen.pid, "created": psutil.Process(m.popen.pid).create_time()} for m in self.members]
        self._record.write_text(json.dumps(entries))
        return member

    def run(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a process and wait for its end; `InfrastructureError` where its status is not 0."""
        member = self.start(name, command, environment)
        if member.popen.wait() != 0:
            member.check()
        self.members.remove(member)

    def check(self) -> None:
        """Raise `InfrastructureError` naming the first member that has ended by itself."""
        for member in self.members:
            member.check()


def sweep(folder: Path) -> None:
    """End what a killed command left running; nothing where another command holds the folder or none ever did."""
    if not (folder / "running.json").exists():
        return
    with (folder / "running.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        _end(_left_behind(folder / "running.json"))
        (folder / "running.json").unlink(missing_ok=True)


def _left_behind(record: Path) -> list[psutil.Process]:
    """Processes in the record that still live, with all below them; a pid that now names another one is not ours."""
    try:
        entries = json.loads(record.read_text())
    except (FileNotFoundError, ValueError):
        return []
    found = []
    for entry in entries:
        with contextlib.suppress(psutil.NoSuchProcess):
            if abs(psutil.Process(entry["pid"]).create_time() - entry["created"]) < 1:
                found += _tree(entry["pid"])
    return found


def _tree(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _end(processes: Iterable[psutil.Process]) -> None:
    """Ask each to end; whoever has not after a while is killed, with what it started in the meantime."""
    asked = list(processes)
    for process in asked:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    _, alive = psutil.wait_procs(asked, timeout=max(0.0, deadline - time.monotonic()))
    late = [child for process in alive for child in _tree(process.pid)]
    for process in {*alive, *late}:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs({*alive, *late}, timeout=GRACE_SECONDS)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """A second Ctrl-C must not leave half of it running."""
    names = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {name: signal.signal(name, signal.SIG_IGN) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


class Stopped(BaseException):
    """Somebody asked the command to end: Ctrl-C, SIGTERM, or the terminal was closed."""


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Within it the first SIGINT, SIGTERM or SIGHUP raises `Stopped`; more of them do not break off the stopping."""

    def stop(number: int, _frame: object) -> None:
        for name in names:
            signal.signal(name, signal.SIG_IGN)
        raise Stopped(signal.Signals(number).name)

    names = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {name: signal.signal(name, stop) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def environment_with(values: Mapping[str, str]) -> dict[str, str]:
    """This process's environment and `values`; what the user has set of them wins."""
    return dict(values) | dict(os.environ)
