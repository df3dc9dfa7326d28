"""What is deleted once a day, what stays, and that a process goes on writing its log."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.local import housekeeping
from pipeline.local.airflow_service import Service
from pipeline.local.processes import Group
from pipeline.settings import Settings

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def dated(path: Path, moment: datetime) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.utime(path, (moment.timestamp(), moment.timestamp()))
    return path


def test_it_is_due_a_day_after_the_first_look(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    assert not housekeeping.due(tmp_path, now)
    assert not housekeeping.due(tmp_path, now + timedelta(hours=23))
    assert housekeeping.due(tmp_path, now + timedelta(hours=25))


def test_old_runs_and_logs_go_and_young_ones_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(Group, "run", lambda _self, name, command, *_: asked.append((name, *command[3:])))
    monkeypatch.setattr(housekeeping, "LARGE", 10)
    old = dated(tmp_path / "logs/airflow/dag_id=collect/run_id=1/attempt=1.log", NOW - timedelta(days=31))
    young = dated(tmp_path / "logs/airflow/dag_id=collect/run_id=2/attempt=1.log", NOW - timedelta(days=29))
    other = dated(tmp_path / "logs/airflow_live/dag_id=collect/attempt=1.log", NOW - timedelta(days=31))
    scheduler, small = tmp_path / "logs/airflow-scheduler.log", tmp_path / "logs/replay.log"
    scheduler.write_text("more than ten bytes")
    small.write_text("few")
    service = Service(tmp_path / "airflow", "", "", "", {})
    housekeeping.tidy(Settings(home=tmp_path), service, Group(tmp_path, tmp_path / "logs"), NOW)
    assert [name for name, *_ in asked] == ["airflow-clean"]
    assert "2026-05-02T00:00:00+00:00" in asked[0]
    assert not old.parent.exists()
    assert young.exists()
    assert other.exists(), "the other mode's logs are not this one's"
    assert scheduler.read_text() == ""
    assert scheduler.with_name("airflow-scheduler.log.1").read_text() == "more than ten bytes"
    assert small.read_text() == "few"


def test_a_process_goes_on_in_the_log_that_was_set_aside(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    code = "import sys\nprint('one', flush=True)\nsys.stdin.readline()\nprint('two', flush=True)"
    with (
        log.open("ab") as out,
        subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=out) as process,
    ):
        while "one" not in log.read_text():
            pass
        housekeeping.set_aside(log)
        process.communicate(b"\n")
    assert log.read_text() == "two\n"
    assert (tmp_path / "a.log.1").read_text() == "one\n"


@pytest.mark.filterwarnings("ignore")  # Airflow's own parser warns about what it will drop
def test_airflow_knows_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.cli.cli_parser import get_parser

    asked: list[list[str]] = []
    monkeypatch.setattr(Group, "run", lambda _self, _name, command, *_: asked.append(command))
    service = Service(tmp_path / "airflow", "", "", "", {})
    housekeeping.tidy(Settings(home=tmp_path), service, Group(tmp_path, tmp_path / "logs"), NOW)
    get_parser().parse_args(asked[0][asked[0].index("airflow") + 1 :])
