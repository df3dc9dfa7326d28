"""A scheduler that is killed tells nobody of it; `wirewatch doctor --alert` does, by what the real api-server says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline import alerts, database, steps
from pipeline.alerts.house import ABSENT
from pipeline.settings import Settings
from pipeline.web import heartbeats
from tests.support.programs import plain_environment
from tests.support.real_airflow import RealAirflow

pytestmark = pytest.mark.timeout(600)


def looked(settings: Settings) -> bool:
    with database.connect(settings) as connection:
        return bool(
            connection.execute("SELECT 1 FROM measurements WHERE name = 'look' AND subject = 'deliver'").fetchone()
        )


def test_a_scheduler_that_was_killed_rings_from_outside(
    real: RealAirflow, hook: tuple[str, list[dict[str, str]]]
) -> None:
    settings = replace(real.settings, desk_webhook_url=hook[0])
    asked = {"logical_date": None, "dag_run_id": "test__look"}
    real.call("POST", "/dags/deliver/dagRuns", json=asked).raise_for_status()
    real.until(lambda: looked(settings), "the DAG `deliver` did not look")

    def subjects() -> list[str]:
        return [body["subject"] for body in hook[1]]

    [scheduler] = [member for member in real.group.members if member.name == "airflow-scheduler"]
    os.killpg(scheduler.popen.pid, signal.SIGKILL)  # nobody looks after it until `check` is called again

    def unhealthy() -> Any:
        said = real.client.get("/api/v2/monitor/health").json()["scheduler"]
        return said if said["status"] == "unhealthy" else None

    deadline = datetime.now(UTC) + 2 * ABSENT
    while not unhealthy():
        assert datetime.now(UTC) < deadline, "Airflow did not notice"
    now = datetime.now(UTC) + ABSENT  # a part that is started again within this time is missed by nobody
    parts = heartbeats.heard(settings, now)
    assert set(parts.heartbeats or {}) == {"scheduler", "dag-processor", "triggerer"}
    steps.watch(settings, now=now, parts=parts)
    assert "Alert: Airflow's scheduler is away" in subjects()
    assert not [subject for subject in subjects() if "triggerer" in subject]
    environment = plain_environment(
        WIREWATCH_DATABASE_URL=settings.database_url,
        WIREWATCH_HOME=str(settings.home),
        WIREWATCH_PORT=str(settings.port),
    )
    command = [sys.executable, "-P", "-m", "pipeline", "status", "--json"]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert json.loads(said.stdout)["status"] == alerts.RED

    real.group.check()
    real.until(lambda: not unhealthy(), "the scheduler did not come back")
    steps.watch(settings, now=now, parts=heartbeats.heard(settings, now))
    assert "Over: Airflow's scheduler is away" in subjects()
