"""Our own program as a process that the tests start: what it prints, and what it was started with."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support import light


def plain_environment(**more: str) -> dict[str, str]:
    """The environment without what the tests set of Airflow and of ours, with the light model and with `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "WIREWATCH"))}
    return kept | light.ENVIRONMENT | more


def said(lines: Iterator[str], until: str) -> list[str]:
    """What is printed up to the line that begins with `until`; fails where it ends before."""
    seen: list[str] = []
    for line in lines:
        seen.append(line.rstrip("\n"))
        if line.startswith(until):
            return seen
    pytest.fail("it ended before it said " + until + ":\n" + "\n".join(seen))
