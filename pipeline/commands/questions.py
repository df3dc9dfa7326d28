"""Questions to whoever sits at the terminal: a wrong answer is asked again, and what was answered is not lost."""

from __future__ import annotations

import contextlib
import importlib
import shlex
import sys
from collections.abc import Callable, Iterator
from typing import TypeVar

import typer

from pipeline.commands import console
from pipeline.errors import ConfigurationError, WirewatchError

Answer = TypeVar("Answer")
_LINE = 4_095
"""Bytes of a line that a terminal passes on; the kernel drops the rest without a word (termios(3), MAX_CANON)."""
INTERRUPTED = 130


class Stopped(SystemExit):
    """A command that was stopped at a question, and has said what to do about it."""


class Questions:
    """What a command asks. `said` is what it knows so far, as options of that command."""

    def __init__(self, command: str) -> None:
        self._command = command
        self._typed = False
        self.said: list[tuple[str, str]] = []

    def take(self, option: str, given: str, read: Callable[[str], Answer]) -> Answer:
        """What `read` makes of what an option says. Raises `ConfigurationError` naming it."""
        try:
            found = read(given)
        except ConfigurationError as error:
            raise ConfigurationError(f"{option} {given!r}: {error}") from None
        self.said.append((option, given))
        return found

    def answer(
        self, option: str, question: str, read: Callable[[str], Answer], *, default: str = "", kept: str | None = ""
    ) -> Answer:
        """What `read` makes of an answer; a wrong one is said in a line and asked again.

        The answer after `kept` is what the option says; None: it says nothing. Raises `ConfigurationError` where nobody
        sits there.
        """
        if not sys.stdin.isatty():
            raise ConfigurationError(f"nobody is there to be asked; give {option}")
        while True:
            given: str = typer.prompt(
                question, default=default, show_default=bool(default), prompt_suffix=": " if default else " ", err=True
            )
            try:
                _whole(given)
                found = read(given)
            except ConfigurationError as error:
                console.hint(f"   {error}")
                continue
            if kept is not None:
                self.said.append((option, kept + given))
                self._typed = True
            return found

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """What was answered is said as a command to go on with, where the questions end early or come to nothing."""
        _edit_lines()
        try:
            yield
        except (typer.Abort, KeyboardInterrupt):
            console.hint("")
            self._go_on("stopped, and nothing was written")
            raise Stopped(INTERRUPTED) from None
        except (WirewatchError, OSError):
            if self._typed:
                self._go_on("nothing was written")
            raise

    def _go_on(self, happened: str) -> None:
        if self.said:
            options = " ".join(f"{option} {shlex.quote(text)}" for option, text in self.said)
            happened += f"; this goes on from your answers: {self._command} {options}"
        console.hint(f"wirewatch: {happened}")


def text_of(given: str) -> str:
    """A text without blanks around it. Raises `ConfigurationError` where it says nothing, or is no UTF-8."""
    try:
        given.encode()
    except UnicodeEncodeError:
        raise ConfigurationError("that has letters that are no UTF-8; set the terminal to UTF-8") from None
    if not given.strip():
        raise ConfigurationError("nothing was said; an answer is needed here")
    return given.strip()


def _edit_lines() -> None:
    """Let lines be edited by the arrows and be of any length, where Python has the means."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        with contextlib.suppress(ImportError):
            importlib.import_module("readline")  # input() takes it from then on


def _whole(line: str) -> None:
    is_edited = "readline" in sys.modules and sys.stdout.isatty()
    if not is_edited and len(line.encode(errors="surrogateescape")) >= _LINE:
        raise ConfigurationError(
            f"a line of this terminal ends at {_LINE:,} bytes, and the rest was lost; say less, and add the rest to the"
            " file later"
        )
