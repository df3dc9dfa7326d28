"""Sixty kills over a collection of the recorded web: nothing is lost, nothing doubled, nothing stuck or left running.

The seed is fixed; `python -m tests.faults.run` takes any, makes as many kills as asked for, and replays a round.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import airflow, campaign, terminal

pytestmark = pytest.mark.timeout(1_800)  # some three minutes each on two cores

SEED = 8


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that the server's account may enter."""
    made = terminal.scratch()
    yield made
    shutil.rmtree(made, ignore_errors=True)


def test_the_terminals_path_ends_as_if_nobody_had_killed_anything(folder: Path) -> None:
    reports = list(campaign.campaign(folder, SEED, 60))
    assert sum(len(report.kills) for report in reports) == 60
    assert all(report.is_equal for report in reports), "\n".join(map(str, reports))


@pytest.mark.nightly
def test_airflows_path_ends_as_if_nobody_had_killed_anything(folder: Path) -> None:
    report = airflow.round_of(folder / "round", SEED, 1, 8)
    assert len(report.kills) == 8
    assert report.is_equal, str(report)
