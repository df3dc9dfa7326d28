"""Who may be killed: the processes of one home, by their part in it."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psutil

# Aux processes of the server die seldom by themselves; an OOM kill or a bug ends a backend.
_SERVANTS = ("checkpointer", "walwriter", "background writer", "autovacuum", "logical replication", "io worker")


@dataclass(frozen=True, slots=True)
class Kill:
    """One killing: what part, which process of it, and how."""

    part: str
    pid: int
    way: str

    def __str__(self) -> str:
        return f"{self.way} {self.part} ({self.pid})"


def postmaster(home: Path) -> psutil.Process | None:
    """The embedded server of a home, if it runs."""
    data = home / "postgres" / "data"
    with contextlib.suppress(FileNotFoundError, ValueError, psutil.Error):
        process = psutil.Process(int((data / "postmaster.pid").read_text().split("\n", 1)[0]))
        if process.name() == "postgres" and str(data.resolve()) in process.cmdline():
            return process
    return None


def server_parts(home: Path) -> dict[str, list[psutil.Process]]:
    """``postmaster``, ``backend`` and ``servant`` -> the live processes of the home's server."""
    found: dict[str, list[psutil.Process]] = {"postmaster": [], "backend": [], "servant": []}
    server = postmaster(home)
    if server is None:
        return found
    found["postmaster"].append(server)
    for child in _children(server):
        with contextlib.suppress(psutil.Error):
            title = " ".join(child.cmdline())
            found["servant" if any(name in title for name in _SERVANTS) else "backend"].append(child)
    return found


def command_parts(commands: Sequence[int]) -> dict[str, list[psutil.Process]]:
    """``command`` and ``extraction`` -> the processes of these commands, and those they started but for the server."""
    found: dict[str, list[psutil.Process]] = {"command": [], "extraction": []}
    for pid in commands:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            if process.status() != psutil.STATUS_ZOMBIE:
                found["command"].append(process)
                found["extraction"] += [child for child in _children(process) if not _is_spared(child)]
    return found


def _is_spared(process: psutil.Process) -> bool:
    """The server, which has a part of its own, and what Python starts to tidy up after the others."""
    try:
        return process.name() == "postgres" or "resource_tracker" in " ".join(process.cmdline())
    except psutil.Error:
        return True


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.Error:
        return []


def strike(random: Random, parts: dict[str, list[psutil.Process]], weights: dict[str, float]) -> Kill | None:
    """Kill one process of a part that has any, chosen by weight; None where there is nobody."""
    present = [part for part in weights if parts.get(part)]
    if not present:
        return None
    part = random.choices(present, [weights[part] for part in present])[0]
    victim = random.choice(sorted(parts[part], key=lambda process: process.pid))
    way = "KILL"
    # What ends a command is mostly somebody who asks; a process may also stand still before it is killed.
    if part in ("command", "task"):
        way = random.choices(["KILL", "TERM", "STOP"], [5, 3, 2])[0]
    pause = random.uniform(0.0, 0.3)
    try:
        if way == "STOP":
            victim.send_signal(signal.SIGSTOP)
            time.sleep(pause)
        if way in ("KILL", "STOP"):
            victim.kill()
        else:
            victim.send_signal(signal.SIGTERM if way == "TERM" else signal.SIGINT)
    except psutil.NoSuchProcess:
        return None
    return Kill(part, victim.pid, way)
