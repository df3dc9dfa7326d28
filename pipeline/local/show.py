"""What `wirewatch run` shows: steps with their time, a bar with counts, a panel; plain lines where no terminal is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

LINE_SECONDS = 10.0

Report = Callable[[int, int, str], None]
"""Told how many are done, of how many, and the details."""


class Show:
    """Writes to one console. Off a terminal each step and each change of a count is a line of its own."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)

    @contextmanager
    def step(self, label: str, takes: str = "") -> Iterator[list[str]]:
        """A spinner while the block runs, then a line with its time; append to the list to say more in that line.

        `takes` is said at once, where it will be long.
        """
        said: list[str] = []
        started = time.monotonic()
        if self.console.is_terminal:
            with self.console.status(f"{label}, {takes}" if takes else label):
                yield said
        else:
            self._takes(label, takes)
            yield said
        self._done(label, time.monotonic() - started, ", ".join(said))

    @contextmanager
    def bar(self, label: str, of: str = "", takes: str = "") -> Iterator[Report]:
        """Yields a function that moves a bar, or writes a line now and then; `of` is what it counts, "" for nothing."""
        started = time.monotonic()
        last = ""
        if self.console.is_terminal:
            counted = (BarColumn(), MofNCompleteColumn(), TextColumn(of)) if of else ()
            columns = (SpinnerColumn(), TextColumn("{task.description}"), *counted, TimeElapsedColumn())
            progress = Progress(*columns, console=self.console)
            task = progress.add_task(f"{label}, {takes}" if takes else label, total=None)
            with Live(progress, console=self.console, transient=True) as live:

                def move(done: int, total: int, details: str) -> None:
                    nonlocal last
                    last = details
                    progress.update(task, completed=done, total=total)
                    # a line of its own: beside the bar the counts push it off a terminal of 80 columns
                    live.update(Group(progress, Text(f"  {details}", style="dim", no_wrap=True, overflow="ellipsis")))

                yield move
        else:
            self._takes(label, takes)
            written, at = "", started - LINE_SECONDS

            def write(done: int, total: int, details: str) -> None:
                nonlocal last, written, at
                last = details
                line = f"  {label}: {done} of {total} {of}; {details}" if of else f"  {label}: {details}"
                if line != written and time.monotonic() - at >= LINE_SECONDS:
                    written, at = line, time.monotonic()
                    self.line(line)

            yield write
        self._done(label, time.monotonic() - started, last)

    def _takes(self, label: str, takes: str) -> None:
        if takes:
            self.line(f"  {label}: takes {takes}")

    def _done(self, label: str, seconds: float, details: str) -> None:
        text = Text.assemble(("✓ ", "green"), label, (f"  {seconds:.1f} s", "dim"))
        if details:
            text.append(f"  {details}", "dim")
        self.console.print(text, soft_wrap=True)

    def line(self, text: str) -> None:
        """One line."""
        self.console.print(Text(text), soft_wrap=True)

    def panel(self, title: str, rows: Mapping[str, Any]) -> None:
        """The closing panel; lines of a value stand under each other."""
        width = max(len(name) for name in rows)
        lines = []
        for name, value in rows.items():
            first, *rest = str(value).splitlines() or [""]
            lines += [f"{name:<{width}}  {first}", *(f"{'':<{width}}  {line}" for line in rest)]
        if self.console.is_terminal:
            # no right border: a long address must stay in one piece to be copied
            self.console.rule(title)
            for line in lines:
                self.console.print(Text(line), soft_wrap=True)
            self.console.rule()
        else:
            self.line(f"--- {title} ---")
            for line in lines:
                self.line(line)
