"""Every command of `wirewatch`, as typer builds them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from pipeline import cli


def commands(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command and group by its words."""
    yield " ".join(path), node
    for name, child in getattr(node, "commands", {}).items():
        yield from commands(child, (*path, name))


COMMANDS = dict(commands(typer.main.get_command(cli.app)))
