"""Processes that a command starts and ends with: each with a log file, all of them gone when the command is.

Each is the leader of a session of its own. What it starts stays in that session, and is found by it when the leader
was killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from pipeline.errors import ConfigurationError, InfrastructureError
from pipeline.local import restarts

# Our steps lose nothing when they are killed, so a task that is busy does not hold up the end for long.
GRACE_SECONDS = 8.0
#: How long what a process started is left to it, before it is asked to end as well.
PARENT_SECONDS = 1.5


@dataclass(slots=True, eq=False)
class Running:
    """One started process and where it writes; with `kept` it is started again when it ends by itself.

    `in_a_row` counts ends that came soon after their starts, and `due` is when the next start is, while it is down.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    popen: subprocess.Popen[bytes]
    started: float
    kept: bool = False
    in_a_row: int = 0
    due: float | None = None

    def check(self) -> None:
        """Raise `InfrastructureError` with the last line of the log where the process has ended."""
        status = self.popen.poll()
        if status is not None:
            raise InfrastructureError(f"{self.name} {_how(status)}; see {self.log}: {last_line(self.log)}")


def _how(status: int) -> str:
    if status < 0:
        return f"was killed ({signal.Signals(-status).name})"
    return f"ended with status {status}"


def last_line(log: Path) -> str:
    """The last line of a log that says anything; empty where there is none."""
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1].strip() if lines else ""


class Group:
    """The processes of one command. Enter it to hold `folder` alone; leaving it ends everything it started.

    `sweep` the folder first. `say` is told in one line of each kept process that ended and is started again. Raises
    `ConfigurationError` where another command holds it.
    """

    def __init__(self, folder: Path, logs: Path, say: Callable[[str], None] = lambda line: None) -> None:
        self.folder = folder
        self.logs = logs
        self.members: list[Running] = []
        self._say = say
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
            up = [member for member in self.members if member.due is None]  # of the others nothing was left
            _end([process for member in up for process in _all_of(member.popen.pid)])
            for member in self.members:
                member.popen.wait()
            self.members.clear()
            self._record.unlink(missing_ok=True)
            self._lock.close()

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], *, kept: bool = False
    ) -> Running:
        """Start a process in a session of its own, so that Ctrl-C reaches only the one that ends it in order.

        It starts in the caller's folder, so that a relative path in a setting means what the user meant. `check` starts
        a `kept` one again when it ends.
        """
        log = self.logs / f"{name}.log"
        popen = _launch(command, environment, log)
        member = Running(name, command, environment, log, popen, time.monotonic(), kept)
        self.members.append(member)
        self._write_record()
        return member

    def run(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a process and wait for its end; `InfrastructureError` where its status is not 0.

        The kept ones are looked after meanwhile.
        """
        member = self.start(name, command, environment)
        while member.popen.poll() is None:
            for other in self.members:
                if other.kept:
                    self._tend(other)
            time.sleep(0.05)
        if member.popen.returncode != 0:
            member.check()
        self.members.remove(member)

    def check(self) -> None:
        """Start again what ended and is kept, when its time has come.

        Raises `InfrastructureError` naming the first other member that has ended by itself, or a kept one that ends
        again and again, and `Stopped` where that was asked for.
        """
        end_if_asked()
        for member in self.members:
            if member.kept:
                self._tend(member)
            else:
                member.check()

    def _tend(self, member: Running) -> None:
        now = time.monotonic()
        if member.due is not None:
            if now >= member.due:
                member.popen = _launch(member.command, member.environment, member.log)
                member.started, member.due = now, None
                self._write_record()
            return
        status = member.popen.poll()
        if status is None:
            return
        # What it had started works on without it, for an hour where it is a task: nobody would look after it.
        orphans = _kill(_session(member.popen.pid))
        outcome = restarts.ended(member.in_a_row, now - member.started)
        member.in_a_row = outcome.in_a_row
        if outcome.wait is None:
            raise InfrastructureError(
                f"{member.name} {_how(status)}, {outcome.in_a_row} times in a row; "
                f"see {member.log}: {last_line(member.log)}"
            )
        member.due = time.monotonic() + outcome.wait
        left = f", with {orphans} processes that it left," if orphans else ""
        self._say(f"{member.name} {_how(status)}{left} and is started again in {outcome.wait:.0f} s; see {member.log}")

    def _write_record(self) -> None:
        entries = []
        for member in self.members:
            with contextlib.suppress(psutil.NoSuchProcess):
                pid = member.popen.pid
                entries.append({"pid": pid, "created": psutil.Process(pid).create_time()})
        partial = self._record.with_suffix(".new")
        partial.write_text(json.dumps(entries))
        partial.replace(self._record)


def _launch(command: Sequence[str], environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=dict(environment),
            start_new_session=True,
        )


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
    """Processes in the record that still live, with all that they started, also where they ended themselves since.

    A number that now names another process is not ours, nor is any from before the machine was started.
    """
    try:
        entries = json.loads(record.read_text())
    except (FileNotFoundError, ValueError):
        return []
    found: list[psutil.Process] = []
    for entry in entries:
        if entry["created"] < psutil.boot_time() - 1:
            continue
        try:
            if abs(psutil.Process(entry["pid"]).create_time() - entry["created"]) < 1:
                found += _all_of(entry["pid"])
        except psutil.NoSuchProcess:
            found += _session(entry["pid"])  # the number is given to nobody else while its session lives
    return found


def _all_of(pid: int) -> list[psutil.Process]:
    """A process, what is below it, and what is left in its session of what it started."""
    return list(dict.fromkeys([*_tree(pid), *_session(pid)]))


def _tree(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _session(pid: int) -> list[psutil.Process]:
    """Live processes of this user in the session that the process `pid` began, whether or not it is still there."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError, PermissionError):
            ours = os.getsid(process.pid) == pid and process.uids().real == os.getuid()
            if ours and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def _kill(processes: list[psutil.Process]) -> int:
    """End the processes at once; how many there were."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=GRACE_SECONDS)
    return len(processes)


def _end(processes: Iterable[psutil.Process]) -> None:
    """Ask each to end; whoever has not after a while is killed, with what it started in the meantime.

    What another of them started is asked a little later: Airflow's triggerer waits ten seconds in vain for a child that
    ended before it could end it.
    """
    deadline = time.monotonic() + GRACE_SECONDS
    asked = list(processes)
    parents = [process for process in asked if _parent(process) not in asked]
    _ask(parents)
    _, alive = psutil.wait_procs(asked, timeout=PARENT_SECONDS)
    _ask([process for process in alive if process not in parents])
    _, alive = psutil.wait_procs(alive, timeout=max(0.0, deadline - time.monotonic()))
    late = [child for process in alive for child in _tree(process.pid)]
    for process in {*alive, *late}:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs({*alive, *late}, timeout=GRACE_SECONDS)


def _ask(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()


def _parent(process: psutil.Process) -> psutil.Process | None:
    try:
        found: psutil.Process | None = process.parent()
    except psutil.NoSuchProcess:
        return None
    return found


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


# The signal that asked. What a handler raises while an object is finalised is lost
# (https://docs.python.org/3/reference/datamodel.html#object.__del__), so that whoever waits looks here as well.
_asked: list[str] = []


def end_if_asked() -> None:
    """Raise `Stopped` where a signal has asked for it within `stoppable`."""
    if _asked:
        raise Stopped(_asked[0])


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Within it the first SIGINT, SIGTERM or SIGHUP raises `Stopped`; more of them do not break off the stopping."""

    def stop(number: int, _frame: object) -> None:
        for name in names:
            signal.signal(name, signal.SIG_IGN)
        _asked.append(signal.Signals(number).name)
        end_if_asked()

    names = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {name: signal.signal(name, stop) for name in names}
    try:
        yield
    finally:
        _asked.clear()
        for name, handler in before.items():
            signal.signal(name, handler)


def environment_with(values: Mapping[str, str]) -> dict[str, str]:
    """This process's environment and `values`; what the user has set of them wins."""
    return dict(values) | dict(os.environ)
