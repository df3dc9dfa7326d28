"""What the terminal sees: data on stdout, progress and trouble on stderr."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markdown import Markdown
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from pipeline.models import precision

# Piped output is for programs and files: so wide that no table folds.
out = Console(width=None if sys.stdout.isatty() else 10_000)
err = Console(stderr=True)

# What could move the cursor, rename the window or turn the line of whoever reads a headline from outside, and what
# no stream of UTF-8 takes.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def use_utf8() -> None:
    """Write UTF-8 whatever the locale says: headlines are of every script, and programs read this output."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def fail(line: str) -> None:
    """One line of trouble on stderr."""
    shown = " ".join(_plain(line).split())
    err.print(Text(f"wirewatch: {shown}", style="red"), soft_wrap=True)


def hint(line: str) -> None:
    """One line on stderr on what to do next, where there is nothing to show."""
    err.print(Text(line), soft_wrap=True)


class _Lines(logging.Handler):
    """What a log says, a line each on stderr."""

    def emit(self, record: logging.LogRecord) -> None:
        hint(f"wirewatch: {record.getMessage()}")


_database = logging.getLogger("pipeline.database")
_embeddings = logging.getLogger("pipeline.embeddings")


def hear_database() -> None:
    """Say on stderr what is done to the embedded server, and which database is used where another could be meant."""
    if not any(isinstance(handler, _Lines) for handler in _database.handlers):
        _database.addHandler(_Lines())
    _database.setLevel(logging.INFO)


def hear_model() -> None:
    """Say on stderr what the embedding model was made from, and what stands in for it."""
    if not any(isinstance(handler, _Lines) for handler in _embeddings.handlers):
        _embeddings.addHandler(_Lines())
    _embeddings.setLevel(logging.INFO)


def say_database() -> None:
    """Say on stderr which database is used, in any case."""
    _database.setLevel(logging.DEBUG)


def write(text: str) -> None:
    """A text on stdout as it is, with a line break at its end."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def _plain(value: Any) -> str:
    return "" if value is None else _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(value))


def markdown(text: str) -> None:
    """Markdown set for a terminal; as it is where stdout is none."""
    if out.is_terminal:
        out.print(Markdown(_plain(text)))
    else:
        write(text)


def write_json(value: Mapping[str, Any]) -> None:
    """One JSON object per line on stdout, non-ASCII text as it is."""
    sys.stdout.write(json_line(value))


def json_line(value: Mapping[str, Any]) -> str:
    """One JSON object and a line break; half a surrogate pair, which no UTF-8 can hold, is escaped."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        text = json.dumps(value, default=str)
    return text + "\n"


def counts(title: str, values: Mapping[str, Any], as_json: bool) -> None:
    """The counts of a step: one JSON object with `as_json`, else one readable line."""
    if as_json:
        write_json({"step": title, **values})
        return
    shown = ", ".join(f"{name.replace('_', ' ')} {_shown(value)}" for name, value in values.items())
    out.print(Text.assemble((f"{title:<9}", "bold"), " ", shown), soft_wrap=True)


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{name}={_plain(each)}" for name, each in value.items()) or "none"
    if isinstance(value, list | tuple):
        return " ".join(_plain(each) for each in value) or "none"
    return _plain(value)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str = "") -> None:
    """A table for people."""
    grid = Table(*columns, title=title or None, header_style="bold", expand=False)
    for row in rows:
        grid.add_row(*(Text(_cell(cell)) for cell in row))
    out.print(grid)


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if precision(value) == "day" else "%Y-%m-%d %H:%M")
    if isinstance(value, list | tuple):
        return ", ".join(_plain(each) for each in value)
    return _plain(value)


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Any]:
    """A bar on a terminal's stderr, nothing elsewhere; yields a function to call once per item."""
    if not err.is_terminal:
        yield lambda: None
        return
    columns = (TextColumn("[bold]{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # Where stdout is a file, rich must not catch what is written there and put it above the bar.
    with Progress(*columns, console=err, transient=True, redirect_stdout=out.is_terminal) as bar:
        task = bar.add_task(label, total=total)
        yield lambda: bar.advance(task)
