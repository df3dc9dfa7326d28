"""Commands of `wirewatch` as processes that are forked instead of started: with all imports done, each costs 10 ms.

A line of JSON on stdin ({"name", "arguments", "environment", "output"}) starts one in a session of its own; its pid
and later its end are lines of JSON on stdout. What runs in the child is what the program's own script runs.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import sys
import traceback
from typing import Any


def preload() -> None:
    """Import what the commands would; no thread is started and no model is loaded."""
    for name in ("pipeline.cli", "sentence_transformers", "torch", "scipy.sparse", "trafilatura"):
        importlib.import_module(name)
    from pipeline import steps

    for verb in steps.__all__:
        getattr(steps, verb)


def serve() -> dict[str, Any] | None:
    """Start and await commands until stdin ends; in a child the command that it is to run."""
    names: dict[int, str] = {}
    buffered = b""
    while True:
        ready, _, _ = select.select([0], [], [], 0.01)
        if ready:
            read = os.read(0, 65_536)
            if not read:
                return None
            *lines, buffered = (buffered + read).split(b"\n")
            for line in lines:
                command: dict[str, Any] = json.loads(line)
                pid = os.fork()
                if pid == 0:
                    return command
                names[pid] = command["name"]
                _say({"name": command["name"], "pid": pid})
        while names:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            _say({"name": names.pop(pid), "status": os.waitstatus_to_exitcode(status)})


def _say(line: dict[str, Any]) -> None:
    os.write(1, json.dumps(line).encode() + b"\n")


def become(command: dict[str, Any]) -> None:
    """Turn this child into the command: its session, its environment, its streams; then run it."""
    os.setsid()
    out = os.open(command["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (out, 1), (out, 2)):
        os.dup2(source, target)
    os.environ.clear()
    os.environ.update(command["environment"])
    sys.argv = ["wirewatch", *command["arguments"]]
    from pipeline import cli

    try:
        cli.main()
    except Exception:
        traceback.print_exc()
        sys.exit(1)


if __name__ == "__main__":
    preload()
    _say({"name": "", "pid": os.getpid()})
    if (asked := serve()) is not None:
        become(asked)
