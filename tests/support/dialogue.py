"""A command of ours asked at a real terminal: it asks, we answer, and what stands on the screen is kept."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.programs import plain_environment
from tests.support.project import REPOSITORY

CTRL_C, CTRL_D = b"\x03", b"\x04"
_PATIENCE = 60.0  # seconds without a word, on a busy machine


@dataclass(frozen=True, slots=True)
class Dialogue:
    """How it ended: the exit status, and all that stood on the screen."""

    status: int
    screen: str


def talk(
    arguments: Sequence[str],
    exchange: Sequence[tuple[str, str | bytes | None]],
    *,
    piped: Path | None = None,
    **environment: str,
) -> Dialogue:
    """Call the program, and answer when it has said the first of each pair with the second: a line, keys, or nothing.

    Its stdout goes to the file `piped` where one is given, and its questions stay on the screen.
    """
    ours, theirs = pty.openpty()
    settings = {f"WIREWATCH_{name.upper()}": value for name, value in environment.items()}
    with (piped or Path(os.devnull)).open("wb") as elsewhere:
        program = subprocess.Popen(
            [sys.executable, "-m", "pipeline", *arguments], cwd=REPOSITORY, stdin=theirs,
            stdout=elsewhere if piped else theirs, stderr=theirs, start_new_session=True,
            env=plain_environment(TERM="xterm", PYTHONUTF8="1", **settings),
            preexec_fn=_as_a_terminal_does,
        )  # fmt: skip
    os.close(theirs)
    heard, upto = b"", 0
    try:
        for until, answer in exchange:
            while (at := heard.find(until.encode(), upto)) < 0:
                heard += _more(ours) or _fell_silent(until, heard)
            upto = at + len(until.encode())
            if answer is not None:
                _type(ours, answer if isinstance(answer, bytes) else f"{answer}\n".encode())
        while more := _more(ours):
            heard += more
        status = program.wait(_PATIENCE)
    finally:
        program.kill()
        program.wait()
        os.close(ours)
    return Dialogue(status, heard.decode("utf-8", "replace").replace("\r", ""))


def _as_a_terminal_does() -> None:
    """It is the program's own, and its Ctrl-C is heard, also where the tests run in the background of a shell."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _more(terminal: int) -> bytes:
    """What else is said; nothing after the end."""
    if not select.select([terminal], [], [], _PATIENCE)[0]:
        return b""
    try:
        return os.read(terminal, 65_536)
    except OSError:  # the other end is closed
        return b""


def _fell_silent(until: str, heard: bytes) -> bytes:
    raise AssertionError(f"it never said {until!r}: {heard.decode('utf-8', 'replace')}")


def _type(terminal: int, keys: bytes) -> None:
    """Type as a terminal that pastes does: in pieces that its buffer takes, read as they come."""
    for at in range(0, len(keys), 1_000):
        os.write(terminal, keys[at : at + 1_000])
        time.sleep(0.05)
