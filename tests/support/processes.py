"""Which processes belong to a folder."""

from __future__ import annotations

import contextlib
from pathlib import Path

import psutil


def of_home(home: Path) -> list[psutil.Process]:
    """Processes that name the folder, or were started with it as WIREWATCH_HOME."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if str(home) in " ".join(process.cmdline()) or process.environ().get("WIREWATCH_HOME") == str(home):
                found.append(process)
    return found
