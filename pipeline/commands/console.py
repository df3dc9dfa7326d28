"""What the terminal sees: data on stdout, progress and trouble on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

# Piped output is for programs and files: wide enough that no table folds.
out = Console(width=None if sys.stdout.isatty() else 220)
err = Console(stderr=True)


def fail(line: str) -> None:
    """One line of trouble on stderr."""
    err.print(
        f"wirewatch: {line}", style="red" if err.is_terminal else "", markup=False, highlight=False, soft_wrap=True
    )


def write_json(value: Mapping[str, Any]) -> None:
    """One JSON object a line on stdout, non-ASCII text as it is."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def counts(title: str, values: Mapping[str, Any], as_json: bool) -> None:
    """The counts of a step: one JSON object with `as_json`, else one readable line."""
    if as_json:
        write_json({"step": title, **values})
        return
    shown = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in values.items())
    out.print(f"[bold]{title:<9}[/bold] {shown}", highlight=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str = "") -> None:
    """A table for people."""
    grid = Table(*columns, title=title or None, header_style="bold", expand=False)
    for row in rows:
        grid.add_row(*("" if cell is None else str(cell) for cell in row))
    out.print(grid)


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Any]:
    """A bar on a terminal's stderr, nothing elsewhere; yields a function to call once an item."""
    if not err.is_terminal:
        yield lambda: None
        return
    columns = (TextColumn("[bold]{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda: bar.advance(task)
