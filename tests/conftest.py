"""Fixtures that any test may ask for."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import postgres
from pipeline.settings import Settings


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """An empty folder outside pytest's own, which only its owner may enter (the embedded server may be another)."""
    folder = Path(tempfile.mkdtemp(prefix="wirewatch-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def embedded() -> Iterator[postgres.Server]:
    """An embedded Postgres for the whole session; make databases of your own in it."""
    folder = Path(tempfile.mkdtemp(prefix="wirewatch-"))
    with postgres.running(Settings(home=folder / "home")) as server:
        yield server
    shutil.rmtree(folder)
