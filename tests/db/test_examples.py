"""The analyst's queries run as they stand, by the psql that comes along."""

from __future__ import annotations

import re
import subprocess

import pytest

from pipeline.database import embedded
from pipeline.settings import Settings
from pipeline.shipped import SQL

TEXT = (SQL / "examples.sql").read_text(encoding="utf-8")
NAMES = re.findall(r"^-- name: (\w+)$", TEXT, re.MULTILINE)


def test_every_example_runs_in_psql(settings: Settings) -> None:
    done = subprocess.run(
        [
            embedded.BINARIES / "psql",
            settings.database_url,
            "-v",
            "ON_ERROR_STOP=1",
            "-X",
            "-f",
            SQL / "examples.sql",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("row") >= len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_example_says_what_it_answers(name: str) -> None:
    body = TEXT.split(f"-- name: {name}\n")[1]
    assert body.startswith("-- ")
