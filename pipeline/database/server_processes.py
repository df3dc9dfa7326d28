"""Which processes are those of an embedded server, and ending them by escalation.

A server that lost one of its processes starts the others anew. A fast shutdown that arrives meanwhile leaves Postgres
18 at "shutting down" for ever: its startup process ends, and nobody tells the checkpointer to. Nothing that was
committed is lost by ending a server hard: the next start replays the log. The signals are those of
https://www.postgresql.org/docs/18/server-shutdown.html.
"""

from __future__ import annotations

import contextlib
import logging
import signal
import subprocess
import time
from pathlib import Path

import psutil

from pipeline.database import server_folder
from pipeline.errors import InfrastructureError

log = logging.getLogger(__name__)

#: Seconds that each way to end a server gets: fast (transactions under way are rolled back, what is in memory is
#: written), immediate (Postgres itself kills what has not ended after 5), and the kernel's.
FAST_SECONDS = 10.0
IMMEDIATE_SECONDS = 8.0
KILL_SECONDS = 10.0

#: Seconds without any work of its processes after which one that is asked to stop counts as stuck.
STUCK_SECONDS = 2.0

#: Servers started by this process. Kept so that their exit status is collected and no zombie is left.
children: dict[int, subprocess.Popen[bytes]] = {}


def running_pid(home: Path) -> int | None:
    """Pid of the live postmaster of this home, or None; removes a pid file that names no server of ours.

    After a crash the number may belong to any other program, and Postgres would then refuse to start.
    """
    file = server_folder.data(home) / "postmaster.pid"
    try:
        pid = int(file.read_text().split("\n", 1)[0])
        if _is_ours(psutil.Process(pid), server_folder.data(home).resolve()):
            return pid
    except FileNotFoundError:
        return None
    except (ValueError, psutil.NoSuchProcess):
        pass
    file.unlink(missing_ok=True)
    return None


def state(home: Path) -> str:
    """What the postmaster wrote of itself into its pid file: starting, ready, stopping; empty where it wrote nothing.

    The eighth line, which pg_ctl reads as well.
    """
    try:
        lines = (server_folder.data(home) / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return ""
    return lines[7].strip() if len(lines) > 7 else ""


def of_home(home: Path) -> list[psutil.Process]:
    """Every live process of this home's server, its postmaster or none: all of them stand in the data directory."""
    data = server_folder.data(home).resolve()
    return [process for process in psutil.process_iter() if _is_ours(process, data)]


def _is_ours(process: psutil.Process, data: Path) -> bool:
    try:
        if process.name() != "postgres" or process.status() == psutil.STATUS_ZOMBIE:
            return False
        return str(data) in process.cmdline() or process.cwd() == str(data)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def replays(pid: int) -> bool:
    """Whether one of a postmaster's processes replays the log; Postgres calls that one ``startup``."""
    with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        for process in psutil.Process(pid).children():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                if " ".join(process.cmdline()).startswith("postgres: startup"):
                    return True
    return False


def work_done(pid: int) -> float:
    """Seconds of processor time that a postmaster and its processes have used: whether one that is silent works.

    Not a number, and so unequal to itself, while one of them waits for a core or the disk.
    """
    total = 0.0
    with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        postmaster = psutil.Process(pid)
        for process in (postmaster, *postmaster.children()):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                times = process.cpu_times()
                total += times.user + times.system
                if process.status() in (psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP):
                    return float("nan")  # waits for a core or the disk: at work, and never equal to what it was
    return total


def end(home: Path, pid: int, patience: float | None = None) -> None:
    """End the server, politely first: fast, after `patience` seconds immediate, then by the kernel.

    Returns when no process of it is left. What had to be done beyond asking is said in one line of the log. Raises
    `InfrastructureError` where not even the kernel ends it (its disk does not answer).
    """
    patience = FAST_SECONDS if patience is None else patience
    for number, seconds in ((signal.SIGINT, patience), (signal.SIGQUIT, IMMEDIATE_SECONDS)):
        _signal(pid, number)
        if _ended(pid, seconds):
            break
    if hard := end_leftovers(home, say=False):
        said = f"{hard} processes of it were killed"
    elif number != signal.SIGINT:
        said = "it was stopped at once"
    else:
        return
    log.warning("the embedded Postgres did not stop, so %s; nothing is lost, its next start replays its log", said)


def end_leftovers(home: Path, *, say: bool = True) -> int:
    """Kill what is left of a server, its postmaster with it; how many processes that were.

    A postmaster that was killed can leave one at work that still writes, and no other server starts until it is gone.
    """
    found = of_home(home)
    if not found:
        return 0
    deadline = time.monotonic() + KILL_SECONDS
    while left := of_home(home):
        if time.monotonic() > deadline:
            raise InfrastructureError(
                f"the embedded Postgres (pid {left[0].pid}) does not even end when it is killed; "
                f"see {server_folder.log_file(home)}"
            )
        for process in left:
            _signal(process.pid, signal.SIGKILL)
        time.sleep(0.02)
    for pid in [pid for pid in children if not lives(pid)]:
        del children[pid]
    if say:
        log.warning(
            "%d processes of an embedded Postgres that was killed were still there and were ended; "
            "nothing is lost, the start replays its log",
            len(found),
        )
    return len(found)


def _ended(pid: int, seconds: float) -> bool:
    """Whether the postmaster ends within the time, which is over early where nothing of it works any more."""
    now = time.monotonic()
    deadline, quiet_since, work = now + seconds, now, -1.0
    while lives(pid):
        now = time.monotonic()
        if (done := work_done(pid)) != work:
            work, quiet_since = done, now
        if now > deadline or now - quiet_since > STUCK_SECONDS:
            return False
        time.sleep(0.01)
    children.pop(pid, None)
    return True


def lives(pid: int) -> bool:
    """Whether the process is there and no zombie, whoever started it."""
    child = children.get(pid)
    if child is not None:
        return child.poll() is None
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(pid).send_signal(number)
